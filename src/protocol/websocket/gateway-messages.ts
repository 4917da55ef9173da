/**
 * The messages of gateways and applications on `/translate/EXTENSION`, as text; sound may also come and go as binary
 * messages, which are nothing but samples. `gateway-protocol.md` says it for who writes the other end.
 */

import { AppError } from '../../base/errors.ts';

/** How sound is written in a message of text. */
export type SoundEncoding = 'base64' | 'bytes';

/** How sound comes and goes: as binary messages, or in messages of text. */
export type SoundForm = SoundEncoding | 'binary';

export interface SessionStart {
  readonly type: 'session_start';
  readonly extension: string | undefined;
  readonly language: string | undefined;
  /** What an earlier connection of the same party was told; undefined: it is new. */
  readonly session: string | undefined;
  /** Of all sound, in Hz; undefined: as the address says. */
  readonly rateHz: number | undefined;
  readonly bigEndian: boolean | undefined;
  readonly form: SoundForm | undefined;
}

/** What the other end says. */
export type GatewayMessage =
  | SessionStart
  | { readonly type: 'audio'; readonly pcm: Uint8Array; readonly encoding: SoundEncoding }
  | { readonly type: 'dtmf'; readonly key: string }
  | { readonly type: 'session_end' }
  /** A type that is none of ours; nobody minds. */
  | { readonly type: 'unknown' };

/** The longest text of one field that is no sound, in characters. */
const MOST_TEXT = 200;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Reads one message. @throws AppError `wire-bad-message`, saying which field is wrong and how it is written. */
export function parseGatewayMessage(text: string): GatewayMessage {
  const message = objectOf(text);
  switch (message.type) {
    case 'session_start':
      return {
        type: 'session_start',
        extension: textOf(message, 'extension'),
        language: textOf(message, 'language'),
        session: textOf(message, 'session'),
        rateHz: numberOf(message, 'sampleRate'),
        bigEndian: oneOf(message, 'endian', ['little', 'big'])?.startsWith('big'),
        form: oneOf(message, 'encoding', ['base64', 'bytes', 'binary']),
      };
    case 'audio':
      return { type: 'audio', ...soundOf(message.data) };
    case 'dtmf':
      return { type: 'dtmf', key: textOf(message, 'digit') ?? '' };
    case 'session_end':
      return { type: 'session_end' };
    case undefined:
      throw bad('has no "type": write one, such as {"type":"session_start","extension":"7777"}');
    default:
      return { type: 'unknown' };
  }
}

/**
 * What the leg is told when it is known: under `session` it has its place again when it comes back. @param party what
 * it is called in its call, if that is known already.
 */
export function encodeSessionStarted(
  session: string,
  extension: string | undefined,
  rateHz: number,
  party?: string,
): string {
  return JSON.stringify({ type: 'session_started', session, extension, party, sampleRate: rateHz });
}

/** 20 ms for the party. @param pcm as the other end wants its samples. @param atMs since the session began. */
export function encodeTranslatedAudio(
  pcm: Uint8Array,
  encoding: SoundEncoding,
  { extension, sequence, atMs, rateHz }: SoundPlace,
): string {
  const data = encoding === 'bytes' ? Array.from(pcm) : Buffer.from(pcm).toString('base64');
  return JSON.stringify({
    type: 'translated_audio',
    targetExtension: extension,
    timestamp: atMs,
    sequence,
    sampleRate: rateHz,
    data,
  });
}

/** Where a frame belongs. */
export interface SoundPlace {
  /** Whose ears it is for. */
  readonly extension: string | undefined;
  /** Counted from 0. */
  readonly sequence: number;
  readonly atMs: number;
  readonly rateHz: number;
}

/** We hang up. @param reason a short name. */
export function encodeSessionEnd(reason: string): string {
  return JSON.stringify({ type: 'session_end', reason });
}

/** @param code a short name. @param message what is wrong and what to do. */
export function encodeError(code: string, message: string): string {
  return JSON.stringify({ type: 'error', code, message });
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad('is no JSON: sound that is not JSON goes in binary messages', error);
  }
  if (!isFields(value)) {
    throw bad('is no JSON object');
  }
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  const text = typeof value === 'number' ? String(value) : value;
  if (text === undefined || text === null) {
    return undefined;
  }
  if (typeof text !== 'string' || text.length > MOST_TEXT) {
    throw bad(`has a "${name}" that is no text of at most ${MOST_TEXT} characters`);
  }
  return text;
}

function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value !== undefined && typeof value !== 'number') {
    throw bad(`has a "${name}" that is no number`);
  }
  return value;
}

function oneOf<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word | undefined {
  const value = fields[name];
  const found = words.find((word) => word === value);
  if (value !== undefined && found === undefined) {
    throw bad(`has a "${name}" that is none of ${words.join(', ')}`);
  }
  return found;
}

/** Base64, an array of bytes, or what Node writes of a Buffer. */
function soundOf(data: unknown): { readonly pcm: Uint8Array; readonly encoding: SoundEncoding } {
  if (typeof data === 'string') {
    if (!BASE64.test(data)) {
      throw bad('has "data" that is no base64');
    }
    return { pcm: Buffer.from(data, 'base64'), encoding: 'base64' };
  }
  const bytes = isFields(data) && data.type === 'Buffer' ? data.data : data;
  if (!Array.isArray(bytes) || !bytes.every(isByte)) {
    throw bad('has "data" that is neither base64 nor an array of bytes');
  }
  return { pcm: Uint8Array.from(bytes), encoding: 'bytes' };
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
}

function bad(what: string, cause?: unknown): AppError {
  return new AppError('wire-bad-message', `a message ${what}`, cause);
}
