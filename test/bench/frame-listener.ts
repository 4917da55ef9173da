/**
 * Tells what a frame that a leg heard is: the partner's, bit for bit, and how long it was under way; the same
 * shifted by samples; silence; or something else, whose delay is then read from its pitch. A frame of any leg but
 * the partner is a stranger's voice.
 */

import { FRAME_MS, SAMPLE_BYTES, samplesToMs } from '../../src/base/units.ts';
import {
  findMarker,
  legOfMarker,
  matchesUnderMarker,
  NO_MARKER,
  numberOfMarker,
  readMarker,
} from './frame-marker.ts';
import { HEARD, type LegRecorder } from './leg-record.ts';
import { framesBehind, TONE_FRAMES, tonePosition } from './tone-clock.ts';

/** The leg whose frames should be heard. */
export interface FrameSource {
  readonly leg: number;
  /** The number of the frame sent last; -1 before the first. */
  readonly newestFrame: number;
  /** When frame `frame` was written, on the machine's monotonic clock; NaN when it is not, or long forgotten. */
  writtenAtMs(frame: number): number;
}

export class FrameListener {
  readonly #recorder: LegRecorder;
  readonly #tone: readonly Buffer[];
  #source: FrameSource | undefined;

  /** @param tone what the source sends, before the marker: frame `n` is `tone[n % TONE_FRAMES]`. */
  constructor(recorder: LegRecorder, tone: readonly Buffer[]) {
    this.#recorder = recorder;
    this.#tone = tone;
  }

  expect(source: FrameSource): void {
    this.#source = source;
  }

  /** Judges and records the payload of one message, `payloadBytes` bytes of `bytes` from `offset`. */
  hear(bytes: Buffer, offset: number, payloadBytes: number, rateHz: number, arrivedMs: number): void {
    const sound = this.#tone[0];
    const marker = payloadBytes === sound?.length ? readMarker(bytes, offset) : NO_MARKER;
    if (marker !== NO_MARKER) {
      this.#hearMarked(bytes, offset, marker, arrivedMs);
    } else if (isZero(bytes, offset, payloadBytes)) {
      this.#recorder.heard(arrivedMs, HEARD.silence, Number.NaN);
    } else {
      this.#hearUnmarked(bytes, offset, payloadBytes, rateHz, arrivedMs);
    }
  }

  #hearUnmarked(
    bytes: Buffer,
    offset: number,
    payloadBytes: number,
    rateHz: number,
    arrivedMs: number,
  ): void {
    const samples = payloadBytes / SAMPLE_BYTES;
    const shiftSamples = findMarker(bytes, offset, samples);
    if (shiftSamples === undefined) {
      const delayMs = this.#delayByTone(bytes, offset, samples, rateHz, arrivedMs);
      this.#recorder.heard(arrivedMs, HEARD.changed, delayMs);
      return;
    }
    const marker = readMarker(bytes, offset + shiftSamples * SAMPLE_BYTES);
    if (legOfMarker(marker) !== this.#source?.leg) {
      this.#recorder.heard(arrivedMs, HEARD.stranger, Number.NaN);
    } else {
      // The ear hears the marked frame that much after this one begins.
      const heardMs = arrivedMs + samplesToMs(shiftSamples, rateHz);
      this.#recorder.heard(
        arrivedMs,
        HEARD.shifted,
        heardMs - this.#source.writtenAtMs(numberOfMarker(marker)),
      );
    }
  }

  #hearMarked(bytes: Buffer, offset: number, marker: number, arrivedMs: number): void {
    const frame = numberOfMarker(marker);
    const sent = this.#tone[frame % TONE_FRAMES];
    if (legOfMarker(marker) !== this.#source?.leg) {
      this.#recorder.heard(arrivedMs, HEARD.stranger, Number.NaN);
    } else {
      const exact = sent !== undefined && matchesUnderMarker(bytes, offset, sent);
      this.#recorder.heard(
        arrivedMs,
        exact ? frame : HEARD.changed,
        arrivedMs - this.#source.writtenAtMs(frame),
      );
    }
  }

  #delayByTone(bytes: Buffer, offset: number, samples: number, rateHz: number, arrivedMs: number): number {
    const source = this.#source;
    const position = tonePosition(bytes, offset, samples, rateHz);
    if (source === undefined || position === undefined) {
      return Number.NaN;
    }
    const newest = source.newestFrame;
    return arrivedMs - source.writtenAtMs(newest) + framesBehind(position, newest) * FRAME_MS;
  }
}

function isZero(bytes: Buffer, offset: number, count: number): boolean {
  for (let at = offset; at < offset + count; at += 1) {
    if (bytes[at] !== 0) {
      return false;
    }
  }
  return true;
}
