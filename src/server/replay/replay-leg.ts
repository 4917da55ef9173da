/** A leg of a call that is played again: brings the frames that it is given, and takes whatever it is sent. */

import type { LegTransport, LegTransportSink } from '../../call/leg-transport.ts';
import { bytesOf } from '../../media/dsp/sound.ts';

export class ReplayLeg implements LegTransport {
  readonly remote = 'recording';
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  #sink: LegTransportSink | undefined;

  codecAt(): string {
    return 'slin';
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
  }

  /** Says who it is. */
  identify(uuid: string): void {
    this.#sink?.arrived({ uuid });
  }

  /** Brings 20 ms. */
  say(pcm: Int16Array, rateHz: number): void {
    this.#sink?.frame(bytesOf(pcm), rateHz);
  }

  /** Its connection is gone, for this reason. */
  end(reason: string): void {
    this.#sink?.closed(reason);
    this.#sink = undefined;
  }

  send(): void {}

  hangUp(): void {
    // A connection closes later, never from inside the call that asks for it.
    queueMicrotask(() => this.end('hung-up'));
  }
}
