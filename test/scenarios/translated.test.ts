import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import type { CallEvent, UtteranceReport } from '../../src/call/call-events.ts';
import { heardSounds } from '../../src/client/heard-sounds.ts';
import { createEngines, type Engines } from '../../src/engines/registry.ts';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import type { Interpreters } from '../../src/interpret/rendering/rendering.ts';
import { TextRenderings } from '../../src/interpret/rendering/text-renderings.ts';
import { concatPcm, findSoundMs, levelDbfs, loadLibrivoxClips, silence, sliceMs } from '../asterisk/audio.ts';
import { endOf, TestServer } from './harness.ts';

/** Sentences with words that PocketSphinx hears right, and a word that Apertium makes of each. */
const SAID = [
  { clip: 1, heard: 'young m[ae]n', translated: 'jóven|joven' },
  { clip: 3, heard: 'amiable', translated: 'amable' },
] as const;

/** Two notes tell a listener for whom there is nothing to hear yet that something is on its way: 220 ms. */
const LONGEST_CUE_MS = 260;
/** Of half a minute, on a machine that stands still now and then. */
const MOST_MISSED_MS = 2_000;
/** The sentences are said so often at most, until both are understood. */
const MOST_ROUNDS = 2;
/** After its last word a round is over in so much, whatever was understood. */
const ROUND_TAIL_MS = 25_000;
/** The noise of a line has at most -50 dBFS. */
const SOUND_DBFS = -45;

/** Whether both sentences were, and one of them before it was over. */
function isUnderstood(round: readonly UtteranceReport[]): boolean {
  const isEarly = ({ source, target }: UtteranceReport): boolean =>
    (target.startMs ?? source.endMs) < source.endMs;
  const isRight = ({ source, target }: UtteranceReport, index: number): boolean => {
    const { heard = '', translated = '' } = SAID[index] ?? {};
    return new RegExp(heard).test(source.piiText) && new RegExp(translated).test(target.piiText);
  };
  return round.length === SAID.length && round.every(isRight) && round.some(isEarly);
}

describe('a call in English and Spanish, through PocketSphinx, Apertium and eSpeak NG', () => {
  let engines: Engines;
  let server: TestServer;
  before(async () => {
    engines = createEngines({
      stt: ['pocketsphinx'],
      mt: ['apertium'],
      tts: ['espeak-ng'],
      sttModels: new Map(),
      clock: systemClock,
      log: silentLog,
    });
    const [[stt], [mt], [tts]] = [engines.stt, engines.mt, engines.tts];
    assert.ok(stt !== undefined && mt !== undefined && tts !== undefined);
    // Which also starts them: that is no part of a call.
    const able = await Promise.all([stt.supports('en'), mt.supports('en', 'es'), tts.supports('es')]);
    assert.ok(
      able.every(({ supported }) => supported),
      JSON.stringify(able),
    );
    const interpreters: Interpreters = {
      type: 'text',
      hearing: new SttHearings(stt, systemClock),
      rendering: new TextRenderings({ mt, tts }, systemClock),
    };
    server = await TestServer.open({
      // So that what is heard is the translation and nothing else.
      plan: { original: 'off' },
      interpreters: (from, to) => (from === 'en' && to === 'es' ? interpreters : undefined),
    });
  });
  after(async () => {
    await server.close();
    await engines.close();
  });

  it('lets the second party hear Spanish for English, beginning before the sentence is over, and says when and what', async () => {
    const clips = loadLibrivoxClips();
    const said = SAID.map(({ clip }) => clips[clip]?.pcm ?? new Int16Array(0));
    const [a, b] = await server.ringBoth({ rateHz: 16_000 }, { rateHz: 16_000 });
    const callId = a.uuid.slice(0, -1);
    const events = (): readonly CallEvent[] =>
      server.events.filter((entry) => entry.callId === callId).map(({ event }) => event);
    const reports = () => events().flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
    await server.until('it is interpreted', () =>
      events().some(
        (event) => event.type === 'party-state' && event.party === 'a' && event.state === 'TRANSLATING',
      ),
    );
    // A machine that stands still splits sentences, puts other words into them or is late with all of it.
    const speech = concatPcm(...said.flatMap((pcm) => [pcm, silence(1_000, 16_000)]));
    let [roundMs, roundFrame] = [0, 0];
    let round: readonly UtteranceReport[] = [];
    for (let rounds = 0; rounds < MOST_ROUNDS && !isUnderstood(round); rounds += 1) {
      const before = reports().length;
      [roundMs, roundFrame] = [b.nowMs(), b.frames.length];
      a.speak(speech);
      const untilMs = a.nowMs() + speech.length / 16 + ROUND_TAIL_MS;
      await server.until('both sentences are over', () => {
        round = reports().slice(before);
        return isUnderstood(round) || a.nowMs() > untilMs;
      });
    }
    assert.ok(isUnderstood(round), `not understood, or not early: ${JSON.stringify(reports())}`);

    const heard = b.heard();
    for (const report of round) {
      assert.equal(report.outcome, 'spoken');
      assert.equal(report.party, 'a');
      const { startMs = 0, endMs = 0 } = report.target;
      assert.ok(startMs > report.source.startMs && endMs > startMs + 500, JSON.stringify(report));
      assert.ok(Math.abs((report.startOffsetMs ?? 0) - (startMs - report.source.startMs)) <= 1);
      assert.ok(levelDbfs(sliceMs(heard, 16_000, startMs + 100, endMs)) > -40, 'speech is heard then');
      const segments = events().filter(
        (event) => event.type === 'spoken' && event.party === 'a' && event.utterance === report.utterance,
      );
      assert.deepEqual([report.segments, segments[0]?.atMs], [segments.length, startMs]);
      const { endToEndMs = 0, endpointMs = 0, sttMs = 0, mtMs = 0, ttsMs = 0, playoutMs = 0 } = report.stages;
      // A last segment that began before the end of speech leaves nothing to divide.
      assert.ok(
        Math.abs(endpointMs + sttMs + mtMs + ttsMs + playoutMs - Math.max(0, endToEndMs)) <= 1,
        'the stages add up',
      );
    }
    const firstMs = round[0]?.target.startMs ?? 0;
    const quietMs = Math.max(1_000, roundMs);
    assert.deepEqual(
      heardSounds(sliceMs(heard, 16_000, quietMs, firstMs - 100), 16_000, quietMs).filter(
        ({ startMs, endMs }) => endMs - startMs > LONGEST_CUE_MS,
      ),
      [],
      'the English itself is not heard once it is interpreted',
    );
    assert.deepEqual([...a.violations, ...b.violations], []);
    // Who waits for the interpreter misses the seconds of each of its steps. What comes late is not missed, nor what this
    // process has no processor for: that both miss.
    const aheadMs = a.nowMs() - b.nowMs();
    const [first, last] = [b.frames[roundFrame], b.frames.at(-1)].map(
      (frame) => (frame?.atMs ?? 0) + aheadMs,
    );
    const meanwhile = a.frames.filter(({ atMs }) => atMs >= (first ?? 0) && atMs <= (last ?? 0));
    const missedMs = FRAME_MS * (meanwhile.length - (b.frames.length - roundFrame));
    assert.ok(missedMs < MOST_MISSED_MS, `${missedMs} ms more of frames are missing than of who speaks`);
    assert.equal(
      findSoundMs(sliceMs(a.heard(), 16_000, 1_000, a.nowMs()), 16_000, 0, SOUND_DBFS),
      undefined,
      'the first party hears nothing of it',
    );

    b.speak(clips[4]?.pcm ?? new Int16Array(0));
    const answeredMs = a.nowMs();
    await a.until((leg) => findSoundMs(leg.heard(), 16_000, answeredMs, SOUND_DBFS) !== undefined);
    a.hangUp();
    assert.equal((await endOf(b)).by, 'server-hangup');
  });
});
