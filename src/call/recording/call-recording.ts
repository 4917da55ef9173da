/**
 * The recording of one call: taps its legs while it is on, tells everyone so in their language and by a tone, and leaves
 * out who does not want to be kept. It touches nothing of the sound's way: where the recorder is slow, what is kept has
 * gaps and nobody hears any.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import type { OnAnswer } from '../../interpret/answers/engine-answer.ts';
import type { LegTap } from '../../media/record/leg-tap.ts';
import { type SoundPiece, TRACKS, type Track } from '../../protocol/recording/recorder-orders.ts';
import type { AnnouncedFact, Announcement } from '../announcing.ts';
import type { CallEvent } from '../call-events.ts';
import type { Leg } from '../leg.ts';
import type { CallPlan, PartyPlan } from '../plan.ts';
import { NoteTaker } from './note-taker.ts';
import type {
  OpenRecording,
  Recorded,
  RecordedCall,
  Recorder,
  RecordingStart,
  RecordingState,
} from './recorder.ts';

/** Parties are told apart by a number of 8 bits: of a room that is never empty, those who came first are kept. */
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
  readonly plan: CallPlan;
  /** When the call, or this part of it, began, on the clock. */
  readonly startMs: number;
  /** Whether another node has begun it. Default no. */
  readonly continued?: boolean;
  readonly what: Exclude<Recorded, 'off'>;
  readonly start: RecordingStart;
  readonly clock: Clock;
  /** Who is there is to be told that it is recorded, unless it was: asked for whenever that may be so. */
  readonly announce: (party: string) => void;
  readonly changed: (state: RecordingState) => void;
  /** There is no room for more, so nothing is kept though it should be; or there is again. */
  readonly full: (is: boolean) => void;
  /** Nothing is kept of a party: as many others have been kept as can be told apart. */
  readonly leftOut: (party: string) => void;
}

interface Tapped {
  readonly party: string;
  readonly number: number;
  readonly leg: Leg;
  readonly tap: LegTap;
  /** Set while what it hears is kept: gives that up. */
  release: (() => void) | undefined;
  lostBefore: number;
}

export class CallRecording {
  readonly #options: CallRecordingOptions;
  readonly #numbers = new Map<string, number>();
  readonly #tapped = new Map<string, Tapped>();
  readonly #refused = new Set<string>();
  /** Of legs that have ended, and of a state that has, until it is asked for. */
  #left: SoundPiece[] = [];
  #open: OpenRecording | undefined;
  #state: RecordingState;
  #beep: Timer | undefined;
  /** Undefined: none are taken, or none any more. */
  #notes: NoteTaker | undefined;
  #notesLostBefore = 0;

  constructor(options: CallRecordingOptions) {
    this.#options = options;
    this.#state = options.start === 'at-once' ? 'on' : 'paused';
    // Of a call that another node has begun there is no beginning to play again.
    if (options.recorder.keepsNotes && options.continued !== true) {
      const { announces, beepMs } = options.recorder;
      this.#notes = new NoteTaker({ ...options, announces, beepMs });
      this.#notes.pause(this.#state !== 'on');
    }
    if (this.#state === 'on') {
      this.#begin();
    }
  }

  get state(): RecordingState {
    return this.#state;
  }

  /** Hears what engines answer of what a party says; undefined: that is not kept. */
  answersOf(party: string): OnAnswer | undefined {
    return this.#notes === undefined ? undefined : (answer) => this.#notes?.answered(party, answer);
  }

  /** The call tells this. */
  hear(event: CallEvent): void {
    this.#notes?.hear(event);
  }

  /** Those who speak a language are told something. */
  announced(language: string, fact: AnnouncedFact, announcement: Announcement): void {
    this.#notes?.announced(language, fact, announcement);
  }

  /** A party is on this leg from now on. */
  attach(plan: PartyPlan, leg: Leg): void {
    const party = plan.id;
    if (this.#state !== 'off' && !this.#refused.has(party)) {
      const number = this.#number(party);
      if (number === undefined) {
        this.#options.leftOut(party);
        return;
      }
      const { startMs, what, clock } = this.#options;
      this.#notes?.came(plan, number, leg.acceptedMs, clock.nowMs());
      const tap = leg.media.tap(startMs, TRACKS_OF[what], (place, rateHz, atMs) =>
        this.#notes?.arrived(party, place, rateHz, atMs),
      );
      const tapped: Tapped = { party, number, leg, tap, release: undefined, lostBefore: 0 };
      this.#tapped.set(party, tapped);
      this.#order(tapped);
      this.#announce(tapped);
    }
  }

  /** Tells everyone who is recorded so, who has not heard it. */
  announce(): void {
    for (const tapped of this.#tapped.values()) {
      this.#announce(tapped);
    }
  }

  /** A party has lost its leg: call it before the leg's media closes. */
  detach(party: string): void {
    const tapped = this.#tapped.get(party);
    if (tapped !== undefined) {
      this.#leave(this.#taken(tapped, true));
      this.#tapped.delete(party);
      this.#notes?.left(party, this.#options.clock.nowMs());
    }
  }

  /** Pauses it, goes on, or ends it for good. @returns whether that can be: what has ended does not begin again. */
  set(state: RecordingState): boolean {
    if (this.#state === 'off' && state !== 'off') {
      return false;
    }
    if (state !== this.#state) {
      // What has come by now is still of the state before.
      this.#leave(this.#takeAll());
      this.#state = state;
      this.#notes?.pause(state !== 'on');
      if (state === 'on') {
        this.#begin();
      } else {
        this.#beep?.cancel();
      }
      for (const tapped of this.#tapped.values()) {
        this.#order(tapped);
      }
      this.announce();
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
      // What others said is answered to what this one did.
      this.#notes = undefined;
      this.#left = [];
      const tapped = this.#tapped.get(party);
      this.#tapped.delete(party);
      tapped?.release?.();
      for (const { tap } of this.#tapped.values()) {
        tap.skip();
      }
      const number = this.#number(party);
      if (number !== undefined) {
        this.#open?.forget(number);
      }
    }
  }

  /** Takes what is left, and no more. Idempotent. */
  close(): void {
    this.#beep?.cancel();
    for (const party of [...this.#tapped.keys()]) {
      this.#tapped.get(party)?.release?.();
      this.detach(party);
    }
    this.#notes?.close();
    this.#open?.close();
    this.#notes = undefined;
    this.#state = 'off';
  }

  #begin(): void {
    const { recorder, call, clock } = this.#options;
    this.#open ??= recorder.open(
      call,
      () => this.#give(),
      () => this.#giveNotes(),
      (is) => this.#options.full(is),
    );
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
    const keepsHeard = on && this.#options.what !== 'voices';
    if (!keepsHeard) {
      tapped.release?.();
      tapped.release = undefined;
    } else {
      tapped.release ??= tapped.leg.media.keepHeard();
    }
    if (on) {
      tapped.tap.skip();
    }
  }

  #announce({ party }: Tapped): void {
    if (this.#state === 'on' && this.#options.recorder.announces) {
      this.#options.announce(party);
    }
  }

  #give(): readonly SoundPiece[] {
    const pieces = [...this.#left, ...this.#takeAll()];
    this.#left = [];
    return pieces;
  }

  #giveNotes(): string {
    const notes = this.#notes;
    if (notes === undefined) {
      return '';
    }
    if (notes.lost > this.#notesLostBefore) {
      this.#open?.notesLost(notes.lost - this.#notesLostBefore);
      this.#notesLostBefore = notes.lost;
    }
    return notes.take();
  }

  /** Keeps what a tap gives until it is asked for. */
  #leave(pieces: readonly SoundPiece[]): void {
    this.#left.push(...pieces.map((piece) => ({ ...piece, pcm: piece.pcm.slice() })));
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
    const pieces = tapped.tap.take(tapped.number, last);
    const { lost } = tapped.tap;
    if (lost > tapped.lostBefore) {
      this.#open?.lost(lost - tapped.lostBefore);
      tapped.lostBefore = lost;
    }
    return this.#refused.size === 0 ? pieces : pieces.filter(({ track }) => track === 'voice');
  }

  /** The same for as long as the call is, however often the party comes back; undefined: none is left. */
  #number(party: string): number | undefined {
    const known = this.#numbers.get(party);
    if (known !== undefined || this.#numbers.size >= MOST_PARTIES) {
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
