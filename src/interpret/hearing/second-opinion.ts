/**
 * A stream of recognition is silent, which may be its death or have a reason: a cough, noise, a machine that is slow.
 * So another is asked beside it, given the same sound, of the same engine first, since the next one may hear far
 * worse; of the next when that one is silent too, or every stream of the engine is. Whoever speaks first goes on. One
 * that listens and hears no words is asked about at its own engine only, and beaten by words alone.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Scope } from '../../base/scope.ts';
import type { StreamDoubt, SttEngine, SttEvent, SttStreamOptions } from '../../engines/stt/stt-engine.ts';
import { FedStream } from './fed-stream.ts';
import type { KeptUtterance } from './kept-utterance.ts';

/**
 * A second stream of an engine that is silent for so long, in ms, is as dead as the first; it has all the sound at
 * once.
 */
const SECOND_SILENT_MS = 600;

/** What a stream is doubted for. */
export interface Doubted {
  readonly kept: KeptUtterance;
  readonly engine: string;
  readonly doubt: StreamDoubt;
  readonly error: AppError;
  readonly atMs: number;
  /** Whether it shows that it listens, and only hears no words. */
  readonly listens: boolean;
}

export interface SecondOpinionOptions {
  readonly stt: SttEngine;
  readonly stream: SttStreamOptions;
  readonly clock: Clock;
  readonly scope: Scope;
  /** What it is given. */
  readonly kept: readonly KeptUtterance[];
  readonly doubted: Doubted;
  /** The other was the first to speak, and has said `events`: {@link SecondOpinion.take} it. */
  readonly onWon: (events: readonly SttEvent[]) => void;
  /** Nobody hears more than the stream that is doubted. */
  readonly onAgreed: () => void;
}

export class SecondOpinion {
  readonly doubted: Doubted;
  readonly #options: SecondOpinionOptions;
  #rival: FedStream | undefined;
  /** Whether another engine has been asked, or there is no point in it. */
  #askedOther: boolean;
  #language: SttEvent | undefined;
  #over = false;

  /** Asks at once. */
  constructor(options: SecondOpinionOptions) {
    this.#options = options;
    this.doubted = options.doubted;
    const { doubt, listens } = options.doubted;
    this.#askedOther = listens || doubt.isGeneral;
    this.#ask(!listens && doubt.isGeneral);
  }

  /** More is kept. */
  giveNew(): void {
    this.#rival?.giveNew();
  }

  flush(): void {
    this.#rival?.flush();
  }

  /** To be called with each look at the stream that is doubted; see {@link Silence.look}. */
  look(nowMs: number, counts: boolean): void {
    const rival = this.#rival;
    rival?.silence.look(nowMs, counts);
    const silent = rival !== undefined && rival.silence.sinceSignMs >= SECOND_SILENT_MS;
    if (!this.#askedOther && (silent || this.doubted.doubt.isGeneral)) {
      this.#askedOther = true;
      this.#ask(true);
    }
  }

  /** The other stream, if one is open: it belongs to whoever takes it, and nobody else is asked any more. */
  take(): FedStream | undefined {
    const rival = this.#rival;
    this.#rival = undefined;
    this.#over = true;
    return rival;
  }

  /** Nobody else is asked any more, and who was is closed. Idempotent. */
  async close(): Promise<void> {
    await this.take()?.close();
  }

  /** One that was asked before is listened to until the next one is open. */
  #ask(other: boolean): void {
    const { stt, stream: options, clock, scope, kept, doubted } = this.#options;
    const feed = new FedStream(clock, kept, (from, event) => this.#hear(from, event));
    const { onEvent } = feed;
    const beside = { engine: doubted.engine, other };
    scope.run(async (signal) => {
      try {
        feed.attach(await stt.open({ ...options, beside, onEvent }, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof AppError)) {
          throw error;
        }
        this.#failed(feed);
        return;
      }
      if (this.#over || feed.failure !== undefined) {
        await feed.close();
        return;
      }
      const before = this.#rival;
      this.#rival = feed;
      feed.catchUp();
      await before?.close();
    });
  }

  #hear(feed: FedStream, event: SttEvent): void {
    if (event.type === 'failed') {
      this.#failed(feed);
    } else if (feed === this.#rival && !this.#over) {
      this.#heard(feed, event);
    }
  }

  #heard(rival: FedStream, event: SttEvent): void {
    const { kept, listens } = this.doubted;
    rival.silence.sign();
    if (event.type === 'language') {
      this.#language = event;
      return;
    }
    const about = 'text' in event && event.utterance === kept.utterance ? event : undefined;
    const more = about !== undefined && about.text.trim().length > kept.heard.trim().length;
    if (!listens || more) {
      this.#options.onWon(this.#language === undefined ? [event] : [this.#language, event]);
    } else if (about?.type === 'final') {
      this.#options.onAgreed();
    }
  }

  /** One could not be opened, or has ended. */
  #failed(feed: FedStream): void {
    if (this.#over || (this.#rival !== undefined && this.#rival !== feed)) {
      return;
    }
    this.#rival = undefined;
    if (this.#askedOther) {
      this.#options.onAgreed();
    } else {
      this.#askedOther = true;
      this.#ask(true);
    }
  }
}
