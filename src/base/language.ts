/**
 * Languages as the operator writes them: BCP 47 tags (`en`, `pt-BR`, `zh-Hans`, `es-419`, `sr-Latn`), brought into
 * their canonical form by ICU. Engines map these to their own names from the parts of a tag.
 */

import { AppError } from './errors.ts';

/** A canonical language tag: lower-case language, optional script in title case, optional upper-case region. */
export type Language = string;

/** What the two parties of a call speak. */
export interface LanguagePair {
  readonly first: Language;
  readonly second: Language;
}

/** What a tag says. */
export interface LanguageParts {
  readonly base: string;
  /** As written, or as the language and region are usually written: `Hant` for `zh-TW`. */
  readonly script: string | undefined;
  /** Only as written: `BR`, `419`. */
  readonly region: string | undefined;
}

/** A script is part of what an engine needs to know only where one language is written in several. */
const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-(?:[A-Za-z]{2}|\d{3}))?$/;
/**
 * What a locale of an operating system says beyond its language, and variants of BCP 47, which no engine tells apart.
 */
const BEYOND = /(?:[.@][\w-]*|(?:-(?:[A-Za-z\d]{5,8}|\d[A-Za-z\d]{3}))+|-[A-Za-z]-[\w-]+)$/;

/** Scripts as the locales of operating systems name them: "sr_RS@latin". */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['latin', 'Latn'],
  ['cyrillic', 'Cyrl'],
  ['devanagari', 'Deva'],
  ['arabic', 'Arab'],
]);
/** Tags that ICU does not read, most of them older than BCP 47, by what they are now. */
const OLD_TAGS: ReadonlyMap<string, string> = new Map([
  ['no-bok', 'nb'],
  ['no-nyn', 'nn'],
  ['i-hak', 'hak'],
  ['i-lux', 'lb'],
  ['i-navajo', 'nv'],
  ['i-klingon', 'tlh'],
  ['art-lojban', 'jbo'],
  ['zh-min-nan', 'nan'],
  ['en-gb-oed', 'en-GB'],
  ['zh-chs', 'zh-Hans'],
  ['zh-cht', 'zh-Hant'],
]);
/** A language that is written behind the one it is counted to, "zh-yue", is a language by itself. */
const EXTENDED =
  /^(?:zh-(?=(?:cmn|yue|nan|hak|wuu|gan|hsn|cjy|mnp)(?:-|$))|ar-(?=(?:arb|arz|apc|ajp|ary|acm|afb|aeb|arq)(?:-|$)))/i;

/** No tag is longer, with all that a locale says beyond its language. */
const MOST_TAG = 40;

/** Codes of countries that are taken for those of their languages, none of them a language. */
const COUNTRY_CODES: ReadonlyMap<string, string> = new Map([
  ['al', 'sq'],
  ['by', 'be'],
  ['cn', 'zh'],
  ['cz', 'cs'],
  ['dk', 'da'],
  ['ge', 'ka'],
  ['gr', 'el'],
  ['il', 'he'],
  ['ir', 'fa'],
  ['jp', 'ja'],
  ['kz', 'kk'],
  ['ph', 'fil'],
  ['rs', 'sr'],
  ['ua', 'uk'],
  ['vn', 'vi'],
]);
/** Regions that have another code than people think. */
const REGIONS: ReadonlyMap<string, string> = new Map([['UK', 'GB']]);

/** What was written and read before: asking ICU takes 0.1 ms, and calls name the same few. The oldest is forgotten. */
const read = new Map<string, Language>();
const MOST_READ = 200;

/** @throws AppError `bad-option` when `text` is no language tag, with what was meant where that is plain. */
export function parseLanguage(text: string): Language {
  const known = read.get(text);
  if (known !== undefined) {
    return known;
  }
  const language = parsed(text);
  if (text.length <= MOST_TAG) {
    read.set(text, language);
  }
  const [oldest] = read.keys();
  if (read.size > MOST_READ && oldest !== undefined) {
    read.delete(oldest);
  }
  return language;
}

function parsed(text: string): Language {
  const written = tagIn(text);
  if (!LANGUAGE.test(written)) {
    const known = codeCalled(text.trim());
    const hint =
      known === undefined ? 'write a code such as en, es, pt-BR or zh-Hans' : `write a code: ${known}`;
    throw new AppError('bad-option', `"${text}" is not a language: ${hint}`);
  }
  const [base = '', ...rest] = written.split('-');
  const region = rest.at(-1)?.toUpperCase() ?? '';
  const meant = REGIONS.get(region);
  if (meant !== undefined) {
    throw new AppError('bad-option', `"${text}" is not a language: write ${base.toLowerCase()}-${meant}`);
  }
  // "en-EN" is nobody's: ICU names what is a region.
  if (region === base.toUpperCase() && /^[A-Z]{2}$/.test(region) && !isRegion(region)) {
    throw new AppError('bad-option', `"${text}" is not a language: write ${base.toLowerCase()}`);
  }
  const language = COUNTRY_CODES.get(base.toLowerCase()) ?? base;
  return canonical([language, ...rest].join('-')) ?? written.toLowerCase();
}

/** What of `text` may be a tag, without what engines do not tell apart. */
function tagIn(text: string): string {
  const named = text.trim().replaceAll('_', '-');
  const old = OLD_TAGS.get(named.toLowerCase());
  if (old !== undefined) {
    return old;
  }
  const [tag = '', modifier = ''] = named.split('@');
  const script = SCRIPTS.get(modifier.toLowerCase());
  const plain = tag.replace(BEYOND, '').replace(EXTENDED, '');
  return script === undefined ? plain : plain.replace(/^([A-Za-z]{2,3})(?=-[A-Za-z]{2}$|$)/, `$1-${script}`);
}

/**
 * Which of `languages` somebody means who is not asked again: a region may be left out; undefined: none. Unlike
 * {@link parseLanguage} it looks for no hint, which takes 20 to 50 ms, so a stranger may say anything.
 */
export function languageAmong(text: string, languages: Iterable<Language>): Language | undefined {
  if (text.length > MOST_TAG || !LANGUAGE.test(tagIn(text))) {
    return undefined;
  }
  let language: Language;
  try {
    language = parseLanguage(text);
  } catch {
    return undefined;
  }
  const known = [...languages];
  return known.find((each) => each === language) ?? known.find((each) => each.startsWith(`${language}-`));
}

function isRegion(code: string): boolean {
  return new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code) !== undefined;
}

/** The code of the language that English, or the language itself, calls so. */
function codeCalled(name: string): string | undefined {
  const called = name.toLowerCase();
  const english = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  for (const first of 'abcdefghijklmnopqrstuvwxyz') {
    for (const second of 'abcdefghijklmnopqrstuvwxyz') {
      const code = first + second;
      const known = english.of(code);
      const own =
        known === undefined
          ? undefined
          : new Intl.DisplayNames(code, { type: 'language', fallback: 'none' }).of(code);
      if (known?.toLowerCase() === called || own?.toLowerCase() === called) {
        return Intl.getCanonicalLocales(code)[0];
      }
    }
  }
  return undefined;
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch (error) {
    throw new AppError(
      'bad-option',
      `"${tag}" is not a language: write a code such as en, es or pt-BR`,
      error,
    );
  }
}

/** What `language` says, with the script that it is written in where it does not say it. */
export function languageParts(language: Language): LanguageParts {
  const locale = new Intl.Locale(language);
  return { base: locale.language, script: locale.maximize().script, region: locale.region };
}

/** @throws AppError `bad-option` when `text` is not `first:second`. */
export function parseLanguagePair(text: string): LanguagePair {
  const [first, second, ...rest] = text.split(':');
  if (first === undefined || second === undefined || rest.length > 0) {
    throw new AppError(
      'bad-option',
      `"${text}" is not a language pair: write two codes with a colon, such as en:es`,
    );
  }
  return { first: parseLanguage(first), second: parseLanguage(second) };
}

/** The language without its region: `pt` of `pt-BR`. */
export function baseLanguage(language: Language): string {
  return language.split('-')[0] ?? language;
}
