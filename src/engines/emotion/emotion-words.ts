/**
 * Which of the many names for what is heard in a voice become a word that an engine of speech can do something with. The
 * others become none: a voice that is not told anything is never wrong.
 */

/** By the name that a provider may give it. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['amusement', 'amused'],
  ['anger', 'angry'],
  ['anxiety', 'worried'],
  ['calmness', 'calm'],
  ['disappointment', 'disappointed'],
  ['distress', 'upset'],
  ['eagerness', 'eager'],
  ['enthusiasm', 'excited'],
  ['excitement', 'excited'],
  ['fear', 'scared'],
  ['feeling upset', 'upset'],
  ['frustration', 'frustrated'],
  ['joy', 'happy'],
  ['relief', 'relieved'],
  ['sadness', 'sad'],
  ['surprise (negative)', 'surprised'],
  ['surprise (positive)', 'surprised'],
  ['tiredness', 'tired'],
]);

/** Less likely is none. */
const LEAST_PROBABILITY = 0.5;

/** How likely it is that people would hear something in a voice, 0 to 1. */
export interface HeardExpression {
  readonly name: string;
  readonly probability: number;
}

/** The word for the likeliest of them; undefined when that is none in particular. */
export function emotionWord(expressions: readonly HeardExpression[]): string | undefined {
  const likeliest = expressions.reduce<HeardExpression | undefined>(
    (best, each) => (best !== undefined && best.probability >= each.probability ? best : each),
    undefined,
  );
  return likeliest === undefined || likeliest.probability < LEAST_PROBABILITY
    ? undefined
    : WORDS.get(likeliest.name);
}
