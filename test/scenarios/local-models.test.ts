/**
 * A call both ways on neural engines of this machine: recognisers and voices of sherpa-onnx, two languages, with
 * Apertium between. The models are the tests' own, so callers speak in tones, and hear tones.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { createEngines, type Engines } from '../../src/engines/registry.ts';
import { SherpaSttEngine } from '../../src/engines/stt/sherpa/sherpa-stt-engine.ts';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import { TextRenderings } from '../../src/interpret/rendering/text-renderings.ts';
import { concatPcm, silence } from '../asterisk/audio.ts';
import { movingVoice } from '../bench/moving-voice.ts';
import { EventLog, testSignal } from '../engines/events.ts';
import {
  ABOVE_VOICE,
  LETTERS,
  tonesOf,
  writeStreamingRecogniser,
  writeVoice,
} from '../engines/sherpa/tiny-models.ts';
import { speak } from '../engines/stt-contract.ts';
import { withoutSherpa } from '../support/sherpa.ts';
import { eventually } from '../support/waiting.ts';
import { endOf, TestServer } from './harness.ts';

const RATE_HZ = 16_000;
/** For each of three things to be understood and heard; the runner gives a file 600 s. */
const LIMIT_MS = 60_000;
/** After so long somebody says it again who is not yet understood: twice what saying it and its translation take. */
const AGAIN_MS = 10_000;
/**
 * Two who are heard by each other need two pitches: sound that comes back is an echo. Their overtones stay below the
 * tones.
 */
const PITCHES_HZ = { a: 120, b: 150 };
const OVERTONES = { a: 14, b: 11 };

/** A voice in which our own detector hears speech, and above it the tones that are its words; and a pause after it. */
function saying(party: 'a' | 'b', text: string): Int16Array {
  const voice = movingVoice(RATE_HZ, PITCHES_HZ[party], OVERTONES[party]);
  const tones = tonesOf(text, RATE_HZ, ABOVE_VOICE);
  const words = tones.map((sample, index) => sample + (voice[index % voice.length] ?? 0));
  return concatPcm(words, silence(1_500, RATE_HZ));
}

describe('a call both ways on neural models of this machine', { skip: withoutSherpa() ?? false }, () => {
  let folder = '';
  let engines: Engines;
  let server: TestServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sherpa-call-'));
    const ears = await writeStreamingRecogniser(join(folder, 'ears'), LETTERS, ABOVE_VOICE);
    const voice = await writeVoice(join(folder, 'voice'));
    engines = createEngines({
      stt: ['sherpa'],
      mt: ['apertium'],
      tts: ['sherpa'],
      sttModels: new Map([
        ['en', ears],
        ['es', ears],
      ]),
      ttsVoices: new Map([
        ['en', voice],
        ['es', voice],
      ]),
      clock: systemClock,
      log: silentLog,
    });
    const [[stt], [mt], [tts]] = [engines.stt, engines.mt, engines.tts];
    assert.ok(stt !== undefined && mt !== undefined && tts !== undefined);
    const hearing = new SttHearings(stt, systemClock);
    const rendering = new TextRenderings({ mt, tts }, systemClock);
    server = await TestServer.open({
      plan: { original: 'off' },
      interpreters: () => ({ type: 'text', hearing, rendering }),
    });
  });
  after(async () => {
    await server.close();
    await engines.close();
    await rm(folder, { recursive: true });
  });

  it('translates what each party says, lets the other hear it, and goes on when the processes of the models die', async () => {
    const [a, b] = await server.ringBoth({ rateHz: RATE_HZ }, { rateHz: RATE_HZ });
    const callId = a.uuid.slice(0, -1);
    const events = () => server.events.filter((entry) => entry.callId === callId).map(({ event }) => event);
    const said = () =>
      events().flatMap((event) =>
        event.type === 'utterance'
          ? [[event.report.party, event.report.source.piiText, event.report.target.piiText]]
          : [],
      );
    await server.until('both are interpreted', () =>
      ['a', 'b'].every((party) =>
        events().some(
          (event) => event.type === 'party-state' && event.party === party && event.state === 'TRANSLATING',
        ),
      ),
    );
    const spoke = new Set<unknown>();
    /**
     * Says it until it is understood and translated to the letter, and heard so: a machine that stands still doubles
     * letters, or splits them. It is said again only when something was understood: nothing may be lost.
     */
    const untilUnderstood = async (
      party: 'a' | 'b',
      [text, translated]: readonly [string, string],
      heard: RegExp,
    ): Promise<void> => {
      const [speaker, listener] = party === 'a' ? [a, b] : [b, a];
      const [saidBefore, framesBefore] = [said().length, listener.frames.length];
      let spokenMs = Number.NEGATIVE_INFINITY;
      let saidThen = -1;
      let readAs = '';
      await eventually(
        () => `${text} is understood and heard: ${JSON.stringify(said())}, at last as "${readAs}"`,
        LIMIT_MS,
        async () => {
          if (said().length > saidThen && speaker.nowMs() - spokenMs > AGAIN_MS) {
            [spokenMs, saidThen] = [speaker.nowMs(), said().length];
            spoke.add(party);
            speaker.speak(saying(party, text));
          }
          const since = said().slice(saidBefore);
          assert.ok(
            since.every(([who]) => spoke.has(who)),
            'nobody else has spoken',
          );
          if (!since.some((each) => isDeepStrictEqual(each, [party, text, translated]))) {
            return false;
          }
          // One after the other, as they came: in a line of time, one that is read late would split a letter.
          readAs = await readBack(concatPcm(...listener.frames.slice(framesBefore).map(({ pcm }) => pcm)));
          return heard.test(readAs);
        },
      );
    };
    // As eSpeak reads "buenos días"; there is no letter for the sound of its second d.
    await untilUnderstood('a', ['good morning', 'buenos días'], /bwenosias/);
    await untilUnderstood('b', ['gracias', 'thank you'], /./);
    const processes = modelProcesses();
    assert.equal(processes.length, 2, 'one that hears, one that speaks');
    for (const each of processes) {
      process.kill(each, 'SIGKILL');
    }
    await untilUnderstood('a', ['good morning', 'buenos días'], /bwenosias/);
    a.hangUp();
    assert.equal((await endOf(b)).by, 'server-hangup');
  });

  /** What is heard in the tones of all that a leg heard. */
  async function readBack(pcm: Int16Array): Promise<string> {
    const models = new Map([['es', await writeStreamingRecogniser(join(folder, 'reader'))]]);
    const reader = new SherpaSttEngine({ clock: systemClock, models });
    const log = new EventLog();
    speak(await reader.open({ language: 'es', onEvent: log.onEvent }, testSignal()), 1, pcm);
    const { text } = await log.until('final');
    await reader.close();
    return text;
  }
});

/** The processes with models that this one has started. */
function modelProcesses(): readonly number[] {
  const list = execFileSync('ps', ['-eo', 'ppid=,pid=,args='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [parent, id, ...words] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && words.join(' ').includes('sherpa/child/main.js')
      ? [Number(id)]
      : [];
  });
}
