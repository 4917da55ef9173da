/** What a party is told because somebody outside of the call asks for it. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { Saying } from '../../src/call/sayings.ts';
import { sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const SAID_HZ = 1_100;
const TRANSLATION_HZ = 1_500;

async function calling(t: TestContext) {
  const exchange = new ScriptedExchange(t, {
    plan: { announce: false, joinTones: false },
    interpreters: (scripted) => () => scripted.text,
  });
  const [a, b] = await exchange.call();
  await exchange.run(800);
  b.heard();
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  /** What became of everything that was to be said. */
  const fates = () =>
    exchange.events.flatMap((event) =>
      event.type === 'saying'
        ? [
            `${event.party} ${event.saying} ${event.state}${event.reason === undefined ? '' : ` ${event.reason}`}`,
          ]
        : [],
    );
  return { exchange, call, a, b, fates };
}

function tone(id: string, hz: number, ms: number): Saying {
  async function* pieces() {
    yield sine(hz, ms, RATE_HZ);
  }
  return { id, piiText: 'said', open: async () => ({ rateHz: RATE_HZ, pieces: pieces() }) };
}

describe('a party that is told something', () => {
  it('hears it, and nobody else does; whoever asked hears when it began and was over', async (t) => {
    const { exchange, call, a, b, fates } = await calling(t);
    assert.equal(call.say('b', tone('one', SAID_HZ, 400), false), 'queued');
    await exchange.run(300);
    assert.deepEqual(fates(), ['b one queued', 'b one started']);
    await exchange.run(700);
    assert.deepEqual(fates(), ['b one queued', 'b one started', 'b one finished']);
    assert.deepEqual([hears(b.heard(), SAID_HZ), hears(a.heard(), SAID_HZ)], [true, false]);
    assert.equal(call.say('nobody', tone('two', SAID_HZ, 400), false), 'not-there');
  });

  it('hears one thing after the other', async (t) => {
    const { exchange, call, fates } = await calling(t);
    call.say('b', tone('one', SAID_HZ, 300), false);
    call.say('b', tone('two', SAID_HZ, 300), false);
    await exchange.run(1_500);
    assert.deepEqual(fates().slice(2), [
      'b one started',
      'b one finished',
      'b two started',
      'b two finished',
    ]);
  });

  it('hears no more of what came before, interpreted or not, when it is interrupted', async (t) => {
    const { exchange, call, a, b, fates } = await calling(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    exchange.interpreters.of('en', 'es').speaks(1, sine(TRANSLATION_HZ, 5_000, RATE_HZ));
    await exchange.run(300);
    call.say('b', tone('one', 700, 5_000), false);
    call.say('b', tone('two', 700, 5_000), false);
    await exchange.run(300);
    call.say('b', tone('three', SAID_HZ, 300), true);
    await exchange.run(100);
    b.heard();
    await exchange.run(1_000);
    const heard = b.heard();
    assert.deepEqual([hears(heard, TRANSLATION_HZ), hears(heard, 700)], [false, false]);
    assert.deepEqual(
      fates().filter((fate) => / (dropped|finished)/.test(fate)),
      ['b one dropped interrupted', 'b two dropped interrupted', 'b three finished'],
    );
  });

  it('is told the next thing when one cannot be said', async (t) => {
    const { exchange, call, fates } = await calling(t);
    const failing: Saying = {
      ...tone('one', SAID_HZ, 300),
      open: () => Promise.reject(new AppError('engine-timeout', 'no sound')),
    };
    call.say('b', failing, false);
    call.say('b', tone('two', SAID_HZ, 300), false);
    await exchange.run(1_000);
    assert.deepEqual(
      fates().filter((fate) => / (dropped|finished)/.test(fate)),
      ['b one dropped engine-timeout', 'b two finished'],
    );
  });

  it('has so much waiting for it and no more', async (t) => {
    const { exchange, call } = await calling(t);
    for (let saying = 0; saying < 16; saying += 1) {
      assert.equal(call.say('b', tone(`${saying}`, SAID_HZ, 100), false), 'queued');
    }
    assert.equal(call.say('b', tone('more', SAID_HZ, 100), false), 'full');
    await exchange.run(500);
    assert.equal(call.say('b', tone('more', SAID_HZ, 100), false), 'queued');
  });

  it('that speaks another language from now on hears nothing that was meant for the one before', async (t) => {
    const { exchange, call, b, fates } = await calling(t);
    call.say('b', tone('one', SAID_HZ, 400), false);
    call.say('b', tone('two', SAID_HZ, 400), false);
    await exchange.run(200);
    b.heard();
    call.changeParty('b', { name: 'Bob' });
    await exchange.run(100);
    assert.equal(hears(b.heard(), SAID_HZ), true, 'it goes on whatever else changes');
    call.changeParty('b', { language: 'fr' });
    await exchange.run(60);
    b.heard();
    await exchange.run(1_500);
    assert.equal(hears(b.heard(), SAID_HZ), false);
    assert.deepEqual(fates().slice(3).sort(), ['b one dropped changed', 'b two dropped changed']);
    assert.equal(call.say('b', tone('three', SAID_HZ, 400), false), 'queued');
    await exchange.run(1_000);
    assert.equal(fates().at(-1), 'b three finished');
  });

  it('that leaves hears the rest no more, and that is told', async (t) => {
    const { exchange, call, b, fates } = await calling(t);
    call.say('b', tone('one', SAID_HZ, 5_000), false);
    call.say('b', tone('two', SAID_HZ, 5_000), false);
    await exchange.run(300);
    b.end('peer-hangup');
    await exchange.run(300);
    assert.deepEqual(
      fates().filter((fate) => / (dropped|finished)/.test(fate)),
      ['b one dropped left', 'b two dropped left'],
    );
  });

  it('is told of what it does not hear before the call ends, and of nothing after that', async (t) => {
    const { exchange, call, fates } = await calling(t);
    call.say('b', tone('one', SAID_HZ, 5_000), false);
    await exchange.run(300);
    const party = call.parties.get('b');
    assert.ok(party !== undefined);
    call.hangUp('done');
    await exchange.run(300);
    assert.equal(fates().at(-1), 'b one dropped left');
    assert.equal(exchange.events.at(-1)?.type, 'ended');
    call.nobodyCame(party.plan);
    assert.equal(exchange.events.at(-1)?.type, 'ended');
  });

  it('is told once of each, however often all is dropped', async (t) => {
    const { exchange, call, fates } = await calling(t);
    call.say('b', tone('one', SAID_HZ, 5_000), false);
    await exchange.run(300);
    call.say('b', tone('two', SAID_HZ, 300), true);
    call.say('b', tone('three', SAID_HZ, 300), true);
    await exchange.run(1_000);
    assert.deepEqual(
      fates().filter((fate) => / (dropped|finished)/.test(fate)),
      ['b one dropped interrupted', 'b two dropped interrupted', 'b three finished'],
    );
  });
});
