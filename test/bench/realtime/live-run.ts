/**
 * One run: the vendors in a process, `dragoman serve` in another, the telephones in a third, while this one follows the
 * captions and reads what each process uses. The server gets the vendors' addresses and keys by its environment alone,
 * as an operator would write them; which engines it uses follows from that.
 */

import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/base/clock.ts';
import { Scope } from '../../../src/base/scope.ts';
import type { CallEvent } from '../../../src/call/call-events.ts';
import { CallCaptions } from '../../../src/client/call-captions.ts';
import { newCallUuids } from '../../asterisk/strict-asterisk.ts';
import { freePort } from '../../support/ports.ts';
import { type ServerUnderTest, startServer } from '../server-process.ts';
import { answerOf, startHelper } from './helper-process.ts';
import type { CallFacts, PhoneFacts, SpokenFacts, VendorFacts } from './live-facts.ts';
import { isVendorReport, type VendorOrder, type VendorReport } from './live-messages.ts';
import { type LiveScript, liveTurns } from './live-turns.ts';
import { isPhoneReport, type PhoneOrder } from './phone-messages.ts';
import { watchProcesses } from './process-watch.ts';
import { type SegmentWay, segmentWays, unspokenTurns } from './segment-ways.ts';

const HOST = '127.0.0.1';
/** A call has a segment that sounds, one that is next, and perhaps a draft that is thrown away. */
const SYNTHESISERS_PER_CALL = 2;
const CALLER = 'a';
/** Usage is read this long before the legs hang up: a process that has ended uses nothing. */
const END_MARGIN_MS = 200;
const HTTP_LIMIT_MS = 5_000;
const HTTP_POLL_MS = 50;
/** What is known of vendors that say nothing. */
const NOTHING: VendorFacts = { stt: [], mt: [], tts: [], overlaps: 0 };

type Vendors = Extract<VendorReport, { type: 'serving' }>;

/** What a process used while the calls ran, in per cent of one core. */
export interface LiveCost {
  readonly serverPercent: number;
  readonly vendorsPercent: number;
  readonly phonesPercent: number;
  /** What others used of all cores. */
  readonly othersPercent: number;
}

export interface LiveRun {
  readonly ways: readonly SegmentWay[];
  readonly cost: LiveCost;
  /** What went wrong, a sentence each; empty when all is well. */
  readonly troubles: readonly string[];
}

/** @throws Error when a helper ends by itself; AppError `server-unreachable` when the server does not start. */
export async function runLive(script: LiveScript): Promise<LiveRun> {
  const vendors = startHelper(new URL('./vendor-process.js', import.meta.url));
  let server: ServerUnderTest | undefined;
  let phones: ChildProcess | undefined;
  // Captions of all calls wait for its end.
  const following = new Scope(rethrown);
  try {
    const serving = answerOf(vendors, isVendorReport);
    send(vendors, { type: 'serve', script, synthesisers: script.calls * SYNTHESISERS_PER_CALL });
    const addresses = await serving;
    if (addresses.type !== 'serving') {
      throw new Error('the vendors did not say where they are');
    }
    const httpPort = await freePort();
    server = await startServer(
      { name: 'dragoman', words: serveCommand(addresses, httpPort).split(' '), hears: 'partner' },
      script.calls * 2,
    );
    await untilHttpAnswers(httpPort);
    const uuids = Array.from({ length: script.calls }, () => newCallUuids());
    const captions = uuids.map(([uuid]) => new CaptionNotes(httpPort, uuid.slice(0, -1), following));
    phones = startHelper(new URL('./phone-process.js', import.meta.url));
    const { facts, cost } = await callAll(phones, server, vendors, { script, uuids });
    const reported = answerOf(vendors, isVendorReport);
    send(vendors, { type: 'report' });
    const noted = await reported;
    const vendorFacts: VendorFacts = noted.type === 'facts' ? noted.facts : NOTHING;
    const calls = facts.map((phone, call) => factsOf(script, call, phone, captions[call]?.spoken ?? []));
    const unspoken = unspokenTurns(calls);
    return {
      ways: segmentWays(calls, vendorFacts),
      cost,
      troubles: [
        ...facts.flatMap(({ lost }, call) => lost.map((why) => `call ${call}: a leg was lost: ${why}`)),
        ...captions.flatMap(({ troubles }, call) => troubles.map((what) => `call ${call}: ${what}`)),
        ...(unspoken === 0 ? [] : [`nothing was spoken of ${unspoken} turns`]),
        ...(vendorFacts.overlaps === 0 ? [] : [`${vendorFacts.overlaps} requests for speech overlapped`]),
        ...(server.deathCause() === undefined ? [] : [`the server died: ${server.deathCause()}`]),
      ],
    };
  } finally {
    await following.close();
    phones?.kill();
    await server?.stop();
    vendors.kill();
  }
}

interface Calling {
  readonly script: LiveScript;
  readonly uuids: PhoneOrder<LiveScript>['uuids'];
}

/** Lets the telephones talk; the processes are measured from when all are connected until they hang up. */
async function callAll(
  phones: ChildProcess,
  server: ServerUnderTest,
  vendors: ChildProcess,
  { script, uuids }: Calling,
): Promise<{ readonly facts: readonly PhoneFacts[]; readonly cost: LiveCost }> {
  const connected = answerOf(phones, isPhoneReport<PhoneFacts>);
  const order: PhoneOrder<LiveScript> = { type: 'call', host: server.host, port: server.port, script, uuids };
  phones.send(order);
  await connected;
  const finished = answerOf(phones, isPhoneReport<PhoneFacts>);
  const usage = watchProcesses([server.pid, vendors.pid, phones.pid]);
  await pause(script.seconds * 1_000 - END_MARGIN_MS);
  const { percents, othersPercent } = usage();
  const report = await finished;
  const [serverPercent = Number.NaN, vendorsPercent = Number.NaN, phonesPercent = Number.NaN] = percents;
  return {
    facts: report.type === 'finished' ? report.facts : [],
    cost: { serverPercent, vendorsPercent, phonesPercent, othersPercent },
  };
}

/** What the server tells of one call while it runs. */
class CaptionNotes {
  readonly spoken: SpokenFacts[] = [];
  readonly troubles: string[] = [];

  constructor(httpPort: number, callId: string, following: Scope) {
    const captions = new CallCaptions(
      { url: `http://${HOST}:${httpPort}` },
      callId,
      systemClock,
      (event) => this.#note(event),
      (trouble) => void this.troubles.push(trouble),
    );
    following.run((signal) => captions.follow(signal));
  }

  #note(event: CallEvent): void {
    if (event.type === 'spoken' && event.party === CALLER) {
      const { atMs, piiSource = '', piiText, stages } = event;
      if (stages === undefined) {
        this.troubles.push('the server does not tell where the time of a segment went');
      } else {
        this.spoken.push({ atMs, source: piiSource, text: piiText, stages });
      }
    } else if (event.type === 'utterance' && event.report.outcome !== 'spoken') {
      this.troubles.push(`utterance ${event.report.utterance} was not spoken: ${event.report.outcome}`);
    }
  }
}

function factsOf(
  script: LiveScript,
  call: number,
  phones: PhoneFacts,
  spoken: readonly SpokenFacts[],
): CallFacts {
  return { call, turns: liveTurns(script, call), phones, spoken };
}

/** The server takes calls a moment before it answers HTTP. @throws Error when it does not within 5 s. */
async function untilHttpAnswers(httpPort: number): Promise<void> {
  const deadlineMs = systemClock.nowMs() + HTTP_LIMIT_MS;
  for (;;) {
    try {
      const answer = await fetch(`http://${HOST}:${httpPort}/health`);
      await answer.body?.cancel();
      return;
    } catch (error) {
      if (systemClock.nowMs() > deadlineMs) {
        throw new Error('the server takes calls and does not answer HTTP', { cause: error });
      }
      await pause(HTTP_POLL_MS);
    }
  }
}

/** The server with nothing in its environment but the vendors. Words are separated by spaces. */
function serveCommand({ deepgramUrl, deeplUrl, xttsUrls }: Vendors, httpPort: number): string {
  return [
    ...['env', '-i', 'DEEPGRAM_API_KEY=stand-in-key', `DEEPGRAM_URL=${deepgramUrl}`],
    ...['DEEPL_API_KEY=stand-in-key', `DEEPL_URL=${deeplUrl}`, `XTTS_URL=${xttsUrls.join(',')}`],
    ...[process.execPath, fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))],
    ...['serve', '--pair', 'en:fr', '--policy', 'clause', '--original', 'off', '--announcement', 'off'],
    ...['--listen', `${HOST}:{port}`, '--max-legs', '{legs}', '--http', `${HOST}:${httpPort}`, '--captions'],
    ...['--metrics', 'off', '--log-level', 'warn'],
  ].join(' ');
}

function send(vendors: ChildProcess, order: VendorOrder): void {
  vendors.send(order);
}

function pause(delayMs: number): Promise<void> {
  return systemClock.sleep(Math.max(0, delayMs), new AbortController().signal);
}

/** Captions say themselves what goes wrong with them; anything else is a mistake of the bench. */
function rethrown(error: unknown): never {
  throw error;
}
