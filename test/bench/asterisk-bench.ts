/**
 * `npm run bench -- asterisk`: what dragoman adds between mouth and ear on a real Asterisk. A phone says tone bursts;
 * the time from the packet with a burst that leaves it to the packet with the same burst that reaches the other phone
 * is measured on the wire, through Asterisk alone and through dragoman in passthrough. A phone's own packetising
 * and jitter buffer are left out: they are the same in both.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../../src/base/errors.ts';
import { concatPcm, silence, sine } from '../asterisk/audio.ts';
import { Exchange, PREFIX } from '../asterisk-e2e/exchange.ts';
import { Phone } from '../asterisk-e2e/phone.ts';
import { pass } from '../support/waiting.ts';
import { type RtpPacket, readStreams } from './asterisk-capture.ts';
import { describeMachine, machineLine } from './machine.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { cell, renderTable } from './report-table.ts';

const RATE_HZ = 8_000;
/** Time for both to be connected; sound before it is not measured. */
const LEAD_MS = 3_000;
const BURST_MS = 60;
/** A sample above this is sound (-24 dBFS); the bursts reach 16,000. */
const SOUND_LEVEL = 2_000;
/** A burst begins after this much quiet. */
const QUIET_MS = 100;
/** Bursts lie at least 400 ms apart, so a longer way could not be told from the next burst. */
const LONGEST_WAY_MS = 390;

/** What we may add, and how much worse than plain Asterisk's the jitter may be. */
const ADDED_P99_LIMIT_MS = 40;
const JITTER_P99_LIMIT_MS = 3;

const WAYS = [
  { name: 'Asterisk alone', way: '' },
  { name: 'AudioSocket(), 8 kHz', way: '8' },
  { name: 'Dial(AudioSocket), slin16', way: '9' },
] as const;

interface Measured {
  readonly name: string;
  readonly wayMs: Spread;
  readonly jitterMs: Spread;
  readonly all: readonly number[];
}

interface AsteriskFlags {
  readonly seconds: string;
  readonly json?: string;
}

/** `asterisk`, for the bench's program. */
export function asteriskCommand(): Command {
  return new Command('asterisk')
    .description(
      'Mouth to ear on a real Asterisk, with SIP phones: what dragoman adds, and the jitter of RTP.',
    )
    .option('--seconds <n>', 'length of each call', '40')
    .option('--json <file>', 'write the numbers here too')
    .action(async ({ seconds, json }: AsteriskFlags) => {
      process.exitCode = (await benchAsterisk(Number(seconds), json)) ? 0 : 1;
    });
}

/** Runs the calls one after the other, prints a table, and tells whether the numbers are within their limits. */
async function benchAsterisk(seconds: number, jsonFile: string | undefined): Promise<boolean> {
  const exchange = await Exchange.open({ serve: ['--pair', 'en:es', '--mode', 'passthrough'], pairs: 1 });
  if (typeof exchange === 'string') {
    throw new AppError('server-unreachable', `the bench ${exchange}`);
  }
  const measured: Measured[] = [];
  try {
    for (const { name, way } of WAYS) {
      measured.push(await measure(exchange, name, way, seconds));
    }
  } finally {
    await exchange.testbed.close().finally(() => exchange.dragoman.close());
  }
  const machine = describeMachine();
  console.log(machineLine(machine));
  const plain = measured[0];
  const rows = measured.map(({ name, wayMs, jitterMs, all }) => {
    const added = spreadOf(all.map((ms) => ms - (plain?.wayMs.p50 ?? Number.NaN)));
    const numbers = [wayMs.p50, wayMs.p99, added.p50, added.p99, jitterMs.p50, jitterMs.p99];
    return { name, count: wayMs.count, numbers, addedP99Ms: added.p99, jitterP99Ms: jitterMs.p99 };
  });
  const head = ['ms', 'bursts', 'way p50', 'p99', 'added p50', 'p99', 'RTP jitter p50', 'p99'];
  console.log(
    renderTable(
      head,
      rows.map(({ name, count, numbers }) => [name, String(count), ...numbers.map((ms) => cell(ms, 2))]),
    ),
  );
  if (jsonFile !== undefined) {
    await writeFile(jsonFile, `${JSON.stringify({ machine, seconds, rows }, undefined, 2)}\n`);
  }
  const plainJitterMs = plain?.jitterMs.p99 ?? Number.NaN;
  return rows.every(
    ({ addedP99Ms, jitterP99Ms }) =>
      addedP99Ms <= ADDED_P99_LIMIT_MS && jitterP99Ms <= plainJitterMs + JITTER_P99_LIMIT_MS,
  );
}

/** One call, captured. */
async function measure(exchange: Exchange, name: string, way: string, seconds: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'dragoman-bench-'));
  const file = join(folder, 'capture');
  const pair = exchange.pair(0);
  const say = { rateHz: RATE_HZ, pcm: bursts(seconds) };
  const phones: Phone[] = [];
  // Written packet by packet, so that nothing waits in a buffer when it is asked to end.
  const capture = spawn('tcpdump', ['-i', 'lo', '-U', '-w', file, 'udp and greater 60'], { stdio: 'ignore' });
  await once(capture, 'spawn').catch((error: unknown) => {
    throw new Error('the bench listens with tcpdump, which is missing: apt-get install tcpdump', {
      cause: error,
    });
  });
  const captured = once(capture, 'exit');
  try {
    phones.push(await Phone.open(exchange.testbed, { user: pair.callee, codec: 'pcmu' }));
    phones.push(await Phone.open(exchange.testbed, { user: pair.caller, codec: 'pcmu', say }));
    await phones[1]?.dial(way === '' ? pair.number : PREFIX + way + pair.number);
    await phones[0]?.until('CALL_ESTABLISHED');
    await pass(LEAD_MS + seconds * 1_000);
  } finally {
    await Promise.all(phones.map((phone) => phone.close()));
    capture.kill('SIGINT');
    await captured;
  }
  const streams = readStreams(await readFile(file));
  await rm(folder, { recursive: true });
  const [mouth, ear] = sounding(streams);
  const all = waysMs(onsetsMs(mouth), onsetsMs(ear));
  return { name, wayMs: spreadOf(all), jitterMs: spreadOf(jitterMs(ear)), all };
}

/** Bursts 450 to 549 ms apart, so that they do not keep step with packets. */
function bursts(seconds: number): Int16Array {
  const pieces: Int16Array[] = [silence(LEAD_MS, RATE_HZ)];
  for (let i = 0, atMs = 0; atMs < seconds * 1_000 - 1_000; i += 1) {
    const pauseMs = 450 + ((i * 37) % 100) - BURST_MS;
    pieces.push(sine(1_000, BURST_MS, RATE_HZ), silence(pauseMs, RATE_HZ));
    atMs += BURST_MS + pauseMs;
  }
  return concatPcm(...pieces);
}

/** Of the streams of a call, the two that hold the bursts: the speaker's, then the listener's. */
function sounding(
  streams: ReadonlyMap<string, readonly RtpPacket[]>,
): readonly [readonly RtpPacket[], readonly RtpPacket[]] {
  const [mouth, ear, ...more] = [...streams.values()]
    .filter((packets) => onsetsMs(packets).length > 10)
    .sort((a, b) => (onsetsMs(a)[0] ?? 0) - (onsetsMs(b)[0] ?? 0));
  if (mouth === undefined || ear === undefined || more.length > 0) {
    throw new AppError('server-unreachable', 'the call did not carry the bursts from phone to phone');
  }
  return [mouth, ear];
}

/** When bursts begin: the packet's time plus where in it the sound starts. */
function onsetsMs(packets: readonly RtpPacket[]): readonly number[] {
  const found: number[] = [];
  const first = packets[0]?.atMs ?? 0;
  let quietSamples = 0;
  for (const { atMs, pcm } of packets) {
    for (const [index, sample] of pcm.entries()) {
      if (Math.abs(sample) < SOUND_LEVEL) {
        quietSamples += 1;
        continue;
      }
      if (quietSamples * 1_000 >= QUIET_MS * RATE_HZ && atMs > first + LEAD_MS / 2) {
        found.push(atMs + (index * 1_000) / RATE_HZ);
      }
      quietSamples = 0;
    }
  }
  return found;
}

/** For each burst that was heard, how long it was on its way. */
function waysMs(spoken: readonly number[], heard: readonly number[]): readonly number[] {
  return heard.flatMap((heardMs) => {
    const spokenMs = spoken.findLast((ms) => ms <= heardMs);
    return spokenMs === undefined || heardMs - spokenMs > LONGEST_WAY_MS ? [] : [heardMs - spokenMs];
  });
}

/** By how much each packet came earlier or later after the one before it than their RTP times say. */
function jitterMs(packets: readonly RtpPacket[]): readonly number[] {
  return packets.slice(1).map((packet, index) => {
    const before = packets[index];
    const dueMs = ((packet.timestamp - (before?.timestamp ?? 0)) * 1_000) / RATE_HZ;
    return Math.abs(packet.atMs - (before?.atMs ?? 0) - dueMs);
  });
}
