/** Which languages a configuration is about, and which of them must become which. */

import type { Language } from '../../base/language.ts';
import { languagesOfRoom } from '../../call/seating/extension-seating.ts';
import type { InterpretingSettings } from './interpreting-settings.ts';

/** What is said in `from` is heard in `to`. */
export interface Direction {
  readonly from: Language;
  readonly to: Language;
}

/** `en es`; for maps. */
export function keyOf({ from, to }: Direction): string {
  return `${from} ${to}`;
}

type Spoken = Pick<InterpretingSettings, 'listen' | 'languages' | 'extensions' | 'tryPage' | 'mode'>;

/** Every direction that is translated, once each; none in passthrough. */
export function directionsOf({ mode, ...spoken }: Spoken): readonly Direction[] {
  if (mode === 'passthrough') {
    return [];
  }
  const directions = new Map<string, Direction>();
  for (const languages of meetings(spoken)) {
    for (const from of mode === 'unidirectional' ? languages.slice(0, 1) : languages) {
      for (const to of languages) {
        if (from !== to) {
          directions.set(keyOf({ from, to }), { from, to });
        }
      }
    }
  }
  return [...directions.values()];
}

/** Every language that is spoken on some call. */
export function languagesOf(spoken: Omit<Spoken, 'mode'>): ReadonlySet<Language> {
  return new Set(meetings(spoken).flat());
}

/**
 * Languages that meet on some call. One language of a listener meets those of all calls, and the page leads into every
 * room, in any language that there is.
 */
function meetings({
  listen,
  languages,
  extensions,
  tryPage,
}: Omit<Spoken, 'mode'>): readonly (readonly Language[])[] {
  const rooms = new Set([...extensions.values()].map(({ room }) => room));
  const met = [
    ...listen.map((door) => (door.languages.length > 1 ? door.languages : languages)),
    ...[...rooms].map((room) => languagesOfRoom(extensions, room)),
  ];
  return tryPage ? [...met, [...new Set(met.flat())]] : met;
}
