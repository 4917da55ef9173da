/** Events sent to another server, which stands on this machine and answers as it is told. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { type Log, silentLog } from '../../../src/base/log.ts';
import { WEBHOOK_EVENT } from '../../../src/server/http/api/api-events.ts';
import { EventLog } from '../../../src/server/http/api/event-log.ts';
import { parseWebhookSecret, signedHeaders } from '../../../src/server/webhooks/webhook-secret.ts';
import { Webhooks } from '../../../src/server/webhooks/webhooks.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { eventually } from '../../support/waiting.ts';
import { FakeInterpretingView } from '../http/fake-interpreting-view.ts';
import { ENDED, FakeServerView, heard, joined, utteranceOf } from '../http/fake-server-view.ts';

const SECRET = parseWebhookSecret(`whsec_${Buffer.from('a key of twenty-six bytes.').toString('base64')}`);
/** A busy machine needs some of it for a thousand deliveries. */
const LIMIT_MS = 60_000;
/** Where another is sent what happens. */
const ANOTHER = '/another';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver, and webhooks that send to it what the test fires. */
async function open(
  t: TestContext,
  { secret = SECRET, captions = true, path = '/hook?from=me', log = silentLog } = {},
) {
  const received: Received[] = [];
  const others: Received[] = [];
  /** Answers of the receiver, in order; then 204. */
  const statuses: number[] = [];
  let answering = Promise.resolve();
  /** The receiver answers nobody until what is returned is called. */
  const hold = () => {
    let letGo = () => {};
    answering = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    return letGo;
  };
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const list = request.url === ANOTHER ? others : received;
      list.push({ path: request.url, headers: request.headers, body });
      await answering;
      response.writeHead(statuses.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const clock = new FakeClock();
  const view = new FakeServerView();
  const interpreting = new FakeInterpretingView();
  const events = new EventLog({ view, interpreting, clock }, captions);
  const webhooks = new Webhooks({ url: `http://127.0.0.1:${port}${path}`, secret }, clock, log);
  webhooks.follow(events);
  t.after(async () => {
    const closed = webhooks.close();
    await clock.advance(LIMIT_MS);
    await closed;
    server.closeAllConnections();
    server.close();
  });
  const { webhooks: tally } = webhooks.counts;
  const until = (what: Parameters<typeof tally.add>[0], times: number) =>
    eventually(`${what} ${times} times`, LIMIT_MS, () => new Map(tally.entries()).get(what) === times);
  const types = () => received.map(({ body }) => JSON.parse(body).type);
  /** Fires what another receives, who is told of it later: what these webhooks send of it, and sent before, has come by then. */
  const another = async (fire: () => void) => {
    const later = new Webhooks({ url: `http://127.0.0.1:${port}${ANOTHER}`, secret }, clock, log);
    later.follow(events);
    fire();
    await eventually('another receives it', LIMIT_MS, () => others.length > 0);
    await later.close();
  };
  return {
    received,
    statuses,
    hold,
    server,
    clock,
    view,
    interpreting,
    webhooks,
    until,
    types,
    tally,
    another,
  };
}

describe('webhooks', () => {
  it('send each event as it happens, in order, signed, with an id of its own, and nothing that is said', async (t) => {
    const { received, view, clock, until, types } = await open(t);
    view.fire('c-1', joined('a'));
    view.fire('c-1', heard('a', 1, 'hello'));
    view.fire('c-1', utteranceOf('spoken'));
    view.fire('c-1', ENDED);
    await until('delivered', 3);
    assert.deepEqual(types(), ['party-state', 'utterance', 'ended']);
    assert.ok(received.every(({ body }) => WEBHOOK_EVENT.safeParse(JSON.parse(body)).success));
    assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, 3);
    assert.doesNotMatch(received.map(({ body }) => body).join(), /hello|hola/);
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = received;
    assert.equal(path, '/hook?from=me');
    const { timestamp, data } = JSON.parse(body);
    assert.deepEqual([timestamp, data.party], [clock.wallTime().toISOString(), 'a']);
    assert.match(data.call, /^[0-9a-f]{16}$/);
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const mac = createHmac('sha256', 'a key of twenty-six bytes.').update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${mac}`);
  });

  it('send an event again until it is taken, with the same id, and those behind it after that', async (t) => {
    const { received, statuses, view, clock, until, types } = await open(t);
    statuses.push(500, 302);
    view.fire('c-1', joined('a'));
    view.fire('c-1', ENDED);
    await until('failed', 1);
    await clock.advance(4_999);
    assert.equal(received.length, 1);
    await clock.advance(1);
    await until('failed', 2);
    await clock.advance(30_000);
    await until('delivered', 2);
    assert.deepEqual(types(), ['party-state', 'party-state', 'party-state', 'ended']);
    assert.equal(new Set(received.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size, 1);
  });

  it('say in the log why an event is not taken, and nothing of its address but the host', async (t) => {
    const reasons: unknown[] = [];
    const log: Log = { ...silentLog, warn: ({ reason }) => reasons.push(reason) };
    const { statuses, server, view, clock, until } = await open(t, { log });
    statuses.push(503, 302);
    view.fire('c-1', ENDED);
    await until('failed', 1);
    await clock.advance(5_000);
    await until('failed', 2);
    server.closeAllConnections();
    server.close();
    await clock.advance(30_000);
    await until('failed', 3);
    assert.match(
      reasons.join('\n'),
      /^it answers with status 503\nit answers with status 302: write the address.*\nwebhook: [\d.:]+ cannot be reached.*see --webhook$/,
    );
  });

  it('give an event up after four tries more, and go on with the next', async (t) => {
    const { statuses, view, clock, until, tally } = await open(t);
    statuses.push(500, 500, 500, 500, 500);
    view.fire('c-1', joined('a'));
    view.fire('c-1', ENDED);
    for (const [index, waitMs] of [5_000, 30_000, 120_000, 600_000].entries()) {
      await until('failed', index + 1);
      await clock.advance(waitMs);
    }
    await until('delivered', 1);
    assert.deepEqual(
      new Map(tally.entries()),
      new Map([
        ['failed', 5],
        ['given-up', 1],
        ['delivered', 1],
      ]),
    );
  });

  it('hold up no other call by an event that is not taken, nor what is of no call', async (t) => {
    const { statuses, view, interpreting, clock, until, received } = await open(t);
    statuses.push(500);
    view.fire('c-1', joined('a'));
    await until('failed', 1);
    view.fire('c-1', ENDED);
    view.fire('c-2', joined('b'));
    view.fire('c-2', ENDED);
    interpreting.fireEngine({ type: 'back', component: 'mt', engine: 'deepl' });
    await until('delivered', 3);
    const calls = new Set(received.map(({ body }) => JSON.parse(body).data.call));
    assert.equal(calls.size, 3);
    await clock.advance(5_000);
    await until('delivered', 5);
  });

  it('send the events of many calls at once, sixteen and no more', async (t) => {
    const { hold, view, clock, until, received } = await open(t);
    const letGo = hold();
    for (let call = 1; call <= 40; call += 1) {
      view.fire(`c-${call}`, ENDED);
    }
    await eventually('sixteen are sent', LIMIT_MS, () => received.length >= 16);
    for (let turn = 0; turn < 50; turn += 1) {
      await clock.settle();
    }
    assert.equal(received.length, 16);
    letGo();
    await until('delivered', 40);
  });

  it('drop the oldest of the call that has most when too many wait, and count them', async (t) => {
    const { statuses, view, clock, until, received } = await open(t);
    statuses.push(500, 500);
    view.fire('c-0', joined('a'));
    view.fire('c-1', joined('a'));
    await until('failed', 2);
    view.fire('c-0', ENDED);
    for (let event = 1; event <= 1_000; event += 1) {
      view.fire('c-1', { ...joined('a'), atMs: event });
    }
    await until('dropped', 3);
    await clock.advance(5_000);
    await until('delivered', 1_000);
    const atMs = received.slice(2).map(({ body }) => JSON.parse(body).data.atMs);
    assert.ok(atMs.includes(ENDED.atMs), 'the other call lost none');
    assert.deepEqual(atMs.filter((ms) => ms !== ENDED.atMs && ms > 0).slice(0, 2), [4, 5]);
  });

  it('are sent no more to who says that it wants none', async (t) => {
    const { statuses, view, clock, until, received, another } = await open(t);
    statuses.push(410);
    view.fire('c-1', joined('a'));
    view.fire('c-1', ENDED);
    await until('failed', 1);
    view.fire('c-2', ENDED);
    await clock.advance(600_000);
    await another(() => view.fire('c-3', ENDED));
    assert.equal(received.length, 1);
  });

  it('are sent no more to it either of calls whose events were not taken before', async (t) => {
    const { statuses, view, clock, webhooks, until, received, another } = await open(t);
    statuses.push(500, 410);
    view.fire('c-1', ENDED);
    await until('failed', 1);
    view.fire('c-2', ENDED);
    await until('failed', 2);
    await clock.advance(600_000);
    await another(() => view.fire('c-3', ENDED));
    assert.equal(received.length, 2);
    await webhooks.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('send what waits when they are closed, for 2 s and no longer', async (t) => {
    const { view, clock, webhooks, types } = await open(t);
    view.fire('c-1', joined('a'));
    view.fire('c-1', ENDED);
    await webhooks.close();
    assert.deepEqual(types(), ['party-state', 'ended']);
    view.fire('c-1', ENDED);
    assert.equal(types().length, 2);
    const other = await open(t);
    other.statuses.push(500);
    other.view.fire('c-1', ENDED);
    await other.until('failed', 1);
    const closed = other.webhooks.close();
    await other.clock.advance(2_000);
    await closed;
    assert.equal(clock.pendingTimers + other.clock.pendingTimers, 0);
  });
});

describe('the secret of webhooks', () => {
  it('is 24 to 64 bytes in base64 behind whsec_', () => {
    const key = Buffer.alloc(24).toString('base64');
    assert.equal(parseWebhookSecret(`whsec_${key}`).reveal(), `whsec_${key}`);
    for (const wrong of [
      '',
      key,
      'whsec_',
      'whsec_c2hvcnQ=',
      `whsec_${Buffer.alloc(65).toString('base64')}`,
    ]) {
      assert.throws(() => parseWebhookSecret(wrong), /openssl rand -base64 32/, wrong);
    }
  });

  it('signs as the specification does', () => {
    const secret = parseWebhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const body = Buffer.from('{"test": 2432232314}');
    const headers = signedHeaders(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body);
    assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});
