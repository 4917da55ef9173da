/**
 * Who takes part in a call that we make: as the operator asks for them, and under the UUIDs that a dialplan would
 * write, so that a server seats them as it would seat the legs of an Asterisk.
 */

import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import { baseLanguage, type Language, parseLanguage } from '../base/language.ts';
import { agentCallId } from '../call/seating/agent-seating.ts';
import { idOfPlace } from '../call/seating/seating.ts';
import { formatUuid } from '../protocol/audiosocket/kinds.ts';

export interface CallParty {
  /** For people: `a`, `b` … */
  readonly name: string;
  /** What the server calls it. */
  readonly id: string;
  readonly uuid: string;
  /** What it speaks, where that was said. */
  readonly language: Language | undefined;
  /** What it says: files, one after the other. */
  readonly wavs: readonly string[];
}

/** What the operator writes; the first two are a short form of the third, where the server knows the languages. */
export interface WrittenParties {
  readonly a?: readonly string[];
  readonly b?: readonly string[];
  /** `language`, or `language=file,...`. */
  readonly party?: readonly string[];
  readonly room?: string;
}

/** Parties that the last digit of a UUID tells apart. */
const MOST_BY_SUFFIX = 16;
/** Parties that letters name. */
const MOST_IN_ROOM = 26;
/** Of the UUID of a party in a room: the rest is its language, in two letters, and itself, in 4 bytes. */
const ROOM_DIGITS = 20;
const PARTY_BYTES = 4;

/** The parties, and what the server will call their call. @throws AppError `bad-option`. */
export function callParties(written: WrittenParties): {
  readonly callId: string;
  readonly parties: readonly CallParty[];
} {
  const wanted = wantedParties(written);
  if (written.room === undefined) {
    const callId = formatUuid(randomBytes(16)).slice(0, -1);
    const parties = wanted.map((party, place) => {
      const name = idOfPlace(place);
      return { ...party, name, id: name, uuid: `${callId}${place.toString(16)}` };
    });
    const [first, ...others] = parties;
    const isAlone = first !== undefined && others.length === 0;
    return { callId: isAlone ? agentCallId(first.uuid) : callId, parties };
  }
  const callId = createHash('md5').update(written.room).digest('hex').slice(0, ROOM_DIGITS);
  const parties = wanted.map((party, place) => {
    const id = randomBytes(PARTY_BYTES).toString('hex');
    const digits = `${callId}${lettersOf(party.language)}${id}`;
    return { ...party, name: idOfPlace(place), id, uuid: formatUuid(Buffer.from(digits, 'hex')) };
  });
  return { callId, parties };
}

type Wanted = Pick<CallParty, 'language' | 'wavs'>;

function wantedParties({ a, b, party, room }: WrittenParties): readonly Wanted[] {
  if (party === undefined) {
    if (a === undefined) {
      throw new AppError(
        'bad-option',
        'nobody says anything: write --a file.wav, or --party en=file.wav --party es',
      );
    }
    if (room !== undefined) {
      throw new AppError(
        'bad-option',
        '--room: a room needs languages: write --party en=file.wav --party es',
      );
    }
    return [
      { language: undefined, wavs: a },
      { language: undefined, wavs: b ?? [] },
    ];
  }
  if (a !== undefined || b !== undefined) {
    throw new AppError(
      'bad-option',
      '--a and --b are the two parties of a call: write them, or --party for each',
    );
  }
  // Who comes alone is answered by a voice agent, and in a room by nobody.
  const [least, most] = room === undefined ? [1, MOST_BY_SUFFIX] : [2, MOST_IN_ROOM];
  if (party.length < least || party.length > most) {
    throw new AppError(
      'bad-option',
      `--party: a call has ${least} to ${most} parties, and ${party.length} are written`,
    );
  }
  return party.map(parseParty);
}

/** A file may hold "=" itself. */
function parseParty(text: string): Wanted {
  const [language = '', ...files] = text.split('=');
  const wavs = files
    .join('=')
    .split(',')
    .filter((file) => file !== '');
  return { language: parseLanguage(language), wavs };
}

/** `656e` of `en`. @throws AppError `bad-option` for a language that two letters do not name. */
function lettersOf(language: Language | undefined): string {
  const letters = baseLanguage(language ?? '');
  if (letters.length !== 2) {
    throw new AppError(
      'bad-option',
      `--party ${letters}: the UUID of a party in a room has two letters for its language: ` +
        'leave --room out and give each party its place',
    );
  }
  return Buffer.from(letters, 'latin1').toString('hex');
}
