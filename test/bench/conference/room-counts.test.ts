import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translate } from '../interpret/pseudo-translation.ts';
import { countRun, isWhole, toSpeechMs } from './room-counts.ts';
import type { Asked, RoomVendorFacts } from './room-facts.ts';
import { otherLanguages, type RoomScript, type Speaker, speakersOf, streamsWanted } from './room-script.ts';

const SCRIPT: RoomScript = {
  rooms: 1,
  languages: ['en', 'es', 'fr', 'en'],
  seconds: 30,
  seed: 1,
  renderedLength: 1,
};

const NOTHING: RoomVendorFacts = {
  streamsHeardMs: [],
  brokenSounds: 0,
  translations: [],
  syntheses: [],
  overlaps: 0,
};

function asked(text: string, language: string, askedMs = 0): Asked {
  return { text, language, askedMs, notBeforeMs: askedMs - 40, answeredMs: askedMs + 150 };
}

function textsOf({ turns }: Speaker): readonly string[] {
  return turns.map(({ words }) => words.map(({ text }) => text).join(' '));
}

/** What a server asks for that translates and speaks each turn once in each other language. */
function translationsOf(script: RoomScript): readonly Asked[] {
  return speakersOf(script).flatMap((speaker) =>
    textsOf(speaker).flatMap((text) => otherLanguages(script, speaker.language).map((to) => asked(text, to))),
  );
}

function factsOf(script: RoomScript, translations: readonly Asked[]): RoomVendorFacts {
  return {
    ...NOTHING,
    streamsHeardMs: Array.from({ length: streamsWanted(script) }, () => 9_000),
    translations,
    syntheses: translations.map(({ text, language }) => asked(translate(text), language, 151)),
  };
}

describe('the counts of a run with rooms', () => {
  const translations = translationsOf(SCRIPT);

  it('are whole when each turn was asked for once in each language', () => {
    const counts = countRun(SCRIPT, factsOf(SCRIPT, translations), NOTHING);
    assert.equal(isWhole(counts), true);
    assert.equal(counts.streamsOpened, 4);
    for (const { counted, wanted, repeated, again, strange } of [counts.translations, counts.syntheses]) {
      assert.equal(counted, translations.length);
      assert.equal(wanted, translations.length);
      assert.deepEqual([repeated, again, strange], [0, 0, 0]);
    }
  });

  it('have a second translation into one language as repeated: it was made for each listener', () => {
    // Two listen in English to who speaks Spanish.
    const [spanish] = speakersOf(SCRIPT).filter(({ language }) => language === 'es');
    const twice = textsOf(spanish ?? assert.fail()).map((text) => asked(text, 'en', 5));
    const { translations: tally } = countRun(SCRIPT, factsOf(SCRIPT, [...translations, ...twice]), NOTHING);
    assert.equal(tally.repeated, twice.length);
    assert.ok(tally.counted / tally.wanted > 1);
  });

  it('forgive a request that comes again because the answer is late', () => {
    const [first] = translations;
    const late = asked(first?.text ?? '', first?.language ?? '', 400);
    const { translations: tally } = countRun(SCRIPT, factsOf(SCRIPT, [...translations, late]), NOTHING);
    assert.deepEqual([tally.again, tally.repeated, tally.counted], [1, 0, translations.length]);
  });

  it('forgive it also when the vendors stood still and read both at once', () => {
    const [first, ...others] = translations;
    const stood = { ...(first ?? assert.fail()), notBeforeMs: -500 };
    const both = [stood, ...others, { ...stood }];
    const { translations: tally } = countRun(SCRIPT, factsOf(SCRIPT, both), NOTHING);
    assert.deepEqual([tally.again, tally.repeated], [1, 0]);
  });

  it('miss a clause in the language in which it was not asked for', () => {
    const counts = countRun(SCRIPT, factsOf(SCRIPT, translations.slice(1)), NOTHING);
    assert.equal(isWhole(counts), false);
    assert.ok(counts.translations.missing.every((what) => what.startsWith(`${translations[0]?.language} `)));
  });

  it('find a segment of part of a turn', () => {
    const split = translations.flatMap(({ text, language }) => {
      const words = text.split(' ');
      return [asked(words.slice(0, 1).join(' '), language), asked(words.slice(1).join(' '), language)];
    });
    const counts = countRun(SCRIPT, factsOf(SCRIPT, split), NOTHING);
    assert.equal(isWhole(counts), true);
    assert.equal(counts.translations.repeated, 0);
  });

  it('have what nobody listens in as strange', () => {
    const strange = asked(translations[0]?.text ?? '', 'de');
    const { translations: tally } = countRun(SCRIPT, factsOf(SCRIPT, [...translations, strange]), NOTHING);
    assert.equal(tally.strange, 1);
  });

  it('leave out what a server asked for before anybody called', () => {
    const before = {
      ...NOTHING,
      streamsHeardMs: [150, 150],
      brokenSounds: 2,
      translations: [asked('good morning', 'es')],
    };
    const facts = factsOf(SCRIPT, [...before.translations, ...translations]);
    const counts = countRun(
      SCRIPT,
      { ...facts, streamsHeardMs: [150, 150, ...facts.streamsHeardMs], brokenSounds: 2 },
      before,
    );
    assert.deepEqual([counts.streamsOpened, counts.brokenSounds], [4, 0]);
    assert.equal(counts.translations.counted, translations.length);
  });
});

describe('the way from a translation to its speech', () => {
  it('is from the answer to the request', () => {
    const facts = factsOf(SCRIPT, translationsOf(SCRIPT).slice(0, 3));
    assert.deepEqual(toSpeechMs(facts), [1, 1, 1]);
  });
});
