/**
 * The notes of a call that has none, as far as its sound tells them: enough to play it again. Who came and left when is
 * not known, nor when each frame came: everybody is taken to be there from the beginning to the end of the sound, and
 * their frames to have come on time.
 */

import { FRAME_MS } from '../../base/units.ts';
import type { CallPlan } from '../../call/plan.ts';
import { type CallNote, NOTES_VERSION } from '../../call/recording/call-notes.ts';
import { notedPlan } from '../../call/recording/note-taker.ts';
import { idOfPlace } from '../../call/seating/seating.ts';
import type { RecordedCall } from './recorded-call.ts';

/** Frames that are noted together: a second. */
const TOGETHER = 50;
/** Somebody has to be there before a frame of theirs comes, in ms. */
const BEFORE_MS = 5;

type WithoutNumber<Note> = Note extends unknown ? Omit<Note, 'n'> : never;

/**
 * @param plan what the call is to be. @param languages of its parties, in their order; of those beyond it the last.
 * @returns no notes where there is no voice. @throws AppError as the call's tracks.
 */
export async function assumedNotes(
  call: RecordedCall,
  plan: CallPlan,
  languages: readonly string[],
): Promise<readonly CallNote[]> {
  const numbers = call.parties('voice');
  const tracks = await Promise.all(numbers.map((number) => call.track(number, 'voice')));
  const frames = Math.max(0, ...tracks.map(({ endMs }) => Math.floor(endMs / FRAME_MS)));
  if (frames === 0) {
    return [];
  }
  const { id, startedAt = new Date(0).toISOString() } = call.named;
  const kind = numbers.length > 2 ? 'conference' : 'pair';
  const notes: WithoutNumber<CallNote>[] = [
    {
      ...{ type: 'call', version: NOTES_VERSION, call: id, startedAt },
      ...{ phaseMs: 0, plan: { ...notedPlan(plan), kind }, announces: false },
    },
  ];
  for (const [index, number] of numbers.entries()) {
    const party = idOfPlace(number);
    const language = languages[index] ?? languages.at(-1) ?? '';
    const leg = { party, number, language, hears: 'all', muted: false } as const;
    notes.push({ type: 'leg', acceptedMs: 0, atMs: 0, ...leg });
    const rateHz = tracks[index]?.rateHz ?? 0;
    for (let frame = 1; frame < frames; frame += TOGETHER) {
      const late = new Array<number>(Math.min(TOGETHER, frames - frame)).fill(BEFORE_MS * 1_000);
      notes.push({ type: 'voice', party, frame, rateHz, late });
    }
  }
  for (const number of numbers) {
    notes.push({ type: 'left', atMs: frames * FRAME_MS, party: idOfPlace(number) });
  }
  return notes.map((note, n) => ({ n, ...note }));
}
