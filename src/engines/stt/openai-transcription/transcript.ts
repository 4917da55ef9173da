/**
 * What a transcription server answers, and what of it was really said. Servers that answer without segments cannot be
 * asked how sure they are; the text and the sound it was heard in tell then.
 */

import { z } from 'zod';
import { parseJson } from '../../wire/json.ts';
import { type HeardSound, type Hearsay, type MadeUp, madeUpBy } from '../made-up.ts';
import { CJK, putTogether } from '../put-together.ts';

const SEGMENT = z.object({
  text: z.string(),
  no_speech_prob: z.number().nullish(),
  avg_logprob: z.number().nullish(),
  compression_ratio: z.number().nullish(),
});

const TRANSCRIPT = z.object({ text: z.string(), segments: z.array(SEGMENT).nullish() });

type Segment = z.infer<typeof SEGMENT>;

/** An answer of either form, `json` or `verbose_json`. */
export type Transcript = z.infer<typeof TRANSCRIPT>;

/** The answer in `body`; undefined when it is none. */
export function parseTranscript(body: string): Transcript | undefined {
  return TRANSCRIPT.safeParse(parseJson(body)).data;
}

/** What of a transcript was said. */
export interface Spoken {
  /** On one line. */
  readonly text: string;
  /** Why segments of it were left out, one for each. */
  readonly madeUp: readonly MadeUp[];
}

/** @param sound all that was sent. */
export function spokenOf(transcript: Transcript, sound: HeardSound): Spoken {
  const all: readonly Segment[] = transcript.segments ?? [{ text: transcript.text }];
  const judged = all.map((segment) => ({ segment, madeUp: madeUpBy(hearsayOf(segment, sound)) }));
  const left = judged.flatMap(({ segment, madeUp }) => (madeUp === undefined ? [segment] : []));
  // A phrase over and over may stand in a segment each.
  const whole = joined(left);
  const again = left.length > 1 ? madeUpBy({ text: whole, sound }) : undefined;
  return {
    text: again === undefined ? whole : '',
    madeUp: [...judged.map(({ madeUp }) => madeUp), again].filter((why) => why !== undefined),
  };
}

function hearsayOf(segment: Segment, sound: HeardSound): Hearsay {
  return {
    text: segment.text,
    noSpeech: segment.no_speech_prob ?? undefined,
    logProbability: segment.avg_logprob ?? undefined,
    compression: segment.compression_ratio ?? undefined,
    sound,
  };
}

/** Whisper ends segments of these inside words and sentences. */
const UNSPACED = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;

function joined(spoken: readonly Segment[]): string {
  // Whisper's segments begin with their space. whisper.cpp breaks inside words, so none may be put there; only a
  // server that trims each segment has none at all.
  const texts = spoken.map(({ text }) => text);
  const trimmed = !texts.some((text) => /^\s/.test(text));
  const whole = trimmed
    ? putTogether(texts, new RegExp(`${CJK.source}|${UNSPACED.source}`, 'u'))
    : texts.join('');
  return whole.replace(/\s+/g, ' ').trim();
}
