/**
 * Whether the word that is stressed is found, and found again in the translation: eSpeak NG stresses one known word of each
 * sentence, the telephone's band and noise are laid over it, and words have the times that eSpeak tells. Sentences in
 * which nobody stresses anything must be heard so. Translations are Apertium's.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemClock } from '../../../src/base/clock.ts';
import { ApertiumEngine } from '../../../src/engines/mt/apertium/apertium-engine.ts';
import type { Word } from '../../../src/engines/stt/stt-engine.ts';
import { placeOf, probesFor } from '../../../src/interpret/manner/stress-alignment.ts';
import { stressedWord } from '../../../src/interpret/manner/stress-policy.ts';
import { wordsMeasured } from '../../../src/interpret/manner/word-prosody.ts';
import type { MediaModules } from '../../../src/media/dsp/wasm.ts';
import type { MeasuredProsody } from '../../../src/media/hear/prosody/prosody.ts';
import { toRate } from '../../media/spoken-pieces.ts';
import { MeasuredLine } from './measured-line.ts';
import { LINE_HZ, overLine } from './speakers.ts';
import { STRESS_SENTENCES } from './stress-sentences.ts';
import type { VoiceRow } from './voice-row.ts';

const PROGRAM = fileURLToPath(new URL('../../../../test/bench/voices/stressed-speech.py', import.meta.url));
/** What counts for how much was chosen on these, and not on the others. */
const CHOSEN_ON = ['en-us', 'en-us+f2'] as const;
const KEPT_APART = ['en-gb-scotland', 'en-us+m7', 'en-us+f5'] as const;
const SENTENCES = 100;
const LEVEL_DBFS = -24;
const PAUSE_MS = 900;

const SAID = z.object({
  rateHz: z.number(),
  pcm: z.string(),
  words: z.array(z.object({ at: z.number(), ms: z.number() })),
});

interface Case {
  readonly voice: string;
  readonly text: string;
  /** Which word is stressed; undefined: none. */
  readonly stressed: number | undefined;
  /** Beginnings of what it becomes. */
  readonly becomes: readonly string[];
}

export async function stressRows(modules: MediaModules): Promise<readonly VoiceRow[]> {
  return [
    ...(await rowsOf(modules, CHOSEN_ON, '')),
    ...(await rowsOf(modules, KEPT_APART, ' (voices kept apart)')),
  ];
}

async function rowsOf(
  modules: MediaModules,
  voices: readonly string[],
  which: string,
): Promise<readonly VoiceRow[]> {
  const cases = casesOf(voices);
  const spoken = spokenOf(cases);
  const found = cases.map((each, index) => heardStress(modules, each, spoken[index]));
  const stressed = cases.flatMap((each, index) =>
    each.stressed === undefined ? [] : [{ each, at: found[index] }],
  );
  const plain = cases.flatMap((each, index) => (each.stressed === undefined ? [found[index]] : []));
  const right = stressed.filter(({ each, at }) => at === each.stressed);
  const wrong = stressed.filter(({ each, at }) => at !== undefined && at !== each.stressed);
  const placed = await placedOf(stressed);
  const share = (count: number, of: number): number => (100 * count) / of;
  const count = stressed.length;
  return [
    row(
      `stress: the word of the source, % of sentences${which}`,
      share(right.length, count),
      'at least 80',
      (is) => is >= 80,
    ),
    row('  another word, %', share(wrong.length, count), 'at most 5', (is) => is <= 5),
    row(
      '  a word where none is stressed, %',
      share(plain.filter((at) => at !== undefined).length, plain.length),
      'at most 5',
      (is) => is <= 5,
    ),
    row(
      `stress: the right word of the translation, %${which}`,
      share(placed.right, count),
      'at least 80',
      (is) => is >= 80,
    ),
    row('  a wrong one, %', share(placed.wrong, count), 'at most 5', (is) => is <= 5),
  ];
}

function casesOf(voices: readonly string[]): readonly Case[] {
  const stressed = STRESS_SENTENCES.flatMap(({ text, words }) =>
    Object.entries(words).map(([word, becomes]) => ({
      ...{ text, becomes },
      stressed: text.toLowerCase().split(' ').indexOf(word),
    })),
  );
  const all = voices
    .flatMap((voice) => stressed.map((each) => ({ voice, ...each })))
    // Each voice has its share of them.
    .filter(
      (_, index, { length }) =>
        Math.floor((index * SENTENCES) / length) !== Math.floor(((index + 1) * SENTENCES) / length),
    );
  const plain = voices.flatMap((voice) =>
    STRESS_SENTENCES.map(({ text }) => ({ voice, text, stressed: undefined, becomes: [] })),
  );
  return [...all, ...plain];
}

function spokenOf(cases: readonly Case[]): readonly z.infer<typeof SAID>[] {
  const asked = cases.map(({ voice, text, stressed }) =>
    JSON.stringify({ voice, ssml: ssmlOf(text, stressed) }),
  );
  const { stdout, stderr } = spawnSync('python3', [PROGRAM], {
    input: `${asked.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => SAID.parse(JSON.parse(line)));
  if (said.length !== cases.length) {
    throw new Error(`eSpeak NG's library said ${said.length} of ${cases.length} sentences: ${stderr}`);
  }
  return said;
}

function ssmlOf(text: string, stressed: number | undefined): string {
  const words = text
    .split(' ')
    .map((word, index) => (index === stressed ? `<emphasis level="strong">${word}</emphasis>` : word));
  return `${words.join(' ')}.`;
}

function heardStress(
  modules: MediaModules,
  { text, stressed }: Case,
  said: z.infer<typeof SAID> | undefined,
) {
  if (said === undefined) {
    return undefined;
  }
  const bytes = Buffer.from(said.pcm, 'base64');
  const pcm = toRate(modules, new Int16Array(Uint8Array.from(bytes).buffer), said.rateHz, LINE_HZ);
  const sound = overLine([pcm], LEVEL_DBFS, PAUSE_MS);
  const measured: MeasuredProsody[] = [];
  const line = new MeasuredLine(modules, (prosody) => measured.push(prosody));
  // The line's noise is known after a sentence; the second time it is listened to.
  line.hear(sound);
  const words = wordsOf(text, stressed, said.words, line.nowMs, (pcm.length * 1_000) / LINE_HZ);
  line.hear(sound);
  line.close();
  const place = stressedWord(wordsMeasured(words, measured), 'en');
  return place === undefined ? undefined : words[place]?.place;
}

/** With the times of the line; two that eSpeak says as one are one. */
function wordsOf(
  text: string,
  stressed: number | undefined,
  events: readonly { readonly at: number; readonly ms: number }[],
  startMs: number,
  lengthMs: number,
): readonly (Word & { readonly place: number })[] {
  const ssml = ssmlOf(text, stressed);
  let from = 0;
  const begun = text.split(' ').flatMap((word, place) => {
    const at = ssml.indexOf(word, from);
    from = at + word.length;
    const event = events.find((each) => each.at >= at - 1 && each.at <= at + 1);
    return event === undefined ? [] : [{ text: word, place, ms: event.ms }];
  });
  return begun.map(({ ms, ...word }, index) => ({
    ...word,
    startMs: startMs + ms,
    endMs: startMs + (begun[index + 1]?.ms ?? lengthMs),
  }));
}

/** Of those stressed words that were found, in which the translation has them. */
async function placedOf(cases: readonly { readonly each: Case; readonly at: number | undefined }[]) {
  const engine = new ApertiumEngine({ clock: systemClock });
  const known = new Map<string, string>();
  const translate = async (text: string): Promise<string> => {
    const translation =
      known.get(text) ??
      (await engine.translate({ text, from: 'en', to: 'es', context: [] }, new AbortController().signal));
    known.set(text, translation);
    return translation;
  };
  let right = 0;
  let wrong = 0;
  for (const { each, at } of cases) {
    const words = each.text.split(' ');
    const probed: { readonly text: string; readonly led: boolean }[] = [];
    for (const { text, led } of at === undefined ? [] : probesFor(words, at, 'en')) {
      probed.push({ text: await translate(text), led });
    }
    const place =
      at === undefined ? undefined : placeOf(words[at] ?? '', await translate(each.text), probed, 'es');
    const is =
      place !== undefined && each.becomes.some((beginning) => place.toLowerCase().startsWith(beginning));
    right += is ? 1 : 0;
    wrong += place !== undefined && !is ? 1 : 0;
  }
  await engine.close();
  return { right, wrong };
}

function row(what: string, value: number, target: string, isMet: (value: number) => boolean): VoiceRow {
  return { what, value, target, digits: 0, holds: isMet(value) };
}
