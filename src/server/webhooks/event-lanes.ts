/**
 * Events that wait to be sent: in order within their lane, lanes beside each other. A lane is held while its first event
 * is being sent or is to be sent again, so that one that is never taken holds up its own lane alone.
 */

interface Lane<Event> {
  /** Whether one that was taken is not settled yet. */
  held: boolean;
  /** Behind that one, oldest first. */
  readonly waiting: Event[];
}

export class EventLanes<Event> {
  readonly #most: number;
  readonly #lanes = new Map<string, Lane<Event>>();
  /** Lanes that are not held and have something, in the order of their turns. */
  readonly #ready = new Set<string>();
  #size = 0;

  /** @param most events, taken but unsettled ones included. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Events that are not settled. */
  get size(): number {
    return this.#size;
  }

  /** @returns whether one was dropped for it: the oldest that was not taken yet of the lane that has most. */
  push(lane: string, event: Event): boolean {
    const { held, waiting } = this.#laneOf(lane);
    waiting.push(event);
    this.#size += 1;
    if (!held) {
      this.#ready.add(lane);
    }
    if (this.#size <= this.#most) {
      return false;
    }
    this.#dropOne();
    return true;
  }

  /** Takes the first event of the lane whose turn it is, which is held until it is settled. */
  take(): { readonly lane: string; readonly event: Event } | undefined {
    const [lane] = this.#ready;
    if (lane === undefined) {
      return undefined;
    }
    this.#ready.delete(lane);
    const taken = this.#laneOf(lane);
    const [event] = taken.waiting.splice(0, 1);
    if (event === undefined) {
      return undefined;
    }
    taken.held = true;
    return { lane, event };
  }

  /** What was taken of a lane is done with: the next of it may be taken. */
  settle(lane: string): void {
    this.#size -= 1;
    const { waiting } = this.#laneOf(lane);
    this.#lanes.delete(lane);
    if (waiting.length > 0) {
      this.#lanes.set(lane, { held: false, waiting });
      this.#ready.add(lane);
    }
  }

  /** What was taken of a lane is to be taken again, before what waits behind it. */
  giveBack(lane: string, event: Event): void {
    const known = this.#laneOf(lane);
    known.held = false;
    known.waiting.unshift(event);
    this.#ready.add(lane);
  }

  /** Forgets what was not taken yet. */
  clear(): void {
    for (const [lane, { held, waiting }] of this.#lanes) {
      this.#size -= waiting.splice(0).length;
      if (!held) {
        this.#lanes.delete(lane);
      }
    }
    this.#ready.clear();
  }

  #laneOf(lane: string): Lane<Event> {
    const known = this.#lanes.get(lane) ?? { held: false, waiting: [] };
    this.#lanes.set(lane, known);
    return known;
  }

  #dropOne(): void {
    const [first, ...others] = this.#lanes;
    if (first === undefined) {
      return;
    }
    const [lane, most] = others.reduce(
      (most, each) => (each[1].waiting.length > most[1].waiting.length ? each : most),
      first,
    );
    most.waiting.shift();
    this.#size -= 1;
    if (most.waiting.length === 0 && !most.held) {
      this.#lanes.delete(lane);
      this.#ready.delete(lane);
    }
  }
}
