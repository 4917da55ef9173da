/**
 * Pieces of speech at 8 kHz for tests of listening: a reading by a person (LibriVox) and eSpeak voices of several
 * languages, all equally loud, cut into stretches of 1.2 to 3.5 s.
 */

import { spawnSync } from 'node:child_process';
import { Resampler } from '../../src/media/dsp/resampler.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import { parseWav } from '../../src/protocol/wav.ts';
import { concatPcm, levelDbfs, loadLibrivoxClips, seededRandom } from '../asterisk/audio.ts';
import { framesOf } from './frames.ts';

const RATE_HZ = 8_000;
const FRAME_SAMPLES = 160;
/** A normal level on a telephone. */
const LEVEL_DBFS = -20;

export interface SpokenPiece {
  /** Who speaks: pieces of different speakers can speak at the same time. */
  readonly speaker: string;
  readonly pcm: Int16Array;
}

const ESPEAK = [
  ['en', 'I would like to change my appointment, because on Thursday I have to be in another town.'],
  ['en+f3', 'Your order has left our house this morning, and it should be with you before the weekend.'],
  ['es', 'Buenos días, quisiera saber si mañana podemos hablar del problema con la última factura.'],
  ['es+f4', 'No se preocupe, le voy a mandar otra copia ahora mismo por correo electrónico, gracias.'],
  ['de', 'Guten Tag, ich möchte gerne mit jemandem über meine Rechnung vom letzten Monat sprechen.'],
  ['fr+f5', 'Bonjour madame, je voudrais vous parler de la réservation que nous avons faite hier soir.'],
  ['it+f2', 'Buongiorno, vorrei sapere a che ora arriva domani il treno che parte da Milano.'],
  ['ru', 'Добрый день, я хотел бы узнать про мой счёт за прошлый месяц, большое спасибо.'],
] as const;

/** The same pieces each time. @param perVoice how many of each voice. */
export function spokenPieces(modules: MediaModules, perVoice: number): readonly SpokenPiece[] {
  const voices = [
    ...loadLibrivoxClips().map(({ name, pcm, rateHz }) => ({ speaker: 'librivox', pcm, rateHz, name })),
    ...ESPEAK.map(([voice, text]) => ({ speaker: voice, ...espeak(voice, text), name: voice })),
  ];
  return voices.flatMap(({ speaker, pcm, rateHz, name }) => {
    const narrow = atLevel(toRate(modules, pcm, rateHz, RATE_HZ));
    const random = seededRandom(name.length + pcm.length);
    return Array.from({ length: perVoice }, () => {
      // Whole frames: what is played is played to its end.
      const frames = Math.floor(Math.min(narrow.length / FRAME_SAMPLES, (1.2 + random() * 2.3) * 50));
      const samples = frames * FRAME_SAMPLES;
      const start = Math.floor(random() * (narrow.length - samples));
      return { speaker, pcm: narrow.subarray(start, start + samples) };
    });
  });
}

/** What eSpeak NG says. */
export function espeak(voice: string, text: string): { readonly pcm: Int16Array; readonly rateHz: number } {
  const { status, stdout, error } = spawnSync('espeak-ng', ['-v', voice, '-a', '70', '--stdout'], {
    input: text,
    maxBuffer: 32 * 1_024 * 1_024,
  });
  if (status !== 0) {
    throw new Error(`espeak-ng -v ${voice} failed`, { cause: error });
  }
  return parseWav(stdout);
}

/** `pcm` at another rate. */
export function toRate(modules: MediaModules, pcm: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) {
    return pcm;
  }
  const resampler = new Resampler(modules, fromHz, toHz, 5);
  const pieces = framesOf(pcm, fromHz).map((frame) => resampler.process(frame).slice());
  resampler.close();
  return concatPcm(...pieces);
}

function atLevel(pcm: Int16Array): Int16Array {
  const gain = 10 ** ((LEVEL_DBFS - levelDbfs(pcm)) / 20);
  return pcm.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}
