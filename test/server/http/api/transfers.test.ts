/** Where callers were transferred to, asked over the API, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { closeHttp, startHttp as start } from '../start-http.ts';

afterEach(closeHttp);

const UUID = 'c0ffee00-0000-4000-8000-000000000001';

describe('GET /api/v1/transfers/{uuid}', () => {
  it('says where to, as JSON or as a form', async () => {
    const { view, url } = await start();
    view.transfers.set(UUID, '+34600');
    const json = await fetch(url(`/api/v1/transfers/${UUID.toUpperCase()}`));
    assert.deepEqual([json.status, await json.json()], [200, { to: '+34600' }]);
    const form = await fetch(url(`/api/v1/transfers/${UUID}?as=form`));
    assert.match(form.headers.get('content-type') ?? '', /^application\/x-www-form-urlencoded/);
    assert.equal(await form.text(), 'to=%2B34600');
  });

  it('knows nothing of who was not transferred, and of what is no UUID', async () => {
    const { url } = await start();
    const none = await fetch(url(`/api/v1/transfers/${UUID}`));
    assert.deepEqual([none.status, PROBLEM.parse(await none.json()).code], [404, 'no-such-transfer']);
    const form = await fetch(url(`/api/v1/transfers/${UUID}?as=form`));
    assert.deepEqual([form.status, await form.text()], [404, 'to=']);
    assert.match(form.headers.get('content-type') ?? '', /^application\/x-www-form-urlencoded/);
    assert.equal((await fetch(url('/api/v1/transfers/sales'))).status, 400);
  });
});
