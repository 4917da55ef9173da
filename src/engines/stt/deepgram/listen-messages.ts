/**
 * What Deepgram's two listening protocols say, as far as it matters here: v1 for the Nova models
 * (https://developers.deepgram.com/reference/speech-to-text/listen-streaming) and v2 for Flux
 * (https://developers.deepgram.com/reference/speech-to-text/listen-flux). Times on the wire are seconds from the
 * first sample of the connection. Types that are not known are passed over: both protocols grow.
 */

import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { meanConfidence } from '../made-up.ts';

/** A word as Deepgram heard it; times are ms from the first sample of the connection. */
export interface HeardWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What was heard in a stretch of the connection's audio. */
export interface NovaResult {
  readonly type: 'result';
  readonly startMs: number;
  readonly endMs: number;
  /** The text of this stretch will not change any more. */
  readonly settled: boolean;
  /** It answers a Finalize. */
  readonly fromFinalize: boolean;
  readonly text: string;
  readonly words: readonly HeardWord[];
  /** The mean of the words'; undefined when it is not told. */
  readonly confidence: number | undefined;
  /** The language heard most; only when the model listens for several. */
  readonly language: Language | undefined;
}

/** A speaker's turn so far, as Flux hears it. */
export interface FluxTurn {
  readonly type: 'turn';
  /** `Update`, `StartOfTurn`, `EagerEndOfTurn`, `TurnResumed`, `EndOfTurn`, or one to come. */
  readonly event: string;
  /** Counts turns: the next has a greater one. */
  readonly index: number;
  /** How far the connection's audio has been heard, in ms. */
  readonly heardMs: number;
  /** The whole turn so far; it replaces what was said of the turn before. */
  readonly text: string;
  readonly words: readonly HeardWord[];
  /** The mean of the words'; undefined when it is not told. */
  readonly confidence: number | undefined;
  readonly language: Language | undefined;
}

export type NovaMessage = NovaResult | { readonly type: 'other' };

export type FluxMessage =
  | FluxTurn
  /** The provider gives the connection up; `code` is a name such as INTERNAL_SERVER_ERROR. */
  | { readonly type: 'error'; readonly code: string }
  | { readonly type: 'other' };

const ANY_MESSAGE = z.object({ type: z.string() });

const RESULTS = z.object({
  start: z.number(),
  duration: z.number(),
  is_final: z.boolean().optional(),
  from_finalize: z.boolean().optional(),
  channel: z.object({
    alternatives: z.array(
      z.object({
        transcript: z.string(),
        words: z
          .array(
            z.object({
              word: z.string(),
              start: z.number(),
              end: z.number(),
              punctuated_word: z.string().optional(),
              confidence: z.number().optional(),
            }),
          )
          .optional(),
        languages: z.array(z.string()).optional(),
      }),
    ),
  }),
});

const TURN_INFO = z.object({
  event: z.string(),
  turn_index: z.number(),
  audio_window_start: z.number(),
  audio_window_end: z.number(),
  transcript: z.string(),
  words: z
    .array(
      z.object({
        word: z.string(),
        start: z.number().optional(),
        end: z.number().optional(),
        confidence: z.number().optional(),
      }),
    )
    .optional(),
  languages: z.array(z.string()).optional(),
});

const FATAL_ERROR = z.object({ code: z.string().optional() });

/** @throws AppError `engine-bad-answer` when `message`, which is parsed JSON, is not one of v1. */
export function readNovaMessage(message: unknown): NovaMessage {
  if (typeOf(message) !== 'Results') {
    return { type: 'other' };
  }
  const parsed = RESULTS.safeParse(message);
  if (!parsed.success) {
    throw badAnswer();
  }
  const { start, duration, is_final, from_finalize, channel } = parsed.data;
  const best = channel.alternatives[0];
  const text = best?.transcript.trim() ?? '';
  const windowMs = { startMs: start * 1_000, endMs: (start + duration) * 1_000 };
  const words = (best?.words ?? []).map(({ word, punctuated_word, start: from, end }) => ({
    text: punctuated_word ?? word,
    startMs: from * 1_000,
    endMs: end * 1_000,
  }));
  return {
    type: 'result',
    ...windowMs,
    settled: is_final ?? false,
    fromFinalize: from_finalize ?? false,
    text,
    words: timed(text, words, windowMs),
    confidence: meanConfidence(best?.words ?? []),
    language: best?.languages?.[0],
  };
}

/** @throws AppError `engine-bad-answer` when `message`, which is parsed JSON, is not one of v2. */
export function readFluxMessage(message: unknown): FluxMessage {
  const type = typeOf(message);
  if (type === 'Error') {
    return { type: 'error', code: FATAL_ERROR.safeParse(message).data?.code ?? '' };
  }
  if (type !== 'TurnInfo') {
    return { type: 'other' };
  }
  const parsed = TURN_INFO.safeParse(message);
  if (!parsed.success) {
    throw badAnswer();
  }
  const { event, turn_index, audio_window_start, audio_window_end, transcript, words, languages } =
    parsed.data;
  const windowMs = { startMs: audio_window_start * 1_000, endMs: audio_window_end * 1_000 };
  const count = words?.length ?? 0;
  const text = transcript.trim();
  const heard = (words ?? []).map(({ word, start, end }, index) => {
    // Times of words are optional in v2; without them words are taken to be spread over their turn.
    const atMs = (position: number): number =>
      windowMs.startMs + ((windowMs.endMs - windowMs.startMs) * position) / count;
    return {
      text: word,
      startMs: start === undefined ? atMs(index) : start * 1_000,
      endMs: end === undefined ? atMs(index + 1) : end * 1_000,
    };
  });
  return {
    type: 'turn',
    event,
    index: turn_index,
    heardMs: windowMs.endMs,
    text,
    words: timed(text, heard, windowMs),
    confidence: meanConfidence(words ?? []),
    language: languages?.[0],
  };
}

/** A result may reach this much further than the audio that was sent, in ms: times are guesses. */
const OVERREACH_MS = 2_000;

/**
 * How far a result reaches into the connection's audio, which is not further than was sent: what comes is not settled.
 * @throws AppError `engine-bad-answer` when it is about audio that was not sent, after which everything that is said
 *   would count as said already.
 */
export function reachOf(words: readonly HeardWord[], reachMs: number, sentMs: number): number {
  const furthestMs = words.reduce((most, { endMs }) => Math.max(most, endMs), reachMs);
  if (furthestMs > sentMs + OVERREACH_MS) {
    throw new AppError(
      'engine-bad-answer',
      `deepgram: a result is about ${Math.round(furthestMs - sentMs)} ms of sound that was not sent`,
    );
  }
  return Math.min(reachMs, sentMs);
}

/** The words of a text; one that comes without any is taken for one, because only what has a time has an utterance. */
function timed(
  text: string,
  words: readonly HeardWord[],
  windowMs: { readonly startMs: number; readonly endMs: number },
): readonly HeardWord[] {
  return words.length === 0 && text !== '' ? [{ text, ...windowMs }] : words;
}

function typeOf(message: unknown): string {
  const parsed = ANY_MESSAGE.safeParse(message);
  if (!parsed.success) {
    throw badAnswer();
  }
  return parsed.data.type;
}

/** What was sent is not shown: it may hold what was spoken. */
function badAnswer(): AppError {
  return new AppError(
    'engine-bad-answer',
    'deepgram: the server sent something that is no message of its protocol; check that the address is Deepgram’s',
  );
}
