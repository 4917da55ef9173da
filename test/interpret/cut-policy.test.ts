import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WholeUtterance } from '../../src/interpret/cut-policy.ts';

describe('WholeUtterance', () => {
  const cases = [
    { fact: 'waits while nothing is heard', stable: '', text: '', final: false, texts: [] },
    { fact: 'waits while it may change', stable: '', text: 'good mor', final: false, texts: [] },
    {
      fact: 'waits though all is stable',
      stable: 'good morning',
      text: 'good morning',
      final: false,
      texts: [],
    },
    {
      fact: 'cuts nowhere once it is final',
      stable: 'one two. three.',
      text: 'one two. three. four',
      final: true,
      texts: ['one two. three. four'],
    },
    {
      fact: 'trims what it answers',
      stable: '',
      text: '  good morning\n',
      final: true,
      texts: ['good morning'],
    },
    { fact: 'answers nothing when nothing was said', stable: '', text: ' \n', final: true, texts: [] },
  ] as const;
  for (const { fact, texts, ...transcript } of cases) {
    it(fact, () => {
      assert.deepEqual(new WholeUtterance().next(transcript), texts);
    });
  }
});
