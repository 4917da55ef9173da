import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import { fastify } from 'fastify';
import { Guard, guarded } from '../../../src/server/http/guard.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { eventually } from '../../support/waiting.ts';

const LIMIT_MS = 20_000;
const OTHER = '10.0.0.2';

describe('what stands before an HTTP port', () => {
  const guard = new Guard({ host: '0.0.0.0', names: ['PBX.example.com'] });

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
});

describe('a guarded server', () => {
  async function open(test: TestContext) {
    const clock = new FakeClock();
    const app = fastify();
    let entered = 0;
    app.addHook('onRequest', async () => {
      entered += 1;
    });
    guarded(app, { host: '127.0.0.1', maxConnections: 9, mostASecond: 100, apart: ['/well'] }, clock);
    /** Who was answered, in this order. */
    const asked: string[] = [];
    app.get('/', ({ ip }) => {
      asked.push(ip);
      return 'hello';
    });
    app.get('/well', () => {
      asked.push('/well');
      return 'well';
    });
    test.after(() => app.close());
    const ask = (host = 'localhost', url = '/', remoteAddress = '127.0.0.1') =>
      app.inject({ url, headers: { host }, remoteAddress });
    return { clock, ask, entered: () => entered, asked: () => asked, app };
  }

  it('refuses before any route, also before those there are not', async (t) => {
    const { ask, asked } = await open(t);
    const answers = [await ask('evil.example'), await ask('evil.example', '/none'), await ask()];
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [403, 403, 200],
    );
    assert.equal(asked().length, 1);
  });

  it('answers late who asks in a loop, others and what stands apart in between, and nobody once it closes', async (t) => {
    const { clock, ask, entered, asked, app } = await open(t);
    const flood = Array.from({ length: 60 }, () => ask());
    const others = [ask('localhost', '/', OTHER), ask('localhost', '/well?so=what')];
    await eventually('all have asked', LIMIT_MS, () => entered() === 62);
    const atOnce = asked().length;
    assert.ok(atOnce < 60, 'some of them wait');
    await clock.advance(1_000);
    await Promise.all([...flood, ...others]);
    assert.equal(asked().length, 62);
    assert.deepEqual([asked().indexOf(OTHER), asked().indexOf('/well')], [atOnce + 1, atOnce + 2]);
    await app.close();
  });
});
