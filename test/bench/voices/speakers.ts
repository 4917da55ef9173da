/**
 * Who speaks in the benches of voices: people that Debian has recordings of, and eSpeak NG's voices, all at 8 kHz by
 * mu-law with some noise, at the level of good and bad telephones.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { MediaModules } from '../../../src/media/dsp/wasm.ts';
import { parseWav } from '../../../src/protocol/wav.ts';
import { concatPcm, levelDbfs, loadLibrivoxClips, noise, silence } from '../../asterisk/audio.ts';
import { espeak, toRate } from '../../media/spoken-pieces.ts';
import { mixed, throughMuLaw } from '../../media/telephone-path.ts';

export const LINE_HZ = 8_000;
const NOISE_PEAK = 0.001;
/** Asterisk's Spanish prompts; some hundred sentences of one woman. */
const PROMPTS = '/usr/share/asterisk/sounds/es_MX_f_Allison';
/** Prompts shorter than this, in bytes of 8 kHz, are single words. */
const SENTENCE_BYTES = 40_000;

export interface Speaker {
  readonly name: string;
  readonly register: 'low' | 'high';
  /** What is said, one sentence after the other, at 8 kHz and any level. */
  readonly sentences: readonly Int16Array[];
}

const ENGLISH = [
  'I would like to change my appointment, because on Thursday I have to be in another town.',
  'Could you please tell me whether the invoice from last month has been paid in the meantime?',
  'The delivery was supposed to come this morning, but nobody has rung the bell so far.',
  'If it is not too much trouble, send me another copy to the address that you have on file.',
  'We have been waiting for three weeks now, and nobody has been able to say what happened.',
] as const;
const SPANISH = [
  'Buenos días, quisiera saber si mañana podemos hablar del problema con la última factura.',
  'No se preocupe, le voy a mandar otra copia ahora mismo por correo electrónico, gracias.',
  'El paquete tenía que llegar esta mañana, pero nadie ha llamado a la puerta todavía.',
] as const;
const GERMAN = [
  'Guten Tag, ich möchte gerne mit jemandem über meine Rechnung vom letzten Monat sprechen.',
  'Wir warten jetzt seit drei Wochen, und niemand konnte uns sagen, was eigentlich passiert ist.',
  'Könnten Sie mir bitte sagen, ob der Termin am Donnerstag noch verschoben werden kann?',
] as const;

/** eSpeak NG's variants by what it says of them; none of them speaks for anybody in the bench. */
const LOW = [
  'm1',
  'm2',
  'm3',
  'm5',
  'm7',
  'Andy',
  'Gene',
  'edward',
  'Denis',
  'michel',
  'pablo',
  'Lee',
] as const;
const HIGH = [
  'f1',
  'f2',
  'f3',
  'f5',
  'Annie',
  'belinda',
  'Andrea',
  'steph',
  'anika',
  'shelby',
  'aunty',
] as const;

/** Everybody there is; the recorded ones where Debian's packages are installed. */
export function allSpeakers(modules: MediaModules): readonly Speaker[] {
  const synthetic = [
    ...LOW.map((variant) => ({ variant, register: 'low' as const })),
    ...HIGH.map((variant) => ({ variant, register: 'high' as const })),
  ].map(({ variant, register }, index) => {
    const [tag, texts] = [
      ['en-us', ENGLISH],
      ['es', SPANISH],
      ['de', GERMAN],
    ][index % 3] as [string, readonly string[]];
    const sentences = texts.map((text) => atLine(modules, espeak(`${tag}+${variant}`, text)));
    return { name: `eSpeak ${tag}+${variant}`, register, sentences };
  });
  return [...recordedSpeakers(modules), ...synthetic];
}

/** People. */
export function recordedSpeakers(modules: MediaModules): readonly Speaker[] {
  const man = loadLibrivoxClips().map((clip) => atLine(modules, clip));
  const woman = promptFiles().map((file) => atLine(modules, parseWav(readFileSync(file))));
  return [
    { name: 'LibriVox, a man', register: 'low' as const, sentences: man },
    ...(woman.length === 0
      ? []
      : [{ name: 'Asterisk, a woman', register: 'high' as const, sentences: woman }]),
  ];
}

function promptFiles(): readonly string[] {
  if (!existsSync(PROMPTS)) {
    return [];
  }
  return readdirSync(PROMPTS)
    .filter((name) => name.endsWith('.wav') && name !== 'tt-monkeys.wav')
    .map((name) => `${PROMPTS}/${name}`)
    .filter((file) => readFileSync(file).length > SENTENCE_BYTES)
    .sort();
}

/** What an eSpeak voice says at so many words a minute. */
export function spokenAt(
  modules: MediaModules,
  voice: string,
  wordsPerMinute: number,
  text: string,
): Int16Array {
  const args = ['-v', voice, '-s', String(wordsPerMinute), '-z', '-a', '70', '--stdout'];
  const { status, stdout, error } = spawnSync('espeak-ng', args, { input: text, maxBuffer: 2 ** 25 });
  if (status !== 0) {
    throw new Error(`espeak-ng -v ${voice} failed`, { cause: error });
  }
  return atLine(modules, parseWav(stdout));
}

function atLine(
  modules: MediaModules,
  { pcm, rateHz }: { readonly pcm: Int16Array; readonly rateHz: number },
): Int16Array {
  return toRate(modules, pcm, rateHz, LINE_HZ);
}

/** Sentences with pauses between them, as a telephone line carries them; `dbfs` is the level of the voice. */
export function overLine(sentences: readonly Int16Array[], dbfs: number, pauseMs: number): Int16Array {
  const loud = sentences.map((pcm) => louder(pcm, dbfs - levelDbfs(pcm)));
  const said = concatPcm(...loud.flatMap((pcm) => [pcm, silence(pauseMs, LINE_HZ)]));
  return throughMuLaw(mixed([said, noise((said.length * 1_000) / LINE_HZ, LINE_HZ, NOISE_PEAK)]));
}

export function louder(pcm: Int16Array, db: number): Int16Array {
  const gain = 10 ** (db / 20);
  return pcm.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}
