/**
 * `/try`: a page by which two browsers talk to each other, and its way in. Who joins a room in a language meets all
 * others who come into it, by whatever door. The page hears who is there and, where captions are shared, what is
 * said.
 */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { CallEvent } from '../../../call/call-events.ts';
import { isRoomName, placeInRoom } from '../../../call/seating/extension-seating.ts';
import { formatUuid, parseUuid } from '../../../protocol/audiosocket/kinds.ts';
import { tooMany } from './gateway-part.ts';
import { type GatewayBeginning, GatewayTransport } from './gateway-transport.ts';
import type { PartOpener } from './websocket-door.ts';
import type { Page, SocketRequest, Turned } from './websocket-listener.ts';

const RATE_HZ = 16_000;

/** Nothing but what is here, and a connection to here; only its own microphone. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
};

const FILES = [
  ['page.css', 'text/css; charset=utf-8'],
  ['page.mjs', 'text/javascript; charset=utf-8'],
  ['sound.mjs', 'text/javascript; charset=utf-8'],
] as const;

export interface TryPartOptions {
  /** Those to choose from. */
  readonly languages: readonly Language[];
  /** Whether what is said is told as text, too. */
  readonly captions: boolean;
  /** How long the place of a page that lost its connection is kept, in ms. */
  readonly rejoinMs: number;
}

export function tryPart({ languages, captions, rejoinMs }: TryPartOptions): PartOpener {
  return ({ switchboard, clock }) => {
    const door = { name: 'websocket /try', languages, rejoinMs };
    /** The pages in each call. */
    const pages = new Map<string, Set<GatewayTransport>>();
    const told = (callId: string, event: CallEvent): void => {
      const text = pages.has(callId) ? messageOf(callId, event) : undefined;
      if (text !== undefined) {
        for (const page of pages.get(callId) ?? []) {
          page.tell(text);
        }
      }
    };
    const messageOf = (callId: string, event: CallEvent): string | undefined => {
      const parties = [...(switchboard.calls.get(callId)?.parties.values() ?? [])];
      return event.type === 'party-state' || event.type === 'party-changed'
        ? JSON.stringify({ type: 'parties', parties: parties.map(({ id, language }) => ({ id, language })) })
        : captions
          ? captionOf(event)
          : undefined;
    };
    // As long as the switchboard, which ends with the door.
    switchboard.watch(told, new AbortController().signal);
    return {
      pages: pagesFor(languages),
      sockets: [
        {
          path: '/try/socket',
          protocol: 'dragoman',
          turned: (request) => tooMany(switchboard.full) ?? unreadable(request, languages),
          accept: (socket, request) => {
            const place = placeOf(request, languages);
            const page = new GatewayTransport(socket, {
              ...{ clock, asked: nothingAsked, rateHz: RATE_HZ, bigEndian: false, form: 'binary' },
              facts: place,
              gone: () => {
                const others = pages.get(place.place.callId);
                others?.delete(page);
                if (others?.size === 0) {
                  pages.delete(place.place.callId);
                }
              },
            });
            const here = pages.get(place.place.callId) ?? new Set();
            pages.set(place.place.callId, here.add(page));
            switchboard.accept(page, door);
          },
        },
      ],
    };
  };
}

/** What was said, and what it is in other words. */
function captionOf(event: CallEvent): string | undefined {
  switch (event.type) {
    case 'heard': {
      const { party, utterance, final, piiText: text } = event;
      return JSON.stringify({ type: 'caption', said: true, party, utterance, final, text });
    }
    case 'spoken': {
      const { party, utterance, language, piiText: text } = event;
      return JSON.stringify({ type: 'caption', said: false, party, utterance, language, text });
    }
    default:
      return undefined;
  }
}

function pagesFor(languages: readonly Language[]): readonly Page[] {
  // No language has a "<" in it, which would end the script that it stands in.
  const settings = JSON.stringify({ languages: [...new Set(languages)] });
  const body = fileOf('page.html').replace('{ "languages": [] }', () => settings);
  return [
    { path: '/try', type: 'text/html; charset=utf-8', body, headers: HEADERS },
    ...FILES.map(([name, type]) => ({ path: `/try/${name}`, type, body: fileOf(name), headers: HEADERS })),
  ];
}

function fileOf(name: string): string {
  return readFileSync(new URL(`try/${name}`, import.meta.url), 'utf8');
}

/** Where a page belongs. @throws AppError saying what is wrong with what it asks. */
function placeOf({ query }: SocketRequest, languages: readonly Language[]) {
  const room = query.get('room') ?? '';
  const language = languages.find((each) => each === query.get('language'));
  const session = query.get('session') || randomUUID();
  const bytes = parseUuid(session);
  if (!isRoomName(room)) {
    throw new AppError('wire-bad-message', 'a room has 1 to 40 letters, digits, "-" and "_"');
  }
  if (language === undefined) {
    throw new AppError('wire-bad-message', `the language is none of ${languages.join(', ')}`);
  }
  if (bytes === undefined) {
    throw new AppError('wire-bad-message', 'the session is no UUID');
  }
  const uuid = formatUuid(bytes);
  return { uuid, place: placeInRoom(room, uuid, language, languages) };
}

function unreadable(request: SocketRequest, languages: readonly Language[]): Turned | undefined {
  try {
    placeOf(request, languages);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) {
      return { status: 400, reason: 'bad-request', message: error.message };
    }
    throw error;
  }
}

function nothingAsked(_start: unknown, now: GatewayBeginning): GatewayBeginning {
  return now;
}
