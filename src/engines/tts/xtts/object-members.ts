/**
 * Takes a large JSON object apart while it arrives, member by member, without parsing the values. The list of
 * studio speakers is 58 times 0.6 MB of numbers: parsed in one go it would stop the process for a fifth of a
 * second, and with it every leg's sound; a chunk of 64 KB takes a quarter of a millisecond.
 */

import { AppError } from '../../../base/errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BLANK = 0x20;

export class ObjectMembers {
  readonly #members = new Map<string, Buffer>();
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** What the bytes collected now belong to; nothing is collected between members. */
  #collecting: 'name' | 'value' | undefined;
  #parts: Buffer[] = [];
  #name = '';
  #ended = false;

  /**
   * Takes the next bytes, cut anywhere; keeps copies of the values.
   * @throws AppError `engine-bad-answer` when this is no object of objects.
   */
  push(bytes: Buffer): void {
    let start = 0;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      if (this.#inString) {
        if (this.#escaped) {
          this.#escaped = false;
        } else if (byte === BACKSLASH) {
          this.#escaped = true;
        } else if (byte === QUOTE) {
          this.#inString = false;
          if (this.#collecting === 'name') {
            this.#parts.push(bytes.subarray(start, index + 1));
            this.#name = parseName(this.#collected());
          }
        }
      } else if (byte === QUOTE) {
        this.#inString = true;
        if (this.#depth === 1) {
          this.#collecting = 'name';
          start = index;
        }
      } else if (byte === BRACE || byte === BRACKET) {
        this.#depth += 1;
        if (this.#depth === 2) {
          this.#collecting = 'value';
          start = index;
        }
      } else if (byte === BRACE_END || byte === BRACKET_END) {
        this.#depth -= 1;
        if (this.#depth === 1) {
          this.#parts.push(bytes.subarray(start, index + 1));
          this.#members.set(this.#name, this.#collected());
        }
        this.#ended = this.#depth === 0;
      } else if (this.#depth === 0 && byte > BLANK) {
        throw notAnObject();
      }
    }
    if (this.#collecting !== undefined) {
      this.#parts.push(Buffer.from(bytes.subarray(start)));
    }
  }

  /**
   * The members by name, each value as its JSON.
   * @throws AppError `engine-bad-answer` when the object has not ended.
   */
  end(): ReadonlyMap<string, Buffer> {
    if (!this.#ended) {
      throw notAnObject();
    }
    return this.#members;
  }

  #collected(): Buffer {
    const collected = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#collecting = undefined;
    return collected;
  }
}

function parseName(json: Buffer): string {
  try {
    return String(JSON.parse(json.toString('utf8')));
  } catch {
    throw notAnObject();
  }
}

function notAnObject(): AppError {
  return new AppError('engine-bad-answer', 'xtts: the list of speakers is not the JSON object it should be');
}
