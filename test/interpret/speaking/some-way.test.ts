import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { XttsEngine } from '../../../src/engines/tts/xtts/xtts-engine.ts';
import type { OpenSpeech } from '../../../src/interpret/speaking/open-speech.ts';
import { SegmentWork } from '../../../src/interpret/speaking/segment-work.ts';
import { speakSomeWay } from '../../../src/interpret/speaking/some-way.ts';
import { testSignal } from '../../engines/events.ts';
import { failureOf } from '../../engines/failure-of.ts';
import { patientClock } from '../../engines/patient-clock.ts';
import { XttsStandIn } from '../../stand-ins/xtts.ts';

type FailsOn = (text: string) => 'empty' | 'broken' | undefined;

async function start(
  test: TestContext,
  failsOn: FailsOn,
): Promise<{ standIn: XttsStandIn; engine: XttsEngine; texts: () => readonly string[] }> {
  const standIn = await XttsStandIn.start({ failsOn });
  const engine = new XttsEngine({ clock: patientClock, servers: [standIn.url] });
  test.after(async () => {
    await engine.close();
    await standIn.close();
  });
  return { standIn, engine, texts: () => standIn.asked.map(({ body }) => String(body.text)) };
}

const request = { language: 'en', wantedRateHz: 8_000 };

async function samplesOf(speech: OpenSpeech): Promise<number> {
  let samples = 0;
  for (
    let piece: Int16Array | undefined = speech.first;
    piece !== undefined;
    piece = await speech.next(testSignal())
  ) {
    samples += piece.length;
  }
  return samples;
}

describe('a text that its engine has no sound for', () => {
  it('is spoken in words', async (test) => {
    const { engine, texts } = await start(test, (text) => (/\d/.test(text) ? 'empty' : undefined));
    const text = 'It costs $5.';
    const speech = await speakSomeWay(engine, { ...request, text }, patientClock, testSignal());
    assert.ok((await samplesOf(speech)) > 0);
    assert.deepEqual(texts(), [text, 'It costs five US dollars.']);
  });

  it('is spoken in parts, all of them', async (test) => {
    const { engine, texts } = await start(test, (text) => (text.length > 30 ? 'broken' : undefined));
    const text = 'The train is late. Shall we take the bus? I think so.';
    const speech = await speakSomeWay(engine, { ...request, text }, patientClock, testSignal());
    assert.ok((await samplesOf(speech)) > 0);
    assert.deepEqual(texts(), [text, 'The train is late.', 'Shall we take the bus?', 'I think so.']);
  });

  it('is told of when a part of it stays without a sound, after the others were spoken', async (test) => {
    const { engine, texts } = await start(test, (text) => (text.includes('bus') ? 'empty' : undefined));
    const text = 'The train is late. Shall we take the bus? I think so.';
    const speech = await speakSomeWay(engine, { ...request, text }, patientClock, testSignal());
    assert.equal((await failureOf(samplesOf(speech))).code, 'text-unspeakable');
    assert.equal(texts().at(-1), 'I think so.');
  });

  it('fails when there is no way to say it, and costs the next one nothing', async (test) => {
    const { engine, texts } = await start(test, (text) => (text.includes('x') ? 'empty' : undefined));
    const failing = speakSomeWay(engine, { ...request, text: 'xx, xy' }, patientClock, testSignal());
    assert.equal((await failureOf(failing)).code, 'text-unspeakable');
    const speech = await speakSomeWay(engine, { ...request, text: 'Yes.' }, patientClock, testSignal());
    assert.ok((await samplesOf(speech)) > 0);
    assert.deepEqual(texts(), ['xx, xy', 'xx,', 'xy', 'Yes.']);
  });

  it('is not said in another way when the engine is what failed', async (test) => {
    const { standIn, engine } = await start(test, () => undefined);
    await standIn.close();
    const asked = test.mock.method(engine, 'synthesize');
    const text = 'It costs $5.';
    const failing = speakSomeWay(engine, { ...request, text }, patientClock, testSignal());
    assert.match((await failureOf(failing)).code, /^engine-/);
    const texts = new Set(asked.mock.calls.map((call) => call.arguments[0].text));
    assert.deepEqual([...texts], [text]);
  });

  it('is asked of XTTS in words from the start, where it holds anything else', async (test) => {
    const { engine, texts } = await start(test, () => undefined);
    const charged: number[] = [];
    const work = new SegmentWork(
      {
        source: '',
        translate: async () => ({ text: '', cached: false, repaired: 0 }),
        before: Promise.resolve(undefined),
      },
      {
        ...{ clock: patientClock, tts: engine, request: { ...request, language: 'de' } },
        voice: () => undefined,
        asked: (characters) => charged.push(characters),
      },
      testSignal(),
    );
    await samplesOf(await work.speech('Der Zug fährt um 14:30 Uhr, "und" kostet 12 €!?!?'));
    const spoken = 'Der Zug fährt um vierzehn Uhr dreißig, "und" kostet zwölf Euro!';
    assert.deepEqual(texts(), [spoken]);
    assert.ok((charged[0] ?? 0) >= spoken.length, `${charged}`);
  });
});
