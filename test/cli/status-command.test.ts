/** `dragoman status` against the HTTP server it reads, in front of a service that the test plays. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import type { ServiceHealth } from '../../src/engines/resilience/health-window.ts';
import { HttpServer } from '../../src/server/http/http-server.ts';
import { STATUS } from '../../src/server/http/service-status.ts';
import type { DirectionView, TaskView } from '../../src/server/interpreting/interpreting-view.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { FakeInterpretingView } from '../server/http/fake-interpreting-view.ts';
import { FakeNodes } from '../server/http/fake-nodes.ts';
import { FakeServerView, IDLE, WELL } from '../server/http/fake-server-view.ts';
import { freePort, listen } from '../support/ports.ts';
import { runWords } from './run-words.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A service that has been up for an hour and a bit. */
async function start(health: ServiceHealth = 'HEALTHY', nodes?: FakeNodes) {
  const [view, interpreting, clock] = [new FakeServerView(), new FakeInterpretingView(), new FakeClock()];
  const startedAtMs = clock.nowMs();
  await clock.advance(3_900_000);
  const server = await HttpServer.open(
    { host: '127.0.0.1', port: 0, captions: false, version: '1.2.3', startedAtMs },
    {
      view,
      interpreting,
      clock,
      log: silentLog,
      health: () => health,
      utterances: { utterances: 0, failures: 0 },
      nodes,
    },
  );
  servers.push(server);
  return { view, interpreting, port: server.address.port };
}

async function status(port: number, ...flags: readonly string[]) {
  const { status: exit, ...written } = await runWords(['status', '--http', `127.0.0.1:${port}`, ...flags]);
  return { exit, ...written };
}

const SERVED: DirectionView = {
  ...{ from: 'en', to: 'es', state: 'served', reasons: [] },
  ...{ stt: 'deepgram', mt: 'deepl', tts: 'xtts', voice: 'Ana' },
};
const UNSERVED: DirectionView = {
  ...{ from: 'es', to: 'en', state: 'unserved', reasons: ['deepgram failed when it was tried: no answer'] },
};
const UP: TaskView = {
  component: 'mt',
  engine: 'deepl',
  task: 'translate en to es',
  state: 'works',
  tries: 1,
  ms: 80,
};
const DOWN: TaskView = {
  ...{
    component: 'stt',
    engine: 'deepgram',
    task: 'recognise es',
    state: 'failed',
    tries: 3,
    reason: 'no answer',
  },
};

describe('dragoman status', () => {
  it('says on one screen what serves what, how engines do, what is degraded and why', async () => {
    const { view, interpreting, port } = await start();
    view.doors = [{ name: 'audiosocket 127.0.0.1:5050', host: '127.0.0.1', port: 5050, health: WELL }];
    view.current = { ...IDLE, legsActive: 3, callsActive: 2, legsByState: new Map([['TRANSLATING', 3]]) };
    interpreting.state = 'degraded';
    interpreting.currentDirections = [SERVED, UNSERVED];
    interpreting.currentTasks = [UP, DOWN];
    interpreting.currentEngines = [
      {
        component: 'mt',
        engine: 'deepl',
        operations: [{ operation: 'translate', done: 120, failed: 2, medianMs: 81.4, lastMs: 92 }],
        lastError: {
          operation: 'translate',
          code: 'engine-timeout',
          at: new Date('2026-01-01T00:30:00.000Z'),
        },
      },
    ];
    const { exit, out } = await status(port);
    assert.equal(exit, 1);
    assert.deepEqual(out.split('\n'), [
      `dragoman 1.2.3 at 127.0.0.1:${port} is DEGRADED, up 1 h 5 min since 2026-01-01 00:00:00 UTC`,
      'problems    stt deepgram does not recognise es: no answer; it is tried again',
      'directions  en to es: stt deepgram, mt deepl, tts xtts, voice Ana',
      '            es to en: heard as it is: deepgram failed when it was tried: no answer',
      'engines                   is    time of    median  last   done  failed  last error',
      '            mt deepl      up    translate  81 ms   92 ms  120   2       engine-timeout (translate) 2026-01-01T00:30:00Z',
      '            stt deepgram  down  final      -       -      0     0',
      'calls       2 with 3 of at most 200 legs (TRANSLATING 3)',
      'doors       audiosocket 127.0.0.1:5050',
      '',
    ]);
  });

  it('says which nodes serve together, and what is wrong among them', async () => {
    const nodes = new FakeNodes();
    const { interpreting, port } = await start('HEALTHY', nodes);
    interpreting.currentDirections = [SERVED];
    const well = await status(port);
    assert.equal(well.exit, 0);
    const line = /^nodes +this is one; there are 1 up, 1 draining, 1 lost \(dragoman top --cluster\)$/m;
    assert.match(well.out, line);
    nodes.link = { connected: false, trouble: 'Authorization Violation' };
    const [, draining] = nodes.current;
    assert.ok(draining !== undefined);
    nodes.current.push({ ...draining, name: 'one' });
    const { exit, out } = await status(port);
    assert.equal(exit, 1);
    assert.match(out, /is DEGRADED/);
    assert.match(out, /^problems +NATS is away \(Authorization Violation\): calls run on/m);
    assert.match(out, /^ +another node is called one, too: give each its own --node-name$/m);
    // Its former life is no other node.
    nodes.current.splice(-1, 1, { ...draining, name: 'one', state: 'lost' });
    assert.doesNotMatch((await status(port)).out, /is called one/);
  });

  it('tells of lines of the log that were lost, which is nothing to wake somebody for', async () => {
    const { view, interpreting, port } = await start();
    interpreting.currentDirections = [SERVED];
    view.counts = { logLinesDropped: 7 };
    const { exit, out } = await status(port);
    assert.equal(exit, 0);
    assert.match(out, /^log +7 lines were lost: what reads it is too slow, or gone$/m);
  });

  it('asks at the address that serve would take from the environment', async () => {
    const { port } = await start();
    const { out } = await runWords(['status'], { DRAGOMAN_HTTP: `0.0.0.0:${port}` });
    assert.match(out, new RegExp(`^dragoman 1\\.2\\.3 at 127\\.0\\.0\\.1:${port} is `));
  });

  it('ends with 0 when all is well, 1 when something is degraded and 2 when nothing is interpreted', async () => {
    const { view, interpreting, port } = await start();
    const exit = async (): Promise<number> => (await status(port)).exit;
    interpreting.currentDirections = [SERVED];
    assert.equal(await exit(), 0);
    view.current = { ...IDLE, draining: true };
    assert.equal(await exit(), 1);
    view.current = IDLE;
    interpreting.state = 'starting';
    assert.equal(await exit(), 1);
    interpreting.state = 'degraded';
    interpreting.currentTasks = [DOWN];
    assert.equal(await exit(), 1);
    interpreting.currentDirections = [UNSERVED];
    assert.equal(await exit(), 2);
  });

  it('ends with what became of the latest utterances', async () => {
    assert.equal((await status((await start('UNHEALTHY')).port)).exit, 1);
    assert.equal((await status((await start('FAILED')).port)).exit, 2);
  });

  it('does not hold against a service what an engine cannot and another does', async () => {
    const { interpreting, port } = await start();
    interpreting.currentDirections = [SERVED];
    interpreting.currentTasks = [UP, { ...DOWN, state: 'unable', reason: 'no model for es' }];
    const { exit, out } = await status(port);
    assert.equal(exit, 0);
    assert.match(out, /stt deepgram +not used/);
  });

  it('prints as JSON what the schema says', async () => {
    const { interpreting, port } = await start();
    interpreting.currentDirections = [SERVED];
    interpreting.currentTasks = [UP];
    const { exit, out } = await status(port, '--json');
    assert.equal(exit, 0);
    const { uptimeSeconds, startedAt, directions, engines } = STATUS.strict().parse(JSON.parse(out));
    assert.deepEqual([uptimeSeconds, startedAt], [3_900, '2026-01-01T00:00:00.000Z']);
    assert.deepEqual(directions, [SERVED]);
    assert.deepEqual(engines[0]?.tasks, [{ task: 'translate en to es', state: 'works', tries: 1 }]);
  });

  it('ends with 2 when nobody answers, and says so as JSON, too', async () => {
    const port = await freePort();
    const { exit, out } = await status(port);
    assert.equal(exit, 2);
    assert.match(out, /^DOWN: dragoman: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\); is it running/);
    const json = await status(port, '--json');
    assert.equal(json.exit, 2);
    assert.equal(JSON.parse(json.out).status, 'down');
  });

  it('ends with 2 when another program answers', async () => {
    const other = createServer((_, response) => response.end('{"status":"ok"}'));
    const { exit, out } = await status(await listen(other));
    other.close();
    other.closeAllConnections();
    assert.equal(exit, 2);
    assert.match(out, /another program.*name the service's own with --http/);
  });

  it('tells its exit statuses, and refuses an address that is none with 2', async () => {
    const { out: help } = await runWords(['status', '--help']);
    assert.match(help, /Exit status: 0 all is well; 1 degraded/);
    const { exit, error } = await status(99_999);
    assert.equal(exit, 2);
    assert.match(error, /^dragoman: /);
  });
});
