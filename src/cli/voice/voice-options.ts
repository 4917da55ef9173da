/** What `dragoman voice` is asked, and how that is read. */

import { AppError } from '../../base/errors.ts';
import { isSpeakerId } from '../../voices/profile.ts';

export const VOICE_ACTIONS = ['enrol', 'list', 'show', 'update', 'delete', 'test'] as const;

export type VoiceAction = (typeof VOICE_ACTIONS)[number];

export interface VoiceOptions {
  readonly speaker?: string;
  readonly name?: string;
  readonly language?: string;
  readonly transcript?: string;
  readonly consentBy?: string;
  readonly consentHow?: string;
  readonly consentUntil?: string;
  readonly consentRecording?: string;
  readonly call?: string;
  readonly party?: string;
  readonly seconds?: string;
  readonly keep: boolean;
  readonly kept?: boolean;
  readonly speed?: string;
  readonly pitch?: string;
  readonly emotion?: string;
  readonly rendering?: readonly string[];
  readonly ifVersion?: number;
  readonly forget?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** Consent as the API takes it; undefined: none of it is written. @throws AppError `bad-option` for half of it. */
export function writtenConsent({ consentBy: by, consentHow: how, consentUntil }: VoiceOptions) {
  if (by === undefined && how === undefined && consentUntil === undefined) {
    return undefined;
  }
  if (by === undefined || how === undefined) {
    throw new AppError(
      'bad-option',
      'consent is who agreed and how that is known: write --consent-by "Ana Ruiz" --consent-how "signed form 12"',
    );
  }
  return { by, how, ...(consentUntil === undefined ? {} : { until: dateIn(consentUntil) }) };
}

/** How a voice is spoken, as the API takes it; undefined: nothing of it is written. */
export function writtenDefaults({ speed, pitch, emotion }: VoiceOptions) {
  const written = {
    ...(speed === undefined ? {} : { speed: numberIn('--speed', speed) }),
    ...(pitch === undefined ? {} : { pitchSemitones: numberIn('--pitch', pitch) }),
    ...(emotion === undefined ? {} : { emotion }),
  };
  return Object.keys(written).length === 0 ? undefined : written;
}

/** `engine=id` as the API takes it; undefined: none is written. */
export function writtenRenderings({ rendering }: VoiceOptions) {
  return rendering?.map((text) => {
    const split = text.indexOf('=');
    if (split < 1 || split === text.length - 1) {
      throw new AppError('bad-option', `"${text}" is no engine and voice: write --rendering elevenlabs=ID`);
    }
    return { engine: text.slice(0, split), ref: text.slice(split + 1) };
  });
}

/** Of what stands behind the action nothing is passed over. @throws AppError `bad-option` */
export function onlySpeaker([speaker, ...more]: readonly string[]): string {
  if (more.length > 0) {
    throw new AppError('bad-option', `one speaker at a time, and "${more.join(' ')}" is one too many`);
  }
  return speakerAmong(speaker);
}

/** @throws AppError `bad-option` */
export function speakerAmong(written: string | undefined): string {
  if (written === undefined || !isSpeakerId(written)) {
    throw new AppError(
      'bad-option',
      'whose voice is not written: write the id of a speaker, such as ana: a letter, then letters, digits, ".", "_" and "-"',
    );
  }
  return written;
}

/** @throws AppError `bad-option` */
export function writtenVersion(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new AppError(
      'bad-option',
      `--if-version: "${text}" is no version: "dragoman voice list" shows them`,
    );
  }
  return Number(text);
}

function numberIn(flag: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new AppError('bad-option', `${flag}: "${text}" is no number`);
  }
  return number;
}

/** The end of a day, or a time as it is written. */
function dateIn(text: string): string {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.000Z` : text);
  if (Number.isNaN(date.getTime())) {
    throw new AppError('bad-option', `--consent-until: "${text}" is no date: write one such as 2027-12-31`);
  }
  return date.toISOString();
}
