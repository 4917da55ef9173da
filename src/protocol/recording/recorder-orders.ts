/**
 * What the server tells the recorder, a process of its own that alone touches the files of calls: everything that may
 * block is done there. A message is its length, its kind and a body: JSON for what is sparse, samples for sound. The
 * server makes all names; what is in a folder is the call's, and no name of a folder or file holds a number or a name
 * of a person.
 *
 *   message: [bytes of the body: u32][kind: u8][0][0][0] then the body, all little-endian
 *   sound:   [call: u32] then pieces: [party: u8][track: u8][0][0][rateHz: u32][frame: u32][samples: u32] and samples
 *   notes:   [call: u32] then lines of text
 */

import { FRAME_MS } from '../../base/units.ts';

/**
 * What is kept of one party: its own voice as it came; `told`: the translations that were spoken to it; `heard`: all
 * that it heard.
 */
export const TRACKS = ['voice', 'told', 'heard'] as const;

export type Track = (typeof TRACKS)[number];

/** Into which files sound goes: two parties left and right in one, each track in one of its own, or both. */
export const LAYOUTS = ['stereo', 'tracks', 'both'] as const;

export type Layout = (typeof LAYOUTS)[number];

/** Room on a disk. */
export type FreeSpace =
  | { readonly type: 'bytes'; readonly bytes: number }
  | { readonly type: 'percent'; readonly percent: number };

/** All paths are absolute. What has a `request` is answered by a report with the same number. */
export type RecorderOrder =
  /** Sound and texts of calls are written encrypted from now on. The first order, if it is one. */
  | { readonly type: 'seal'; readonly keyHex: string }
  /** Sound is kept only while the disk of `directory` has so much room, in bytes or in percent of it. */
  | { readonly type: 'space'; readonly directory: string; readonly least: FreeSpace }
  /**
   * Files that a recorder before this one has left unfinished below `directory` are made whole, and `command` is run for
   * those that it had not come to (empty: for none).
   */
  | {
      readonly type: 'mend';
      readonly request: number;
      readonly directory: string;
      readonly command: readonly string[];
    }
  /** A call's sound goes to `folder` from now on, which is below `directory`. @param call the number by which sound names it. */
  | {
      readonly type: 'open';
      readonly call: number;
      readonly directory: string;
      readonly folder: string;
      readonly layout: Layout;
    }
  /** Nothing more comes of it: its files are finished, and `command` is run for each (empty: nothing is). */
  | { readonly type: 'close'; readonly call: number; readonly command: readonly string[] }
  /** Nothing is kept of a party of a running call: what holds its sound is removed. @param party its number. */
  | { readonly type: 'forget'; readonly call: number; readonly party: number }
  /** A whole small file, in place of what was there. @param sealed whether it is encrypted: it fails without a key. */
  | {
      readonly type: 'text';
      readonly request: number;
      readonly path: string;
      readonly text: string;
      readonly sealed: boolean;
    }
  /** One line more at the end of a file, on the disk before it is reported. @param line without its end. */
  | { readonly type: 'append'; readonly request: number; readonly path: string; readonly line: string }
  /** Removes a call's folder with all that is in it, once nothing more of the call is to be written there. */
  | { readonly type: 'remove'; readonly request: number; readonly folder: string }
  /** A part of a file, from the byte `from` on: `mostBytes` of it, or what there is. `bytes` is all that it has. */
  | {
      readonly type: 'read';
      readonly request: number;
      readonly path: string;
      readonly from: number;
      readonly mostBytes: number;
    }
  /** What is in a directory. */
  | { readonly type: 'list'; readonly request: number; readonly directory: string }
  /** The last line of a file that holds `text`. */
  | { readonly type: 'find'; readonly request: number; readonly path: string; readonly text: string }
  /** The lines of a file that hold `text` become blanks: nothing of them is left, and no other line moves. */
  | { readonly type: 'blank'; readonly request: number; readonly path: string; readonly text: string }
  /** Removes one file. */
  | { readonly type: 'erase'; readonly request: number; readonly path: string }
  /** Removes what is below `directory` in folders of days before `day`, `2026-11-28`. */
  | { readonly type: 'purge'; readonly request: number; readonly directory: string; readonly day: string };

/** One track's sound, without a gap. */
export interface SoundPiece {
  /** The party's number in the call: 0 is the first, who is left in stereo. */
  readonly party: number;
  readonly track: Track;
  readonly rateHz: number;
  /** Which 20 ms of the call's clock it begins with. */
  readonly frame: number;
  readonly pcm: Int16Array;
}

export type RecorderMessage =
  | { readonly type: 'order'; readonly order: RecorderOrder }
  | { readonly type: 'sound'; readonly call: number; readonly pieces: readonly SoundPiece[] }
  /** Whole lines of JSON, to be added to the call's notes. */
  | { readonly type: 'notes'; readonly call: number; readonly text: string };

const HEADER_BYTES = 8;
const KIND_ORDER = 1;
const KIND_SOUND = 2;
const KIND_NOTES = 3;
const CALL_BYTES = 4;
const PIECE_BYTES = 16;
/** No message is longer: a text of some hours of talk, or some seconds of sound of all tracks of 32 parties. */
const MOST_BODY_BYTES = 64 * 1_048_576;

/** For how long a piece sounds, in ms. */
export function pieceMs({ rateHz, pcm }: SoundPiece): number {
  return (pcm.length * 1_000) / rateHz;
}

/** How many frames of 20 ms it is. */
export function pieceFrames(piece: SoundPiece): number {
  return Math.round(pieceMs(piece) / FRAME_MS);
}

export function encodeOrder(order: RecorderOrder): Buffer {
  const body = Buffer.from(JSON.stringify(order));
  return Buffer.concat([header(body.length, KIND_ORDER), body]);
}

/** Copies the samples. @param room gives so many bytes, whatever is in them; default new ones. */
export function encodeSound(
  call: number,
  pieces: readonly SoundPiece[],
  room: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const bodyBytes = pieces.reduce((sum, { pcm }) => sum + PIECE_BYTES + pcm.byteLength, CALL_BYTES);
  const message = room(HEADER_BYTES + bodyBytes);
  header(bodyBytes, KIND_SOUND).copy(message);
  message.writeUInt32LE(call, HEADER_BYTES);
  let at = HEADER_BYTES + CALL_BYTES;
  for (const { party, track, rateHz, frame, pcm } of pieces) {
    message.writeUInt32LE(party | (TRACKS.indexOf(track) << 8), at);
    message.writeUInt32LE(rateHz, at + 4);
    message.writeUInt32LE(frame, at + 8);
    message.writeUInt32LE(pcm.length, at + 12);
    message.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), at + PIECE_BYTES);
    at += PIECE_BYTES + pcm.byteLength;
  }
  return message;
}

export function encodeNotes(call: number, text: string): Buffer {
  const bodyBytes = CALL_BYTES + Buffer.byteLength(text);
  const message = Buffer.allocUnsafe(HEADER_BYTES + bodyBytes);
  header(bodyBytes, KIND_NOTES).copy(message);
  message.writeUInt32LE(call, HEADER_BYTES);
  message.write(text, HEADER_BYTES + CALL_BYTES);
  return message;
}

function header(bodyBytes: number, kind: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(bodyBytes, 0);
  bytes.writeUInt8(kind, 4);
  return bytes;
}

/** Puts messages together from what a pipe brings. */
export class RecorderMessages {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Takes what has come, and returns the messages that are whole by now. @throws RangeError on what is none. */
  push(chunk: Buffer): readonly RecorderMessage[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: RecorderMessage[] = [];
    for (;;) {
      const first = this.#chunks[0];
      if (first === undefined || this.#bytes < HEADER_BYTES) {
        return messages;
      }
      const start = first.length >= HEADER_BYTES ? first : this.#joined();
      const bodyBytes = start.readUInt32LE(0);
      if (bodyBytes > MOST_BODY_BYTES) {
        throw new RangeError(`a message of ${bodyBytes} bytes is none`);
      }
      if (this.#bytes < HEADER_BYTES + bodyBytes) {
        return messages;
      }
      const all = this.#joined();
      messages.push(decoded(all.readUInt8(4), all.subarray(HEADER_BYTES, HEADER_BYTES + bodyBytes)));
      const rest = all.subarray(HEADER_BYTES + bodyBytes);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
    }
  }

  #joined(): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    const all = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function decoded(kind: number, body: Buffer): RecorderMessage {
  if (kind === KIND_ORDER) {
    return { type: 'order', order: JSON.parse(body.toString()) as RecorderOrder };
  }
  if (kind === KIND_NOTES) {
    return { type: 'notes', call: body.readUInt32LE(0), text: body.toString('utf8', CALL_BYTES) };
  }
  if (kind !== KIND_SOUND) {
    throw new RangeError(`there are no messages of kind ${kind}`);
  }
  const pieces: SoundPiece[] = [];
  let at = CALL_BYTES;
  while (at + PIECE_BYTES <= body.length) {
    const pcmAt = at + PIECE_BYTES;
    const end = pcmAt + body.readUInt32LE(at + 12) * 2;
    const track = TRACKS[body.readUInt8(at + 1)];
    if (track === undefined || end > body.length) {
      throw new RangeError('a piece of sound is cut or has no track');
    }
    pieces.push({
      party: body.readUInt8(at),
      track,
      rateHz: body.readUInt32LE(at + 4),
      frame: body.readUInt32LE(at + 8),
      // A copy, which lies where samples may.
      pcm: new Int16Array(new Uint8Array(body.subarray(pcmAt, end)).buffer),
    });
    at = end;
  }
  return { type: 'sound', call: body.readUInt32LE(0), pieces };
}
