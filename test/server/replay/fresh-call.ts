/**
 * A call that is made and recorded within a test, on its clock: two people or more talk, each with the noise of a line,
 * engines of a profile interpret what they say, and the recorder that the product has writes the folder.
 */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import { type CallPlan, partyOf } from '../../../src/call/plan.ts';
import type { Recorder as CallRecorder } from '../../../src/call/recording/recorder.ts';
import type { SeatingScheme } from '../../../src/call/seating/seating.ts';
import { Switchboard } from '../../../src/call/switchboard.ts';
import { EMPTY_GLOSSARY } from '../../../src/interpret/exactness/glossary.ts';
import { SpeechRenderings } from '../../../src/interpret/fused/speech-renderings.ts';
import type { Interpreters } from '../../../src/interpret/rendering/rendering.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { FanOut } from '../../../src/media/play/fan-out.ts';
import { LocalThreads } from '../../../src/media/thread/local-threads.ts';
import type { Layout } from '../../../src/protocol/recording/recorder-orders.ts';
import type { RecorderReport } from '../../../src/protocol/recording/recorder-reports.ts';
import { Recorder } from '../../../workers/recording/recorder.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { BenchLeg } from '../../bench/interpret/bench-leg.ts';
import { PROFILES } from '../../bench/interpret/engine-profiles.ts';
import { makeInterpreters } from '../../bench/interpret/make-interpreters.ts';
import { SpeakerSound } from '../../bench/interpret/speech-sound.ts';
import { TimelineMt } from '../../bench/interpret/timeline-mt.ts';
import { TimelineStt } from '../../bench/interpret/timeline-stt.ts';
import { TimelineTts } from '../../bench/interpret/timeline-tts.ts';
import { conversation, type Turn } from '../../bench/interpret/timelines.ts';
import { removeFolder } from '../../support/folders.ts';
import { eventually } from '../../support/waiting.ts';
import { CountingTranslator } from './counting-translator.ts';

const LIMIT_MS = 30_000;
const WORD_MS = 300;
/** Times of which no sum is a limit of the interpreter's own to the µs, which nothing that is recorded could tell. */
const PROFILE = { ...PROFILES.standard, updateMs: 247.3 };
const TAKE_MS = 100;

export interface FreshCall {
  /** By party, in order: what each speaks. */
  readonly languages: readonly string[];
  /** When each begins to speak, in ms of the call, and what they say in one go. */
  readonly says: readonly { readonly party: number; readonly atMs: number; readonly turn: Turn }[];
  readonly rateHz: number;
  readonly layout: Layout;
  readonly seed: number;
  readonly keyHex?: string;
  readonly announce?: boolean;
  /** It is interpreted by a fused provider, which speaks or only writes. Default by engines. */
  readonly fused?: 'speaks' | 'writes';
  /** Who refuses to be recorded from the beginning on, by place. */
  readonly refuses?: number;
}

/** Turns that take a few seconds each, one after the other, by the parties in turns. */
export function dialogue(parties: number, turns: number, seed: number): FreshCall['says'] {
  let atMs = 2_000;
  return conversation(turns, seed).map((turn, index) => {
    const said = { party: index % parties, atMs, turn };
    // Sometimes before the other has ended.
    atMs += turn.lengthMs + (index % 3 === 2 ? -400 : 1_500);
    return said;
  });
}

interface Speaker {
  readonly leg: BenchLeg;
  readonly sound: SpeakerSound;
  readonly stt: TimelineStt;
}

/** @returns the folder of the recorded call. */
export async function recordFresh(t: TestContext, call: FreshCall): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-fresh-'));
  t.after(() => removeFolder(directory));
  const folder = join(directory, '2026/01/01/call');
  const clock = new FakeClock();
  const modules = await loadMediaModules();
  const reports: RecorderReport[] = [];
  const recorder = new Recorder({ clock, modules, report: (report) => reports.push(report) });
  if (call.keyHex !== undefined) {
    recorder.take({ type: 'order', order: { type: 'seal', keyHex: call.keyHex } });
  }
  const speakers = call.languages.map((): Speaker => {
    const { seed } = call;
    const stt = new TimelineStt({ clock, profile: PROFILE, stability: 'by-word', seed });
    return {
      ...{ stt, sound: new SpeakerSound(call.rateHz) },
      leg: new BenchLeg(call.rateHz, () => clock.nowMs()),
    };
  });
  const switchboard = new Switchboard(
    { uuidTimeoutMs: 5_000, waitLimitMs: 600_000, maxLegs: 20 },
    {
      pool: new LocalThreads(modules, clock, true),
      fanOut: new FanOut(modules, clock),
      ...{ clock, log: silentLog, recorder: intoFolder(recorder, clock, { ...call, directory, folder }) },
      seating: seatingOf(call),
      interpreters: interpretersOf(call, speakers, clock),
      announcements: (_language, fact) =>
        call.announce === true && fact === 'interpreter'
          ? { rateHz: 16_000, pcm: new Int16Array(16_000).map((_, i) => ((i * 7_919) % 8_000) - 4_000) }
          : undefined,
    },
  );
  for (const [party, { leg }] of speakers.entries()) {
    await clock.advance(7);
    switchboard.accept(leg, { name: 'test', languages: [], rejoinMs: 0 });
    leg.identify(String(party));
  }
  await talk(call, speakers, clock);
  const closed = switchboard.close();
  await clock.advance(5_000);
  await closed;
  await eventually('the recording is finished', LIMIT_MS, () =>
    reports.some(({ type }) => type === 'closed'),
  );
  await recorder.close();
  return folder;
}

/** All say what they say, and then nothing for a while. */
async function talk({ says }: FreshCall, speakers: readonly Speaker[], clock: FakeClock): Promise<void> {
  const startMs = clock.nowMs();
  const endMs = Math.max(...says.map(({ atMs, turn }) => atMs + turn.lengthMs)) + 15_000;
  for (let ms = 0; ms < endMs; ms += FRAME_MS) {
    let leftMs = FRAME_MS;
    for (const [party, { leg, sound, stt }] of speakers.entries()) {
      const said = says.findLast((each) => each.party === party && ms >= each.atMs);
      if (said !== undefined && ms - said.atMs < FRAME_MS) {
        stt.play(said.turn, startMs + ms);
      }
      leg.say(sound.frame(said?.turn.words ?? [], said === undefined ? -FRAME_MS : ms - said.atMs));
      // Frames of phones come a little early or late, and never at the very moment of anything else.
      const waitMs = 1.01 + (((ms / FRAME_MS) * 7 + party * 3) % 11) * 0.31;
      leftMs -= waitMs;
      await clock.advance(waitMs);
    }
    await clock.advance(leftMs);
  }
}

function interpretersOf(
  { languages, seed, fused }: FreshCall,
  speakers: readonly Speaker[],
  clock: Clock,
): (from: string, to: string) => Interpreters | undefined {
  const made = new Map<string, Interpreters>();
  return (from, to) => {
    const key = `${from} ${to}`;
    const speaker = speakers[languages.indexOf(from)];
    const known = made.get(key);
    if (known !== undefined || speaker === undefined) {
      return known;
    }
    if (fused !== undefined) {
      const translator = new CountingTranslator(clock, fused === 'speaks');
      const tts = new TimelineTts(clock, PROFILE, seed, WORD_MS);
      const rendering = new SpeechRenderings(
        fused === 'speaks' ? { translator } : { translator, tts },
        clock,
      );
      const interpreters: Interpreters = { type: 'fused', rendering };
      made.set(key, interpreters);
      return interpreters;
    }
    const engines = {
      stt: speaker.stt,
      mt: new TimelineMt(clock, PROFILE, seed, false),
      tts: new TimelineTts(clock, PROFILE, seed, WORD_MS),
    };
    const interpreters: Interpreters = { type: 'text', ...makeInterpreters(engines, clock) };
    made.set(key, interpreters);
    return interpreters;
  };
}

/** What the call is to be. */
export function planOf({ languages, announce = false }: FreshCall): CallPlan {
  return {
    kind: languages.length > 2 ? 'conference' : 'pair',
    languages,
    mode: 'bidirectional',
    translating: true,
    policy: 'clause',
    original: 'duck',
    matchDelay: false,
    drafts: true,
    codeSwitching: false,
    voices: new Map(),
    glossary: () => EMPTY_GLOSSARY,
    announce,
    joinTones: true,
    maxParties: 20,
    record: 'all',
    limitMs: undefined,
  };
}

function seatingOf(call: FreshCall): SeatingScheme {
  const { languages, refuses } = call;
  const plan = planOf(call);
  return {
    seat: async ({ facts: { uuid = '0' } }) => ({
      ...{ type: 'seat', callId: 'fresh', plan },
      party: {
        ...partyOf('abcdefgh'[Number(uuid)] ?? 'a', languages[Number(uuid)] ?? 'en'),
        ...(refuses === Number(uuid) ? { refusesRecording: true } : {}),
      },
    }),
    ended: () => {},
  };
}

/** What the server does with a call's sound and notes, without a process of its own. */
function intoFolder(
  recorder: Recorder,
  clock: Clock,
  { directory, folder, layout }: { directory: string; folder: string; layout: Layout },
): CallRecorder {
  return {
    announces: false,
    beepMs: undefined,
    keepsNotes: true,
    open: (_call, take, notes) => {
      recorder.take({ type: 'order', order: { type: 'open', call: 1, directory, folder, layout } });
      const pass = (): void => {
        recorder.take({ type: 'sound', call: 1, pieces: take() });
        recorder.take({ type: 'notes', call: 1, text: notes() });
      };
      const again = (): void => {
        pass();
        timer = clock.at(clock.nowMs() + TAKE_MS, again);
      };
      let timer = clock.at(clock.nowMs() + TAKE_MS, again);
      return {
        forget: (party) => recorder.take({ type: 'order', order: { type: 'forget', call: 1, party } }),
        lost: () => {},
        notesLost: () => {},
        close: () => {
          timer.cancel();
          pass();
          recorder.take({ type: 'order', order: { type: 'close', call: 1, command: [] } });
        },
      };
    },
  };
}
