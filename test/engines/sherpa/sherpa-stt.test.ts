import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SherpaSttEngine } from '../../../src/engines/stt/sherpa/sherpa-stt-engine.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { firstOf } from '../../support/processes.ts';
import { withoutSherpa } from '../../support/sherpa.ts';
import { eventually } from '../../support/waiting.ts';
import { EventLog, testSignal, untilTimers } from '../events.ts';
import { patientClock } from '../patient-clock.ts';
import { describeSttContract, speak } from '../stt-contract.ts';
import {
  LETTER_MS,
  LETTERS,
  tonesOf,
  writeStreamingRecogniser,
  writeWholeRecogniser,
} from './tiny-models.ts';

const skip = withoutSherpa() ?? false;

/** Tones that are heard as the letter before in the alphabet: another language. */
const OTHER_LETTERS = [...LETTERS.slice(0, 2), ...LETTERS.slice(3), 'a'];

describe('SherpaSttEngine', { skip }, () => {
  let folder = '';
  let streaming = '';
  let other = '';
  let whole = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sherpa-test-'));
    streaming = await writeStreamingRecogniser(join(folder, 'streaming'));
    other = await writeStreamingRecogniser(join(folder, 'other'), OTHER_LETTERS);
    whole = await writeWholeRecogniser(join(folder, 'whole'));
  });
  after(() => rm(folder, { recursive: true }));

  const samples = {
    himself: {
      pcm: tonesOf('he might even have been made', 16_000),
      expects: /^he might even have been made$/,
    },
    youngMan: { pcm: tonesOf('that young man', 16_000), expects: /^that young man$/ },
  };
  const engineWith = (model: () => string) => () =>
    new SherpaSttEngine({ clock: patientClock, models: new Map([['en', model()]]) });

  describeSttContract(
    'sherpa, streaming',
    engineWith(() => streaming),
    samples,
  );

  async function open(engine: SherpaSttEngine, language = 'en') {
    const log = new EventLog();
    return { log, stream: await engine.open({ language, onEvent: log.onEvent }, testSignal()) };
  }

  it('tells words as they are heard, and calls all but the last stable, which is never taken back', async (t) => {
    const engine = engineWith(() => streaming)();
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    stream.startUtterance(1);
    const pcm = tonesOf('good morning how are you', 16_000);
    const taken = () => log.events.filter(({ type }) => type === 'listened').length;
    for (let from = 0; from < pcm.length; from += 4_800) {
      const before = taken();
      stream.write(pcm.slice(from, from + 4_800));
      await eventually(
        'it is taken',
        30_000,
        () => taken() >= before + Math.min(1, Math.floor((pcm.length - from) / 4_800)),
      );
    }
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'good morning how are you');
    const partials = log.events.flatMap((event) => (event.type === 'partial' ? [event.text] : []));
    assert.ok(partials.length >= 4, partials.join(' | '));
    for (const [index, text] of partials.entries()) {
      assert.ok(text.startsWith(partials[index - 1] ?? ''), partials.join(' | '));
    }
    const stable = log.events.flatMap((event) => (event.type === 'stable' ? [event.text] : []));
    for (const [index, text] of stable.entries()) {
      assert.ok(
        text.startsWith(stable[index - 1] ?? '') && 'good morning how are you'.startsWith(`${text} `),
        stable.join(' | '),
      );
    }
    assert.ok(stable.length >= 3, stable.join(' | '));
  });

  it('says when words were said, within a frame of the model', async (t) => {
    const engine = engineWith(() => streaming)();
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    stream.startUtterance(1);
    stream.write(tonesOf('good', 16_000));
    // What is put in at a pause takes no time.
    stream.flush();
    stream.write(tonesOf(' day', 16_000));
    stream.endUtterance();
    const { text, words } = await log.until('final');
    assert.equal(text, 'good day');
    const [good, day] = words;
    assert.ok(Math.abs((good?.startMs ?? -1) - 0) <= 30, JSON.stringify(words));
    assert.ok(Math.abs((day?.startMs ?? -1) - 5 * LETTER_MS) <= 30, JSON.stringify(words));
  });

  it('settles at a pause what has been said, before the utterance ends', async (t) => {
    const engine = engineWith(() => streaming)();
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    stream.startUtterance(1);
    stream.write(tonesOf('good day', 16_000));
    stream.flush();
    assert.equal((await log.until('stable')).text, 'good');
    await eventually('all of it is stable', 30_000, () =>
      log.events.some((event) => event.type === 'stable' && event.text === 'good day'),
    );
    assert.ok(log.events.every((event) => event.type !== 'final'));
  });

  it('tells of the end that it hears itself, where nobody tells it of a pause', async (t) => {
    const engine = engineWith(() => streaming)();
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    stream.startUtterance(4);
    stream.write(tonesOf('good day', 16_000));
    for (let ms = 0; ms < 4_000; ms += 100) {
      stream.write(new Int16Array(1_600));
    }
    assert.equal((await log.until('likely-end')).utterance, 4);
    assert.equal(log.events.filter((event) => event.type === 'likely-end').length, 1);
  });

  it('hears each language by its own model, in a process of its own', async (t) => {
    const models = new Map([
      ['en', streaming],
      ['es', other],
    ]);
    const engine = new SherpaSttEngine({ clock: patientClock, models });
    t.after(() => engine.close());
    const english = await open(engine, 'en-GB');
    const spanish = await open(engine, 'es-MX');
    const pcm = tonesOf('bcd', 16_000);
    speak(english.stream, 1, pcm.slice());
    speak(spanish.stream, 1, pcm.slice());
    assert.equal((await english.log.until('final')).text, 'bcd');
    assert.equal((await spanish.log.until('final')).text, 'cde');
    assert.equal((await engine.processIds()).length, 2);
  });

  it('hears many legs of one language in one process', async (t) => {
    const engine = engineWith(() => streaming)();
    t.after(() => engine.close());
    const legs = await Promise.all(Array.from({ length: 20 }, () => open(engine)));
    const texts = legs.map((_, index) => `leg ${String.fromCharCode(97 + index)} speaks`);
    for (const [index, { stream }] of legs.entries()) {
      speak(stream, index, tonesOf(texts[index] ?? '', 16_000));
    }
    const finals = await Promise.all(legs.map(async ({ log }) => (await log.until('final')).text));
    assert.deepEqual(finals, texts);
    assert.equal((await engine.processIds()).length, 1);
  });

  it('asks a model of whole utterances as they grow, and once more at their end', async (t) => {
    const engine = engineWith(() => whole)();
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    stream.startUtterance(3);
    stream.write(tonesOf('good morning to', 16_000));
    const partial = await log.until('partial');
    assert.equal(partial.text, 'good morning to');
    const [, morning] = partial.words;
    assert.ok(Math.abs((morning?.startMs ?? -1) - 5 * LETTER_MS) <= 20, JSON.stringify(partial.words));
    stream.write(tonesOf(' all of you', 16_000));
    stream.endUtterance();
    const final = await log.until('final');
    assert.equal(final.text, 'good morning to all of you');
    assert.deepEqual(
      final.words.map(({ text }) => text),
      ['good', 'morning', 'to', 'all', 'of', 'you'],
    );
    speak(stream, 4, new Int16Array(8_000));
    assert.equal((await log.until('final', 4)).text, '');
  });

  for (const hears of ['streaming', 'whole'] as const) {
    it(`fails every stream when the process is killed, and has another for the next (${hears})`, async (t) => {
      const engine = engineWith(() => (hears === 'streaming' ? streaming : whole))();
      t.after(() => engine.close());
      const one = await open(engine);
      const two = await open(engine);
      speak(one.stream, 1, tonesOf('good day', 16_000));
      await one.log.until('final');
      const killed = firstOf('process with the model', await engine.processIds());
      process.kill(killed, 'SIGKILL');
      await eventually(
        'the end of the process',
        30_000,
        async () => (await engine.processIds()).length === 0,
      );
      speak(one.stream, 2, tonesOf('good day', 16_000));
      speak(two.stream, 1, tonesOf('good day', 16_000));
      for (const { log } of [one, two]) {
        const { error } = await log.until('failed');
        assert.equal('code' in error && error.code, 'engine-died');
      }
      const three = await open(engine);
      speak(three.stream, 1, tonesOf('good day', 16_000));
      assert.equal((await three.log.until('final')).text, 'good day');
      assert.notDeepEqual(await engine.processIds(), [killed]);
    });
  }

  it('ends a process that has stopped answering, and tells its streams', async (t) => {
    const clock = new FakeClock();
    const engine = new SherpaSttEngine({ clock, models: new Map([['en', streaming]]) });
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    speak(stream, 1, tonesOf('good', 16_000));
    await log.until('final');
    const stopped = firstOf('process with the model', await engine.processIds());
    process.kill(stopped, 'SIGSTOP');
    speak(stream, 2, tonesOf('good', 16_000));
    await untilTimers(clock, 1);
    await clock.advance(10_000);
    const { error } = await log.until('failed');
    assert.equal('code' in error && error.code, 'engine-timeout');
    await eventually('the end of a stopped process', 30_000, () => !runs(stopped));
    const next = await open(engine);
    speak(next.stream, 1, tonesOf('day', 16_000));
    assert.equal((await next.log.until('final')).text, 'day');
  });

  it('is silent as long as nothing is owed', async (t) => {
    const clock = new FakeClock();
    const engine = new SherpaSttEngine({ clock, models: new Map([['en', streaming]]) });
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    speak(stream, 1, tonesOf('good', 16_000));
    await log.until('final');
    await clock.advance(60_000);
    speak(stream, 2, tonesOf('day', 16_000));
    assert.equal((await log.until('final', 2)).text, 'day');
  });

  it('drops the oldest sound, counted, when the process cannot keep up', async (t) => {
    const engine = new SherpaSttEngine({
      clock: patientClock,
      models: new Map([['en', streaming]]),
      backlogLimitMs: 500,
    });
    t.after(() => engine.close());
    const { log, stream } = await open(engine);
    // 1,000 ms are on their way and 500 ms wait; the rest is lost.
    speak(stream, 1, tonesOf('x'.repeat(60), 16_000));
    assert.ok(stream.droppedMs > 3_000 && stream.droppedMs < 4_200, `${stream.droppedMs} ms`);
    await log.until('final');
  });

  it('refuses more streams than it may have', async (t) => {
    const engine = new SherpaSttEngine({
      clock: patientClock,
      models: new Map([['en', streaming]]),
      maxStreams: 1,
    });
    t.after(() => engine.close());
    const first = await open(engine);
    await assert.rejects(open(engine), { code: 'engine-overloaded' });
    await first.stream.close();
    await (await open(engine)).stream.close();
  });

  it('leaves no process behind', async () => {
    const engine = engineWith(() => streaming)();
    await open(engine);
    const own = firstOf('process with the model', await engine.processIds());
    await engine.close();
    assert.equal(runs(own), false);
  });

  it('says what the process said that ended on a model which looked well', async (t) => {
    // Its files are whole and of a family that is known, but one input is not what the family has.
    const wrong = join(folder, 'wrong');
    await cp(whole, wrong, { recursive: true });
    const model = await readFile(join(wrong, 'model.onnx'));
    await writeFile(
      join(wrong, 'model.onnx'),
      Buffer.from(model.toString('latin1').replaceAll('MatMul', 'MatMuX'), 'latin1'),
    );
    const engine = engineWith(() => wrong)();
    t.after(() => engine.close());
    assert.deepEqual(await engine.supports('en'), { supported: true });
    await assert.rejects(open(engine), {
      code: 'engine-start-failed',
      message: /wrong cannot be used: .*MatMuX/,
    });
  });
});

function runs(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
