import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutPolicy } from '../../../src/interpret/policy/choose-policy.ts';
import type { CutView, PolicyName } from '../../../src/interpret/policy/cut-policy.ts';
import { tokensOf } from '../../../src/interpret/policy/tokens.ts';

interface Case {
  readonly fact: string;
  /** What is heard; a bar stands after what is stable; without one, all is. */
  readonly heard: string;
  /** What is cut off, and why; empty when nothing is. */
  readonly cut: string;
  readonly language?: string;
  readonly silentMs?: number;
  readonly waitingMs?: number;
  readonly final?: boolean;
}

const CLAUSE: readonly Case[] = [
  { fact: 'waits for a sentence to be stable', heard: 'I see| it.', cut: '' },
  { fact: 'cuts after a sentence', heard: 'I see it. And| then', cut: 'I see it. (sentence)' },
  { fact: 'cuts a word that is a sentence', heard: 'Yes. I| do', cut: 'Yes. (sentence)' },
  {
    fact: 'cuts at a comma once there is enough',
    heard: 'When the bus comes, we',
    cut: 'When the bus comes, (clause)',
  },
  { fact: 'does not cut at the comma of a breath', heard: 'Well, we will| see', cut: '' },
  {
    fact: 'waits at a conjunction for the word after it',
    heard: 'the train leaves early and| we have',
    cut: '',
  },
  {
    fact: 'cuts before a conjunction that is stable with its next word',
    heard: 'the train leaves early and we have|',
    cut: 'the train leaves early (conjunction)',
  },
  { fact: 'keeps short pairs together', heard: 'salt and pepper please|', cut: '' },
  {
    fact: 'cuts in a pause',
    heard: 'the train leaves early',
    silentMs: 300,
    cut: 'the train leaves early (pause)',
  },
  { fact: 'does not cut before the pause is one', heard: 'the train leaves early', silentMs: 299, cut: '' },
  { fact: 'does not cut in a pause what may change', heard: 'the train| leaves', silentMs: 400, cut: '' },
  { fact: 'waits after an article', heard: 'I would like the', silentMs: 1_199, cut: '' },
  { fact: 'waits after a number, which may go on', heard: 'my number is five five', silentMs: 800, cut: '' },
  { fact: 'waits after a sound of hesitation', heard: 'I would like um', silentMs: 800, cut: '' },
  {
    fact: 'does not wait for ever',
    heard: 'my number is five five',
    silentMs: 1_200,
    cut: 'my number is five five (pause)',
  },
  { fact: 'lets one word wait for its end', heard: 'tomorrow', silentMs: 1_500, cut: '' },
  { fact: 'takes the rest at the end', heard: 'tomorrow', final: true, cut: 'tomorrow (end)' },
  {
    fact: 'takes even an article at the end',
    heard: 'I would like the',
    final: true,
    cut: 'I would like the (end)',
  },
  { fact: 'takes nothing of nothing', heard: '', final: true, cut: '' },
  {
    fact: 'cuts what has waited for nearly a second where a phrase begins',
    heard: 'we walked slowly through town yesterday evening| singing',
    waitingMs: 900,
    cut: 'we walked slowly (age)',
  },
  {
    fact: 'does not cut it elsewhere so soon',
    heard: 'we walked slowly home yesterday evening| singing',
    waitingMs: 3_999,
    cut: '',
  },
  {
    fact: 'does not cut between a noun and the relative that leans on it',
    heard: 'please open the small file that was sent| today',
    waitingMs: 2_999,
    cut: '',
  },
  {
    fact: 'cuts before a relative that has a subject of its own',
    heard: 'please open the small file that you sent| today',
    cut: 'please open the small file (conjunction)',
  },
  {
    fact: 'waits after a relative for the word that tells, however old what stands before it is',
    heard: 'we all believe that',
    waitingMs: 1_000,
    cut: '',
  },
  {
    fact: 'cuts there as soon as a subject has been heard, though it may change',
    heard: 'we all believe| that the',
    waitingMs: 1_000,
    cut: 'we all believe (age)',
  },
  {
    fact: 'cuts what has waited for three seconds where a noun begins',
    heard: 'she always wanted to tell every guest today| stories',
    waitingMs: 3_000,
    cut: 'she always wanted to tell (age)',
  },
  {
    fact: 'does not cut it there sooner',
    heard: 'she always wanted to tell every guest| stories',
    waitingMs: 2_999,
    cut: '',
  },
  {
    fact: 'cuts what has waited far too long before a noun rather than inside one',
    heard: 'she always wanted to tell every guest room| stories',
    waitingMs: 4_000,
    cut: 'she always wanted to tell (age)',
  },
  {
    fact: 'cuts what has waited far too long anywhere',
    heard: 'we walked slowly home yesterday evening| singing',
    waitingMs: 4_000,
    cut: 'we walked slowly home yesterday evening (age)',
  },
  {
    fact: 'does not take an "and" between two words for a clause',
    heard: 'we bought a lot of bread and cheese|',
    cut: '',
  },
  {
    fact: 'does not cut by age inside a name or after an article',
    heard: 'please ask the Grand Central Hotel|',
    waitingMs: 9_000,
    cut: '',
  },
  {
    fact: 'does not take the dot of a title for an end',
    heard: 'I saw Mr. Smith| there',
    cut: '',
  },
  { fact: 'does not take an initial for an end', heard: 'I met J. Smith| there', cut: '' },
  {
    fact: 'does not cut inside a number',
    heard: 'it costs one hundred, twenty dollars| now',
    cut: '',
  },
  {
    fact: 'does not cut inside a term of the glossary',
    heard: 'we sell the quick connect, pro series| now',
    cut: '',
  },
  {
    fact: 'does not cut a verb-final language at a conjunction',
    heard: 'ich habe gestern lange und laut| gesungen',
    language: 'de',
    cut: '',
  },
  {
    fact: 'cuts a verb-final language at its commas',
    heard: 'ich habe gestern lange gewartet, weil er|',
    language: 'de',
    cut: 'ich habe gestern lange gewartet, (clause)',
  },
  {
    fact: 'lets a verb-final language wait longer',
    heard: 'wir sind gestern langsam nach Hause gegangen|',
    language: 'de',
    waitingMs: 4_000,
    cut: '',
  },
  {
    fact: 'knows the conjunctions of Spanish',
    heard: 'el tren sale muy temprano pero llegamos bien|',
    language: 'es',
    cut: 'el tren sale muy temprano (conjunction)',
  },
  {
    fact: 'cuts a language it knows nothing of at marks',
    heard: 'mi havas grandan domon, kaj vi|',
    language: 'eo',
    cut: 'mi havas grandan domon, (clause)',
  },
];

const SENTENCE: readonly Case[] = [
  { fact: 'cuts after a sentence', heard: 'I see it. And| then', cut: 'I see it. (sentence)' },
  { fact: 'cuts nowhere else', heard: 'When the bus comes, we go and sing|', silentMs: 1_500, cut: '' },
  { fact: 'takes the rest at the end', heard: 'and then', final: true, cut: 'and then (end)' },
];

const TURN: readonly Case[] = [
  { fact: 'cuts nowhere', heard: 'I see it. And then. There', silentMs: 5_000, waitingMs: 9_000, cut: '' },
  { fact: 'takes all at the end', heard: 'I see it. And then', final: true, cut: 'I see it. And then (end)' },
];

function cutOf(policy: PolicyName, { heard, language = 'en', ...known }: Case): string {
  const [before = '', after = ''] = heard.split('|');
  const tokens = tokensOf(`${before}${after}`, language);
  const view: CutView = {
    tokens,
    stable: tokensOf(before, language).length,
    final: false,
    guess: false,
    silentMs: 0,
    waitingMs: 0,
    ...known,
  };
  const cut = cutPolicy(policy, language, ['Quick Connect Pro']).next(view);
  return cut === undefined
    ? ''
    : `${tokens
        .slice(0, cut.length)
        .map(({ text }) => text)
        .join(' ')} (${cut.reason})`;
}

for (const [policy, cases] of [
  ['clause', CLAUSE],
  ['sentence', SENTENCE],
  ['turn', TURN],
] as const) {
  describe(`the policy "${policy}"`, () => {
    for (const each of cases) {
      it(each.fact, () => {
        assert.equal(cutOf(policy, each), each.cut);
      });
    }
  });
}
