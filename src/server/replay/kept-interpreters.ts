/** What interprets a call that is played again by what engines answered in it. */

import type { Clock } from '../../base/clock.ts';
import type { InterpreterBook } from '../../call/call-interpreting.ts';
import type { CallNote } from '../../call/recording/call-notes.ts';
import { TextRenderings } from '../../interpret/rendering/text-renderings.ts';
import { KeptMt, KeptTts } from './kept-engines.ts';
import { KeptFused } from './kept-fused.ts';
import { KeptHearings } from './kept-recognition.ts';
import { SpokenLanguages } from './spoken-languages.ts';

/**
 * A direction that a fused provider rendered is rendered by it alone, though engines may have taken over from it.
 * @param startMs when the call begins, on the clock.
 */
export function keptInterpreters(notes: readonly CallNote[], clock: Clock, startMs: number): InterpreterBook {
  const engines = notes.filter((note) => note.type === 'engines');
  const into = new Set(engines.map(({ to }) => to));
  const tts = new KeptTts(notes, engines[0]?.tts ?? 'kept', clock, startMs);
  const interpreters = {
    type: 'text' as const,
    hearing: new KeptHearings(notes, clock, startMs),
    rendering: new TextRenderings(
      { mt: new KeptMt(notes, engines[0]?.mt ?? 'kept', clock, startMs), tts },
      clock,
    ),
  };
  const fused = { type: 'fused' as const, rendering: new KeptFused(notes, tts, clock, startMs) };
  const fusedDirections = directionsOfFused(notes);
  // Into a language that nothing rendered then nothing does now.
  return (from, to) =>
    fusedDirections.has(`${from} ${to}`) ? fused : into.has(to) ? interpreters : undefined;
}

/** `en fr` of each direction that a fused provider rendered. */
function directionsOfFused(notes: readonly CallNote[]): ReadonlySet<string> {
  const spoken = new SpokenLanguages();
  const directions = new Set<string>();
  for (const note of notes) {
    spoken.hear(note);
    if (note.type === 'translator') {
      directions.add(`${spoken.of(note.party)} ${note.to}`);
    }
  }
  return directions;
}
