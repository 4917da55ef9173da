import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ModelProcess, type ModelProcessOptions } from '../../../src/engines/sherpa/model-process.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { withoutFiles } from '../../support/no-more-files.ts';
import { never, within } from '../../support/waiting.ts';
import { stillPackage } from './still-package.ts';

const LIMIT_MS = 60_000;

describe('a process with a model', () => {
  const options: Omit<ModelProcessOptions, 'clock'> = {
    model: '/nowhere/model',
    order: { use: 'whole', packageFolder: '/nowhere/sherpa-onnx-node', config: {}, leadMs: 0, tailMs: 0 },
    ...{ niceness: 0, startTimeoutMs: 60_000, answerTimeoutMs: 10_000 },
  };

  it('that cannot be made on a machine without files says so, and is waited for no more', async (test) => {
    const clock = new FakeClock();
    test.after(withoutFiles());
    await assert.rejects(ModelProcess.start({ ...options, clock }, never()), {
      code: 'engine-start-failed',
      message: /^sherpa: the process for \/nowhere\/model cannot be started: spawn .* EMFILE/,
    });
    assert.equal(clock.pendingTimers, 0);
  });

  it('says why it ended where its package is not there', async () => {
    const clock = new FakeClock();
    await assert.rejects(ModelProcess.start({ ...options, clock }, never()), {
      code: 'engine-start-failed',
      message: /model cannot be used: its process ended with status 1: .*sherpa-onnx-node/,
    });
    assert.equal(clock.pendingTimers, 0);
  });

  it('is killed where nobody wants it any more while its model is being loaded', async (test) => {
    const clock = new FakeClock();
    const { packageFolder, loading } = await stillPackage();
    test.after(() => rm(packageFolder, { recursive: true }));
    const unwanted = new AbortController();
    const order = { ...options.order, packageFolder };
    const starting = ModelProcess.start({ ...options, order, clock }, unwanted.signal);
    const told = starting.catch((error: unknown) => error);
    const pid = await loading();
    const reason = new Error('closed');
    unwanted.abort(reason);
    assert.equal(await within('the end of it', LIMIT_MS, told), reason);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.equal(clock.pendingTimers, 0);
    await assert.rejects(ModelProcess.start({ ...options, clock }, unwanted.signal), reason);
  });
});
