/**
 * One call of the bench: a speaker who says turn after turn, each when the one before has been heard to its end, and a
 * listener who says nothing. It keeps what happens to each turn.
 */

import type { Clock } from '../../../src/base/clock.ts';
import { FRAME_MS, samplesToMs } from '../../../src/base/units.ts';
import type { DoorFacts } from '../../../src/call/seating/seating.ts';
import type { Switchboard } from '../../../src/call/switchboard.ts';
import type { HearingEvent } from '../../../src/interpret/hearing/hearing.ts';
import type {
  Interpreters,
  RenderingEvent,
  SpokenSegment,
} from '../../../src/interpret/rendering/rendering.ts';
import type { MediaEvent } from '../../../src/media/thread/media-messages.ts';
import { BenchLeg } from './bench-leg.ts';
import type { EngineProfile, Stability } from './engine-profiles.ts';
import { makeInterpreters, type Policy } from './make-interpreters.ts';
import { SpeakerSound } from './speech-sound.ts';
import { TimelineMt } from './timeline-mt.ts';
import { TimelineStt } from './timeline-stt.ts';
import { TimelineTts } from './timeline-tts.ts';
import type { Turn } from './timelines.ts';
import type { ArrivedSound, SegmentFacts, TurnFacts } from './turn-facts.ts';
import { WatchedInterpreters } from './watched-interpreters.ts';
import type { WatchedMedia } from './watched-media.ts';

/** After a turn nothing is expected any more when it has been quiet for this long: twice the longest hang-over. */
const QUIET_MS = 1_500;
/** A turn that is not through by then never will be. */
const GIVE_UP_MS = 120_000;
/** Frames the listener says, so that the rate of its leg is known. */
const LISTENER_FRAMES = 10;
/** The first party speaks English, the second listens. */
const DOOR: DoorFacts = { name: 'bench', languages: ['en', 'fr'], rejoinMs: 0 };

export interface LineOptions {
  readonly policy: Policy;
  readonly drafts: boolean;
  /** Whether a turn is one utterance to the interpreter, whatever pauses it has. */
  readonly wholeTurns: boolean;
  readonly profile: EngineProfile;
  readonly stability: Stability;
  readonly seed: number;
  readonly rateHz: number;
  /** Whether the listener's language has a quarter more words. */
  readonly longer: boolean;
  /** How long a word of the translation takes, in ms. */
  readonly targetWordMs: number;
}

interface OpenSegment {
  readonly utterance: number;
  readonly text: string;
  readonly source: string | undefined;
  readonly committedMs: number | undefined;
  readonly rateHz: number;
  readonly sounds: ArrivedSound[];
  beganMs: number | undefined;
  endedMs: number | undefined;
}

export class BenchLine {
  readonly facts: TurnFacts[] = [];
  readonly #watched: WatchedInterpreters;
  readonly #clock: Clock;
  readonly #speaker: BenchLeg;
  readonly #listener: BenchLeg;
  readonly #sound: SpeakerSound;
  readonly #stt: TimelineStt;
  readonly #mt: TimelineMt;
  readonly #tts: TimelineTts;
  /** The next turn; undefined when there is none. */
  readonly #nextTurn: () => Turn | undefined;
  #turn: Turn | undefined;
  #startMs = 0;
  #over = false;
  #utterancesOpen = 0;
  #segments: OpenSegment[] = [];
  /** Number of the turn's first segment, in the listener's media. */
  #firstSegment = 0;
  #captions = new Map<number, { readonly versions: string[]; final: string | undefined }>();
  #troubles: string[] = [];
  #said = 0;

  constructor(clock: Clock, options: LineOptions, nextTurn: () => Turn | undefined) {
    const { profile, seed, stability } = options;
    this.#clock = clock;
    this.#nextTurn = nextTurn;
    this.#speaker = new BenchLeg(options.rateHz, () => clock.nowMs());
    this.#listener = new BenchLeg(options.rateHz, () => clock.nowMs());
    this.#sound = new SpeakerSound(options.rateHz);
    this.#stt = new TimelineStt({ clock, profile, stability, seed });
    this.#mt = new TimelineMt(clock, profile, seed, options.longer);
    this.#tts = new TimelineTts(clock, profile, seed, options.targetWordMs);
    const engines = { stt: this.#stt, mt: this.#mt, tts: this.#tts };
    this.#watched = new WatchedInterpreters(makeInterpreters(engines, clock), {
      utteranceStarted: () => {
        this.#utterancesOpen += 1;
      },
      goesOn: () =>
        options.wholeTurns && this.#turn !== undefined && clock.nowMs() < this.#startMs + this.#turn.lengthMs,
      event: (event) => this.#interpreted(event),
      segment: (segment) => this.#spoken(segment),
    });
  }

  /** What interprets its speaker. */
  get interpreters(): Interpreters {
    return this.#watched.interpreters;
  }

  /** Whether all turns have been heard. */
  get over(): boolean {
    return this.#over;
  }

  /** Connects both parties; they are seated once the clock has settled. */
  ring(switchboard: Switchboard, media: WatchedMedia, name: string): void {
    switchboard.accept(this.#speaker, DOOR);
    media.watcher = (event) => this.#played(event);
    switchboard.accept(this.#listener, DOOR);
    media.watcher = undefined;
    this.#speaker.identify(`${name}0`);
    this.#listener.identify(`${name}1`);
  }

  /** 20 ms have been said: sends them. A turn begins when the one before is over. */
  tick(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#said < LISTENER_FRAMES) {
      this.#said += 1;
      this.#listener.say(this.#sound.frame([], 0));
      this.#speaker.say(this.#sound.frame([], 0));
      return;
    }
    if (this.#turn !== undefined && this.#isThrough(this.#turn, nowMs)) {
      this.#finish(this.#turn);
    }
    if (this.#turn === undefined && !this.#over) {
      this.#begin(nowMs);
    }
    // A frame is sent when it has been said, so it holds the 20 ms before now.
    this.#speaker.say(this.#sound.frame(this.#turn?.words ?? [], nowMs - FRAME_MS - this.#startMs));
  }

  #begin(nowMs: number): void {
    const turn = this.#nextTurn();
    if (turn === undefined) {
      this.#over = true;
      return;
    }
    this.#turn = turn;
    this.#startMs = nowMs;
    this.#firstSegment += this.#segments.length;
    this.#segments = [];
    this.#captions = new Map();
    this.#troubles = [];
    this.#mt.forget();
    this.#tts.forget();
    this.#listener.forget();
    this.#stt.play(turn, nowMs);
  }

  /** Whether nothing more is to be heard of the turn. */
  #isThrough(turn: Turn, nowMs: number): boolean {
    const endMs = this.#startMs + turn.lengthMs;
    if (nowMs >= endMs + GIVE_UP_MS) {
      this.#troubles.push('it was never heard to its end');
      return true;
    }
    if (nowMs >= endMs + QUIET_MS / 2) {
      // What was said last may have been too short to be taken for speech.
      this.#watched.release();
    }
    const lastHeardMs = this.#listener.heardMs.at(-1) ?? Number.NEGATIVE_INFINITY;
    return (
      nowMs >= endMs + QUIET_MS &&
      nowMs >= lastHeardMs + QUIET_MS / 2 &&
      this.#utterancesOpen === 0 &&
      this.#segments.every(({ endedMs }) => endedMs !== undefined)
    );
  }

  #finish(turn: Turn): void {
    this.facts.push({
      turn,
      startMs: this.#startMs,
      segments: this.#segments.map((segment): SegmentFacts => ({ ...segment })),
      utterances: [...this.#captions.values()],
      heardMs: this.#listener.heardMs,
      known: this.#stt.known,
      mtCalls: [...this.#mt.calls],
      ttsCalls: [...this.#tts.calls],
      troubles: this.#troubles,
    });
    this.#turn = undefined;
  }

  #interpreted(event: HearingEvent | RenderingEvent): void {
    switch (event.type) {
      case 'heard': {
        const caption = this.#captions.get(event.utterance) ?? { versions: [], final: undefined };
        this.#captions.set(event.utterance, caption);
        caption.versions.push(event.text);
        if (event.final) {
          caption.final = event.text;
        }
        break;
      }
      case 'utterance-ended':
        this.#utterancesOpen -= 1;
        if (event.failure !== undefined) {
          this.#troubles.push(`${event.failure.stage}: ${event.failure.error.message}`);
        }
        break;
      case 'failed':
        this.#utterancesOpen = 0;
        this.#troubles.push(event.error.message);
        break;
      case 'as-is':
      case 'noted':
        break;
    }
  }

  #spoken({ utterance, text, source, timing, rateHz }: SpokenSegment): (pcm: Int16Array) => void {
    const sounds: ArrivedSound[] = [];
    this.#segments.push({
      utterance,
      text,
      source,
      committedMs: timing?.cutMs,
      rateHz,
      sounds,
      beganMs: undefined,
      endedMs: undefined,
    });
    return (pcm) => {
      const durationMs = samplesToMs(soundingSamples(pcm), rateHz);
      sounds.push({ atMs: this.#clock.nowMs(), durationMs });
    };
  }

  #played(event: MediaEvent): void {
    if (event.type === 'segment-started' || event.type === 'segment-ended') {
      const segment = this.#segments[event.segment - this.#firstSegment];
      if (segment !== undefined && event.type === 'segment-started') {
        segment.beganMs ??= event.atMs;
      } else if (segment !== undefined) {
        segment.endedMs = event.atMs;
      }
    }
  }
}

/** From the first sample that is none of silence to the last. */
function soundingSamples(pcm: Int16Array): number {
  const first = pcm.findIndex((sample) => sample !== 0);
  return first === -1 ? 0 : pcm.findLastIndex((sample) => sample !== 0) + 1 - first;
}
