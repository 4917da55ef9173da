/**
 * How a leg reaches us, as the call sees it: AudioSocket, RTP. A transport turns its wire into whole 20 ms frames and
 * back; it knows nothing of calls.
 */

import type { Counted } from '../base/counts.ts';
import type { WordsHandle } from '../media/ring/leg-memory.ts';
import type { RtpFormat } from '../protocol/rtp/payloads.ts';
import type { ArrivalFacts, Elsewhere } from './seating/seating.ts';

/**
 * The reason of a leg whose other end has said that its party hung up, and not only ended. Nobody waits for it.
 * Asterisk never says so.
 */
export const PEER_HANGUP = 'peer-hangup';

/** The reason of a leg whose call is over because an agent failed: whoever it is for may be helped by the dialplan. */
export const AGENT_FAILED = 'agent-failed';

/** The reason of a leg that another node has from now on, through this one. */
export const PASSED_ON = 'passed-on';

/**
 * What became of passing a leg on; `refused`: nobody listens there, or the network does not lead there; `unreachable`: it was
 * not connected in time; `full`: as many are passed on as may be; `gone`: its other end has left.
 */
export type PassedOn = typeof PASSED_ON | 'refused' | 'unreachable' | 'full' | 'gone';

/** What a transport hears from the other end. Nothing comes after `closed`. */
export interface LegTransportSink {
  /** The leg says who it is; once, before any frame. A transport that knows at once may say so inside `attach`. */
  arrived(facts: ArrivalFacts): void;
  /** One 20 ms frame; the bytes are good only during the call. */
  frame(pcm: Uint8Array, rateHz: number): void;
  /** A packet, where the wire is {@link LegTransport.rtp}, in place of frames; good only during the call. */
  packet(bytes: Uint8Array): void;
  /** The other end can only take frames at this rate, whatever it sends. */
  spokenToOnlyAt(rateHz: number): void;
  /** A key of the telephone: 0 to 9, *, #, A to D. */
  key(key: string): void;
  /** The connection is gone. `reason` is a short name to count by: `peer-closed`, `wire-bad-length` … */
  closed(reason: string, error?: Error): void;
}

/** It counts `bytesIn` and `bytesOut` of audio, and `socketDropped` frames because the other end did not read. */
export interface LegTransport extends Counted {
  /** Who is at the other end, for the log. */
  readonly remote: string;
  /** The address at the other end, without a port, where there is such a thing. */
  readonly address?: string | undefined;
  /**
   * Set where the wire is RTP: its packets are made frames of on the leg's media thread, and what it sends is coded in
   * this format there.
   */
  readonly rtp?: RtpFormat;
  /** Whether no frame means no more than that nothing is said. Default no: a party of whom no frame comes is on hold. */
  readonly pausesAtWill?: boolean;
  /**
   * Whether the other end has no clock that a frame may be early for: what one other party says is sent as it comes.
   * Default no: one frame leaves each 20 ms.
   */
  readonly takesAtOnce?: boolean;
  /** What frames of this rate come as, for the log: `slin16`, `mu-law`. */
  codecAt(rateHz: number): string;
  /**
   * Starts delivering. Call it once, at once.
   * @param wire where a transport says how a media thread can write its frames (`FrameWire`), if one can.
   */
  attach(sink: LegTransportSink, wire?: WordsHandle): void;
  /**
   * Whether its audio is what its wire says it is; undefined: not known yet, or nothing that could be otherwise.
   */
  readonly asLabelled?: boolean | undefined;
  /**
   * The leg has its place, and what comes is heard from now on, first what came before.
   * @param asLabelled whether its audio is known to be what its wire says, from the leg that the same phone had at another node.
   */
  seated?(asLabelled: boolean): void;
  /** Looks after what a media thread did with the connection. Called once each 20 ms, never before `dueMs`. */
  look?(dueMs: number): void;
  /**
   * Reads what has come, and from now on only when this is called: somebody does each 20 ms until {@link readAsItComes},
   * and hears all of it then, or as soon as the transport knows what it is. Undefined: it reads as it comes, always.
   */
  readNow?(): void;
  /** Reads as it comes, which is how it begins. */
  readAsItComes?(): void;
  /** Sends one 20 ms frame, PCM or a payload of {@link rtp}; copies it. Dropped and counted when the other end does not take its audio. */
  send(frame: Uint8Array, rateHz: number): void;
  /** Tells the other end why it is refused, where its wire can say so; {@link hangUp} follows. */
  refused?(reason: string, explanation: string): void;
  /**
   * Closes without asking the other end to hang up: whoever made the leg may make it anew, elsewhere; `closed` follows.
   * Undefined: nobody would.
   */
  letGo?(): void;
  /**
   * Has all that comes passed on to another node, and what that node sends to the other end, for as long as both are there.
   * Meanwhile the leg goes on; once it is `passed-on` the connection is the leg's no more, and `closed` has been told.
   * Undefined: the wire has no way of that.
   */
  passOn?(to: Elsewhere): Promise<PassedOn>;
  /** Asks the other end to hang up and closes; `closed` follows. Idempotent. @param reason a short name. */
  hangUp(reason: string): void;
}
