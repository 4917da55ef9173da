/**
 * What is heard in one party's voice of late, as a word for the engine that speaks for it: measured here, or by a
 * provider. A word is forgotten soon, since nobody stays so for long; without a provider there is none, and the call
 * goes on.
 */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import type { EmotionReader, EmotionStream } from '../engines/emotion/emotion-reader.ts';
import { MeasuredEmotion } from '../interpret/manner/measured-emotion.ts';
import type { MeasuredProsody } from '../media/hear/prosody/prosody.ts';
import { KeptOpen } from './kept-open.ts';

/** Two of the intervals in which a provider measures, in ms. */
const FRESH_MS = 6_000;

export interface PartyEmotionOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Who hears it; undefined: it is measured here. */
  readonly reader: EmotionReader | undefined;
}

export class PartyEmotion {
  readonly #clock: Clock;
  readonly #measured = new MeasuredEmotion();
  readonly #stream: KeptOpen<EmotionStream> | undefined;
  #heard: { readonly word: string | undefined; readonly atMs: number } | undefined;

  /** @param scope ends it. */
  constructor({ clock, log, reader }: PartyEmotionOptions, scope: Scope) {
    this.#clock = clock;
    this.#stream = reader === undefined ? undefined : this.#keep(reader, log, scope);
  }

  /** The word for what is heard at present; undefined: none in particular. */
  get word(): string | undefined {
    if (this.#stream === undefined) {
      return this.#measured.word;
    }
    const isFresh = this.#heard !== undefined && this.#clock.nowMs() - this.#heard.atMs <= FRESH_MS;
    return isFresh ? this.#heard?.word : undefined;
  }

  /** The party said this. */
  heard(pcm: Int16Array): void {
    this.#stream?.current?.write(pcm);
  }

  measured(prosody: MeasuredProsody): void {
    this.#measured.measured(prosody);
  }

  /** Somebody else speaks from now on. */
  forget(): void {
    this.#measured.forget();
    this.#heard = undefined;
  }

  #keep(reader: EmotionReader, log: Log, scope: Scope): KeptOpen<EmotionStream> {
    const kept = new KeptOpen<EmotionStream>(this.#clock, scope, {
      open: (lost, signal) =>
        reader.open(
          {
            heard: (word) => {
              this.#heard = { word, atMs: this.#clock.nowMs() };
            },
            lost,
          },
          signal,
        ),
      opened: () => {},
      gone: () => {
        this.#heard = undefined;
      },
      failed: (error, failures) => {
        if (failures === 0) {
          log.warn(
            { error, by: reader.name },
            'what is heard in a voice is not known; the call goes on without',
          );
        }
      },
    });
    kept.start();
    return kept;
  }
}
