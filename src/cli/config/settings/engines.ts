/** Which engines recognise, translate and speak. */

import type { Language } from '../../../base/language.ts';
import type { Catalogue } from '../../../engines/engine-entry.ts';
import { MT_ENGINES, namesSetUp, STT_ENGINES, TTS_ENGINES } from '../../../engines/registry.ts';
import { checked, type Reader, type Setting, SettingProblems, setting } from '../setting.ts';
import { parseEngineName } from '../values.ts';
import { byLanguage, nonEmpty } from './readers.ts';

const GROUP = 'Engines:';

export const ENGINES = {
  stt: setting({
    key: 'stt',
    kind: 'many',
    group: GROUP,
    placeholder: 'engine,...',
    help: 'speech recognition, best first; the next one is used for what the one before cannot do',
    fallback: ['pocketsphinx'],
    fallbackHelp: providersThen('pocketsphinx'),
    words: [...STT_ENGINES.keys()],
    read: engineNames(),
    setUp: setUpIn(STT_ENGINES),
  }),
  mt: setting({
    key: 'mt',
    kind: 'many',
    group: GROUP,
    placeholder: 'engine,...',
    help: 'machine translation, best first',
    fallback: ['apertium'],
    fallbackHelp: providersThen('apertium'),
    words: [...MT_ENGINES.keys()],
    read: engineNames(),
    setUp: setUpIn(MT_ENGINES),
  }),
  tts: setting({
    key: 'tts',
    kind: 'many',
    group: GROUP,
    placeholder: 'engine,...',
    help: 'speech synthesis, best first',
    fallback: ['espeak-ng'],
    fallbackHelp: providersThen('espeak-ng'),
    words: [...TTS_ENGINES.keys()],
    read: engineNames(),
    setUp: setUpIn(TTS_ENGINES),
  }),
  sttModels: setting({
    key: 'stt-model',
    kind: 'by-language',
    group: GROUP,
    placeholder: 'language=directory',
    help: 'model that recognises a language, for sherpa and pocketsphinx; repeat it for more',
    fallback: [],
    read: byLanguage('language=directory, such as es=/opt/models/es'),
  }),
  ttsVoices: setting({
    key: 'voice',
    kind: 'by-language',
    group: GROUP,
    placeholder: 'language=name',
    help: 'voice that speaks a language, by the name the engine gives it; for sherpa a directory, with #speaker; repeat it for more',
    fallback: [],
    fallbackHelp: "the engine's own",
    read: byLanguage('language=name, such as es=es-419'),
  }),
  voiceChoice: setting({
    key: 'voice-choice',
    kind: 'by-language',
    group: GROUP,
    placeholder: 'language=name|name',
    help:
      'voices of a language, with | between them, from which each speaker has the one that is about as high as theirs; ' +
      'each speaks a sentence at the start to be measured; repeat it for more',
    fallback: [],
    fallbackHelp: 'some of eSpeak NG where --voice names none for the language; else none',
    read: voiceChoices,
  }),
} as const;

/** By language, at least two names each. */
function voiceChoices(texts: readonly string[]): ReadonlyMap<Language, readonly string[]> {
  const example = 'language=name|name, such as es=es+paul|es+linda';
  const choices = [...byLanguage(example)(texts)].map(([language, value]) => {
    const names = value.split('|').map((name) => name.trim());
    if (names.length < 2 || names.includes('') || new Set(names).size < names.length) {
      const sentence = `"${language}=${value}" is no choice: write two names or more, each once, as in ${example}`;
      throw new SettingProblems([sentence]);
    }
    return [language, names] as const;
  });
  return new Map(choices);
}

function engineNames(): Reader<readonly string[]> {
  return checked(
    nonEmpty(parseEngineName),
    (names) => new Set(names).size === names.length,
    'names an engine twice: write each once',
  );
}

/** Those of `catalogue` that have what they need. */
function setUpIn(catalogue: Catalogue<unknown>): NonNullable<Setting<unknown>['setUp']> {
  return (providers) => namesSetUp(catalogue, providers);
}

function providersThen(local: string): string {
  return `the providers that are set up, then ${local}`;
}
