/** A pipeline that serves all calls: who has waited too long, and when it is given up for all. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { NullFlushProcess } from '../../src/engines/mt/apertium/null-flush-process.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { testSignal } from './events.ts';

/** One that answers what the test writes, whatever it is asked; it may be silent for 400 ms. */
async function pipeline(test: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
  const answers = join(directory, 'answers');
  execFileSync('mkfifo', [answers]);
  const clock = new FakeClock();
  const running = new NullFlushProcess({
    ...{ command: `cat '${answers}'`, niceness: 0, timeoutMs: 400, loadLimitMs: 5_000, waitingLimit: 9 },
    clock,
  });
  const file = await openFile(answers, 'w');
  test.after(async () => {
    await file.close();
    await running.close();
    await rm(directory, { recursive: true });
  });
  const answer = (text: string) => file.write(`${text}\n\0`);
  const ask = (text: string, signal = testSignal()): Promise<string> => {
    const asked = running.ask(text, signal);
    asked.catch(() => {});
    return asked;
  };
  return { clock, running, answer, ask };
}

describe('a pipeline that answers', () => {
  it('goes on for the others when one has waited too long in line', async (t) => {
    const { clock, running, answer, ask } = await pipeline(t);
    const [first, second] = [ask('1'), ask('2')];
    await clock.advance(300);
    await answer('one');
    assert.equal(await first, 'one\n');
    const third = ask('3');
    await clock.advance(100);
    await assert.rejects(second, { code: 'engine-timeout' });
    assert.equal(running.dead, false);
    // The answer that nobody waits for is not taken for the next one's.
    await answer('two');
    await answer('three');
    assert.equal(await third, 'three\n');
    assert.equal(clock.pendingTimers, 0);
  });

  it('is given up when it has been silent for that long, also where nobody waits for its answer any more', async (t) => {
    const { clock, running, answer, ask } = await pipeline(t);
    const [first, second] = [ask('1'), ask('2')];
    await clock.advance(300);
    await answer('one');
    await first;
    await clock.advance(100);
    await assert.rejects(second, { code: 'engine-timeout' });
    const third = ask('3');
    await clock.advance(299);
    assert.equal(running.dead, false);
    await clock.advance(1);
    await assert.rejects(third, { code: 'engine-died' });
    assert.equal(running.dead, true);
  });

  it('is not given up for an answer that came while we stood still', async (t) => {
    const { clock, running, answer, ask } = await pipeline(t);
    const first = ask('1');
    clock.freeze(3_000);
    await clock.advance(0);
    assert.equal(running.dead, false);
    await answer('one');
    assert.equal(await first, 'one\n');
  });

  it('is given up in the time for an answer when it does not show that it lives while somebody waits', async (t) => {
    const { clock, running, ask } = await pipeline(t);
    void running.look();
    const asked = ask('1');
    await clock.advance(400);
    await assert.rejects(asked, { code: 'engine-died' });
    assert.equal(running.dead, true);
  });
});
