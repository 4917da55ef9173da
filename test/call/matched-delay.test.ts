/** Calls whose faster direction is held. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CountSums } from '../../src/base/counts.ts';
import { Scope } from '../../src/base/scope.ts';
import { MatchedDelay } from '../../src/call/matched-delay.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import { findSoundMs, sine } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;

/** A call whose translations into Spanish are 500 ms late, into English 2 s. Party a speaks English, b Spanish. */
async function unevenCall(t: TestContext, plan: Partial<CallPlan> = {}) {
  const exchange = new ScriptedExchange(t, {
    plan: { joinTones: false, announce: false, matchDelay: true, ...plan },
    interpreters: (scripted) => () => scripted.text,
  });
  const [a, b] = await exchange.call();
  await exchange.run(300);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  const lags = [
    ['en', 'es', 500],
    ['es', 'en', 2_000],
  ] as const;
  for (const [from, to, lagMs] of lags) {
    const timing = { speechStartMs: 0, speechEndMs: 100, endpointMs: 100, ttsFirstMs: 100 + lagMs };
    exchange.interpreters.of(from, to).ends(0, { timing });
  }
  a.heard();
  b.heard();
  /** When a segment is heard that is ready now, in ms. */
  const saidAfterMs = async (from: 'en' | 'es', readyBeforeMs = 0): Promise<number> => {
    const [to, listener] = from === 'en' ? (['es', b] as const) : (['en', a] as const);
    const readyMs = exchange.clock.nowMs() - readyBeforeMs;
    const segment = exchange.interpreters.of(from, to).options.speak({
      ...{ utterance: 0, text: 'said', source: undefined, rateHz: RATE_HZ },
      timing: { cutMs: readyMs, translatedMs: readyMs, firstSoundMs: readyMs },
    });
    segment.add(sine(700, 300, RATE_HZ));
    segment.end();
    listener.heard();
    await exchange.run(2_500);
    return findSoundMs(listener.heard(), RATE_HZ) ?? Number.NaN;
  };
  return { exchange, call, b, saidAfterMs };
}

function isAbout(ms: number, expectedMs: number): void {
  assert.ok(Math.abs(ms - expectedMs) <= 60, `heard after ${ms} ms and not ${expectedMs}`);
}

describe('a call with --match-delay', () => {
  it('holds what the faster direction says until the slower one would be as late', async (t) => {
    const { call, saidAfterMs } = await unevenCall(t);
    isAbout(await saidAfterMs('en'), 1_500);
    isAbout(await saidAfterMs('es'), 0);
    assert.equal(new CountSums().add(call).number('matchHeldMs'), 1_500);
  });

  it('does not hold what its listener has waited for already', async (t) => {
    const { saidAfterMs } = await unevenCall(t);
    isAbout(await saidAfterMs('en', 1_000), 500);
    isAbout(await saidAfterMs('en', 2_000), 0);
  });

  it('begins and ends when somebody says so in mid-call', async (t) => {
    const { call, saidAfterMs } = await unevenCall(t, { matchDelay: false });
    isAbout(await saidAfterMs('en'), 0);
    call.changePlan({ matchDelay: true });
    isAbout(await saidAfterMs('en'), 1_500);
    call.changePlan({ matchDelay: false });
    isAbout(await saidAfterMs('en'), 0);
  });

  it('holds nothing where everybody hears the interpreter, one turn after the other', async (t) => {
    const { saidAfterMs } = await unevenCall(t, { policy: 'consecutive' });
    isAbout(await saidAfterMs('en'), 0);
  });

  it('says in their order what is held less and less, without a piece missing', async (t) => {
    const { exchange, saidAfterMs } = await unevenCall(t);
    const rendering = exchange.interpreters.of('en', 'es');
    const first = rendering.opens(0, 'first');
    first.add(sine(1_500, 200, RATE_HZ));
    first.end();
    // The slower direction has become as fast.
    const timing = { speechStartMs: 0, speechEndMs: 100, endpointMs: 100, ttsFirstMs: 100 };
    for (let utterance = 1; utterance < 12; utterance += 1) {
      exchange.interpreters.of('es', 'en').ends(utterance, { timing });
    }
    isAbout(await saidAfterMs('en'), 1_500);
    const said = exchange.events.flatMap((event) => (event.type === 'spoken' ? [event.piiText] : []));
    assert.deepEqual(said, ['first', 'said']);
  });

  for (const [why, meanwhile] of [
    ['its timer is late', ({ exchange }) => exchange.clock.freeze(2_000)],
    ['nothing more is to be held', ({ call }) => call.changePlan({ matchDelay: false })],
  ] satisfies readonly (readonly [string, (uneven: Awaited<ReturnType<typeof unevenCall>>) => void])[]) {
    it(`says what is held before what comes after it when ${why}`, async (t) => {
      const uneven = await unevenCall(t);
      const rendering = uneven.exchange.interpreters.of('en', 'es');
      rendering.speaks(0, sine(1_500, 200, RATE_HZ), 'first');
      await uneven.exchange.run(100);
      meanwhile(uneven);
      const second = rendering.options.speak({
        ...{ utterance: 0, text: 'second', source: undefined, rateHz: RATE_HZ },
        timing: { cutMs: 0, translatedMs: 0, firstSoundMs: 0 },
      });
      second.add(sine(1_500, 200, RATE_HZ));
      second.end();
      await uneven.exchange.run(1_000);
      const said = uneven.exchange.events.flatMap((event) =>
        event.type === 'spoken' ? [event.piiText] : [],
      );
      assert.deepEqual(said, ['first', 'second']);
    });
  }

  it('forgets what is held for a party that is told something instead, and for nobody else', async (t) => {
    const { exchange, call, b } = await unevenCall(t);
    const en = exchange.interpreters.of('en', 'es');
    const held = en.opens(7, 'held');
    held.add(sine(1_500, 300, RATE_HZ));
    await exchange.run(100);
    async function* pieces() {
      yield sine(1_100, 200, RATE_HZ);
    }
    const saying = { id: 'one', piiText: '', open: async () => ({ rateHz: RATE_HZ, pieces: pieces() }) };
    // What is held for the other party stays so.
    assert.equal(call.say('a', { ...saying, id: 'other' }, true), 'queued');
    await exchange.run(100);
    assert.equal(hears(b.heard(), 1_500), false);
    assert.equal(call.say('b', saying, true), 'queued');
    held.add(sine(1_500, 300, RATE_HZ));
    held.end();
    await exchange.run(3_000);
    const heard = b.heard();
    assert.deepEqual([hears(heard, 1_100), hears(heard, 1_500)], [true, false]);
    // It has come to its end, as what is interrupted does, and holds up nobody.
    en.ends(7);
    await exchange.run(100);
    const outcomes = exchange.events.flatMap((event) =>
      event.type === 'utterance' && event.report.source.language === 'en' ? [event.report.outcome] : [],
    );
    assert.equal(outcomes.at(-1), 'not-played');
  });

  it('ends with its call, whatever is held', async (t) => {
    const { exchange, call } = await unevenCall(t);
    exchange.interpreters.of('en', 'es').speaks(0, sine(700, 300, RATE_HZ));
    call.hangUp('test');
    await exchange.run(200);
    assert.equal(exchange.switchboard.calls.size, 0);
    const timers = exchange.clock.pendingTimers;
    await exchange.run(3_000);
    assert.equal(exchange.clock.pendingTimers, timers, 'nothing was left to be waited for');
    assert.equal(
      exchange.events.some(({ type }) => type === 'spoken'),
      false,
    );
  });
});

/** Whose timers come when the test says so, in whichever order. */
class ClockByHand extends FakeClock {
  readonly due: (() => void)[] = [];

  override sleep(_delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.due.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}

describe('MatchedDelay', () => {
  const timing = { speechStartMs: 0, speechEndMs: 0, endpointMs: 0 };

  function delayOf(t: TestContext) {
    const clock = new ClockByHand();
    const scope = new Scope((error) => assert.fail(String(error)));
    t.after(() => scope.close());
    const delay = new MatchedDelay(clock, scope);
    for (const [from, to, ttsFirstMs] of [
      ['en', 'es', 500],
      ['de', 'es', 900],
      ['es', 'en', 2_000],
      ['es', 'de', 2_000],
    ] as const) {
      delay.heard({ from, to }, { ...timing, ttsFirstMs });
    }
    const begun: string[] = [];
    const speaks = (from: string, to: string, name: string, firstSoundMs: number): void => {
      const segment = {
        ...{ utterance: 0, text: name, source: undefined, rateHz: RATE_HZ, said: undefined },
        timing: { cutMs: 0, translatedMs: 0, firstSoundMs },
      };
      delay.play(to, delay.holdMs({ from, to }, segment), segment, () => {
        begun.push(name);
        return { add: () => {}, end: () => {} };
      });
    };
    return { clock, delay, begun, speaks };
  }

  it('begins what is held in its order, whichever timer comes first', async (t) => {
    const { clock, begun, speaks } = delayOf(t);
    const nowMs = clock.nowMs();
    speaks('en', 'es', 'first', nowMs);
    speaks('en', 'es', 'second', nowMs - 300);
    speaks('en', 'es', 'third', nowMs + 10);
    clock.due[1]?.();
    await clock.settle();
    assert.deepEqual(begun, ['first', 'second']);
    clock.due[0]?.();
    clock.due[2]?.();
    await clock.settle();
    assert.deepEqual(begun, ['first', 'second', 'third']);
  });

  it('keeps the order of what one party hears of another whose language has changed', (t) => {
    const { clock, begun, speaks } = delayOf(t);
    speaks('en', 'es', 'in English', clock.nowMs());
    speaks('de', 'es', 'in German', clock.nowMs() - 1_100);
    assert.deepEqual(begun, []);
    speaks('fr', 'es', 'in French', clock.nowMs() - 5_000);
    clock.freeze(2_000);
    speaks('fr', 'es', 'in French, late', clock.nowMs() - 5_000);
    assert.deepEqual(begun, ['in English', 'in German', 'in French', 'in French, late']);
  });

  it('holds up nothing that others hear', (t) => {
    const { clock, delay, begun, speaks } = delayOf(t);
    speaks('en', 'es', 'to es', clock.nowMs());
    speaks('es', 'en', 'to en', clock.nowMs());
    assert.deepEqual(begun, ['to en']);
    delay.release('en');
    assert.deepEqual(begun, ['to en']);
    delay.release('es');
    assert.deepEqual(begun, ['to en', 'to es']);
  });
});
