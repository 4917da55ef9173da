/**
 * English that is no more than well formed: clauses of 3 to 8 words made of a few words per role, joined by commas and
 * conjunctions, with numbers, names and amounts as recognition writes them. What they mean does not matter; where one
 * may cut them does.
 */

import type { Random } from './random.ts';

const SUBJECTS = ['I', 'we', 'they', 'you', 'Maria', 'Mr. Keller', 'Anna Novak', 'the driver', 'our office'];
const VERBS = ['need', 'found', 'ordered', 'checked', 'moved', 'expect', 'booked', 'sent', 'lost', 'want'];
const DETERMINERS = ['the', 'a', 'this', 'your', 'my', 'another'];
const ADJECTIVES = ['small', 'green', 'broken', 'second', 'heavy', 'late', 'quiet', 'new'];
const NOUNS = [
  'room',
  'ticket',
  'parcel',
  'invoice',
  'window',
  'doctor',
  'station',
  'table',
  'letter',
  'garden',
  'meeting',
  'number',
];
const PREPOSITIONS = ['near', 'for', 'from', 'with', 'under', 'behind'];
const ADVERBS = ['yesterday', 'tomorrow', 'again', 'later', 'today', 'early'];
const COUNTS = ['twenty three', 'four hundred', 'seven', 'thirty five', 'two'];
const TIMES = ['at 4 15 pm', 'at 9 30 am', 'at 11 20 am'];
const AMOUNTS = ['$ 1,250', '$ 480', '$ 36'];
/** Between clauses of one sentence, beside a comma alone. */
const CONJUNCTIONS = ['and', 'because', 'but', 'which', 'so'];

/** Words said instead of the right one when recognition is not sure yet. */
export const MISHEARD = [...NOUNS, ...ADJECTIVES, ...ADVERBS];

/** One clause of `words` words, 3 to 8, in lower case but for names, without marks. */
export function clauseOf(words: number, random: Random): readonly string[] {
  const subject = random.pick(SUBJECTS).split(' ');
  const said = [...subject, random.pick(VERBS)];
  const rest = words - said.length;
  return [...said, ...objectOf(rest, random)].slice(0, Math.max(words, said.length));
}

/** What follows the verb: `words` words, 1 or more. */
function objectOf(words: number, random: Random): readonly string[] {
  const special = random.unit();
  if (words >= 5 && special < 0.12) {
    return [...objectOf(words - 4, random), ...random.pick(TIMES).split(' ')];
  }
  if (words >= 4 && special < 0.2) {
    return [...objectOf(words - 3, random), 'for', ...random.pick(AMOUNTS).split(' ')];
  }
  if (words >= 2 && special < 0.35) {
    const count = random.pick(COUNTS).split(' ');
    const counted = [...count.slice(0, words - 1), `${random.pick(NOUNS)}s`];
    return [...counted, ...tailOf(words - counted.length, random)];
  }
  if (words === 1) {
    return [random.pick(ADVERBS)];
  }
  const adjective = words === 3 || (words > 3 && random.chance(0.4)) ? [random.pick(ADJECTIVES)] : [];
  const object = [random.pick(DETERMINERS), ...adjective, random.pick(NOUNS)];
  return [...object, ...tailOf(words - object.length, random)];
}

/** What follows the object: `words` words, 0 or more. */
function tailOf(words: number, random: Random): readonly string[] {
  if (words <= 0) {
    return [];
  }
  if (words < 3) {
    return Array.from({ length: words }, () => random.pick(ADVERBS));
  }
  const phrase = [random.pick(PREPOSITIONS), random.pick(DETERMINERS), random.pick(NOUNS)];
  return [...phrase, ...tailOf(words - phrase.length, random)];
}

/** One sentence with its marks: clauses joined by a comma, a conjunction, or both. Each clause is a list of words. */
export function sentenceOf(clauseWords: readonly number[], random: Random): readonly (readonly string[])[] {
  const clauses = clauseWords.map((words, index) => {
    const clause = [...clauseOf(words, random)];
    if (index > 0 && random.chance(0.6)) {
      clause.unshift(random.pick(CONJUNCTIONS));
    }
    return clause;
  });
  return clauses.map((clause, index) => {
    const next = clauses[index + 1]?.[0];
    const joined = next !== undefined && CONJUNCTIONS.includes(next);
    // Before a conjunction a comma comes half of the time; without one it is what separates the clauses.
    const comma = joined ? random.chance(0.5) : true;
    const mark = index === clauses.length - 1 ? (random.chance(0.15) ? '?' : '.') : comma ? ',' : '';
    const marked = clause.map((word, at) => (at === clause.length - 1 ? word + mark : word));
    return index === 0 ? marked.map((word, at) => (at === 0 ? capital(word) : word)) : marked;
  });
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
