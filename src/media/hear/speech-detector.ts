/**
 * The listening half of a leg: what arrives becomes 16 kHz, is judged voice or not, cut into utterances, and
 * kept in the speech ring for recognition. Frame numbers of the ring are the time line: a pause in what arrives
 * (a phone that sends nothing in silence) is filled with silent frames, so that an utterance can end in it.
 *
 * A frame counts as voice when the voice detector says so and it is neither echo of what was played, nor a tone of
 * the network, nor music. What is judged so is kept in the ring as it is: in an utterance it may lie under a voice.
 */

import { FRAME_MS, SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../../base/units.ts';
import { Resampler, SPEECH_QUALITY } from '../dsp/resampler.ts';
import { SampleFifo } from '../dsp/sample-fifo.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { type FrameRingHandle, FrameRingWriter } from '../ring/frame-ring.ts';
import { EchoGate } from './echo-gate.ts';
import { EchoShare } from './echo-share.ts';
import { DEFAULT_ENDPOINTER, Endpointer, type EndpointerEvent } from './endpointer.ts';
import { MusicDetector } from './music-detector.ts';
import { ProsodyMeter } from './prosody/prosody-meter.ts';
import type { FoundSpeech } from './speech-event.ts';
import { ToneDetector } from './tone-detector.ts';
import { VoiceActivity } from './voice-activity.ts';

/** Nothing arriving for this long is a pause, not jitter: packets of 60 ms, and one of them late. */
const GAP_MS = 120;
/** Between two looks at the time: whoever is asked each 20 ms and was not for so long did not run. */
const ASLEEP_MS = 60;

/** An utterance that begins after music reaches back this far at most: 800 ms. */
const MOST_HIDDEN_FRAMES = 60;

/** How an utterance is said is told in pieces of 500 ms, or up to a pause. */
const MEASURED_FRAMES = 25;

const SILENT_FRAME = new Int16Array(SPEECH_FRAME_SAMPLES);

/**
 * Hears what is found out. All of the utterance that precedes it lies before frame `atFrame` of the speech ring; an
 * utterance that starts has its audio from that frame on.
 */
export type SpeechSink = (event: FoundSpeech, atFrame: number) => void;

export class SpeechDetector {
  /** Whether how something is said is measured. Default no. */
  measuring = false;
  readonly #modules: MediaModules;
  readonly #voice: VoiceActivity;
  readonly #echo: EchoGate;
  readonly #tone = new ToneDetector();
  readonly #music = new MusicDetector();
  readonly #echoShare = new EchoShare();
  readonly #endpointer: Endpointer;
  readonly #prosody = new ProsodyMeter();
  readonly #onsetFrames: number;
  readonly #speech: FrameRingWriter;
  readonly #sink: SpeechSink;
  #resampler: Resampler | undefined;
  readonly #fifo = new SampleFifo();
  readonly #frame = new Int16Array(SPEECH_FRAME_SAMPLES);
  #nowMs = 0;
  #lastArrivalMs: number | undefined;
  #lastIdleMs: number | undefined;
  /** Since the last arrival, in ms, in which this thread stood still: what was sent meanwhile is still to come. */
  #asleepMs = 0;
  /** The frame since which somebody spoke when music turned out to have ended; for a short while. */
  #hiddenFrom: number | undefined;

  /** @param utteranceFrom the frame of `speech` with which an utterance begins that goes on; undefined: none does. */
  constructor(
    modules: MediaModules,
    speech: FrameRingHandle,
    sink: SpeechSink,
    utteranceFrom?: number,
    options = DEFAULT_ENDPOINTER,
  ) {
    this.#modules = modules;
    this.#voice = new VoiceActivity(modules);
    this.#echo = new EchoGate(modules);
    this.#speech = new FrameRingWriter(speech);
    this.#endpointer = new Endpointer(options, this.#speech.written, utteranceFrom);
    this.#onsetFrames = options.onsetFrames;
    this.#sink = sink;
  }

  /** Takes one frame at any rate. @param arrivedMs when it arrived; @param nowMs when it is judged. */
  push(pcm: Int16Array, rateHz: number, arrivedMs: number, nowMs = arrivedMs): void {
    this.#nowMs = nowMs;
    if (this.#lastArrivalMs !== undefined && arrivedMs - this.#lastArrivalMs >= GAP_MS) {
      this.#echo.resume();
    }
    this.#lastArrivalMs = arrivedMs;
    this.#asleepMs = 0;
    if (rateHz === SPEECH_HZ && this.#fifo.length === 0) {
      this.#judge(pcm, arrivedMs);
      return;
    }
    this.#fifo.push(rateHz === SPEECH_HZ ? pcm : this.#converted(pcm, rateHz));
    while (this.#fifo.length >= SPEECH_FRAME_SAMPLES) {
      this.#fifo.take(this.#frame);
      this.#judge(this.#frame, arrivedMs);
    }
  }

  /**
   * Hears what is played to the leg, a frame each 20 ms, so that its echo is not taken for the leg's own voice.
   * `pcm` is only read during the call.
   */
  played(pcm: Int16Array, rateHz: number): void {
    this.#echo.played(pcm, rateHz);
  }

  /**
   * Call it once each 20 ms: fills a pause in what arrives while an utterance is going on. A process that stood still
   * wakes before its sockets are read; silence put in then would be in the middle of a word.
   */
  idle(nowMs: number): void {
    this.#nowMs = nowMs;
    const sinceMs = nowMs - (this.#lastIdleMs ?? nowMs);
    this.#asleepMs += sinceMs > ASLEEP_MS ? sinceMs : 0;
    this.#lastIdleMs = nowMs;
    if (this.#endpointer.inUtterance && this.#lastArrivalMs !== undefined) {
      // Each silent frame stands for the 20 ms after the last; the line goes on GAP_MS behind the present.
      while (nowMs - this.#asleepMs - this.#lastArrivalMs >= GAP_MS && this.#endpointer.inUtterance) {
        this.#lastArrivalMs += FRAME_MS;
        this.#judge(SILENT_FRAME, this.#lastArrivalMs);
      }
    }
  }

  /** Ends an utterance that is going on: nothing more of it will come. */
  end(): void {
    const event = this.#endpointer.stop();
    if (event !== undefined) {
      this.#tell(event, this.#speech.written - 1, this.#lastArrivalMs ?? this.#nowMs);
    }
  }

  #converted(pcm: Int16Array, rateHz: number): Int16Array {
    if (this.#resampler?.fromHz !== rateHz) {
      this.#resampler?.close();
      this.#resampler = new Resampler(this.#modules, rateHz, SPEECH_HZ, SPEECH_QUALITY);
    }
    return this.#resampler.process(pcm);
  }

  #judge(frame: Int16Array, arrivedMs: number): void {
    const number = this.#speech.written;
    this.#speech.writeSamples(frame, SPEECH_HZ, arrivedMs);
    const musicBefore = this.#music.present;
    const voice = this.#isOwnVoice(frame);
    if (this.#music.present && !musicBefore) {
      this.#stop(number, arrivedMs);
    }
    if (musicBefore && !this.#music.present && this.#music.spokenFrames > 0) {
      this.#hiddenFrom = number - this.#music.spokenFrames;
    }
    const event = this.#endpointer.push(voice && !this.#music.present, this.#hiddenFrames(number));
    this.#measure(frame, voice, event, arrivedMs);
    if (event !== undefined) {
      this.#tell(event, number, arrivedMs);
    }
  }

  #measure(frame: Int16Array, voice: boolean, event: EndpointerEvent | undefined, arrivedMs: number): void {
    const meter = this.#prosody;
    if (event?.type === 'start') {
      meter.take();
    }
    if (this.measuring && this.#endpointer.inUtterance) {
      meter.push(frame, voice);
    }
    const { frames } = meter;
    if (frames >= MEASURED_FRAMES || event?.type === 'pause' || event?.type === 'end') {
      const contour = meter.contour();
      const prosody = meter.take();
      if (prosody !== undefined) {
        const measured = { ...prosody, contour, fromMs: arrivedMs - frames * FRAME_MS, toMs: arrivedMs };
        this.#sink({ type: 'measured', prosody: measured }, this.#speech.written);
      }
    }
  }

  /** How many frames before `number` a voice was hidden: music is known to have ended only when a voice goes on. */
  #hiddenFrames(number: number): number {
    const frames = this.#hiddenFrom === undefined ? 0 : number - this.#hiddenFrom;
    if (frames > MOST_HIDDEN_FRAMES || this.#endpointer.inUtterance) {
      this.#hiddenFrom = undefined;
      return 0;
    }
    return frames;
  }

  /** Whether the leg itself speaks, or makes music. */
  #isOwnVoice(frame: Int16Array): boolean {
    const voice = this.#voice.isVoice(frame);
    if (this.#echo.isEcho(frame, voice)) {
      this.#echoShare.push('echo');
      this.#tone.skip();
      this.#music.push(frame, this.#voice.energy, false);
      return false;
    }
    const sounding = this.#voice.sounding;
    const tone = sounding ? this.#tone.judge(frame, this.#voice.noiseEnergy) : 'none';
    if (!sounding) {
      this.#tone.skip();
    }
    this.#music.push(frame, this.#voice.energy, tone === 'none');
    const own = voice && (tone === 'none' || (tone === 'perhaps' && this.#endpointer.inUtterance));
    this.#echoShare.push(own ? 'own' : 'none');
    return own;
  }

  /** Ends what was taken for an utterance. */
  #stop(number: number, arrivedMs: number): void {
    const event = this.#endpointer.stop();
    if (event !== undefined) {
      this.#sink({ type: 'was-none' }, number);
      this.#tell(event, number - 1, arrivedMs - FRAME_MS);
    }
  }

  /** Frame `number` ended when it arrived, so a frame before it began that many frames earlier. */
  #tell(event: EndpointerEvent, number: number, arrivedMs: number): void {
    const timeOf = (frame: number): number => arrivedMs - (number + 1 - frame) * FRAME_MS;
    switch (event.type) {
      case 'start':
        this.#echoShare.begin(this.#onsetFrames);
        this.#sink({ type: 'started', startMs: timeOf(event.voiceFrame) }, event.fromFrame);
        break;
      case 'pause':
        this.#sink(
          { type: 'paused', silenceStartMs: timeOf(event.silenceFrame), echoShare: this.#echoShare.share },
          number + 1,
        );
        break;
      case 'resume':
        this.#sink({ type: 'resumed' }, number + 1);
        break;
      case 'end': {
        const endMs = timeOf(event.silenceFrame);
        const echoShare = this.#echoShare.share;
        this.#sink({ type: 'ended', endMs, decidedMs: this.#nowMs, echoShare }, event.toFrame);
        break;
      }
    }
  }

  /** Frees the libraries' memory. */
  close(): void {
    this.#voice.close();
    this.#echo.close();
    this.#resampler?.close();
    this.#resampler = undefined;
  }
}
