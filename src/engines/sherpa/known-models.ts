/**
 * Models that an operator would take, with where they are and under which licence: `dragoman check` names those of a
 * language that has none. Nothing here downloads them. As of November 2026, by the releases of sherpa-onnx and the
 * pages of their makers; none of them was tried here.
 */

import type { Language } from '../../base/language.ts';
import { codesOf } from '../languages.ts';

export interface KnownModel {
  /** The name of its release, and of the folder that it unpacks to. */
  readonly name: string;
  readonly kind: 'recogniser' | 'voice';
  /** Codes without regions; empty: whatever the name of the release says. */
  readonly languages: readonly string[];
  /** About, unpacked. */
  readonly megabytes: number;
  readonly licence: string;
  /** What to know of it. */
  readonly remark: string;
}

const RELEASES = 'https://github.com/k2-fsa/sherpa-onnx/releases/download';

/** The better for a telephone, the earlier. */
const KNOWN_MODELS: readonly KnownModel[] = [
  {
    name: 'sherpa-onnx-streaming-t-one-russian-2025-09-08',
    kind: 'recogniser',
    languages: ['ru'],
    megabytes: 144,
    licence: 'Apache-2.0',
    remark: 'hears as it goes, made for the telephone',
  },
  {
    name: 'sherpa-onnx-nemotron-3.5-asr-streaming-0.6b-560ms-int8-2026-06-11',
    kind: 'recogniser',
    languages: [
      ...['en', 'es', 'fr', 'it', 'pt', 'nl', 'de', 'tr', 'ru', 'ar', 'hi', 'ja', 'ko', 'vi', 'uk'],
      ...['pl', 'sv', 'cs', 'nb', 'da', 'bg', 'fi', 'hr', 'sk', 'zh', 'hu', 'ro', 'et'],
    ],
    megabytes: 650,
    licence: 'OpenMDW-1.1 or NVIDIA Open Model: read the one that comes with it',
    remark: 'hears as it goes, marks and capitals; about a core for each who speaks',
  },
  {
    name: 'sherpa-onnx-streaming-zipformer-en-2023-06-26',
    kind: 'recogniser',
    languages: ['en'],
    megabytes: 72,
    licence: 'Apache-2.0',
    remark: 'hears as it goes, for smaller machines',
  },
  {
    name: 'sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20',
    kind: 'recogniser',
    languages: ['zh'],
    megabytes: 200,
    licence: 'Apache-2.0',
    remark: 'hears as it goes, English words too',
  },
  {
    name: 'sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8',
    kind: 'recogniser',
    languages: [
      ...['bg', 'hr', 'cs', 'da', 'nl', 'en', 'et', 'fi', 'fr', 'de', 'el', 'hu', 'it', 'lv', 'lt', 'mt'],
      ...['pl', 'pt', 'ro', 'sk', 'sl', 'es', 'sv', 'ru', 'uk'],
    ],
    megabytes: 640,
    licence: 'CC-BY-4.0',
    remark: 'hears whole utterances',
  },
  {
    name: 'sherpa-onnx-pocket-tts-int8-2026-01-26',
    kind: 'voice',
    languages: ['en'],
    megabytes: 176,
    licence: 'CC-BY-4.0, and no voice of anybody who has not agreed',
    remark: 'speaks like a recording: --voice en=DIR#FILE.wav, or a profile',
  },
  {
    name: 'kokoro-multi-lang-v1_0',
    kind: 'voice',
    languages: ['en', 'zh'],
    megabytes: 350,
    licence: 'Apache-2.0',
    remark: 'many speakers: --voice en=DIR#NUMBER; slow on a small machine',
  },
  {
    name: 'vits-piper-LANGUAGE_REGION-NAME-medium',
    kind: 'voice',
    languages: [],
    megabytes: 70,
    licence: 'that of its recordings: read the MODEL_CARD in it',
    remark: 'fast on any machine; over 40 languages, such as vits-piper-es_ES-davefx-medium',
  },
];

/** Those for a language, best first. */
export function modelsFor(kind: KnownModel['kind'], language: Language): readonly KnownModel[] {
  const codes = codesOf(language);
  return KNOWN_MODELS.filter(
    (model) =>
      model.kind === kind &&
      (model.languages.length === 0 || codes.some((code) => model.languages.includes(code))),
  );
}

/** Where a model is downloaded. */
export function addressOf({ kind, name }: KnownModel): string {
  return `${RELEASES}/${kind === 'voice' ? 'tts-models' : 'asr-models'}/${name}.tar.bz2`;
}
