/**
 * A call in which others interpret for a while: a fused provider dies, what stands in for it takes over, and it comes
 * back.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { voiceLike } from '../media/voice-like.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const DIED = new AppError('engine-died', 'gone');

/** A call that a fused provider interprets, until the test has others do so. */
async function interpretedCall(t: TestContext) {
  const book: { kind: 'fused' | 'text' } = { kind: 'fused' };
  const exchange = new ScriptedExchange(t, {
    plan: { announce: false },
    interpreters: (scripted) => (from) => (from === 'en' ? scripted[book.kind] : undefined),
  });
  const [a] = await exchange.call();
  await exchange.run(100);
  const { interpreters } = exchange;
  const use = (kind: 'fused' | 'text'): void => {
    book.kind = kind;
    exchange.switchboard.interpretersChanged();
  };
  const starts = (): number =>
    interpreters.hearings.flatMap(({ told }) => told.calls).filter((call) => call.includes('start')).length;
  return { exchange, interpreters, a, use, starts };
}

describe('a call whose fused interpreter dies', () => {
  it('is interpreted by the backup, which is told what that had not heard anything of', async (t) => {
    const { exchange, interpreters, a, use, starts } = await interpretedCall(t);
    interpreters.openError = DIED;
    interpreters.last.options.onEvent({ type: 'failed', error: DIED });
    await exchange.run(100);
    a.speak(voiceLike(1_000, RATE_HZ));
    await exchange.run(500);
    assert.equal(starts(), 0);
    interpreters.openError = undefined;
    use('text');
    await exchange.run(1_500);
    assert.deepEqual([interpreters.hearings.length, starts()], [1, 1]);
    a.speak(voiceLike(500, RATE_HZ));
    await exchange.run(1_500);
    assert.equal(starts(), 2);
  });

  it('keeps the stream that still does its work', async (t) => {
    const { exchange, interpreters, use } = await interpretedCall(t);
    use('text');
    await exchange.run(200);
    assert.deepEqual([interpreters.hearings.length, interpreters.last.closed], [0, 0]);
  });

  it('goes back to it between two utterances; the backup is told what it had heard, so as to say only the rest', async (t) => {
    const { exchange, interpreters, a, use, starts } = await interpretedCall(t);
    a.speak(voiceLike(500, RATE_HZ));
    await exchange.run(1_300);
    interpreters.last.options.onEvent({ type: 'heard', utterance: 1, text: 'We', final: false });
    interpreters.last.options.onEvent({ type: 'failed', error: DIED });
    use('text');
    await exchange.run(300);
    assert.deepEqual([interpreters.hearings.length, starts()], [1, 1]);
    assert.deepEqual([...(interpreters.hearings[0]?.options.passedOn ?? [])], [[2, 'We']]);
    interpreters.last.ends(2);
    a.speak(voiceLike(1_000, RATE_HZ));
    await exchange.run(500);
    use('fused');
    await exchange.run(200);
    const cascade = interpreters.last;
    assert.equal(cascade.closed, 0, 'it is still needed');
    await exchange.run(1_500);
    cascade.ends(3);
    await exchange.run(100);
    assert.deepEqual([cascade.closed, interpreters.hearings[0]?.closed], [1, 1]);
    assert.equal(interpreters.opened.length, 3);
  });
});
