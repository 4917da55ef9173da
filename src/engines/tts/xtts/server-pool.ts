/**
 * Servers of which each does one thing at a time. Who asks gets one that is free, or waits in line; a server that
 * failed rests for a while, during which the others are asked, so that one dead machine costs one segment and
 * not every second one. When all rest, the one that has rested longest is tried all the same.
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';

/** Texts in a row without a sound, past which the server is at fault: one text is tried in some five ways. */
const MOST_SILENT_TEXTS = 10;

export type PoolOutcome = 'served' | 'silent' | 'failed';

export interface ServerPoolSettings {
  readonly clock: Clock;
  /** How long a server that failed rests, in ms. */
  readonly restMs: number;
  /** How many may wait in line. */
  readonly waitingLimit: number;
}

interface Place<Server> {
  readonly server: Server;
  busy: boolean;
  /** Resting until then, on the clock's scale. */
  restUntilMs: number;
  /** Texts in a row that it had no sound for. */
  silentTexts: number;
}

export class ServerPool<Server> {
  readonly #settings: ServerPoolSettings;
  /** The one that has been free longest comes first. */
  readonly #places: Place<Server>[];
  readonly #waiting: ((server: Server) => void)[] = [];
  /** Set while someone waits for a rest to end. */
  #restEnds: Timer | undefined;

  constructor(servers: readonly Server[], settings: ServerPoolSettings) {
    this.#settings = settings;
    this.#places = servers.map((server) => ({ server, busy: false, restUntilMs: 0, silentTexts: 0 }));
  }

  /** The servers, those that do not rest first: the order in which to ask something that needs no turn. */
  get inOrder(): readonly Server[] {
    return this.#places
      .toSorted((one, other) => this.#restLeftMs(one) - this.#restLeftMs(other))
      .map(({ server }) => server);
  }

  /** Servers that could be taken at once and do not rest. */
  get free(): number {
    return this.#places.filter((place) => !place.busy && this.#restLeftMs(place) <= 0).length;
  }

  /**
   * Resolves with a server that is the caller's until {@link giveBack}.
   * @throws AppError `engine-overloaded` when too many wait; the signal's reason when it aborts first.
   */
  take(signal: AbortSignal): Promise<Server> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { waitingLimit } = this.#settings;
      if (this.#choose() === undefined && this.#waiting.length >= waitingLimit) {
        throw new AppError(
          'engine-overloaded',
          `xtts: ${this.#places.length} servers are busy and ${waitingLimit} segments wait for one; add servers`,
        );
      }
      const turn = (server: Server): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(server);
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        this.#serve();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(turn);
      this.#serve();
    });
  }

  /**
   * Ends the caller's turn, to be called exactly once.
   * @param outcome `silent`: it is there, and had no sound for a text, which is the text's fault unless it is so for
   *   many.
   */
  giveBack(server: Server, outcome: PoolOutcome): void {
    const index = this.#places.findIndex((place) => place.server === server);
    const [place] = this.#places.splice(index, 1);
    if (place !== undefined) {
      const { clock, restMs } = this.#settings;
      place.busy = false;
      place.silentTexts = outcome === 'silent' ? place.silentTexts + 1 : 0;
      const fails = outcome === 'failed' || place.silentTexts >= MOST_SILENT_TEXTS;
      place.restUntilMs = fails ? clock.nowMs() + restMs : 0;
      this.#places.push(place);
    }
    this.#serve();
  }

  /** Gives servers to those who wait, as far as there are any, and sees to it that the next rest's end is noticed. */
  #serve(): void {
    this.#restEnds?.cancel();
    this.#restEnds = undefined;
    while (this.#waiting.length > 0) {
      const place = this.#choose();
      if (place === undefined) {
        break;
      }
      place.busy = true;
      this.#waiting.shift()?.(place.server);
    }
    const restEnds = this.#places.filter((place) => !place.busy).map((place) => place.restUntilMs);
    if (this.#waiting.length > 0 && restEnds.length > 0) {
      this.#restEnds = this.#settings.clock.at(Math.min(...restEnds), () => this.#serve());
    }
  }

  #choose(): Place<Server> | undefined {
    const free = this.#places.filter((place) => !place.busy);
    const fit = free.find((place) => this.#restLeftMs(place) === 0);
    if (fit !== undefined) {
      return fit;
    }
    const allRest = this.#places.every((place) => this.#restLeftMs(place) > 0);
    return allRest ? free.toSorted((one, other) => one.restUntilMs - other.restUntilMs)[0] : undefined;
  }

  #restLeftMs(place: Place<Server>): number {
    return Math.max(0, place.restUntilMs - this.#settings.clock.nowMs());
  }
}
