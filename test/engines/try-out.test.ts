import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, codeOf, type ErrorCode } from '../../src/base/errors.ts';
import type { MtEngine } from '../../src/engines/mt/mt-engine.ts';
import { tryOutTranslation } from '../../src/engines/try-out.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { testSignal } from './events.ts';

/** An engine whose tries go as `tries` says, each in 300 ms; what comes after them goes well. */
function engineOf(clock: FakeClock, tries: readonly (ErrorCode | undefined)[]) {
  const asked: string[] = [];
  const engine: Pick<MtEngine, 'name' | 'translate'> = {
    name: 'acme',
    translate: async ({ text }) => {
      const code = tries[asked.length];
      asked.push(text);
      await clock.advance(300);
      if (code !== undefined) {
        throw new AppError(code, 'as the test says');
      }
      return 'Bonjour.';
    },
  };
  return { engine, asked };
}

async function tried(tries: readonly (ErrorCode | undefined)[]) {
  const clock = new FakeClock();
  const { engine, asked } = engineOf(clock, tries);
  const { ms, error } = await tryOutTranslation(engine as MtEngine, 'en', 'fr', clock, testSignal());
  return { ms, error: error && codeOf(error), times: asked.length };
}

describe('trying an engine out', () => {
  it('tells the time of the second try', async () => {
    assert.deepEqual(await tried([]), { ms: 300, error: undefined, times: 2 });
  });

  it('forgives that the first one, which includes loading, took too long, and no more than that', async () => {
    assert.deepEqual(await tried(['engine-timeout']), { ms: 300, error: undefined, times: 2 });
    assert.deepEqual(await tried(['engine-timeout', 'engine-timeout']), {
      ...{ ms: 0, error: 'engine-timeout', times: 2 },
    });
    assert.deepEqual(await tried(['engine-refused']), { ms: 0, error: 'engine-refused', times: 1 });
  });
});
