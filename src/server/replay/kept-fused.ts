/**
 * A fused provider that answers as one did in a call that was kept: what it gave comes as long after the beginning or the
 * end of an utterance as it came then. It listens to nothing.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { CallNote } from '../../call/recording/call-notes.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../../engines/s2s/speech-translator.ts';
import { SUPPORTED, type Support } from '../../engines/support.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import { SpeechRenderings } from '../../interpret/fused/speech-renderings.ts';
import type {
  FusedRendering,
  FusedRenderingFactory,
  RenderingOptions,
} from '../../interpret/rendering/rendering.ts';
import { decodeG711 } from '../../protocol/g711.ts';
import { answerTime } from './kept-time.ts';

type TranslatorNote = Extract<CallNote, { readonly type: 'translator' }>;
type FusedNote = Extract<CallNote, { readonly type: 'fused' }>;

/** What a stream gave after it was told something; `atMs` is when that was, in ms of the call. */
interface Step {
  readonly what: 'opened' | 'began' | 'ended';
  readonly atMs: number;
  readonly answers: FusedNote[];
}

/** One stream of the call, in the order of what it was told. */
interface Script {
  readonly translator: TranslatorNote;
  readonly steps: Step[];
}

/** Renderings of fused providers of a call that was kept, by party and language. */
export class KeptFused implements FusedRenderingFactory {
  readonly lowestWireRateHz = 8_000;
  readonly #tts: TtsEngine;
  readonly #clock: Clock;
  readonly #startMs: number;
  /** Each is taken once, by whoever opens the next stream. */
  readonly #scripts = new Map<string, Script[]>();

  /** @param tts speaks for those that only wrote. @param startMs when the call begins, on the clock. */
  constructor(notes: readonly CallNote[], tts: TtsEngine, clock: Clock, startMs: number) {
    this.#tts = tts;
    this.#clock = clock;
    this.#startMs = startMs;
    for (const note of notes) {
      if (note.type === 'translator') {
        const scripts = this.#scripts.get(keyOf(note)) ?? [];
        this.#scripts.set(keyOf(note), scripts);
        scripts.push({
          translator: note,
          steps: [{ what: 'opened', atMs: note.atMs, answers: [] }],
        });
      } else if (note.type === 'fused') {
        const { what, atMs } = note;
        const steps = this.#scripts.get(keyOf(note))?.at(-1)?.steps;
        if (what === 'began' || what === 'ended') {
          steps?.push({ what, atMs, answers: [] });
        } else {
          steps?.at(-1)?.answers.push(note);
        }
      }
    }
  }

  /** @throws AppError `engine-bad-answer` where the call had no such stream, or no further one. */
  async open(options: RenderingOptions, signal: AbortSignal): Promise<FusedRendering> {
    const { speaker = '', to } = options;
    const script = this.#scripts.get(keyOf({ party: speaker, to }))?.shift();
    if (script === undefined) {
      throw new AppError('engine-bad-answer', 'the call had no further stream of this direction');
    }
    const { translator } = script;
    const clock = this.#clock;
    await clock.sleep(Math.max(0, this.#startMs + translator.atMs - clock.nowMs()), signal);
    const kept = new KeptTranslator(script, clock, this.#startMs);
    const engines = kept.speaks ? { translator: kept } : { translator: kept, tts: this.#tts };
    return new SpeechRenderings(engines, clock).open(options, signal);
  }
}

class KeptTranslator implements SpeechTranslator {
  readonly name: string;
  readonly speaks: boolean;
  readonly #steps: readonly Step[];
  readonly #clock: Clock;
  readonly #startMs: number;

  constructor({ translator, steps }: Script, clock: Clock, startMs: number) {
    this.name = translator.name;
    this.speaks = translator.tts === undefined;
    this.#steps = steps;
    this.#clock = clock;
    this.#startMs = startMs;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async open({ onEvent }: SpeechTranslatorOptions): Promise<SpeechTranslatorStream> {
    return new KeptTranslation(this.#steps, this.#clock, this.#startMs, onEvent);
  }

  async close(): Promise<void> {}
}

class KeptTranslation implements SpeechTranslatorStream {
  readonly droppedMs = 0;
  readonly #steps: Step[];
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #onEvent: (event: SpeechTranslatorEvent) => void;
  readonly #timers = new Set<Timer>();
  #speaking = false;
  /** When the last of what is to be told is told. */
  #lastMs = 0;

  constructor(
    steps: readonly Step[],
    clock: Clock,
    startMs: number,
    onEvent: (event: SpeechTranslatorEvent) => void,
  ) {
    this.#steps = [...steps];
    this.#clock = clock;
    this.#startMs = startMs;
    this.#onEvent = onEvent;
    this.#answer('opened');
  }

  write(): void {
    if (!this.#speaking) {
      this.#speaking = true;
      this.#answer('began');
    }
  }

  endOfSpeech(): void {
    this.#speaking = false;
    if (!this.#answer('ended')) {
      // The call had no such utterance: nobody knows what it says.
      this.#tell({ type: 'caught-up' }, this.#clock.nowMs());
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) {
      timer.cancel();
    }
    this.#timers.clear();
  }

  /** @returns whether the stream of the call was told so, too. */
  #answer(what: Step['what']): boolean {
    const [step] = this.#steps;
    if (step?.what !== what) {
      return false;
    }
    this.#steps.shift();
    const nowMs = this.#clock.nowMs();
    for (const note of step.answers) {
      this.#tell(eventOf(note), answerTime(nowMs, this.#startMs, step.atMs, note.atMs - step.atMs));
    }
    return true;
  }

  /** In order, and never from inside a call of the stream. */
  #tell(event: SpeechTranslatorEvent, atMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, atMs);
    const timer = this.#clock.at(this.#lastMs, () => {
      this.#timers.delete(timer);
      this.#onEvent(event);
    });
    this.#timers.add(timer);
  }
}

function keyOf({ party, to }: { readonly party: string; readonly to: string }): string {
  return `${party} ${to}`;
}

function eventOf({ what, text = '', concluded = true, rateHz, muLaw }: FusedNote): SpeechTranslatorEvent {
  switch (what) {
    case 'source':
      return { type: 'source', text, concluded };
    case 'target':
      return { type: 'target', text };
    case 'audio':
      return {
        type: 'audio',
        rateHz: rateHz ?? 8_000,
        pcm: decodeG711(Buffer.from(muLaw ?? '', 'base64'), 'mu-law'),
      };
    case 'failed':
      return {
        type: 'failed',
        error: new AppError('engine-died', `the interpreter was lost in the call (${text})`),
      };
    case 'began':
    case 'ended':
    case 'caught-up':
      return { type: 'caught-up' };
  }
}
