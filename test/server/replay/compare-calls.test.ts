/** What is a difference between a call and its replay, and what is none. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallNote } from '../../../src/call/recording/call-notes.ts';
import { compareCalls } from '../../../src/server/replay/compare-calls.ts';

const TOLERANCE_MS = 100;

/** A call in which one utterance is heard and spoken. */
function notes({ beganMs = 1_000, heard = 'hello', spoken = 'bonjour', spokenMs = 3_000 } = {}): CallNote[] {
  return [
    { n: 0, type: 'mark', atMs: beganMs, party: 'a', utterance: 1, mark: 'began' },
    {
      n: 1,
      type: 'event',
      event: { type: 'heard', atMs: 2_500, party: 'a', utterance: 1, final: true, piiText: heard },
    },
    {
      n: 2,
      type: 'event',
      event: {
        ...{ type: 'spoken', atMs: spokenMs, party: 'a', utterance: 1, language: 'fr' },
        ...{ piiSource: heard, piiText: spoken },
      },
    },
    { n: 3, type: 'left', atMs: 9_000, party: 'a' },
  ];
}

function first(now: readonly CallNote[]): string | undefined {
  return compareCalls(notes(), now, TOLERANCE_MS).differences[0]?.sentence;
}

describe('two calls', () => {
  it('are the same where times differ by no more than is allowed', () => {
    const compared = compareCalls(notes(), notes({ beganMs: 1_100, spokenMs: 2_950 }), TOLERANCE_MS);
    assert.deepEqual(compared, { utterances: 1, segments: 1, differences: [], mostOffMs: 100 });
  });

  for (const [what, now, told] of [
    [
      'an utterance that begins later',
      notes({ beganMs: 1_101 }),
      /utterance 1: the beginning comes 101 ms later/,
    ],
    ['another text', notes({ heard: 'yellow' }), /what was heard is another: then "hello".*now "yellow"/],
    ['another translation', notes({ spoken: 'salut' }), /segment 1: what was spoken is another/],
    ['speech that comes earlier', notes({ spokenMs: 2_000 }), /what was spoken comes 1000 ms earlier/],
    ['what is missing', notes().filter(({ n }) => n !== 2), /what was spoken is missing now/],
    [
      'what is new',
      [...notes(), { n: 9, type: 'mark', atMs: 5_000, party: 'b', utterance: 1, mark: 'began' } as const],
      /party b, utterance 1: the beginning is new/,
    ],
  ] as const) {
    it(`are not with ${what}`, () => assert.match(first(now) ?? 'nothing', told));
  }

  it('have their first difference first', () => {
    const { differences } = compareCalls(notes(), notes({ heard: 'yellow', beganMs: 0 }), TOLERANCE_MS);
    assert.deepEqual(
      differences.map(({ atMs }) => atMs),
      [1_000, 2_500, 3_000],
    );
  });

  it('are not compared past the end of the first', () => {
    const late = { n: 9, type: 'mark', atMs: 8_950, party: 'a', utterance: 2, mark: 'began' } as const;
    assert.equal(first([...notes(), late]), undefined);
  });
});
