/**
 * What was said in a call, in all its languages: each utterance with when it was said, its words' times where the
 * recogniser tells them, and each translation with when it was heard. The schema is the file that is kept of it, and its
 * document. Times are ms since the call began, as those of its recording are.
 */

import { z } from 'zod';
import type { Language } from '../../base/language.ts';

export const TRANSCRIPT_VERSION = 1;

const atMs = z.number();
const optionalMs = atMs.exactOptional();

const MARK_KINDS = ['number', 'name', 'term'] as const;

/** Part of a text that is worth checking: from its character `start` up to `end`. */
const MARK = z
  .object({ kind: z.enum(MARK_KINDS), start: z.int(), end: z.int() })
  .meta({ id: 'TranscriptMark' });

const WORD = z.object({ text: z.string(), startMs: atMs, endMs: atMs }).meta({ id: 'TranscriptWord' });

const TRANSLATION = z
  .object({
    language: z.string(),
    text: z.string(),
    marks: z.array(MARK),
    startMs: optionalMs.meta({ description: 'when it began to be heard; none: nobody heard it' }),
    endMs: optionalMs,
    pieces: z.array(z.object({ atMs, text: z.string() })).meta({
      description: 'what it was spoken in, one after the other, and when each began to be heard',
    }),
  })
  .meta({ id: 'TranscriptTranslation' });

const LINE = z
  .object({
    party: z.string(),
    utterance: z.int(),
    language: z.string(),
    text: z.string(),
    marks: z.array(MARK),
    startMs: atMs,
    endMs: atMs,
    words: z.array(WORD).exactOptional(),
    translations: z.array(TRANSLATION),
  })
  .meta({ id: 'TranscriptLine' });

export const TRANSCRIPT = z
  .object({
    version: z.literal(TRANSCRIPT_VERSION),
    call: z.string(),
    startedAt: z.iso.datetime(),
    parties: z.array(z.object({ party: z.string(), name: z.string(), language: z.string() })),
    lines: z.array(LINE).meta({ description: 'in the order in which they were said' }),
    missed: z.int().min(0).meta({ description: 'lines from the beginning that are kept no more' }),
  })
  .meta({ id: 'Transcript' });

export type Transcript = z.infer<typeof TRANSCRIPT>;
export type TranscriptLine = z.infer<typeof LINE>;
export type TranscriptTranslation = z.infer<typeof TRANSLATION>;
export type TranscriptWord = z.infer<typeof WORD>;
export type TranscriptMark = z.infer<typeof MARK>;

/** The languages that anything was said or translated in, the parties' own first. */
export function languagesIn({ parties, lines }: Transcript): readonly Language[] {
  return [
    ...new Set([
      ...parties.map(({ language }) => language),
      ...lines.flatMap(({ language, translations }) => [
        language,
        ...translations.map((translation) => translation.language),
      ]),
    ]),
  ];
}

/** What a party is called in it. */
export function speakerOf({ parties }: Transcript, party: string): string {
  return parties.find((each) => each.party === party)?.name ?? party;
}
