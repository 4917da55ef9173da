/** The items of `dragoman check`, each against a machine or an engine that has what is wrong. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import {
  type Check,
  type CheckItem,
  fails,
  ok,
  runChecks,
  warning,
} from '../../../src/cli/check/check-item.ts';
import { checkEngines, type EngineTester } from '../../../src/cli/check/engine-checks.ts';
import { checkExposure } from '../../../src/cli/check/exposure-checks.ts';
import { checkAddresses, checkNode } from '../../../src/cli/check/machine-checks.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import type { ServeConfig } from '../../../src/cli/config/serve-config.ts';

const { signal } = new AbortController();

function configOf(environment: Readonly<Record<string, string>>): ServeConfig {
  return loadConfig({}, { DRAGOMAN_PAIR: 'en:es', ...environment });
}

async function itemsOf(check: Check): Promise<readonly CheckItem[]> {
  const items: CheckItem[] = [];
  for await (const item of check(signal)) {
    items.push(item);
  }
  return items;
}

async function outcomesOf(check: Check): Promise<readonly string[]> {
  return (await itemsOf(check)).map(({ outcome }) => outcome);
}

describe('runChecks', () => {
  const checkOf = (...items: readonly CheckItem[]): Check =>
    async function* () {
      yield* items;
    };

  it('writes each item and the verdict, and counts what fails', async () => {
    let out = '';
    const failed = await runChecks(
      [checkOf(ok('a', 'good')), checkOf(fails('b', 'mend it'), warning('c', 'think of it'))],
      (text) => {
        out += text;
      },
      signal,
    );
    assert.equal(failed, 1);
    assert.deepEqual(
      out.split('\n').map((line) => line.replace(/ +/g, ' ')),
      [
        'ok a good',
        'fails b mend it',
        'warning c think of it',
        '',
        'dragoman serve would not start: 1 item to mend (1 warning).',
        '',
      ],
    );
  });

  it('says that serve would start when there are only warnings', async () => {
    let out = '';
    const failed = await runChecks(
      [checkOf(warning('a', 'x'), warning('b', 'y'))],
      (text) => {
        out += text;
      },
      signal,
    );
    assert.equal(failed, 0);
    assert.match(out, /would start with this configuration \(2 warnings\)\.\n$/);
  });
});

describe('checks of the machine', () => {
  it('need Node 20.19', async () => {
    for (const version of ['20.19.0', '20.20.2', '22.0.0']) {
      assert.deepEqual(await outcomesOf(checkNode(version)), ['ok'], version);
    }
    for (const version of ['20.18.3', '18.20.0']) {
      assert.deepEqual(await outcomesOf(checkNode(version)), ['fails'], version);
    }
  });

  it('find a taken port, and one that is free', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const check = checkAddresses(
        configOf({
          DRAGOMAN_LISTEN: '127.0.0.1:0',
          DRAGOMAN_HTTP: `127.0.0.1:${taken}`,
          DRAGOMAN_METRICS: 'off',
        }),
      );
      const items = await itemsOf(check);
      assert.deepEqual(
        items.map(({ outcome, subject }) => [outcome, subject]),
        [
          ['ok', '--listen'],
          ['fails', '--http'],
          ['ok', '--metrics'],
        ],
      );
      assert.match(items[1]?.finding ?? '', /is taken: stop/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('find an address that is not of this machine', async () => {
    // 192.0.2.0/24 is for documentation: no machine has it.
    const items = await itemsOf(
      checkAddresses(
        configOf({ DRAGOMAN_LISTEN: '192.0.2.7:5050', DRAGOMAN_HTTP: 'off', DRAGOMAN_METRICS: 'off' }),
      ),
    );
    assert.equal(items[0]?.outcome, 'fails');
    assert.match(items[0]?.finding ?? '', /no address of this machine/);
  });
});

describe('checks of exposure', () => {
  it('warn when everyone can join calls', async () => {
    const open = { DRAGOMAN_LISTEN: '0.0.0.0:5050' };
    assert.deepEqual(await outcomesOf(checkExposure(configOf({}))), ['ok']);
    assert.deepEqual(await outcomesOf(checkExposure(configOf(open))), ['warning']);
    assert.deepEqual(await outcomesOf(checkExposure(configOf({ ...open, DRAGOMAN_ALLOW: '0.0.0.0/0' }))), [
      'warning',
    ]);
    assert.deepEqual(await outcomesOf(checkExposure(configOf({ ...open, DRAGOMAN_ALLOW: '::/0' }))), [
      'warning',
    ]);
    assert.deepEqual(await outcomesOf(checkExposure(configOf({ ...open, DRAGOMAN_ALLOW: '10.0.0.1' }))), [
      'ok',
    ]);
  });

  it('warn when captions leave the machine or speech enters the log', async () => {
    const captions = { DRAGOMAN_CAPTIONS: 'on' };
    assert.deepEqual(await outcomesOf(checkExposure(configOf(captions))), ['ok', 'ok']);
    assert.deepEqual(
      await outcomesOf(checkExposure(configOf({ ...captions, DRAGOMAN_HTTP: '0.0.0.0:3000' }))),
      ['ok', 'warning'],
    );
    assert.deepEqual(await outcomesOf(checkExposure(configOf({ DRAGOMAN_LOG_PII: 'on' }))), [
      'ok',
      'warning',
    ]);
  });
});

describe('checks of engines', () => {
  function testerOf(broken: string): EngineTester & { closed: boolean } {
    return {
      closed: false,
      tryDirection: async ({ from }) => {
        if (from === broken) {
          throw new AppError('program-missing', 'apertium is missing: apt install apertium-eng-spa');
        }
        return {
          trials: [
            { part: 'stt', engine: 'pocketsphinx', tookMs: 12.4 },
            { part: 'mt', engine: 'apertium', tookMs: 3 },
          ],
          leftOut: from === 'es' ? [{ component: 'mt', engine: 'deepl', reason: 'it refuses the key' }] : [],
        };
      },
      async close() {
        this.closed = true;
      },
    };
  }

  it('try each direction and tell how long each engine took, and which are left out', async () => {
    const tester = testerOf('none');
    const items = await itemsOf(checkEngines(configOf({}), async () => tester));
    assert.deepEqual(items, [
      ok('en to es', 'stt pocketsphinx 12 ms, mt apertium 3 ms'),
      ok('es to en', 'stt pocketsphinx 12 ms, mt apertium 3 ms'),
      warning('es to en', 'mt deepl is left out: it refuses the key'),
    ]);
    assert.ok(tester.closed);
  });

  it('fail for a direction that cannot be done, and go on with the next', async () => {
    const tester = testerOf('en');
    assert.deepEqual(await outcomesOf(checkEngines(configOf({}), async () => tester)), [
      'fails',
      'ok',
      'warning',
    ]);
    assert.ok(tester.closed);
  });

  it('only warn when serve would let the voice through', async () => {
    const config = configOf({ DRAGOMAN_UNTRANSLATABLE: 'passthrough' });
    assert.deepEqual(await outcomesOf(checkEngines(config, async () => testerOf('en'))), [
      'warning',
      'ok',
      'warning',
    ]);
  });

  it('fail when the engines cannot be made', async () => {
    const check = checkEngines(configOf({}), async () => {
      throw new AppError('engine-unknown', 'there is no engine acme');
    });
    assert.deepEqual(await itemsOf(check), [fails('engines', 'there is no engine acme')]);
  });

  it('are not tried in passthrough', async () => {
    const check = checkEngines(configOf({ DRAGOMAN_MODE: 'passthrough' }), () =>
      assert.fail('engines are made'),
    );
    assert.deepEqual(await outcomesOf(check), ['ok']);
  });
});
