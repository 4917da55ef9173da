/** What a party is saying, or has just said, when it is interpreted no longer, or again, or leaves. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Call } from '../../src/call/call.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import { sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** What a translation sounds like here. */
const TRANSLATION_HZ = 1_500;

interface Called {
  readonly exchange: ScriptedExchange;
  readonly call: Call;
  readonly legs: readonly [ScriptedLeg, ScriptedLeg, ...ScriptedLeg[]];
}

/** A call with a party for each language, all of them interpreted as text. */
async function called(
  t: TestContext,
  languages: readonly [string, string, ...string[]],
  plan: Partial<CallPlan> = {},
  passes = false,
): Promise<Called> {
  const exchange = new ScriptedExchange(t, {
    ...{ passes, interpreters: (scripted) => () => scripted.text },
    plan: {
      ...{ languages, kind: languages.length > 2 ? 'conference' : 'pair' },
      ...{ announce: false, joinTones: false },
      ...plan,
    },
  });
  const first = await exchange.arrive('call0');
  const second = await exchange.arrive('call1');
  const others: ScriptedLeg[] = [];
  for (const place of languages.slice(2).keys()) {
    others.push(await exchange.arrive(`call${place + 2}`));
  }
  await exchange.run(300);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  return { exchange, call, legs: [first, second, ...others] };
}

function toldOf({ exchange }: Called, from: string): readonly string[] {
  return exchange.interpreters.hearings
    .filter(({ options }) => options.from === from)
    .map(({ told }) => told.calls.map((call) => call.replace(/ at .*/, '')).join(', '));
}

function loudest(pcm: Int16Array): number {
  return pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

describe('what a party is saying', () => {
  for (const passes of [false, true]) {
    const way = passes ? 'by a media thread that sleeps meanwhile' : 'by its media thread';
    it(`is heard from there on when it is interpreted again, ${way}`, async (t) => {
      const calling = await called(t, ['en', 'es'], {}, passes);
      const { exchange, call, legs } = calling;
      const [a] = legs;
      a.speak(voiceLike(1_500, RATE_HZ));
      await exchange.run(800);
      call.changePlan({ translating: false });
      assert.equal(call.parties.get('a')?.speaking, false, 'nobody listens to it any more');
      await exchange.run(3_000);
      assert.equal(call.atPause, true);
      a.speak(voiceLike(4_000, RATE_HZ));
      await exchange.run(500);
      call.changePlan({ translating: true });
      await exchange.run(1_000);
      assert.deepEqual(toldOf(calling, 'en'), ['start 1', 'start 2']);
      const { told } = exchange.interpreters.hearings.findLast(({ options }) => options.from === 'en') ?? {};
      assert.ok((told?.samples ?? 0) > 8_000, 'half a second, at 16 kHz');
    });
  }

  it('is heard as it is by who comes to be interpreted for in the midst of it', async (t) => {
    const { exchange, call, legs } = await called(t, ['en', 'es', 'fr'], { original: 'off' });
    const [a, b] = legs;
    a.speak(voiceLike(4_000, RATE_HZ));
    await exchange.run(1_000);
    b.heard();
    await exchange.run(500);
    assert.ok(loudest(b.heard()) < 500, 'what is interpreted is not heard as it is');
    call.changeParty('b', { language: 'it' });
    await exchange.run(500);
    b.heard();
    await exchange.run(1_000);
    assert.ok(loudest(b.heard()) > 2_000);
    await exchange.run(3_000);
    b.heard();
    a.speak(voiceLike(2_000, RATE_HZ));
    await exchange.run(1_500);
    assert.ok(loudest(b.heard()) < 500, 'what it says next is interpreted');
  });
});

describe('what a party had said', () => {
  it('is heard to its end by those who go on without it', async (t) => {
    const { exchange, call, legs } = await called(t, ['en', 'es', 'fr']);
    const [a, b, c] = legs;
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_200);
    const { interpreters } = exchange;
    const [spanish, french] = [interpreters.of('en', 'es'), interpreters.of('en', 'fr')];
    a.end('peer-hangup');
    await exchange.run(100);
    assert.deepEqual([...call.parties.keys()], ['b', 'c']);
    for (const rendering of [spanish, french]) {
      rendering.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
      rendering.ends(1);
    }
    await exchange.run(800);
    assert.deepEqual(
      [hears(b.heard(), TRANSLATION_HZ), hears(c?.heard() ?? new Int16Array(0), TRANSLATION_HZ)],
      [true, true],
    );
    assert.deepEqual([spanish.closed, french.closed], [1, 1]);
    assert.equal(exchange.tally('utterances', 'spoken'), 2);
    assert.equal(interpreters.hearings.find(({ options }) => options.from === 'en')?.closed, 1);
  });

  it('is asked of no engine any more when its call is over', async (t) => {
    const { exchange, legs } = await called(t, ['en', 'es']);
    const [a] = legs;
    a.speak(voiceLike(900, RATE_HZ));
    await exchange.run(700);
    a.end('peer-hangup');
    await exchange.run(1_000);
    assert.equal(exchange.switchboard.calls.size, 0);
    assert.deepEqual(
      exchange.interpreters.opened.map(({ closed }) => closed),
      [1, 1],
    );
  });
});
