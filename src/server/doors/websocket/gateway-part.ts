/**
 * `/translate/EXTENSION`: what a gateway or an application asks for, made into a party that is seated by its
 * extension.
 */

import { randomUUID } from 'node:crypto';
import { AppError } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import type { Extensions } from '../../../call/seating/extension-seating.ts';
import { AUDIO_KINDS, formatUuid, parseUuid } from '../../../protocol/audiosocket/kinds.ts';
import type { SessionStart } from '../../../protocol/websocket/gateway-messages.ts';
import { type GatewayBeginning, GatewayTransport } from './gateway-transport.ts';
import type { PartOpener } from './websocket-door.ts';
import type { SocketPath, SocketRequest, Turned } from './websocket-listener.ts';

const PATH = '/translate/';
/** The highest rate in Hz: what is higher is for no ear. */
const MOST_HZ = 48_000;
const RATES_HZ: readonly number[] = AUDIO_KINDS.map(({ rateHz }) => rateHz).filter(
  (rateHz) => rateHz <= MOST_HZ,
);
/** What who asks for nothing else is given. */
const USUAL_HZ = 8_000;
const MOST_EXTENSION = 40;

export interface GatewayPartOptions {
  readonly extensions: Extensions;
  readonly languages: readonly Language[];
  /** How long the place of a party that lost its connection is kept, in ms. */
  readonly rejoinMs: number;
}

export function gatewayPart({ extensions, languages, rejoinMs }: GatewayPartOptions): PartOpener {
  return ({ switchboard, clock }) => {
    const door = { name: 'websocket /translate', languages, rejoinMs };
    const path: Omit<SocketPath, 'path'> = {
      protocol: 'dragoman',
      turned: (request) => tooMany(switchboard.full) ?? unreadable(request),
      begunBy: (request) => (beginningOf(request).facts === undefined ? 'any' : undefined),
      accept: (socket, request) => {
        const beginning = beginningOf(request);
        const asked = (start: SessionStart, now: GatewayBeginning): GatewayBeginning =>
          settled(start, now, extensions);
        switchboard.accept(new GatewayTransport(socket, { ...beginning, clock, asked }), door);
      },
    };
    return { sockets: [PATH, PATH.slice(0, -1)].map((each) => ({ ...path, path: each })) };
  };
}

/** Turns away who finds no place. */
export function tooMany(full: boolean): Turned | undefined {
  return full
    ? { status: 503, reason: 'too-many-legs', message: 'as many legs as --max-legs lets in are connected' }
    : undefined;
}

/** What the address says. @throws AppError saying what is wrong with it. */
function beginningOf({ path, query }: SocketRequest): GatewayBeginning {
  const extension = extensionOf(path.slice(PATH.length));
  const rate = query.get('rate');
  const session = query.get('session');
  return {
    rateHz: rate === null ? USUAL_HZ : rateOf(Number(rate)),
    bigEndian: query.get('endian') === 'big',
    form: undefined,
    facts: extension === undefined ? undefined : { uuid: sessionOf(session), extension },
  };
}

function unreadable(request: SocketRequest): Turned | undefined {
  try {
    beginningOf(request);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) {
      return { status: 400, reason: 'bad-request', message: error.message };
    }
    throw error;
  }
}

/** What a `session_start` makes of what is known. @throws AppError saying why it cannot have it. */
function settled(start: SessionStart, now: GatewayBeginning, extensions: Extensions): GatewayBeginning {
  const { facts } = now;
  const extension = facts?.extension ?? extensionOf(start.extension ?? '');
  if (extension === undefined) {
    throw bad('session_start has no extension: write one of --extensions');
  }
  if (start.extension !== undefined && start.extension !== extension) {
    throw bad('session_start names another extension than the address, or a second one');
  }
  if (facts !== undefined && start.session !== undefined && start.session.toLowerCase() !== facts.uuid) {
    throw bad('session_start comes too late with a session: write ?session= in the address');
  }
  const spoken = extensions.get(extension)?.language;
  const wrong =
    start.language !== undefined &&
    spoken !== undefined &&
    baseLanguage(start.language.toLowerCase()) !== baseLanguage(spoken);
  if (wrong) {
    throw bad(`session_start says another language than --extensions does for it, which is ${spoken}`);
  }
  return {
    rateHz: start.rateHz === undefined ? now.rateHz : rateOf(start.rateHz),
    bigEndian: start.bigEndian ?? now.bigEndian,
    form: start.form ?? now.form ?? (facts === undefined ? 'base64' : undefined),
    facts: facts ?? { uuid: sessionOf(start.session ?? null), extension },
  };
}

function extensionOf(written: string): string | undefined {
  let text: string;
  try {
    text = decodeURIComponent(written);
  } catch (error) {
    throw new AppError('wire-bad-message', 'the extension in the address cannot be read', error);
  }
  if (text.length > MOST_EXTENSION) {
    throw bad(`the extension has more than ${MOST_EXTENSION} characters`);
  }
  return text === '' ? undefined : text;
}

function rateOf(rateHz: number): number {
  if (!RATES_HZ.includes(rateHz)) {
    throw bad(`the rate is none of ${RATES_HZ.join(', ')} Hz`);
  }
  return rateHz;
}

/** Its own session again, or a new one. */
function sessionOf(written: string | null): string {
  if (written === null) {
    return randomUUID();
  }
  const bytes = parseUuid(written);
  if (bytes === undefined) {
    throw bad('the session is no UUID: write what session_started said, or leave it out');
  }
  return formatUuid(bytes);
}

function bad(message: string): AppError {
  return new AppError('wire-bad-message', message);
}
