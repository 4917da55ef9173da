/**
 * The hearings and renderings under test, with all that goes in and comes out told to the bench as well. Where a turn
 * is to be waited for as a whole, the utterances that our own endpointing makes of it are one to its hearing.
 */

import type { Hearing, HearingEvent } from '../../../src/interpret/hearing/hearing.ts';
import type {
  Interpreters,
  RenderingEvent,
  RenderingOptions,
  SpokenSegment,
  UtteranceEnded,
} from '../../../src/interpret/rendering/rendering.ts';
import type { SpeechEvent } from '../../../src/media/hear/speech-event.ts';
import type { TestedInterpreters } from './make-interpreters.ts';

export interface InterpreterWatch {
  utteranceStarted(): void;
  /** Asked when an utterance ends: whether it is to go on with the next. */
  goesOn(): boolean;
  event(event: HearingEvent | RenderingEvent): void;
  /** A segment begins to be spoken. Returns what hears its sound. */
  segment(segment: SpokenSegment): (pcm: Int16Array) => void;
}

export class WatchedInterpreters {
  readonly interpreters: Interpreters;
  readonly #watch: InterpreterWatch;
  /** Ends an utterance that was to go on; set while nothing of it is being said. */
  #held: (() => void) | undefined;
  /** Tells the call that nothing comes of an utterance that is part of the one before. */
  #reportNothing: (utterance: number, startMs: number) => void = () => {};

  constructor({ hearing, rendering }: TestedInterpreters, watch: InterpreterWatch) {
    this.#watch = watch;
    this.interpreters = {
      type: 'text',
      hearing: {
        name: hearing.name,
        lowestWireRateHz: hearing.lowestWireRateHz,
        open: async (options, signal) =>
          this.#watched(await hearing.open({ ...options, onEvent: this.#tell(options.onEvent) }, signal)),
      },
      rendering: {
        open: (options, heard) => {
          this.#reportNothing = (utterance, startMs) =>
            options.onEvent(nothingOf(utterance, startMs, options));
          return rendering.open(
            {
              ...options,
              speak: (segment) => {
                const sound = watch.segment(segment);
                const handle = options.speak(segment);
                return {
                  add: (pcm) => {
                    sound(pcm);
                    handle.add(pcm);
                  },
                  end: () => handle.end(),
                };
              },
              onEvent: this.#tell(options.onEvent),
            },
            heard,
          );
        },
      },
    };
  }

  /** Nothing more is said: an utterance that waits to go on ends. */
  release(): void {
    this.#held?.();
    this.#held = undefined;
  }

  #tell<Event extends HearingEvent | RenderingEvent>(
    onEvent: (event: Event) => void,
  ): (event: Event) => void {
    return (event) => {
      this.#watch.event(event);
      onEvent(event);
    };
  }

  #watched(hearing: Hearing): Hearing {
    let going = false;
    const take = (event: SpeechEvent): void => {
      if (event.type === 'started') {
        this.#held = undefined;
        if (going) {
          // The call waits for each utterance that it saw begin.
          this.#reportNothing(event.utterance, event.startMs);
          return;
        }
        going = true;
        this.#watch.utteranceStarted();
      }
      if (event.type === 'ended') {
        const end = (): void => {
          going = false;
          hearing.take(event);
        };
        if (this.#watch.goesOn()) {
          this.#held = end;
        } else {
          end();
        }
        return;
      }
      hearing.take(event);
    };
    return {
      take,
      subscribe: (sink, signal) => hearing.subscribe(sink, signal),
      giveUp: (error) => hearing.giveUp(error),
      close: () => hearing.close(),
    };
  }
}

function nothingOf(utterance: number, startMs: number, { from, to }: RenderingOptions): UtteranceEnded {
  return {
    type: 'utterance-ended',
    utterance,
    outcome: 'nothing-said',
    source: { language: from, text: '' },
    target: { language: to, text: '' },
    timing: { speechStartMs: startMs, speechEndMs: startMs, endpointMs: startMs },
    failure: undefined,
  };
}
