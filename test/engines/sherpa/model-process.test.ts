import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelProcess, type ModelProcessOptions } from '../../../src/engines/sherpa/model-process.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { withoutFiles } from '../../support/no-more-files.ts';

describe('a process with a model', () => {
  const options: Omit<ModelProcessOptions, 'clock'> = {
    model: '/nowhere/model',
    order: { use: 'whole', packageFolder: '/nowhere/sherpa-onnx-node', config: {}, leadMs: 0, tailMs: 0 },
    ...{ niceness: 0, startTimeoutMs: 60_000, answerTimeoutMs: 10_000 },
  };

  it('that cannot be made on a machine without files says so, and is waited for no more', async (test) => {
    const clock = new FakeClock();
    test.after(withoutFiles());
    await assert.rejects(ModelProcess.start({ ...options, clock }), {
      code: 'engine-start-failed',
      message: /^sherpa: the process for \/nowhere\/model cannot be started: spawn .* EMFILE/,
    });
    assert.equal(clock.pendingTimers, 0);
  });

  it('says why it ended where its package is not there', async () => {
    const clock = new FakeClock();
    await assert.rejects(ModelProcess.start({ ...options, clock }), {
      code: 'engine-start-failed',
      message: /model cannot be used: its process ended with status 1: .*sherpa-onnx-node/,
    });
    assert.equal(clock.pendingTimers, 0);
  });
});
