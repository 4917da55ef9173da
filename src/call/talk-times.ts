/** How the talk of a call went, of which each utterance says when it was spoken and when its translation was heard. */

/** From when to when, in ms since the call began. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

export interface SpokenStretch extends Stretch {
  readonly party: string;
}

/** So long may nobody be heard, in ms: people think, and wait for an answer. */
const USUAL_PAUSE_MS = 3_000;

/** For how long two parties or more spoke at the same time, in ms. One party speaks once at a time. */
export function talkOverMs(spoken: readonly SpokenStretch[]): number {
  const edges = spoken.flatMap(({ party, startMs, endMs }) => [
    { atMs: startMs, party, by: 1 },
    { atMs: endMs, party, by: -1 },
  ]);
  edges.sort((one, other) => one.atMs - other.atMs);
  const speaking = new Map<string, number>();
  let sumMs = 0;
  let beforeMs = 0;
  for (const { atMs, party, by } of edges) {
    if (speaking.size > 1) {
      sumMs += atMs - beforeMs;
    }
    beforeMs = atMs;
    const count = (speaking.get(party) ?? 0) + by;
    if (count === 0) {
      speaking.delete(party);
    } else {
      speaking.set(party, count);
    }
  }
  return sumMs;
}

/** For how long nobody was heard, neither speaking nor in a translation, in pauses of more than 3 s, in ms. */
export function deadAirMs(heard: readonly Stretch[]): number {
  let sumMs = 0;
  let untilMs: number | undefined;
  for (const { startMs, endMs } of heard.toSorted((one, other) => one.startMs - other.startMs)) {
    const pauseMs = untilMs === undefined ? 0 : startMs - untilMs;
    sumMs += pauseMs > USUAL_PAUSE_MS ? pauseMs : 0;
    untilMs = Math.max(untilMs ?? endMs, endMs);
  }
  return sumMs;
}
