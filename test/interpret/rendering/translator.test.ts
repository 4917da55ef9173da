/** Translations that are none, as DeepL's wire may bring them: what is asked again, what is kept, what is given up. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Clock } from '../../../src/base/clock.ts';
import { Secret } from '../../../src/base/secret.ts';
import { DeeplEngine } from '../../../src/engines/mt/deepl/deepl-engine.ts';
import { Conversation } from '../../../src/interpret/conversation.ts';
import { EMPTY_GLOSSARY, type Glossary, parseGlossary } from '../../../src/interpret/exactness/glossary.ts';
import type { Noted } from '../../../src/interpret/noted.ts';
import { newTranslationCache, Translator } from '../../../src/interpret/rendering/translator.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { testSignal } from '../../engines/events.ts';
import { failureOf } from '../../engines/failure-of.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { DeeplStandIn } from '../../stand-ins/deepl.ts';

/** A translator by DeepL that answers the n-th request, from 0, with what `answer` says, else rightly. */
async function start(
  test: TestContext,
  answer: (request: number, text: string) => string | undefined,
  clock: Clock = patientClock,
) {
  const cached = newTranslationCache(clock);
  let requests = 0;
  const standIn = await DeeplStandIn.open({
    translate: (text) => {
      requests += 1;
      return answer(requests - 1, text) ?? `Traducido: ${text.length} letras.`;
    },
  });
  const mt = new DeeplEngine({ clock: patientClock, apiKey: new Secret('stand-in-key'), url: standIn.url });
  test.after(async () => {
    await mt.close();
    await standIn.close();
  });
  const lines = new Conversation().of('speaker');
  lines.said('We spoke about the weather.');
  const notes: string[] = [];
  const note = (what: Noted, count: number): void => {
    notes.push(`${what} ${count}`);
  };
  const options = { mt, cache: cached, from: 'en', to: 'es', clock, lines, note, onCharge: () => {} };
  /** What a call translates with that has a glossary of its own. */
  const withGlossary = (glossary: Glossary) => {
    const translator = new Translator({ ...options, glossary });
    return (text: string, midSentence = false) =>
      translator.translate(text, midSentence, undefined, testSignal());
  };
  return { standIn, cached, notes, withGlossary, translate: withGlossary(EMPTY_GLOSSARY) };
}

const PHRASE = 'yes of course we can';

describe('a translation', () => {
  it('is charged for by the characters that are asked for, and not when it is known', async (test) => {
    const { translate, notes } = await start(test, () => 'sí, claro que podemos');
    await translate(PHRASE);
    await translate(PHRASE);
    assert.deepEqual(notes, [`mt-characters ${PHRASE.length}`]);
  });
});

describe('a translation that is none', () => {
  for (const [what, wrong] of [
    ['ran away', 'claro que sí, '.repeat(30)],
    ['says one phrase over and over', 'sí podemos '.repeat(7)],
    ['came back as it was sent', 'Yes, of course we can.'],
  ] as const) {
    it(`and ${what} is asked for again, otherwise, and not kept`, async (test) => {
      const { standIn, cached, translate } = await start(test, (request) =>
        request < 2 ? wrong : undefined,
      );
      const said = what.startsWith('came') ? 'yes, of course we can' : PHRASE;
      assert.match((await translate(said)).text, /^Traducido/);
      assert.deepEqual(
        standIn.requests.map(({ text, context }) => [text[0], context]),
        [
          [said, 'We spoke about the weather.'],
          [said, undefined],
          [`Y${said.slice(1)}.`, undefined],
        ],
      );
      assert.equal(cached.size, 0);
    });

    it(`and ${what} each time fails, so that it is never spoken, and not kept`, async (test) => {
      const { standIn, cached, translate } = await start(test, () => wrong);
      const said = what.startsWith('came') ? 'yes, of course we can' : PHRASE;
      const failure = await failureOf(translate(said));
      assert.equal(failure.code, 'engine-bad-answer');
      assert.doesNotMatch(failure.everything, /course|claro/);
      assert.deepEqual([standIn.requests.length, cached.size], [3, 0]);
    });
  }

  it('but a name that stays what it is, which is spoken and asked for anew', async (test) => {
    const { standIn, cached, translate } = await start(test, (_, text) => text);
    assert.equal((await translate('John Smith')).text, 'John Smith');
    assert.equal((await translate('John Smith')).cached, false);
    assert.deepEqual([standIn.requests.length, cached.size], [2, 0]);
  });
});

describe('a translation that is kept', () => {
  it('is not that of the same words in the middle of a sentence', async (test) => {
    const { standIn, translate } = await start(test, () => undefined);
    await translate('when you come');
    assert.equal((await translate('when you come', true)).cached, false);
    assert.equal((await translate('when you come', true)).cached, true);
    assert.equal(standIn.requests.length, 2);
  });

  it('is not that of a call whose glossary says otherwise, whichever came first', async (test) => {
    const { standIn, translate, withGlossary } = await start(test, (_, text) =>
      text.includes('claim') ? 'Tengo una reclamación.' : 'Tengo un',
    );
    const insurer = withGlossary(parseGlossary('claim = siniestro'));
    const lawyer = withGlossary(parseGlossary('claim = demanda\nhearing = vista'));
    const claim = 'I have a claim.';
    assert.match((await translate(claim)).text, /reclamación/);
    assert.match((await insurer(claim)).text, /siniestro/);
    assert.match((await lawyer(claim)).text, /demanda/);
    assert.match((await translate(claim)).text, /reclamación/);
    const asked = standIn.requests.length;
    await translate('I have a dog.');
    assert.equal((await insurer('I have a dog.')).cached, true);
    assert.equal(standIn.requests.length, asked + 1);
  });

  it('is that of another call whose glossary says the same', async (test) => {
    const { withGlossary } = await start(test, () => 'Tengo un siniestro.');
    await withGlossary(parseGlossary('claim = siniestro'))('I have a claim.');
    const other = withGlossary(parseGlossary('hearing = vista\nclaim = siniestro'));
    assert.equal((await other('I have a claim.')).cached, true);
  });

  it('is forgotten after ten minutes, so that what was wrong once is not said for ever', async (test) => {
    const clock = new FakeClock();
    const { translate } = await start(test, (request) => (request === 0 ? 'no, nunca' : 'sí, claro'), clock);
    assert.equal((await translate('yes, sure')).text, 'no, nunca');
    await clock.advance(599_999);
    assert.equal((await translate('yes, sure')).text, 'no, nunca');
    await clock.advance(2);
    assert.deepEqual(await translate('yes, sure'), { text: 'sí, claro', cached: false, repaired: 0 });
    assert.equal(clock.pendingTimers, 0);
  });

  it('is not kept when it looks wrong, though it is said', async (test) => {
    for (const wrong of ['…', 'esto es algo que nadie ha dicho en esta llamada']) {
      const { cached, translate } = await start(test, () => wrong);
      assert.equal((await translate('yes, sure')).text, wrong);
      assert.equal(cached.size, 0, wrong);
    }
  });

  it('is kept for the very phrase, capitals and all', async (test) => {
    const { standIn, translate } = await start(test, (_, text) => (text === 'Turkey' ? 'Turquía' : 'pavo'));
    assert.equal((await translate('Turkey')).text, 'Turquía');
    assert.equal((await translate('turkey')).text, 'pavo');
    assert.deepEqual(await translate('Turkey'), { text: 'Turquía', cached: true, repaired: 0 });
    assert.equal(standIn.requests.length, 2);
  });
});
