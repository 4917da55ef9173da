import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bareWord } from '../interpret/word-truth.ts';
import { codeWord, type LiveScript, liveTurns, MOST_CALLS } from './live-turns.ts';

const SCRIPT: LiveScript = { calls: 20, seconds: 60, seed: 1 };

describe('the turns of the live bench', () => {
  it('are the same for everyone who knows the script', () => {
    assert.deepEqual(liveTurns(SCRIPT, 3), liveTurns({ ...SCRIPT }, 3));
    assert.notDeepEqual(liveTurns(SCRIPT, 3), liveTurns(SCRIPT, 4));
    assert.notDeepEqual(liveTurns(SCRIPT, 3), liveTurns({ ...SCRIPT, seed: 2 }, 3));
  });

  it('follow each other with time to hear the translation, and end before the run', () => {
    for (let call = 0; call < SCRIPT.calls; call += 1) {
      const turns = liveTurns(SCRIPT, call);
      assert.ok(turns.length >= 5, `call ${call} has ${turns.length} turns`);
      for (const [index, { startFrame, lengthMs }] of turns.entries()) {
        const endMs = startFrame * 20 + lengthMs;
        const next = turns[index + 1];
        assert.ok(endMs <= 55_000);
        assert.ok(next === undefined || next.startFrame * 20 - endMs >= 2_400);
      }
    }
  });

  it('have no pause that a recogniser would take for the end', () => {
    const words = liveTurns(SCRIPT, 0).map((turn) => turn.words);
    const gaps = words.flatMap((said) =>
      said.slice(1).map(({ startMs }, i) => startMs - (said[i]?.endMs ?? 0)),
    );
    assert.ok(gaps.every((gapMs) => gapMs >= 0 && gapMs < 200));
  });

  it('say in each clause a word that is said nowhere else', () => {
    const codes = new Set<string>();
    for (let call = 0; call < MOST_CALLS; call += 1) {
      for (const turn of liveTurns(SCRIPT, call)) {
        const said = new Set(turn.words.map(({ text }) => bareWord(text)));
        for (let clause = 0; clause < turn.clauses; clause += 1) {
          const code = codeWord(call, turn.id, clause);
          assert.ok(said.has(code), `turn ${turn.id} of call ${call} has no ${code}`);
          assert.ok(!codes.has(code), `${code} is said twice`);
          codes.add(code);
        }
      }
    }
  });

  it('end with a mark', () => {
    assert.ok(liveTurns(SCRIPT, 0).every(({ words }) => /[.?]$/.test(words.at(-1)?.text ?? '')));
  });
});
