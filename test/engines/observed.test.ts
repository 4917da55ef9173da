import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/base/clock.ts';
import { type Counted, CountSums } from '../../src/base/counts.ts';
import { AppError } from '../../src/base/errors.ts';
import { Tally } from '../../src/base/tally.ts';
import type { Charge } from '../../src/engines/charge.ts';
import { ApertiumEngine } from '../../src/engines/mt/apertium/apertium-engine.ts';
import type { MtEngine, MtRequest } from '../../src/engines/mt/mt-engine.ts';
import { ObservedMt, ObservedTts } from '../../src/engines/resilience/observed.ts';
import { ObservedStt, ObservedTranslator } from '../../src/engines/resilience/observed-streams.ts';
import type { Observation, Observer } from '../../src/engines/resilience/operations.ts';
import type { SpeechTranslator, SpeechTranslatorEvent } from '../../src/engines/s2s/speech-translator.ts';
import type { SttEngine, SttEvent } from '../../src/engines/stt/stt-engine.ts';
import { SUPPORTED } from '../../src/engines/support.ts';
import { EspeakNgEngine } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import type { TtsEngine } from '../../src/engines/tts/tts-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { testSignal } from './events.ts';
import { describeMtContract } from './mt-contract.ts';
import { patientClock } from './patient-clock.ts';
import { describeTtsContract } from './tts-contract.ts';

describeMtContract(
  'apertium, observed,',
  () => new ObservedMt(new ApertiumEngine({ clock: patientClock }), { clock: patientClock }),
);
describeTtsContract(
  'espeak-ng, observed,',
  () => new ObservedTts(new EspeakNgEngine({ clock: patientClock }), { clock: patientClock }),
);

const request = { text: 'yes', from: 'en', to: 'es', context: [] };
const overloaded = new AppError('engine-overloaded', 'acme: too much at once');

/** A translator that does what it is told. */
function translator(translate: (request: MtRequest, signal: AbortSignal) => Promise<string>): MtEngine {
  return { name: 'acme', supports: async () => SUPPORTED, translate, close: async () => {} };
}

/** Keeps what it is told of operations. */
class Watcher implements Observer {
  readonly clock: Clock;
  readonly observations: Observation[] = [];

  constructor(clock: Clock = new FakeClock()) {
    this.clock = clock;
  }

  readonly onObservation = (observation: Observation): void => {
    this.observations.push(observation);
  };

  /** What became of operations, by operation: how many are done, and failed, how long those took that are done. */
  get outcomes() {
    const [done, doneMs, failed, failures] = [1, 2, 3, 4].map(() => new Tally<string>());
    let aborted = 0;
    for (const { operation, outcome, code = 'unknown', ms } of this.observations) {
      aborted += outcome === 'aborted' ? 1 : 0;
      (outcome === 'done' ? done : outcome === 'failed' ? failed : undefined)?.add(operation);
      (outcome === 'done' ? doneMs : undefined)?.add(operation, ms);
      (outcome === 'failed' ? failures : undefined)?.add(code);
    }
    const [byDone, byMs, byFailed, byCode] = [done, doneMs, failed, failures].map((tally) =>
      Object.fromEntries(tally?.entries() ?? []),
    );
    return { aborted, done: byDone, doneMs: byMs, failed: byFailed, failures: byCode };
  }
}

/** Every count that is not zero, but for what providers charge for. */
function counted(subject: Counted): Readonly<Record<string, unknown>> {
  const sums = new CountSums().add(subject);
  return Object.fromEntries(
    Object.entries(subject.counts)
      .map(([name, count]): [string, unknown] => [
        name,
        typeof count === 'number'
          ? sums.number(name)
          : Object.fromEntries([...sums.tally(name)].filter(([, value]) => value !== 0)),
      ])
      .filter(([name]) => name !== 'engineCharacters' && name !== 'engineSpeechMs')
      .filter(([, count]) => JSON.stringify(count) !== '0' && JSON.stringify(count) !== '{}'),
  );
}

describe('ObservedMt', () => {
  it('counts what is under way, and tells what is done and how long it took', async () => {
    const clock = new FakeClock();
    const watcher = new Watcher(clock);
    const slow = translator(async (_, signal) => {
      await clock.sleep(150, signal);
      return 'sí';
    });
    const observed = new ObservedMt(slow, watcher);
    const translation = observed.translate(request, testSignal());
    assert.deepEqual(counted(observed), { engineUnderWay: { 'mt acme translate': 1 } });
    await clock.advance(150);
    assert.equal(await translation, 'sí');
    assert.deepEqual(counted(observed), {});
    assert.deepEqual(watcher.observations, [
      {
        component: 'mt',
        engine: 'acme',
        operation: 'translate',
        outcome: 'done',
        code: undefined,
        fault: undefined,
        ms: 150,
      },
    ]);
  });

  it('counts the characters it is given, those of what fails too', async () => {
    const failing = translator(async () => {
      throw overloaded;
    });
    const observed = new ObservedMt(failing, { clock: new FakeClock() });
    await assert.rejects(observed.translate(request, testSignal()), overloaded);
    await assert.rejects(observed.translate({ ...request, text: 'hello' }, testSignal()), overloaded);
    assert.deepEqual([...new CountSums().add(observed).tally('engineCharacters')], [['mt acme', 8]]);
  });

  it('tells of failures by code, and of what was no longer wanted as none', async () => {
    const watcher = new Watcher();
    const answers = [overloaded, new TypeError('a mistake')];
    const failing = translator(async (_, signal) => {
      throw answers.shift() ?? signal.reason;
    });
    const observed = new ObservedMt(failing, watcher);
    await assert.rejects(observed.translate(request, testSignal()), overloaded);
    await assert.rejects(observed.translate(request, testSignal()), TypeError);
    const reason = new Error('hung up');
    await assert.rejects(observed.translate(request, AbortSignal.abort(reason)), reason);
    assert.deepEqual(watcher.outcomes, {
      aborted: 1,
      done: {},
      doneMs: {},
      failed: { translate: 2 },
      failures: { 'engine-overloaded': 1, unknown: 1 },
    });
  });

  it('stacks with other wrappers: inside a retry it sees attempts, outside what the caller sees', async () => {
    const [inside, outside] = [new Watcher(), new Watcher()];
    const failures: unknown[] = [overloaded];
    const engine = translator(async () => {
      const failure = failures.shift();
      if (failure !== undefined) {
        throw failure;
      }
      return 'sí';
    });
    /** The shape of what is to come: once more when trying again can help. */
    const retried = (inner: MtEngine): MtEngine => ({
      name: inner.name,
      supports: (from, to) => inner.supports(from, to),
      translate: async (asked, signal) => {
        try {
          return await inner.translate(asked, signal);
        } catch (error) {
          if (error instanceof AppError && !error.permanent) {
            return inner.translate(asked, signal);
          }
          throw error;
        }
      },
      close: () => inner.close(),
    });
    const attempts = new ObservedMt(engine, inside);
    const asked = new ObservedMt(retried(attempts), outside);
    assert.equal(await asked.translate(request, testSignal()), 'sí');
    const once = { aborted: 0, done: { translate: 1 }, doneMs: { translate: 0 } };
    assert.deepEqual(outside.outcomes, { ...once, failed: {}, failures: {} });
    assert.deepEqual(inside.outcomes, {
      ...once,
      failed: { translate: 1 },
      failures: { 'engine-overloaded': 1 },
    });
  });
});

describe('ObservedTts', () => {
  /** Gives `pieces`, 100 ms apart, and then fails if it is told to. */
  function speaking(clock: FakeClock, pieces: number, failure?: Error): TtsEngine {
    return {
      name: 'acme',
      hasRoom: false,
      supports: async () => SUPPORTED,
      synthesize: async (_, signal) => {
        await clock.sleep(190, signal);
        return {
          rateHz: 8_000,
          pieces: (async function* () {
            for (let made = 0; made < pieces; made += 1) {
              await clock.sleep(100, signal);
              yield Int16Array.of(made);
            }
            if (failure !== undefined) {
              throw failure;
            }
          })(),
        };
      },
      close: async () => {},
    };
  }
  const segment = { text: 'sí', language: 'es', wantedRateHz: 8_000 };

  async function read(engine: TtsEngine, most = Number.POSITIVE_INFINITY): Promise<number> {
    let count = 0;
    for await (const _ of (await engine.synthesize(segment, testSignal())).pieces) {
      count += 1;
      if (count >= most) {
        break;
      }
    }
    return count;
  }

  it('times the first sound and the whole speech, and passes on whether there is room', async () => {
    const clock = new FakeClock();
    const watcher = new Watcher(clock);
    const observed = new ObservedTts(speaking(clock, 3), watcher);
    const reading = read(observed);
    await clock.advance(1_000);
    assert.equal(await reading, 3);
    assert.equal(observed.hasRoom, false);
    const { done, doneMs } = watcher.outcomes;
    assert.deepEqual(done, { 'first-sound': 1, speech: 1 });
    assert.deepEqual(doneMs, { 'first-sound': 190, speech: 300 });
  });

  it('tells of a speech that breaks off, and of one that its reader leaves', async () => {
    const clock = new FakeClock();
    const watcher = new Watcher(clock);
    const broken = new ObservedTts(speaking(clock, 1, overloaded), watcher);
    const reading = assert.rejects(read(broken), overloaded);
    await clock.advance(1_000);
    await reading;
    assert.deepEqual(watcher.outcomes, {
      aborted: 0,
      done: { 'first-sound': 1 },
      doneMs: { 'first-sound': 190 },
      failed: { speech: 1 },
      failures: { 'engine-overloaded': 1 },
    });
    const left = new ObservedTts(speaking(clock, 3), watcher);
    const some = read(left, 1);
    await clock.advance(1_000);
    assert.equal(await some, 1);
    assert.equal(watcher.outcomes.aborted, 1);
  });
});

describe('ObservedStt', () => {
  /** A recogniser whose events the test makes. */
  function recogniser() {
    const streams: { emit: (event: SttEvent) => void; droppedMs: number; closed: boolean }[] = [];
    const engine: SttEngine = {
      name: 'acme',
      capabilities: { lowestWireRateHz: 8_000 },
      supports: async () => SUPPORTED,
      open: async ({ onEvent }) => {
        const stream = { emit: onEvent, droppedMs: 0, closed: false };
        streams.push(stream);
        return {
          startUtterance: () => {},
          write: () => {},
          flush: () => {},
          endUtterance: () => {},
          get droppedMs() {
            return stream.droppedMs;
          },
          close: async () => {
            stream.closed = true;
          },
        };
      },
      close: async () => {},
    };
    return { engine, streams };
  }

  async function open(engine: SttEngine) {
    const events: SttEvent[] = [];
    const onEvent = (event: SttEvent): void => {
      events.push(event);
    };
    return { stream: await engine.open({ language: 'en', onEvent }, testSignal()), events };
  }

  const final = (utterance: number): SttEvent => ({ type: 'final', utterance, text: 'x', words: [] });

  it('tells for whom it was given something, text at once and sound once the utterance is over', async () => {
    const charges: Charge[] = [];
    const onCharge = (charge: Charge): void => {
      charges.push(charge);
    };
    const clock = new FakeClock();
    const mt = new ObservedMt(
      translator(async () => 'sí'),
      { clock },
    );
    await mt.translate({ ...request, onCharge }, testSignal());
    const { engine } = recogniser();
    const stt = new ObservedStt(engine, { clock });
    const stream = await stt.open({ language: 'en', onEvent: () => {}, onCharge }, testSignal());
    stream.startUtterance(1);
    stream.write(new Int16Array(160));
    stream.write(new Int16Array(160));
    assert.equal(charges.length, 1);
    stream.endUtterance();
    stream.write(new Int16Array(16));
    await stream.close();
    assert.deepEqual(
      charges.map(({ component, engine: name, amount }) => [component, name, amount]),
      [
        ['mt', 'acme', request.text.length],
        ['stt', 'acme', 20],
        ['stt', 'acme', 1],
      ],
    );
  });

  it('times finals from the end of their utterance, and counts audio given up while open and after', async () => {
    const clock = new FakeClock();
    const { engine, streams } = recogniser();
    const watcher = new Watcher(clock);
    const observed = new ObservedStt(engine, watcher);
    const { stream, events } = await open(observed);
    stream.startUtterance(1);
    stream.write(new Int16Array(8_000));
    stream.endUtterance();
    assert.deepEqual([...new CountSums().add(observed).tally('engineSpeechMs')], [['stt acme', 500]]);
    await clock.advance(100);
    stream.startUtterance(2);
    stream.endUtterance();
    assert.deepEqual(counted(observed).engineUnderWay, { 'stt acme stream': 1, 'stt acme final': 2 });
    await clock.advance(250);
    streams[0]?.emit(final(1));
    streams[0]?.emit(final(2));
    assert.equal(events.length, 2);
    for (const each of streams) {
      each.droppedMs = 40;
    }
    assert.equal(counted(observed).engineDroppedMs, 40);
    await stream.close();
    assert.equal(streams[0]?.closed, true);
    for (const each of streams) {
      // A stream that is closed is let go of, and asked no more.
      each.droppedMs = 60;
    }
    assert.deepEqual(counted(observed), { engineDroppedMs: 40 });
    const { done, doneMs } = watcher.outcomes;
    assert.deepEqual(done, { open: 1, stream: 1, final: 2 });
    assert.deepEqual(doneMs, { open: 0, stream: 350, final: 350 + 250 });
  });

  it('tells of a stream that fails once, however much it owed', async () => {
    const clock = new FakeClock();
    const { engine, streams } = recogniser();
    const watcher = new Watcher(clock);
    const observed = new ObservedStt(engine, watcher);
    const { stream } = await open(observed);
    for (const utterance of [1, 2]) {
      stream.startUtterance(utterance);
      stream.endUtterance();
    }
    streams[0]?.emit({ type: 'failed', error: new AppError('engine-died', 'gone') });
    stream.startUtterance(3);
    stream.endUtterance();
    await stream.close();
    assert.deepEqual(watcher.outcomes, {
      aborted: 2,
      done: { open: 1 },
      doneMs: { open: 0 },
      failed: { stream: 1 },
      failures: { 'engine-died': 1 },
    });
  });
});

describe('ObservedTranslator', () => {
  it('times how long the provider takes to catch up, in order', async () => {
    const clock = new FakeClock();
    let emit: (event: SpeechTranslatorEvent) => void = () => {};
    const engine: SpeechTranslator = {
      name: 'acme',
      speaks: true,
      supports: async () => SUPPORTED,
      open: async ({ onEvent }) => {
        emit = onEvent;
        return { write: () => {}, endOfSpeech: () => {}, droppedMs: 20, close: async () => {} };
      },
      close: async () => {},
    };
    const watcher = new Watcher(clock);
    const observed = new ObservedTranslator(engine, watcher);
    assert.equal(observed.speaks, true);
    const options = { from: 'en', to: 'es', wantedRateHz: 8_000, onEvent: () => {} };
    const stream = await observed.open(options, testSignal());
    stream.endOfSpeech();
    await clock.advance(300);
    stream.endOfSpeech();
    emit({ type: 'caught-up' });
    await clock.advance(200);
    emit({ type: 'caught-up' });
    await stream.close();
    assert.deepEqual(counted(observed), { engineDroppedMs: 20 });
    const { done, doneMs } = watcher.outcomes;
    assert.deepEqual(done, { open: 1, stream: 1, 'catch-up': 2 });
    assert.deepEqual(doneMs, { open: 0, stream: 500, 'catch-up': 500 });
  });
});
