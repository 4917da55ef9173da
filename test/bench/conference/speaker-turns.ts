/**
 * Tells for the recogniser's stand-in whose turn a stretch of sound is. The pitch tells the voice; of those who share a
 * voice any will do, since their sounds are the same, so a stream stays with the first one that no other stream has.
 */

import type { Burst } from '../../stand-ins/deepgram-ear.ts';
import { callOfSound } from '../realtime/call-voice.ts';
import { type LiveTurn, MOST_CALLS } from '../realtime/live-turns.ts';
import type { Speaker } from './room-script.ts';

interface Heard {
  readonly speaker: Speaker;
  turns: number;
}

export class SpeakerTurns {
  /** By voice, those that no stream has yet. */
  readonly #free = new Map<number, Speaker[]>();
  readonly #byConnection = new Map<number, Heard>();
  #broken = 0;

  constructor(speakers: readonly Speaker[]) {
    for (const speaker of speakers) {
      this.#free.set(speaker.voice, [...(this.#free.get(speaker.voice) ?? []), speaker]);
    }
  }

  /** Sounds that do not begin as a turn does. */
  get broken(): number {
    return this.#broken;
  }

  /** The turn that begins with `burst`; undefined for any other sound. */
  next({ connection, ...sound }: Burst): LiveTurn | undefined {
    const voice = callOfSound(sound, MOST_CALLS);
    const heard =
      this.#byConnection.get(connection) ??
      (voice === undefined ? undefined : this.#assign(connection, voice));
    if (voice === undefined || heard?.speaker.voice !== voice) {
      this.#broken += 1;
      return undefined;
    }
    heard.turns += 1;
    return heard.speaker.turns[heard.turns - 1];
  }

  #assign(connection: number, voice: number): Heard | undefined {
    const speaker = this.#free.get(voice)?.shift();
    if (speaker === undefined) {
      return undefined;
    }
    const heard = { speaker, turns: 0 };
    this.#byConnection.set(connection, heard);
    return heard;
  }
}
