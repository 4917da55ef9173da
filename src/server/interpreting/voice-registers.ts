/**
 * How high the voices are that a speaker's may be chosen from: each speaks one sentence when its engine is found to
 * work, and is measured as callers are. So nobody has to write down which voice is a man's. What cannot be measured is
 * not chosen.
 */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Log } from '../../base/log.ts';
import { SPEECH_FRAME_SAMPLES, SPEECH_HZ } from '../../base/units.ts';
import { atSpeechRate } from '../../engines/try-out.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { KnownVoice } from '../../interpret/manner/choose-voice.ts';
import { powerAt, powerOf } from '../../media/dsp/sound.ts';
import { ProsodyMeter } from '../../media/hear/prosody/prosody-meter.ts';
import { announcementText } from './announcements.ts';
import type { InterpretingSettings } from './interpreting-settings.ts';

/** How long a voice may take over its sentence, in ms. */
const LIMIT_MS = 20_000;
/** What is softer, in dBFS, is no voice: nothing else is in it than silence. */
const VOICE_DBFS = -50;
/** Fewer frames with a pitch, of 20 ms, are no measure of it. */
const LEAST_PITCH_MS = 300;
/** Measured at a time, in frames: 5 ms, so that no call's frames wait. */
const AT_ONCE_FRAMES = 100;
/** For a language that nobody has written a sentence in; everyone can count. */
const COUNTING = '1 2 3 4 5 6 7 8 9';

export type VoiceSettings = Pick<InterpretingSettings, 'ttsVoices' | 'voiceChoice'>;

export class VoiceRegisters {
  readonly #settings: VoiceSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  /** By language, in the order in which they were measured. */
  readonly #known = new Map<Language, KnownVoice[]>();
  /** Engines that were asked for a language: once is enough. */
  readonly #asked = new Set<string>();
  /** The engines of each language, best first. */
  readonly #order = new Map<Language, readonly string[]>();

  constructor(settings: VoiceSettings, clock: Clock, log: Log) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is known of the voices of a language, those of the best engine first. */
  readonly of = (language: Language): readonly KnownVoice[] => {
    const order = this.#order.get(language) ?? [];
    const known = this.#known.get(language) ?? [];
    return order.flatMap((name) => known.filter(({ engine }) => engine === name));
  };

  /**
   * Finds out about the voices that `engines` speak a language with, where there are several to choose from.
   * @returns whether anything is known now that was not.
   * @throws the signal's reason.
   */
  async learn(language: Language, engines: readonly TtsEngine[], signal: AbortSignal): Promise<boolean> {
    this.#order.set(
      language,
      engines.map(({ name }) => name),
    );
    let news = false;
    for (const engine of engines) {
      const key = `${engine.name} ${language}`;
      if (!this.#asked.has(key)) {
        this.#asked.add(key);
        const voices = await this.#choiceOf(engine, language, signal);
        for (const voice of voices.length < 2 ? [] : voices) {
          news = (await this.#measure(engine, language, voice, signal)) || news;
        }
      }
    }
    return news;
  }

  /** Written ones are for whichever engine has them; an engine's own only where none is written. */
  async #choiceOf(engine: TtsEngine, language: Language, signal: AbortSignal): Promise<readonly string[]> {
    const one = this.#settings.ttsVoices.get(language);
    const some = this.#settings.voiceChoice.get(language);
    if (some !== undefined || one !== undefined) {
      return [...new Set([...(one === undefined ? [] : [one]), ...(some ?? [])])];
    }
    try {
      return (await engine.choice?.(language)) ?? [];
    } catch (error) {
      signal.throwIfAborted();
      this.#unmeasured(engine, language, error);
      return [];
    }
  }

  async #measure(
    engine: TtsEngine,
    language: Language,
    voice: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const late = `it took longer than ${LIMIT_MS / 1_000} s`;
    try {
      const pcm = await withDeadline(this.#clock, LIMIT_MS, late, signal, async (inner) => {
        const text = announcementText(language, new Map(), 'interpreter') ?? COUNTING;
        const request = { text, language, voice: { name: voice }, wantedRateHz: SPEECH_HZ };
        const { rateHz, pieces } = await engine.synthesize(request, inner);
        return await atSpeechRate(rateHz, pieces);
      });
      const hz = await this.#pitchOf(pcm, signal);
      this.#known.set(language, [
        ...(this.#known.get(language) ?? []),
        { engine: engine.name, ref: voice, hz },
      ]);
      this.#log.debug({ language, tts: engine.name, voice, hz: Math.round(hz) }, 'a voice was measured');
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#unmeasured(engine, language, error, voice);
      return false;
    }
  }

  #unmeasured({ name }: TtsEngine, language: Language, error: unknown, voice?: string): void {
    this.#log.warn(
      { language, tts: name, ...(voice === undefined ? {} : { voice }), reason: messageOf(error) },
      'a voice could not be measured and is not chosen for anybody',
    );
  }

  async #pitchOf(pcm: Int16Array, signal: AbortSignal): Promise<number> {
    const meter = new ProsodyMeter();
    const least = powerAt(VOICE_DBFS);
    let frames = 0;
    for (let at = 0; at + SPEECH_FRAME_SAMPLES <= pcm.length; at += SPEECH_FRAME_SAMPLES) {
      const frame = pcm.subarray(at, at + SPEECH_FRAME_SAMPLES);
      meter.push(frame, powerOf(frame) > least);
      frames += 1;
      if (frames % AT_ONCE_FRAMES === 0) {
        await this.#clock.sleep(1, signal);
      }
    }
    const pitch = meter.take()?.pitch;
    if (pitch === undefined || pitch.heardMs < LEAST_PITCH_MS) {
      throw new AppError('engine-bad-answer', 'nothing in its sentence has a pitch');
    }
    return pitch.medianHz;
  }
}
