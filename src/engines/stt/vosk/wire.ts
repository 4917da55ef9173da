/**
 * The messages of vosk-server's `websocket/asr_server.py`: text and 16-bit PCM up, one JSON reply down for each
 * of them but the configuration. The end must be spelled exactly as it is here: the server compares strings.
 * Source: https://github.com/alphacep/vosk-server/blob/master/websocket/asr_server.py
 */

import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import { parseJson } from '../../wire/json.ts';
import { meanConfidence } from '../made-up.ts';
import type { Word } from '../stt-engine.ts';

/** What the server says about the audio it has been sent. */
export type VoskReply =
  /** What is being said since the last result. */
  | { readonly type: 'partial'; readonly text: string }
  /** A stretch up to a pause of Vosk's own, or to the end; it does not change any more. Empty when nothing was said. */
  | {
      readonly type: 'result';
      readonly text: string;
      readonly words: readonly Word[];
      readonly confidence: number | undefined;
    };

/**
 * The rate must be said, because a server assumes 8,000 Hz; and that there are no alternatives, because one that was
 * started with VOSK_ALTERNATIVES answers in another form. There is no `phrase_list`: it is not a hint but the
 * whole grammar, and nothing outside it would be heard.
 */
export const CONFIG_MESSAGE = JSON.stringify({
  config: { sample_rate: SPEECH_HZ, words: true, max_alternatives: 0 },
});

/** Asks for the last result, after which the server closes the connection. */
export const EOF_MESSAGE = '{"eof" : 1}';

const REPLY = z.union([
  z.object({ partial: z.string() }),
  z.object({
    text: z.string(),
    result: z
      .array(z.object({ word: z.string(), start: z.number(), end: z.number(), conf: z.number().optional() }))
      .optional(),
  }),
]);

/** One reply; times count from the connection's first sample. @throws AppError `engine-bad-answer` when it is none. */
export function decodeReply(message: string): VoskReply {
  const parsed = REPLY.safeParse(parseJson(message));
  if (!parsed.success) {
    throw new AppError('engine-bad-answer', 'vosk: the server sent something that is not a Vosk result');
  }
  const reply = parsed.data;
  if ('partial' in reply) {
    return { type: 'partial', text: reply.partial };
  }
  const words = (reply.result ?? []).map(({ word, start, end }) => ({
    text: word,
    startMs: Math.round(start * 1_000),
    endMs: Math.round(end * 1_000),
  }));
  const confidence = meanConfidence((reply.result ?? []).map(({ conf }) => ({ confidence: conf })));
  return { type: 'result', text: reply.text, words, confidence };
}
