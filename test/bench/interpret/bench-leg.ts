/**
 * A party of a bench call as the switchboard sees it: sends the frames it is told to, and keeps when it was sent
 * frames with a translation in them.
 */

import type { LegTransport, LegTransportSink } from '../../../src/call/leg-transport.ts';
import { bytesOf } from '../../../src/media/dsp/sound.ts';
import { hasTranslatedSound } from './speech-sound.ts';

export class BenchLeg implements LegTransport {
  readonly remote = 'bench';
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  readonly rateHz: number;
  readonly #nowMs: () => number;
  #heardMs: number[] = [];
  #sink: LegTransportSink | undefined;

  constructor(rateHz: number, nowMs: () => number) {
    this.rateHz = rateHz;
    this.#nowMs = nowMs;
  }

  /** When each frame with translated sound left for this party, oldest first. */
  get heardMs(): readonly number[] {
    return this.#heardMs;
  }

  forget(): void {
    this.#heardMs = [];
  }

  codecAt(): string {
    return 'slin';
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
  }

  identify(uuid: string): void {
    this.#sink?.arrived({ uuid });
  }

  /** Says one frame of 20 ms. */
  say(pcm: Int16Array): void {
    this.#sink?.frame(bytesOf(pcm), this.rateHz);
  }

  send(pcm: Uint8Array, rateHz: number): void {
    const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 2);
    if (hasTranslatedSound(samples, rateHz)) {
      this.#heardMs.push(this.#nowMs());
    }
  }

  hangUp(): void {
    // A socket closes later, never from inside the call that asks for it.
    queueMicrotask(() => this.#sink?.closed('hung-up'));
  }
}
