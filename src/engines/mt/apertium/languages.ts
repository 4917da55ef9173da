/**
 * Language codes as Apertium writes them: its pairs are named with ISO 639-3 codes (`eng-spa`), older ones with
 * ISO 639-1 (`en-gl`), and a region or variant comes after an underscore (`spa-eng_US`).
 */

import { baseLanguage, type Language } from '../../../base/language.ts';

/** ISO 639-1 to the ISO 639-3 code of Apertium's pairs. */
const LONG_CODES: ReadonlyMap<string, string> = new Map([
  ['af', 'afr'],
  ['an', 'arg'],
  ['ar', 'ara'],
  ['be', 'bel'],
  ['bg', 'bul'],
  ['br', 'bre'],
  // Apertium writes one Serbo-Croatian.
  ['bs', 'hbs'],
  ['ca', 'cat'],
  ['cy', 'cym'],
  ['da', 'dan'],
  ['de', 'deu'],
  ['en', 'eng'],
  ['eo', 'epo'],
  ['es', 'spa'],
  ['eu', 'eus'],
  ['fi', 'fin'],
  ['fr', 'fra'],
  ['ga', 'gle'],
  ['gd', 'gla'],
  ['gl', 'glg'],
  ['hi', 'hin'],
  ['hr', 'hbs'],
  ['id', 'ind'],
  ['is', 'isl'],
  ['it', 'ita'],
  ['kk', 'kaz'],
  ['mk', 'mkd'],
  ['ms', 'zlm'],
  ['mt', 'mlt'],
  ['nb', 'nob'],
  ['nl', 'nld'],
  ['nn', 'nno'],
  ['no', 'nob'],
  ['oc', 'oci'],
  ['pl', 'pol'],
  ['pt', 'por'],
  ['ro', 'ron'],
  ['ru', 'rus'],
  ['sc', 'srd'],
  ['sl', 'slv'],
  ['sr', 'hbs'],
  ['sv', 'swe'],
  ['tr', 'tur'],
  ['tt', 'tat'],
  ['uk', 'ukr'],
  ['ur', 'urd'],
]);

/** Every name a language may have in a mode, the best first: `por_BR`, `pt_BR`, `por`, `pt` for `pt-BR`. */
export function apertiumNames(language: Language): readonly string[] {
  const base = baseLanguage(language);
  const codes = [LONG_CODES.get(base), base].filter((code) => code !== undefined);
  const region = language.split('-')[1];
  return region === undefined ? codes : [...codes.map((code) => `${code}_${region}`), ...codes];
}
