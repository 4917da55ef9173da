/**
 * What an ONNX file says of itself, read without loading it: the runtime ends the process on a file that is none, or
 * that lacks what it looks for. The file is a protobuf message whose largest part, the graph, is one field and is
 * stepped over, so that a model of a gigabyte costs a few reads.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (ModelProto).
 */

import { type FileHandle, open, stat } from 'node:fs/promises';
import { messageOf } from '../../base/errors.ts';

export type OnnxFile =
  | { readonly type: 'onnx'; readonly bytes: number; readonly metadata: ReadonlyMap<string, string> }
  /** `reason` follows the name of the file: "is cut off ...". */
  | { readonly type: 'broken'; readonly reason: string };

/** Fields of ModelProto. */
const GRAPH = 7;
const METADATA = 14;
const FIELDS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, GRAPH, 8, METADATA, 20, 25]);

/** Wire types of protobuf that they have. */
const VARINT = 0;
const LENGTH = 2;

/** A tag and a length take 5 and 10 bytes at most. */
const HEAD_BYTES = 16;
/** What one row of metadata may hold; a recogniser's means are some 10 kB. */
const MOST_METADATA_BYTES = 1_048_576;
const MOST_FIELDS = 10_000;

/** How files begin that are often found where a model should be. */
const IMPOSTORS: readonly (readonly [start: RegExp, reason: string])[] = [
  [/^version https:\/\/git-lfs/, 'is a pointer of Git LFS and not the model: run "git lfs pull" there'],
  [/^\s*<(!doctype|html)/i, 'is a web page and no model: download it again'],
  [/^(BZh|PK)/, 'is an archive: unpack it'],
];

/** Reads what `path` says of itself; never throws. */
export async function readOnnxFile(path: string): Promise<OnnxFile> {
  let file: FileHandle | undefined;
  try {
    // To open what is no file may take for ever, and everything that reads files would wait with it.
    if (!(await stat(path)).isFile()) {
      return broken('is no file');
    }
    file = await open(path);
    return await read(file, (await file.stat()).size);
  } catch (error) {
    return { type: 'broken', reason: `cannot be read: ${messageOf(error)}` };
  } finally {
    await file?.close();
  }
}

async function read(file: FileHandle, bytes: number): Promise<OnnxFile> {
  if (bytes === 0) {
    return broken('is empty: download it again');
  }
  const start = (await bytesAt(file, 0, 64)).toString('latin1');
  const impostor = IMPOSTORS.find(([pattern]) => pattern.test(start));
  if (impostor !== undefined) {
    return broken(impostor[1]);
  }
  const metadata = new Map<string, string>();
  let hasGraph = false;
  let at = 0;
  for (let fields = 0; at < bytes; fields += 1) {
    const head = await bytesAt(file, at, HEAD_BYTES);
    const tag = varintAt(head, 0);
    const value = tag === undefined ? undefined : varintAt(head, tag.end);
    const field = tag === undefined ? 0 : tag.value >>> 3;
    const wire = tag === undefined ? -1 : tag.value & 7;
    if (
      value === undefined ||
      !FIELDS.has(field) ||
      (wire !== VARINT && wire !== LENGTH) ||
      fields > MOST_FIELDS
    ) {
      return broken('is no ONNX model');
    }
    const from = at + value.end;
    at = wire === VARINT ? from : from + value.value;
    if (at > bytes) {
      return hasGraph || field === GRAPH
        ? broken(`is cut off, ${bytes} bytes of at least ${at}: download it again`)
        : broken('is no ONNX model');
    }
    hasGraph ||= field === GRAPH;
    if (field === METADATA && value.value <= MOST_METADATA_BYTES) {
      const row = entryOf(await bytesAt(file, from, value.value));
      metadata.set(row.key, row.value);
    }
  }
  return hasGraph ? { type: 'onnx', bytes, metadata } : broken('is no ONNX model');
}

/** A StringStringEntryProto: 1 is the key, 2 the value. */
function entryOf(bytes: Buffer): { readonly key: string; readonly value: string } {
  const texts = new Map<number, string>();
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at);
    const length = tag === undefined ? undefined : varintAt(bytes, tag.end);
    if (tag === undefined || length === undefined) {
      break;
    }
    texts.set(tag.value >>> 3, bytes.toString('utf8', length.end, length.end + length.value));
    at = length.end + length.value;
  }
  return { key: texts.get(1) ?? '', value: texts.get(2) ?? '' };
}

/** A number of 7 bits a byte, and where it ends; undefined when it does not within `bytes`. */
function varintAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) {
      return undefined;
    }
    // Not by shifting: a file may be longer than 2 GB.
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return { value, end: at + index + 1 };
    }
  }
  return undefined;
}

async function bytesAt(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}

function broken(reason: string): OnnxFile {
  return { type: 'broken', reason };
}
