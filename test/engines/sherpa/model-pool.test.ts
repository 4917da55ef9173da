import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { ModelPool } from '../../../src/engines/sherpa/model-pool.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { never, within } from '../../support/waiting.ts';
import { stillPackage } from './still-package.ts';

const LIMIT_MS = 60_000;

describe('the processes of an engine', () => {
  it('are ended with it, also one that is still loading its model', async (test) => {
    const { packageFolder, loading } = await stillPackage();
    test.after(() => rm(packageFolder, { recursive: true }));
    const find = async () => ({ type: 'found', packageFolder }) as const;
    const pool = new ModelPool({ clock: new FakeClock(), find });
    const model = {
      ...{ key: 'model', shown: '/nowhere/model' },
      order: { use: 'embed', config: {}, leadMs: 0, tailMs: 0 },
    } as const;
    const asked = assert.rejects(pool.get(model, never()), { code: 'closed' });
    const pid = await loading();
    await within('their end', LIMIT_MS, pool.close());
    await asked;
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await assert.rejects(pool.get({ ...model, key: 'another' }, never()), { code: 'closed' });
  });
});
