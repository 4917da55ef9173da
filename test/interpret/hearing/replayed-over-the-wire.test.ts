/** Utterances given again over the wire, to each recogniser: a word is said once, and none is lost. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import { DeepgramEngine } from '../../../src/engines/stt/deepgram/deepgram-engine.ts';
import { OpenaiTranscriptionEngine } from '../../../src/engines/stt/openai-transcription/openai-transcription-engine.ts';
import { PocketsphinxEngine } from '../../../src/engines/stt/pocketsphinx/pocketsphinx-engine.ts';
import { VoskEngine } from '../../../src/engines/stt/vosk/vosk-engine.ts';
import { LIMITS } from '../../../src/interpret/limits.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { CLIPS, readClip } from '../../engines/librivox.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { type DeepgramFault, type DeepgramStandInOptions, startDeepgram } from '../../stand-ins/deepgram.ts';
import { inARow, silence, tone } from '../../stand-ins/deepgram-sounds.ts';
import { type TranscriptionFault, TranscriptionStandIn } from '../../stand-ins/openai-transcription.ts';
import { type VoskFault, VoskStandIn } from '../../stand-ins/vosk.ts';
import { firstOf } from '../../support/processes.ts';
import { eventually, never } from '../../support/waiting.ts';
import { end, hear, say, sayAll, start, type Told } from './heard-party.ts';

const SENTENCES = [
  'Anna came today.',
  'Ben had left.',
  'Carl saw them.',
  'Dora was here.',
  'Eve slept long.',
];

/** A sentence a second, the last one whole after 4.9 s. */
const SCRIPT = SENTENCES.flatMap((text, sentence) =>
  text.split(' ').map((word, index) => ({
    text: word,
    startMs: sentence * 1_000 + index * 300,
    endMs: sentence * 1_000 + index * 300 + 280,
  })),
);

/**
 * Waits for a fact while time goes on for long enough to give an utterance again, and not until anything is overdue.
 */
async function until(clock: FakeClock, holds: () => boolean): Promise<void> {
  let steps = 0;
  await eventually('what is told', 100_000, async () => {
    steps += 1;
    await clock.advance(steps <= 30 ? 100 : 0);
    return holds();
  });
}

for (const model of ['nova-3', 'flux-general-en']) {
  describe(`an utterance that ${model} hears`, () => {
    /** Says half of it. */
    async function begin(t: TestContext, options: DeepgramStandInOptions = {}) {
      const server = await startDeepgram({
        script: { type: 'bursts', choose: () => ({ words: SCRIPT }) },
        ...options,
      });
      const apiKey = new Secret('stand-in-key');
      const stt = new DeepgramEngine({ clock: patientClock, apiKey, url: server.url, model });
      t.after(async () => {
        await stt.close();
        await server.close();
      });
      const clock = new FakeClock();
      const { hearing, told } = await hear(t, stt, clock);
      const sound = inARow(tone(300, 5_000), silence(700));
      start(hearing);
      sayAll(hearing, sound.slice(0, 2_500 * 16));
      return { clock, server, hearing, told, rest: sound.slice(2_500 * 16) };
    }

    function assertSaidOnce(told: Told): void {
      assert.equal(told.segments.join(' '), SENTENCES.join(' '));
      assert.deepEqual([told.endings, told.failures], [[undefined], 0]);
      assert.ok(told.replaced.length > 0);
    }

    const ahead = { audio_window_start: 0, audio_window_end: 60, event: 'Update', turn_index: 0 };
    const channel = { alternatives: [{ transcript: '', words: [] }] };
    const settledAhead =
      model === 'nova-3'
        ? { type: 'Results', start: 0, duration: 60, is_final: true, channel }
        : { type: 'TurnInfo', ...ahead, transcript: '', words: [] };
    const faults: readonly DeepgramFault[] = [
      { type: 'garbage', afterMs: 2_600, text: JSON.stringify(settledAhead) },
      { type: 'close', afterMs: 2_600, code: 1011, reason: 'NET-0000' },
      { type: 'close', afterMs: 2_600, code: 1006, reason: '' },
      { type: 'garbage', afterMs: 2_600, text: '{"type":' },
    ];
    for (const fault of faults) {
      it(`is spoken whole, and none of it twice, after ${JSON.stringify(fault).slice(0, 110)}`, async (t) => {
        const { clock, server, hearing, told, rest } = await begin(t);
        hearing.take({ type: 'paused', silenceStartMs: 0, echoShare: 0 });
        await until(clock, () => told.segments.length > 0);
        server.fault = fault;
        sayAll(hearing, rest.slice(0, 1_000 * 16));
        await server.until(() => server.connections[0]?.closed === true);
        server.fault = undefined;
        sayAll(hearing, rest.slice(1_000 * 16));
        end(hearing);
        await until(clock, () => told.endings.length > 0);
        assertSaidOnce(told);
        assert.ok(server.connections.length > 1);
      });
    }

    it('is spoken whole, and none of it twice, when what was heard comes settled without its words', async (t) => {
      // What it settles by itself has words; only what is asked for at the end has lost them.
      const { clock, server, hearing, told, rest } = await begin(t, { forgetful: 1, settleEveryMs: 60_000 });
      sayAll(hearing, rest);
      await server.until(() => (server.connections[0]?.heardMs ?? 0) >= 5_600);
      end(hearing);
      await until(clock, () => told.endings.length > 0);
      assertSaidOnce(told);
      assert.match(told.replaced.join(), /empty final|left out/);
    });
  });
}

describe('an utterance that OpenAI’s transcription hears', () => {
  /** A word for each half second of sound. */
  const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  const faults: readonly TranscriptionFault[] = [
    { type: 'dropped' },
    { type: 'truncated' },
    { type: 'status', status: 500, body: {} },
    { type: 'answer', mediaType: 'text/html', body: '<html>' },
    { type: 'answer', mediaType: 'application/json', body: '{"text":""}' },
    { type: 'answer', mediaType: 'application/json', body: '{"text":" one two"}' },
  ];
  for (const fault of faults) {
    // What was sent on a kept connection that is reset is sent again at once.
    it(`is spoken whole, and none of it twice, when its last answer is ${JSON.stringify(fault)}`, async (t) => {
      const server = await TranscriptionStandIn.open({
        hear: (pcm) => {
          const count = Math.floor(pcm.filter((sample) => sample !== 0).length / 8_000);
          return count === 0 ? [] : [{ text: ` ${NUMBERS.slice(0, count).join(' ')}` }];
        },
      });
      const stt = new OpenaiTranscriptionEngine({ clock: patientClock, url: server.url });
      t.after(async () => {
        await stt.close();
        await server.close();
      });
      const clock = new FakeClock();
      const { hearing, told } = await hear(t, stt, clock);
      start(hearing);
      sayAll(hearing, new Int16Array(4_000 * 16).fill(5_000));
      await told.until(() => told.captions.at(-1)?.endsWith('eight') === true);
      server.faults.push(fault);
      sayAll(hearing, new Int16Array(900 * 16).fill(5_000));
      end(hearing);
      await until(clock, () => told.endings.length > 0);
      assert.equal(told.segments.join(' '), NUMBERS.slice(0, 9).join(' '));
      assert.deepEqual(
        [told.endings, told.failures, told.replaced.length],
        [[undefined], 0, fault.type === 'dropped' ? 0 : 1],
      );
    });
  }
});

describe('an utterance that PocketSphinx hears', () => {
  it('is spoken whole, and none of it twice, when its process is killed in the midst of it', async (t) => {
    const stt = new PocketsphinxEngine({ clock: patientClock });
    t.after(() => stt.close());
    const clock = new FakeClock();
    const { hearing, told } = await hear(t, stt, clock);
    const clip = readClip(CLIPS.himself);
    start(hearing);
    sayAll(hearing, clip.slice(0, clip.length / 2));
    await told.until(() => told.captions.length > 0);
    process.kill(firstOf('process with the model', await stt.processIds()), 'SIGKILL');
    await until(clock, () => told.replaced.length > 0);
    sayAll(hearing, clip.slice(clip.length / 2));
    end(hearing);
    await until(clock, () => told.endings.length > 0);
    assert.match(told.segments.join(' '), /might even have been made/);
    assert.equal(told.segments.join(' ').split('been made').length, 2);
    assert.deepEqual([told.endings, told.failures], [[undefined], 0]);
  });
});

describe('an utterance that Vosk hears, which', () => {
  const words = ['We', 'will', 'see.'].map((text, index) => ({
    text,
    startMs: 100 + index * 300,
    endMs: 300 + index * 300,
  }));

  /** Says it to a Vosk whose first connection is faulty, on a clock that stands still. */
  async function saidTo(t: TestContext, fault: VoskFault) {
    const server = await VoskStandIn.open({
      hear: (pcm) => (pcm.length === 0 ? [] : words),
      fault: (connection) => (connection === 0 ? fault : undefined),
    });
    const stt = new VoskEngine({ clock: patientClock, servers: new Map([['en', server.url]]) });
    t.after(async () => {
      await stt.close();
      await server.close();
    });
    const clock = new FakeClock();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 50);
    return { server, clock, hearing, told };
  }

  /** Waits for the next stream, which is opened as soon as the loss of the one before is known. */
  function replaced(clock: FakeClock, told: Told): Promise<true> {
    return eventually('another stream', 60_000, async () => {
      await clock.advance(0);
      return told.replaced.length > 0;
    });
  }

  it('loses its connection is heard whole by the next, while it goes on', async (t) => {
    const { server, clock, hearing, told } = await saidTo(t, { type: 'drops', afterMessages: 5 });
    await replaced(clock, told);
    end(hearing);
    await told.until(() => told.endings.length > 0);
    assert.deepEqual([told.segments, told.endings, told.failures], [['We will see.'], [undefined], 0]);
    assert.ok(server.connections.length > 1);
  });

  it('stalls is heard by the next once its final is overdue', async (t) => {
    const { server, clock, hearing, told } = await saidTo(t, { type: 'silent', afterMessages: 5 });
    end(hearing);
    await server.until(() => server.connections[0]?.ended === true, never());
    assert.deepEqual(told.endings, []);
    await clock.advance(LIMITS.finalMs);
    await replaced(clock, told);
    await told.until(() => told.endings.length > 0);
    assert.deepEqual([told.segments, told.endings, told.failures], [['We will see.'], [undefined], 0]);
  });

  it('ends with an empty final is heard by the next', async (t) => {
    const empty = { type: 'answers', afterMessages: 8, message: '{"text": ""}' } as const;
    const { clock, hearing, told } = await saidTo(t, empty);
    end(hearing);
    await replaced(clock, told);
    await told.until(() => told.endings.length > 0);
    assert.deepEqual([told.segments, told.endings, told.failures], [['We will see.'], [undefined], 0]);
    assert.match(told.replaced.join(), /gave an empty final/);
  });
});
