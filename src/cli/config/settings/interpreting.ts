/** How what is said is interpreted, and what the parties hear beside it. */

import { AppError } from '../../../base/errors.ts';
import { parseByDirection } from '../../../base/values.ts';
import type { KeyRows } from '../../../call/key-commands.ts';
import { EMOTION_SOURCES, ORIGINAL_MODES } from '../../../call/plan.ts';
import { POLICY_NAMES } from '../../../interpret/policy/cut-policy.ts';
import { choice, many, one, type Reader, SettingProblems, setting } from '../setting.ts';
import { parseKeyRow, parseSwitch } from '../values.ts';
import { byLanguage, mapped } from './readers.ts';

const GROUP = 'Interpreting:';

/** What a party may be called. */
const PARTY_ID = /^[\w.-]{1,40}$/;

export const INTERPRETING = {
  interpreter: setting({
    key: 'interpreter',
    kind: 'one',
    group: GROUP,
    placeholder: 'cascade|deepl-voice|openai-realtime',
    help:
      'what interprets. cascade: the engines above. deepl-voice: DeepL in place of stt and mt. ' +
      'openai-realtime: OpenAI in place of all three',
    fallback: ['cascade'],
    read: choice('cascade', 'deepl-voice', 'openai-realtime'),
  }),
  interpreterBackup: setting({
    key: 'interpreter-backup',
    kind: 'one',
    group: GROUP,
    placeholder: 'none|cascade',
    help:
      'what interprets while deepl-voice or openai-realtime cannot, in running calls too. cascade: the engines above, ' +
      'which are then tried and kept ready',
    fallback: ['none'],
    read: choice('none', 'cascade'),
  }),
  policy: setting({
    key: 'policy',
    kind: 'one',
    group: GROUP,
    placeholder: POLICY_NAMES.join('|'),
    help:
      'when the cascade speaks. clause: while the speaker goes on, clause by clause. sentence: at the end of each ' +
      'sentence. turn: when the speaker has stopped. consecutive: so, too, and everybody hears it, the speaker as well',
    fallback: ['clause'],
    read: choice(...POLICY_NAMES),
  }),
  drafts: setting({
    key: 'drafts',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help: 'translate ahead what is not certain yet: sooner, for some more requests to the providers',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
  codeSwitching: setting({
    key: 'code-switching',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help:
      "a speaker may fall into the listener's language, and is then heard as they are; deepgram's nova-3 and " +
      'flux-general-multi can tell en es fr de hi ru pt ja it nl apart',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  original: setting({
    key: 'original',
    kind: 'one',
    group: GROUP,
    placeholder: ORIGINAL_MODES.join('|'),
    help: "how a speaker's own voice is heard under the translation. off: not at all. duck: softly. full: as loud as ever",
    fallback: ['duck'],
    read: choice(...ORIGINAL_MODES),
  }),
  matchDelay: setting({
    key: 'match-delay',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help:
      'hold the translations of the faster direction of a call of two, by up to 2 s, so that both hear each other ' +
      'equally late and talk over each other less',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  manner: setting({
    key: 'manner',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help:
      'speak a translation as its original was said beside how the same person usually speaks: faster or slower, ' +
      'louder or softer, after a pause; within what keeps it from lagging. Only the sound is measured, nothing is judged',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  stress: setting({
    key: 'stress',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help:
      'stress in a translation what was stressed, where it is sure which words these are: with recognition that tells the ' +
      'times of words, and an engine that can stress (espeak-ng, ElevenLabs v3); what is not certain is not spoken ahead then',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  emotion: setting({
    key: 'emotion',
    kind: 'one',
    group: GROUP,
    placeholder: ['off', ...EMOTION_SOURCES].join('|'),
    help:
      'tell engines that take it which emotion is heard in the voices of --emotion-of. prosody: excited or calm, by what ' +
      'is measured here. hume: by Hume. Forbidden of employees in the EU: README has more',
    fallback: ['off'],
    read: choice('off', ...EMOTION_SOURCES),
  }),
  emotionOf: setting({
    key: 'emotion-of',
    kind: 'many',
    group: GROUP,
    placeholder: 'party,...',
    help: 'whose voices --emotion judges, as they are called in a call: a, b, or what the dialplan calls them',
    fallback: [],
    fallbackHelp: "nobody's",
    read: many(parsePartyId),
  }),
  glossaries: setting({
    key: 'glossary',
    kind: 'by-direction',
    group: GROUP,
    placeholder: 'first:second=file',
    help:
      'terms with one agreed translation, for what is said in the first language: a line "term = translation" for ' +
      'each; repeat it for more directions',
    fallback: [],
    read: byDirection('first:second=file, such as en:es=/etc/dragoman/en-es.txt'),
  }),
  keys: setting({
    key: 'keys',
    kind: 'many',
    group: GROUP,
    placeholder: 'action=keys,...',
    help:
      'keys by which a party steers its call, such as translation=*1,louder=*2,softer=*3,repeat=*4,swap=*5: hears no ' +
      "translation, or again; the others' own voices louder, softer; what was said last once more; the two exchange " +
      'languages; own-voice=*9: the neutral voice speaks for it in place of its own, or its own again. The others do not ' +
      'hear them',
    fallback: [],
    fallbackHelp: 'all keys are for the others',
    read: keyRows(),
  }),
  announcement: setting({
    key: 'announcement',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help: 'tell each party in its language, when its call begins, that a machine interprets',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
  announce: setting({
    key: 'announce',
    kind: 'texts',
    group: GROUP,
    placeholder: 'language=text',
    help: 'what they are told in a language, in place of our own words; repeat it for more',
    fallback: [],
    fallbackHelp: 'a sentence of ours in the languages we know',
    read: byLanguage('language=text, such as "en=A machine interprets this call."'),
  }),
  joinTones: setting({
    key: 'join-tones',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help: 'tell the others of a conference with a short tone that somebody joins or leaves',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
} as const;

function byDirection(example: string): Reader<ReadonlyMap<string, string>> {
  return mapped(parseByDirection(example), 'names a direction twice: write each once');
}

/** A row that another begins with could never be pressed to its end. */
function keyRows(): Reader<KeyRows> {
  const read = many(parseKeyRow);
  return (texts) => {
    const rows = read(texts);
    const [first, second] =
      rows.flatMap(([row], place) =>
        rows.filter(([other], at) => at !== place && other.startsWith(row)).map(([other]) => [row, other]),
      )[0] ?? [];
    if (first !== undefined) {
      throw new SettingProblems([`${second} begins with ${first}, which is done before: write other keys`]);
    }
    return new Map(rows);
  };
}

function parsePartyId(text: string): string {
  if (!PARTY_ID.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no party: write what it is called in a call, such as a or b`,
    );
  }
  return text;
}
