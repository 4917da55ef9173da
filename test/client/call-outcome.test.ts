import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallFacts, judgeCall } from '../../src/client/call-outcome.ts';
import { parseExpectation, unmetOf } from '../../src/client/expectations.ts';
import { heardSentence, heardSummary } from '../../src/client/heard-summary.ts';
import type { LostLeg } from '../../src/client/leg-endings.ts';

const span = (startMs: number, endMs: number) => ({ startMs, endMs });

describe('heardSummary', () => {
  it('counts voices, and from when the party was spoken to until it heard one', () => {
    const announcement = span(100, 2_100);
    const tone = span(3_000, 3_220);
    const heard = heardSummary(
      [announcement, tone, span(5_600, 8_600)],
      [span(3_000, 4_000), span(9_000, 9_500)],
    );
    assert.deepEqual(heard, { voicesMs: 5_000, firstMs: 100, spokenToMs: 3_000, answeredAfterMs: 2_600 });
    assert.equal(
      heardSentence('b', heard),
      'b heard 5.0 s of voices, the first 2.6 s after it was spoken to',
    );
  });

  it('takes neither a tone nor what came before for an answer, and a voice that goes on for one at once', () => {
    const spokenTo = [span(3_000, 4_000)];
    const early = heardSummary([span(100, 2_100), span(3_100, 3_320)], spokenTo);
    assert.equal(early.answeredAfterMs, undefined);
    assert.match(heardSentence('b', early), /no voice after it was spoken to, and 2\.0 s before/);
    assert.equal(heardSummary([span(2_500, 3_500)], spokenTo).answeredAfterMs, 0);
    assert.match(heardSentence('b', heardSummary([], spokenTo)), /no voice, though it was spoken to/);
    assert.match(
      heardSentence('b', heardSummary([span(40, 1_040)], [])),
      /1\.0 s of voices.*nobody spoke to it/,
    );
  });
});

describe('a party that is alone', () => {
  const facts = (heard: ReturnType<typeof heardSummary>): CallFacts => ({
    ...{ lost: undefined, parties: [{ name: 'a', heard }], expectations: [], lines: [] },
    ...{ captionsMissing: undefined, warnings: [] },
  });

  it('was answered when it heard a voice, and by nobody when it heard none', () => {
    const answered = judgeCall(facts(heardSummary([span(900, 2_900)], undefined)));
    assert.deepEqual(
      [answered.type, answered.sentence],
      ['heard', 'a heard 2.0 s of voices, the first 0.9 s into the call'],
    );
    const nobody = judgeCall(facts(heardSummary([], undefined)));
    assert.equal(nobody.type, 'nothing-heard');
    assert.match(nobody.sentence, /nobody answers who comes alone, see --agent/);
  });
});

describe('expectations', () => {
  const lines = [
    { parties: ['a'], texts: ['Good morning,', 'everybody'] },
    { parties: ['b', 'c'], texts: ['¡Buenos días,', 'a todos!'] },
    { parties: ['d'], texts: ['早上好，各位'] },
  ];
  const unmet = (...written: readonly string[]): readonly string[] =>
    unmetOf(
      written.map((text) => parseExpectation(text, ['a', 'b', 'c', 'd'])),
      lines,
    ).map(({ text }) => text);

  it('are met by whole words, over the borders of segments, whatever capitals, marks and accents', () => {
    assert.deepEqual(unmet('b="buenos dias a todos"', "c='BUENOS'", 'morning everybody', 'd=上好各'), []);
    assert.deepEqual(unmet('b=bueno', 'a=buenos', 'b=días buenos', 'd=早好'), [
      'bueno',
      'buenos',
      'días buenos',
      '早好',
    ]);
  });

  it('may hold an equals sign, and name a party only by its letter', () => {
    assert.deepEqual(parseExpectation('two = 2', ['a']), { party: undefined, text: 'two = 2' });
    assert.throws(() => parseExpectation('e=hola', ['a', 'b']), {
      code: 'bad-option',
      message: /no party e/,
    });
    assert.throws(() => parseExpectation('a=', ['a']), { code: 'bad-option', message: /no words/ });
  });
});

describe('the outcome of a call', () => {
  const heard = { voicesMs: 1_000, firstMs: 500, spokenToMs: 0, answeredAfterMs: 500 };
  const fine: CallFacts = {
    lost: undefined,
    parties: [{ name: 'b', heard }],
    expectations: [],
    lines: [],
    captionsMissing: undefined,
    warnings: [],
  };
  const lost = (by: LostLeg['ending']['by'], answered: boolean): LostLeg => ({
    party: 'a',
    server: { host: '127.0.0.1', port: 1 },
    ending: { by, atMs: 0, detail: '' },
    answered,
    afterMs: 3_200,
  });

  it('is how the server ended the first leg, where it did', () => {
    const cases = [
      [lost('server-hangup', false), 'hung-up', /refused leg a/],
      [lost('server-hangup', true), 'hung-up', /hung up leg a 3\.2 s after/],
      [lost('server-close', false), 'hung-up', /refused leg a/],
      [lost('server-close', true), 'server-lost', /has died/],
      [lost('mute', true), 'server-lost', /hangs/],
      [lost('mute', false), 'no-dragoman', /127\.0\.0\.1:1/],
      [lost('broken', true), 'no-dragoman', /--server/],
    ] as const;
    for (const [each, type, sentence] of cases) {
      const outcome = judgeCall({ ...fine, lost: each });
      assert.equal(outcome.type, type, each.ending.by);
      assert.match(outcome.sentence, sentence);
    }
  });

  it('is worse when nothing was heard than when something else was said', () => {
    const expectations = [parseExpectation('hola', ['b'])];
    const deaf = { ...fine, parties: [{ name: 'b', heard: { voicesMs: 0, spokenToMs: 0 } }], expectations };
    assert.equal(judgeCall(deaf).type, 'nothing-heard');
    assert.equal(judgeCall({ ...fine, expectations }).type, 'unexpected');
    assert.equal(judgeCall({ ...fine, expectations, captionsMissing: 'off' }).type, 'untold');
    assert.equal(judgeCall({ ...fine, captionsMissing: 'off' }).type, 'heard');
  });
});
