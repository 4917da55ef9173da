/**
 * The thread on which the generated legs speak, each at its own moment: legs are spread evenly over the 20 ms, as a
 * real Asterisk sends each leg when its phone does. It has no event loop to wait for: it waits for the next deadline
 * itself, to some 0.1 ms, where a timer of the loop would send the legs of a whole ms at once.
 */

import { workerData } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import type { RtpFormat } from '../../src/protocol/rtp/payloads.ts';
import { LoadVoice, type VoiceMemory } from './load-voice.ts';
import { audioSocketVoice, codedTone, rtpVoice } from './load-wire.ts';
import { toneFrames } from './tone-clock.ts';

export interface SenderJob {
  readonly rateHz: number;
  readonly rtp: RtpFormat | undefined;
  readonly legs: readonly {
    readonly leg: number;
    readonly descriptor: number;
    readonly memory: VoiceMemory;
  }[];
  /** On the machine's monotonic clock: the first leg speaks then, the last almost 20 ms later. */
  readonly startMs: number;
  /** Two words: set the first to stop, the second is set when no more is written. */
  readonly control: SharedArrayBuffer;
}

/** Places in {@link SenderJob.control}. */
export const STOP = 0;
export const STOPPED = 1;

const job: SenderJob | null = workerData;
if (job !== null) {
  speak(job);
}

function speak({ rateHz, rtp, legs, startMs, control }: SenderJob): void {
  const words = new Int32Array(control);
  const tone = toneFrames(rateHz);
  const coded = rtp === undefined ? [] : codedTone(rtp, tone);
  const voices = legs.map(({ leg, memory, descriptor }) => {
    const wire = rtp === undefined ? audioSocketVoice(leg, rateHz, tone) : rtpVoice(leg, rtp, coded);
    return new LoadVoice({ wire, memory, descriptor });
  });
  const gapMs = FRAME_MS / voices.length;
  // One deadline after the other, in the order of the legs, for ever: the n-th is n gaps after the start.
  for (let next = 0; ; ) {
    const nowMs = systemClock.nowMs();
    for (let dueMs = startMs + next * gapMs; dueMs <= nowMs; dueMs = startMs + next * gapMs) {
      voices[next % voices.length]?.send(dueMs, systemClock.nowMs());
      next += 1;
    }
    const waitMs = Math.max(0.01, startMs + next * gapMs - systemClock.nowMs());
    if (Atomics.wait(words, STOP, 0, waitMs) !== 'timed-out') {
      break;
    }
  }
  Atomics.store(words, STOPPED, 1);
  Atomics.notify(words, STOPPED);
}
