/** Interpreting as a whole, which goes on trying while it serves, with providers that stand on this machine. */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type Clock, systemClock, type Timer } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import { Conversation } from '../../../src/interpret/conversation.ts';
import { EMPTY_GLOSSARY } from '../../../src/interpret/exactness/glossary.ts';
import type { Interpreters } from '../../../src/interpret/rendering/rendering.ts';
import { Interpreting, type InterpretingLimits } from '../../../src/server/interpreting/interpreting.ts';
import type { RetryPauses } from '../../../src/server/interpreting/retry-pause.ts';
import { testSignal } from '../../engines/events.ts';
import { type DeepgramStandIn, startDeepgram } from '../../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../../stand-ins/deepl.ts';
import { DeeplVoiceStandIn } from '../../stand-ins/deepl-voice.ts';
import { LibretranslateStandIn } from '../../stand-ins/libretranslate.ts';
import { SilentServer } from '../../stand-ins/silent-server.ts';
import { XttsStandIn } from '../../stand-ins/xtts.ts';
import { eventually, within } from '../../support/waiting.ts';

/** The key that the stand-ins let in. */
const KEY = 'stand-in-key';
/** The quota is used up: nothing that would be tried again at once. */
const REFUSED = { type: 'status', status: 456 } as const;
/** A fault of the provider's own, which may pass. */
const DOWN = { type: 'status', status: 500 } as const;
/** Longer than any engine here takes, however busy the machine is. */
const PATIENT_MS = 120_000;
const NEVER: RetryPauses = { firstMs: 3_600_000, longestMs: 3_600_000, lastingMs: 3_600_000 };

/** The real clock, but that pauses between tries last until the test ends them. */
class HeldPauses implements Clock {
  readonly nowMs = systemClock.nowMs.bind(systemClock);
  readonly wallTime = systemClock.wallTime.bind(systemClock);
  readonly at: Clock['at'] = systemClock.at.bind(systemClock);
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  sleep(_delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#ended.then(resolve);
    });
  }

  end(): void {
    this.#end();
  }
}

/** As {@link HeldPauses}; limits are reached when the test says so, too. */
class HeldLimits extends HeldPauses {
  readonly #limits = new Set<() => void>();

  override readonly at = (_deadlineMs: number, callback: () => void): Timer => {
    this.#limits.add(callback);
    return { cancel: () => this.#limits.delete(callback) };
  };

  /** Every limit that is set is reached. */
  pass(): void {
    for (const limit of [...this.#limits]) {
      this.#limits.delete(limit);
      limit();
    }
  }
}

describe('Interpreting', () => {
  let deepgram: DeepgramStandIn;
  let deepl: DeeplStandIn;
  let xtts: XttsStandIn;
  const opened: Interpreting[] = [];
  before(async () => {
    deepgram = await startDeepgram();
    xtts = await XttsStandIn.start();
  });
  beforeEach(async () => {
    deepl = await DeeplStandIn.open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((interpreting) => interpreting.close()));
    await deepl.close();
  });
  after(async () => {
    await Promise.all([deepgram.close(), xtts.server.close()]);
  });

  /** From English into two languages, by providers only. */
  function settings(more: Readonly<Record<string, string>> = {}) {
    return loadConfig(
      {},
      {
        DRAGOMAN_PARTIES: 'en,fr,es',
        DRAGOMAN_MODE: 'unidirectional',
        DRAGOMAN_STT: 'deepgram',
        DRAGOMAN_MT: 'deepl',
        DRAGOMAN_TTS: 'xtts',
        DEEPGRAM_API_KEY: KEY,
        DEEPGRAM_URL: deepgram.url,
        DEEPL_API_KEY: KEY,
        DEEPL_URL: deepl.url,
        XTTS_URL: xtts.url,
        ...more,
      },
    );
  }

  /** Opens it and tries everything once. */
  async function open(
    more: Readonly<Record<string, string>> = {},
    limits: InterpretingLimits = { trialLimitMs: PATIENT_MS, pauses: NEVER },
  ): Promise<Interpreting> {
    const interpreting = make(more, limits);
    await interpreting.start(() => {}, testSignal());
    return interpreting;
  }

  function make(
    more: Readonly<Record<string, string>>,
    limits: InterpretingLimits = { trialLimitMs: PATIENT_MS },
    clock: Clock = systemClock,
  ): Interpreting {
    const interpreting = new Interpreting(settings(more), silentLog, clock, limits);
    opened.push(interpreting);
    return interpreting;
  }

  function text(found: Interpreters | undefined): Extract<Interpreters, { type: 'text' }> {
    assert.ok(found?.type === 'text', `found ${found?.type}`);
    return found;
  }

  it('has one hearing for each language that is spoken, and a rendering for each that it becomes', async () => {
    const interpreting = await open({ DRAGOMAN_MODE: 'bidirectional' });
    const french = text(interpreting.interpreters('en', 'fr'));
    const spanish = text(interpreting.interpreters('en', 'es'));
    assert.equal(french.hearing, spanish.hearing);
    assert.notEqual(french.hearing, text(interpreting.interpreters('fr', 'en')).hearing);
    assert.equal(interpreting.interpreters('en', 'de'), undefined);
    assert.ok(
      ['en', 'fr', 'es'].every(
        (language) => interpreting.announcements(language, 'interpreter') !== undefined,
      ),
    );
  });

  it('refuses what cannot come back by itself, and says all that is missing', async () => {
    deepl.failNext(REFUSED, REFUSED);
    await assert.rejects(open({}, { trialLimitMs: PATIENT_MS, pauses: NEVER }), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'language-unsupported');
      assert.match(error.message, /deepl failed when it was tried: /);
      return true;
    });
  });

  it('starts without what is merely down, and puts it to use when it is there', async () => {
    deepl.failNext(DOWN);
    const pauses = new HeldPauses();
    const interpreting = make({}, undefined, pauses);
    const changes: string[] = [];
    const served = (): string =>
      ['fr', 'es'].filter((to) => interpreting.interpreters('en', to) !== undefined).join();
    const began = interpreting.start(() => changes.push(served()), testSignal());
    assert.equal(interpreting.state, 'starting');
    await began;
    assert.equal(interpreting.state, 'degraded');
    assert.equal(served().length, 2, 'the other direction is served');
    pauses.end();
    await eventually('both directions are served', 20_000, () => served() === 'fr,es');
    assert.equal(changes.at(-1), 'fr,es', 'who runs calls was told');
    assert.ok(
      interpreting.announcements('fr', 'interpreter') !== undefined &&
        interpreting.announcements('es', 'interpreter') !== undefined,
    );
    await eventually('nothing is missing', 20_000, () => interpreting.state === 'ready');
    assert.deepEqual(
      interpreting.directions().map(({ state, stt, mt, tts }) => [state, stt, mt, tts]),
      Array(2).fill(['served', 'deepgram', 'deepl', 'xtts']),
    );
  });

  it('tries again only what is missing, and leaves the rest as it is', async () => {
    deepl.failNext(REFUSED);
    const interpreting = await open(
      { DRAGOMAN_UNTRANSLATABLE: 'passthrough' },
      { trialLimitMs: PATIENT_MS, pauses: NEVER },
    );
    const [missing, there] =
      interpreting.interpreters('en', 'fr') === undefined ? ['fr', 'es'] : ['es', 'fr'];
    assert.equal(interpreting.interpreters('en', missing), undefined);
    assert.ok(interpreting.interpreters('en', there) !== undefined);
    assert.equal(interpreting.announcements(missing, 'interpreter'), undefined);
    assert.equal(interpreting.state, 'degraded');
    const [direction] = interpreting.directions().filter(({ to }) => to === missing);
    assert.equal(direction?.state, 'unserved');
    assert.match(direction?.reasons.join() ?? '', /credit/);
  });

  it('puts a better engine to use when it is there, and keeps what hears as it is', async () => {
    const libretranslate = await LibretranslateStandIn.open();
    try {
      libretranslate.failNext({ type: 'status', status: 500 });
      const pauses = new HeldPauses();
      const more = { DRAGOMAN_PARTIES: 'en,es', DRAGOMAN_MT: 'libretranslate,deepl' };
      const interpreting = make({ ...more, LIBRETRANSLATE_URL: libretranslate.url }, undefined, pauses);
      const used: (string | undefined)[] = [];
      const hearings = new Set<unknown>();
      await interpreting.start(() => {
        used.push(interpreting.directions()[0]?.mt);
        hearings.add(text(interpreting.interpreters('en', 'es')).hearing);
      }, testSignal());
      pauses.end();
      await eventually('LibreTranslate is used', 20_000, () => used.includes('libretranslate'));
      assert.deepEqual(used, ['deepl', 'libretranslate']);
      assert.equal(hearings.size, 1);
    } finally {
      await libretranslate.close();
    }
  });

  it('has the next engine serve when the best fails in calls, and the best again when it is well', async () => {
    const libretranslate = await LibretranslateStandIn.open();
    try {
      const pauses = new HeldPauses();
      const more = { DRAGOMAN_PARTIES: 'en,es', DRAGOMAN_MT: 'deepl,libretranslate' };
      const interpreting = make({ ...more, LIBRETRANSLATE_URL: libretranslate.url }, undefined, pauses);
      await interpreting.start(() => {}, testSignal());
      const serves = (): string | undefined => interpreting.directions()[0]?.mt;
      assert.equal(serves(), 'deepl');
      deepl.failNext(REFUSED);
      const told: string[] = [];
      const rendering = text(interpreting.interpreters('en', 'es')).rendering.open(
        {
          ...{ from: 'en', to: 'es', wantedRateHz: 8_000, voice: () => undefined, drafts: false },
          glossary: EMPTY_GLOSSARY,
          lines: new Conversation().of('speaker'),
          told: (spoken) => told.push(spoken),
          speak: () => ({ add: () => {}, end: () => {} }),
          onEvent: () => {},
        },
        {
          take: () => {},
          giveUp: () => {},
          subscribe: (sink) => {
            const utterance = { number: 1, text: 'hello', spokenLanguage: undefined, speechStartMs: 0 };
            const heard = { ...utterance, speechEndMs: 0, endpointMs: 0, finalMs: 0, leftAlone: undefined };
            sink.began(heard);
            sink.segment(heard, 'hello', systemClock.nowMs());
          },
          close: async () => {},
        },
      );
      await eventually('it was spoken', 20_000, () => told.length === 1);
      await rendering.close();
      assert.equal(serves(), 'libretranslate');
      assert.equal(interpreting.state, 'degraded');
      assert.deepEqual(
        interpreting.steps().map(({ tier, engine, to, success }) => [tier, engine, to, success]),
        [['failover', 'deepl', 'libretranslate', true]],
      );
      pauses.end();
      await eventually('DeepL serves again', 20_000, () => serves() === 'deepl');
      assert.equal(interpreting.state, 'ready');
    } finally {
      await libretranslate.close();
    }
  });

  it('asks nothing of an engine that is taken out, until it is put back', async () => {
    const libretranslate = await LibretranslateStandIn.open();
    const interpreting = await open({
      DRAGOMAN_PARTIES: 'en,es',
      DRAGOMAN_MT: 'deepl,libretranslate',
      LIBRETRANSLATE_URL: libretranslate.url,
    });
    const translators = () => interpreting.directions().map(({ mt }) => mt);
    const told: unknown[] = [];
    interpreting.watchEngines((event) => told.push({ ...event }), testSignal());
    try {
      const best = { component: 'mt', engine: 'deepl' } as const;
      assert.deepEqual(translators(), ['deepl']);
      assert.deepEqual([interpreting.takeOut(best), interpreting.takeOut(best)], [true, false]);
      assert.deepEqual(translators(), ['libretranslate']);
      assert.equal(interpreting.state, 'degraded');
      interpreting.takeOut({ component: 'mt', engine: 'libretranslate' });
      assert.ok(
        interpreting
          .directions()
          .every(({ state, reasons }) => state === 'unserved' && /enable/.test(reasons.join())),
      );
      // What works when it is tried stays out all the same.
      assert.deepEqual(
        (await interpreting.test(best))?.map(({ task, state }) => [task, state]),
        [['translate en to es', 'works']],
      );
      assert.equal(interpreting.directions()[0]?.state, 'unserved');
      assert.equal(interpreting.putBack(best), true);
      assert.deepEqual(translators(), ['deepl']);
      assert.deepEqual(told, [
        { type: 'benched', ...best, fault: 'taken-out' },
        { type: 'benched', component: 'mt', engine: 'libretranslate', fault: 'taken-out' },
        { type: 'back', ...best },
      ]);
      const nobody = { component: 'mt', engine: 'nobody' } as const;
      assert.deepEqual([interpreting.takeOut(nobody), await interpreting.test(nobody)], [false, undefined]);
      assert.equal(
        interpreting.health().some(({ engine }) => engine === 'nobody'),
        false,
      );
    } finally {
      await libretranslate.close();
    }
  });

  it('puts an engine to use that works when somebody has it tried', async () => {
    deepl.failNext(DOWN, DOWN);
    const interpreting = await open({ DRAGOMAN_UNTRANSLATABLE: 'passthrough' });
    assert.deepEqual(
      interpreting.directions().map(({ state }) => state),
      ['unserved', 'unserved'],
    );
    const best = { component: 'mt', engine: 'deepl' } as const;
    // Who asks meanwhile has the same answer.
    const [one, other] = await Promise.all([interpreting.test(best), interpreting.test(best)]);
    assert.deepEqual(one, other);
    assert.ok(one?.every(({ state }) => state === 'works'));
    await eventually('both are served', PATIENT_MS, () =>
      interpreting.directions().every(({ state }) => state === 'served'),
    );
  });

  it('waits for no engine that is silent, and ends at once while it is waited for', async () => {
    const silent = await SilentServer.open();
    const ended = new AbortController();
    const interpreting = make(
      {
        DRAGOMAN_STT: 'deepgram,vosk',
        DRAGOMAN_MT: 'deepl,libretranslate',
        DEEPGRAM_URL: `ws://${silent.address}`,
        DEEPL_URL: `http://${silent.address}`,
        XTTS_URL: `http://${silent.address}`,
        VOSK_URL: `ws://${silent.address}`,
        LIBRETRANSLATE_URL: `http://${silent.address}`,
      },
      // Nothing here passes by itself: the limit is an hour away.
      { trialLimitMs: 3_600_000 },
    );
    const started = interpreting.start(() => {}, ended.signal);
    await eventually('every engine was asked', 60_000, () => silent.connections >= 5);
    ended.abort();
    await assert.rejects(started, { name: 'AbortError' });
    // An engine itself waits 30 s for an answer.
    await within('it is closed', 20_000, interpreting.close());
    await silent.close();
  });

  it('leaves out an engine that is silent for longer than the limit, and says so', async () => {
    const silent = await SilentServer.open();
    const clock = new HeldLimits();
    const more = { DRAGOMAN_PARTIES: 'en,es', DRAGOMAN_MT: 'deepl,apertium' };
    const interpreting = make({ ...more, DEEPL_URL: `http://${silent.address}` }, undefined, clock);
    const started = interpreting.start(() => {}, testSignal());
    const working = (): number => interpreting.tasks().filter(({ state }) => state === 'works').length;
    await eventually('all others work', 60_000, () => working() === 3 && silent.connections > 0);
    assert.equal(interpreting.interpreters('en', 'es'), undefined, 'the best is waited for');
    clock.pass();
    await started;
    assert.equal(interpreting.directions()[0]?.mt, 'apertium');
    assert.equal(interpreting.state, 'degraded');
    const [task] = interpreting.tasks().filter(({ engine }) => engine === 'deepl');
    assert.equal(task?.state, 'failed');
    assert.match(task?.reason ?? '', /within/);
    await interpreting.close();
    await silent.close();
  });

  it('opens a fused provider for each direction, and tries it no more once it works', async () => {
    const voice = await DeeplVoiceStandIn.start({ clock: systemClock, lines: [] });
    const interpreting = await open({ DRAGOMAN_INTERPRETER: 'deepl-voice', DEEPL_URL: voice.url });
    assert.equal(interpreting.interpreters('en', 'fr')?.type, 'fused');
    assert.equal(voice.requests.length, 2);
    await voice.sessions.close();
  });

  it('tries nothing after it was closed', async () => {
    deepl.failNext(REFUSED);
    const interpreting = await open(
      { DRAGOMAN_UNTRANSLATABLE: 'passthrough' },
      { trialLimitMs: PATIENT_MS, pauses: NEVER },
    );
    const asked = deepl.requests.length;
    await interpreting.close();
    await interpreting.close();
    await assert.rejects(
      interpreting.start(() => {}, testSignal()),
      { code: 'closed' },
    );
    assert.equal(deepl.requests.length, asked);
  });
});
