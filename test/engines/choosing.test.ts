import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { chooseEngines } from '../../src/engines/choose.ts';
import { createEngines } from '../../src/engines/registry.ts';
import { tryOutEngines } from '../../src/engines/try-out.ts';
import { EspeakNgEngine } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import { testSignal } from './events.ts';

const base = { sttModels: new Map<string, string>(), clock: systemClock, log: silentLog };
const names = { stt: ['pocketsphinx'], mt: ['apertium'], tts: ['espeak-ng'] };

describe('createEngines', () => {
  it('makes the engines named, each once', async () => {
    const engines = createEngines({ ...base, ...names, tts: ['espeak-ng', 'espeak-ng'] });
    assert.deepEqual(
      [engines.stt, engines.mt, engines.tts].map((list) => list.map((engine) => engine.name)),
      [['pocketsphinx'], ['apertium'], ['espeak-ng']],
    );
    await engines.close();
    await engines.close();
  });

  it('refuses a name there is not, and lists those there are', () => {
    assert.throws(() => createEngines({ ...base, ...names, mt: ['apertium', 'babelfish'] }), {
      code: 'engine-unknown',
      message: 'there is no mt engine "babelfish"; there is: apertium',
    });
  });
});

describe('chooseEngines', () => {
  const engines = createEngines({ ...base, ...names });
  after(() => engines.close());

  it('keeps every capable engine in order of preference', async () => {
    const second = new EspeakNgEngine({ clock: systemClock, wordsPerMinute: 120 });
    const unable = new EspeakNgEngine({ clock: systemClock, program: '/nonexistent' });
    const lists = { ...engines, tts: [unable, second, ...engines.tts] };
    const choice = await chooseEngines(lists, 'en', 'es');
    assert.deepEqual(choice.type === 'complete' && choice.engines.tts, [second, ...engines.tts]);
    await Promise.all([second.close(), unable.close()]);
  });

  it('lists everything that is missing', async () => {
    const choice = await chooseEngines({ ...engines, tts: [] }, 'es', 'ja');
    assert.deepEqual(choice.type === 'incomplete' && choice.missing, [
      'recognise es: pocketsphinx has no model for es; give one with --stt-model es=DIR',
      'translate es to ja: apertium has no pair from es to ja',
      'speak ja: no engine was chosen for it',
    ]);
  });
});

describe('tryOutEngines', () => {
  it('times every engine of a direction', async () => {
    const engines = createEngines({ ...base, ...names });
    const choice = await chooseEngines(engines, 'en', 'es');
    assert.equal(choice.type, 'complete');
    if (choice.type === 'complete') {
      const results = await tryOutEngines(choice.engines, engines.tts, systemClock, testSignal());
      assert.deepEqual(
        results.map(({ component, engine, error }) => [component, engine, error]),
        [
          ['mt', 'apertium', undefined],
          ['tts', 'espeak-ng', undefined],
          ['stt', 'pocketsphinx', undefined],
        ],
      );
      assert.ok(results.every(({ ms }) => ms > 0));
    }
    await engines.close();
  });

  it('tells what fails and goes on', async () => {
    const engines = createEngines({ ...base, ...names });
    const choice = await chooseEngines(engines, 'en', 'es');
    assert.equal(choice.type, 'complete');
    if (choice.type === 'complete') {
      await choice.engines.mt[0].close();
      const results = await tryOutEngines(choice.engines, [], systemClock, testSignal());
      assert.deepEqual(
        results.map(({ component, error }) => [component, error === undefined]),
        [
          ['mt', false],
          ['tts', true],
          ['stt', true],
        ],
      );
    }
    await engines.close();
  });
});
