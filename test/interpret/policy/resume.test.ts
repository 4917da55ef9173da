import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resumeAt } from '../../../src/interpret/policy/resume.ts';
import { tokensOf } from '../../../src/interpret/policy/tokens.ts';

describe('resumeAt', () => {
  const cases = [
    {
      fact: 'goes on after what was cut off',
      cut: 'one two',
      heard: 'one two three',
      at: 2,
      contradicted: 0,
    },
    { fact: 'takes no notice of marks', cut: 'One, two.', heard: 'one two three', at: 2, contradicted: 0 },
    {
      fact: 'skips a word that was heard otherwise',
      cut: 'one too',
      heard: 'one two three',
      at: 2,
      contradicted: 1,
    },
    {
      fact: 'follows a word that became two',
      cut: 'i wanna go',
      heard: 'i want to go home',
      at: 4,
      contradicted: 2,
    },
    {
      fact: 'follows two words that became one',
      cut: 'in side the',
      heard: 'inside the house',
      at: 2,
      contradicted: 2,
    },
    { fact: 'contradicts all when nothing is left', cut: 'one two', heard: '', at: 0, contradicted: 2 },
    {
      fact: 'begins at the beginning when nothing was cut off',
      cut: '',
      heard: 'one',
      at: 0,
      contradicted: 0,
    },
  ];
  for (const { fact, cut, heard, at, contradicted } of cases) {
    it(fact, () => {
      assert.deepEqual(resumeAt(tokensOf(cut, 'en'), tokensOf(heard, 'en')), { at, contradicted });
    });
  }
});
