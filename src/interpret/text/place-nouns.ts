/**
 * What a number with a full stop is no amount and no date after: a place in a text, a version. "Version 3.10" comes after
 * "3.9", and "Kapitel 3.4." is not the third of April.
 */

const NOUNS =
  'versions?|versión|versão|versione|versie|verze|wersj[aię]|версі[яї]|версия|release|build|chapters?|kapitel|kapitola|kapitole|capítulo|chapitre|' +
  'capitolo|hoofdstuk|rozdział|sections?|abschnitt|sección|seção|sezione|sectie|avsnitt|afsnit|oddíl|articles?|artikel|' +
  'artículo|artigo|articolo|článek|punkt|punto|ponto|paragraf|paragraph|absatz|ziffer|nummer|nr|č|no|nº|v';

/** The longest of them, with what may stand behind it, in characters. */
export const LONGEST_PLACE = 16;

/** Matches what ends with one of them. */
export const AFTER_PLACE = new RegExp(`(?:(?<!\\p{L})(?:${NOUNS})\\.?|§)\\s?$`, 'iu');
