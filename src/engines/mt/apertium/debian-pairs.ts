/**
 * The translation pairs that Debian 12 packages, so that an operator is told to install only what there is.
 * Source: `apt-cache search '^apertium-'`, transitional packages left out.
 */

import type { Language } from '../../../base/language.ts';
import { apertiumNames } from './languages.ts';

const PAIRS: ReadonlySet<string> = new Set([
  ...[
    'afr-nld',
    'arg-cat',
    'bel-rus',
    'br-fr',
    'cat-ita',
    'cat-srd',
    'dan-nor',
    'en-gl',
    'eng-cat',
    'eng-spa',
  ],
  ...['eo-ca', 'eo-en', 'eo-es', 'eo-fr', 'es-gl', 'es-pt', 'es-ro', 'eu-en', 'eu-es', 'fr-es', 'fra-cat'],
  ...['hbs-eng', 'hbs-mkd', 'hbs-slv', 'ind-zlm', 'isl-eng', 'isl-swe', 'mkd-bul', 'mkd-eng', 'nno-nob'],
  ...['oc-ca', 'oc-es', 'oci-fra', 'por-cat', 'pt-gl', 'rus-ukr', 'spa-arg'],
]);

/** The package that holds the pair, whichever direction is wanted; some hold only one direction. */
export function debianPackage(from: Language, to: Language): string | undefined {
  for (const source of apertiumNames(from)) {
    for (const target of apertiumNames(to)) {
      const pair = [`${source}-${target}`, `${target}-${source}`].find((name) => PAIRS.has(name));
      if (pair !== undefined) {
        return `apertium-${pair}`;
      }
    }
  }
  return undefined;
}
