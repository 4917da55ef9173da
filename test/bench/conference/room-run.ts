/**
 * One run: the vendors in a process, `dragoman serve` in another, the telephones in a third, while this one reads what
 * each of them uses. The server gets the vendors' addresses and keys by its environment alone, as an operator would
 * write them. The window begins when all are connected and code is warm, and ends with the talk; then the last of it
 * is waited for, until everything that was said has been asked for, so that what is counted does not depend on speed.
 */

import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import { newCallUuids } from '../../asterisk/strict-asterisk.ts';
import { type ProcessUsage, readProcessUsage } from '../process-usage.ts';
import { answerOf, startHelper } from '../realtime/helper-process.ts';
import { type WatchedUsage, watchProcesses } from '../realtime/process-watch.ts';
import { type KnownServer, type ServerUnderTest, startServer } from '../server-process.ts';
import { countRun, isWhole, type RoomCounts, toSpeechMs } from './room-counts.ts';
import type { RoomVendorFacts } from './room-facts.ts';
import {
  isRoomPhoneReport,
  isRoomVendorReport,
  type RoomPhoneOrder,
  type RoomVendorOrder,
  type RoomVendorReport,
} from './room-messages.ts';
import { otherLanguages, type RoomScript, speakersOf } from './room-script.ts';
import { type WireResult, wireResult } from './wire-result.ts';

/** A server that takes calls still tries its engines: it is idle when vendors have heard nothing of it for so long. */
const SETTLED_MS = 2_000;
const SETTLE_POLL_MS = 250;
/** After the last leg has connected. */
const WARM_UP_MS = 3_000;
const LEAST_WINDOW_MS = 3_000;
/** What was said is on its way for so long at most; what comes later is missing. */
const TAIL_LIMIT_MS = 20_000;
/** Nor does anything come when nothing has come for so long: the speech of two turns of others, and a late request. */
const TAIL_QUIET_MS = 12_000;
const TAIL_POLL_MS = 1_000;
/** Connections that are only tried, beside the legs. */
const SPARE_LEGS = 4;

export interface RunOptions {
  readonly script: RoomScript;
  /** Whether the server works ahead; then what is asked for says nothing of what is needed. */
  readonly drafts: boolean;
}

export interface RoomRun {
  readonly script: RoomScript;
  readonly drafts: boolean;
  readonly counts: RoomCounts;
  readonly wire: WireResult;
  /** In per cent of one core. */
  readonly serverPercent: number;
  readonly vendorsPercent: number;
  readonly phonesPercent: number;
  /** What others used of all cores. */
  readonly othersPercent: number;
  readonly idleBytes: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  /** From a translation that was there to the request for its speech, of all that were spoken. */
  readonly toSpeechMs: readonly number[];
  /** How the server ended by itself; undefined when it did not. */
  readonly serverDeath: string | undefined;
}

/** @throws Error when a helper ends by itself; AppError `server-unreachable` when the server does not start. */
export async function runRooms({ script, drafts }: RunOptions): Promise<RoomRun> {
  const vendors = startHelper(new URL('./room-vendor-process.js', import.meta.url));
  let server: ServerUnderTest | undefined;
  let phones: ChildProcess | undefined;
  try {
    const serving = answerOf(vendors, isRoomVendorReport);
    send(vendors, { type: 'serve', script, synthesisers: synthesisersFor(script) });
    const addresses = await serving;
    if (addresses.type !== 'serving') {
      throw new Error('the vendors did not say where they are');
    }
    const legs = script.rooms * script.languages.length;
    server = await startServer(serverFor(addresses, script, drafts), legs + SPARE_LEGS);
    const before = await factsWhenSettled(vendors);
    const idle = usageOf(server);
    phones = startHelper(new URL('./room-phone-process.js', import.meta.url));
    const talked = await talk(phones, server, vendors, script);
    const facts = await factsWhenWhole(vendors, script, before);
    const finished = answerOf(phones, isRoomPhoneReport);
    tell(phones, { type: 'finish' });
    const report = await finished;
    const [serverPercent = Number.NaN, vendorsPercent = Number.NaN, phonesPercent = Number.NaN] =
      talked.usage.percents;
    return {
      script,
      drafts,
      counts: countRun(script, facts, before),
      wire: wireResult(report.type === 'finished' ? report.records : [], talked),
      serverPercent,
      vendorsPercent,
      phonesPercent,
      othersPercent: talked.usage.othersPercent,
      idleBytes: idle?.residentBytes ?? Number.NaN,
      residentBytes: talked.memory?.residentBytes ?? Number.NaN,
      peakBytes: talked.memory?.peakResidentBytes ?? Number.NaN,
      toSpeechMs: toSpeechMs(facts),
      serverDeath: server.deathCause(),
    };
  } finally {
    phones?.kill();
    await server?.stop();
    vendors.kill();
  }
}

/** What vendors were asked for before anybody called. */
async function factsWhenSettled(vendors: ChildProcess): Promise<RoomVendorFacts> {
  const sizeOf = ({ streamsHeardMs, translations, syntheses }: RoomVendorFacts): string =>
    JSON.stringify([streamsHeardMs, translations.length, syntheses.length]);
  let facts = await factsOf(vendors);
  for (let quietMs = 0; quietMs < SETTLED_MS; quietMs += SETTLE_POLL_MS) {
    await pause(SETTLE_POLL_MS);
    const now = await factsOf(vendors);
    quietMs = sizeOf(now) === sizeOf(facts) ? quietMs : 0;
    facts = now;
  }
  return facts;
}

interface Talked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly usage: WatchedUsage;
  readonly memory: ProcessUsage | undefined;
}

/** Lets the telephones talk. */
async function talk(
  phones: ChildProcess,
  server: ServerUnderTest,
  vendors: ChildProcess,
  script: RoomScript,
): Promise<Talked> {
  const rooms = Array.from({ length: script.rooms }, () => newCallUuids()[0].slice(0, -1));
  const uuids = speakersOf(script).map(({ room, place }) => `${rooms[room]}${place.toString(16)}`);
  const connected = answerOf(phones, isRoomPhoneReport);
  const endMs = systemClock.nowMs() + script.seconds * 1_000;
  tell(phones, { type: 'call', host: server.host, port: server.port, script, uuids });
  await connected;
  await pause(WARM_UP_MS);
  const fromMs = systemClock.nowMs();
  if (endMs - fromMs < LEAST_WINDOW_MS) {
    throw new AppError(
      'bad-option',
      `${script.seconds} s are too short: so many legs take longer to connect`,
    );
  }
  const usageSince = watchProcesses([server.pid, vendors.pid, phones.pid]);
  await pause(endMs - fromMs);
  return { fromMs, toMs: systemClock.nowMs(), usage: usageSince(), memory: usageOf(server) };
}

/** What the vendors were asked for once that is everything, or when nothing more is to be expected. */
async function factsWhenWhole(
  vendors: ChildProcess,
  script: RoomScript,
  before: RoomVendorFacts,
): Promise<RoomVendorFacts> {
  const limitMs = systemClock.nowMs() + TAIL_LIMIT_MS;
  let asked = 0;
  let quietFromMs = systemClock.nowMs();
  for (;;) {
    await pause(TAIL_POLL_MS);
    const facts = await factsOf(vendors);
    const nowMs = systemClock.nowMs();
    const askedNow = facts.translations.length + facts.syntheses.length;
    if (askedNow > asked) {
      asked = askedNow;
      quietFromMs = nowMs;
    }
    const over = nowMs > limitMs || nowMs - quietFromMs > TAIL_QUIET_MS;
    if (over || isWhole(countRun(script, facts, before))) {
      return facts;
    }
  }
}

async function factsOf(vendors: ChildProcess): Promise<RoomVendorFacts> {
  const reported = answerOf(vendors, isRoomVendorReport);
  send(vendors, { type: 'report' });
  const report = await reported;
  if (report.type !== 'facts') {
    throw new Error('the vendors did not say what they were asked for');
  }
  return report.facts;
}

/** A server speaks one thing at a time; each rendering has one that speaks while another is asked ahead. */
function synthesisersFor(script: RoomScript): number {
  const renderings = script.languages.reduce((sum, own) => sum + otherLanguages(script, own).length, 0);
  return Math.max(4, script.rooms * renderings);
}

/** The server with nothing in its environment but the vendors. */
function serverFor(
  { deepgramUrl, deeplUrl, xttsUrls }: Extract<RoomVendorReport, { type: 'serving' }>,
  { languages }: RoomScript,
  drafts: boolean,
): KnownServer {
  const words = [
    ...['env', '-i', 'DEEPGRAM_API_KEY=stand-in-key', `DEEPGRAM_URL=${deepgramUrl}`],
    ...['DEEPL_API_KEY=stand-in-key', `DEEPL_URL=${deeplUrl}`, `XTTS_URL=${xttsUrls.join(',')}`],
    ...[process.execPath, fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))],
    ...['serve', '--listen', '127.0.0.1:{port}', '--max-legs', '{legs}'],
    ...(languages.length === 2
      ? ['--pair', languages.join(':')]
      : ['--pairing', 'suffix', '--parties', languages.join(',')]),
    ...['--drafts', drafts ? 'on' : 'off', '--announcement', 'off'],
    ...['--http', 'off', '--metrics', 'off', '--log-level', 'warn'],
  ];
  return { name: 'dragoman', words, hears: 'partner' };
}

function usageOf({ pid }: ServerUnderTest): ProcessUsage | undefined {
  return pid === undefined ? undefined : readProcessUsage(pid);
}

function send(vendors: ChildProcess, order: RoomVendorOrder): void {
  vendors.send(order);
}

function tell(phones: ChildProcess, order: RoomPhoneOrder): void {
  phones.send(order);
}

function pause(delayMs: number): Promise<void> {
  return systemClock.sleep(Math.max(0, delayMs), new AbortController().signal);
}
