import { shownLines } from '../../../src/base/shown-text.ts';
/** The items of `dragoman check`, each against a machine or an engine that has what is wrong. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import {
  type Check,
  type CheckItem,
  fails,
  ok,
  runChecks,
  runChecksAsJson,
  warning,
} from '../../../src/cli/check/check-item.ts';
import { checkEngines, type EngineTester } from '../../../src/cli/check/engine-checks.ts';
import { checkExposure } from '../../../src/cli/check/exposure-checks.ts';
import { checkAddresses, checkNode } from '../../../src/cli/check/machine-checks.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import type { ServeConfig } from '../../../src/cli/config/serve-config.ts';
import type { TtsEngine } from '../../../src/engines/tts/tts-engine.ts';
import type { VoiceCloner } from '../../../src/engines/tts/voice-cloner.ts';
import type { TaskState } from '../../../src/server/interpreting/direction-trial.ts';
import type { TrialTask } from '../../../src/server/interpreting/trial-tasks.ts';
import { Choir } from '../../server/interpreting/choir.ts';

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
        '1 item to mend (1 warning): dragoman serve would not start, or not do all of its work.',
        '',
      ],
    );
  });

  it('is one JSON text for programs, which counts what fails, too', async () => {
    let out = '';
    const items = [ok('a', 'good'), fails('b', 'mend \u202eit'), warning('c', 'think of it')];
    const failed = await runChecksAsJson([checkOf(...items)], (text) => (out += text), signal);
    assert.equal(failed, 1);
    assert.deepEqual(JSON.parse(shownLines(out)), { outcome: 'fails', items });
    out = '';
    assert.equal(await runChecksAsJson([checkOf(ok('a', 'good'))], (text) => (out += text), signal), 0);
    assert.equal(JSON.parse(out).outcome, 'ok');
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
        async () => undefined,
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
      assert.match(items[1]?.finding ?? '', /is taken by another program: stop/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('find an address that is not of this machine', async () => {
    // 192.0.2.0/24 is for documentation: no machine has it.
    const items = await itemsOf(
      checkAddresses(
        configOf({ DRAGOMAN_LISTEN: '192.0.2.7:5050', DRAGOMAN_HTTP: 'off', DRAGOMAN_METRICS: 'off' }),
        () => assert.fail('nobody holds it'),
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

  it('warn when captions leave the machine or speech enters the log', async (test: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), 'dragoman-tokens-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'tokens');
    writeFileSync(file, 'console a-token-of-some-length read,captions', { mode: 0o600 });
    const captions = { DRAGOMAN_CAPTIONS: 'on', DRAGOMAN_API_TOKEN_FILE: file };
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
  /** Nothing can be done of what is said in `broken`. */
  function testerOf(
    broken: string,
    {
      voice,
      passing = false,
      cloners = [],
      voices = [],
    }: {
      readonly voice?: TaskState;
      readonly passing?: boolean;
      readonly cloners?: readonly VoiceCloner[];
      readonly voices?: readonly TtsEngine[];
    } = {},
  ): EngineTester & { closed: boolean } {
    const task: TrialTask = {
      component: 'tts',
      engine: 'espeak-ng',
      task: 'speak es',
      supports: () => assert.fail('it is asked'),
      tryOut: () => assert.fail('it is tried'),
    };
    return {
      closed: false,
      tasks: [task],
      cloners,
      voices,
      stateOf: () => voice ?? { type: 'untried' },
      tryAll: async () => {},
      of: ({ from }) => {
        if (from === broken) {
          const reasons = ['apertium has no pair from en to es', 'xtts is down'];
          const failed = [{ component: 'stt', engine: 'vosk', reason: 'it is down' }] as const;
          return { type: 'unserved', reasons, failed, passing };
        }
        return {
          type: 'served',
          worked: [
            { component: 'stt', engine: 'vosk', ms: 12.4 },
            { component: 'mt', engine: 'apertium', ms: 3 },
          ],
          failed: from === 'es' ? [{ component: 'mt', engine: 'deepl', reason: 'it refuses the key' }] : [],
          passedOver: [],
          notNeeded: from === 'es' ? [{ component: 'stt', engine: 'pocketsphinx', reason: 'no model' }] : [],
        };
      },
      async close() {
        this.closed = true;
      },
    };
  }

  it('tell how long each engine took, and every one that is not used', async () => {
    const tester = testerOf('none');
    const items = await itemsOf(checkEngines(configOf({}), () => tester));
    assert.deepEqual(items, [
      ok('en to es', 'stt vosk 12 ms, mt apertium 3 ms'),
      ok('es to en', 'stt vosk 12 ms, mt apertium 3 ms'),
      warning('es to en', 'mt deepl is left out: it refuses the key'),
      ok('es to en', 'stt pocketsphinx is not for this: no model'),
    ]);
    assert.ok(tester.closed);
  });

  it('fail for a direction that cannot be done, and go on with the next', async () => {
    const tester = testerOf('en');
    const items = await itemsOf(checkEngines(configOf({}), () => tester));
    assert.deepEqual(
      items.map(({ outcome }) => outcome),
      ['fails', 'warning', 'ok', 'warning', 'ok'],
    );
    assert.equal(items[0]?.finding, 'apertium has no pair from en to es; xtts is down');
    assert.equal(items[1]?.finding, 'stt vosk is left out: it is down');
    assert.ok(tester.closed);
  });

  it('fail for one whose engines are down, and say what would be heard meanwhile', async () => {
    const [item] = await itemsOf(checkEngines(configOf({}), () => testerOf('en', { passing: true })));
    assert.equal(item?.outcome, 'fails');
    assert.match(
      item?.finding ?? '',
      /xtts is down; until it is back the speaker's own voice would be heard$/,
    );
  });

  it('only warn when serve would let the voice through', async () => {
    const config = configOf({ DRAGOMAN_UNTRANSLATABLE: 'passthrough' });
    assert.deepEqual(await outcomesOf(checkEngines(config, () => testerOf('en'))), [
      'warning',
      'warning',
      'ok',
      'warning',
      'ok',
    ]);
  });

  it('fail for a voice that no engine has, whatever is let through', async () => {
    const config = configOf({ DRAGOMAN_VOICE: 'es=foo', DRAGOMAN_UNTRANSLATABLE: 'passthrough' });
    const wrong: TaskState = {
      type: 'failed',
      reason: 'no such voice',
      passing: false,
      silent: false,
      error: undefined,
    };
    const last = async (voice: TaskState): Promise<unknown> =>
      (await itemsOf(checkEngines(config, () => testerOf('en', { voice })))).at(-1);
    assert.deepEqual(await last(wrong), fails('--voice es', 'foo works with no engine: no such voice'));
    assert.deepEqual(await last({ type: 'works', ms: 1 }), ok('--voice es', 'foo: espeak-ng'));
  });

  it('say which engines make voices of recordings, and where there is no room for more', async () => {
    const room = async (used: number) => ({ used, most: 30 });
    const cloners = [
      clonerOf('elevenlabs', () => room(3)),
      clonerOf('full', () => room(30)),
      clonerOf('openai-speech', async () => undefined, { needsConsentRecording: true, deletes: false }),
      clonerOf('down', () => Promise.reject(new AppError('engine-died', 'it is down'))),
    ];
    const items = await itemsOf(checkEngines(configOf({}), () => testerOf('none', { cloners })));
    const makes = 'makes a voice of a recording of 5 to 30 s';
    assert.deepEqual(items.slice(-4), [
      ok('voices elevenlabs', `${makes}; 3 of 30 voices are taken`),
      warning(
        'voices full',
        '30 of 30 voices are taken: delete some, or take a plan with more; no other can be made',
      ),
      ok(
        'voices openai-speech',
        `${makes}, with one of the consent, cannot delete it: remove the file there by hand`,
      ),
      warning('voices down', 'it cannot be told how many there are (it is down)'),
    ]);
  });

  function clonerOf(
    name: string,
    room: VoiceCloner['room'],
    limits: Partial<VoiceCloner['limits']> = {},
  ): VoiceCloner {
    return {
      name,
      room,
      limits: {
        ...{ leastMs: 5_000, bestMs: 30_000, mostBytes: 1, needsConsentRecording: false, deletes: true },
        ...limits,
      },
      clone: () => assert.fail('a voice is made'),
      delete: () => assert.fail('a voice is deleted'),
      has: () => assert.fail('a voice is looked for'),
    };
  }

  it('tell how high the voices to choose from are, and which of them no engine has', async () => {
    const config = configOf({ DRAGOMAN_VOICE_CHOICE: 'es=110|220|nobody,fr=90|91' });
    const voices = [new Choir('one'), new Choir('other')];
    const items = await itemsOf(checkEngines(config, () => testerOf('none', { voices })));
    const [known, missing, ...others] = items.filter(({ subject }) => subject.startsWith('--voice-choice'));
    assert.match(known?.finding ?? '', /^one 110 at 1\d\d Hz, one 220 at 2\d\d Hz, other 110 at .* Hz$/);
    assert.match(missing?.finding ?? '', /nobody/);
    assert.deepEqual([known?.outcome, missing?.outcome, others], ['ok', 'fails', []]);
  });

  it('fail when the engines cannot be made', async () => {
    const check = checkEngines(configOf({}), () => {
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
