/**
 * A party's own voice, taken while its call runs, so that a voice can be made of it. It hears what the speech detector
 * finds, beside the sound's way: stretches in which the party speaks, none that began while it was being spoken to, and
 * none of which much is echo of what it was played. In a pause there may be nothing but echo, so pauses are cut short. What
 * was taken is in memory alone, and belongs to who waits for it.
 */

import { SPEECH_HZ } from '../base/units.ts';
import type { SpeechEvent } from '../media/hear/speech-event.ts';

/** Of the frames of a stretch; the gate errs by as much on a clean line. */
const MOST_ECHO_SHARE = 0.05;
/** Whoever has not paused for so long, in ms, is music. */
const LONGEST_STRETCH_MS = 30_000;
/** Frames of a pause that are kept of its end, since a voice begins before anybody notices: 100 ms. */
const ONSET_FRAMES = 5;

/** Why no more is taken: the party has left its leg, is somebody else or speaks another language, or refuses it. */
export type TakingEnd = 'left' | 'changed' | 'refused';

/** 16 kHz mono; of somebody who refuses nothing is left. */
export type TakenVoice =
  | { readonly type: 'taken'; readonly pcm: Int16Array }
  | { readonly type: 'none'; readonly why: Exclude<TakingEnd, 'left'> };

export class VoiceTaking {
  /** Resolves once enough was said, or no more is taken. */
  readonly over: Promise<TakenVoice>;
  readonly #wantedSamples: number;
  readonly #end: (taken: TakenVoice) => void;
  #pcm: Int16Array;
  /** Samples that are kept, those with the stretch that goes on, and those before the utterance that does. */
  #kept = 0;
  #heard = 0;
  #before = 0;
  /** Whether the utterance that goes on is fit to be kept. */
  #fit = false;
  /** While the party pauses, the end of that. */
  #pause: Int16Array[] | undefined;
  #isOver = false;

  /** @param wantedMs of speech, with the pauses in it. @param ended is told when it is over. */
  constructor(wantedMs: number, ended: () => void) {
    this.#wantedSamples = samplesIn(wantedMs);
    this.#pcm = new Int16Array(this.#wantedSamples + samplesIn(LONGEST_STRETCH_MS));
    let end: (taken: TakenVoice) => void = () => {};
    this.over = new Promise((resolve) => {
      end = resolve;
    });
    this.#end = (taken) => {
      this.#isOver = true;
      this.#pcm = new Int16Array(0);
      ended();
      end(taken);
    };
  }

  /** What is kept by now, in ms. */
  get soundMs(): number {
    return Math.round((this.#kept * 1_000) / SPEECH_HZ);
  }

  hear(event: SpeechEvent): void {
    if (this.#isOver) {
      return;
    }
    switch (event.type) {
      case 'started':
        this.#before = this.#kept;
        this.#heard = this.#kept;
        this.#fit = !event.overlapping;
        this.#pause = undefined;
        break;
      case 'audio':
        if (this.#pause === undefined) {
          this.#add(event.pcm);
        } else {
          this.#pause = [...this.#pause.slice(1 - ONSET_FRAMES), event.pcm];
        }
        break;
      case 'resumed':
        for (const pcm of this.#pause ?? []) {
          this.#add(pcm);
        }
        this.#pause = undefined;
        break;
      case 'was-none':
        this.#kept = this.#before;
        this.#fit = false;
        break;
      case 'paused':
      case 'ended':
        this.#judge(event.echoShare);
        this.#pause = [];
        break;
      case 'measured':
        break;
    }
  }

  /** Takes no more; what was taken is enough, or is forgotten. Idempotent. */
  stop(why: TakingEnd): void {
    if (!this.#isOver) {
      this.#end(why === 'left' ? this.#taken() : { type: 'none', why });
    }
  }

  #add(pcm: Int16Array): void {
    if (this.#fit && this.#heard + pcm.length <= this.#pcm.length) {
      this.#pcm.set(pcm, this.#heard);
      this.#heard += pcm.length;
    } else {
      this.#fit = false;
    }
  }

  /** Keeps what was said since the pause before; what nobody has measured the echo of is not kept. */
  #judge(echoShare: number | undefined): void {
    if (this.#fit && echoShare !== undefined && echoShare <= MOST_ECHO_SHARE) {
      this.#kept = this.#heard;
      if (this.#kept >= this.#wantedSamples) {
        this.#end(this.#taken());
      }
    }
  }

  #taken(): TakenVoice {
    return { type: 'taken', pcm: this.#pcm.slice(0, this.#kept) };
  }
}

function samplesIn(ms: number): number {
  return (ms * SPEECH_HZ) / 1_000;
}
