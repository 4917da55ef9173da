/**
 * The voice of a translator that only writes: a synthesis engine speaks each piece of text as a segment, in order, as the
 * cascade's segments are spoken.
 */

import type { Clock } from '../../base/clock.ts';
import type { Language } from '../../base/language.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { InterpreterEvent } from '../interpreter.ts';
import { SegmentWork, type SpeakingTools } from '../speaking/segment-work.ts';
import { type SegmentSink, Speaker } from '../speaking/speaker.ts';
import type { FusedUtterance } from './fused-utterance.ts';
import type { Voice } from './voice.ts';

export interface LentVoiceOptions {
  readonly tts: TtsEngine;
  /** The engine's name of a voice; undefined for its default. */
  readonly voice: string | undefined;
  readonly language: Language;
  readonly wantedRateHz: number;
  readonly clock: Clock;
  readonly emit: (event: InterpreterEvent) => void;
  /** Runs work that ends with the interpreter. */
  readonly run: (work: (signal: AbortSignal) => Promise<void>) => void;
}

export class LentVoice implements Voice {
  readonly #options: LentVoiceOptions;
  readonly #tools: SpeakingTools;
  readonly #speaker: Speaker;
  readonly #stopped = new AbortController();
  #nextSegment = 0;

  constructor(options: LentVoiceOptions) {
    const { tts, voice, language, wantedRateHz, clock } = options;
    this.#options = options;
    this.#tools = {
      clock,
      tts,
      voice: { language, wantedRateHz, ...(voice === undefined ? {} : { voice }) },
    };
    this.#speaker = new Speaker(options.run);
  }

  text(utterance: FusedUtterance, text: string): void {
    if (text.trim() !== '') {
      utterance.openSegment();
      this.#speaker.add(this.#sinkOf(utterance, text));
    }
  }

  /** A translator that only writes gives no sound. */
  sound(): void {}

  caughtUp(): void {}

  stop(): void {
    this.#stopped.abort();
  }

  #sinkOf(utterance: FusedUtterance, text: string): SegmentSink {
    const { clock, emit } = this.#options;
    const translatedMs = clock.nowMs();
    const translation = { text: text.trim(), cached: false, repaired: 0 };
    const work = new SegmentWork('', async () => translation, this.#tools, this.#stopped.signal);
    let segment = 0;
    return {
      work,
      started: (_, rateHz) => {
        segment = this.#nextSegment;
        this.#nextSegment += 1;
        const firstSoundMs = work.firstSoundMs ?? clock.nowMs();
        const timing = { cutMs: translatedMs, translatedMs, firstSoundMs };
        utterance.speaking(segment, text, rateHz, firstSoundMs, timing);
      },
      audio: (pcm) => emit({ type: 'segment-audio', segment, pcm }),
      stopped: () => emit({ type: 'segment-ended', segment }),
      failed: (_, error) => utterance.segmentFailed(error),
      done: () => utterance.closeSegment(),
    };
  }
}
