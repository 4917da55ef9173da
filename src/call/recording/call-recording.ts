/**
 * The recording of one call: taps its legs while it is on, tells everyone so in their language and by a tone, and leaves
 * out who does not want to be kept. It touches nothing of the sound's way: where the recorder is slow, what is kept has
 * gaps and nobody hears any.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { LegTap } from '../../media/record/leg-tap.ts';
import { type SoundPiece, TRACKS, type Track } from '../../protocol/recording/recorder-orders.ts';
import type { Leg } from '../leg.ts';
import type {
  OpenRecording,
  Recorded,
  RecordedCall,
  Recorder,
  RecordingStart,
  RecordingState,
} from './recorder.ts';

/** Parties are told apart by a number of 8 bits. */
const MOST_PARTIES = 256;
/** By where parties are in the alphabet: callers whose place is known are `a`, and left in stereo. */
const FIRST_LETTER = 'a'.charCodeAt(0);

const TRACKS_OF: Readonly<Record<Exclude<Recorded, 'off'>, ReadonlySet<Track>>> = {
  voices: new Set(['voice']),
  heard: new Set(['heard']),
  all: new Set(TRACKS),
};

export interface CallRecordingOptions {
  readonly recorder: Recorder;
  readonly call: RecordedCall;
  /** When the call began, on the clock. */
  readonly startMs: number;
  readonly what: Exclude<Recorded, 'off'>;
  readonly start: RecordingStart;
  readonly clock: Clock;
  /** Who is there is to be told in words that it is recorded. */
  readonly announce: (leg: Leg, party: string) => void;
  readonly changed: (state: RecordingState) => void;
}

interface Tapped {
  readonly party: string;
  readonly leg: Leg;
  readonly tap: LegTap;
  told: boolean;
  lostBefore: number;
}

export class CallRecording {
  readonly #options: CallRecordingOptions;
  readonly #numbers = new Map<string, number>();
  readonly #tapped = new Map<string, Tapped>();
  readonly #refused = new Set<string>();
  /** Of legs that have ended, until it is asked for. */
  #left: SoundPiece[] = [];
  #open: OpenRecording | undefined;
  #state: RecordingState;
  #beep: Timer | undefined;

  constructor(options: CallRecordingOptions) {
    this.#options = options;
    this.#state = options.start === 'at-once' ? 'on' : 'paused';
    if (this.#state === 'on') {
      this.#begin();
    }
  }

  get state(): RecordingState {
    return this.#state;
  }

  /** A party is on this leg from now on. */
  attach(party: string, leg: Leg): void {
    if (this.#state !== 'off' && !this.#refused.has(party)) {
      this.#number(party);
      const { startMs, what } = this.#options;
      const tap = leg.media.tap(startMs, TRACKS_OF[what]);
      const tapped: Tapped = { party, leg, tap, told: false, lostBefore: 0 };
      this.#tapped.set(party, tapped);
      this.#order(tapped);
    }
  }

  /** A party has lost its leg: call it before the leg's media closes. */
  detach(party: string): void {
    const tapped = this.#tapped.get(party);
    if (tapped !== undefined) {
      this.#left.push(...this.#taken(tapped, true));
      this.#tapped.delete(party);
    }
  }

  /** Pauses it, goes on, or ends it for good. @returns whether that can be: what has ended does not begin again. */
  set(state: RecordingState): boolean {
    if (this.#state === 'off' && state !== 'off') {
      return false;
    }
    if (state !== this.#state) {
      // What has come by now is still of the state before.
      this.#left.push(...this.#takeAll());
      this.#state = state;
      if (state === 'on') {
        this.#begin();
      } else {
        this.#beep?.cancel();
      }
      for (const tapped of this.#tapped.values()) {
        this.#order(tapped);
      }
      this.#options.changed(state);
      if (state === 'off') {
        this.close();
      }
    }
    return true;
  }

  /** A party does not want to be kept, in this call, from its beginning to its end. */
  refuse(party: string): void {
    if (!this.#refused.has(party)) {
      this.#refused.add(party);
      this.#left = [];
      const tapped = this.#tapped.get(party);
      this.#tapped.delete(party);
      tapped?.leg.media.order({ recorded: false });
      for (const { tap } of this.#tapped.values()) {
        tap.skip();
      }
      this.#open?.forget(this.#number(party));
    }
  }

  /** Takes what is left, and no more. Idempotent. */
  close(): void {
    this.#beep?.cancel();
    for (const party of [...this.#tapped.keys()]) {
      this.#tapped.get(party)?.leg.media.order({ recorded: false });
      this.detach(party);
    }
    this.#open?.close();
    this.#open = undefined;
    this.#state = 'off';
  }

  #begin(): void {
    const { recorder, call, clock } = this.#options;
    this.#open ??= recorder.open(call, () => this.#give());
    const { beepMs } = recorder;
    if (beepMs !== undefined) {
      const beep = (): void => {
        for (const { leg } of this.#tapped.values()) {
          leg.media.playTone('recorded');
        }
        this.#beep = clock.at(clock.nowMs() + beepMs, beep);
      };
      this.#beep = clock.at(clock.nowMs() + beepMs, beep);
    }
  }

  #order(tapped: Tapped): void {
    const on = this.#state === 'on';
    tapped.leg.media.order({ recorded: on && this.#options.what !== 'voices' });
    if (on) {
      tapped.tap.skip();
      if (!tapped.told && this.#options.recorder.announces) {
        tapped.told = true;
        this.#options.announce(tapped.leg, tapped.party);
      }
    }
  }

  #give(): readonly SoundPiece[] {
    const pieces = [...this.#left, ...this.#takeAll()];
    this.#left = [];
    return pieces;
  }

  #takeAll(): readonly SoundPiece[] {
    return [...this.#tapped.values()].flatMap((tapped) => this.#taken(tapped, false));
  }

  /** What a leg has, if it is to be kept; what others heard may hold the voice of who refused. */
  #taken(tapped: Tapped, last: boolean): readonly SoundPiece[] {
    if (this.#state !== 'on') {
      tapped.tap.skip();
      return [];
    }
    const pieces = tapped.tap.take(this.#number(tapped.party), last);
    const { lost } = tapped.tap;
    if (lost > tapped.lostBefore) {
      this.#open?.lost(lost - tapped.lostBefore);
      tapped.lostBefore = lost;
    }
    return this.#refused.size === 0 ? pieces : pieces.filter(({ track }) => track === 'voice');
  }

  /** The same for as long as the call is, however often the party comes back. */
  #number(party: string): number {
    const known = this.#numbers.get(party);
    if (known !== undefined) {
      return known;
    }
    const taken = new Set(this.#numbers.values());
    const letter = party.length === 1 ? party.charCodeAt(0) - FIRST_LETTER : -1;
    let number = letter >= 0 && letter < MOST_PARTIES && !taken.has(letter) ? letter : 0;
    while (taken.has(number)) {
      number += 1;
    }
    this.#numbers.set(party, number);
    return number;
  }
}
