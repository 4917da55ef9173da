/** Calls registered over the API, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { partyOf } from '../../../../src/call/plan.ts';
import { RegisteredCalls } from '../../../../src/call/seating/registered-calls.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { WELL } from '../fake-server-view.ts';
import { answer, closeHttp, startHttp as start } from '../start-http.ts';

afterEach(closeHttp);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const REGISTERED = z.object({
  call: z.string(),
  server: z.string().optional(),
  parties: z.array(z.object({ party: z.string(), language: z.string(), uuid: z.string() })),
});
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PAIR = { parties: [{ language: 'en' }, { language: 'es' }] };

async function started() {
  const { view, interpreting, clock, url } = await start();
  interpreting.currentDirections = [{ from: 'en', to: 'es', state: 'served', reasons: [] }];
  view.doors = [{ name: 'audiosocket 0.0.0.0:5050', host: '0.0.0.0', port: 5050, health: WELL }];
  const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(url('/api/v1/calls'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const register = async (wish: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await post(JSON.stringify(wish), headers);
    const body: unknown = await response.json();
    return { status: response.status, body, location: response.headers.get('location') };
  };
  return { view, clock, url, post, register };
}

describe('POST /api/v1/calls', () => {
  it('answers with a UUID for each party, and where to come', async () => {
    const { register } = await started();
    const { status, body, location } = await register(PAIR);
    const { call, server, parties } = REGISTERED.parse(body);
    assert.deepEqual([status, location, server], [201, `/api/v1/calls/${call}`, '127.0.0.1:5050']);
    assert.deepEqual(
      parties.map(({ party, language }) => [party, language]),
      [
        ['a', 'en'],
        ['b', 'es'],
      ],
    );
    assert.ok(parties.every(({ uuid }) => UUID.test(uuid)));
  });

  it('makes the call that is written, and what is not written is as of all calls', async () => {
    const { view, register } = await started();
    const wish = {
      parties: [
        { language: 'EN', name: 'Ann', voice: 'nova', original: 'full', hears: 'voices', muted: true },
        { language: 'es' },
        { language: 'es' },
      ],
      ...{ mode: 'unidirectional', policy: 'turn', original: 'off', announce: false, ttlSeconds: 5 },
      glossary: { 'en:es': { invoice: 'factura' } },
      metadata: { ticket: '7' },
    };
    assert.equal((await register(wish)).status, 201);
    const [[, made] = []] = view.done;
    const { kind, parties, plan, ttlMs } = Object(made);
    const { glossary, ...rest } = plan;
    assert.deepEqual(
      [kind, ttlMs, rest],
      [
        'conference',
        5_000,
        {
          mode: 'unidirectional',
          policy: 'turn',
          original: 'off',
          announce: false,
          metadata: { ticket: '7' },
        },
      ],
    );
    assert.deepEqual(parties.slice(0, 2), [
      { ...wish.parties[0], language: 'en' },
      { name: 'es', language: 'es', voice: undefined, original: undefined, hears: 'all', muted: false },
    ]);
    assert.deepEqual([...glossary('en', 'es').terms], [['invoice', 'factura']]);
    assert.equal(glossary('es', 'en').terms.size, 0);
    await register(PAIR);
    const { plan: bare, ...pair } = Object(view.done[1]?.[1]);
    assert.deepEqual([pair.kind, pair.ttlMs, bare], ['pair', 120_000, {}]);
  });

  it('refuses what it does not know, and languages that nothing is set up for', async () => {
    const { view, register } = await started();
    for (const wish of [
      { parties: [{ language: 'en' }] },
      { ...PAIR, polcy: 'turn' },
      { parties: [{ language: 'en', tongue: 'es' }, { language: 'es' }] },
      { ...PAIR, ttlSeconds: 0 },
      { ...PAIR, metadata: { key: 7 } },
      { ...PAIR, linkedid: 'two words' },
      'call',
    ]) {
      assert.equal((await register(wish)).status, 400, JSON.stringify(wish));
    }
    const { status, body } = await register({ parties: [{ language: 'en' }, { language: 'fr' }] });
    assert.deepEqual([status, PROBLEM.parse(body).code], [422, 'language-not-served']);
    assert.deepEqual(view.done, []);
  });

  it('says when no call can be had now', async () => {
    const { view, register } = await started();
    for (const [why, code] of [
      ['draining', 'draining'],
      ['full', 'too-many-registered'],
    ] as const) {
      view.refuses = why;
      const { status, body } = await register(PAIR);
      assert.deepEqual([status, PROBLEM.parse(body).code], [503, code]);
    }
  });

  it('registers one call for one key, however often it comes, for a day', async () => {
    const { view, clock, register } = await started();
    const key = { 'idempotency-key': 'call-7' };
    const first = await register(PAIR, key);
    assert.deepEqual((await register(PAIR, key)).body, first.body);
    const other = await register({ ...PAIR, policy: 'turn' }, key);
    assert.deepEqual([other.status, PROBLEM.parse(other.body).code], [422, 'key-used-before']);
    assert.equal(view.done.length, 1);
    assert.notDeepEqual((await register(PAIR, { 'idempotency-key': 'call-8' })).body, first.body);
    assert.notDeepEqual((await register(PAIR)).body, first.body);
    await clock.advance(86_400_000);
    assert.notDeepEqual((await register(PAIR, key)).body, first.body);
  });

  it('remembers no key of what was refused', async () => {
    const { view, register } = await started();
    const key = { 'idempotency-key': 'call-7' };
    view.refuses = 'full';
    assert.equal((await register(PAIR, key)).status, 503);
    view.refuses = undefined;
    assert.equal((await register(PAIR, key)).status, 201);
  });

  it('has an agent fetched for a party that is no person, and gives it no UUID', async () => {
    const { view, post, register } = await started();
    const agent = { language: 'en', agent: 'elevenlabs:agent_01jx' };
    const none = await register({ parties: [{ language: 'es' }, agent] });
    assert.deepEqual([none.status, PROBLEM.parse(none.body).code], [409, 'no-such-agent']);
    view.agents = { engines: new Set(['elevenlabs']), invite: () => {} };
    assert.equal((await register({ parties: [agent, agent] })).status, 400);
    const more = { use: 'elevenlabs:agent_01jx', overrideLanguage: true, variables: { order: '17' } };
    const told = { language: 'en', agent: more };
    const { status, body } = await register({ parties: [{ language: 'es' }, told] });
    const { parties } = REGISTERED.parse(body);
    assert.deepEqual([status, parties.map(({ party }) => party)], [201, ['a']]);
    const response = await post('first=es&second=en&second_agent=elevenlabs:agent_01jx', FORM);
    assert.deepEqual([...new URLSearchParams(await response.text()).keys()], ['call', 'first', 'server']);
    assert.deepEqual(
      view.done.map(([, wish]) => Object(wish).parties[1].agent),
      [
        { engine: 'elevenlabs', wish: { agent: 'agent_01jx', variables: { order: '17' }, language: 'en' } },
        { engine: 'elevenlabs', wish: { agent: 'agent_01jx', variables: {} } },
      ],
    );
    for (const wrong of [
      'agent_01jx',
      { use: 'elevenlabs:a b' },
      { ...more, variables: { system__time: '1' } },
    ]) {
      const refused = await register({ parties: [{ language: 'es' }, { language: 'en', agent: wrong }] });
      assert.equal(refused.status, 400);
    }
  });

  it('takes a form, and answers with one', async () => {
    const { view, post } = await started();
    const form =
      'first=en&second=es&first_name=Ann+Lee&second_voice=nova&second_original=off&mode=unidirectional&announce=off' +
      '&ttlSeconds=30&meta_desk=7&linkedid=1700.1&policy=';
    const response = await post(form, FORM);
    assert.equal(response.status, 201);
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-www-form-urlencoded/);
    const answered = new URLSearchParams(await response.text());
    assert.deepEqual([...answered.keys()], ['call', 'first', 'second', 'server']);
    assert.match(answered.get('first') ?? '', UUID);
    assert.equal(answered.get('server'), '127.0.0.1:5050');
    const { parties, plan, ttlMs } = Object(view.done[0]?.[1]);
    assert.deepEqual(
      [parties[0].name, parties[0].language, parties[1].voice, parties[1].original, ttlMs],
      ['Ann Lee', 'en', 'nova', 'off', 30_000],
    );
    assert.deepEqual(plan, {
      mode: 'unidirectional',
      announce: false,
      metadata: { desk: '7' },
      linkedid: '1700.1',
    });
    assert.equal((await post('first=en', FORM)).status, 400);
    assert.equal((await post('first=en&second=es&third=de', FORM)).status, 400);
  });
});

describe('a call that is waited for', () => {
  it('is shown without its UUIDs, and can be withdrawn but not changed', async () => {
    const { view, url } = await started();
    const calls = new RegisteredCalls(view.promises, new FakeClock(), () => false);
    const call = calls.register({
      kind: 'pair',
      parties: [partyOf('', 'en', 'Ann'), partyOf('', 'es', 'Bo')],
      plan: { metadata: { ticket: '7' } },
      ttlMs: 1_000,
    });
    assert.ok(call !== 'full');
    view.waitedFor = [call];
    const path = url(`/api/v1/calls/${call.id}`);
    const { body } = await answer(path);
    const { state, metadata, parties } = Object(body);
    assert.deepEqual([state, metadata, parties[1].name], ['registered', { ticket: '7' }, 'Bo']);
    assert.doesNotMatch(JSON.stringify(body), new RegExp(call.parties.map(({ uuid }) => uuid).join('|')));
    assert.deepEqual(Object((await answer(url('/api/v1/calls?state=registered'))).body).calls, [body]);
    const change = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{}' };
    const refused = await answer(path, change);
    assert.deepEqual([refused.status, PROBLEM.parse(refused.body).code], [409, 'call-waited-for']);
    assert.equal((await fetch(path, { method: 'DELETE' })).status, 204);
    assert.deepEqual(view.done, [['withdraw', call.id, undefined]]);
  });
});
