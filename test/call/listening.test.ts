/** Somebody listens to parties of a call: what is heard, what is not, and what is told of it. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallDetail } from '../../src/call/detail/call-detail.ts';
import { ContinuousSound } from '../../src/call/listening/continuous-sound.ts';
import type { Listened, ListenedSound, ListeningEnd } from '../../src/call/listening/listened-sound.ts';
import { loadMediaModules } from '../../src/media/dsp/wasm.ts';
import { concatPcm, sine, toneDbfs } from '../asterisk/audio.ts';
import { hears } from './heard-tones.ts';
import { type ExchangeOptions, ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** What each says. */
const A_HZ = 600;
const B_HZ = 1_500;
const WISH = { by: 'ana', tone: false };
/** What those hear who are told that somebody listens. */
const TOLD_HZ = 1_400;
/** How often a listener is given what has come, in ms. */
const PIECE_MS = 100;

async function runningCall(t: TestContext, options: ExchangeOptions = {}) {
  const exchange = new ScriptedExchange(t, {
    ...options,
    plan: { mode: 'passthrough', joinTones: false, announce: false, ...options.plan },
  });
  const details: CallDetail[] = [];
  exchange.switchboard.watchEnds((detail) => details.push(detail), AbortSignal.timeout(60_000));
  const [a, b] = await exchange.call();
  await exchange.run(300);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  const listen = (party: string, what: Listened, by = 'ana', tone = false): ListenedSound => {
    const sound = call.listen(party, { what, by, tone });
    assert.ok(typeof sound === 'object', String(sound));
    return sound;
  };
  /** What each of them is given while so long passes. */
  const hear = async (durationMs: number, ...sounds: readonly ListenedSound[]) => {
    const pieces: Int16Array[][] = sounds.map(() => []);
    for (let ms = 0; ms < durationMs; ms += PIECE_MS) {
      await exchange.run(PIECE_MS);
      for (const [index, sound] of sounds.entries()) {
        pieces[index]?.push(sound.take(exchange.clock.nowMs()));
      }
    }
    return pieces.map((each) => concatPcm(...each));
  };
  return { exchange, details, call, a, b, listen, hear };
}

/** How many frames of 20 ms hold a tone. */
function framesOf(pcm: Int16Array | undefined, toneHz: number, rateHz = RATE_HZ): number {
  const samples = rateHz / 50;
  let frames = 0;
  for (let at = 0; pcm !== undefined && at + samples <= pcm.length; at += samples) {
    frames += toneDbfs(pcm.subarray(at, at + samples), toneHz, rateHz) > -30 ? 1 : 0;
  }
  return frames;
}

function channelOf(pcm: Int16Array | undefined, which: 0 | 1): Int16Array {
  return (pcm ?? new Int16Array(0)).filter((_, index) => index % 2 === which);
}

function listenedIn({ events }: ScriptedExchange) {
  return events.flatMap((event) => (event.type === 'listened' ? [event] : []));
}

describe('who listens to a party', () => {
  it('hears what it says and what it hears, without a gap and without a frame twice', async (t) => {
    const { a, b, listen, hear } = await runningCall(t);
    const [voice, heard, both] = [listen('a', 'voice'), listen('a', 'heard'), listen('a', 'both')];
    assert.deepEqual(
      [voice, heard, both].map(({ rateHz, channels }) => [rateHz, channels]),
      [
        [RATE_HZ, 1],
        [RATE_HZ, 1],
        [RATE_HZ, 2],
      ],
    );
    a.speak(sine(A_HZ, 400, RATE_HZ));
    b.speak(sine(B_HZ, 200, RATE_HZ));
    const [said, told, all] = await hear(1_000, voice, heard, both);
    assert.deepEqual([said?.length, told?.length, all?.length], [RATE_HZ, RATE_HZ, 2 * RATE_HZ]);
    assert.deepEqual([framesOf(said, A_HZ), framesOf(said, B_HZ)], [20, 0]);
    assert.deepEqual([framesOf(told, A_HZ), framesOf(told, B_HZ)], [0, 10]);
    assert.deepEqual([channelOf(all, 0), channelOf(all, 1)], [said, told], 'left and right');
  });

  it('costs the party nothing more than a copy of what it hears, for as long as anybody wants that', async (t) => {
    const { exchange, call, b, listen, hear } = await runningCall(t);
    const leg = call.parties.get('a')?.leg;
    assert.ok(leg !== undefined);
    const recorder = leg.media.keepHeard();
    const [one, other] = [listen('a', 'heard'), listen('a', 'heard')];
    recorder();
    recorder();
    one.close();
    b.speak(sine(B_HZ, 200, RATE_HZ));
    const [told] = await hear(600, other);
    assert.equal(framesOf(told, B_HZ), 10, 'what ends for one goes on for the other');
    other.close();
    const tap = leg.media.tap(exchange.clock.nowMs(), new Set(['heard']));
    b.speak(sine(B_HZ, 200, RATE_HZ));
    await exchange.run(400);
    assert.deepEqual(tap.take(0), [], 'nobody wants it any more');
  });

  it('hears on by the next leg of the party, and silence until that has come', async (t) => {
    const { exchange, a, listen, hear } = await runningCall(t, { door: { rejoinMs: 3_000 } });
    const sound = listen('a', 'voice');
    a.speak(sine(A_HZ, 20, RATE_HZ));
    await exchange.run(20);
    a.end('lost');
    const [last] = await hear(500, sound);
    assert.deepEqual(
      [last?.length, framesOf(last, A_HZ)],
      [0.52 * RATE_HZ, 1],
      'to its last frame, then silence',
    );
    const again = await exchange.arrive('call0', 16_000);
    again.speak(sine(A_HZ, 400, 16_000));
    const [said] = await hear(1_000, sound);
    assert.equal(said?.length, RATE_HZ, 'at the rate at which it began');
    assert.ok(framesOf(said, A_HZ) >= 19, `${framesOf(said, A_HZ)} of 20 frames`);
  });

  it('is told in events, in the log and in the record, and hears no more once the party has left', async (t) => {
    const { exchange, details, a, listen, hear } = await runningCall(t);
    const ended: ListeningEnd[] = [];
    const sounds = [listen('a', 'both', 'ana'), listen('b', 'voice', 'bo')] as const;
    for (const sound of sounds) {
      sound.onEnd((why) => ended.push(why));
    }
    await hear(400, ...sounds);
    sounds[1].close();
    sounds[1].close();
    sounds[0].dropped(40);
    a.end('peer-closed');
    await exchange.run(100);
    assert.deepEqual(ended, ['closed', 'party-left']);
    assert.deepEqual(
      listenedIn(exchange).map(({ party, by, what, listening, state }) => [
        party,
        by,
        what,
        listening,
        state,
      ]),
      [
        ['a', 'ana', 'both', 1, 'began'],
        ['b', 'bo', 'voice', 2, 'began'],
        ['b', 'bo', 'voice', 2, 'ended'],
        ['a', 'ana', 'both', 1, 'ended'],
      ],
    );
    assert.deepEqual(
      exchange
        .logged('somebody listens to a party no more')
        .map(({ by, why, listenedMs }) => [by, why, listenedMs]),
      [
        ['bo', 'closed', 400],
        ['ana', 'party-left', 400],
      ],
    );
    const [{ listened, durationMs } = { listened: [], durationMs: 0 }] = details;
    assert.deepEqual(
      listened?.map(({ by, party, what, startMs, endMs }) => [by, party, what, endMs - startMs]),
      [
        ['ana', 'a', 'both', 400],
        ['bo', 'b', 'voice', 400],
      ],
    );
    assert.ok(listened?.every(({ endMs }) => endMs <= durationMs));
    assert.deepEqual(
      ['listensBegun', 'listensEnded', 'listenDroppedMs'].map((name) => exchange.count(name)),
      [2, 2, 40],
    );
    assert.equal(
      sounds[0].take(exchange.clock.nowMs()).every((sample) => sample === 0),
      true,
    );
  });

  it('is told to all by a tone where that is wished, and to who comes meanwhile', async (t) => {
    const { exchange, a, b, listen } = await runningCall(t, { door: { rejoinMs: 3_000 } });
    const silent = listen('a', 'voice');
    await exchange.run(700);
    assert.deepEqual(
      [a, b].map((leg) => hears(leg.heard(), TOLD_HZ)),
      [false, false],
    );
    const sound = listen('a', 'voice', 'ana', true);
    await exchange.run(700);
    assert.deepEqual(
      [a, b].map((leg) => hears(leg.heard(), TOLD_HZ)),
      [true, true],
    );
    b.end('lost');
    const again = await exchange.arrive('call1');
    await exchange.run(700);
    assert.deepEqual([hears(a.heard(), TOLD_HZ), hears(again.heard(), TOLD_HZ)], [false, true]);
    sound.close();
    silent.close();
  });

  it('hears no voice of who refuses to be recorded, nor what others hear of it, from then on', async (t) => {
    const { exchange, call, listen, hear } = await runningCall(t);
    const ended: string[] = [];
    for (const [party, what] of [
      ['a', 'voice'],
      ['b', 'heard'],
      ['b', 'both'],
      ['b', 'voice'],
    ] as const) {
      listen(party, what).onEnd((why) => ended.push(`${party} ${what} ${why}`));
    }
    assert.equal(call.listen('a', { ...WISH, what: 'voice' }), 'full');
    call.changeParty('a', { refusesRecording: true });
    assert.deepEqual(ended, ['a voice refused', 'b heard refused', 'b both refused']);
    assert.equal(call.listen('a', { ...WISH, what: 'voice' }), 'refused');
    assert.equal(call.listen('b', { ...WISH, what: 'both' }), 'refused');
    const [said] = await hear(200, listen('b', 'voice'));
    assert.equal(said?.length, RATE_HZ / 5);
    assert.equal(call.listen('c', { ...WISH, what: 'voice' }), 'not-there');
    assert.equal(exchange.warnings.length, 0);
  });
});

describe('a sound without gaps', () => {
  it('has each frame at its place, silence where there is none, and nothing that comes too late', async () => {
    const sound = new ContinuousSound(await loadMediaModules(), RATE_HZ, 10);
    const frame = (at: number, value: number, frames = 1) => ({
      ...{ rateHz: RATE_HZ, frame: at, pcm: new Int16Array(160 * frames).fill(value) },
    });
    const valuesOf = (pcm: Int16Array) => Array.from({ length: pcm.length / 160 }, (_, at) => pcm[at * 160]);
    sound.add(frame(11, 1));
    sound.add(frame(13, 3, 2));
    assert.deepEqual(valuesOf(sound.takeUpTo(14)), [0, 1, 0, 3]);
    sound.add(frame(12, 2));
    assert.deepEqual(valuesOf(sound.takeUpTo(14)), []);
    sound.add(frame(16, 6));
    assert.deepEqual(valuesOf(sound.takeUpTo(17)), [3, 0, 6], 'what was ahead of its time is there in time');
    sound.add(frame(15, 5, 4));
    assert.deepEqual(valuesOf(sound.takeUpTo(19)), [5, 5], 'of what is late in part the rest is there');
    sound.close();
  });
});
