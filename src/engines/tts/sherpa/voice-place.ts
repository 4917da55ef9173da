/**
 * Where a voice is, as the operator writes it: the folder of its model, and after `#` which of its speakers, by number
 * or by name, or the recording that it is to sound like.
 */

import { isAbsolute, join } from 'node:path';
import { AppError } from '../../../base/errors.ts';
import type { VoiceModel } from '../../sherpa/voice-models.ts';

export interface VoicePlace {
  readonly folder: string;
  /** As it is written; undefined for the first. */
  readonly speaker: string | undefined;
}

/** The parts of `DIR#speaker`. */
export function parseVoicePlace(text: string): VoicePlace {
  const at = text.lastIndexOf('#');
  return at === -1
    ? { folder: text, speaker: undefined }
    : { folder: text.slice(0, at), speaker: text.slice(at + 1) };
}

/** Which speaker, of how many: `speaker` is a number, or the name of one. @throws AppError `engine-refused` */
export function speakerNumber(
  { folder, speaker }: VoicePlace,
  { speakerNames }: Pick<VoiceModel, 'speakerNames'>,
  speakers: number,
): number {
  if (speaker === undefined || speaker === '') {
    return 0;
  }
  const number = /^\d+$/.test(speaker) ? Number(speaker) : speakerNames.indexOf(speaker);
  if (number < 0 || number >= speakers) {
    const names = speakerNames.length === 0 ? '' : `, or ${speakerNames.slice(0, 5).join(', ')} ...`;
    throw new AppError(
      'engine-refused',
      `sherpa: ${folder} has no speaker "${speaker}": write a number from 0 to ${speakers - 1}${names}`,
    );
  }
  return number;
}

/** The recording that a voice is to sound like, where one is written: its path is from the folder on. */
export function recordingOf({ folder, speaker }: VoicePlace): string | undefined {
  if (speaker === undefined || !speaker.endsWith('.wav')) {
    return undefined;
  }
  return isAbsolute(speaker) ? speaker : join(folder, speaker);
}
