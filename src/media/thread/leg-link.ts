/**
 * The main thread's side of one leg's media: puts what arrives into shared memory, takes what is due out of it,
 * and keeps the leg's task running. It remembers all it has told the task (its orders, which speech is still to
 * be heard), so that when the thread dies another goes on where that one was.
 */

import type { BucketCounts } from '../../base/bucket-counts.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { frameBytes, frameSamples } from '../../base/units.ts';
import type { Track } from '../../protocol/recording/recorder-orders.ts';
import { PayloadEncoder, type RtpFormat } from '../../protocol/rtp/payloads.ts';
import type { SpeechListener } from '../hear/speech-event.ts';
import type { PartyTone } from '../play/chimes.ts';
import type { SegmentManner } from '../play/segment-manner.ts';
import { LegTap, type OnArrival } from '../record/leg-tap.ts';
import { LegTape } from '../record/leg-tape.ts';
import { BELL, type BellMessage, FrameBell } from '../ring/frame-bell.ts';
import { type FrameRingHandle, FrameRingReader, FrameRingWriter } from '../ring/frame-ring.ts';
import { WireState } from '../ring/frame-wire.ts';
import {
  allocateLegMemory,
  freeLegMemory,
  INBOUND_FRAMES,
  inboundWaits,
  type LegMemory,
  type MediaCounter,
  MediaCounters,
  MediaGauges,
  type WordsHandle,
} from '../ring/leg-memory.ts';
import { PaceSchedule } from '../ring/pace-schedule.ts';
import { VoiceLevel } from '../ring/voice-level.ts';
import { AnnouncedSegments, type PlayedSink, type PlayingSegment } from './announced-segments.ts';
import { heardMs } from './heard-so-far.ts';
import { LegSpeech } from './leg-speech.ts';
import type { MediaCommand, MediaEvent, ResumedTask } from './media-messages.ts';
import type { MediaThreads, RunningTask } from './media-threads.ts';
import { NO_ORDERS, type Orders, sameOrders } from './orders.ts';
import { KEEP_TASK_MS, PassedVoice } from './passed-voice.ts';
import { LegHung } from './served-thread.ts';
import { VoiceMeter } from './voice-meter.ts';

/** A task whose thread dies more than once a second is started again only each second. */
const RESTART_PAUSE_MS = 1_000;
/** Threads that hung in what they did for one leg, within a while: then it is given up, for the others' sake. */
const MOST_HUNG = 2;
/** A leg that has done well for so long since a thread hung in it is not blamed for that any more, in ms. */
const BLAMED_MS = 60_000;

export interface LegLinkOptions {
  /** When the leg's first frame leaves, in ms of the clock; one each 20 ms follows. */
  readonly firstMs: number;
  /** Set where the leg's wire is RTP: in which format it is spoken to. */
  readonly rtp?: RtpFormat | undefined;
  /** Whether the leg takes what one other party says as it comes, and need not wait for its own 20 ms. Default no. */
  readonly atOnce?: boolean | undefined;
  /**
   * Called when a voice that was passed on here ({@link LegLink.passesVoice}) is the media thread's again, before that is
   * told: what has come of it has to be in its ring by then.
   */
  readonly woken?: () => void;
  /** Called before anything that the media thread tells is dealt with; many such things come together. */
  readonly told?: () => void;
  /** Called once if nothing more is done for the leg, because it keeps hanging threads. */
  readonly givenUp?: () => void;
}

/** What a leg's media has counted since it was opened, the media thread's counters among them. */
export type LinkCounts = Readonly<Record<MediaCounter, number>> & {
  /** How late frames were sent, and for how long those that arrived waited to be heard, in ms. */
  readonly pacingLateness: BucketCounts;
  readonly inboundWait: BucketCounts;
  /** How many times the task was started again because its thread died. */
  readonly mediaRestarts: number;
  /** Frames of utterances that were overwritten before they were passed on. */
  readonly speechLost: number;
  /** What the media thread sent to the leg's connection by itself, in frames and bytes, and what was not taken. */
  readonly framesOut: number;
  readonly bytesOut: number;
  readonly socketDropped: number;
  /** Times that who listens to speech, or to what became of a segment, threw; the first is logged. */
  readonly listenersFailed: number;
};

export class LegLink {
  /** When its frames are due; its thread asks, too. */
  readonly pace: PaceSchedule;
  readonly #threads: MediaThreads;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #firstMs: number;
  readonly #rtp: RtpFormat | undefined;
  readonly #told: () => void;
  readonly #givenUp: () => void;
  #hung = 0;
  #hungAtMs = Number.NEGATIVE_INFINITY;
  readonly #memory: LegMemory = allocateLegMemory();
  readonly #counters = new MediaCounters(this.#memory.counters);
  readonly #gauges = new MediaGauges(this.#memory.gauges);
  readonly #inboundWaits = inboundWaits(this.#memory.waits);
  readonly #inbound = new FrameRingWriter(this.#memory.inbound);
  /** Set where the wire is RTP: packets for the thread, and the frames that it has made of them. */
  readonly #packets: FrameRingWriter | undefined;
  readonly #arrived: FrameRingReader | undefined;
  readonly #outbound = new FrameRingReader(this.#memory.outbound, 0);
  readonly #inboundBell = new FrameBell(this.#memory.inbound);
  readonly #level = new VoiceLevel(this.#memory.inbound);
  readonly #way = new WireState(this.#memory.wire);
  /** Made when somebody first looks. */
  #meter: VoiceMeter | undefined;
  readonly #segments = new AnnouncedSegments(
    (command) => this.#send(command),
    (error) => this.#listenerFailed(error),
  );
  readonly #speech: LegSpeech;
  readonly #passed: PassedVoice;
  /** Where what is passed on here goes as well, while what the leg hears is wanted. */
  #tape: LegTape | undefined;
  /** How many want that at the moment. */
  #heardWanted = 0;
  #task: RunningTask | undefined;
  /** Set while it waits to be started again. */
  #restart: Timer | undefined;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #rateHz = 8_000;
  #orders = NO_ORDERS;
  #silence: Uint8Array = new Uint8Array(frameBytes(this.#rateHz));
  #restarts = 0;
  #listenersFailed = 0;
  #sendRateHz = 8_000;
  /** The number of the frame last passed on at once. */
  #keptNumber = -1;
  #closed = false;
  #allEnded: Promise<void> = Promise.resolve();

  private constructor(threads: MediaThreads, clock: Clock, log: Log, options: LegLinkOptions) {
    this.#threads = threads;
    this.#clock = clock;
    this.#log = log;
    this.#firstMs = options.firstMs;
    this.#rtp = options.rtp;
    if (options.rtp !== undefined) {
      this.#packets = new FrameRingWriter(this.#memory.packets);
      this.#arrived = new FrameRingReader(this.#memory.inbound, 0);
      const encoder = new PayloadEncoder(options.rtp);
      this.#orders = { ...NO_ORDERS, onlyHz: encoder.rateHz };
      this.#silence = encoder.encode(new Int16Array(frameSamples(encoder.rateHz)));
    }
    this.pace = new PaceSchedule(this.#memory.pace, options.firstMs);
    this.#told = options.told ?? ((): void => {});
    this.#givenUp = options.givenUp ?? ((): void => {});
    this.#speech = new LegSpeech({
      speech: this.#memory.speech,
      wakes: threads.wakes === true,
      failed: (error) => this.#listenerFailed(error),
    });
    this.#passed = new PassedVoice({
      // What goes over another wire is not what is heard.
      modules: options.rtp === undefined ? threads.modules : undefined,
      atOnce: options.atOnce === true,
      ...{ counters: this.#counters, outbound: this.#outbound, way: this.#way, level: this.#level },
      quiet: () => this.#segments.none,
      sleep: (on) => {
        if (!on) {
          options.woken?.();
        }
        this.#send({ type: 'sleep', on });
      },
    });
  }

  /** Starts the leg's task. */
  static open(threads: MediaThreads, clock: Clock, log: Log, options: LegLinkOptions): LegLink {
    const link = new LegLink(threads, clock, log, options);
    link.#start();
    return link;
  }

  /** The ring of what arrives from this leg, for those who hear it. */
  get voice(): FrameRingHandle {
    return this.#memory.inbound;
  }

  /** The rate in Hz the leg speaks at; 8,000 until it has spoken. */
  get rateHz(): number {
    return this.#rateHz;
  }

  /** The rate in Hz the leg is spoken to at: that at which it speaks, unless its orders say another. */
  get spokenToHz(): number {
    return this.#orders.onlyHz ?? this.#rateHz;
  }

  /** How long packets of RTP are held back to be in order, in ms; 0 for another wire. */
  get heldMs(): number {
    return this.#gauges.get('heldMs');
  }

  /** A frame in which nothing is said, as it goes over the leg's wire. Good until the next call. */
  get silence(): Uint8Array {
    const bytes = frameBytes(this.spokenToHz);
    if (this.#rtp === undefined && this.#silence.length !== bytes) {
      this.#silence = new Uint8Array(bytes);
    }
    return this.#silence;
  }

  /** Utterances the party has begun. */
  get utterances(): number {
    return this.#speech.utterances;
  }

  get counts(): LinkCounts {
    return {
      framesOut: this.#way.threadFrames,
      bytesOut: this.#way.threadBytes,
      socketDropped: this.#way.threadDropped,
      ...this.#counters.all(),
      pacingLateness: this.pace.lateness,
      inboundWait: this.#inboundWaits,
      mediaRestarts: this.#restarts,
      speechLost: this.#speech.lost,
      listenersFailed: this.#listenersFailed,
    };
  }

  /** How loud the leg has spoken since this was last read, 0 to 100; see {@link VoiceMeter}. */
  get level(): number {
    this.#meter ??= new VoiceMeter(this.voice);
    return this.#meter.read();
  }

  /** Translated speech that waits to be heard by the leg, in ms at its natural speed, all turns together. */
  get backlogMs(): number {
    return this.#gauges.get('backlogMs');
  }

  /** Segments that the leg has yet to begin to hear. */
  get segmentsWaiting(): number {
    return this.#segments.waiting;
  }

  /** Frames that arrived and were not heard yet. */
  get framesUnheard(): number {
    return this.#passed.asleep ? 0 : Math.min(this.#inbound.unread, INBOUND_FRAMES);
  }

  /** How fast translations are spoken to the leg; 1: at their natural speed. */
  get tempo(): number {
    return this.#gauges.get('tempoPercent') / 100;
  }

  /** Whether a translation is being heard. */
  get playing(): boolean {
    return this.#segments.sounding;
  }

  /**
   * Tells `listener` what the leg says from its next utterance on, in place of whoever was told before, who hears no
   * more; undefined: nobody. Speech is found only while the orders say `attending`.
   */
  onSpeech(listener: SpeechListener | undefined): void {
    this.#speech.listen(listener);
  }

  /** Changes some of what the leg is to hear; all of it goes to the task, if anything is new. */
  order(changes: Partial<Orders>): void {
    const orders = { ...this.#orders, ...changes };
    if (!sameOrders(orders, this.#orders)) {
      this.#orders = orders;
      this.#tape = orders.recorded
        ? (this.#tape ?? new LegTape(this.#memory, 'main', this.#firstMs))
        : undefined;
      this.#send({ type: 'orders', orders });
      this.#passed.ordered(orders, this.#clock.nowMs());
    }
  }

  /**
   * Announces speech, to be heard when it is its turn's, after what was announced of that turn before.
   * @param turn see `Orders.turns`; undefined: it goes before all turns that wait. @param manner default `AS_SPOKEN`.
   */
  openSegment(
    rateHz: number,
    turn: number | undefined,
    sink: PlayedSink,
    manner?: SegmentManner,
  ): PlayingSegment {
    this.#needTask();
    const segment = this.#segments.open(rateHz, turn, sink, manner);
    if (this.#closed) {
      this.#segments.flush(this.#clock.nowMs());
    }
    return segment;
  }

  /** Forgets all speech that has not been heard, at once, whether or not the thread lives to hear of it. */
  flush(): void {
    this.#send({ type: 'flush' });
    this.#segments.flush(this.#clock.nowMs());
  }

  /** Plays a short tone; what sounds goes on beneath it. */
  playTone(tone: PartyTone): void {
    this.#needTask();
    this.#send({ type: 'tone', tone });
  }

  /** Plays the tone of a telephone key. */
  pressKey(key: string): void {
    this.#needTask();
    this.#send({ type: 'key', key });
  }

  /** What the leg says ends here; what comes next is heard as if nothing had been heard before. */
  hearAnew(): void {
    this.#send({ type: 'hear-anew' });
  }

  /** Takes one 20 ms frame from the leg; copies it. While an utterance goes on its thread is told at once. */
  receive(pcm: Uint8Array, rateHz: number, nowMs: number): void {
    this.#rateHz = rateHz;
    this.#inbound.write(pcm, rateHz, nowMs);
    if (this.#inboundBell.ring()) {
      this.#ring();
    }
  }

  /**
   * Takes a packet of RTP of at most `LONGEST_PACKET_BYTES`, header and all, and copies it: the media thread makes
   * frames of it.
   */
  receivePacket(bytes: Uint8Array, nowMs: number): void {
    this.#packets?.write(bytes, 0, nowMs);
    if (this.#inboundBell.ring()) {
      this.#ring();
    }
  }

  /** How many frames were made of packets since the last call; `rateHz` is then theirs. */
  takeArrived(): number {
    const frames = this.#arrived?.skipAll() ?? 0;
    if (frames > 0) {
      this.#rateHz = this.#arrived?.rateOr(this.#rateHz) ?? this.#rateHz;
    }
    return frames;
  }

  /**
   * The frame to send now, as it goes over the wire, its rate in `sendRateHz`; undefined when none is ready. Good until the next call.
   */
  takeFrame(): Uint8Array | undefined {
    if (this.#passed.mayHaveFrame) {
      const frame = this.#passed.take(this.spokenToHz, this.#clock.nowMs());
      if (frame !== undefined || this.#passed.asleep) {
        this.#sendRateHz = this.spokenToHz;
        this.#keep(frame);
        return frame;
      }
    }
    if (this.#outbound.read() === undefined) {
      return undefined;
    }
    this.#outbound.publish();
    this.#sendRateHz = this.#outbound.rateHz;
    return this.#outbound.bytes;
  }

  /** Whether {@link takeFrame} has what one other party says as it is, for now, out of what has come from there. */
  get passesVoice(): boolean {
    return this.#passed.asleep;
  }

  /** Whether what the leg says is listened to, so that it is not to wait. */
  get attended(): boolean {
    return this.#orders.attending;
  }

  /** Whether what the one other party says goes to the leg as it comes, for now: take it with {@link takeArrivedFrame}. */
  passesAtOnce(nowMs: number): boolean {
    return this.#passed.passesAtOnce(nowMs);
  }

  /** The next frame that has come for the leg, as {@link takeFrame} has it; undefined: none may go at once. */
  takeArrivedFrame(nowMs: number): Uint8Array | undefined {
    const frame = this.#passed.takeArrived(this.spokenToHz, nowMs);
    if (frame !== undefined) {
      this.#sendRateHz = this.spokenToHz;
      if (this.#tape !== undefined) {
        // One after the other, but never far from their time: of a burst a recording has what there is room for.
        const next = this.pace.nextNumber;
        this.#keptNumber = Math.min(Math.max(next, this.#keptNumber + 1), next + 1);
        this.#tape.begin(this.#keptNumber);
        this.#tape.passed(frame, this.#sendRateHz);
      }
    }
    return frame;
  }

  /**
   * What somebody takes of the leg from now on; what it hears is in it only while {@link keepHeard} is asked for.
   * @param startMs when frame 0 of the call's clock begins. @param tracks what of it. @param arrived as of `LegTap`.
   */
  tap(startMs: number, tracks: ReadonlySet<Track>, arrived?: OnArrival): LegTap {
    return new LegTap(this.#memory, startMs, tracks, arrived);
  }

  /**
   * What the leg hears is put where its taps find it, until what is returned is called, and for as long as anybody else
   * wants it.
   */
  keepHeard(): () => void {
    this.#wantHeard(1);
    let wanted = true;
    return () => {
      if (wanted) {
        wanted = false;
        this.#wantHeard(-1);
      }
    };
  }

  #wantHeard(more: 1 | -1): void {
    this.#heardWanted += more;
    this.order({ recorded: this.#heardWanted > 0 });
  }

  /** The memory by which the leg's thread can write to its connection: `FrameWire` is its reader and writer. */
  get wire(): WordsHandle {
    return this.#memory.wire;
  }

  /**
   * Whether the thread sends what is due by itself, for now. Ask at each frame: a voice that is to be heard as it is
   * and alone is then this thread's again.
   */
  sendsItself(nowMs: number): boolean {
    if (this.#task === undefined || !this.#passed.yields()) {
      return false;
    }
    this.#passed.look(nowMs);
    return !this.#passed.asleep;
  }

  /** The rate in Hz of the frame last taken. */
  get sendRateHz(): number {
    return this.#sendRateHz;
  }

  /**
   * Passes on what the leg has said since the last call, if somebody listens to an utterance. Call it each 20 ms;
   * threads that wake this one do it sooner.
   */
  drainSpeech(): void {
    this.#speech.drain();
  }

  /**
   * Starts the task anew, over the same memory: an utterance that is going on ends here, what was not heard to its end
   * goes on. One whose thread is gone is started again anyway.
   */
  restart(): void {
    if (!this.#closed) {
      this.#send({ type: 'close' });
    }
  }

  /** Ends the task; resolves when it has ended. Idempotent. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#restart?.cancel();
      this.#passed.close();
      this.#send({ type: 'close' });
      this.onSpeech(undefined);
      if (this.#task === undefined) {
        freeLegMemory(this.#memory);
      }
      this.#segments.flush(this.#clock.nowMs());
    }
    return this.#allEnded;
  }

  /** A voice that is passed on as it is goes to who records the leg, too. */
  #keep(frame: Uint8Array | undefined): void {
    if (this.#tape !== undefined && frame !== undefined) {
      this.#tape.begin(this.pace.takeNumber());
      this.#tape.passed(frame, this.#sendRateHz);
    }
  }

  #needTask(): void {
    this.#passed.needTask(this.#clock.nowMs() + KEEP_TASK_MS);
  }

  #send(command: MediaCommand): void {
    this.#task?.port.postMessage(command);
  }

  #start(resumed?: ResumedTask): void {
    this.#startedAtMs = this.#clock.nowMs();
    // Before the new task sets it.
    const heard = this.#gauges.get('heardSoFar');
    this.#passed.taskStarts();
    const task = this.#threads.start({
      memory: this.#memory,
      firstMs: this.#firstMs,
      rateHz: this.#rateHz,
      orders: this.#orders,
      ...(this.#rtp === undefined ? {} : { rtp: this.#rtp }),
      ...(resumed === undefined ? {} : { resumed }),
    });
    this.#task = task;
    if (this.#passed.asleep) {
      this.#send({ type: 'sleep', on: true });
    }
    task.port.on('message', (event: MediaEvent | BellMessage) => this.#handle(event));
    this.#segments.tellAgain((segment) => heardMs(heard, segment));
    this.#allEnded = task.ended.then(
      () => this.#ended(task),
      (error: unknown) => this.#died(task, error),
    );
  }

  /** The task has ended as it was asked to: for good, or to be started anew. */
  #ended(task: RunningTask): void {
    task.port.close();
    if (this.#closed) {
      freeLegMemory(this.#memory);
      return;
    }
    this.#speech.breakOff(this.#clock.nowMs());
    this.#start({ utteranceFrom: undefined });
  }

  /** The thread is gone, and another goes on in the midst of what it was at, unless that may be what killed it. */
  #died(task: RunningTask, error: unknown): void {
    task.port.close();
    this.#task = undefined;
    this.#way.threadDied();
    if (this.#closed) {
      freeLegMemory(this.#memory);
      return;
    }
    this.#restarts += 1;
    this.#log.warn({ error, restarts: this.#restarts }, 'a media thread died; the leg goes on on another');
    const nowMs = this.#clock.nowMs();
    const atOnce = nowMs - this.#startedAtMs >= RESTART_PAUSE_MS || this.#restarts === 1;
    if (!atOnce || error instanceof LegHung) {
      this.#speech.breakOff(nowMs);
    }
    if (error instanceof LegHung) {
      this.#hung = nowMs - this.#hungAtMs < BLAMED_MS ? this.#hung + 1 : 1;
      this.#hungAtMs = nowMs;
    }
    if (this.#hung >= MOST_HUNG) {
      this.#givenUp();
      return;
    }
    const resumed = { utteranceFrom: this.#speech.utteranceFrom };
    if (atOnce) {
      this.#start(resumed);
      return;
    }
    this.#restart = this.#clock.at(nowMs + RESTART_PAUSE_MS, () => this.#start(resumed));
  }

  #handle(event: MediaEvent | BellMessage): void {
    this.#told();
    if (this.#closed) {
      return;
    }
    switch (event.type) {
      case 'bell':
        this.#speech.readOn();
        break;
      case 'speech':
        if (this.#speech.found(event.event, event.atFrame, this.playing) && this.#threads.wakes === true) {
          // So that the thread knows before its next tick that what comes is waited for.
          this.#ring();
        }
        break;
      case 'segment-started':
        this.#segments.started(event.segment, event.atMs);
        break;
      case 'segment-ended':
        this.#segments.ended(event.segment, event.atMs, event.end);
        break;
    }
  }

  /** A listener's own trouble; the leg's other listeners go on. One log line is enough: it would come each 20 ms. */
  #listenerFailed(error: unknown): void {
    this.#listenersFailed += 1;
    if (this.#listenersFailed === 1) {
      this.#log.error({ error }, "what listens to a leg's media failed; the leg goes on");
    }
  }

  #ring(): void {
    if (!this.#closed) {
      this.#task?.port.postMessage(BELL);
    }
  }
}
