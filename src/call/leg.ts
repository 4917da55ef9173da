/**
 * One party of a call: its connection, its media, its clock and its state. It routes: what the connection brings
 * goes to the media, what the media has ready goes to the connection, one frame each 20 ms from the first moment
 * to the last. Who it belongs with and what is said to it is the call's business.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { StateMachine } from '../base/state-table.ts';
import { FRAME_MS, frameBytes } from '../base/units.ts';
import type { MediaCounter } from '../media/leg-memory.ts';
import { MediaLeg } from '../media/media-leg.ts';
import type { MediaThreads } from '../media/media-pool.ts';
import { PaceSchedule } from '../media/pace-schedule.ts';
import { isDtmfKey } from '../media/tones.ts';
import type { CallTallies } from './call-tallies.ts';
import { LEG_STATES, type LegEvent, type LegState } from './leg-states.ts';
import type { LegTransport } from './leg-transport.ts';

/** The rate in Hz spoken at before the leg's own is known: Asterisk converts it for any channel. */
const FIRST_RATE_HZ = 8_000;

/** How long a frame that is not ready at its deadline is waited for, in ms: late is better than silent. */
const GRACE_MS = 5;

/** Media counters that mean something was dropped, and the queue's name in metrics. */
const DROP_QUEUES: ReadonlyMap<MediaCounter, string> = new Map([
  ['inboundLost', 'inbound'],
  ['liveLost', 'live'],
  ['liveTrimmed', 'live-late'],
  ['playoutDropped', 'playout'],
]);

/** What a leg tells its owner. */
export interface LegSink {
  identified(uuid: string): void;
  keyPressed(key: string): void;
  /** Returns whether the audio of this utterance is wanted. */
  speechStarted(speechStartMs: number): boolean;
  speech(pcm: Int16Array): void;
  speechPaused(silenceStartMs: number): void;
  speechResumed(): void;
  speechWasNone(): void;
  speechEnded(speechEndMs: number, decidedMs: number): void;
  stateChanged(state: LegState): void;
  /** The leg is gone; `reason` is a short name to count by. Nothing comes after. */
  ended(reason: string): void;
}

export interface LegDeps {
  readonly pool: MediaThreads;
  readonly clock: Clock;
  readonly log: Log;
  readonly tallies: CallTallies;
}

export interface LegCounts {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly mediaRestarts: number;
  readonly framesMissing: number;
  /** Times that a sign of life was given, and that the listener spoke into a translation for long. */
  readonly cues: number;
  readonly interruptions: number;
  /** Frames and pieces dropped, by the queue's name. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** Who a leg turned out to be. */
export interface LegIdentity {
  readonly uuid: string;
  readonly callId: string;
  readonly number: number;
  readonly language: Language;
}

export class Leg {
  readonly acceptedMs: number;
  readonly media: MediaLeg;
  /** Carries who the leg is, as far as that is known. */
  log: Log;
  identity: LegIdentity | undefined;
  readonly #transport: LegTransport;
  readonly #clock: Clock;
  readonly #tallies: CallTallies;
  readonly #sink: LegSink;
  readonly #states: StateMachine<LegState, LegEvent>;
  readonly #schedule: PaceSchedule;
  #silence = new Uint8Array(frameBytes(FIRST_RATE_HZ));
  /** Frames are not missed before the media thread has made its first. */
  #mediaReady = false;
  /** Set while a late frame is waited for. */
  #late: Timer | undefined;
  /** Why we end it, once we do. */
  #endReason: string | undefined;

  /** Starts sending at once. @param phaseMs when in each 20 ms its frames leave. */
  constructor(deps: LegDeps, transport: LegTransport, phaseMs: number, sink: LegSink) {
    this.#clock = deps.clock;
    this.#tallies = deps.tallies;
    this.#transport = transport;
    this.#sink = sink;
    this.log = deps.log.child({ remote: transport.remote });
    this.acceptedMs = this.#clock.nowMs();
    this.#states = new StateMachine(LEG_STATES, 'IDLE', (from, event) => {
      this.#tallies.illegalTransitions += 1;
      this.log.debug({ from, event }, 'a leg heard of something its state does not allow');
    });
    const firstMs = Math.ceil((this.acceptedMs - phaseMs) / FRAME_MS) * FRAME_MS + phaseMs;
    this.#schedule = new PaceSchedule(firstMs);
    this.media = new MediaLeg(deps.pool, deps.clock, this.log, phaseMs, {
      speechStarted: (startMs) => sink.speechStarted(startMs),
      speech: (pcm) => sink.speech(pcm),
      speechPaused: (silenceStartMs) => sink.speechPaused(silenceStartMs),
      speechResumed: () => sink.speechResumed(),
      speechWasNone: () => sink.speechWasNone(),
      speechEnded: (endMs, decidedMs) => sink.speechEnded(endMs, decidedMs),
    });
    transport.attach({
      identified: (uuid) => sink.identified(uuid),
      frame: (pcm, rateHz) => this.#receive(pcm, rateHz),
      spokenToOnlyAt: (rateHz) => this.media.speakAt(rateHz),
      key: (key) => this.#pressed(key),
      closed: (reason, error) => this.#closed(reason, error),
    });
    // Asterisk writes nothing until it has heard from us, so the first frame does not wait for its deadline.
    this.#sendSilence();
  }

  get state(): LegState {
    return this.#states.state;
  }

  get ended(): boolean {
    return this.state === 'DISCONNECTED';
  }

  /** Moves the leg through its table; whoever watches hears of it. */
  handle(event: LegEvent): void {
    if (this.#states.handle(event)) {
      this.#sink.stateChanged(this.state);
    }
  }

  /** Says who it is. From here on its log lines carry it. */
  identify(identity: LegIdentity): void {
    this.identity = identity;
    this.log = this.log.child({ call: identity.callId, leg: identity.number });
    this.handle('identified');
  }

  /** Sends what is due and passes on what was said. The pacer calls it once each 20 ms, late after a stall. */
  tick(nowMs: number): void {
    const forgivenBefore = this.#schedule.forgiven;
    const due = this.#schedule.due(nowMs);
    this.#tallies.framesForgiven += this.#schedule.forgiven - forgivenBefore;
    for (let i = 0; i < due; i += 1) {
      if (!this.#sendFrame() && i === 0) {
        this.#awaitFrame(nowMs);
      }
    }
    this.media.drainSpeech();
  }

  /** What it has counted itself; added to the tallies when it ends. */
  counts(): LegCounts {
    const dropped = new Map([
      ['socket', this.#transport.framesDropped],
      ['speech', this.media.speechLost],
    ]);
    for (const [counter, queue] of DROP_QUEUES) {
      dropped.set(queue, this.media.count(counter));
    }
    return {
      bytesIn: this.#transport.bytesIn,
      bytesOut: this.#transport.bytesOut,
      mediaRestarts: this.media.restarts,
      framesMissing: this.media.count('playoutMissing'),
      cues: this.media.count('cues'),
      interruptions: this.media.count('interruptions'),
      dropped,
    };
  }

  /** Ends the leg: asks the other end to hang up, then closes. `reason` is a short name to count by. */
  hangUp(reason: string, event: 'hang-up' | 'failed' = 'hang-up'): void {
    if (this.#endReason === undefined && !this.ended) {
      this.#endReason = reason;
      this.handle(event);
      this.#transport.hangUp();
    }
  }

  /** Sends the frame that is ready; false when none is. */
  #sendFrame(): boolean {
    const frame = this.media.takeFrame();
    if (frame === undefined) {
      return false;
    }
    this.#mediaReady = true;
    this.#tallies.framesOut += 1;
    this.#transport.send(frame, this.media.sendRateHz);
    return true;
  }

  /** Gives the media thread a moment more, then sends silence instead. */
  #awaitFrame(nowMs: number): void {
    if (!this.#mediaReady) {
      this.#sendSilence();
      return;
    }
    this.#late?.cancel();
    this.#late = this.#clock.at(nowMs + GRACE_MS, () => {
      this.#late = undefined;
      if (!this.#sendFrame()) {
        this.#tallies.framesMissing += 1;
        this.#sendSilence();
      }
    });
  }

  #sendSilence(): void {
    const rateHz = this.media.spokenToHz;
    const bytes = frameBytes(rateHz);
    if (this.#silence.length !== bytes) {
      this.#silence = new Uint8Array(bytes);
    }
    this.#tallies.framesOut += 1;
    this.#transport.send(this.#silence, rateHz);
  }

  #receive(pcm: Uint8Array, rateHz: number): void {
    this.#tallies.framesIn += 1;
    this.media.receive(pcm, rateHz, this.#clock.nowMs());
  }

  #pressed(key: string): void {
    if (isDtmfKey(key)) {
      this.#tallies.keys += 1;
      this.#sink.keyPressed(key);
    }
  }

  #closed(reason: string, error?: Error): void {
    if (this.ended) {
      return;
    }
    this.#late?.cancel();
    const ended = this.#endReason ?? reason;
    if (error !== undefined) {
      this.log.warn({ error }, 'a leg sent something that ends it');
      this.handle('failed');
    }
    this.handle('closed');
    this.#count(ended);
    this.media.close().catch((closeError: unknown) => {
      this.log.error({ error: closeError }, "a leg's media did not end as asked");
    });
    this.#sink.ended(ended);
  }

  #count(reason: string): void {
    const tallies = this.#tallies;
    const counts = this.counts();
    tallies.legsEnded.add(reason);
    tallies.bytesIn += counts.bytesIn;
    tallies.bytesOut += counts.bytesOut;
    tallies.mediaRestarts += counts.mediaRestarts;
    tallies.framesMissing += counts.framesMissing;
    tallies.cues += counts.cues;
    tallies.interruptions += counts.interruptions;
    for (const [queue, count] of counts.dropped) {
      tallies.dropped.add(queue, count);
    }
  }
}
