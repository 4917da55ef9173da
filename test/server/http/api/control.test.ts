/** Steering calls over the API, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { callOf, ENDED, onlyElevenlabs } from '../fake-server-view.ts';
import { answer, closeHttp, startHttp as start } from '../start-http.ts';

afterEach(closeHttp);

const DIRECTION = { from: 'en', to: 'es', state: 'served', reasons: [] } as const;

async function started() {
  const { view, interpreting, url } = await start();
  view.running = [callOf('c-1')];
  interpreting.currentDirections = [DIRECTION];
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const asked = {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const target = url(`/api/v1/calls/${path}`);
    return method === 'DELETE'
      ? { status: (await fetch(target, asked)).status, body: {} }
      : answer(target, asked);
  };
  return { view, ask, url };
}

describe('PATCH /api/v1/calls/{call}', () => {
  it('makes of a call what is written, and answers with the call', async () => {
    const { view, ask } = await started();
    const change = {
      mode: 'unidirectional',
      translating: false,
      policy: 'turn',
      original: 'full',
      matchDelay: true,
    };
    const { status, body } = await ask('PATCH', 'c-1', change);
    assert.deepEqual([status, Object(body).state], [200, 'running']);
    assert.deepEqual(view.done, [['changeCall', 'c-1', change]]);
  });

  it('refuses what it does not know, and does nothing then', async () => {
    const { view, ask } = await started();
    for (const change of [{ mode: 'sideways' }, { modes: 'passthrough' }, { translating: 'yes' }, []]) {
      assert.equal((await ask('PATCH', 'c-1', change)).status, 400, JSON.stringify(change));
    }
    assert.equal((await ask('PATCH', 'c-2', {})).status, 404);
    assert.deepEqual(view.done, []);
  });

  it('refuses a call that has ended', async () => {
    const { view, ask } = await started();
    view.running = [];
    view.fire('c-1', ENDED);
    const { status, body } = await ask('PATCH', 'c-1', { translating: false });
    assert.deepEqual([status, PROBLEM.parse(body).code], [409, 'call-ended']);
    assert.equal((await ask('DELETE', 'c-1')).status, 409);
  });
});

describe('a request without a body that says it is JSON', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };

  it('is taken where no body is asked for', async () => {
    const { view, ask, url } = await started();
    assert.equal((await ask('DELETE', 'c-1', undefined, JSON_TYPE)).status, 204);
    assert.equal(view.done.length, 1);
    const drained = await answer(url('/api/v1/drain'), { method: 'POST', headers: JSON_TYPE });
    assert.equal(drained.status, 200);
  });

  it('is refused where one is asked for, and so is what is no JSON', async () => {
    const { view, ask, url } = await started();
    const { status, body } = await ask('PATCH', 'c-1', undefined, JSON_TYPE);
    assert.equal(status, 400);
    assert.match(PROBLEM.parse(body).detail, /body is empty/);
    for (const broken of ['{', ' ', '{"__proto__":{}}']) {
      const refused = await answer(url('/api/v1/drain'), {
        ...{ method: 'POST', headers: JSON_TYPE, body: broken },
      });
      assert.equal(refused.status, 400, broken);
    }
    assert.deepEqual(view.done, []);
  });
});

describe('a version of a call', () => {
  const changed = { ...callOf('c-1'), version: 2 };

  it('is the ETag of GET and of each change, and part of the call', async () => {
    const { view, url } = await started();
    const tagged = async (asked: RequestInit) => {
      const response = await fetch(url('/api/v1/calls/c-1'), asked);
      return [response.headers.get('etag'), Object(await response.json()).version];
    };
    assert.deepEqual(await tagged({}), ['"1"', 1]);
    view.running = [changed];
    const change = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{}' };
    assert.deepEqual(await tagged(change), ['"2"', 2]);
  });

  it('that is meant and is past changes nothing, and who asked is told how the call is now', async () => {
    const { view, ask } = await started();
    view.running = [changed];
    const past = { 'if-match': '"1"' };
    for (const [method, path, body] of [
      ['PATCH', 'c-1', { translating: false }],
      ['PATCH', 'c-1/parties/a', { muted: true }],
      ['POST', 'c-1/recording', { state: 'on' }],
      ['DELETE', 'c-1/parties/a', undefined],
      ['DELETE', 'c-1', undefined],
    ] as const) {
      const { status, body: answered } = await ask(method, path, body, past);
      assert.equal(status, 412, `${method} ${path}`);
      if (method !== 'DELETE') {
        const { code, detail, current } = PROBLEM.parse(answered);
        assert.deepEqual(
          [code, Object(current).version, Object(current).parties.length],
          ['other-version', 2, 2],
        );
        assert.match(detail, /it is version 2/);
      }
    }
    assert.deepEqual(view.done, []);
  });

  it('that is meant and is the present one is changed; so is any for who means none', async () => {
    const { view, ask } = await started();
    for (const meant of ['"1"', 'W/"1"', '*']) {
      assert.equal((await ask('PATCH', 'c-1', {}, { 'if-match': meant })).status, 200, meant);
    }
    assert.equal((await ask('PATCH', 'c-1/parties/a', {}, { 'if-match': '"1"' })).status, 200);
    assert.equal((await ask('DELETE', 'c-1', undefined, { 'if-match': '"1"' })).status, 204);
    assert.equal(view.done.length, 5);
    const { status, body } = await ask('PATCH', 'c-1', {}, { 'if-match': '"one"' });
    assert.deepEqual([status, PROBLEM.parse(body).code], [400, 'bad-version']);
  });
});

describe('PATCH /api/v1/calls/{call}/parties/{party}', () => {
  it('makes of a party what is written; null is as if it had never been written', async () => {
    const { view, ask } = await started();
    const change = {
      name: 'Ana',
      language: 'ES',
      voice: 'nova',
      original: 'off',
      hears: 'voices',
      muted: true,
    };
    assert.equal((await ask('PATCH', 'c-1/parties/a', change)).status, 200);
    assert.equal((await ask('PATCH', 'c-1/parties/b', { voice: null, original: null })).status, 200);
    assert.deepEqual(view.done, [
      ['changeParty', 'c-1', 'a', { ...change, language: 'es' }],
      ['changeParty', 'c-1', 'b', { voice: undefined, original: undefined }],
    ]);
  });

  it('refuses a language that nothing is set up for, and says which there are', async () => {
    const { view, ask } = await started();
    const { status, body } = await ask('PATCH', 'c-1/parties/a', { language: 'fr' });
    const { code, detail } = PROBLEM.parse(body);
    assert.deepEqual([status, code], [422, 'language-not-served']);
    assert.match(detail, /only for en, es/);
    assert.equal((await ask('PATCH', 'c-1/parties/a', { language: 'no language' })).status, 400);
    assert.deepEqual(view.done, []);
  });

  it('says when there is no such party', async () => {
    const { ask } = await started();
    const { status, body } = await ask('PATCH', 'c-1/parties/z', { muted: true });
    assert.deepEqual([status, PROBLEM.parse(body).code], [404, 'no-such-party']);
  });
});

describe('DELETE', () => {
  it('hangs up a call, or one of its parties', async () => {
    const { view, ask } = await started();
    assert.equal((await ask('DELETE', 'c-1/parties/b')).status, 204);
    assert.equal((await ask('DELETE', 'c-1/parties/z')).status, 404);
    assert.equal((await ask('DELETE', 'c-1')).status, 204);
    assert.deepEqual(view.done, [
      ['hangUpParty', 'c-1', 'b', 'asked-by-api'],
      ['hangUpParty', 'c-1', 'z', 'asked-by-api'],
      ['hangUp', 'c-1', 'asked-by-api'],
    ]);
  });
});

describe('POST /api/v1/calls/{call}/parties', () => {
  const ADDED = z.object({ party: z.string(), language: z.string(), uuid: z.uuid(), expiresAt: z.string() });

  it('answers with a UUID to come by, and the same for the same key', async () => {
    const { view, ask } = await started();
    const wish = { language: 'ES', name: 'supervisor', hears: 'voices', muted: true, ttlSeconds: 30 };
    const key = { 'idempotency-key': 'k' };
    const { status, body } = await ask('POST', 'c-1/parties', wish, key);
    const { language, party } = ADDED.parse(body);
    assert.deepEqual([status, language, party], [201, 'es', 'added-1']);
    const party0 = { voice: undefined, original: undefined, language: 'es', name: 'supervisor' };
    assert.deepEqual(view.done, [['addParty', ['c-1', { ...party0, hears: 'voices', muted: true }, 30_000]]]);
    assert.deepEqual((await ask('POST', 'c-1/parties', wish, key)).body, body);
    assert.equal(view.done.length, 1);
  });

  it('invites an agent into a call that runs', async () => {
    const { view, ask } = await started();
    const invited: unknown[] = [];
    const invite = (...asked: readonly unknown[]): unknown => invited.push(asked);
    view.agents = { refusal: onlyElevenlabs, invite };
    const { status, body } = await ask('POST', 'c-1/parties', {
      language: 'en',
      agent: 'elevenlabs:agent_1',
    });
    const { party, ...rest } = Object(body);
    assert.deepEqual([status, rest], [201, { language: 'en' }]);
    assert.match(party, /^agent-[0-9a-f]{8}$/);
    const [[callId, seat] = []] = invited.map((each) => (Array.isArray(each) ? each : []));
    assert.deepEqual([callId, Object(seat).party.id, Object(seat).wish.agent], ['c-1', party, 'agent_1']);
    const unknown = await ask('POST', 'c-1/parties', { language: 'en', agent: 'hal:9000' });
    assert.deepEqual([unknown.status, PROBLEM.parse(unknown.body).code], [409, 'no-such-agent']);
    assert.deepEqual(view.done, []);
  });

  it('refuses languages that nothing is set up for, and calls that are not there', async () => {
    const { view, ask } = await started();
    assert.equal((await ask('POST', 'c-1/parties', { language: 'fr' })).status, 422);
    assert.equal((await ask('POST', 'c-1/parties', { language: 'en', tongue: 'es' })).status, 400);
    assert.equal((await ask('POST', 'c-2/parties', { language: 'en' })).status, 404);
    assert.deepEqual(view.done, []);
  });

  it('says when nobody more can come', async () => {
    const { view, ask } = await started();
    for (const [why, expected, code] of [
      ['draining', 503, 'draining'],
      ['full', 409, 'too-many-parties'],
    ] as const) {
      view.refuses = why;
      const { status, body } = await ask('POST', 'c-1/parties', { language: 'en' });
      assert.deepEqual([status, PROBLEM.parse(body).code], [expected, code]);
    }
  });
});

describe('POST /api/v1/calls/{call}/recording', () => {
  it('records, pauses and ends, and says where that cannot be', async () => {
    const { view, ask } = await started();
    for (const state of ['on', 'paused', 'off']) {
      const { status, body } = await ask('POST', 'c-1/recording', { state });
      assert.deepEqual([status, Object(body).state], [200, 'running']);
    }
    assert.deepEqual(view.done, [
      ['record', 'c-1', 'on'],
      ['record', 'c-1', 'paused'],
      ['record', 'c-1', 'off'],
    ]);
    view.recordsThen = 'not-recorded';
    const { status, body } = await ask('POST', 'c-1/recording', { state: 'on' });
    assert.deepEqual([status, PROBLEM.parse(body).code], [409, 'not-recorded']);
    assert.equal((await ask('POST', 'c-1/recording', { state: 'loud' })).status, 400);
    assert.equal((await ask('POST', 'c-9/recording', { state: 'on' })).status, 404);
  });
});

describe('POST /api/v1/calls/{call}/handover', () => {
  it('has another node go on with the call, and says why it cannot', async () => {
    const { view, ask } = await started();
    const { status, body } = await ask('POST', 'c-1/handover');
    assert.deepEqual([status, Object(body).state], [202, 'running']);
    assert.deepEqual(view.done, [['handOver', 'c-1', undefined]]);
    for (const [then, code] of [
      ['no-nodes', 'no-other-node'],
      ['stays', 'not-movable'],
    ] as const) {
      view.handsOverThen = then;
      const refused = await ask('POST', 'c-1/handover');
      assert.deepEqual([refused.status, PROBLEM.parse(refused.body).code], [409, code]);
    }
    assert.equal((await ask('POST', 'c-9/handover')).status, 404);
  });
});
