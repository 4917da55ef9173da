/**
 * One request whose answer is speech, from asking to the last byte: bounded in time, ended by its signal at any
 * moment, and known to the engine's scope so that closing it ends them all.
 */

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Scope } from '../../base/scope.ts';
import { bodyFailure } from './http-origin.ts';
import { IncomingSpeech, SPEECH_LIMIT_MS } from './incoming-speech.ts';
import type { SampleStream } from './sample-stream.ts';
import type { TtsSpeech } from './tts-engine.ts';

/** An answer whose body is speech. */
export interface SpeechAnswer {
  readonly answer: IncomingMessage;
  readonly samples: SampleStream;
}

/**
 * Runs `ask` in `scope` and reads its answer; resolves with the first sound.
 * @param ask throws when the answer is no speech.
 * @throws AppError `closed` when `scope` is; `engine-timeout` past {@link SPEECH_LIMIT_MS}; as `ask` and the body do;
 * the signal's reason when it aborts. After the first sound the reader of the pieces hears of it.
 */
export async function requestSpeech(
  engine: string,
  clock: Clock,
  scope: Scope,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<SpeechAnswer>,
): Promise<TtsSpeech> {
  signal.throwIfAborted();
  refuseWhenClosed(engine, scope);
  const speech = new IncomingSpeech(engine);
  scope.run(async (closed) => {
    const late = new AbortController();
    const stop = AbortSignal.any([signal, closed, late.signal]);
    const timer = clock.at(clock.nowMs() + SPEECH_LIMIT_MS, () => late.abort(tooSlow(engine)));
    try {
      // Both end when `stop` aborts, because the connection does.
      const { answer, samples } = await ask(stop);
      await speech.read(answer, samples);
    } catch (error) {
      speech.fail(bodyFailure(engine, error, stop));
    } finally {
      timer.cancel();
    }
  });
  return speech.begun;
}

/** @throws AppError `closed` when the engine whose work `scope` is has been closed. */
export function refuseWhenClosed(engine: string, scope: Scope): void {
  if (scope.closed) {
    throw new AppError('closed', `${engine}: the engine has been closed`);
  }
}

/** The error of a segment past {@link SPEECH_LIMIT_MS}. */
export function tooSlow(engine: string): AppError {
  return new AppError('engine-timeout', `${engine}: not done within ${SPEECH_LIMIT_MS / 1_000} s`);
}
