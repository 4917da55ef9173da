/** The process that studies one recording: the file comes on its input, what was found goes back, and it ends. */

import { constants, getPriority, setPriority } from 'node:os';
import { messageOf } from '../../base/errors.ts';
import { loadMediaModules } from '../../media/dsp/wasm.ts';
import { parseWav } from '../../protocol/wav.ts';
import { type Studied, studyRecording } from './study.ts';

export type StudyAnswer = Studied | { readonly type: 'failed'; readonly message: string };

async function study(): Promise<StudyAnswer> {
  // Calls come first. A service that is nicer by itself may not take any of that back.
  setPriority(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) {
    pieces.push(piece);
  }
  try {
    const wantedMs = process.argv.slice(2).map(Number);
    return studyRecording(parseWav(Buffer.concat(pieces)), wantedMs, await loadMediaModules());
  } catch (error) {
    return { type: 'failed', message: messageOf(error) };
  }
}

const answer = await study();
process.send?.(answer, () => process.disconnect?.());
