/**
 * What people spell: letters one by one, and addresses as they are spoken ("at example dot com"). They are one thing
 * for translation, whatever pauses come between.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { LanguageRules } from './language-rules.ts';
import type { Token } from './tokens.ts';

/** Words of one letter; any other letter by itself is spelled. */
const LETTER_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    en: 'a i',
    es: 'a e o u y',
    fr: 'a à y ô l d',
    it: 'a e è i o',
    pt: 'a e é o à',
    ca: 'a e i o',
    gl: 'a e o',
    ro: 'a e o',
    nl: 'u',
    sv: 'i å ö',
    da: 'i å',
    nb: 'i å',
    pl: 'a i o u w z',
    cs: 'a i k o s u v z',
    sk: 'a i k o s u v z',
    sl: 'a k s v z o',
    hr: 'a i k o s u',
    sr: 'a i k o s u а и к о с у',
    bs: 'a i k o s u',
    ru: 'а в и к о с у я б ж',
    uk: 'а в з і й о у я є',
    bg: 'а в и с у я',
    mk: 'а и о в',
    be: 'а і з у я',
    hu: 'a ő s e',
    tr: 'o',
    el: 'ο η ή ω',
    lt: 'o',
    lv: 'u',
    et: '',
    fi: '',
    sq: 'e i u',
    cy: 'a i o y',
    vi: '',
    de: '',
    lb: '',
    af: '',
    is: 'á í',
    fo: 'á í',
    nn: 'i å',
    no: 'i å',
    id: '',
    ms: '',
    fil: '',
    tl: '',
    sw: '',
    eu: '',
    eo: '',
    az: 'o',
    kk: '',
    ky: '',
    mn: '',
    uz: 'u',
  }).map(([language, letters]) => [language, letters]),
);

/** Words for the dot, the @ and the strokes of an address. Most of them are nothing else in the middle of a phrase. */
const JOINERS: ReadonlySet<string> = new Set(
  `dot punto point punkt ponto punt punct pont piste nokta tečka bodka kropka pika точка крапка τελεία нүкте
  arroba arobase chiocciola apenstaartje klammeraffe snabela snabel alfakrøll zavináč kukac małpa собака ζαβινάκι afna
  underscore hyphen tiret tiretbas guion guión trattino hífen bindestrich unterstrich slash schrägstrich barra
  ドット アットマーク ハイフン 点 닷 골뱅이 점 نقطة نقطه डॉट एट चिह्न চিহ্ন จุด แอต chấm`.split(/\s+/),
);
/** These are something else too, and join only where a dot is near. */
const NEAR_DOT: ReadonlySet<string> = new Set('at minus dash bei ät a @ et'.split(' '));
/** Where an address ends as a rule. */
const ENDINGS: ReadonlySet<string> = new Set(
  'com org net edu gov info biz io eu de at ch fr es it pt nl be uk us se no dk fi pl cz hu tr ru ua gr jp cn kr in br mx ar'.split(
    ' ',
  ),
);
/** How far back a dot still belongs to the address, in words. */
const REACH = 3;

/** Whether the token at `at` is a spelled letter: no word of `language`, or one among spelled letters. */
export function isSpelledLetter(tokens: readonly Token[], at: number, language: Language): boolean {
  return (
    isForeignLetter(tokens[at], language) ||
    (isLetter(tokens[at]) &&
      (isForeignLetter(tokens[at - 1], language) || isForeignLetter(tokens[at + 1], language)))
  );
}

function isForeignLetter(token: Token | undefined, language: Language): boolean {
  const words = LETTER_WORDS.get(baseLanguage(language));
  return (
    isLetter(token) && (words?.split(' ').includes(token?.word ?? '') === false || isOtherScript(language))
  );
}

/** Whether a language is written in a script whose letters {@link isLetter} knows nothing of: Latin ones are spelled. */
function isOtherScript(language: Language): boolean {
  const base = baseLanguage(language);
  const known = otherScripts.get(base) ?? !LETTER_SCRIPTS.has(new Intl.Locale(base).maximize().script ?? '');
  otherScripts.set(base, known);
  return known;
}

const LETTER_SCRIPTS: ReadonlySet<string> = new Set(['Latn', 'Cyrl', 'Grek', '']);
const otherScripts = new Map<string, boolean>();

/** Scripts with letters for sounds; elsewhere one character is a word or a syllable. */
function isLetter(token: Token | undefined): boolean {
  return /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]\p{M}*$/u.test(token?.word ?? '');
}

/** Whether the end of `tokens` is within an address that has not come to its end. */
export function isAddressOpen(tokens: readonly Token[], rules: LanguageRules): boolean {
  const last = tokens.length - 1;
  if (!hasDot(tokens, last - REACH, last + 1, rules)) {
    return false;
  }
  return !(isJoiner(tokens, last - 1, rules) && ENDINGS.has(tokens[last]?.word ?? ''));
}

/** Whether a cut before `at` would be one in an address. */
export function isInsideAddress(tokens: readonly Token[], at: number, rules: LanguageRules): boolean {
  if (tokens[at - 1]?.mark === 'sentence') {
    return false;
  }
  for (const place of [at - 1, at]) {
    const word = tokens[place]?.word ?? '';
    if (isJoiner(tokens, place, rules)) {
      return true;
    }
    if (NEAR_DOT.has(word) && hasDot(tokens, place - REACH, place + REACH, rules)) {
      return true;
    }
  }
  return false;
}

function hasDot(tokens: readonly Token[], from: number, to: number, rules: LanguageRules): boolean {
  for (let at = Math.max(0, from); at < Math.min(tokens.length, to); at += 1) {
    if (isJoiner(tokens, at, rules)) {
      return true;
    }
  }
  return false;
}

/**
 * A word for a dot between two words; after an article it is a point, a dog or a monkey. What begins a segment goes on
 * with what was cut off before a pause.
 */
function isJoiner(tokens: readonly Token[], at: number, rules: LanguageRules): boolean {
  const before = tokens[at - 1];
  if (!JOINERS.has(tokens[at]?.word ?? '')) {
    return false;
  }
  if (before === undefined) {
    return tokens.length > 1;
  }
  return (
    before.mark === 'none' &&
    !rules.bound.has(before.word) &&
    !rules.numberWords.has(before.word) &&
    !/\p{N}/u.test(before.word)
  );
}
