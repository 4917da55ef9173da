import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { fastify } from 'fastify';
import { Guard, guarded } from '../../../src/server/http/guard.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { untilTimers } from '../../engines/events.ts';

describe('what stands before an HTTP port', () => {
  const guard = new Guard({ host: '0.0.0.0', names: ['PBX.example.com'] }, new FakeClock());

  it('lets in who asks for an address or a name of ours', () => {
    for (const host of [
      '127.0.0.1:3000',
      '[::1]:3000',
      '10.0.0.7',
      'localhost:1',
      'a.localhost',
      hostname(),
      undefined,
    ]) {
      assert.equal(guard.refusal(host, undefined), undefined, host);
    }
    assert.equal(guard.refusal('pbx.EXAMPLE.com.:3000', undefined), undefined);
  });

  it('refuses other names, which a stranger may have pointed at us', () => {
    for (const host of [
      'evil.example',
      'evil.example:3000',
      '127.0.0.1.evil.example',
      '',
      '[::1].evil',
      'xlocalhost',
    ]) {
      assert.match(guard.refusal(host, undefined) ?? '', /--http-name/, host);
    }
  });

  it('refuses pages of other sites, and not our own', () => {
    assert.equal(guard.refusal('localhost:3000', 'http://localhost:3000'), undefined);
    for (const origin of ['http://evil.example', 'null', 'http://localhost:3001', 'http://localhost']) {
      assert.match(guard.refusal('localhost:3000', origin) ?? '', /other sites/, origin);
    }
  });

  it('lets everybody wait for the next second who asks too often', () => {
    const clock = new FakeClock();
    const busy = new Guard({ host: '::1' }, clock);
    const waits = Array.from({ length: 220 }, () => busy.delayMs());
    assert.deepEqual(
      [0, 1_000, 2_000].map((ms) => waits.filter((wait) => wait === ms).length),
      [100, 100, 20],
    );
  });

  it('makes nobody wait for whom a flood has left cut off, once it is over', async () => {
    const clock = new FakeClock();
    const busy = new Guard({ host: '::1' }, clock);
    const waits = Array.from({ length: 5_000 }, () => busy.delayMs());
    assert.equal(waits.filter((wait) => wait === undefined).length, 5_000 - 600);
    await clock.advance(6_000);
    assert.equal(busy.delayMs(), 0);
    const hasty = new Guard({ host: '::1' }, clock);
    assert.equal(
      Array.from({ length: 5_000 }, () => hasty.delayMs(0)).filter((wait) => wait === 0).length,
      100,
    );
    await clock.advance(1_000);
    assert.equal(hasty.delayMs(0), 0);
  });
});

describe('a guarded server', () => {
  async function open(test: TestContext) {
    const clock = new FakeClock();
    const app = fastify();
    guarded(app, { host: '127.0.0.1', maxConnections: 9 }, clock);
    let asked = 0;
    app.get('/', () => {
      asked += 1;
      return 'hello';
    });
    test.after(() => app.close());
    const ask = (host = 'localhost', url = '/') => app.inject({ url, headers: { host } });
    return { clock, ask, asked: () => asked, app };
  }

  it('refuses before any route, also before those there are not', async (t) => {
    const { ask, asked } = await open(t);
    const answers = [await ask('evil.example'), await ask('evil.example', '/none'), await ask()];
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [403, 403, 200],
    );
    assert.equal(asked(), 1);
  });

  it('answers late who asks in a loop, and nobody any more once it closes', async (t) => {
    const { clock, ask, asked, app } = await open(t);
    const answers = Array.from({ length: 101 }, () => ask());
    await untilTimers(clock, 1);
    assert.equal(asked(), 100);
    await clock.advance(1_000);
    await Promise.all(answers);
    assert.equal(asked(), 101);
    await app.close();
  });
});
