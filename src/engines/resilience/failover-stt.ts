/**
 * Several recognisers as one. A stream is of one engine for as long as it lasts; whoever loses one opens another,
 * which is of the best engine that may be asked then. How long an engine is usually silent is learned from all calls:
 * a stream that is so for much longer is doubted, and all calls together show whether it is the stream or the engine.
 */

import type { Language } from '../../base/language.ts';
import type {
  LostStream,
  SilentStream,
  StreamChoice,
  StreamDoubt,
  SttCapabilities,
  SttEngine,
  SttStream,
  SttStreamOptions,
} from '../stt/stt-engine.ts';
import type { Support } from '../support.ts';
import { anySupports } from './failover.ts';
import { faultOf } from './faults.ts';
import { askAround, type FailoverDeps, type Lineup } from './lineup.ts';
import type { Subject } from './operations.ts';
import type { DoubtVerdict } from './recovery-steps.ts';
import { UsualSilence } from './usual-silence.ts';

/** A stream that takes longer to open has another opened beside it, in ms. */
const OPEN_LATE_MS = 1_000;
/** No stream of an engine spoke for so long, in ms, though several should have: it is the engine, and not a stream. */
const ENGINE_SILENT_MS = 1_000;

/** What all calls know of an engine's streams. */
class EngineSigns {
  readonly silence = new UsualSilence();
  /** When any stream said anything, in ms of the clock. */
  lastMs = 0;
  /** Streams that are doubted at the moment. */
  doubted = 0;
}

export class FailoverStt implements SttEngine {
  readonly #lineup: Lineup<SttEngine>;
  readonly #deps: FailoverDeps;
  /** By engine. */
  readonly #signs = new Map<string, EngineSigns>();

  constructor(lineup: Lineup<SttEngine>, deps: FailoverDeps) {
    this.#lineup = lineup;
    this.#deps = deps;
  }

  get name(): string {
    return this.#lineup.engines[0]?.name ?? 'no engine';
  }

  get capabilities(): SttCapabilities {
    return this.#lineup.engines[0]?.capabilities ?? { lowestWireRateHz: 0 };
  }

  supports(language: Language): Promise<Support> {
    return anySupports(this.#lineup.engines, (engine) => engine.supports(language));
  }

  /** Resolves when there is an engine that may be asked. @throws the signal's reason when it aborts first. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#deps.health.ready('stt', () => this.#lineup.engines, signal);
  }

  async open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    const { clock } = this.#deps;
    const { after, beside } = options;
    const taken: { by: SttEngine | undefined } = { by: undefined };
    try {
      const { answer, engine } = await askAround(
        this.#deps,
        {
          component: 'stt',
          engines: beside === undefined ? this.#lineup.engines : this.#enginesBeside(beside),
          streams: true,
          operation: 'open',
          lateMs: OPEN_LATE_MS,
          ask: (each, own) => each.open({ ...options, ...this.#hearing(each, taken, options) }, own),
          discard: (stream) => stream.close(),
        },
        signal,
      );
      taken.by = engine;
      if (after !== undefined) {
        this.#took(after, engine.name, true, clock.nowMs());
      }
      return new ChosenStream(answer, this.#choice(engine));
    } catch (error) {
      if (after !== undefined && !signal.aborted) {
        this.#took(after, after.engine ?? this.name, false, clock.nowMs());
      }
      throw error;
    }
  }

  /** The engines belong to whoever made them. */
  async close(): Promise<void> {}

  /** Who hears `engine`: what a stream says that was opened beside the one that is used is nothing. */
  #hearing(
    engine: SttEngine,
    taken: { readonly by: SttEngine | undefined },
    { onEvent, onTermsRefused }: SttStreamOptions,
  ): Pick<SttStreamOptions, 'onEvent' | 'onTermsRefused'> {
    const signs = this.#signsOf(engine.name);
    return {
      onEvent: (event) => {
        if (event.type !== 'failed') {
          signs.lastMs = this.#deps.clock.nowMs();
        }
        if (taken.by === undefined || taken.by === engine) {
          onEvent(event);
        }
      },
      onTermsRefused: (error) => {
        this.#deps.steps.termsRefused(engine.name, error);
        onTermsRefused?.(error);
      },
    };
  }

  #took({ engine, error, atMs }: LostStream, to: string, success: boolean, nowMs: number): void {
    const from = engine ?? to;
    const other = from === to ? ({ tier: 'hard' } as const) : ({ tier: 'failover', to } as const);
    this.#deps.steps.took({ component: 'stt', ...other, engine: from, success, error, tookMs: nowMs - atMs });
  }

  /** The same, or where that is benched or another is wanted, the others. */
  #enginesBeside({ engine, other }: SilentStream): readonly SttEngine[] {
    const { engines } = this.#lineup;
    const same = engines.filter(({ name }) => name === engine);
    return !other && this.#deps.health.askable('stt', same, true).length > 0
      ? same
      : engines.filter(({ name }) => name !== engine);
  }

  #signsOf(engine: string): EngineSigns {
    const signs = this.#signs.get(engine) ?? new EngineSigns();
    this.#signs.set(engine, signs);
    return signs;
  }

  #choice(engine: SttEngine): StreamChoice {
    const { health, clock } = this.#deps;
    const { name } = engine;
    const subject: Subject = { component: 'stt', engine: name };
    const lineup = this.#lineup;
    const signs = this.#signsOf(name);
    const { silence } = signs;
    return {
      engine: name,
      get outdone() {
        const [best] = health.askable('stt', lineup.engines, true);
        return best !== undefined && best !== engine && isBefore(best, engine, lineup.engines);
      },
      silentAfterMs: (before) => silence.strangeAfterMs(before, this.#deps.usualMs('stt', name, 'final')),
      heardFirst: (afterMs) => silence.heardFirst(afterMs),
      pausedFor: (longestMs) => silence.paused(longestMs),
      doubt: () => this.#doubt(subject, signs),
      blame: (error) => health.blame(subject, faultOf(error), 'stream'),
      tookOver: (lost) => this.#took(lost, name, true, clock.nowMs()),
    };
  }

  #doubt(subject: Subject, signs: EngineSigns): StreamDoubt {
    const { health, clock, steps } = this.#deps;
    signs.doubted += 1;
    let open = true;
    const end = (verdict: DoubtVerdict, then: () => void): void => {
      if (open) {
        open = false;
        signs.doubted -= 1;
        steps.doubted(verdict);
        then();
      }
    };
    return {
      get isGeneral() {
        return signs.doubted > 1 && clock.nowMs() - signs.lastMs >= ENGINE_SILENT_MS;
      },
      right: (error) =>
        end('dead', () => {
          signs.silence.doubtedRightly();
          health.blame(subject, faultOf(error), 'stream');
        }),
      wrong: () => end('false-alarm', () => signs.silence.doubtedForNothing()),
      forget: () => end('unknown', () => {}),
    };
  }
}

/** A stream, and the choice that it is of. */
class ChosenStream implements SttStream {
  readonly choice: StreamChoice;
  readonly #stream: SttStream;

  constructor(stream: SttStream, choice: StreamChoice) {
    this.#stream = stream;
    this.choice = choice;
  }

  get droppedMs(): number {
    return this.#stream.droppedMs;
  }

  startUtterance(utterance: number): void {
    this.#stream.startUtterance(utterance);
  }

  write(pcm: Int16Array): void {
    this.#stream.write(pcm);
  }

  flush(): void {
    this.#stream.flush();
  }

  endUtterance(): void {
    this.#stream.endUtterance();
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}

/** An engine that is not listed any more is behind all others. */
function isBefore<Engine>(engine: Engine, other: Engine, engines: readonly Engine[]): boolean {
  const at = engines.indexOf(other);
  return at < 0 || engines.indexOf(engine) < at;
}
