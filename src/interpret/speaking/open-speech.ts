/**
 * Synthesis up to its first sound, with a deadline and a second try; the rest is read piece by piece.
 */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError } from '../../base/errors.ts';
import type { TtsEngine, TtsRequest } from '../../engines/tts/tts-engine.ts';
import { LIMITS } from '../limits.ts';
import { tryTwice } from './try-twice.ts';

/** Speech whose first piece is there. */
export interface OpenSpeech {
  readonly rateHz: number;
  readonly first: Int16Array;
  /** The next piece, undefined after the last. @throws AppError `engine-timeout`, or what the engine throws. */
  next(signal: AbortSignal): Promise<Int16Array | undefined>;
  /** Ends a synthesis that is still at work; one that is done does not notice. */
  stop(): void;
}

/** @throws AppError `engine-timeout`, `engine-bad-answer` when there is no sound, or what the engine throws. */
export function openSpeech(
  tts: TtsEngine,
  request: TtsRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<OpenSpeech> {
  const late = `${tts.name} gave no sound within ${LIMITS.soundMs} ms`;
  return tryTwice(signal, async () => {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    try {
      const { rateHz, iterator, piece } = await withDeadline(
        clock,
        LIMITS.soundMs,
        late,
        either,
        async () => {
          const speech = await tts.synthesize(request, either);
          const pieces = speech.pieces[Symbol.asyncIterator]();
          return { rateHz: speech.rateHz, iterator: pieces, piece: await pieces.next() };
        },
      );
      if (piece.done === true) {
        throw new AppError('engine-bad-answer', `${tts.name} gave no sound`);
      }
      return {
        rateHz,
        first: piece.value,
        next: async (inner) => {
          const next = await withDeadline(clock, LIMITS.soundMs, late, inner, () => iterator.next());
          return next.done === true ? undefined : next.value;
        },
        stop: () => stop.abort(),
      };
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
}
