/**
 * The bytes of what nodes say to each other: a line of JSON, and behind a call's line its restart record as it is, which
 * nobody reads until it is needed. What comes is a stranger's until it has been looked at.
 */

import { z } from 'zod';
import { parseJson } from '../engines/wire/json.ts';
import { type CallEntry, type ClusterMessage, NODE_STATES } from './cluster-messages.ts';

/** The most that a message may be, in bytes: a record is 4 KB at the most, its line some hundred and the keys of its legs. */
const MOST_MESSAGE_BYTES = 16_384;

/** Changes when a node of before cannot understand what is said now. */
const WIRE_VERSION = 1;

const name = z.string().min(1).max(100);
const run = z.string().regex(/^[0-9a-f]{16}$/);
const count = z.int().min(0);
const callId = z.string().min(1).max(200);

const CLAIM = {
  callId,
  node: name,
  run,
  generation: count,
  claimedAtMs: z.number(),
  change: count,
  released: z.boolean(),
};

const LINE = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('node'),
    name,
    run,
    startedAtMs: z.number(),
    state: z.enum(NODE_STATES),
    host: z.string().min(1).max(253),
    port: z.int().min(0).max(65_535),
    http: z.string().max(270),
    version: z.string().max(100),
    legs: count,
    maxLegs: count,
    calls: count,
    digest: count,
  }),
  z.object({
    type: z.literal('call'),
    entry: z.object({ ...CLAIM, legKeys: z.array(z.string().max(64)).max(64) }),
  }),
  z.object({
    type: z.literal('over'),
    callId,
    run,
    generation: count,
    claimedAtMs: z.number(),
    ended: z.boolean(),
  }),
  z.object({
    type: z.literal('ask'),
    run,
    of: z.enum(['own', 'all']),
    knows: z
      .array(z.object({ run, calls: count, digest: count }))
      .max(1_000)
      .exactOptional(),
  }),
  z.object({ type: z.literal('sent'), run, of: z.enum(['own', 'all']), count }),
  z.object({ type: z.literal('hold'), held: z.boolean(), by: name }),
]);

/** Why a message was not taken. */
export type Garbled = 'too-long' | 'other-version' | 'unreadable';

export function encodeMessage(message: ClusterMessage): Buffer {
  if (message.type !== 'call') {
    return Buffer.from(`${WIRE_VERSION}${JSON.stringify(message)}`);
  }
  const { record, ...entry } = message.entry;
  const line = `${WIRE_VERSION}${JSON.stringify({ type: 'call', entry })}`;
  return Buffer.from(record === undefined ? line : `${line}\n${record}`);
}

export function decodeMessage(bytes: Uint8Array): ClusterMessage | Garbled {
  if (bytes.length > MOST_MESSAGE_BYTES) {
    return 'too-long';
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  if (!text.startsWith(`${WIRE_VERSION}{`)) {
    return /^\d+\{/.test(text) ? 'other-version' : 'unreadable';
  }
  const end = text.indexOf('\n');
  const line = text.slice(1, end < 0 ? undefined : end);
  const read = LINE.safeParse(parseJson(line));
  if (!read.success) {
    return 'unreadable';
  }
  const message = read.data;
  if (message.type !== 'call') {
    return message;
  }
  const entry: CallEntry = { ...message.entry, record: end < 0 ? undefined : text.slice(end + 1) };
  return { type: 'call', entry };
}
