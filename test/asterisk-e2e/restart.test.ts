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
import type { Wav } from '../../src/protocol/wav.ts';
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
const DRAIN_S = 20;
const RUNS_LIMIT_MS = 90_000;
/**
 * What a listener may miss when dragoman goes: 300 ms of the dialplan's and what it takes to notice and to bridge, on a
 * machine that is busy; far less than the 10 s for which a party waits that nobody fetches.
 */
const GAP_LIMIT_MS = 4_000;
const ENDING_LIMIT_MS = 8_000;
/** How long the parties are heard once they are bridged. */
const PLAIN_MS = 1_000;
/** How long they are recorded together before dragoman is killed, which costs the last second of it. */
const RECORDED_MS = 3_000;
/** What is kept at least of that when dragoman is killed. */
const KEPT_MS = 400;
/** Two seconds of words and three of a tone. */
const TOLD_LIMIT_MS = 30_000;
const CALLER_HZ = 600;
const CALLEE_HZ = 900;

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
    await pass(RECORDED_MS);
    await exchange.dragoman.kill();
    await bridged(exchange, 0, 1);
    await pass(PLAIN_MS);
    for (const phones of [narrow, wide]) {
      assert.equal(phones[0].count('CALL_CLOSED') + phones[1].count('CALL_CLOSED'), 0);
      await phones[0].hangUp();
      await phones[1].until('CALL_CLOSED', ENDING_LIMIT_MS);
      assertHeardThroughout(await hearBoth(phones));
    }
    await assertRecorded(recordings, [8_000, 16_000]);
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
    await exchange.dragoman.untilEnded(DRAIN_S * 1_000 + 20_000);
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
  return { rateHz: 16_000, pcm: sine(toneHz, 90_000, 16_000, 0.25) };
}

/** A call in which each party is a tone. */
function tonesCall(exchange: Exchange, test: Test, index: number, way: Way) {
  return exchange.call(test, index, way, { say: tone(CALLER_HZ) }, { say: tone(CALLEE_HZ) });
}

/**
 * Calls that were recorded when dragoman was killed are there up to then: the caller left and the callee right, both as
 * long as the call, and what each heard of the other where the other said it.
 */
async function assertRecorded(directory: string, ratesHz: readonly number[]): Promise<void> {
  await eventually(
    'the recorder has finished what it had',
    RUNS_LIMIT_MS,
    async () => (await readdir(join(directory, '.unfinished'))).length === 0,
  );
  const names = await readdir(directory, { recursive: true });
  const folders = names
    .filter((name) => name.endsWith('stereo.wav'))
    .map((name) => join(directory, name, '..'));
  const found: number[] = [];
  for (const folder of folders) {
    const said = await channelsOf(join(folder, 'stereo.wav'));
    const heard = await channelsOf(join(folder, 'heard.wav'));
    found.push(said.rateHz);
    for (const [side, toneHz] of [CALLER_HZ, CALLEE_HZ].entries()) {
      const voice = toneSpan(said.channels[side], toneHz, said.rateHz);
      const other = toneSpan(heard.channels[1 - side], toneHz, heard.rateHz);
      // Both were heard for three seconds, of which the last may be lost that was on its way to the disk.
      assert.ok(voice.untilMs - voice.fromMs >= KEPT_MS, `${toneHz} Hz: ${JSON.stringify(voice)}`);
      const apart = `${toneHz} Hz: said ${JSON.stringify(voice)}, heard ${JSON.stringify(other)}`;
      // On a machine that stands still now and then; to within a frame where time is told.
      assert.ok(other.fromMs >= voice.fromMs - 500 && Math.abs(other.untilMs - voice.untilMs) < 1_000, apart);
    }
  }
  assert.deepEqual(
    [...new Set(found)].sort((one, other) => one - other),
    ratesHz,
  );
}

async function channelsOf(path: string) {
  const wav = await readFile(path);
  const all = new Int16Array(Uint8Array.from(wav.subarray(44, 44 + wav.readUInt32LE(40))).buffer);
  return {
    rateHz: wav.readUInt32LE(24),
    channels: [0, 1].map((side) => all.filter((_, index) => index % 2 === side)),
  };
}

/** From when until when a tone sounds, in ms, by the tenth of a second. */
function toneSpan(pcm: Int16Array | undefined, toneHz: number, rateHz: number) {
  const places: number[] = [];
  for (let atMs = 0; pcm !== undefined && ((atMs + 100) * rateHz) / 1_000 <= pcm.length; atMs += 100) {
    if (isTone(sliceMs(pcm, rateHz, atMs, atMs + 100), toneHz, rateHz)) {
      places.push(atMs);
    }
  }
  return { fromMs: places[0] ?? Number.NaN, untilMs: (places.at(-1) ?? Number.NaN) + 100 };
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
  await pass(2 * PLAIN_MS);
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
    assert.ok(heardMs >= PLAIN_MS / 2, `${who} heard the other for ${heardMs} ms in all`);
    assert.ok(longestMs <= GAP_LIMIT_MS, `${who} heard nothing for ${longestMs} ms`);
    // The end is not within a gap, but for one of a busy machine: what fell back goes on.
    assert.ok(gapMs <= 1_000, `${who} heard nothing at the end`);
  }
}
