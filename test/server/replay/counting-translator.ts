/**
 * A fused provider within a test, on its clock: it cannot understand anything, and says for each utterance which it was,
 * a while after its end; where it speaks, with a tone.
 */

import type { Clock } from '../../../src/base/clock.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../../../src/engines/s2s/speech-translator.ts';
import { SUPPORTED, type Support } from '../../../src/engines/support.ts';
import { sine } from '../../asterisk/audio.ts';

/** After the end of an utterance, in ms. */
const LATE_MS = 311.7;
const STEP_MS = 83.3;
const RATE_HZ = 16_000;
const TONE_HZ = 700;

export class CountingTranslator implements SpeechTranslator {
  readonly name = 'counting';
  readonly speaks: boolean;
  readonly #clock: Clock;
  #utterances = 0;

  constructor(clock: Clock, speaks: boolean) {
    this.#clock = clock;
    this.speaks = speaks;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async open({ to, onEvent }: SpeechTranslatorOptions): Promise<SpeechTranslatorStream> {
    return {
      droppedMs: 0,
      write: () => {},
      endOfSpeech: () => {
        this.#utterances += 1;
        const source = `utterance ${this.#utterances}`;
        const events: readonly SpeechTranslatorEvent[] = [
          { type: 'source', text: 'utter', concluded: false },
          { type: 'source', text: source, concluded: true },
          { type: 'target', text: `${source} in ${to}.` },
          ...(this.speaks
            ? [{ type: 'audio', rateHz: RATE_HZ, pcm: sine(TONE_HZ, 500, RATE_HZ) } as const]
            : []),
          { type: 'caught-up' },
        ];
        for (const [index, event] of events.entries()) {
          this.#clock.at(this.#clock.nowMs() + LATE_MS + index * STEP_MS, () => onEvent(event));
        }
      },
      close: async () => {},
    };
  }

  async close(): Promise<void> {}
}
