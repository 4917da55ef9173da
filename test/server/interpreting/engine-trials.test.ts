/** Which engines serve a direction, with providers that stand on this machine. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { Environment } from '../../../src/cli/config/environment.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import type { DirectionTrial } from '../../../src/server/interpreting/direction-trial.ts';
import type { Direction } from '../../../src/server/interpreting/directions.ts';
import { EngineTrials } from '../../../src/server/interpreting/engine-trials.ts';
import { testSignal } from '../../engines/events.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { type DeepgramStandIn, startDeepgram } from '../../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../../stand-ins/deepl.ts';
import { DeeplVoiceStandIn } from '../../stand-ins/deepl-voice.ts';
import { OpenaiRealtimeStandIn } from '../../stand-ins/openai-realtime.ts';
import { XttsStandIn } from '../../stand-ins/xtts.ts';

/** The key that the stand-ins let in. */
const KEY = 'stand-in-key';
const WRONG_KEY = 'hush-hush';
const NOBODY = 'http://127.0.0.1:1';

async function tryOut(
  environment: Environment,
  direction: Direction = { from: 'en', to: 'es' },
): Promise<DirectionTrial> {
  const config = loadConfig({}, { DRAGOMAN_PAIR: 'en:es', ...environment });
  const trials = new EngineTrials(config, { clock: patientClock, log: silentLog });
  try {
    await trials.tryAll(testSignal());
    const trial = trials.of(direction);
    assert.doesNotMatch(JSON.stringify(trial), /hush/);
    return trial;
  } finally {
    await trials.close();
  }
}

/** The names of the engines that would be used, and of those left out. */
function namesOf(trial: DirectionTrial) {
  assert.equal(trial.type, 'served', trial.type === 'unserved' ? trial.reasons.join('; ') : '');
  if (trial.type !== 'served') {
    return assert.fail();
  }
  const { engines } = trial;
  const used =
    engines.type === 'cascade'
      ? [engines.stt[0].name, engines.mt[0].name, engines.tts[0].name]
      : [engines.translator.name, engines.tts?.[0].name];
  const leftOut = [...trial.passedOver, ...trial.failed];
  return { used, leftOut: leftOut.map(({ component, engine }) => `${component} ${engine}`) };
}

describe('EngineTrials', () => {
  let deepgram: DeepgramStandIn;
  let deepl: DeeplStandIn;
  let xtts: XttsStandIn;
  before(async () => {
    deepgram = await startDeepgram();
    deepl = await DeeplStandIn.open();
    xtts = await XttsStandIn.start();
  });
  after(async () => {
    await Promise.all([deepgram.close(), deepl.close(), xtts.server.close()]);
  });

  const cloud = (): Environment => ({
    DEEPGRAM_API_KEY: KEY,
    DEEPGRAM_URL: deepgram.url,
    DEEPL_API_KEY: KEY,
    DEEPL_URL: deepl.url,
    XTTS_URL: xtts.url,
  });

  it('uses the providers that are set up, and tries what comes after them too', async () => {
    const trial = await tryOut(cloud());
    assert.deepEqual(namesOf(trial), { used: ['deepgram', 'deepl', 'xtts'], leftOut: [] });
    const tried = trial.type === 'served' ? trial.worked.map(({ engine }) => engine) : [];
    assert.deepEqual(tried.toSorted(), [
      'apertium',
      'deepgram',
      'deepl',
      'espeak-ng',
      'pocketsphinx',
      'xtts',
    ]);
  });

  it('goes on with the next engine and says so when a key is wrong', async () => {
    const trial = await tryOut({ ...cloud(), DEEPGRAM_API_KEY: WRONG_KEY, DEEPL_API_KEY: WRONG_KEY });
    assert.deepEqual(namesOf(trial), {
      used: ['pocketsphinx', 'apertium', 'xtts'],
      leftOut: ['mt deepl', 'stt deepgram'],
    });
    const reasons = trial.type === 'served' ? trial.failed.map(({ reason }) => reason).join('\n') : '';
    assert.match(reasons, /key.*\n.*key/);
  });

  it('says so when nobody is at the address of a provider', async () => {
    const trial = await tryOut({
      ...cloud(),
      DRAGOMAN_STT: 'deepgram',
      XTTS_URL: NOBODY,
      LIBRETRANSLATE_URL: NOBODY,
    });
    // LibreTranslate comes after DeepL, which works: nobody needs it.
    assert.deepEqual(namesOf(trial), { used: ['deepgram', 'deepl', 'espeak-ng'], leftOut: ['tts xtts'] });
  });

  it('gives every reason when nothing is left', async () => {
    const trial = await tryOut({
      ...cloud(),
      DRAGOMAN_STT: 'deepgram',
      DRAGOMAN_MT: 'deepl',
      DEEPL_API_KEY: WRONG_KEY,
    });
    assert.equal(trial.type, 'unserved');
    assert.match(
      trial.type === 'unserved' ? trial.reasons.join() : '',
      /^deepl failed when it was tried: .*key/,
    );
  });

  it('gives the reasons of what is missing, and not those of what another engine does', async () => {
    const environment = { ...cloud(), DEEPGRAM_API_KEY: WRONG_KEY, DEEPL_API_KEY: WRONG_KEY };
    const trial = await tryOut(environment, { from: 'es', to: 'en' });
    const reasons = trial.type === 'unserved' ? trial.reasons : [];
    assert.equal(reasons.length, 2, reasons.join('; '));
    assert.match(reasons[0] ?? '', /^deepgram failed when it was tried: .*key/);
    assert.match(reasons[1] ?? '', /^pocketsphinx has no model for es/);
  });

  it('refuses to make an engine that lacks its key', () => {
    const config = loadConfig({}, { DRAGOMAN_PAIR: 'en:es', DRAGOMAN_STT: 'deepgram' });
    assert.throws(() => new EngineTrials(config, { clock: systemClock, log: silentLog }), {
      code: 'bad-option',
      message: /^deepgram needs DEEPGRAM_API_KEY/,
    });
  });

  describe('of a fused interpreter', () => {
    it('needs no engines but one that speaks for it', async () => {
      const voice = await DeeplVoiceStandIn.start({ clock: systemClock, lines: [] });
      const environment = {
        DRAGOMAN_INTERPRETER: 'deepl-voice',
        DRAGOMAN_STT: 'no-such-engine',
        DEEPL_API_KEY: KEY,
        DEEPL_URL: voice.url,
        DEEPL_GLOSSARY: 'en:es=terms',
      };
      assert.deepEqual(namesOf(await tryOut(environment)), {
        used: ['deepl-voice', 'espeak-ng'],
        leftOut: [],
      });
      assert.equal(voice.requests[0]?.glossary_id, 'terms');
      const unserved = await tryOut({ ...environment, DEEPL_API_KEY: WRONG_KEY });
      assert.match(unserved.type === 'unserved' ? unserved.reasons.join() : '', /^deepl-voice failed .*key/);
      await voice.sessions.close();
    });

    it('needs nothing else when it speaks itself', async () => {
      const realtime = await OpenaiRealtimeStandIn.start({ lines: [] });
      const trial = await tryOut({
        DRAGOMAN_INTERPRETER: 'openai-realtime',
        OPENAI_API_KEY: KEY,
        OPENAI_REALTIME_URL: realtime.url,
      });
      assert.deepEqual(namesOf(trial), { used: ['openai-realtime', undefined], leftOut: [] });
      await realtime.sessions.close();
    });

    it('needs its key', async () => {
      await assert.rejects(tryOut({ DRAGOMAN_INTERPRETER: 'openai-realtime' }), {
        code: 'bad-option',
        message: /^openai-realtime needs OPENAI_API_KEY/,
      });
    });
  });
});

describe('EngineTrials of this machine', () => {
  const here = { DRAGOMAN_STT: 'pocketsphinx', DRAGOMAN_MT: 'apertium', DRAGOMAN_TTS: 'espeak-ng' };

  it('time every engine', async () => {
    const trial = await tryOut({ ...here, DRAGOMAN_MODE: 'unidirectional' });
    assert.ok(trial.type === 'served' && trial.engines.type === 'cascade', JSON.stringify(trial));
    assert.deepEqual(
      trial.worked.map(({ component, engine }) => [component, engine]),
      [
        ['mt', 'apertium'],
        ['tts', 'espeak-ng'],
        ['stt', 'pocketsphinx'],
      ],
    );
    assert.ok(trial.worked.every(({ ms }) => ms > 0));
  });

  it('list everything that is missing, and know that it does not come back by itself', async () => {
    const trial = await tryOut({ ...here, DRAGOMAN_PAIR: 'es:ja' }, { from: 'es', to: 'ja' });
    assert.deepEqual(trial, {
      type: 'unserved',
      reasons: [
        'translate es to ja: apertium has no pair from es to ja',
        'recognise es: pocketsphinx has no model for es; give one with --stt-model es=DIR',
      ],
      failed: [],
      passing: false,
    });
  });

  it('find a voice that there is not, and say so', async () => {
    const trial = await tryOut({ ...here, DRAGOMAN_VOICE: 'es=foo', DRAGOMAN_MODE: 'unidirectional' });
    assert.ok(trial.type === 'unserved', JSON.stringify(trial));
    assert.equal(trial.passing, false);
    assert.match(
      trial.reasons.join(),
      /^espeak-ng failed when it was tried: espeak-ng speaks es, but not with the voice "foo" \(.*--voice es=NAME/,
    );
  });
});
