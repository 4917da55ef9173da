/**
 * The part `delay` of the bench of doors: what dragoman adds between mouth and ear on a real Asterisk, by each way in. A
 * phone says tone bursts; the time from the packet with a burst that leaves it to the packet with the same burst that
 * reaches the other phone is measured on the wire, through Asterisk alone and through dragoman in passthrough. A
 * phone's own packetising and jitter buffer are left out: they are the same in all.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../src/base/errors.ts';
import { concatPcm, silence, sine } from '../../asterisk/audio.ts';
import { Exchange, type ExchangeOptions, PREFIX } from '../../asterisk-e2e/exchange.ts';
import { Phone } from '../../asterisk-e2e/phone.ts';
import { findRepository } from '../../asterisk-e2e/testbed.ts';
import { freePort } from '../../support/ports.ts';
import { pass } from '../../support/waiting.ts';
import { spreadOf } from '../percentiles.ts';
import { cell, renderTable } from '../report-table.ts';
import { type RtpPacket, readStreams } from './rtp-capture.ts';

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

/** What we may add to what Asterisk adds for its part, in ms; packets of RTP that are held back not counted. */
const OURS_P50_MS = 22;
const OURS_P99_MS = 40;

/** A real Asterisk and the dragoman beside it; what there is to dial differs. */
type Site = 'dialplan' | 'rtp' | 'websocket';

interface Way {
  readonly name: string;
  readonly site: Site;
  /** What is dialled to reach the other phone; undefined: 8888, while the other has dialled 7777. */
  readonly before?: string;
  /**
   * What Asterisk's own part of the way costs, both directions together, in ms: what an echo that answers at once
   * measures (November 2026), and 5 ms for each time that it converts between the phone's 8 kHz and 16.
   */
  readonly asteriskMs: number;
}

const WAYS: readonly Way[] = [
  { name: 'Asterisk alone', site: 'dialplan', before: '', asteriskMs: 0 },
  { name: 'AudioSocket(), 8 kHz', site: 'dialplan', before: `${PREFIX}8`, asteriskMs: 0.6 },
  { name: 'Dial(AudioSocket), slin16', site: 'dialplan', before: `${PREFIX}9`, asteriskMs: 10.6 },
  { name: 'ARI, AudioSocket slin16', site: 'dialplan', asteriskMs: 10.6 },
  { name: 'ARI, RTP G.722', site: 'rtp', asteriskMs: 10.8 },
  { name: 'chan_websocket, slin16', site: 'websocket', asteriskMs: 24.8 },
];

const CROSSED = ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough'];

interface Call {
  readonly waysMs: readonly number[];
  readonly jitterMs: readonly number[];
  /** How long packets of RTP were held back at the end of the call, in ms. */
  readonly heldMs: number;
}

/**
 * Calls of each way in turns, so that what the machine does meets all alike, and since the delay of a call depends on
 * how the clocks of phones and server happen to stand. Prints a table; resolves with what must not be on any machine.
 */
export async function benchDoorsDelay(seconds: number, runs: number): Promise<readonly string[]> {
  const sites = await openSites();
  const calls = new Map<Way, Call[]>(WAYS.map((way) => [way, []]));
  try {
    for (let run = 0; run < runs; run += 1) {
      for (const way of WAYS) {
        calls.get(way)?.push(await measure(sites[way.site], way, seconds));
      }
    }
  } finally {
    await closeAll(Object.values(sites));
  }
  const plainMs = spreadOf([...calls.values()][0]?.flatMap(({ waysMs }) => waysMs) ?? []).p50;
  const rows = [...calls].map(([way, all]) => {
    const added = spreadOf(all.flatMap(({ waysMs }) => waysMs.map((ms) => ms - plainMs)));
    const ours = spreadOf(
      all.flatMap(({ waysMs, heldMs }) => waysMs.map((ms) => ms - plainMs - way.asteriskMs - heldMs)),
    );
    const held = spreadOf(all.map(({ heldMs }) => heldMs)).p50;
    const jitter = spreadOf(all.flatMap((call) => call.jitterMs)).p99;
    return { way, added, ours, held, jitter };
  });
  console.log(
    `${runs} calls of ${seconds} s a way, in turns; targets: ours p50 <= ${OURS_P50_MS}, p99 <= ${OURS_P99_MS} ms\n`,
  );
  const head = [
    'ms',
    'bursts',
    'added p50',
    'p99',
    "Asterisk's",
    'held',
    'ours p50',
    'p99',
    'jitter p99',
    'ok',
  ];
  const table = rows.map(({ way, added, ours, held, jitter }, index) => [
    way.name,
    String(added.count),
    ...[added.p50, added.p99, way.asteriskMs, held, ours.p50, ours.p99, jitter].map((ms) => cell(ms, 1)),
    index === 0 ? '' : ours.p50 <= OURS_P50_MS && ours.p99 <= OURS_P99_MS ? 'yes' : 'NO',
  ]);
  console.log(`${renderTable(head, table)}\n`);
  return rows.flatMap(({ way, added }) => (added.count > 0 ? [] : [`${way.name}: no burst was heard`]));
}

/** All of them, or none. */
async function openSites(): Promise<Readonly<Record<Site, Exchange>>> {
  const ws = `127.0.0.1:${await freePort()}`;
  const include = join(findRepository(), 'test/asterisk-e2e/websocket.conf');
  const opened: Exchange[] = [];
  const open = async (options: Omit<ExchangeOptions, 'pairs'>): Promise<Exchange> => {
    const exchange = await Exchange.open({ ...options, pairs: 1 });
    if (typeof exchange === 'string') {
      throw new AppError('server-unreachable', `the bench ${exchange}`);
    }
    opened.push(exchange);
    return exchange;
  };
  try {
    return {
      dialplan: await open({ serve: [...CROSSED, '--pair', 'en:fr'], ariPassword: 'hush' }),
      rtp: await open({ serve: [...CROSSED, '--ari-media', 'rtp'], ariPassword: 'hush' }),
      websocket: await open({ serve: [...CROSSED, '--ws', ws], websocket: ws, include }),
    };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function closeAll(sites: readonly Exchange[]): Promise<void> {
  for (const { testbed, dragoman, ari } of sites) {
    await testbed.close().finally(() => dragoman.close());
    await ari?.close();
  }
}

/** One call, captured. */
async function measure(exchange: Exchange, { before }: Way, seconds: number): Promise<Call> {
  const folder = await mkdtemp(join(tmpdir(), 'dragoman-bench-'));
  const file = join(folder, 'capture');
  const pair = exchange.pair(0);
  const say = { rateHz: RATE_HZ, pcm: bursts(seconds) };
  const phones: Phone[] = [];
  let heldMs = 0;
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
    if (before === undefined) {
      await phones[0]?.dial('7777');
    }
    await phones[1]?.dial(before === undefined ? '8888' : before + pair.number);
    await phones[0]?.until('CALL_ESTABLISHED');
    await pass(LEAD_MS + seconds * 1_000);
    heldMs = (await exchange.dragoman.metric('dragoman_rtp_held_seconds')) * 1_000;
  } finally {
    await Promise.all(phones.map((phone) => phone.close()));
    capture.kill('SIGINT');
    await captured;
  }
  const streams = readStreams(await readFile(file));
  await rm(folder, { recursive: true });
  const [mouth, ear] = sounding(streams);
  return { waysMs: waysMs(onsetsMs(mouth), onsetsMs(ear)), jitterMs: jitterMs(ear), heldMs };
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
