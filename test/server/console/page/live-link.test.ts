import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ApiClient } from '../../../../src/server/console/page/link/api-client.ts';
import { LiveLink } from '../../../../src/server/console/page/link/live-link.ts';
import { ConsoleModel, type RecoveryStep } from '../../../../src/server/console/page/state/console-model.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { heard, shownCall, stateOf, utterance } from './told-calls.ts';

const STATUS = { problems: [], legs: { active: 2, most: 50 }, directions: [] };

/** A stream that the test writes, until it ends it or whoever reads it goes away. */
class TestStream {
  readonly lastEventId: string | undefined;
  readonly authorization: string | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly response: Response;

  constructor({ headers, signal }: RequestInit) {
    const asked = new Headers(headers);
    this.lastEventId = asked.get('last-event-id') ?? undefined;
    this.authorization = asked.get('authorization') ?? undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    signal?.addEventListener('abort', () => this.#controller?.error(signal.reason));
    this.response = new Response(body);
  }

  write(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.#controller?.close();
  }
}

/** A server of the API that the test plays. */
class Rig {
  readonly clock = new FakeClock();
  readonly model = new ConsoleModel();
  readonly asked: string[] = [];
  readonly events: TestStream[] = [];
  readonly levels: TestStream[] = [];
  readonly recalled: TestStream[] = [];
  readonly sent: unknown[] = [];
  /** Steps of recovery, as the server lists them. */
  latest: readonly RecoveryStep[] = [];
  /** As the server lists them. */
  calls = [shownCall('1')];
  /** The list of them is on its way until this resolves. */
  listed: Promise<void> = Promise.resolve();
  /** What the nodes are asked for with is refused so; undefined: it is answered. */
  refuseNodes: number | undefined;
  /** What is seen is refused so; undefined: it is taken. */
  refuseSeen: number | undefined;
  /** Of the call, as the server tells it. */
  version = 2;
  /** What the next requests are refused with; 0: no answer at all. */
  refuse: number | undefined;
  readonly link: LiveLink;

  constructor(test: TestContext) {
    const api = new ApiClient((path, init) => this.#answer(path, init));
    this.link = new LiveLink(api, this.model, this.clock);
    test.after(this.link.start());
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    this.asked.push(path);
    if (this.refuse === 0) {
      throw new TypeError('fetch failed');
    }
    if (this.refuse !== undefined) {
      return Response.json({ detail: 'not now' }, { status: this.refuse });
    }
    switch (path) {
      case 'api/v1/events':
        return opened(this.events, init);
      case 'api/v1/levels':
        return opened(this.levels, init);
      case 'api/v1/calls/1':
        return Response.json(shownCall('1', { version: this.version, original: 'full' }));
      case 'api/v1/access':
        return Response.json({ name: 'ana', scopes: ['read'], captions: false, listenIn: 'off' });
      case 'api/v1/calls':
        return this.#listed();
      case 'api/v1/calls/1/events':
        return opened(this.recalled, init);
      case 'api/v1/engines':
        return Response.json({ engines: [] });
      case 'api/v1/nodes':
        return this.refuseNodes === undefined
          ? Response.json({ cluster: true, connected: true, nodes: [] })
          : Response.json({ detail: 'too many ask' }, { status: this.refuseNodes });
      case 'api/recovery/stats':
        return Response.json({ recoveries: [], latest: this.latest });
      case 'status':
        return Response.json(STATUS);
      default:
        this.sent.push(JSON.parse(String(init.body)));
        if (this.refuseSeen !== undefined) {
          return Response.json({ detail: 'not now' }, { status: this.refuseSeen });
        }
        return new Response(null, { status: 204 });
    }
  }

  async #listed(): Promise<Response> {
    const response = Response.json({ calls: this.calls });
    await this.listed;
    return response;
  }

  /** The event stream that was opened last. */
  get stream(): TestStream {
    const stream = this.events.at(-1);
    assert.ok(stream !== undefined, 'no stream of events is open');
    return stream;
  }

  get state(): string {
    return this.link.state.value.type;
  }
}

function opened(streams: TestStream[], init: RequestInit): Response {
  const stream = new TestStream(init);
  streams.push(stream);
  return stream.response;
}

function message(event: object, id: string): string {
  return `id: ${id}\ndata: ${JSON.stringify({ at: '2026-01-01T00:00:00.000Z', ...event })}\n\n`;
}

describe('LiveLink', () => {
  it('asks which calls there are once it hears what happens, and tells the model of both', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    assert.equal(rig.asked[0], 'api/v1/events');
    assert.deepEqual([rig.state, rig.model.calls.value.map(({ id }) => id)], ['live', ['1']]);
    assert.equal(rig.model.status.value?.legs.active, 2);
    rig.stream.write(message({ call: '2', ...stateOf('a', 'RINGING') }, 'x-1'));
    rig.stream.write(message({ call: '1', ...heard(1, 'Good morning.') }, 'x-2'));
    await rig.clock.advance(10);
    assert.deepEqual(
      rig.model.calls.value.map(({ id, latest }) => [id, latest.value?.said]),
      [
        ['1', 'Good morning.'],
        ['2', undefined],
      ],
    );
  });

  it('tells what happens after a silence at once, and then no oftener than somebody reads', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(1_000);
    let drawn = 0;
    test.after(rig.model.calls.subscribe(() => (drawn += 1)));
    drawn = 0;
    for (let call = 0; call < 20; call += 1) {
      rig.stream.write(message({ call: `more-${call}`, ...stateOf('a', 'RINGING') }, `x-${call}`));
      await rig.clock.advance(10);
      assert.ok(call > 0 || drawn === 1, 'the first at once');
    }
    assert.ok(drawn >= 4 && drawn <= 5, `${drawn} times in 200 ms`);
    await rig.clock.advance(50);
    assert.equal(rig.model.calls.value.length, 21);
  });

  it('opens again what broke off, and goes on behind what it had read', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    rig.stream.write(message({ call: '1', ...heard(1, 'Good morning.') }, 'x-7'));
    await rig.clock.advance(10);
    rig.refuse = 0;
    rig.stream.end();
    await rig.clock.advance(10);
    assert.equal(rig.state, 'lost');
    await rig.clock.advance(4_000);
    assert.equal(
      rig.asked.filter((path) => path === 'api/v1/events').length,
      4,
      'sooner first, then more seldom',
    );
    rig.refuse = undefined;
    await rig.clock.advance(5_000);
    assert.deepEqual([rig.state, rig.events.length, rig.stream.lastEventId], ['live', 2, 'x-7']);
  });

  it('asks for nothing while nobody sees the page', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    rig.link.visible.value = false;
    await rig.clock.advance(10);
    rig.asked.length = 0;
    await rig.clock.advance(60_000);
    assert.deepEqual([rig.state, rig.asked, rig.clock.pendingTimers], ['paused', [], 0]);
    rig.link.visible.value = true;
    await rig.clock.advance(10);
    assert.deepEqual([rig.state, rig.events.length], ['live', 2]);
  });

  it('waits for a token where the server wants one, and sends it', async (test) => {
    const rig = new Rig(test);
    rig.refuse = 401;
    rig.link.visible.value = false;
    rig.link.visible.value = true;
    await rig.clock.advance(60_000);
    assert.equal(rig.state, 'locked');
    rig.refuse = undefined;
    rig.asked.length = 0;
    await rig.clock.advance(60_000);
    assert.deepEqual(rig.asked, []);
    rig.link.unlock('a-token');
    await rig.clock.advance(10);
    assert.deepEqual([rig.state, rig.stream.authorization], ['live', 'Bearer a-token']);
  });

  it('says what the server has against it', async (test) => {
    const rig = new Rig(test);
    rig.refuse = 403;
    rig.link.visible.value = false;
    rig.link.visible.value = true;
    await rig.clock.advance(10);
    assert.deepEqual(rig.link.state.value, { type: 'refused', why: 'not now' });
  });

  it('asks for the levels of the rows that are seen, once it is known which', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    const [levels] = rig.levels;
    levels?.write('event: watcher\ndata: {"id":"77"}\n\n');
    rig.link.seen.value = new Set(['1']);
    await rig.clock.advance(50);
    rig.link.seen.value = new Set(['1', '2']);
    await rig.clock.advance(1_000);
    assert.deepEqual(
      rig.sent,
      [{ calls: ['1', '2'] }],
      'rows that come into sight together are told together',
    );
    levels?.write('event: rows\ndata: [["1",["a","b"]]]\n\nevent: levels\ndata: [50,0,0,0]\n\n');
    await rig.clock.advance(10);
    assert.equal(rig.model.find('1')?.partyOf('a')?.level.value, 0.5);
  });

  it('tells again what is seen where the server had too much to do, and not where it may not', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    rig.levels[0]?.write('event: watcher\ndata: {"id":"77"}\n\n');
    rig.refuseSeen = 503;
    rig.link.seen.value = new Set(['1']);
    await rig.clock.advance(1_000);
    assert.deepEqual(rig.sent, [{ calls: ['1'] }]);
    rig.refuseSeen = undefined;
    await rig.clock.advance(10_000);
    assert.deepEqual(rig.sent, [{ calls: ['1'] }, { calls: ['1'] }]);
    rig.refuseSeen = 403;
    rig.link.seen.value = new Set();
    await rig.clock.advance(10_000);
    assert.deepEqual(rig.sent.slice(2), [{ calls: [] }]);
  });

  it('asks anew which calls there are when it has missed something', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    rig.asked.length = 0;
    rig.stream.write(message({ type: 'missed' }, 'x-9'));
    await rig.clock.advance(10);
    assert.ok(rig.asked.includes('api/v1/calls'));
  });

  it('keeps what it hears while the list is on its way, which does not know it yet', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(100);
    let arrive = (): void => {};
    rig.listed = new Promise((resolve) => {
      arrive = resolve;
    });
    rig.stream.write(message({ type: 'missed' }, 'x-1'));
    await rig.clock.advance(100);
    rig.stream.write(message({ call: '1', type: 'ended', atMs: 61_000 }, 'x-2'));
    rig.stream.write(message({ call: '2', ...stateOf('a', 'RINGING') }, 'x-3'));
    await rig.clock.advance(1_000);
    arrive();
    await rig.clock.advance(10);
    const { calls, ended } = rig.model;
    assert.deepEqual(
      [calls.value, ended.value].map((some) => some.map(({ id }) => id)),
      [['2'], ['1']],
    );
    rig.stream.write(message({ call: '3', ...stateOf('a', 'RINGING') }, 'x-4'));
    await rig.clock.advance(100);
    assert.equal(calls.value.length, 2);
  });

  it('tells a step of recovery once that it hears of while the list that has it is on its way', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(100);
    const step = {
      component: 'stt',
      tier: 'second',
      engine: 'one',
      success: true,
      tookMs: 12.5,
      code: 'x',
    } as const;
    rig.latest = [{ ...step, at: '2026-01-01T00:00:00.003Z' }];
    rig.stream.write(message({ type: 'missed' }, 'x-1'));
    rig.stream.write(message({ type: 'recovery', ...step }, 'x-2'));
    rig.stream.write(message({ type: 'recovery', ...step, tookMs: 13.5 }, 'x-3'));
    await rig.clock.advance(100);
    assert.deepEqual(
      rig.model.steps.value.map(({ tookMs }) => tookMs),
      [13.5, 12.5],
    );
  });

  it('tells a call that is opened what has happened in it, and changes nothing of others by that', async (test) => {
    const rig = new Rig(test);
    const over = { state: 'ended', endedAt: '2026-01-01T00:01:00.000Z' } as const;
    rig.calls = [shownCall('2', over), shownCall('1', over)];
    await rig.clock.advance(100);
    const call = rig.model.find('1');
    assert.ok(call !== undefined);
    test.after(rig.link.recall(call));
    await rig.clock.advance(10);
    for (const event of [heard(1, 'Good morning.'), utterance(1), { type: 'ended', atMs: 61_000 }]) {
      rig.recalled[0]?.write(message({ call: '1', ...event }, 'x-1'));
    }
    await rig.clock.advance(1_000);
    assert.deepEqual([call.lines.value.length, call.lagMs.value, call.lastedMs.value], [1, 500, 61_000]);
    const { ended, lagP95Ms } = rig.model;
    assert.deepEqual([ended.value.map(({ id }) => id), lagP95Ms.value], [['2', '1'], undefined]);
  });

  it('asks how the call is that is open whenever it has changed, and shows no version before that', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    const call = rig.model.find('1');
    assert.ok(call !== undefined);
    test.after(rig.link.keepCurrent(call));
    await rig.clock.advance(200);
    assert.deepEqual([call.version, call.plan.value.original], [2, 'full']);
    rig.asked.length = 0;
    rig.version = 4;
    for (const [state, id] of [
      ['DISCONNECTED', 'x-1'],
      ['RINGING', 'x-2'],
    ] as const) {
      rig.stream.write(message({ call: '1', ...stateOf('a', state) }, id));
    }
    rig.stream.write(message({ call: '1', ...heard(1, 'Good morning.') }, 'x-3'));
    await rig.clock.advance(200);
    assert.deepEqual([rig.asked, call.version], [['api/v1/calls/1'], 4], 'once for what comes together');
    call.show(shownCall('1', { version: 3, original: 'off' }));
    assert.deepEqual([call.version, call.plan.value.original], [4, 'full']);
  });

  it('knows whether there are several nodes, and asks for them again while somebody looks at them', async (test) => {
    const rig = new Rig(test);
    const asked = (): number => rig.asked.filter((path) => path === 'api/v1/nodes').length;
    await rig.clock.advance(10_000);
    assert.deepEqual([asked(), rig.model.nodes.value?.cluster], [1, true]);
    const stop = rig.link.followNodes();
    await rig.clock.advance(1_000);
    assert.equal(asked(), 2);
    await rig.clock.advance(4_000);
    assert.equal(asked(), 4);
    rig.link.askNodes();
    await rig.clock.advance(10);
    assert.equal(asked(), 5);
    rig.link.visible.value = false;
    await rig.clock.advance(10_000);
    assert.equal(asked(), 5, 'nobody sees the page');
    rig.link.visible.value = true;
    await rig.clock.advance(10);
    stop();
    const atEnd = asked();
    await rig.clock.advance(10_000);
    assert.equal(asked(), atEnd);
  });

  it('says that nodes are shown as they were, until it hears of them again', async (test) => {
    const rig = new Rig(test);
    await rig.clock.advance(10);
    test.after(rig.link.followNodes());
    rig.refuseNodes = 429;
    await rig.clock.advance(2_000);
    assert.deepEqual([rig.model.nodesUnheard.value, rig.state], ['too many ask', 'live']);
    rig.refuseNodes = undefined;
    await rig.clock.advance(2_000);
    assert.equal(rig.model.nodesUnheard.value, undefined);
  });
});
