/** What the API says to who asks what it may do. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { answer, closeHttp, startHttp } from '../start-http.ts';

const ANA = 'a-token-of-some-length';
const BO = 'another-one-of-some-length';

afterEach(closeHttp);

describe('GET /access', () => {
  it('says that who is on this machine may do all where there are no tokens', async () => {
    const { url } = await startHttp({ captions: true, listenIn: 'tone' });
    assert.deepEqual(await answer(url('/api/v1/access')), {
      status: 200,
      body: {
        name: 'local',
        scopes: ['read', 'control', 'captions', 'listen'],
        captions: true,
        listenIn: 'tone',
      },
    });
  });

  it('says of a token what it may do, which is more than is written where it may change things', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'dragoman-access-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, 'tokens');
    writeFileSync(tokenFile, `ana ${ANA} control\nbo ${BO} read,captions\n`, { mode: 0o600 });
    const { url } = await startHttp({ tokenFile });
    const asked = (token: string) =>
      answer(url('/api/v1/access'), { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual((await asked(ANA)).body, {
      ...{ name: 'ana', scopes: ['read', 'control'], captions: false, listenIn: 'off' },
    });
    // It has the scope, but nothing is shared here.
    assert.deepEqual((await asked(BO)).body, {
      ...{ name: 'bo', scopes: ['read', 'captions'], captions: false, listenIn: 'off' },
    });
    assert.equal((await asked('nobodys-token-at-all')).status, 401);
  });
});
