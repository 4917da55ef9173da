/**
 * What a party says, for a hearing that is opened in the midst of it or later: what was told of one utterance, its
 * sound included, its last 20 s. The sound is shared with whoever else was told of it; nobody changes it.
 */

import { SPEECH_HZ, samplesToMs } from '../base/units.ts';
import type { SpeechEvent } from '../media/hear/speech-event.ts';

/** The sound that is kept, in ms. */
const KEPT_MS = 20_000;
/**
 * An utterance that ended longer ago, in ms, is not worth being heard any more: the talk has gone on. An engine that is
 * back within 10 s is asked again at most 2 s later.
 */
const LATEST_MS = 12_000;

export type Started = Extract<SpeechEvent, { readonly type: 'started' }>;
type Ended = Extract<SpeechEvent, { readonly type: 'ended' }>;

export class RunningUtterance {
  /** Its place among all utterances of the call. */
  readonly turn: number;
  /** What was passed on of it before. */
  said = '';
  #started: Started;
  readonly #sound: Extract<SpeechEvent, { readonly type: 'audio' }>[] = [];
  #soundMs = 0;
  /** A pause that goes on, music, or the end. */
  readonly #state: Exclude<SpeechEvent, { readonly type: 'started' | 'audio' }>[] = [];
  #ended: Ended | undefined;

  constructor(started: Started, turn: number) {
    this.#started = started;
    this.turn = turn;
  }

  get number(): number {
    return this.#started.utterance;
  }

  /** How much sound is kept, in ms. */
  get soundMs(): number {
    return this.#soundMs;
  }

  /** It counts as a later one. */
  countOn(by: number): void {
    this.#started = { ...this.#started, utterance: this.number + by };
  }

  take(event: Exclude<SpeechEvent, { readonly type: 'started' }>): void {
    switch (event.type) {
      case 'audio':
        this.#sound.push(event);
        this.#soundMs += msOf(event.pcm);
        while (this.#soundMs > KEPT_MS) {
          this.#soundMs -= msOf(this.#sound.shift()?.pcm ?? event.pcm);
        }
        break;
      case 'resumed':
        this.#state.length = 0;
        break;
      case 'ended':
        this.#ended = event;
        this.#state.push(event);
        break;
      case 'paused':
      case 'was-none':
        this.#state.push(event);
        break;
      case 'measured':
        // Whoever cares was told when it was said.
        break;
    }
  }

  /** Whether it is worth being heard again at `nowMs`. */
  isFresh(nowMs: number): boolean {
    return this.#ended === undefined || nowMs - this.#ended.decidedMs <= LATEST_MS;
  }

  /** All that is known of it, in the order in which it would have been told. */
  get events(): readonly SpeechEvent[] {
    return [this.#started, ...this.#sound, ...this.#state];
  }
}

function msOf(pcm: Int16Array): number {
  return samplesToMs(pcm.length, SPEECH_HZ);
}
