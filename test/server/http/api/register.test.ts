/** Calls registered over the API, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { partyOf } from '../../../../src/call/plan.ts';
import { RegisteredCalls } from '../../../../src/call/seating/registered-calls.ts';
import { PROBLEM } from '../../../../src/server/http/problem.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { KeptLog } from '../../../call/scripted-legs.ts';
import { ENDED, onlyElevenlabs, WELL } from '../fake-server-view.ts';
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
        {
          ...{ language: 'EN', name: 'Ann', voice: 'nova', original: 'full', hears: 'voices', muted: true },
          refusesRecording: true,
        },
        { language: 'es', refusesRecording: false },
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
    view.apart = true;
    const { status, body } = await register(PAIR);
    assert.deepEqual([status, PROBLEM.parse(body).code], [503, 'cluster-apart']);
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

  it('registers anew under a key whose call is forgotten, and not under that of one that has been', async () => {
    const { view, register } = await started();
    const key = { 'idempotency-key': 'call-7' };
    const first = REGISTERED.parse((await register(PAIR, key)).body);
    view.forget(first.call);
    const second = REGISTERED.parse((await register(PAIR, key)).body);
    assert.notEqual(second.call, first.call);
    view.fire(`registered-${second.call}`, ENDED);
    view.forget(second.call);
    assert.deepEqual(REGISTERED.parse((await register(PAIR, key)).body), second);
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
    view.agents = { refusal: onlyElevenlabs, invite: () => {} };
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

describe('PUT /api/v1/calls/{call}', () => {
  const ID = '7f1f0e0c-3f0a-4d6e-9f4e-0d5c8a1b2c3d';

  async function opened() {
    const rig = await started();
    const put = async (wish: unknown, id = ID, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(rig.url(`/api/v1/calls/${id}`), {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(wish),
      });
      const body: unknown = await response.json();
      return { status: response.status, body, location: response.headers.get('location') };
    };
    return { ...rig, put };
  }

  it('registers a call under the id that is asked for, which is no place of its parties', async () => {
    const { view, put } = await opened();
    const { status, body, location } = await put(PAIR, ID.toUpperCase());
    const { call, parties } = REGISTERED.parse(body);
    assert.deepEqual([status, call, location], [201, ID, `/api/v1/calls/${ID}`]);
    assert.ok(parties.length === 2 && parties.every(({ uuid }) => UUID.test(uuid) && uuid !== ID));
    assert.equal(Object(view.done[0]?.[1]).id, ID);
  });

  it('answers the same to who asks the same again, and registers nothing more', async () => {
    const { view, put } = await opened();
    const first = await put(PAIR);
    const again = await put(PAIR);
    assert.deepEqual([again.status, again.body, again.location], [200, first.body, first.location]);
    assert.equal(view.done.length, 1);
  });

  it('refuses another call under an id that one has, or had, and what is no UUID', async () => {
    const { view, put } = await opened();
    await put(PAIR);
    const other = await put({ ...PAIR, policy: 'turn' });
    assert.deepEqual([other.status, PROBLEM.parse(other.body).code], [409, 'call-exists']);
    view.forget(ID);
    view.fire(`registered-${ID}`, ENDED);
    const over = await put(PAIR);
    assert.deepEqual([over.status, PROBLEM.parse(over.body).code], [409, 'call-ended']);
    assert.equal((await put(PAIR, 'ticket-17')).status, 400);
    assert.equal(view.done.length, 1);
  });

  it('registers anew a call that nobody came to, and remembers no id of what was refused', async () => {
    const { view, clock, put } = await opened();
    view.refuses = 'full';
    assert.equal((await put(PAIR)).status, 503);
    view.refuses = undefined;
    const first = await put(PAIR);
    view.forget(ID);
    const again = await put({ ...PAIR, policy: 'turn' });
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.notDeepEqual(REGISTERED.parse(again.body).parties, REGISTERED.parse(first.body).parties);
    view.fire(`registered-${ID}`, ENDED);
    view.forget(ID);
    await clock.advance(86_400_000);
    assert.equal((await put(PAIR)).status, 201, 'a day later it is nobody’s any more');
  });

  it('takes a form, and answers with one', async () => {
    const { url } = await opened();
    const response = await fetch(url(`/api/v1/calls/${ID}`), {
      method: 'PUT',
      headers: FORM,
      body: 'first=en&second=es',
    });
    const answered = new URLSearchParams(await response.text());
    assert.deepEqual([response.status, answered.get('call')], [201, ID]);
  });
});

describe('the trace that a call is made in', () => {
  const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  it('is told by a header, a field or a form, and the field is the one that counts', async () => {
    const { view, register, post } = await started();
    const other = TRACE.replace('4bf92f', '000001');
    await register(PAIR, { traceparent: TRACE });
    await register({ ...PAIR, traceparent: other }, { traceparent: TRACE });
    await post(`first=en&second=es&traceparent=${TRACE}`, FORM);
    await register(PAIR, { traceparent: 'none of it' });
    assert.deepEqual(
      view.done.map(([, wish]) => Object(wish).plan.traceparent),
      [TRACE, other, TRACE, undefined],
    );
    assert.equal((await register({ ...PAIR, traceparent: TRACE.slice(1) })).status, 400);
  });
});

describe('a call that is waited for', () => {
  it('is shown without its UUIDs, and can be withdrawn but not changed', async () => {
    const log = new KeptLog();
    const { view, url } = await start({}, { log });
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
    const past = await fetch(path, { method: 'DELETE', headers: { 'if-match': '"1"' } });
    assert.equal(past.status, 412, 'it has begun, for who means that');
    assert.equal((await fetch(path, { method: 'DELETE', headers: { 'if-match': '"0"' } })).status, 204);
    assert.deepEqual(view.done, [['withdraw', call.id, undefined]]);
    assert.deepEqual(
      log.lines.map(({ message, what, call: of }) => [message, what, of]),
      [['the API was asked to steer a call', 'withdraw', call.callId]],
    );
  });
});
