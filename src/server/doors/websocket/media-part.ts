/**
 * `/media`: channels of Asterisk's chan_websocket, seated by what the dialplan has set on them: `DRAGOMAN_EXTENSION`,
 * or `DRAGOMAN_ROOM` and `DRAGOMAN_LANG`, or `DRAGOMAN_LEG` alone, a UUID as AudioSocket has it; and
 * `DRAGOMAN_VOICE`. With the same `DRAGOMAN_LEG` a channel is the same party again.
 */

import { randomUUID } from 'node:crypto';
import { AppError } from '../../../base/errors.ts';
import { type Language, languageAmong } from '../../../base/language.ts';
import { isVoiceName, MOST_VOICE_CHARACTERS } from '../../../call/plan.ts';
import { isRoomName, placeInRoom } from '../../../call/seating/extension-seating.ts';
import type { ArrivalFacts } from '../../../call/seating/seating.ts';
import { formatUuid, parseUuid } from '../../../protocol/audiosocket/kinds.ts';
import { tooMany } from './gateway-part.ts';
import { MediaTransport } from './media-transport.ts';
import type { PartOpener } from './websocket-door.ts';

export interface MediaPartOptions {
  /** See `DoorFacts`. */
  readonly languages: readonly Language[];
  /** What may be spoken in rooms. */
  readonly inRooms: readonly Language[];
  /** How long the place of a party that lost its channel is kept, in ms. */
  readonly rejoinMs: number;
}

export function mediaPart({ languages, inRooms, rejoinMs }: MediaPartOptions): PartOpener {
  return ({ switchboard, clock }) => {
    const door = { name: 'websocket /media', languages, rejoinMs };
    const factsOf = (variables: ReadonlyMap<string, string>): ArrivalFacts => factsIn(variables, inRooms);
    return {
      sockets: [
        {
          path: '/media',
          protocol: 'media',
          turned: () => tooMany(switchboard.full),
          // Asterisk may send sound before it says who it is.
          begunBy: () => 'text',
          accept: (socket) => switchboard.accept(new MediaTransport(socket, { clock, factsOf }), door),
        },
      ],
    };
  };
}

/** Who a channel is, by its variables. @throws AppError `wire-bad-message` when one cannot be what it says. */
function factsIn(variables: ReadonlyMap<string, string>, languages: readonly Language[]): ArrivalFacts {
  const written = (name: string): string | undefined => variables.get(name) || undefined;
  const bytes = parseUuid(written('DRAGOMAN_LEG') ?? '');
  const extension = written('DRAGOMAN_EXTENSION');
  const room = written('DRAGOMAN_ROOM');
  const language = written('DRAGOMAN_LANG');
  const voice = written('DRAGOMAN_VOICE');
  if (voice !== undefined && !isVoiceName(voice)) {
    throw new AppError(
      'wire-bad-message',
      `DRAGOMAN_VOICE is no name of a voice: it has at most ${MOST_VOICE_CHARACTERS} characters and no control characters`,
    );
  }
  const known = bytes === undefined ? {} : { uuid: formatUuid(bytes) };
  const spoken = voice === undefined ? {} : { voice };
  if (room !== undefined && language !== undefined) {
    if (!isRoomName(room)) {
      throw new AppError('wire-bad-message', 'DRAGOMAN_ROOM is not 1 to 40 letters, digits, "-" and "_"');
    }
    const uuid = known.uuid ?? randomUUID();
    const place = placeInRoom(room, uuid, languageIn(language, languages), languages);
    return { uuid, place: { ...place, party: { ...place.party, ...spoken } } };
  }
  return extension === undefined
    ? { ...known, ...spoken }
    : { uuid: known.uuid ?? randomUUID(), extension, ...spoken };
}

function languageIn(written: string, languages: readonly Language[]): Language {
  const language = languageAmong(written, languages);
  if (language === undefined) {
    const known = languages.join(', ');
    throw new AppError(
      'wire-bad-message',
      `DRAGOMAN_LANG is none of what is set up here (${known}): write one, or add it`,
    );
  }
  return language;
}
