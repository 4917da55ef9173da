/**
 * The leg of a party that is a machine: its other end is a conversation in this process. The agent is given each frame
 * that its party hears, as it comes, and its party says a frame each 20 ms on the leg's own clock. Between answers it says
 * nothing at all: silence would wait for its listener's tick before an answer, which begins as soon as it has come instead.
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { FRAME_MS, frameSamples } from '../../../base/units.ts';
import type { LegTransport, LegTransportSink } from '../../../call/leg-transport.ts';
import type { ArrangedPlace } from '../../../call/seating/seating.ts';
import type { AgentConversation, AgentEvent } from '../../../engines/agents/voice-agent.ts';
import { codecOfRate } from '../../../protocol/audiosocket/kinds.ts';
import { AgentSpeech } from './agent-speech.ts';

/** Frames that come closer together than this, in ms, are taken for old ones that something has held up. */
const TOGETHER_MS = 10;
/** Silence after an answer, so that it is known to be over, in frames: 1 s. */
const LAST_SILENT_FRAMES = 1_000 / FRAME_MS;

export interface AgentTransportOptions {
  readonly clock: Clock;
  /** Whose agent it is, for the log. */
  readonly engine: string;
  readonly place: ArrangedPlace;
  /** Hears what is no sound. */
  readonly onEvent: (event: Exclude<AgentEvent, { type: 'audio' | 'interrupted' }>) => void;
}

export class AgentTransport implements LegTransport {
  readonly remote: string;
  readonly pausesAtWill = true;
  readonly takesAtOnce = true;
  readonly counts = { bytesIn: 0, bytesOut: 0, socketDropped: 0 };
  readonly #conversation: AgentConversation;
  readonly #options: AgentTransportOptions;
  readonly #speech: AgentSpeech;
  readonly #frame: Int16Array;
  readonly #bytes: Uint8Array;
  readonly #silence: Int16Array;
  #sink: LegTransportSink | undefined;
  #quietFrames = 0;
  /** When the next look is due. */
  #nextMs = 0;
  /** Whether the frame of the next look is said by itself, after it. */
  #saidApart = false;
  #apart: Timer | undefined;

  /** @param conversation is closed with it. */
  constructor(conversation: AgentConversation, options: AgentTransportOptions) {
    this.#conversation = conversation;
    this.#options = options;
    this.remote = `agent ${options.engine}`;
    this.#speech = new AgentSpeech(conversation.outputHz);
    this.#frame = new Int16Array(frameSamples(conversation.outputHz));
    this.#bytes = new Uint8Array(this.#frame.buffer);
    this.#silence = new Int16Array(frameSamples(conversation.inputHz));
  }

  get parts(): readonly Counted[] {
    return [this.#speech];
  }

  /** For how long it has said nothing, in ms; 0 while it has something to say. */
  get quietMs(): number {
    return this.#speech.waitingMs > 0 ? 0 : this.#quietFrames * FRAME_MS;
  }

  codecAt(rateHz: number): string {
    return codecOfRate(rateHz);
  }

  attach(sink: LegTransportSink): void {
    this.#sink = sink;
    sink.arrived({ place: this.#options.place });
    sink.spokenToOnlyAt(this.#conversation.inputHz);
    this.#conversation.listen((event) => {
      switch (event.type) {
        case 'audio':
          this.#speech.add(event.id, event.pcm);
          if (this.#pauses && this.#speech.waitingMs >= FRAME_MS) {
            this.#begin();
          }
          break;
        case 'interrupted':
          for (const { id, heardMs } of this.#speech.interrupt(event.upToId)) {
            this.#conversation.cutOff(id, heardMs);
          }
          break;
        case 'said':
        case 'tool':
        case 'ended':
        case 'failed':
          this.#options.onEvent(event);
          break;
      }
    });
  }

  look(dueMs: number): void {
    this.#nextMs = dueMs + FRAME_MS;
    if (this.#saidApart) {
      this.#saidApart = false;
    } else if (this.#pauses && this.#speech.waitingMs === 0) {
      this.#quietFrames += 1;
    } else {
      this.#say();
    }
  }

  send(frame: Uint8Array, rateHz: number): void {
    const { inputHz, droppedMs } = this.#conversation;
    // Before the leg knows at what rate it is spoken to there is nothing but silence.
    this.#conversation.write(
      rateHz === inputHz ? new Int16Array(Uint8Array.from(frame).buffer) : this.#silence,
    );
    const taken = this.#conversation.droppedMs === droppedMs;
    this.counts.bytesOut += taken ? frame.length : 0;
    this.counts.socketDropped += taken ? 0 : 1;
  }

  /** Says nothing more of what it was about to say. */
  hush(): void {
    this.#speech.end();
  }

  hangUp(reason: string): void {
    this.leave(reason);
  }

  /** Its party goes, for a reason of its own. Idempotent. */
  leave(reason: string): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#apart?.cancel();
    void this.#conversation.close();
    // Not from inside a call of the leg's.
    queueMicrotask(() => sink?.closed(reason));
  }

  /**
   * Says the first frame of an answer. The others come with each look; where the next is too near, the second comes
   * between that and the one after, so that a listener never waits for it, whenever its own 20 ms end.
   */
  #begin(): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#say();
    if (this.#nextMs - nowMs < TOGETHER_MS) {
      this.#saidApart = true;
      this.#apart = clock.at(nowMs + TOGETHER_MS, () => this.#say());
    }
  }

  get #pauses(): boolean {
    return this.#quietFrames >= LAST_SILENT_FRAMES;
  }

  /** Says the next frame. */
  #say(): void {
    this.#quietFrames = this.#speech.pull(this.#frame) ? 0 : this.#quietFrames + 1;
    this.counts.bytesIn += this.#bytes.length;
    this.#sink?.frame(this.#bytes, this.#conversation.outputHz);
  }
}
