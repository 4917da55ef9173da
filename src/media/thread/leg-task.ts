/**
 * One leg on its media thread: what it says goes to the speech detector, what it hears is put together by
 * `listener-sound.ts`, one frame a tick. Where the leg's connection can be written to from here (`frame-wire.ts`) the
 * frame is made and sent at its deadline; else it is made shortly before, for the main thread to send. Everything a leg
 * holds lives in its shared memory or can be sent again, so that another thread can take over.
 */

import type { BucketCounts } from '../../base/bucket-counts.ts';
import { FRAME_MS, frameSamples } from '../../base/units.ts';
import { bytesOf, peakOf, powerOf } from '../dsp/sound.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { SpeechDetector } from '../hear/speech-detector.ts';
import { ListenerSound } from '../play/listener-sound.ts';
import { PlayoutQueue } from '../play/playout-queue.ts';
import { LegTape } from '../record/leg-tape.ts';
import { FrameBell } from '../ring/frame-bell.ts';
import { FrameRingReader, FrameRingWriter } from '../ring/frame-ring.ts';
import { FrameWire, type WriteBytes } from '../ring/frame-wire.ts';
import { INBOUND_FRAMES, inboundWaits, MediaCounters, MediaGauges } from '../ring/leg-memory.ts';
import { PaceSchedule } from '../ring/pace-schedule.ts';
import { VoiceLevel } from '../ring/voice-level.ts';
import { packHeard } from './heard-so-far.ts';
import type { MediaCommand, MediaEvent, MediaTask } from './media-messages.ts';
import { NO_ORDERS, type Orders } from './orders.ts';
import { RtpLine } from './rtp-line.ts';

/** Frames kept ready for the pacer. One is enough, and more would make a flush and a live voice late. */
const READY_FRAMES = 1;

export class LegTask {
  readonly #speechWritten: () => void;
  readonly #counters: MediaCounters;
  readonly #gauges: MediaGauges;
  readonly #inbound: FrameRingReader;
  readonly #inboundWaits: BucketCounts;
  readonly #inboundBell: FrameBell;
  readonly #speechBell: FrameBell;
  readonly #level: VoiceLevel;
  readonly #outbound: FrameRingWriter;
  readonly #pace: PaceSchedule;
  /** Undefined where this thread does not write. */
  readonly #wire: FrameWire | undefined;
  /** Undefined where frames of PCM come and go. */
  readonly #rtp: RtpLine | undefined;
  readonly #makeTape: () => LegTape;
  /** Set while the leg is recorded. */
  #tape: LegTape | undefined;
  readonly #makeDetector: () => SpeechDetector;
  /**
   * Made when somebody first cares for what the leg says: it is most of a leg's memory here, and of what its arrival
   * costs.
   */
  #detector: SpeechDetector | undefined;
  /** The frame with which the utterance begins that the thread before this one was in, for the first detector. */
  #utteranceFrom: number | undefined;
  readonly #playout: PlayoutQueue;
  readonly #sound: ListenerSound;
  #orders = NO_ORDERS;
  /** Whether it has been told nothing yet since it came: what it says meanwhile may be for somebody. */
  #untold: boolean;
  /** The rate at which the leg speaks. */
  #spokenHz: number;
  /** The rate at which it is spoken to. */
  #rateHz: number;
  #frame: Int16Array;
  /** The same memory. */
  #bytes: Uint8Array;
  #nowMs = 0;
  /** Whether it asks to be told of what arrives. */
  #bellArmed = false;
  #lastDeadlineMs: number | undefined;
  #asleep = false;

  /**
   * @param speechWritten is called when the main thread waits for what is said and there is some: tell it.
   * @param write writes to the leg's connection; undefined: the main thread does.
   */
  constructor(
    modules: MediaModules,
    task: MediaTask,
    emit: (event: MediaEvent) => void,
    speechWritten: () => void = () => {},
    write?: WriteBytes,
  ) {
    this.#counters = new MediaCounters(task.memory.counters);
    this.#gauges = new MediaGauges(task.memory.gauges);
    this.#speechWritten = speechWritten;
    this.#inbound =
      task.resumed === undefined
        ? new FrameRingReader(task.memory.inbound, 0)
        : FrameRingReader.resumed(task.memory.inbound);
    this.#inboundWaits = inboundWaits(task.memory.waits);
    this.#inboundBell = new FrameBell(task.memory.inbound);
    this.#speechBell = new FrameBell(task.memory.speech);
    this.#level = new VoiceLevel(task.memory.inbound);
    // The thread before this one may have left it armed.
    this.#inboundBell.disarm();
    this.#outbound = new FrameRingWriter(task.memory.outbound);
    this.#pace = new PaceSchedule(task.memory.pace, task.firstMs);
    this.#wire = write === undefined ? undefined : new FrameWire(task.memory.wire, 'thread', write);
    this.#rtp =
      task.rtp === undefined ? undefined : new RtpLine(task.memory, task.rtp, task.resumed !== undefined);
    this.#untold = task.resumed === undefined;
    this.#spokenHz = task.rateHz;
    this.#rateHz = task.rateHz;
    this.#frame = new Int16Array(frameSamples(task.rateHz));
    this.#bytes = bytesOf(this.#frame);
    this.#utteranceFrom = task.resumed?.utteranceFrom;
    this.#makeTape = () => new LegTape(task.memory, 'thread', task.firstMs);
    this.#makeDetector = () =>
      new SpeechDetector(
        modules,
        task.memory.speech,
        (event, atFrame) => {
          this.#sound.interruptions.found(event, this.#nowMs);
          emit({ type: 'speech', event, atFrame });
        },
        this.#utteranceFrom,
      );
    this.#playout = new PlayoutQueue(modules, task.rateHz, this.#counters, {
      segmentStarted: (segment) => emit({ type: 'segment-started', segment, atMs: this.#nowMs }),
      segmentEnded: (segment, end) => emit({ type: 'segment-ended', segment, atMs: this.#nowMs, end }),
    });
    this.#sound = new ListenerSound(modules, this.#counters, this.#playout);
    this.#order(task.orders);
    this.#utteranceFrom = undefined;
    this.#tellPlayout();
  }

  /** Does what the main thread asks. `close` is the task's own business. */
  handle(command: Exclude<MediaCommand, { type: 'close' }>): void {
    switch (command.type) {
      case 'orders':
        this.#untold = false;
        this.#order(command.orders);
        break;
      case 'segment-open':
        this.#playout.open(command.segment, command.rateHz, command.turn, command.manner);
        break;
      case 'segment-audio':
        this.#playout.add(command.segment, command.pcm);
        break;
      case 'segment-end':
        this.#playout.end(command.segment);
        break;
      case 'flush':
        this.#playout.flush();
        break;
      case 'hear-anew':
        this.#hearAnew();
        break;
      case 'tone':
        this.#sound.playTone(command.tone);
        break;
      case 'sleep':
        this.#sleep(command.on);
        break;
      case 'key':
        this.#sound.pressKey(command.key);
        break;
    }
  }

  /** Whether frames are sent from here: then its tick is due when the frame is, and not before. */
  get sends(): boolean {
    return this.#wire?.connected === true;
  }

  /**
   * Takes what has arrived and makes the frame that is due, or the one that is due next where the main thread sends it.
   * @param deadlineMs the tick's own deadline, on a 20 ms grid; a jump in it is a stall.
   */
  tick(deadlineMs: number, nowMs: number): void {
    if (this.#asleep) {
      return;
    }
    this.#nowMs = nowMs;
    this.#noticeStall(deadlineMs, nowMs);
    const levelWanted = this.#level.wanted;
    this.#listen(nowMs, levelWanted);
    if (levelWanted) {
      this.#level.publish();
    }
    if (this.sends) {
      this.#sendDue(nowMs);
    } else if (this.#outbound.unread < READY_FRAMES) {
      this.#produce(nowMs);
    } else {
      // The pacer did not come for the last frame: what plays is late by one more.
      this.#playout.stalled(FRAME_MS);
    }
  }

  /**
   * Takes what has arrived, between ticks: the main thread rang. What is heard and decided is the same as at the next
   * tick, in the same order, only sooner.
   */
  listen(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#listen(nowMs, this.#level.wanted);
  }

  /** Whether it need not be called until it is told so. */
  get asleep(): boolean {
    return this.#asleep;
  }

  /** What happened while it slept is nothing to it: no tick was missed, and what was said is past. */
  #sleep(on: boolean): void {
    if (this.#asleep && !on) {
      this.#lastDeadlineMs = undefined;
      this.#passOver();
      // Voices that went on meanwhile are begun anew.
      this.#sound.order({ ...this.#orders, voices: [] });
      this.#sound.order(this.#orders);
    }
    this.#asleep = on;
  }

  #hearAnew(): void {
    if (this.#detector !== undefined) {
      this.#detector.end();
      this.#detector.close();
      this.#detector = this.#makeDetector();
      this.#detector.measuring = this.#orders.measuring;
    }
  }

  #noticeStall(deadlineMs: number, nowMs: number): void {
    if (this.#lastDeadlineMs !== undefined) {
      const missed = Math.round((deadlineMs - this.#lastDeadlineMs) / FRAME_MS) - 1;
      if (missed > 0) {
        this.#counters.add('ticksMissed', missed);
        this.#playout.stalled(missed * FRAME_MS);
        this.#sound.stalled(missed, nowMs);
      }
    }
    this.#lastDeadlineMs = deadlineMs;
  }

  #listen(nowMs: number, levelWanted: boolean): void {
    this.#rtp?.hear(nowMs);
    const { attending } = this.#orders;
    const wanted = this.#followBell(attending);
    if (!attending && !levelWanted && !this.#sound.interruptions.listening) {
      if (!this.#untold || this.#inbound.available > INBOUND_FRAMES) {
        this.#passOver();
      }
      return;
    }
    const lostBefore = this.#inbound.lost;
    const before = this.#inbound.position;
    for (let pcm = this.#inbound.read(); pcm !== undefined; pcm = this.#inbound.read()) {
      this.#inboundWaits.add(Math.max(0, nowMs - this.#inbound.atMs));
      this.#spokenHz = this.#inbound.rateHz;
      this.#followRate();
      if (levelWanted) {
        this.#level.heard(powerOf(pcm));
      }
      if (this.#sound.interruptions.listening) {
        this.#sound.interruptions.heard(peakOf(pcm));
      }
      if (attending) {
        this.#detector?.push(pcm, this.#inbound.rateHz, this.#inbound.atMs, nowMs);
      }
    }
    if (this.#inbound.position > before) {
      this.#inbound.publish();
    }
    if (this.#inbound.lost > lostBefore) {
      this.#counters.add('inboundLost', this.#inbound.lost - lostBefore);
    }
    this.#detector?.idle(nowMs);
    if (wanted && this.#inbound.position > before && this.#speechBell.ring()) {
      this.#speechWritten();
    }
  }

  /** Nobody cares for what the leg says, but for its rate: it is not copied out of the ring. */
  #passOver(): void {
    if (this.#inbound.skipAll() > 0) {
      this.#inbound.publish();
      this.#spokenHz = this.#inbound.rateOr(this.#spokenHz);
      this.#followRate();
    }
  }

  /** While the main thread waits for what is said, what arrives is not left until the tick. */
  #followBell(attending: boolean): boolean {
    const wanted = attending && this.#speechBell.wanted;
    if (wanted) {
      this.#inboundBell.arm();
    } else if (this.#bellArmed) {
      this.#inboundBell.disarm();
    }
    this.#bellArmed = wanted;
    return wanted;
  }

  #order(orders: Orders): void {
    this.#orders = orders;
    if (orders.attending) {
      this.#detector ??= this.#makeDetector();
    } else {
      // Whoever attends next is told of what is said then: an utterance that was begun for others is over.
      this.#detector?.end();
    }
    if (this.#detector !== undefined) {
      this.#detector.measuring = orders.measuring;
    }
    this.#tape = orders.recorded ? (this.#tape ?? this.#makeTape()) : undefined;
    this.#sound.tape = this.#tape;
    this.#playout.turns = orders.turns;
    this.#sound.order(orders);
    this.#followRate();
  }

  /** A leg is spoken to at the rate it speaks, unless its orders say another. */
  #followRate(): void {
    const rateHz = this.#orders.onlyHz ?? this.#spokenHz;
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz;
      this.#frame = new Int16Array(frameSamples(rateHz));
      this.#bytes = bytesOf(this.#frame);
      this.#playout.setRate(rateHz);
    }
  }

  /** Makes and sends what is due; nothing, where the main thread has stood in for this one. */
  #sendDue(nowMs: number): void {
    const due = this.#pace.due(nowMs);
    if (due === 0) {
      this.#playout.stalled(FRAME_MS);
    }
    for (let frame = 0; frame < due; frame += 1) {
      this.#tape?.begin(this.#pace.takeNumber());
      this.#fill(nowMs);
      this.#wire?.send(this.#bytes, this.#rateHz);
    }
  }

  #produce(nowMs: number): void {
    this.#tape?.begin(this.#pace.nextNumber);
    this.#fill(nowMs);
    if (this.#rtp === undefined) {
      this.#outbound.writeSamples(this.#frame, this.#rateHz, nowMs);
    } else {
      this.#outbound.write(this.#rtp.encode(this.#frame), this.#rateHz, nowMs);
    }
  }

  /** Puts the next frame together. */
  #fill(nowMs: number): void {
    const frame = this.#frame;
    this.#sound.fill(frame, this.#rateHz, nowMs);
    this.#tape?.heard(frame, this.#rateHz);
    this.#tellPlayout();
    if (this.#orders.attending) {
      this.#detector?.played(frame, this.#rateHz);
    }
  }

  #tellPlayout(): void {
    this.#gauges.set('backlogMs', this.#playout.queuedMs);
    this.#gauges.set('tempoPercent', this.#playout.speed * 100);
    this.#gauges.set('heardSoFar', packHeard(this.#playout.heard));
  }

  /** Frees what the leg holds on this thread. */
  close(): void {
    this.#sound.close();
    this.#playout.close();
    this.#detector?.close();
  }
}
