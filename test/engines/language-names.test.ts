import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Language, parseLanguage } from '../../src/base/language.ts';
import { codesOf, setFor } from '../../src/engines/languages.ts';
import { apertiumNames } from '../../src/engines/mt/apertium/languages.ts';
import { deeplTarget } from '../../src/engines/mt/deepl/languages.ts';
import { candidateCodes } from '../../src/engines/mt/libretranslate/languages.ts';
import {
  deeplTarget as deeplVoiceTarget,
  SOURCES as VOICE_SOURCES,
  deeplSource as voiceSource,
} from '../../src/engines/s2s/deepl-voice/deepl-voice-languages.ts';
import {
  outputLanguage,
  UNDERSTOOD,
  understands,
} from '../../src/engines/s2s/openai-realtime/openai-realtime-languages.ts';
import { deepgramLanguage } from '../../src/engines/stt/deepgram/deepgram-languages.ts';
import {
  WHISPER_LANGUAGES,
  whisperLanguage,
} from '../../src/engines/stt/openai-transcription/whisper-languages.ts';
import { chatterboxLanguage } from '../../src/engines/tts/chatterbox/chatterbox-wire.ts';
import { elevenlabsLanguage, modelSpeaks, SPOKEN } from '../../src/engines/tts/elevenlabs/elevenlabs-wire.ts';
import { type EspeakVoice, voiceFor } from '../../src/engines/tts/espeak-ng/espeak-ng-voices.ts';
import { xttsLanguage } from '../../src/engines/tts/xtts/xtts-languages.ts';

/** As `espeak-ng --voices` lists some, in its order. */
const ESPEAK: readonly EspeakVoice[] = [
  { tag: 'cmn', others: ['zh-cmn', 'zh'] },
  { tag: 'en-gb', others: ['en'] },
  { tag: 'en-us', others: ['en'] },
  { tag: 'es', others: [] },
  { tag: 'es-419', others: ['es-mx'] },
  { tag: 'nb', others: ['no'] },
  { tag: 'pt', others: ['pt-pt'] },
  { tag: 'pt-br', others: [] },
  { tag: 'sr', others: [] },
  { tag: 'yue', others: ['zh-yue'] },
];

/** As an operator may write them, and what each engine calls them. */
const NAMES = [
  {
    written: 'zh-Hans',
    deepgram: 'zh-Hans',
    deepl: 'zh-HANS',
    voice: 'zh-HANS',
    libre: 'zh-Hans',
    apertium: 'zho',
    espeak: 'cmn',
    whisper: 'zh',
  },
  {
    written: 'zh-Hant',
    deepgram: 'zh-Hant',
    deepl: 'zh-HANT',
    voice: 'zh-HANT',
    libre: 'zh-Hant',
    apertium: 'zho',
    espeak: 'cmn',
    whisper: 'zh',
  },
  {
    written: 'zh_tw',
    deepgram: 'zh-TW',
    deepl: 'zh-HANT',
    voice: 'zh-HANT',
    libre: 'zh-Hant',
    apertium: 'zho_TW',
    espeak: 'cmn',
    whisper: 'zh',
  },
  {
    written: 'zh-Hant-HK',
    deepgram: 'zh-HK',
    deepl: 'yue',
    voice: undefined,
    libre: 'zh-Hant',
    apertium: 'zho_HK',
    espeak: 'yue',
    whisper: 'yue',
  },
  {
    written: 'es-419',
    deepgram: 'es-419',
    deepl: 'es-419',
    voice: 'es',
    libre: 'es-419',
    apertium: 'spa_419',
    espeak: 'es-419',
    whisper: 'es',
  },
  {
    written: 'es-AR',
    deepgram: 'es',
    deepl: 'es-419',
    voice: 'es',
    libre: 'es-AR',
    apertium: 'spa_AR',
    espeak: 'es-419',
    whisper: 'es',
  },
  {
    written: 'sr-Latn',
    deepgram: 'sr',
    deepl: 'sr',
    voice: undefined,
    libre: 'sr-Latn',
    apertium: 'hbs_SR',
    espeak: 'sr',
    whisper: 'sr',
  },
  {
    written: 'nb-NO',
    deepgram: 'no',
    deepl: 'nb',
    voice: 'nb',
    libre: 'nb-NO',
    apertium: 'nob_NO',
    espeak: 'nb',
    whisper: 'no',
  },
  {
    written: 'pt-br',
    deepgram: 'pt-BR',
    deepl: 'pt-BR',
    voice: 'pt-BR',
    libre: 'pt-BR',
    apertium: 'por_BR',
    espeak: 'pt-br',
    whisper: 'pt',
  },
] as const;

/** Tables of what providers know, and whether an adapter finds one of its codes by a language. */
const TABLES: readonly (readonly [
  engine: string,
  codes: ReadonlySet<string>,
  finds: (code: string, language: Language) => boolean,
])[] = [
  ['Whisper', WHISPER_LANGUAGES, (code, language) => whisperLanguage(language) === code],
  ['DeepL Voice', VOICE_SOURCES, (code, language) => voiceSource(language) === code],
  ['OpenAI Realtime', UNDERSTOOD, (_, language) => understands(language)],
  ['ElevenLabs', SPOKEN, (code, language) => elevenlabsLanguage(language) === code],
];

describe('the name of a language', () => {
  for (const [engine, codes, finds] of TABLES) {
    it(`is found by ${engine} for every code of its table, as the operator may write it`, () => {
      const lost = [...codes].filter((code) => !finds(code, parseLanguage(code)));
      assert.deepEqual(lost, []);
    });
  }

  it('is that of Cantonese wherever Cantonese is spoken, and of no other Chinese', () => {
    for (const written of ['yue', 'yue-HK', 'zh-HK', 'zh-Hant-HK', 'zh-MO']) {
      const language = parseLanguage(written);
      assert.deepEqual(
        {
          codes: codesOf(language),
          deepgram: deepgramLanguage('nova-3', language),
          flux: deepgramLanguage('flux-general-multi', language),
          whisper: whisperLanguage(language),
          deepl: deeplTarget(language),
          voice: deeplVoiceTarget(language),
          hears: understands(language),
          speaks: outputLanguage(language),
          elevenlabs: modelSpeaks('eleven_v3', language),
          xtts: xttsLanguage(language),
          chatterbox: chatterboxLanguage(language),
          espeak: voiceFor(ESPEAK, language),
          espeakWithout: voiceFor(
            ESPEAK.filter(({ tag }) => tag !== 'yue'),
            language,
          ),
          mandarin: setFor(new Map([['zh', 'a model']]), language),
          own: setFor(new Map([['yue', 'a model']]), language),
        },
        {
          ...{
            codes: ['yue'],
            deepgram: 'zh-HK',
            flux: undefined,
            whisper: 'yue',
            deepl: 'yue',
            voice: undefined,
          },
          ...{ hears: false, speaks: undefined, elevenlabs: false, xtts: 'yue', chatterbox: 'yue' },
          ...{ espeak: 'yue', espeakWithout: undefined, mandarin: undefined, own: 'a model' },
        },
        written,
      );
    }
    assert.equal(xttsLanguage('zh-TW'), 'zh-cn');
    assert.equal(setFor(new Map([['zh', 'a model']]), 'zh-TW'), 'a model');
  });

  for (const { written, ...names } of NAMES) {
    it(`is each engine’s own for ${written}`, () => {
      const language = parseLanguage(written);
      assert.deepEqual(
        {
          deepgram: deepgramLanguage('nova-3', language),
          deepl: deeplTarget(language),
          voice: deeplVoiceTarget(language),
          libre: candidateCodes(language)[0],
          apertium: apertiumNames(language)[0],
          espeak: voiceFor(ESPEAK, language),
          whisper: whisperLanguage(language),
        },
        names,
      );
    });
  }

  it('is known whichever of two codes a language goes by', () => {
    assert.equal(understands('nb'), true);
    assert.equal(understands('tl'), true);
    assert.equal(outputLanguage('zh-Hant'), 'zh');
    assert.equal(elevenlabsLanguage('nb'), 'no');
    assert.equal(chatterboxLanguage('nb-NO'), 'no');
    assert.equal(setFor(new Map([['no', 'a model']]), 'nb-NO'), 'a model');
    assert.equal(apertiumNames(parseLanguage('kmr'))[0], 'kmr');
    assert.equal(modelSpeaks('eleven_v3', 'cmn'), true);
    assert.equal(modelSpeaks('eleven_v3', 'eu'), false);
    assert.equal(modelSpeaks('eleven_flash_v2_5', 'th'), false);
  });

  it('is what is meant by the code of a country, and a hint where it is not plain', () => {
    for (const [written, meant] of [
      ['jp', 'ja'],
      ['jp-JP', 'ja-JP'],
      ['vn', 'vi'],
      ['iw', 'he'],
      ['sh', 'sr-Latn'],
      ['de_DE.UTF-8', 'de-DE'],
      ['de-DE-1996', 'de-DE'],
      ['ca-ES-valencia', 'ca-ES'],
      ['en-u-ca-gregory', 'en'],
    ] as const) {
      assert.equal(parseLanguage(written), meant);
    }
    assert.throws(() => parseLanguage('en-UK'), /write en-GB/);
    assert.throws(() => parseLanguage('ja-JA'), /write ja/);
    assert.throws(() => parseLanguage('english'), /write a code: en$/);
    assert.throws(() => parseLanguage('français'), /write a code: fr$/);
    assert.throws(() => parseLanguage('日本語'), /write a code: ja$/);
    assert.throws(() => parseLanguage('nonsense'), /write a code such as/);
  });
});
