/** Places of a call at which somebody else is all at once, or somebody who speaks otherwise than was said. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Call } from '../../src/call/call.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { sine } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { hears } from './heard-tones.ts';
import { ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** What announcements sound like here, by language. */
const ANNOUNCED_HZ: Readonly<Record<string, number>> = { en: 700, es: 1_100, fr: 1_900 };
/** What translations sound like here. */
const TRANSLATION_HZ = 1_500;

/** A call in which everyone is interpreted. Party a speaks English, b Spanish; both have been told so. */
async function interpretedCall(t: TestContext, plan: Partial<CallPlan> = {}) {
  const exchange = new ScriptedExchange(t, {
    plan: { joinTones: false, ...plan },
    door: { rejoinMs: 3_000 },
    interpreters: (scripted) => () => scripted.text,
    announcements: (language) => ({
      rateHz: RATE_HZ,
      pcm: sine(ANNOUNCED_HZ[language] ?? 300, 200, RATE_HZ),
    }),
  });
  const [a, b] = await exchange.call();
  await exchange.run(800);
  a.heard();
  b.heard();
  const [call] = exchange.switchboard.calls.values();
  assert.ok(call !== undefined);
  return { exchange, call, a, b };
}

/** The languages of the announcements that a leg has heard since the last look. */
function announced(leg: ScriptedLeg): readonly string[] {
  const heard = leg.heard();
  return Object.keys(ANNOUNCED_HZ).filter((language) => hears(heard, ANNOUNCED_HZ[language] ?? 0));
}

/** What is heard of each party: from which language, and whether still. */
function hearings({ interpreters }: ScriptedExchange): readonly string[] {
  return interpreters.hearings.map(({ options, closed }) => `${options.from}${closed > 0 ? ' closed' : ''}`);
}

function partyOf(call: Call, id: string) {
  const party = call.parties.get(id);
  assert.ok(party !== undefined);
  return party;
}

describe('a party of which its door knows too late what it speaks', () => {
  it('speaks that, unless it was told otherwise meanwhile, or its call has no such language', async (t) => {
    const { exchange, call } = await interpretedCall(t, { languages: ['en', 'es', 'fr'] });
    call.partyKnownLate('a', { language: 'fr', voice: 'Sarah' });
    call.partyKnownLate('b', { language: 'de' });
    await exchange.run(100);
    assert.deepEqual(
      ['a', 'b'].map((id) => [partyOf(call, id).language, partyOf(call, id).plan.voice]),
      [
        ['fr', 'Sarah'],
        ['es', undefined],
      ],
    );
    call.changeParty('b', { language: 'fr', voice: 'Tom' });
    call.partyKnownLate('b', { language: 'en', voice: 'Sarah' });
    call.partyKnownLate('nobody', { language: 'en' });
    assert.deepEqual([partyOf(call, 'b').language, partyOf(call, 'b').plan.voice], ['fr', 'Tom']);
  });
});

describe('a party that speaks another language from now on', () => {
  it('is heard, spoken to and told of the interpreter in that one', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    assert.equal(call.changeParty('a', { language: 'fr' }), true);
    await exchange.run(600);
    assert.deepEqual(announced(a), ['fr']);
    assert.deepEqual(announced(b), [], 'the other has been told');
    assert.deepEqual(hearings(exchange), ['en closed', 'es', 'fr']);
    b.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_000);
    exchange.interpreters.of('es', 'fr').speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    await exchange.run(500);
    assert.equal(hears(a.heard(), TRANSLATION_HZ), true);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(2_000);
    const hearing = exchange.interpreters.hearings.find(({ options }) => options.from === 'fr');
    assert.match(hearing?.told.calls.join() ?? '', /^start 1 at \d+,.*end$/);
    const changed = exchange.events.filter(({ type }) => type === 'party-changed');
    assert.deepEqual(
      changed.map((event) => ({ ...event, atMs: 0 })),
      [{ type: 'party-changed', atMs: 0, party: 'a', name: 'caller', language: 'fr' }],
    );
    assert.equal(exchange.count('illegalTransitions'), 0);
  });

  it('has said what it said: that is heard to its end, before what it says next', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    const english = exchange.interpreters.of('en', 'es');
    call.changeParty('a', { language: 'fr' });
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_000);
    const french = exchange.interpreters.of('fr', 'es');
    french.speaks(2, sine(1_900, 300, RATE_HZ));
    await exchange.run(600);
    assert.equal(hears(b.heard(), 1_900), false, 'its turn has not come');
    assert.equal(english.closed, 0);
    english.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    english.ends(1);
    await exchange.run(1_200);
    const heard = b.heard();
    assert.deepEqual([hears(heard, TRANSLATION_HZ), hears(heard, 1_900)], [true, true]);
    assert.equal(english.closed, 1, 'nothing of it was left');
    french.ends(2);
    await exchange.run(200);
    const reported = exchange.events.flatMap((event) =>
      event.type === 'utterance' ? [`${event.report.utterance} ${event.report.source.language}`] : [],
    );
    assert.deepEqual(reported, ['1 en', '2 fr']);
    assert.equal(exchange.tally('utterances', 'spoken'), 2);
  });

  it('waits no longer than 10 s for the end of what it had said', async (t) => {
    const { exchange, call, a } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    const english = exchange.interpreters.of('en', 'es');
    call.changeParty('a', { language: 'fr' });
    await exchange.run(9_900);
    assert.equal(english.closed, 0);
    await exchange.run(200);
    assert.equal(english.closed, 1);
  });

  it('in the midst of a sentence is heard on with the rest of it', async (t) => {
    const { exchange, call, a } = await interpretedCall(t);
    a.speak(voiceLike(3_000, RATE_HZ));
    await exchange.run(1_000);
    const [english] = exchange.interpreters.hearings;
    call.changeParty('a', { language: 'fr' });
    await exchange.run(1_000);
    assert.equal(english?.told.calls.at(-1), 'end');
    const french = exchange.interpreters.hearings.at(-1);
    assert.match(french?.told.calls[0] ?? '', /^start 2 at/);
  });

  it('does not hear what was still to be said to it in the other', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    b.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    const toEnglish = exchange.interpreters.of('es', 'en');
    toEnglish.speaks(1, sine(TRANSLATION_HZ, 5_000, RATE_HZ));
    await exchange.run(400);
    call.changeParty('a', { language: 'fr' });
    await exchange.run(100);
    a.heard();
    await exchange.run(1_000);
    assert.equal(hears(a.heard(), TRANSLATION_HZ), false);
    assert.equal(toEnglish.closed, 1);
  });

  it('does not hear it when it is back with another leg either', async (t) => {
    const { exchange, call, a } = await interpretedCall(t);
    a.end('peer-closed');
    await exchange.run(100);
    const segment = exchange.interpreters.of('es', 'en').opens(1);
    segment.add(sine(TRANSLATION_HZ, 400, RATE_HZ));
    segment.end();
    call.changeParty('a', { language: 'fr' });
    const again = await exchange.arrive('call0');
    await exchange.run(1_000);
    assert.equal(hears(again.heard(), TRANSLATION_HZ), false);
  });

  it('counts its utterances on, those of an earlier leg included', async (t) => {
    const { exchange, call, a } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(2_000);
    a.end('peer-closed');
    const again = await exchange.arrive('call0');
    await exchange.run(200);
    call.changeParty('a', { language: 'fr' });
    again.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    assert.match(exchange.interpreters.hearings.at(-1)?.told.calls[0] ?? '', /^start 2 at/);
  });

  it('may be the language of the other: then nothing is translated', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    call.changeParty('a', { language: 'es' });
    await exchange.run(100);
    assert.equal(partyOf(call, 'a').routes.size + partyOf(call, 'b').routes.size, 0);
    b.heard();
    a.speak(sine(600, 400, RATE_HZ));
    await exchange.run(500);
    assert.equal(hears(b.heard(), 600), true);
    assert.equal(exchange.statesOf('a').at(-1), 'CONNECTED');
  });

  it('does not hear what was said at its place before, though it would be in its language', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    a.speak(voiceLike(400, RATE_HZ));
    await exchange.run(900);
    const english = exchange.interpreters.of('en', 'es');
    call.changeParty('a', { language: 'es' });
    await exchange.run(400);
    a.heard();
    b.heard();
    english.speaks(1, sine(TRANSLATION_HZ, 300, RATE_HZ));
    await exchange.run(600);
    assert.deepEqual([hears(a.heard(), TRANSLATION_HZ), hears(b.heard(), TRANSLATION_HZ)], [false, true]);
  });

  it('is as it was where nothing changes, and nobody where there is none', async (t) => {
    const { exchange, call } = await interpretedCall(t);
    assert.equal(call.changeParty('a', { language: 'en' }), true);
    assert.equal(call.changeParty('nobody', { language: 'fr' }), false);
    await exchange.run(100);
    assert.deepEqual(hearings(exchange), ['en', 'es']);
    assert.equal(exchange.tally('partiesChanged', 'known'), 0);
  });

  it('may be without a leg just then, and waits on in its new language', async (t) => {
    const { exchange, call, a } = await interpretedCall(t);
    a.end('peer-closed');
    await exchange.run(200);
    call.changeParty('a', { language: 'fr' });
    const again = await exchange.arrive('call0');
    await exchange.run(600);
    assert.deepEqual(announced(again), ['fr']);
    again.speak(voiceLike(400, RATE_HZ));
    await exchange.run(1_000);
    assert.match(exchange.interpreters.hearings.at(-1)?.told.calls[0] ?? '', /^start 1 at/);
    assert.deepEqual([exchange.switchboard.calls.size, again.ending], [1, undefined]);
  });
});

describe('a party that is given another voice', () => {
  it('is spoken for with that, told nothing, and keeps its conversation', async (t) => {
    const { exchange, call, a } = await interpretedCall(t);
    partyOf(call, 'a').lines.said('good morning');
    call.changeParty('a', { voice: 'nova' });
    await exchange.run(600);
    assert.equal(exchange.interpreters.of('en', 'es').options.voice()?.name, 'nova');
    assert.deepEqual(announced(a), []);
    assert.deepEqual(partyOf(call, 'a').lines.context(4), ['good morning']);
  });
});

describe('somebody else at the place of a party', () => {
  it('is heard by a recogniser that knows nothing of who was there, and told of the interpreter', async (t) => {
    const { exchange, call, a, b } = await interpretedCall(t);
    partyOf(call, 'a').lines.said('I am Alice');
    const before = partyOf(call, 'a').lines;
    call.replacePerson('a', {});
    await exchange.run(600);
    assert.deepEqual(hearings(exchange), ['en closed', 'es', 'en']);
    assert.deepEqual([announced(a), announced(b)], [['en'], []]);
    before.said('as I said');
    assert.deepEqual(partyOf(call, 'a').lines.context(4), []);
    assert.equal(exchange.tally('partiesChanged', 'person'), 1);
  });

  it('has a voice and a language of its own', async (t) => {
    const { exchange, call } = await interpretedCall(t);
    call.replacePerson('a', { language: 'fr', voice: 'nova', name: 'Françoise' });
    await exchange.run(200);
    assert.equal(exchange.interpreters.of('fr', 'es').options.voice()?.name, 'nova');
    const { name, language } = partyOf(call, 'a').plan;
    assert.deepEqual([name, language], ['Françoise', 'fr']);
  });

  it('is there where a leg comes back and is said to speak another language than before', async (t) => {
    let language = 'en';
    const exchange = new ScriptedExchange(t, {
      plan: { announce: false, joinTones: false },
      door: { rejoinMs: 3_000 },
      interpreters: (scripted) => () => scripted.text,
      seating: (plan) => {
        const scheme = new SuffixSeating(plan);
        return {
          seat: async (arrival) => {
            const seat = await scheme.seat(arrival);
            return seat.type === 'seat' && seat.party.id === 'a'
              ? { ...seat, party: { ...seat.party, language } }
              : seat;
          },
          ended: () => {},
        };
      },
    });
    const [a] = await exchange.call();
    await exchange.run(200);
    const [call] = exchange.switchboard.calls.values();
    // What was changed since counts until whoever seats it says something else than before.
    call?.changeParty('a', { voice: 'nova' });
    a.end('peer-closed');
    const again = await exchange.arrive('call0');
    await exchange.run(200);
    assert.equal(call?.parties.get('a')?.plan.voice, 'nova');
    again.end('peer-closed');
    language = 'fr';
    await exchange.arrive('call0');
    await exchange.run(200);
    const { plan } = call?.parties.get('a') ?? {};
    assert.deepEqual([plan?.language, plan?.voice], ['fr', undefined]);
  });
});
