/**
 * One row: the vendors in a process, `dragoman serve` in another, the telephones in a third, while this one brings the
 * fault about and undoes it. Each row has a server of its own, so that no fault is judged by what another left behind.
 */

import type { ChildProcess } from 'node:child_process';
import { systemClock } from '../../src/base/clock.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';
import { answerOf, startHelper } from '../bench/realtime/helper-process.ts';
import { isPhoneReport, type PhoneOrder } from '../bench/realtime/phone-messages.ts';
import { pass } from '../support/waiting.ts';
import { type ChaosCallFacts, type ChaosVendorOrder, isChaosVendorReport } from './chaos-messages.ts';
import { ChaosNodes } from './chaos-nodes.ts';
import { CALLS, type ChaosScript } from './chaos-script.ts';
import { ChaosServer, type ChaosServerOptions } from './chaos-server.ts';
import type { Extra, Fault, Rig } from './fault.ts';
import { type RowFacts, rowFacts } from './row-facts.ts';
import { Strangers } from './strangers.ts';
import type { VendorChange } from './vendor-faults.ts';

/** Calls are well for so long before anything happens to them. */
const BEFORE_MS = 7_500;
const AFTER_MS = 6_000;
/** What a fault that begins by waiting adds, at most. */
const INJECT_ALLOWANCE_MS = 500;

const ENGINES = {
  pair: { stt: 'deepgram,vosk', mt: 'deepl,libretranslate', tts: 'elevenlabs,openai-speech' },
  one: { stt: 'deepgram', mt: 'deepl', tts: 'elevenlabs' },
  fused: { stt: 'deepgram', mt: 'deepl', tts: 'elevenlabs' },
  others: { stt: 'vosk', mt: 'libretranslate', tts: 'openai-speech' },
  machine: { stt: 'deepgram', mt: 'apertium', tts: 'elevenlabs' },
  'machine-stt': { stt: 'pocketsphinx,deepgram', mt: 'deepl', tts: 'elevenlabs' },
  'machine-tts': { stt: 'deepgram', mt: 'deepl', tts: 'espeak-ng,elevenlabs' },
} as const;

export interface Row {
  readonly fault: Fault;
  readonly facts: RowFacts;
  readonly extra: Extra;
  /** How the server ended by itself, if it did. */
  readonly death: string | undefined;
  /** What it logged since the fault, warnings and errors; how often each. */
  readonly logged: Readonly<Record<string, number>>;
  /** What was counted meanwhile, of what counts failures. */
  readonly counted: Readonly<Record<string, number>>;
}

/** @throws Error when a helper ends by itself, or the server does not start. */
export async function runFault(fault: Fault, beforeMs = BEFORE_MS): Promise<Row> {
  const { injectMs = 0 } = fault;
  const script: ChaosScript = {
    calls: fault.calls ?? CALLS,
    english: fault.engines === 'machine',
    ...(fault.turnGapMs === undefined ? {} : { turnGapMs: fault.turnGapMs }),
    seconds: Math.ceil(
      (beforeMs + injectMs + INJECT_ALLOWANCE_MS + fault.holdMs + (fault.afterMs ?? AFTER_MS)) / 1_000,
    ),
  };
  const vendors = startHelper(new URL('./vendor-process.js', import.meta.url));
  let server: ChaosServer | undefined;
  let nodes: ChaosNodes | undefined;
  let phones: ChildProcess | undefined;
  let strangers: Strangers | undefined;
  try {
    const { atStart = [] } = fault;
    const serving = answerOf(vendors, isChaosVendorReport);
    order(vendors, { type: 'serve', script, changes: atStart });
    const addresses = await serving;
    if (addresses.type !== 'serving') {
      throw new Error('the vendors did not say where they are');
    }
    const options: ChaosServerOptions = {
      environment: addresses.environment,
      engines: ENGINES[fault.engines],
      nodeFlags: fault.nodeFlags ?? [],
      // A server whose engines are down takes calls all the same.
      readyWhen: atStart.length > 0 ? 'listening' : 'ready for calls',
      ...(fault.engines === 'machine' ? { pair: 'en:es' } : {}),
      ...(fault.engines === 'fused' ? { interpreter: 'openai-realtime' } : {}),
    };
    const uuids = Array.from({ length: script.calls }, () => newCallUuids());
    nodes =
      fault.nodes === undefined
        ? undefined
        : await ChaosNodes.open(fault.nodes, fault.scattered ?? false, options);
    const busyNode = nodes?.front.homeOf(uuids[0]?.[0] ?? '') ?? 0;
    server = nodes === undefined ? await ChaosServer.start(options) : nodes.server(busyNode);
    await nodes?.ringSteady(fault.steadyCalls ?? 0);
    strangers = new Strangers(server.port, script);
    phones = startHelper(new URL('./phone-process.js', import.meta.url));
    const connected = answerOf(phones, isPhoneReport<ChaosCallFacts>);
    const { host } = server;
    const port = nodes?.front.port ?? server.port;
    const ringing: PhoneOrder<ChaosScript> = { type: 'call', host, port, script, uuids };
    phones.send(ringing);
    await connected;
    const finished = answerOf(phones, isPhoneReport<ChaosCallFacts>);
    await pass(beforeMs);
    const countedBefore = await server.metrics();
    const rig: Rig = {
      ...{ server, strangers, busyNode, pass },
      ...(nodes === undefined ? {} : { nodes }),
      change: (...changes) => change(vendors, changes),
    };
    const injectedMs = systemClock.nowMs();
    const extra = (await fault.inject(rig)) ?? {};
    await pass(fault.holdMs);
    await fault.heal?.(rig);
    const healedMs = systemClock.nowMs();
    const report = await finished;
    const counted = differences(countedBefore, await server.metrics());
    return {
      fault,
      facts: rowFacts(report.type === 'finished' ? report.facts : [], { injectedMs, healedMs }),
      extra,
      // Of several, nodes go because they are made to.
      death: nodes === undefined ? server.deathCause : undefined,
      logged: loggedSince(server, injectedMs),
      counted,
    };
  } finally {
    await strangers?.leave();
    phones?.kill();
    await nodes?.close();
    await server?.stop();
    vendors.kill();
  }
}

function order(vendors: ChildProcess, message: ChaosVendorOrder): void {
  vendors.send(message);
}

async function change(vendors: ChildProcess, changes: readonly VendorChange[]): Promise<void> {
  const changed = answerOf(vendors, isChaosVendorReport);
  order(vendors, { type: 'change', changes });
  await changed;
}

function loggedSince({ lines }: ChaosServer, sinceMs: number): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { atMs, level, message } of lines) {
    if (atMs >= sinceMs && (level === 'warn' || level === 'error')) {
      counts[message] = (counts[message] ?? 0) + 1;
    }
  }
  return counts;
}

/** Metrics that count what went wrong or was mended. */
const TELLING =
  /^(errors|recoveries|service_health|dragoman_(recognition_streams|queue_dropped|frames_(forgiven|missing)|media_restarts|connections_refused|cues|legs_ended))/;

function differences(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Array.from(after)
      .filter(([name]) => TELLING.test(name))
      .map(([name, value]): [string, number] => [name, value - (before.get(name) ?? 0)])
      .filter(([, difference]) => difference !== 0),
  );
}
