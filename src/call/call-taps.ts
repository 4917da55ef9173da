/**
 * What takes the sound of a call's legs beside the conversation: its recording, whoever listens, and voices that are taken
 * to make one of. Each of them loses a party with its leg, and takes nothing of a party that does not want to be kept.
 */

import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import type { MediaModules } from '../media/dsp/wasm.ts';
import { type AnnouncementBook, announce, announceListening } from './announcing.ts';
import type { CallEvent } from './call-events.ts';
import type { InterpretationOptions } from './interpretation.ts';
import type { Leg } from './leg.ts';
import { CallListeners } from './listening/call-listeners.ts';
import type { ListenedSound, ListeningWish } from './listening/listened-sound.ts';
import type { Party } from './party.ts';
import type { CallPlan } from './plan.ts';
import { CallRecording, type CallRecordingOptions } from './recording/call-recording.ts';
import type { Recorder, RecordingState } from './recording/recorder.ts';
import type { Resuming } from './resuming.ts';
import { type TakingEnd, VoiceTaking } from './voice-taking.ts';

/** What it works with, and for all calls alike. */
export interface TapsDeps {
  readonly clock: Clock;
  readonly modules: MediaModules;
  readonly announcements: AnnouncementBook;
  /** Where calls are kept whose plan says so; undefined: nowhere. */
  readonly recorder: Recorder | undefined;
}

/** The call that it is of. */
export interface TappedCall {
  readonly shownId: string;
  readonly startedAt: Date;
  /** The zero of the call's own time, on the clock. */
  readonly startMs: number;
  readonly parties: ReadonlyMap<string, Party>;
  /** What it goes on with; undefined: it has begun here. */
  readonly resuming: Resuming | undefined;
  readonly log: Log;
  /** Ms since the call began. */
  nowMs(): number;
  emit(event: CallEvent): void;
  /** What is kept of the call is not what it was. */
  recordingChanged(): void;
  /** A party has heard to its end that it is recorded. */
  toldRecorded(): void;
  /** A voice is taken that was not, or the other way round: its party is to be listened to, or need not be. */
  takingsChanged(): void;
}

export class CallTaps {
  readonly #deps: TapsDeps;
  readonly #call: TappedCall;
  readonly #listeners: CallListeners;
  /** By party, whose voice is being taken. */
  readonly #takings = new Map<string, VoiceTaking>();
  #recording: CallRecording | undefined;

  constructor(deps: TapsDeps, call: TappedCall) {
    this.#deps = deps;
    this.#call = call;
    const { clock, modules } = deps;
    this.#listeners = new CallListeners({
      ...{ modules, clock, log: call.log, startMs: call.startMs },
      told: ({ party, what, by }, listening, state) =>
        call.emit({ type: 'listened', atMs: call.nowMs(), party, by, what, listening, state }),
    });
  }

  get parts(): readonly Counted[] {
    return [this.#listeners];
  }

  /** What is kept of it now; `off` where nothing is, or nothing can be. */
  get recording(): RecordingState {
    return this.#recording?.state ?? 'off';
  }

  /** Gets ready to keep the call as its plan says, or begins to. Call it once, before the first leg. */
  record(plan: CallPlan): void {
    const { log, parties, resuming } = this.#call;
    const { recorder, clock } = this.#deps;
    const kept = { ...plan, ...resuming?.recorded(plan) };
    const { record = 'off', recordStart = 'at-once' } = kept;
    if (recorder === undefined || record === 'off') {
      return;
    }
    this.#recording = new CallRecording({
      ...{ recorder, clock, what: record, start: recordStart, plan: kept },
      ...this.#recordedFrom(),
      announce: (id) => {
        const party = parties.get(id);
        if (party !== undefined) {
          announce('recording', party, this.announcements, () => this.#call.toldRecorded());
        }
      },
      changed: (state) => {
        this.#call.recordingChanged();
        log.info({ state }, 'the recording of a call has changed');
        this.#call.emit({ type: 'recording', atMs: this.#call.nowMs(), state });
      },
      leftOut: (party) =>
        log.warn({ party }, 'a party is not recorded: 256 others of its call have been, as many as can be'),
      full: (full) => {
        log.warn({ full }, 'the disk has no room for the recording of a call, or has again');
        this.#call.emit({ type: 'recording-full', atMs: this.#call.nowMs(), full });
      },
    });
  }

  /** Keeps it from now on, pauses that, or ends it for good. @returns whether that can be. */
  setRecording(state: RecordingState): boolean {
    return this.#recording === undefined ? state === 'off' : this.#recording.set(state);
  }

  /** Tells everyone what is kept of them and who listens, as far as they have not heard it; see {@link announce}. */
  announce(): void {
    this.#recording?.announce();
    for (const id of this.#takings.keys()) {
      const party = this.#call.parties.get(id);
      if (party !== undefined) {
        announce('enrolment', party, this.#deps.announcements, () => {});
      }
    }
    if (this.#listeners.areTold) {
      for (const party of this.#call.parties.values()) {
        announceListening(party);
      }
    }
  }

  /** Asked when somebody is told: what is said by it is noted where the call is kept. */
  readonly announcements: AnnouncementBook = (language, fact) => {
    const announcement = this.#deps.announcements(language, fact);
    if (announcement !== undefined) {
      this.#recording?.announced(language, fact, announcement);
    }
    return announcement;
  };

  /** Hears what engines answer of what a party says; undefined: that is not kept. */
  answersOf(party: string): InterpretationOptions['answered'] {
    return this.#recording?.answersOf(party);
  }

  /** The call tells this. */
  hear(event: CallEvent): void {
    this.#recording?.hear(event);
  }

  /** A party is on this leg from now on. */
  attach({ id, plan }: Party, leg: Leg): void {
    this.#recording?.attach(plan, leg);
    this.#listeners.attach(id, leg);
  }

  /** A party has lost its leg: call it before the leg's media closes. */
  detach(party: string): void {
    this.#recording?.detach(party);
    this.#listeners.detach(party);
    this.endTaking(party, 'left');
  }

  /** A party does not want to be kept, in this call, from its beginning to its end. */
  refuse(party: string): void {
    this.#recording?.refuse(party);
    this.#listeners.refuse(party);
    this.endTaking(party, 'refused');
  }

  /** A party has left for good. */
  left(party: string): void {
    this.#listeners.left(party);
  }

  /**
   * Somebody listens to a party from now on; see {@link CallListeners.open}.
   * @returns `not-there` when there is no such party, or it has no leg at the moment.
   */
  listen(party: string, wish: ListeningWish): ListenedSound | 'full' | 'refused' | 'not-there' {
    const { parties } = this.#call;
    const leg = parties.get(party)?.leg;
    if (leg === undefined) {
      return 'not-there';
    }
    const sound = this.#listeners.open(party, leg, wish);
    if (wish.tone && typeof sound === 'object') {
      for (const { facts } of parties.values()) {
        // Who was told so before was told of another listener.
        facts.forget('listening');
      }
      this.announce();
    }
    return sound;
  }

  /**
   * Takes a party's own voice, so that a voice can be made of it, from the next that it says on; it is told so.
   * @param wantedMs how much speech is enough. @returns what it becomes, or why it is not taken.
   */
  takeVoice(id: string, wantedMs: number): VoiceTaking | 'not-there' | 'refused' | 'being-taken' {
    const { parties, log } = this.#call;
    const party = parties.get(id);
    if (party?.leg === undefined) {
      return 'not-there';
    }
    if (party.plan.refusesRecording === true) {
      return 'refused';
    }
    if (this.#takings.has(id)) {
      return 'being-taken';
    }
    const taking = new VoiceTaking(wantedMs, () => {
      this.#takings.delete(id);
      party.interpretation.overhear(undefined);
      log.info({ party: id, soundMs: taking.soundMs }, 'no more is taken of a voice');
      this.#call.takingsChanged();
    });
    this.#takings.set(id, taking);
    log.info({ party: id, wantedMs }, 'the voice of a party is taken, to make one of it');
    // Whoever was told so before was told of another.
    party.facts.forget('enrolment');
    this.announce();
    party.interpretation.overhear((event) => taking.hear(event));
    this.#call.takingsChanged();
    return taking;
  }

  /** Whether a party's voice is being taken. */
  takesVoiceOf(party: string): boolean {
    return this.#takings.has(party);
  }

  /** No more is taken of a party's voice, if any is. */
  endTaking(party: string, why: TakingEnd): void {
    this.#takings.get(party)?.stop(why);
  }

  /** Takes nothing any more. Idempotent. */
  close(): void {
    this.#recording?.close();
    this.#listeners.close();
  }

  /** A call that goes on has a part of its recording for itself, which begins here. */
  #recordedFrom(): Pick<CallRecordingOptions, 'startMs' | 'call' | 'continued'> {
    const { clock } = this.#deps;
    const { shownId, startedAt, startMs, resuming } = this.#call;
    return resuming === undefined
      ? { startMs, call: { shownId, startedAt } }
      : {
          startMs: clock.nowMs(),
          call: { shownId, startedAt: clock.wallTime() },
          continued: true,
        };
  }
}
