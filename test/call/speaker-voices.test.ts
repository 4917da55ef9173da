/** Parties that are spoken for with the voices of their own: by their plan, by number, and while a call runs. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import type { ArrivalFacts, Seat } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { VoiceLibrary } from '../../src/voices/voice-library.ts';
import { plainNumber } from '../../src/voices/voices-by-number.ts';
import { sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { ScriptedStore } from '../voices/scripted-store.ts';
import { someProfile } from '../voices/some-profile.ts';
import { PLAN, ScriptedExchange } from './scripted-legs.ts';

const ANA = [{ engine: 'elevenlabs', ref: 'voice-of-ana', isOwn: true }];
const NUMBERS = { byCaller: new Map([['34600123', 'ana']]), byDialled: new Map([['7777', 'ben']]) };

/** A call whose first party is spoken for by Ana's voice, as the store has it. */
async function callWith(t: TestContext, store: ScriptedStore) {
  const exchange = new ScriptedExchange(t, {
    plan: { voices: new Map([['es', 'sara']]), keys: new Map([['*9', 'own-voice']]) },
    seating: (plan) => {
      const scheme = new SuffixSeating(plan);
      return {
        seat: async (arrival) => {
          const seat = await scheme.seat(arrival);
          return seat.type === 'seat' && seat.party.id === 'a'
            ? { ...seat, party: { ...seat.party, voice: '@ana' } }
            : seat;
        },
        ended: () => scheme.ended(),
      };
    },
    interpreters: (scripted) => () => scripted.text,
    speakerVoices: (clock, log) => new VoiceLibrary({ store, clock, log }),
  });
  const [a, b] = await exchange.call();
  await exchange.run(800);
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  return { exchange, call, a, b };
}

describe('a party that has a voice of its own', () => {
  it('is spoken for with it, and the others are not', async (t) => {
    const { exchange } = await callWith(t, new ScriptedStore(someProfile()));
    const { interpreters } = exchange;
    assert.deepEqual(interpreters.of('en', 'es').options.voice()?.renderings, ANA);
    assert.equal(interpreters.of('en', 'es').options.voice()?.name, 'sara');
    assert.equal(interpreters.of('es', 'en').options.voice(), undefined);
  });

  it('has the neutral voice when its store hangs, 50 ms later than others, and the call goes on', async (t) => {
    const store = new ScriptedStore(someProfile());
    store.hold();
    const { exchange, b } = await callWith(t, store);
    assert.deepEqual(exchange.interpreters.of('en', 'es').options.voice(), { name: 'sara' });
    assert.equal(exchange.logged('the store of voice profiles is slow: the neutral voice speaks').length, 1);
    b.heard();
    exchange.interpreters.of('en', 'es').speaks(1, sine(1_500, 300, 8_000));
    await exchange.run(600);
    assert.ok(b.heard().some((sample) => Math.abs(sample) > 1_000));
    assert.equal(exchange.switchboard.legs.size, 2);
  });

  it('is not spoken for with it any more when its consent was withdrawn elsewhere while it was silent', async (t) => {
    const store = new ScriptedStore(someProfile());
    const { exchange, a } = await callWith(t, store);
    const { options } = exchange.interpreters.of('en', 'es');
    await exchange.run(31_000);
    const until = '2020-01-01T00:00:00.000Z';
    store.put(someProfile({ version: 2, consent: { by: 'Ana', how: 'form', at: until, until } }));
    a.speak(voiceLike(1_000, 8_000));
    await exchange.run(400);
    assert.deepEqual(options.voice(), { name: 'sara' });
  });

  it('has another one while its call runs', async (t) => {
    const { exchange, call } = await callWith(t, new ScriptedStore(someProfile()));
    call.changeParty('a', { voice: 'nova' });
    await exchange.run(400);
    assert.deepEqual(exchange.interpreters.of('en', 'es').options.voice(), { name: 'nova' });
  });

  it('switches it off by keys, from the next segment on and in the same rendering, and on again', async (t) => {
    const { exchange, call, a, b } = await callWith(t, new ScriptedStore(someProfile()));
    const { closed, options } = exchange.interpreters.of('en', 'es');
    const press = async (leg: typeof a) => {
      leg.press('*');
      leg.press('9');
      await exchange.run(100);
      return options.voice();
    };
    assert.deepEqual(await press(a), { name: 'sara' });
    assert.deepEqual([closed, call.parties.get('a')?.plan.voice], [0, '@ana'], 'it is forgotten by nobody');
    assert.deepEqual((await press(b))?.name, 'sara', 'the other has none to switch off');
    call.changeParty('a', { ownVoiceOff: false });
    assert.deepEqual(options.voice()?.renderings, ANA);
    assert.deepEqual(await press(a), { name: 'sara' });
    assert.deepEqual((await press(a))?.renderings, ANA);
  });
});

describe('the voice of who is seated', () => {
  const seated = async (facts: ArrivalFacts): Promise<Seat> => {
    const scheme = new ArrangedSeating(
      PLAN,
      new SuffixSeating(PLAN),
      new Map([['7777', { language: 'en', room: undefined }]]),
      NUMBERS,
    );
    const door = { name: 'test', languages: ['en', 'es'], rejoinMs: 0 };
    const seat = await scheme.seat({ facts, door });
    assert.ok(seat.type === 'seat');
    return seat;
  };
  const uuid = '40325ec2-5efd-4bd3-805f-53576e581d10';

  it("is its own, else its caller's, else that of what was dialled", async () => {
    const rows: readonly (readonly [ArrivalFacts, string | undefined])[] = [
      [{ uuid }, undefined],
      [{ uuid, caller: '+34 600-123' }, '@ana'],
      [{ uuid, caller: '0034600123', extension: '7777' }, '@ana'],
      [{ uuid, caller: 'anonymous', extension: '7777' }, '@ben'],
      [{ uuid, dialled: '7777' }, '@ben'],
      [{ uuid, caller: '34600123', voice: 'nova' }, 'nova'],
      [{ uuid, caller: '600123' }, undefined],
    ];
    for (const [facts, voice] of rows) {
      assert.equal((await seated(facts)).party.voice, voice, JSON.stringify(facts));
    }
  });

  it('is looked up by what Asterisk says of a leg that brings a UUID alone', async () => {
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN), new Map(), NUMBERS);
    scheme.identifyBy(async () => ({
      caller: '+34600123',
      dialled: '8888',
      language: '',
      voice: '',
      linkedid: '',
    }));
    const seat = await scheme.seat({
      facts: { uuid },
      door: { name: 'test', languages: ['en', 'es'], rejoinMs: 0 },
    });
    assert.equal(seat.type === 'seat' ? seat.party.voice : seat.reason, '@ana');
  });
});

describe('a telephone number', () => {
  it('is the same however a trunk writes it', () => {
    for (const text of ['+34600123123', '0034600123123', '34 600 123 123', '(34) 600-123.123']) {
      assert.equal(plainNumber(text), '34600123123', text);
    }
    for (const text of ['', 'anonymous', '1', '+', '600;ext=1', '9'.repeat(40)]) {
      assert.equal(plainNumber(text), undefined, text);
    }
  });
});
