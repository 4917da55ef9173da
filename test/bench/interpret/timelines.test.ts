import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentile } from '../percentiles.ts';
import { translate, untranslate } from './pseudo-translation.ts';
import { conversation, monologues, oneClauseTurns, type Turn } from './timelines.ts';
import { wordsOf } from './word-truth.ts';

const turns = conversation(600, 7);

function textOf(turn: Turn): string {
  return turn.words.map(({ text }) => text).join(' ');
}

describe('a conversation', () => {
  it('is the same for the same seed and another for another', () => {
    assert.deepEqual(conversation(600, 7), turns);
    assert.notDeepEqual(conversation(600, 8)[0], turns[0]);
  });

  it('has turns of the lengths of conversations', () => {
    const lengthsMs = Float64Array.from(turns, ({ lengthMs }) => lengthMs).sort();
    const [median, long] = [percentile(lengthsMs, 50), percentile(lengthsMs, 90)];
    assert.ok(Math.abs(median - 6_200) < 620, `the median is ${median} ms`);
    assert.ok(Math.abs(long - 13_600) < 1_360, `the 90th percentile is ${long} ms`);
  });

  it('has words in order, a third of a second each, that do not overlap', () => {
    for (const { words, lengthMs } of turns) {
      assert.equal(words[0]?.startMs, 0);
      assert.equal(words.at(-1)?.endMs, lengthMs);
      for (const [index, word] of words.entries()) {
        assert.ok(word.endMs > word.startMs);
        assert.ok(word.startMs >= (words[index - 1]?.endMs ?? 0));
      }
    }
    const all = turns.flatMap(({ words }) => words);
    const meanMs = all.reduce((sum, word) => sum + word.endMs - word.startMs, 0) / all.length;
    assert.ok(Math.abs(meanMs - 330) < 33, `a word takes ${meanMs} ms`);
  });

  it('is written as sentences: capital first, a mark at the end, no more than four', () => {
    for (const turn of turns) {
      const text = textOf(turn).replaceAll('Mr.', 'Mr');
      assert.match(text, /^[A-Z].*[.?]$/);
      assert.ok((text.match(/[.?]/g) ?? []).length <= 4, text);
    }
  });

  it('has numbers, amounts, times and names in it', () => {
    const text = turns.map(textOf).join(' ');
    for (const sample of ['twenty three', '4 15 pm', '$ 1,250', 'Maria', 'because', 'which']) {
      assert.ok(text.includes(sample), `"${sample}" is missing`);
    }
  });

  it('is misheard at first for a tenth of the words', () => {
    const all = turns.flatMap(({ words }) => words);
    const share = all.filter(({ misheardAs }) => misheardAs !== undefined).length / all.length;
    assert.ok(Math.abs(share - 0.1) < 0.02, `${share} of the words are misheard`);
  });
});

describe('other speakers', () => {
  it('say one clause of 3 to 8 words', () => {
    for (const { words, clauses } of oneClauseTurns(100, 3)) {
      assert.equal(clauses, 1);
      assert.ok(words.length >= 3 && words.length <= 8, `${words.length} words`);
    }
  });

  it('go on for ten minutes', () => {
    const [first, second] = monologues(2, 600_000, 3);
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(Math.abs(first.lengthMs - 600_000) < 10_000, `it takes ${first.lengthMs} ms`);
    assert.notEqual(textOf(first), textOf(second));
  });
});

describe('the pseudo-translation', () => {
  it('can be undone, with fillers and without', () => {
    for (const turn of turns.slice(0, 100)) {
      const words = turn.words.map(({ text }) => text);
      assert.deepEqual(untranslate(translate(words.join(' '))), words);
      assert.deepEqual(untranslate(translate(words.join(' '), true)), words);
    }
  });

  it('keeps numbers and marks, and changes every word', () => {
    assert.equal(
      translate('Mr. Keller paid $ 1,250, at 4 15 pm.'),
      'eMr. eKeller epaid $ 1,250, eat 4 15 epm.',
    );
  });

  it('has a quarter more words where the language is longer', () => {
    assert.equal(wordsOf(translate('a b c d e f g h', true)).length, 10);
  });
});
