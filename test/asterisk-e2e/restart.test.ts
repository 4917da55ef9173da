/**
 * Calls on a real Asterisk while dragoman goes: killed, refused, restarted, asked to end. The parties go on without a
 * translator or are told, as the dialplan says; nobody is left in silence. One thing after the other: they all
 * share the dragoman that goes.
 */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { WAV_HEADER_BYTES, type Wav } from '../../src/protocol/wav.ts';
import { isTone, sine, sliceMs } from '../asterisk/audio.ts';
import { removeFolder } from '../support/folders.ts';
import { eventually, pass } from '../support/waiting.ts';
import {
  DRAGOMAN_AWAY,
  DRAGOMAN_GONE,
  Exchange,
  hearBoth,
  PARTY_HUNG_UP,
  PREFIX,
  type Way,
} from './exchange.ts';
import { soundMs } from './melody.ts';

/** By then a call that comes while it drains has been refused, on a machine that is busy. */
const DRAIN_S = 40;
/** What it may take beyond that to end. */
const DRAINED_LIMIT_MS = DRAIN_S * 1_000 + 60_000;
const RUNS_LIMIT_MS = 90_000;
/**
 * What a listener may miss when dragoman goes: 300 ms of the dialplan's and what it takes to notice and to bridge, on a
 * machine that is busy; far less than the 10 s for which a party waits that nobody fetches.
 */
const GAP_LIMIT_MS = 4_000;
const ENDING_LIMIT_MS = 60_000;
/** How long the parties go on once they are bridged, and what they hear of each other at least: phones stand still, too. */
const PLAIN_MS = 4_000;
const LEAST_HEARD_MS = 500;
/** What is on the disk of each voice before dragoman is killed, and is kept. */
const KEPT_MS = 400;
/** By how much what is heard may end before what is said: for so long a full machine may have sent nothing on. */
const STALL_MS = 2_000;
/** Two seconds of words and three of a tone. */
const TOLD_LIMIT_MS = 30_000;
const CALLER_HZ = 600;
const CALLEE_HZ = 900;
/** A tone sounds from when its phone is connected: until others are, dragoman has drained, and all are bridged. */
const TONES = new Map(
  [CALLER_HZ, CALLEE_HZ].map((toneHz) => [toneHz, sine(toneHz, 240_000, 16_000, 0.25)] as const),
);
/** The rates of the two calls that are killed. */
const RATES_HZ = [8_000, 16_000] as const;

describe('calls on a real Asterisk when dragoman goes', () => {
  let exchange: Exchange | string | undefined;
  let recordings = '';
  before(async () => {
    recordings = await mkdtemp(join(tmpdir(), 'dragoman-restart-'));
    exchange = await Exchange.open({
      serve: [
        ...['--pair', 'en:es', '--mode', 'passthrough', '--drain-timeout', String(DRAIN_S)],
        ...['--record', 'all', '--record-dir', recordings, '--record-announcement', 'off'],
      ],
      pairs: 4,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      // Once, in CI, a channel stayed behind this file. Asterisk closes the descriptor of a refused connection twice
      // (dialplan/extensions.conf says more), and so perhaps one that a channel has just opened; it was not seen again.
      // That each party's call ends is asserted where it does.
      await exchange.close([...PARTY_HUNG_UP, ...DRAGOMAN_GONE, ...DRAGOMAN_AWAY], { emptied: false });
    }
  });
  after(() => removeFolder(recordings));

  it('bridges the parties plainly when dragoman is killed, and translates the next call when it is back', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const running = exchange;
    const narrow = await tonesCall(exchange, test, 0, '8');
    const wide = await tonesCall(exchange, test, 1, '9');
    await eventually('both calls run', RUNS_LIMIT_MS, async () => (await partiesOf(running)) === 4);
    await untilRecorded(recordings);
    await exchange.dragoman.kill();
    await bridged(exchange, 0, 1);
    await pass(PLAIN_MS);
    for (const phones of [narrow, wide]) {
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      await phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
      assertHeardThroughout(await hearBoth(phones));
    }
    await assertRecorded(recordings);
    await exchange.restart();
    await assertNextCallWorks(exchange, test, 2);
  });

  it('bridges the parties plainly when dragoman cannot be reached as they answer', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await exchange.dragoman.kill();
    for (const way of ['8', '9'] as const) {
      const phones = await tonesCall(exchange, test, 3, way);
      await bridged(exchange, 3);
      await pass(PLAIN_MS);
      await phones[1].hangUp();
      await phones[0].until('CALL_CLOSED', ENDING_LIMIT_MS);
      assertHeardThroughout(await hearBoth(phones));
    }
    await exchange.restart();
  });

  it('tells both parties and hangs up, where the dialplan says so', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await exchange.testbed.cli('dialplan set global DRAGOMAN_FALLBACK tell');
    const running = exchange;
    const phones = await exchange.call(test, 0, '9');
    await eventually('the call runs', RUNS_LIMIT_MS, async () => (await partiesOf(running)) === 2);
    await exchange.dragoman.kill();
    await Promise.all(phones.map((phone) => phone.until('CALL_CLOSED', TOLD_LIMIT_MS)));
    for (const { pcm, rateHz } of await hearBoth(phones)) {
      assert.ok(soundMs(pcm.subarray(-5 * rateHz), rateHz) > 1_500, 'words and the congestion tone');
    }
    await exchange.testbed.cli('dialplan set global DRAGOMAN_FALLBACK bridge');
    await exchange.restart();
  });

  it('cuts no call before the drain time when asked to end, and translates the next one when it is back', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const running = exchange;
    const narrow = await tonesCall(exchange, test, 0, '8');
    const wide = await tonesCall(exchange, test, 1, '9');
    await eventually('both calls run', RUNS_LIMIT_MS, async () => (await partiesOf(running)) === 4);
    const { caller, callee, number } = exchange.pair(2);
    const late = [
      await exchange.phone(test, { user: caller, say: tone(CALLER_HZ) }),
      await exchange.phone(test, { user: callee, say: tone(CALLEE_HZ) }),
    ] as const;
    const askedMs = systemClock.nowMs();
    exchange.dragoman.terminate();
    // A call that comes while it drains is refused by dragoman, and so goes on without.
    await late[0].dial(`${PREFIX}9${number}`);
    await Promise.all(late.map((phone) => phone.until('CALL_ESTABLISHED')));
    await eventually('the late call is refused', RUNS_LIMIT_MS, () =>
      running.dragoman.lines.some(({ msg, reason }) => msg === 'a leg was refused' && reason === 'draining'),
    );
    await exchange.dragoman.untilEnded(DRAINED_LIMIT_MS);
    const drainedMs = systemClock.nowMs() - askedMs;
    assert.ok(drainedMs >= DRAIN_S * 1_000 - 50, `it ended after ${drainedMs} ms`);
    await bridged(exchange, 0, 1, 2);
    await pass(PLAIN_MS);
    for (const phones of [narrow, wide, late]) {
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      await phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
      assertHeardThroughout(await hearBoth(phones));
    }
    await exchange.restart();
    await assertNextCallWorks(exchange, test, 2);
  });
});

type Test = Parameters<typeof Exchange.orSkip>[1];

function tone(toneHz: number): Wav {
  return { rateHz: 16_000, pcm: TONES.get(toneHz) ?? new Int16Array(0) };
}

/** A call in which each party is a tone. */
function tonesCall(exchange: Exchange, test: Test, index: number, way: Way) {
  return exchange.call(test, index, way, { say: tone(CALLER_HZ) }, { say: tone(CALLEE_HZ) });
}

/** Waits until something of each voice, as it was said and as it was heard, is on the disk of both calls. */
async function untilRecorded(directory: string): Promise<void> {
  let kept: readonly KeptCall[] = [];
  await eventually(
    () => `both calls are recorded, so far: ${JSON.stringify(kept)}`,
    RUNS_LIMIT_MS,
    async () => {
      kept = await keptCalls(directory);
      return (
        kept.length === RATES_HZ.length &&
        kept.every(({ tones }) => tones.every(({ said, heard }) => isKept(said) && isKept(heard)))
      );
    },
  );
}

/**
 * Calls that were recorded when dragoman was killed are there up to then: the caller left and the callee right, both as
 * long as the call, and what each heard of the other where the other said it.
 */
async function assertRecorded(directory: string): Promise<void> {
  // A recorder says so of each call that it has finished because its server was killed.
  await eventually('the recorder has finished what it had', RUNS_LIMIT_MS, async () => {
    const finished = await readdir(join(directory, '.cut-off')).catch(() => []);
    return finished.length === RATES_HZ.length;
  });
  assert.deepEqual(await readdir(join(directory, '.unfinished')), []);
  const kept = await keptCalls(directory, lengthSaid);
  for (const { tones } of kept) {
    for (const { toneHz, said, heard } of tones) {
      const apart = `${toneHz} Hz: said ${JSON.stringify(said)}, heard ${JSON.stringify(heard)}`;
      assert.ok(isKept(said) && isKept(heard), apart);
      // On a machine that stands still now and then; to within a frame where time is told.
      assert.ok(heard.fromMs >= said.fromMs - 500, apart);
      assert.ok(heard.untilMs > said.untilMs - STALL_MS && heard.untilMs < said.untilMs + 1_000, apart);
    }
  }
  assert.deepEqual(
    kept.map(({ rateHz }) => rateHz).toSorted((one, other) => one - other),
    RATES_HZ,
  );
}

/** Where a tone is in a channel, and in how many frames of 20 ms: of what is heard a full machine leaves frames out. */
interface ToneSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly frames: number;
}

interface KeptCall {
  readonly rateHz: number;
  readonly tones: readonly { readonly toneHz: number; readonly said: ToneSpan; readonly heard: ToneSpan }[];
}

function isKept({ frames }: ToneSpan): boolean {
  return frames * FRAME_MS >= KEPT_MS;
}

/**
 * What is on the disk of each call that has both its files.
 * @param lengthOf how much of a file is sound, in bytes; default all behind the header, which is renewed now and then only.
 */
async function keptCalls(
  directory: string,
  lengthOf = (wav: Buffer): number => wav.length - WAV_HEADER_BYTES,
): Promise<readonly KeptCall[]> {
  const names = await readdir(directory, { recursive: true });
  const calls: KeptCall[] = [];
  for (const name of names.filter((each) => each.endsWith('stereo.wav'))) {
    const said = await channelsOf(join(directory, name), lengthOf);
    const heard = await channelsOf(join(directory, name, '../heard.wav'), lengthOf);
    const tones = [CALLER_HZ, CALLEE_HZ].map((toneHz, side) => ({
      toneHz,
      said: toneSpan(said.channels[side], toneHz, said.rateHz),
      heard: toneSpan(heard.channels[1 - side], toneHz, heard.rateHz),
    }));
    calls.push({ rateHz: said.rateHz, tones });
  }
  return calls;
}

/** What a file's header says. */
function lengthSaid(wav: Buffer): number {
  return wav.readUInt32LE(WAV_HEADER_BYTES - 4);
}

/** Nothing where there is no file yet. */
async function channelsOf(path: string, lengthOf: (wav: Buffer) => number) {
  const wav = await readFile(path).catch(() => Buffer.alloc(0));
  if (wav.length < WAV_HEADER_BYTES) {
    return { rateHz: 0, channels: [] };
  }
  const sound = wav.subarray(WAV_HEADER_BYTES, WAV_HEADER_BYTES + lengthOf(wav));
  // What is being written may end within a sample of both channels.
  const all = new Int16Array(Uint8Array.from(sound.subarray(0, sound.length & ~3)).buffer);
  return {
    rateHz: wav.readUInt32LE(24),
    channels: [0, 1].map((side) => all.filter((_, index) => index % 2 === side)),
  };
}

function toneSpan(pcm: Int16Array | undefined, toneHz: number, rateHz: number): ToneSpan {
  const places: number[] = [];
  for (
    let atMs = 0;
    pcm !== undefined && ((atMs + FRAME_MS) * rateHz) / 1_000 <= pcm.length;
    atMs += FRAME_MS
  ) {
    if (isTone(sliceMs(pcm, rateHz, atMs, atMs + FRAME_MS), toneHz, rateHz)) {
      places.push(atMs);
    }
  }
  const [fromMs = Number.NaN] = places;
  return { fromMs, untilMs: (places.at(-1) ?? Number.NaN) + FRAME_MS, frames: places.length };
}

/**
 * Waits until the calls of these pairs, the last they made, go on without dragoman: the caller's and the callee's
 * channel are in a bridge, with each other.
 */
async function bridged(exchange: Exchange, ...pairs: readonly number[]): Promise<void> {
  for (const pair of pairs) {
    const { caller } = exchange.pair(pair);
    let partner = '';
    await eventually(`pair ${pair} talks without a translator`, RUNS_LIMIT_MS, async () => {
      const channels = (await exchange.testbed.cli('core show channels concise')).trim().split('\n');
      const shown = channels.map((line) => line.split('!'));
      // The last field but one is the channel's id of a bridge, empty without one.
      const bridgeOf = (name: string) => shown.find(([channel]) => channel?.startsWith(name))?.at(-2);
      const ours = bridgeOf(`PJSIP/${caller}-`);
      if (ours === undefined || ours === '') {
        return false;
      }
      partner ||= await exchange.testbed.variable(caller, 'DRAGOMAN_PARTNER').catch(() => '');
      return partner !== '' && bridgeOf(partner) === ours;
    });
  }
}

async function partiesOf(exchange: Exchange): Promise<number> {
  const calls = await exchange.dragoman.calls();
  return calls.reduce((sum, { parties }) => sum + parties.length, 0);
}

async function assertNextCallWorks(exchange: Exchange, test: Test, index: number): Promise<void> {
  const phones = await tonesCall(exchange, test, index, '9');
  await eventually(
    'the call runs through dragoman',
    RUNS_LIMIT_MS,
    async () => (await partiesOf(exchange)) === 2,
  );
  await pass(PLAIN_MS);
  await phones[0].hangUp();
  await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
  assertHeardThroughout(await hearBoth(phones));
}

/** Each heard the other's tone, from where it was first heard to the end, with no gap longer than the limit. */
function assertHeardThroughout([alice, bob]: readonly [Wav, Wav]): void {
  for (const [who, { pcm, rateHz }, toneHz] of [
    ['the caller', alice, CALLEE_HZ],
    ['the callee', bob, CALLER_HZ],
  ] as const) {
    const wholeMs = (pcm.length * 1_000) / rateHz;
    let gapMs = 0;
    let longestMs = 0;
    let heardMs = 0;
    for (let atMs = 0; atMs + 40 <= wholeMs; atMs += 40) {
      if (isTone(sliceMs(pcm, rateHz, atMs, atMs + 40), toneHz, rateHz)) {
        heardMs += 40;
        gapMs = 0;
      } else if (heardMs > 0) {
        gapMs += 40;
        longestMs = Math.max(longestMs, gapMs);
      }
    }
    assert.ok(heardMs >= LEAST_HEARD_MS, `${who} heard the other for ${heardMs} ms in all`);
    assert.ok(longestMs <= GAP_LIMIT_MS, `${who} heard nothing for ${longestMs} ms`);
    // The end is not within a gap, but for one of a busy machine: what fell back goes on.
    assert.ok(gapMs <= 1_000, `${who} heard nothing at the end`);
  }
}
