/**
 * The interpreters under test, with all that goes in and comes out told to the bench as well. Where a turn is to be
 * waited for as a whole, the utterances that our own endpointing makes of it are one to the interpreter.
 */

import type {
  Interpreter,
  InterpreterEvent,
  InterpreterFactory,
  InterpreterOptions,
} from '../../../src/interpret/interpreter.ts';

export interface InterpreterWatch {
  utteranceStarted(): void;
  /** Asked when an utterance ends: whether it is to go on with the next. */
  goesOn(): boolean;
  event(event: InterpreterEvent): void;
}

export class WatchedInterpreters implements InterpreterFactory {
  readonly #factory: InterpreterFactory;
  readonly #watch: InterpreterWatch;
  /** Ends an utterance that was to go on; set while nothing of it is being said. */
  #held: (() => void) | undefined;

  constructor(factory: InterpreterFactory, watch: InterpreterWatch) {
    this.#factory = factory;
    this.#watch = watch;
  }

  get lowestWireRateHz(): number {
    return this.#factory.lowestWireRateHz;
  }

  /** Nothing more is said: an utterance that waits to go on ends. */
  release(): void {
    this.#held?.();
    this.#held = undefined;
  }

  async open(options: InterpreterOptions, signal: AbortSignal): Promise<Interpreter> {
    const watch = this.#watch;
    const interpreter = await this.#factory.open(
      {
        ...options,
        onEvent: (event) => {
          watch.event(event);
          options.onEvent(event);
        },
      },
      signal,
    );
    let going = false;
    return {
      startUtterance: (utterance, speechStartMs, overlapping) => {
        this.#held = undefined;
        if (!going) {
          going = true;
          watch.utteranceStarted();
          interpreter.startUtterance(utterance, speechStartMs, overlapping);
        }
      },
      write: (pcm) => interpreter.write(pcm),
      pause: (silenceStartMs) => interpreter.pause(silenceStartMs),
      resume: () => interpreter.resume(),
      abandon: () => interpreter.abandon(),
      endUtterance: (speechEndMs) => {
        const end = (): void => {
          going = false;
          interpreter.endUtterance(speechEndMs);
        };
        if (watch.goesOn()) {
          this.#held = end;
        } else {
          end();
        }
      },
      close: () => interpreter.close(),
    };
  }
}
