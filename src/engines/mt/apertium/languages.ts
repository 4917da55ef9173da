/**
 * Language codes as Apertium writes them: its pairs are named with ISO 639-3 codes (`eng-spa`), older ones with
 * ISO 639-1 (`en-gl`), and a region or variant comes after an underscore (`spa-eng_US`).
 */

import { baseLanguage, type Language, languageParts } from '../../../base/language.ts';

/** ISO 639-1 to the ISO 639-3 code of Apertium's pairs, which have one Serbo-Croatian and one Malay. */
const LONG_CODES: ReadonlyMap<string, string> = new Map(
  `
  af afr, an arg, ar ara, av ava, az aze, ba bak, be bel, bg bul, bn ben, br bre, bs hbs, ca cat, co cos, cs ces, cv chv,
  cy cym, da dan, de deu, el ell, en eng, eo epo, es spa, et est, eu eus, fa pes, fi fin, fo fao, fr fra, ga gle, gd gla,
  gl glg, gu guj, gv glv, he heb, hi hin, hr hbs, hu hun, hy hye, id ind, is isl, it ita, ja jpn, jv jav, ka kat, kk kaz,
  kok gom, ku kmr,
  ko kor, ky kir, lb ltz, lt lit, lv lav, mk mkd, ml mal, mn khk, mr mar, ms zlm, mt mlt, nb nob, ne nep, nl nld, nn nno,
  no nob, oc oci, pa pan, pl pol, pt por, ro ron, ru rus, sc srd, se sme, sk slk, sl slv, sn sna, sq sqi, sr hbs, sv swe,
  sw swa, ta tam, te tel, tg tgk, th tha, tk tuk, tr tur, tt tat, ug uig, uk ukr, ur urd, uz uzb, vi vie, xh xho, zh zho,
  zu zul
  `
    .split(',')
    .map((row): [string, string] => {
      const [short = '', long = ''] = row.trim().split(' ');
      return [short, long];
    }),
);

/** The variety that a target of Serbo-Croatian is written in. */
const VARIETIES: ReadonlyMap<string, string> = new Map([
  ['bs', 'BS'],
  ['hr', 'HR'],
  ['sr', 'SR'],
]);

/** Every name a language may have in a mode, the best first: `por_BR`, `pt_BR`, `por`, `pt` for `pt-BR`. */
export function apertiumNames(language: Language): readonly string[] {
  const base = baseLanguage(language);
  const codes = [LONG_CODES.get(base), base].filter((code) => code !== undefined);
  const variety = VARIETIES.get(base) ?? languageParts(language).region;
  return variety === undefined ? codes : [...codes.map((code) => `${code}_${variety}`), ...codes];
}
