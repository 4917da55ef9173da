/** Keys by which a party steers its call. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type KeyAction, KeyCommands } from '../../src/call/key-commands.ts';
import { sine } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const TRANSLATION_HZ = 1_500;
const ROWS = new Map<string, KeyAction>([
  ['*1', 'translation'],
  ['*2', 'louder'],
  ['*3', 'softer'],
  ['*4', 'repeat'],
  ['##5', 'swap'],
]);

describe('KeyCommands', () => {
  function open() {
    const clock = new FakeClock();
    const [passed, done]: [string[], KeyAction[]] = [[], []];
    const commands = new KeyCommands(
      clock,
      ROWS,
      (key) => passed.push(key),
      (action) => done.push(action),
    );
    const press = (keys: string): void => {
      for (const key of keys) {
        commands.press(key);
      }
    };
    return { clock, commands, press, passed, done };
  }

  it('do what a row of keys says, and pass none of them on', () => {
    const { clock, press, passed, done } = open();
    press('*1##5*2');
    assert.deepEqual([done, passed, clock.pendingTimers], [['translation', 'swap', 'louder'], [], 0]);
  });

  it('pass on at once what no row begins with, and what turns out to be none', () => {
    const { press, passed, done } = open();
    press('12');
    assert.deepEqual(passed, ['1', '2']);
    press('#');
    assert.equal(passed.length, 2);
    press('7');
    assert.deepEqual([passed, done], [['1', '2', '#', '7'], []]);
  });

  it('pass on what is not gone on with for 2 s, in its order', async () => {
    const { clock, press, passed } = open();
    press('##');
    await clock.advance(1_999);
    assert.deepEqual(passed, []);
    await clock.advance(1);
    assert.deepEqual(passed, ['#', '#']);
  });

  it('pass nothing on any more once closed', async () => {
    const { clock, commands, press, passed } = open();
    press('*');
    commands.close();
    await clock.advance(2_000);
    assert.deepEqual([passed, clock.pendingTimers], [[], 0]);
  });
});

async function interpretedCall(t: TestContext, keys = ROWS) {
  const exchange = new ScriptedExchange(t, {
    plan: { announce: false, joinTones: false, original: 'duck', keys },
    interpreters: (scripted) => () => scripted.text,
  });
  const [a, b] = await exchange.call();
  await exchange.run(300);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  const planOf = (party: string) => call.parties.get(party)?.plan;
  const press = async (keys: string) => {
    for (const key of keys) {
      b.press(key);
    }
    await exchange.run(100);
  };
  return { exchange, a, b, planOf, press };
}

describe('a party that steers its call by keys', () => {
  it('hears no translation, and hears it again', async (t) => {
    const { planOf, press } = await interpretedCall(t);
    await press('*1');
    assert.deepEqual([planOf('b')?.hears, planOf('a')?.hears], ['voices', 'all']);
    await press('*1');
    assert.equal(planOf('b')?.hears, 'all');
  });

  it('hears the other louder, and softer, as far as that goes', async (t) => {
    const { planOf, press } = await interpretedCall(t);
    await press('*2');
    assert.equal(planOf('b')?.original, 'full');
    await press('*2');
    assert.equal(planOf('b')?.original, 'full');
    await press('*3*3');
    assert.deepEqual([planOf('b')?.original, planOf('a')?.original], ['off', undefined]);
  });

  it('hears once more what was said to it last', async (t) => {
    const { exchange, a, b, press } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    const rendering = exchange.interpreters.of('en', 'es');
    rendering.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    rendering.speaks(1, sine(1_900, 300, RATE_HZ));
    rendering.ends(1);
    await exchange.run(2_000);
    b.heard();
    await exchange.run(200);
    assert.equal(hears(b.heard(), TRANSLATION_HZ), false);
    await press('*4');
    await exchange.run(1_200);
    const again = b.heard();
    assert.deepEqual([hears(again, TRANSLATION_HZ), hears(again, 1_900)], [true, true]);
    assert.equal(exchange.tally('utterances', 'spoken'), 1);
  });

  it('does not hear what was said to who was there before', async (t) => {
    const { exchange, a, b, press } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    exchange.interpreters.of('en', 'es').speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    exchange.interpreters.of('en', 'es').ends(1);
    await exchange.run(2_000);
    const [call] = exchange.switchboard.calls.values();
    call?.replacePerson('b', { name: 'Bob' });
    b.heard();
    await press('*4');
    await exchange.run(1_200);
    assert.equal(hears(b.heard(), TRANSLATION_HZ), false);
  });

  it('speaks what the other spoke', async (t) => {
    const { planOf, press } = await interpretedCall(t);
    await press('##5');
    assert.deepEqual([planOf('a')?.language, planOf('b')?.language], ['es', 'en']);
  });

  it('is heard by the other with all other keys, and with all where none is for that', async (t) => {
    const { exchange, a, press } = await interpretedCall(t);
    a.heard();
    await press('*1');
    await exchange.run(500);
    assert.equal(hears(a.heard(), 697), false);
    await press('1');
    await exchange.run(500);
    assert.equal(hears(a.heard(), 697), true);
    const plain = await interpretedCall(t, new Map());
    plain.a.heard();
    await plain.press('*1');
    await plain.exchange.run(700);
    assert.deepEqual([hears(plain.a.heard(), 697), plain.planOf('b')?.hears], [true, 'all']);
  });

  it('is heard by the one party alone that somebody else has keys sound for', async (t) => {
    const { exchange, a, b } = await interpretedCall(t);
    const [call] = exchange.switchboard.calls.values();
    a.heard();
    b.heard();
    assert.deepEqual([call?.soundKeys('a', '1*'), call?.soundKeys('z', '1')], [true, false]);
    await exchange.run(700);
    assert.deepEqual([hears(a.heard(), 697), hears(b.heard(), 697)], [true, false]);
  });
});
