/**
 * Recognition that answers as it did in a call that was kept: what was heard of each utterance comes as long after its
 * beginning, or its end, as it came then. It listens to nothing.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { CallNote } from '../../call/recording/call-notes.ts';
import type { SttEngine, SttEvent, SttStream, SttStreamOptions } from '../../engines/stt/stt-engine.ts';
import { SUPPORTED, type Support } from '../../engines/support.ts';
import type { SpeechMark } from '../../interpret/answers/engine-answer.ts';
import type { Hearing, HearingFactory, HearingOptions } from '../../interpret/hearing/hearing.ts';
import { SttHearings } from '../../interpret/hearing/stt-hearings.ts';
import { answerTime } from './kept-time.ts';

type HeardNote = Extract<CallNote, { readonly type: 'heard' }>;

/** What came after the beginning of an utterance, or after its end; times in ms of the call. */
interface Step {
  readonly atMs: number;
  readonly answers: HeardNote[];
}

/** By utterance. */
type Script = ReadonlyMap<number, Partial<Readonly<Record<SpeechMark, Step>>>>;

/** Hearings of a call that was kept, by party. */
export class KeptHearings implements HearingFactory {
  readonly name = 'kept';
  readonly lowestWireRateHz = 8_000;
  readonly #notes: readonly CallNote[];
  readonly #clock: Clock;
  readonly #startMs: number;
  /** By party, when hearings of its were open, in ms of the call; each is taken once. */
  readonly #opened = new Map<string, number[]>();

  /** @param startMs when the call begins, on the clock. */
  constructor(notes: readonly CallNote[], clock: Clock, startMs: number) {
    this.#notes = notes;
    this.#clock = clock;
    this.#startMs = startMs;
    for (const note of notes) {
      if (note.type === 'engines') {
        const times = this.#opened.get(note.party) ?? [];
        this.#opened.set(note.party, times);
        // Renderings into several languages follow one hearing at once.
        if (note.atMs > (times.at(-1) ?? Number.NEGATIVE_INFINITY)) {
          times.push(note.atMs);
        }
      }
    }
  }

  async open(options: HearingOptions, signal: AbortSignal): Promise<Hearing> {
    const { speaker = '' } = options;
    const openMs = this.#startMs + (this.#opened.get(speaker)?.shift() ?? 0);
    await this.#clock.sleep(Math.max(0, openMs - this.#clock.nowMs()), signal);
    const stt = new KeptStt(this.#clock, this.#startMs, scriptOf(this.#notes, speaker));
    return new SttHearings(stt, this.#clock).open(options, signal);
  }
}

class KeptStt implements SttEngine {
  readonly name = 'kept';
  readonly capabilities = { lowestWireRateHz: 8_000 };
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #script: Script;

  constructor(clock: Clock, startMs: number, script: Script) {
    this.#clock = clock;
    this.#startMs = startMs;
    this.#script = script;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async open({ onEvent }: SttStreamOptions): Promise<SttStream> {
    return new KeptStream(this.#clock, this.#startMs, this.#script, onEvent);
  }

  async close(): Promise<void> {}
}

class KeptStream implements SttStream {
  readonly droppedMs = 0;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #script: Script;
  readonly #onEvent: (event: SttEvent) => void;
  readonly #timers = new Set<Timer>();
  #utterance = 0;
  /** When the last of what is to be told is told. */
  #lastMs = 0;

  constructor(clock: Clock, startMs: number, script: Script, onEvent: (event: SttEvent) => void) {
    this.#clock = clock;
    this.#startMs = startMs;
    this.#script = script;
    this.#onEvent = onEvent;
  }

  startUtterance(utterance: number): void {
    this.#utterance = utterance;
    this.#answer('began');
  }

  write(): void {}

  flush(): void {}

  endUtterance(): void {
    if (this.#script.has(this.#utterance)) {
      this.#answer('ended');
    } else {
      // The call had no such utterance: nobody knows what it says.
      this.#tell({ type: 'final', utterance: this.#utterance, text: '', words: [] }, this.#clock.nowMs());
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) {
      timer.cancel();
    }
    this.#timers.clear();
  }

  #answer(mark: SpeechMark): void {
    const nowMs = this.#clock.nowMs();
    const step = this.#script.get(this.#utterance)?.[mark];
    for (const note of step?.answers ?? []) {
      const askedMs = step?.atMs ?? note.atMs;
      this.#tell(eventOf(note), answerTime(nowMs, this.#startMs, askedMs, note.atMs - askedMs));
    }
  }

  /** In order, and never from inside a call of the stream. */
  #tell(event: SttEvent, atMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, atMs);
    const timer = this.#clock.at(this.#lastMs, () => {
      this.#timers.delete(timer);
      this.#onEvent(event);
    });
    this.#timers.add(timer);
  }
}

/** What recognition was told of a party, and answered. */
function scriptOf(notes: readonly CallNote[], party: string): Script {
  const script = new Map<number, { -readonly [Mark in SpeechMark]?: Step }>();
  let latest = 0;
  for (const note of notes) {
    if (note.type === 'mark' && note.party === party) {
      const steps = script.get(note.utterance) ?? {};
      script.set(note.utterance, steps);
      steps[note.mark] = { atMs: note.atMs, answers: [] };
      latest = note.utterance;
    } else if (note.type === 'heard' && note.party === party) {
      const steps = script.get(note.utterance ?? latest);
      (steps?.ended ?? steps?.began)?.answers.push(note);
    }
  }
  return script;
}

function eventOf({ what, utterance = 0, text = '', words = [] }: HeardNote): SttEvent {
  switch (what) {
    case 'partial':
    case 'stable':
    case 'final':
      return {
        ...{ type: what, utterance, text },
        words: words.map(([word, startMs, endMs]) => ({ text: word, startMs, endMs })),
      };
    case 'likely-end':
      return { type: 'likely-end', utterance };
    case 'language':
      return { type: 'language', utterance, language: text };
    case 'failed':
      return {
        type: 'failed',
        error: new AppError('engine-died', `recognition was lost in the call (${text})`),
      };
  }
}
