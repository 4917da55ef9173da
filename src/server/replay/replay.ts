/**
 * Plays a call again that was recorded with its notes: the same legs come and go at the same times, each with the frames
 * it had, through the switchboard, the media and the interpreter of this build. What comes of it is noted as it was in
 * the call, so the two can be compared.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { DrivenClock } from '../../base/driven-clock.ts';
import type { Log } from '../../base/log.ts';
import { FRAME_MS } from '../../base/units.ts';
import type { AnnouncementBook } from '../../call/announcing.ts';
import type { InterpreterBook } from '../../call/call-interpreting.ts';
import { PEER_HANGUP } from '../../call/leg-transport.ts';
import type { CallPlan, PartyPlan } from '../../call/plan.ts';
import { CALL_NOTE, type CallNote } from '../../call/recording/call-notes.ts';
import type { Recorded, Recorder } from '../../call/recording/recorder.ts';
import type { DoorFacts, SeatingScheme } from '../../call/seating/seating.ts';
import { Switchboard } from '../../call/switchboard.ts';
import { EMPTY_GLOSSARY, Glossary } from '../../interpret/exactness/glossary.ts';
import { HEARD_QUALITY, Resampler } from '../../media/dsp/resampler.ts';
import type { MediaModules } from '../../media/dsp/wasm.ts';
import { FanOut } from '../../media/play/fan-out.ts';
import { LocalThreads } from '../../media/thread/local-threads.ts';
import { decodeG711 } from '../../protocol/g711.ts';
import type { SoundPiece } from '../../protocol/recording/recorder-orders.ts';
import type { RecordedCall, RecordedTrack } from './recorded-call.ts';
import { ReplayLeg } from './replay-leg.ts';
import type { SavedCall } from './saved-call.ts';
import { SpokenLanguages } from './spoken-languages.ts';

export interface ReplayOptions {
  /** What interprets; it is told when the call begins, on the clock. */
  readonly interpreters: (startMs: number) => InterpreterBook;
  /** What parties are told of the interpreter and the recording; undefined: for as long as they were in the call. */
  readonly announcements: AnnouncementBook | undefined;
  /** Moves on: one that jumps, or the machine's, by which the call takes as long as it took. */
  readonly clock: DrivenClock | Clock;
  /** Is given the sound and the notes of the call as it is now. Default nobody is. */
  readonly saved?: SavedCall | undefined;
  readonly modules: MediaModules;
  readonly log: Log;
}

type First = Extract<CallNote, { readonly type: 'call' }>;

/** Something that happens to the call, at a time of its own clock. */
interface Step {
  readonly atMs: number;
  readonly run: () => void;
}

const CALL_ID = 'replayed';
/** A place is kept for who comes back; who does not has hung up, and is not waited for. */
const DOOR: DoorFacts = { name: 'recording', languages: [], rejoinMs: 60_000 };
/** How often notes are collected, in ms. */
const COLLECT_MS = 100;
/** What ends with the call is through by then, in ms. */
const AFTER_MS = 3_000;
/** The beginning of the call on a clock that jumps; a multiple of a frame. */
const BEGIN_MS = 10_000;
/** A leg has its place by then, in ms after it has said whose it is. */
const SEATED_MS = 1;
/** Legs whose connection ended, but not their party's place. */
const LOST = 'peer-closed';

/**
 * @returns the notes of the call as it is now. @throws AppError `file-unreadable` where the folder has no notes, or the
 *   voices of the call are not all in it.
 */
export async function replay(call: RecordedCall, options: ReplayOptions): Promise<readonly CallNote[]> {
  const first = call.beginning;
  const { clock, modules, log, saved } = options;
  const startMs = await beginning(clock, first.phaseMs);
  const collected: string[] = [];
  const recorder = new Collector(first, clock, (text, pieces) => {
    collected.push(text);
    saved?.note(text);
    saved?.add(pieces);
  });
  const switchboard = new Switchboard(
    { uuidTimeoutMs: 5_000, waitLimitMs: 86_400_000, maxLegs: 1_000 },
    {
      pool: new LocalThreads(modules, clock, true),
      fanOut: new FanOut(modules, clock),
      ...{ clock, log, recorder },
      seating: new ReplaySeating(
        call.notes,
        planOf(first, call.notes, saved === undefined ? 'voices' : 'all'),
      ),
      interpreters: options.interpreters(startMs),
      announcements: options.announcements ?? announcementsOf(call.notes),
    },
  );
  for (const { atMs, run } of await stepsOf(call, switchboard, modules)) {
    await passUntil(clock, startMs + atMs);
    run();
  }
  await passUntil(clock, clock.nowMs() + AFTER_MS);
  const closed = switchboard.close();
  await passUntil(clock, clock.nowMs() + AFTER_MS);
  await closed;
  recorder.close();
  return collected
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => CALL_NOTE.parse(JSON.parse(line)));
}

/** Waits for a moment that is as far from a multiple of a frame as the call's beginning was. */
async function beginning(clock: DrivenClock | Clock, phaseMs: number): Promise<number> {
  const soonMs = clock instanceof DrivenClock ? BEGIN_MS : clock.nowMs() + FRAME_MS;
  const startMs = Math.ceil(soonMs / FRAME_MS) * FRAME_MS + phaseMs;
  await passUntil(clock, startMs);
  return startMs;
}

async function passUntil(clock: DrivenClock | Clock, atMs: number): Promise<void> {
  if (clock instanceof DrivenClock) {
    await clock.advanceTo(atMs);
  } else if (atMs > clock.nowMs()) {
    await clock.sleep(atMs - clock.nowMs(), new AbortController().signal);
  }
}

/** All that came from outside, in order: legs, their frames, and what was changed of the call. */
async function stepsOf(
  call: RecordedCall,
  switchboard: Switchboard,
  modules: MediaModules,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const legs = new Map<string, ReplayLeg>();
  const tracks = new Map<string, RecordedTrack>();
  const came = new Set<string>();
  const sounds = new FrameSounds(modules);
  for (const note of call.notes) {
    if (note.type === 'leg') {
      tracks.set(note.party, await call.track(note.number, 'voice'));
      const leg = new ReplayLeg();
      steps.push({
        atMs: note.acceptedMs,
        run: () => {
          legs.set(note.party, leg);
          switchboard.accept(leg, DOOR);
        },
      });
      steps.push({ atMs: note.atMs, run: () => leg.identify(note.party) });
      if (came.has(note.party)) {
        const { party, language, original, hears, muted } = note;
        const run = (): void =>
          void switchboard.calls.get(CALL_ID)?.changeParty(party, { language, original, hears, muted });
        steps.push({ atMs: note.atMs + SEATED_MS, run });
      }
      came.add(note.party);
    } else if (note.type === 'left') {
      const comesBack = call.notes.some(
        (other) => other.type === 'leg' && other.party === note.party && other.n > note.n,
      );
      steps.push({
        atMs: note.atMs,
        run: () => {
          legs.get(note.party)?.end(comesBack ? LOST : PEER_HANGUP);
          legs.delete(note.party);
        },
      });
    } else if (note.type === 'voice') {
      const { party, rateHz, late } = note;
      for (const [index, lateUs] of late.entries()) {
        const frame = note.frame + index;
        steps.push({
          atMs: frame * FRAME_MS + lateUs / 1_000,
          run: () => {
            const sound = tracks.get(party)?.frame(frame);
            if (sound !== undefined) {
              legs.get(party)?.say(sounds.at(party, sound, rateHz), rateHz);
            }
          },
        });
      }
    } else if (note.type === 'event') {
      const { event } = note;
      if (event.type === 'party-changed') {
        const { party, name, language } = event;
        const run = (): void => void switchboard.calls.get(CALL_ID)?.changeParty(party, { name, language });
        steps.push({ atMs: event.atMs, run });
      } else if (event.type === 'call-changed') {
        const { type: _, atMs, ...change } = event;
        steps.push({ atMs, run: () => switchboard.calls.get(CALL_ID)?.changePlan(change) });
      }
    }
  }
  return steps.sort((one, other) => one.atMs - other.atMs);
}

/** Frames at the rate at which they came: of parties of several rates a file has the highest. */
class FrameSounds {
  readonly #modules: MediaModules;
  readonly #resamplers = new Map<string, Resampler>();

  constructor(modules: MediaModules) {
    this.#modules = modules;
  }

  at(
    party: string,
    sound: { readonly rateHz: number; readonly pcm: Int16Array },
    rateHz: number,
  ): Int16Array {
    if (sound.rateHz === rateHz) {
      return sound.pcm;
    }
    const key = `${party} ${sound.rateHz} ${rateHz}`;
    const resampler =
      this.#resamplers.get(key) ?? new Resampler(this.#modules, sound.rateHz, rateHz, HEARD_QUALITY);
    this.#resamplers.set(key, resampler);
    return resampler.process(sound.pcm);
  }
}

/** Each party at the place it had, as what it came first: what it was known as later, it becomes then. */
class ReplaySeating implements SeatingScheme {
  readonly #parties = new Map<string, PartyPlan>();
  readonly #plan: CallPlan;

  constructor(notes: readonly CallNote[], plan: CallPlan) {
    this.#plan = plan;
    for (const note of notes) {
      if (note.type === 'leg' && !this.#parties.has(note.party)) {
        const { party: id, language, original, hears, muted } = note;
        this.#parties.set(id, { id, name: id, language, voice: undefined, original, hears, muted });
      }
    }
  }

  async seat({
    facts: { uuid = '' },
  }: Parameters<SeatingScheme['seat']>[0]): ReturnType<SeatingScheme['seat']> {
    const party = this.#parties.get(uuid);
    return party === undefined
      ? { type: 'refused', reason: 'unknown-place', explanation: 'the call had no such party' }
      : { type: 'seat', callId: CALL_ID, party, plan: this.#plan };
  }

  ended(): void {}
}

function planOf({ plan }: First, notes: readonly CallNote[], record: Recorded): CallPlan {
  const glossaries = new Map<string, Glossary>();
  const spoken = new SpokenLanguages();
  for (const note of notes) {
    spoken.hear(note);
    if (note.type === 'engines' && note.terms.length > 0) {
      glossaries.set(`${spoken.of(note.party)} ${note.to}`, new Glossary(new Map(note.terms)));
    }
  }
  return {
    ...plan,
    voices: new Map(),
    glossary: (from, to) => glossaries.get(`${from} ${to}`) ?? EMPTY_GLOSSARY,
    record,
    limitMs: undefined,
  };
}

function announcementsOf(notes: readonly CallNote[]): AnnouncementBook {
  return (language, fact) => {
    const note = notes.find(
      (each) => each.type === 'announcement' && each.language === language && each.fact === fact,
    );
    return note?.type === 'announcement'
      ? { rateHz: note.rateHz, pcm: decodeG711(Buffer.from(note.muLaw, 'base64'), 'mu-law') }
      : undefined;
  };
}

/** The recorder of the call that is played again. */
class Collector implements Recorder {
  readonly keepsNotes = true;
  readonly announces: boolean;
  readonly beepMs: number | undefined;
  readonly #clock: Clock;
  readonly #keep: (notes: string, pieces: readonly SoundPiece[]) => void;
  #timer: Timer | undefined;

  constructor(
    { announces, beepMs }: First,
    clock: Clock,
    keep: (notes: string, pieces: readonly SoundPiece[]) => void,
  ) {
    this.announces = announces;
    this.beepMs = beepMs;
    this.#clock = clock;
    this.#keep = keep;
  }

  open(_: unknown, take: () => readonly SoundPiece[], notes: () => string): ReturnType<Recorder['open']> {
    const collect = (): void => {
      const pieces = take();
      this.#keep(notes(), pieces);
      this.#timer = this.#clock.at(this.#clock.nowMs() + COLLECT_MS, collect);
    };
    collect();
    return {
      forget: () => {},
      lost: () => {},
      notesLost: () => {},
      close: () => {
        this.close();
        const pieces = take();
        this.#keep(notes(), pieces);
      },
    };
  }

  close(): void {
    this.#timer?.cancel();
  }
}
