import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { eventually } from '../../support/waiting.ts';
import { callOf } from '../http/fake-server-view.ts';
import { closeHttp, startHttp, streamOf } from '../http/start-http.ts';

const TICK_MS = 200;
const WATCHER = z.object({ id: z.string() });
const CALLS = z.object({ calls: z.array(z.object({ call: z.string() })) });

afterEach(closeHttp);

async function put(url: string, body: unknown): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
  return status;
}

/** The names of the events in what was read. */
function eventsIn(text: string): readonly string[] {
  return [...text.matchAll(/^event: (.*)$/gm)].map(([, name = '']) => name);
}

describe('GET /api/v1/levels', () => {
  it('tells the levels of the calls that its follower sees, by the ids that are shown', async () => {
    const { view, clock, url } = await startHttp();
    view.running = [callOf('one'), callOf('two')];
    view.loud = new Map([
      ['one', [12, 34]],
      ['two', [56, 78]],
    ]);
    const { calls } = CALLS.parse(await (await fetch(url('/api/v1/calls'))).json());
    const stream = streamOf(await fetch(url('/api/v1/levels')));
    const first = await stream.untilText('}\n\n');
    const { id } = WATCHER.parse(JSON.parse(/^data: (.*)$/m.exec(first)?.[1] ?? ''));
    assert.equal(await put(url(`/api/v1/levels/${id}`), { calls: [calls[1]?.call] }), 204);
    await clock.advance(TICK_MS);
    const told = await stream.untilText('event: levels\n');
    assert.deepEqual(eventsIn(told), ['rows', 'levels']);
    assert.match(told, new RegExp(`"${calls[1]?.call}"`));
    assert.match(told, /data: \[56,0,78,0\]/);
    await stream.close();
  });

  it('knows nobody who does not follow, and wants a list of calls', async () => {
    const { url } = await startHttp();
    assert.equal(await put(url('/api/v1/levels/0123'), { calls: [] }), 404);
    assert.equal(await put(url('/api/v1/levels/0123'), { call: 'one' }), 400);
  });

  it('ends for who goes away: then nobody asks how loud a call is', async () => {
    const { clock, url } = await startHttp();
    const controller = new AbortController();
    const before = clock.pendingTimers;
    await streamOf(await fetch(url('/api/v1/levels'), { signal: controller.signal })).untilText('watcher');
    assert.equal(clock.pendingTimers, before + 1);
    controller.abort();
    await eventually('its tick is over', 20_000, () => clock.pendingTimers === before);
  });
});
