/**
 * Files that only who has the key can read, written piece by piece: what was written before a crash opens, up to the
 * last whole piece. AES-256-GCM with a key of its own for each file, so that a piece's number is nonce enough; the last
 * piece says that it is, so a file that was cut short is not taken for a whole one, and pieces cannot be moved. None can be
 * written again without using a number twice, so a WAV's lengths, at its beginning, are written by who opens it.
 *
 *   file:  "DRAGOMN1" [salt: 16 bytes] then pieces
 *   piece: [bytes << 1 | last: u32, little-endian] [ciphertext] [tag: 16 bytes]
 */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** What names of sealed files end with. */
export const SEALED_ENDING = '.sealed';
/** Of the operator's key. */
export const SEAL_KEY_BYTES = 32;

const MAGIC = Buffer.from('DRAGOMN1', 'latin1');
const SALT_BYTES = 16;
const START_BYTES = MAGIC.length + SALT_BYTES;
const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const CIPHER = 'aes-256-gcm';
const USE = 'dragoman file';

export class Sealer {
  /** What the file begins with. */
  readonly start: Buffer;
  readonly #key: Buffer;
  #piece = 0;

  constructor(key: Uint8Array) {
    const salt = randomBytes(SALT_BYTES);
    this.start = Buffer.concat([MAGIC, salt]);
    this.#key = fileKey(key, salt);
  }

  /** @param last whether nothing comes after it. */
  seal(plain: Uint8Array, last: boolean): Buffer {
    const length = pieceLength(plain.length, last);
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(this.#piece)).setAAD(length);
    this.#piece += 1;
    const sealed = cipher.update(plain);
    cipher.final();
    return Buffer.concat([length, sealed, cipher.getAuthTag()]);
  }
}

/** How a sealed file ends: `whole`, `cut` in a piece or after one that is not the last, or `wrong-key` from its first. */
export type SealedEnd = 'whole' | 'cut' | 'wrong-key' | 'not-sealed';

/** Opens a sealed file. @returns what of it can be read, and how it ends. A piece that was changed ends it as a cut. */
export function unseal(
  file: Uint8Array,
  key: Uint8Array,
): { readonly plain: Buffer; readonly end: SealedEnd } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < START_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    return { plain: Buffer.alloc(0), end: 'not-sealed' };
  }
  const own = fileKey(key, bytes.subarray(MAGIC.length, START_BYTES));
  const pieces: Buffer[] = [];
  let end: SealedEnd = 'cut';
  for (let at = START_BYTES; at + LENGTH_BYTES <= bytes.length && end === 'cut'; ) {
    const length = bytes.subarray(at, at + LENGTH_BYTES);
    const dataAt = at + LENGTH_BYTES;
    const tagAt = dataAt + Math.floor(length.readUInt32LE() / 2);
    const isLast = length.readUInt32LE() % 2 === 1;
    at = tagAt + TAG_BYTES;
    const plain =
      at > bytes.length ? undefined : opened(bytes, own, pieces.length, { length, dataAt, tagAt });
    if (plain === undefined) {
      return {
        plain: Buffer.concat(pieces),
        end: pieces.length === 0 && at <= bytes.length ? 'wrong-key' : 'cut',
      };
    }
    pieces.push(plain);
    end = isLast ? 'whole' : 'cut';
  }
  return { plain: Buffer.concat(pieces), end };
}

function opened(
  bytes: Buffer,
  key: Buffer,
  piece: number,
  { length, dataAt, tagAt }: { length: Buffer; dataAt: number; tagAt: number },
): Buffer | undefined {
  const decipher = createDecipheriv(CIPHER, key, nonceOf(piece))
    .setAAD(length)
    .setAuthTag(bytes.subarray(tagAt, tagAt + TAG_BYTES));
  const plain = decipher.update(bytes.subarray(dataAt, tagAt));
  try {
    decipher.final();
    return plain;
  } catch {
    // Another key, or bytes that somebody changed: which it is cannot be told apart.
    return undefined;
  }
}

function fileKey(key: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, USE, SEAL_KEY_BYTES));
}

function pieceLength(bytes: number, last: boolean): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(bytes * 2 + (last ? 1 : 0));
  return length;
}

function nonceOf(piece: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(piece, NONCE_BYTES - 4);
  return nonce;
}
