/**
 * What a call that enters the application is to be, by what the dialplan gave to `Stasis()` and by what was dialled:
 *
 *   Stasis(dragoman,en)                        the dialled extension is one of --extensions, which has the language too
 *   Stasis(dragoman,en,room,sales)             it joins a room and speaks English there
 *   Stasis(dragoman,en,call,PJSIP/bob,fr[,30]) it rings Bob, who speaks French, for 30 s
 */

import type { Language } from '../../../base/language.ts';
import { languageAmong } from '../../../base/language.ts';
import { type Extensions, isRoomName } from '../../../call/seating/extension-seating.ts';

export type StasisWords =
  | { readonly type: 'extension'; readonly extension: string }
  | { readonly type: 'room'; readonly language: Language; readonly room: string }
  | {
      readonly type: 'call';
      readonly language: Language;
      /** `PJSIP/bob`. It is personal. */
      readonly endpoint: string;
      readonly calleeLanguage: Language;
      readonly ringS: number;
    }
  /** Why it is none of these. `explanation` names nothing that was dialled. */
  | { readonly type: 'wrong'; readonly explanation: string };

/** What is set up here. */
export interface StasisSetUp {
  readonly extensions: Extensions;
  /** What may be spoken. */
  readonly languages: ReadonlySet<Language>;
}

/** How long a phone rings unless the dialplan says otherwise, in s. */
const RING_S = 30;
const LONGEST_RING_S = 600;

/** @param dialled the extension of the dialplan that the call came by. */
export function stasisWords(args: readonly string[], dialled: string, setUp: StasisSetUp): StasisWords {
  const [first = '', what = '', ...rest] = args.map((arg) => arg.trim());
  if (what === '') {
    return byExtension(dialled, first, setUp);
  }
  const language = languageAmong(first, setUp.languages);
  if (language === undefined) {
    return wrong(unspoken('what it is given first', setUp));
  }
  switch (what) {
    case 'room':
      return inRoom(language, rest);
    case 'call':
      return toEndpoint(language, rest, setUp);
    default:
      return wrong('after the language it knows "room" and "call": write Stasis(dragoman,en,room,sales)');
  }
}

function byExtension(dialled: string, language: string, { extensions }: StasisSetUp): StasisWords {
  const known = extensions.get(dialled);
  if (known === undefined) {
    return wrong(
      'what was dialled is none of --extensions: add it there, or write Stasis(dragoman,en,room,sales) in its dialplan',
    );
  }
  return language === '' || languageAmong(language, [known.language]) !== undefined
    ? { type: 'extension', extension: dialled }
    : wrong(
        `--extensions says that ${known.language} is spoken by who dials it, and Stasis() says otherwise: mend one of the two`,
      );
}

function inRoom(language: Language, [room = '']: readonly string[]): StasisWords {
  return isRoomName(room)
    ? { type: 'room', language, room }
    : wrong('a room has a name of letters, digits, - and _: write Stasis(dragoman,en,room,sales)');
}

function toEndpoint(
  language: Language,
  [endpoint = '', second = '', ring = '']: readonly string[],
  setUp: StasisSetUp,
): StasisWords {
  const calleeLanguage = languageAmong(second, setUp.languages);
  const ringS = ring === '' ? RING_S : Number(ring);
  if (!/^[^/\s]+\/\S+$/.test(endpoint)) {
    return wrong('whom to call is missing: write Stasis(dragoman,en,call,PJSIP/bob,fr)');
  }
  if (calleeLanguage === undefined) {
    return wrong(unspoken('what who is called speaks', setUp));
  }
  if (!Number.isInteger(ringS) || ringS < 1 || ringS > LONGEST_RING_S) {
    return wrong(`how long it rings is a number of seconds from 1 to ${LONGEST_RING_S}`);
  }
  return { type: 'call', language, endpoint, calleeLanguage, ringS };
}

function unspoken(what: string, { languages }: StasisSetUp): string {
  return `${what} is no language that is set up here (${[...languages].join(', ')}): write one of these, or add it`;
}

function wrong(explanation: string): StasisWords {
  return { type: 'wrong', explanation };
}
