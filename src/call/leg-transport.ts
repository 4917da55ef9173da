/**
 * How a leg reaches us, as the call sees it: AudioSocket first, RTP and WebSocket later. A transport turns its
 * wire into whole 20 ms frames and back; it knows nothing of calls.
 */

/** What a transport hears from the other end. Nothing comes after `closed`. */
export interface LegTransportSink {
  /** The leg says which it is; once, before any frame. */
  identified(uuid: string): void;
  /** One 20 ms frame; the bytes are good only during the call. */
  frame(pcm: Uint8Array, rateHz: number): void;
  /** The other end can only take frames at this rate, whatever it sends. */
  spokenToOnlyAt(rateHz: number): void;
  /** A key of the telephone: 0 to 9, *, #, A to D. */
  key(key: string): void;
  /** The connection is gone. `reason` is a short name to count by: `peer-closed`, `wire-bad-length` … */
  closed(reason: string, error?: Error): void;
}

export interface LegTransport {
  /** Who is at the other end, for the log. */
  readonly remote: string;
  /** Starts delivering. Call it once, at once. */
  attach(sink: LegTransportSink): void;
  /** Sends one 20 ms frame; copies it. Dropped and counted when the other end does not take its audio. */
  send(pcm: Uint8Array, rateHz: number): void;
  /** Asks the other end to hang up and closes; `closed` follows. Idempotent. */
  hangUp(): void;
  /** Bytes of audio received and sent, and frames dropped because the other end did not read. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesDropped: number;
}
