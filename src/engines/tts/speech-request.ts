/**
 * One request whose answer is speech, from asking to the last byte: bounded in time and length, ended by its signal at
 * any moment and by the engine's `close`. Everything that fails in it is heard by whoever waits for the speech or
 * reads it.
 */

import type { Clock } from '../../base/clock.ts';
import type { UnderWay } from '../wire/under-way.ts';
import { IncomingSpeech, SPEECH_LIMIT_BYTES } from './incoming-speech.ts';
import type { SampleStream } from './sample-stream.ts';
import { SpeechPace } from './speech-pace.ts';
import type { TtsSpeech } from './tts-engine.ts';

/** An answer whose body is speech: one of HTTP, or what comes over a socket. */
export interface SpeechAnswer {
  readonly answer: {
    /** The bytes as they come. @throws AppError `engine-bad-answer` when there are more than `limitBytes`. */
    pieces(limitBytes: number): AsyncIterable<Buffer>;
  };
  readonly samples: SampleStream;
}

/** Who asks. */
export interface SpeechAsker {
  readonly name: string;
  readonly clock: Clock;
  readonly underWay: UnderWay;
}

/**
 * Runs `ask` and reads its answer; resolves with the first sound.
 * @param text what is said.
 * @param ask throws when the answer is no speech.
 * @throws AppError `closed` when the engine is; `engine-timeout` when the sound comes too slowly; as `ask` and the body
 * do; the signal's reason when it aborts. After the first sound the reader of the pieces hears of it, when it has
 * read what came.
 */
export function requestSpeech(
  { name, clock, underWay }: SpeechAsker,
  text: string,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<SpeechAnswer>,
): Promise<TtsSpeech> {
  const speech = new IncomingSpeech(name, text);
  underWay
    .run(signal, async (open) => {
      const late = new AbortController();
      const pace = new SpeechPace(
        name,
        clock,
        () => speech.soundMs,
        (error) => late.abort(error),
      );
      try {
        const { answer, samples } = await ask(AbortSignal.any([open, late.signal]));
        await speech.read(answer.pieces(SPEECH_LIMIT_BYTES), samples);
      } finally {
        pace.close();
      }
    })
    .catch((error: unknown) => {
      if (signal.aborted || underWay.closed.aborted) {
        speech.abandon(error);
      } else {
        speech.fail(error);
      }
    });
  return speech.begun;
}
