/**
 * A rendering by one provider that recognises and translates in one go, and perhaps speaks, too. Such a provider knows
 * no utterances: what it gives belongs to the earliest utterance it has not caught up with, or to the last one.
 */

import type { Clock } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorStream,
} from '../../engines/s2s/speech-translator.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { SpeechEvent } from '../../media/hear/speech-event.ts';
import type { EngineAnswer } from '../answers/engine-answer.ts';
import { ToldTts } from '../answers/told-engines.ts';
import type { FusedRendering, RenderingEvent, RenderingOptions } from '../rendering/rendering.ts';
import type { Delivery } from './delivery.ts';
import { FusedUtterance } from './fused-utterance.ts';
import { PassedSound } from './passed-sound.ts';
import { SynthesisedText } from './synthesised-text.ts';

export interface FusedEngines {
  readonly translator: SpeechTranslator;
  /** Speaks for a translator that only writes; others do without. */
  readonly tts?: TtsEngine;
}

export class SpeechRendering implements FusedRendering {
  readonly #translator: SpeechTranslator;
  readonly #tts: TtsEngine | undefined;
  readonly #clock: Clock;
  readonly #options: RenderingOptions;
  readonly #scope: Scope;
  readonly #delivery: Delivery;
  /** Utterances the translator has not caught up with, oldest first; the one that goes on is the last of them. */
  readonly #behind: FusedUtterance[] = [];
  /** Utterances that have not been reported yet. */
  readonly #unreported = new Set<FusedUtterance>();
  /** The utterance that goes on. */
  #going: FusedUtterance | undefined;
  /** The latest utterance of all. */
  #latest: FusedUtterance | undefined;
  #stream: SpeechTranslatorStream | undefined;
  #lost = false;

  constructor({ translator, tts }: FusedEngines, clock: Clock, options: RenderingOptions) {
    const { to, wantedRateHz, voice, told, answered } = options;
    this.#translator = translator;
    this.#tts = tts;
    this.#clock = clock;
    this.#options = options;
    this.#scope = new Scope((error) => this.#fail(asError(error)));
    this.#delivery =
      translator.speaks || tts === undefined
        ? new PassedSound(clock)
        : new SynthesisedText({
            clock,
            tts: answered === undefined ? tts : new ToldTts(tts, clock, answered),
            request: {
              ...{ language: to, wantedRateHz },
              failedOver: () => this.#emit({ type: 'noted', what: 'failover', count: 1 }),
              onCharge: (charge) => this.#emit({ type: 'charged', charge }),
            },
            voice,
            asked: (count) => this.#emit({ type: 'noted', what: 'tts-characters', count }),
            told,
            run: (work) => this.#scope.run(work),
          });
  }

  /** Opens the stream. @throws as the translator's `open`. */
  async start(signal: AbortSignal): Promise<void> {
    const { from, to, wantedRateHz } = this.#options;
    this.#stream = await this.#translator.open(
      {
        ...{ from, to, wantedRateHz },
        onCharge: (charge) => this.#emit({ type: 'charged', charge }),
        onEvent: (event) => this.#handle(event),
      },
      signal,
    );
    const tts = this.#tts?.name;
    this.#options.answered?.({
      ...{ type: 'translator', atMs: this.#clock.nowMs(), to, name: this.#translator.name },
      ...(tts === undefined || this.#translator.speaks ? {} : { tts }),
    });
  }

  /** The provider hears pauses itself; and what has been said cannot be taken back from it. */
  take(event: SpeechEvent): void {
    if (this.#lost || this.#scope.closed) {
      return;
    }
    if (event.type === 'started') {
      this.#begin(event.utterance, event.startMs);
    } else if (event.type === 'audio' && this.#going !== undefined) {
      this.#stream?.write(event.pcm);
    } else if (event.type === 'ended' && this.#going !== undefined) {
      this.#end(this.#going, event.endMs, event.decidedMs);
    }
  }

  async close(): Promise<void> {
    const closed = this.#scope.close();
    this.#delivery.stop();
    await Promise.all([closed, this.#stream?.close()]);
  }

  #emit(event: RenderingEvent): void {
    if (!this.#scope.closed) {
      this.#options.onEvent(event);
    }
  }

  /** Before what comes is given on: its sound is somebody else's then. */
  #tell(what: Extract<EngineAnswer, { readonly type: 'fused' }>['what']): void {
    const { to, answered } = this.#options;
    answered?.({ type: 'fused', atMs: this.#clock.nowMs(), to, what });
  }

  #begin(number: number, speechStartMs: number): void {
    if (this.#going !== undefined) {
      this.#end(this.#going, speechStartMs, speechStartMs);
    }
    this.#tell({ type: 'began', utterance: number });
    const { from, to, speak } = this.#options;
    const utterance = new FusedUtterance(
      number,
      speechStartMs,
      {
        from,
        to,
        speak,
        between: '',
        report: (ended) => {
          this.#unreported.delete(utterance);
          this.#emit(ended);
        },
      },
      (text, final) => this.#emit({ type: 'heard', utterance: number, text, final }),
    );
    this.#behind.push(utterance);
    this.#unreported.add(utterance);
    this.#going = utterance;
    this.#latest = utterance;
  }

  #end(utterance: FusedUtterance, speechEndMs: number, endpointMs: number): void {
    this.#going = undefined;
    utterance.end(speechEndMs, endpointMs);
    this.#tell({ type: 'ended', utterance: utterance.number });
    this.#stream?.endOfSpeech();
  }

  #handle(event: SpeechTranslatorEvent): void {
    if (this.#lost || this.#scope.closed) {
      return;
    }
    this.#tell(event);
    if (event.type === 'failed') {
      this.#fail(event.error);
      return;
    }
    if (event.type === 'caught-up') {
      this.#caughtUp();
      return;
    }
    const utterance = this.#behind[0] ?? this.#latest;
    if (utterance === undefined) {
      return;
    }
    switch (event.type) {
      case 'source':
        utterance.hear(event.text, event.concluded);
        break;
      case 'target':
        this.#delivery.text(utterance, event.text);
        break;
      case 'audio':
        this.#delivery.sound(utterance, event.pcm, event.rateHz);
        break;
    }
  }

  /** The translator has given all of the earliest utterance that it had not caught up with. */
  #caughtUp(): void {
    const [utterance] = this.#behind;
    if (utterance === undefined || !utterance.over) {
      return;
    }
    this.#behind.shift();
    this.#delivery.caughtUp(utterance);
    if (utterance.text !== '') {
      this.#options.lines.said(utterance.text);
    }
    utterance.catchUp();
    // Where the translator speaks, its words are all known only now.
    const { targetText } = utterance.account;
    if (this.#translator.speaks && targetText !== '') {
      this.#options.told(targetText);
    }
  }

  #fail(error: Error): void {
    if (this.#lost) {
      return;
    }
    this.#lost = true;
    // Whoever opened this closes it now, so what is still being spoken ends with it.
    this.#delivery.stop();
    for (const { account } of [...this.#unreported]) {
      account.lost(error);
    }
    this.#emit({ type: 'failed', error });
  }
}
