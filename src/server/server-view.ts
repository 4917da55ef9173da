/** What the running server shows of itself, read when metrics, health or calls are asked for. */

import type { CountSums } from '../base/counts.ts';
import type { Language } from '../base/language.ts';
import type { LongWork } from '../base/long-work.ts';
import type { CallEvent } from '../call/call-events.ts';
import type { PartyState } from '../call/leg-states.ts';
import type { CallPlan, OriginalMode, PartyHearing } from '../call/plan.ts';
import type { RecordingState } from '../call/recording/recorder.ts';
import type { RegisteredCall } from '../call/seating/registered-calls.ts';
import type { EndListener } from '../call/switchboard.ts';
import type { ThreadTime } from '../media/thread/media-pool.ts';
import type { AgentBook } from './doors/agent-book.ts';
import type { DoorHealth } from './doors/door.ts';
import type { Whispering } from './doors/whispering.ts';

/** What is so at one moment. */
export interface ServerState {
  readonly draining: boolean;
  readonly legsActive: number;
  readonly callsActive: number;
  /** Only states that legs are in appear, and DETACHED for parties that have lost theirs. */
  readonly legsByState: ReadonlyMap<PartyState, number>;
  readonly maxLegs: number;
  readonly mediaThreads: number;
  /** Since the start. */
  readonly mediaThreadsHung: number;
  /** Speech that waits on the leg where most of it does, in ms. */
  readonly longestBacklogMs: number;
  /** How long what arrives is held back to be in order, on the leg where it is longest, in ms. */
  readonly longestHeldMs: number;
  /** How fast translations are spoken, on the leg where that is fastest; 1: at their natural speed. */
  readonly highestTempo: number;
  /** Frames that arrived and were not heard yet, and segments that wait to be heard, of all legs. */
  readonly framesUnheard: number;
  readonly segmentsWaiting: number;
  /** By the name of the door; doors without legs are there, too. */
  readonly legsByDoor: ReadonlyMap<string, number>;
  readonly partiesByLanguage: ReadonlyMap<Language, number>;
  readonly renderings: readonly RenderedDirection[];
  /** The main thread and the media threads, where the system says how long they ran. */
  readonly threads: readonly ThreadTime[];
}

/** How many parties who speak `from` are rendered in `to`. */
export interface RenderedDirection {
  readonly from: Language;
  readonly to: Language;
  readonly count: number;
}

/** A call that can be watched while it runs. */
export interface CallView {
  readonly callId: string;
  /** What it is called where it is shown. */
  readonly shownId: string;
  /** See {@link Call.version}. */
  readonly version: number;
  /** Whether it is kept now; `off`: nothing of it is, or will be. */
  readonly recording: RecordingState;
  readonly startedAt: Date;
  readonly plan: Pick<
    CallPlan,
    'kind' | 'mode' | 'translating' | 'policy' | 'original' | 'matchDelay' | 'metadata' | 'traceparent'
  >;
  readonly parties: readonly PartyView[];
}

export interface PartyView {
  readonly party: string;
  readonly name: string;
  readonly language: string;
  /** Undefined: that of the language it is rendered in. */
  readonly voice: string | undefined;
  /** Undefined: as the call's plan says. */
  readonly original: OriginalMode | undefined;
  readonly hears: PartyHearing;
  /** Whether nobody hears it. */
  readonly muted: boolean;
  readonly state: PartyState;
  /** As far as it is listened to. */
  readonly speaking: boolean;
  /** What is still to be said to it, in ms. */
  readonly backlogMs: number;
}

/** A way in, and where it listens, if it does. */
export interface DoorView {
  /** `audiosocket 127.0.0.1:5050`. */
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  readonly health: DoorHealth;
}

/** What the HTTP and metrics servers may ask of the running server. */
export interface ServerView {
  /** In the order in which they were opened. */
  readonly doors: readonly DoorView[];
  /** Interprets calls that run without us, where there is a door that can. */
  readonly whispering?: Whispering | undefined;
  /** Machines that answer by themselves, where there is a door that fetches them. */
  readonly agents?: AgentBook | undefined;
  state(): ServerState;
  /** Everything that was counted since the process started, by all objects, those that are gone included. */
  totals(): CountSums;
  /** The same, a little in each turn of the loop; see {@link Switchboard.totalsSlowly}. */
  totalsSlowly(work: LongWork): Promise<CountSums>;
  calls(): readonly CallView[];
  /** Calls that are registered and that nobody has come to yet. */
  registered(): readonly RegisteredCall[];
  /** Undefined when it does not run. */
  call(callId: string): CallView | undefined;
  /** See {@link Switchboard.transferOf}. */
  transferOf(uuid: string): string | undefined;
  /**
   * How loud each party of a call has spoken since this was last asked, 0 to 100, in the order of its parties; none where
   * it does not run. For one who asks.
   */
  levels(callId: string): readonly number[];
  /** Hears every event of every call until `signal` aborts. What the listener throws is logged and hurts nobody. */
  watch(listener: (callId: string, event: CallEvent) => void, signal: AbortSignal): void;
  /** Hears of each registered call that is forgotten because nobody came to it in time, until `signal` aborts. */
  watchUnattended(listener: (call: RegisteredCall) => void, signal: AbortSignal): void;
}

/** Tells what is kept of calls. */
export interface EndedCalls {
  /** Hears of each call that is over, after its last event, until `signal` aborts. What the listener throws is logged. */
  watchEnds(listener: EndListener, signal: AbortSignal): void;
}
