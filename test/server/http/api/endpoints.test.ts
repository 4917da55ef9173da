/** Phones over the API, kept in a file; Asterisk is played by the test. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { FileEndpoints } from '../../../../src/server/endpoints/file-endpoints.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { ScriptedAsterisk } from '../../endpoints/scripted-asterisk.ts';
import { answer, closeHttp, startHttp } from '../start-http.ts';

const PASSWORD = 'correct-Horse-9';
const ANA = { name: 'ana', language: 'en', password: PASSWORD };
const SHOWN = {
  ...{ name: 'ana', language: 'en', context: 'phones', codecs: ['g722', 'alaw', 'ulaw'] },
  ...{ encrypted: false, registered: false, inCall: false, edited: false },
};

const folder = mkdtempSync(join(tmpdir(), 'dragoman-api-endpoints-'));
let files = 0;

after(() => rmSync(folder, { recursive: true }));
afterEach(closeHttp);

async function start(options: Parameters<typeof startHttp>[0] = {}) {
  files += 1;
  const path = join(folder, String(files), 'endpoints.conf');
  const asterisk = new ScriptedAsterisk(path);
  const endpoints = new FileEndpoints({ path, realm: 'asterisk', asterisk, clock: new FakeClock() });
  const started = await startHttp(options, { endpoints });
  const ask = (method: string, where: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(started.url(`/api/v1/endpoints${where}`), {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const refusal = async (response: Response) => {
    const text = await response.text();
    assert.ok(!text.includes(PASSWORD), 'the answer has the password');
    return { status: response.status, ...PROBLEM.pick({ code: true, detail: true }).parse(JSON.parse(text)) };
  };
  return { ...started, path, asterisk, ask, refusal };
}

describe('phones over the API', () => {
  it('are added, shown, changed and removed, and no answer has a password', async () => {
    const { ask, path, url } = await start();
    const added = await ask('POST', '', ANA);
    assert.deepEqual([added.status, added.headers.get('location')], [201, '/api/v1/endpoints/ana']);
    assert.deepEqual(await added.json(), SHOWN);
    assert.deepEqual(await (await ask('GET', '')).json(), { endpoints: [SHOWN] });
    const changed = await ask('PATCH', '/ana', { voice: 'nova', password: 'another-Horse-9' });
    assert.deepEqual([changed.status, await changed.json()], [200, { ...SHOWN, voice: 'nova' }]);
    assert.deepEqual((await answer(url('/api/v1/endpoints/ana'))).body, { ...SHOWN, voice: 'nova' });
    assert.match(readFileSync(path, 'utf8'), /^md5_cred = \w{32}$/m);
    const unvoiced = await ask('PATCH', '/ana', { voice: null });
    assert.deepEqual(await unvoiced.json(), SHOWN);
    assert.equal((await ask('DELETE', '/ana')).status, 204);
    assert.deepEqual((await answer(url('/api/v1/endpoints'))).body, { endpoints: [] });
  });

  it('are refused with the reason, and nothing is changed', async () => {
    const { ask, asterisk, refusal, interpreting, path } = await start();
    interpreting.currentDirections = [{ from: 'en', to: 'es', state: 'served', reasons: [] }];
    await ask('POST', '', ANA);
    const before = readFileSync(path, 'utf8');
    asterisk.calls.set('ana', ['PJSIP/ana-00000001']);
    for (const [method, where, body, status, code] of [
      ['POST', '', ANA, 409, 'endpoint-exists'],
      ['POST', '', { ...ANA, name: 'ben', language: 'fr' }, 422, 'language-not-served'],
      ['POST', '', { ...ANA, name: 'ben\n[x]' }, 400, 'bad-endpoint'],
      ['POST', '', { ...ANA, name: 'ben', password: 'password' }, 400, 'bad-endpoint'],
      ['POST', '', { ...ANA, name: 'ben', voice: 'a;b' }, 400, 'bad-endpoint'],
      ['POST', '', { name: 'ben', language: 'en' }, 400, 'bad-request'],
      ['PATCH', '/ana', { language: 'fr' }, 422, 'language-not-served'],
      ['PATCH', '/ben', { language: 'es' }, 404, 'no-such-endpoint'],
      ['DELETE', '/ben', undefined, 404, 'no-such-endpoint'],
      ['DELETE', '/ana?whenIdle=true', undefined, 409, 'in-call'],
      ['GET', '/ben', undefined, 404, 'no-such-endpoint'],
    ] as const) {
      const refused = await refusal(await ask(method, where, body));
      assert.deepEqual([refused.status, refused.code], [status, code], `${method} ${where}`);
    }
    assert.equal(readFileSync(path, 'utf8'), before);
    assert.ok(asterisk.calls.has('ana'));
    assert.equal((await ask('DELETE', '/ana')).status, 204);
    assert.deepEqual(asterisk.told.slice(-2), ['hang up PJSIP/ana-00000001', 'reload']);
  });

  it('want a token that may control, also to be read', async () => {
    const tokenFile = join(folder, 'tokens');
    writeFileSync(tokenFile, 'reader reader-token-0001 read\nboss boss-token-000001 control\n');
    chmodSync(tokenFile, 0o600);
    const { ask, refusal } = await start({ tokenFile });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    assert.equal(
      (await refusal(await ask('GET', '', undefined, as('reader-token-0001')))).code,
      'scope-missing',
    );
    assert.equal((await refusal(await ask('POST', '', ANA, as('reader-token-0001')))).code, 'scope-missing');
    assert.equal((await refusal(await ask('GET', ''))).code, 'no-token');
    assert.equal((await ask('GET', '', undefined, as('boss-token-000001'))).status, 200);
  });

  it('are none of ours without --endpoints', async () => {
    const { url } = await startHttp();
    const { status, body } = await answer(url('/api/v1/endpoints'));
    assert.deepEqual([status, PROBLEM.parse(body).code], [404, 'no-endpoints']);
  });
});
