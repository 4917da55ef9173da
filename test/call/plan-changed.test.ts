/** Calls that are to be otherwise while they run. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallPlan } from '../../src/call/plan.ts';
import { sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** What translations sound like here. */
const TRANSLATION_HZ = 1_500;

/** A call in which everyone is interpreted. Party a speaks English, b Spanish. */
async function interpretedCall(t: TestContext, plan: Partial<CallPlan> = {}) {
  const exchange = new ScriptedExchange(t, {
    plan: { joinTones: false, announce: false, ...plan },
    interpreters: (scripted) => () => scripted.text,
  });
  const [a, b] = await exchange.call();
  await exchange.run(300);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  return { exchange, call, a, b };
}

describe('a call whose translation is left for a while', () => {
  it('is heard as it is, and interpreted again when it is taken up', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    call.changePlan({ translating: false });
    await exchange.run(100);
    assert.deepEqual(
      [exchange.statesOf('a').at(-1), exchange.interpreters.of('en', 'es').closed],
      ['CONNECTED', 1],
    );
    b.heard();
    a.speak(sine(600, 400, RATE_HZ));
    await exchange.run(500);
    assert.equal(hears(b.heard(), 600), true);
    call.changePlan({ translating: true });
    await exchange.run(100);
    assert.equal(exchange.statesOf('a').at(-1), 'TRANSLATING');
    assert.deepEqual(
      exchange.events.filter(({ type }) => type === 'call-changed').map((event) => ({ ...event, atMs: 0 })),
      [false, true].map((translating) => ({
        ...{
          type: 'call-changed',
          atMs: 0,
          mode: 'bidirectional',
          translating,
          policy: 'clause',
          original: 'off',
          matchDelay: false,
        },
      })),
    );
  });
});

describe('a call that is to be of another mode', () => {
  it('interprets those who are meant by it', async (t) => {
    const { exchange, call } = await interpretedCall(t);
    call.changePlan({ mode: 'unidirectional' });
    await exchange.run(100);
    assert.deepEqual(
      [exchange.statesOf('a').at(-1), exchange.statesOf('b').at(-1)],
      ['TRANSLATING', 'CONNECTED'],
    );
    assert.equal(call.plan.mode, 'unidirectional');
  });

  it('tells nobody of what is so already', async (t) => {
    const { exchange, call } = await interpretedCall(t);
    call.changePlan({ mode: 'bidirectional', policy: 'clause' });
    await exchange.run(100);
    assert.equal(exchange.events.filter(({ type }) => type === 'call-changed').length, 0);
    assert.deepEqual(
      exchange.interpreters.hearings.map(({ options }) => options.from),
      ['en', 'es'],
    );
  });
});

describe('a call that is interpreted by another policy', () => {
  it('has what was said rendered as it began, and what is said from now on by the new one', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    const before = exchange.interpreters.of('en', 'es');
    call.changePlan({ policy: 'turn' });
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_000);
    const next = exchange.interpreters.of('en', 'es');
    assert.deepEqual([before.closed, next === before], [0, false]);
    b.heard();
    before.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    before.ends(1);
    await exchange.run(1_000);
    assert.deepEqual([hears(b.heard(), TRANSLATION_HZ), before.closed], [true, 1]);
    const policies = exchange.interpreters.hearings.map(({ options }) => options.policy);
    assert.deepEqual(policies, ['clause', 'clause', 'turn', 'turn']);
  });
});

describe('a party that is to be heard otherwise, or to hear', () => {
  it('is heard by nobody once it is muted, and its hearing goes', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    call.changeParty('a', { muted: true });
    await exchange.run(100);
    b.heard();
    a.speak(sine(600, 400, RATE_HZ));
    await exchange.run(600);
    assert.equal(hears(b.heard(), 600), false);
    assert.deepEqual(
      [exchange.interpreters.of('en', 'es').closed, exchange.statesOf('b').at(-1)],
      [1, 'TRANSLATING'],
    );
    call.changeParty('a', { muted: false });
    await exchange.run(100);
    assert.equal(exchange.statesOf('a').at(-1), 'TRANSLATING');
  });

  it('hears voices alone, and nothing is rendered for it', async (t) => {
    const { exchange, call } = await interpretedCall(t);
    call.changeParty('b', { hears: 'voices' });
    await exchange.run(100);
    assert.equal(exchange.interpreters.of('en', 'es').closed, 1);
    assert.equal(exchange.interpreters.of('es', 'en').closed, 0);
  });

  it('goes on to be interpreted by what did so before', async (t) => {
    const { exchange, call } = await interpretedCall(t);
    call.changeParty('a', { original: 'full' });
    await exchange.run(100);
    assert.deepEqual(
      exchange.interpreters.hearings.map(({ closed }) => closed),
      [0, 0],
    );
    assert.equal(exchange.events.filter(({ type }) => type === 'party-changed').length, 1);
  });
});

describe('a party that we hang up', () => {
  it('leaves, and with it who was alone with it', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    assert.equal(call.hangUpParty('nobody', 'asked'), false);
    assert.equal(call.hangUpParty('a', 'asked'), true);
    await exchange.run(200);
    assert.deepEqual([a.ending, b.ending, exchange.switchboard.calls.size], ['hung-up', 'hung-up', 0]);
    assert.deepEqual(
      [exchange.tally('legsEnded', 'asked'), exchange.tally('legsEnded', 'partner-left')],
      [1, 1],
    );
  });
});

describe('the version of a call', () => {
  it('grows with each change of plan, of parties and of who they are, and with nothing else', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    const grown = async (work: () => void): Promise<boolean> => {
      const before = call.version;
      work();
      await exchange.run(100);
      return call.version > before;
    };
    assert.equal(call.version, 2, 'two have come');
    assert.equal(await grown(() => call.changePlan({ translating: false })), true);
    assert.equal(await grown(() => call.changePlan({ translating: false })), false);
    assert.equal(await grown(() => call.changeParty('a', { muted: true })), true);
    assert.equal(await grown(() => call.changeParty('a', { muted: true })), false);
    assert.equal(await grown(() => call.replacePerson('b', { name: 'Bo' })), true);
    assert.equal(await grown(() => a.speak(voiceLike(400, RATE_HZ))), false);
    assert.equal(await grown(() => b.end('peer-hangup')), true);
  });
});
