/**
 * Average token delay (arXiv:2211.13173) with SimulEval's pairing: the metric of speech to speech, since it charges the
 * time it takes to say the translation and the wait of one piece for another. Both sides are cut into tokens of
 * 300 ms, each chunk for itself; a target token is paired with a source token that had been heard when its chunk was
 * made, and the delay is from the end of the one to the end of the other.
 */

import { meanOf } from './lagging.ts';

/** How long a token of speech is, in ms: about a word. */
export const TOKEN_MS = 300;

/** One piece of translated sound. */
export interface SpokenChunk {
  /**
   * How much of the source had been said when this was decided on, in ms; never falls, never above the source's length.
   */
  readonly sourceMs: number;
  /** When it is heard, in ms from the start of the source. */
  readonly startMs: number;
  /** How long it is heard. */
  readonly durationMs: number;
}

/** In ms; NaN when nothing was said. */
export function averageTokenDelay(chunks: readonly SpokenChunk[]): number {
  const delays: number[] = [];
  /** Tokens of the chunks before. */
  let sourceBefore = 0;
  let targetBefore = 0;
  let readMs = 0;
  const sourceEnds: number[] = [];
  for (const group of sameSource(chunks)) {
    const sourceMs = group[0]?.sourceMs ?? 0;
    for (const tokenEndMs of tokenEnds(sourceMs - readMs)) {
      sourceEnds.push(readMs + tokenEndMs);
    }
    readMs = sourceMs;
    const ends = tokenEnds(group.reduce((sum, chunk) => sum + chunk.durationMs, 0));
    for (const [index, end] of ends.entries()) {
      const ahead = Math.max(0, targetBefore - sourceBefore);
      const paired = Math.min(targetBefore + index + 1 - ahead, sourceEnds.length);
      // Token 0 ends where the source begins: SimulEval pairs with it what comes before any source.
      const sourceEndMs = paired <= 0 ? 0 : (sourceEnds[paired - 1] ?? 0);
      delays.push(heardAt(group, end) - sourceEndMs);
    }
    targetBefore += ends.length;
    sourceBefore = sourceEnds.length;
  }
  return meanOf(delays);
}

/**
 * When chunks are heard that are made at `delaysMs` of the source and play without a gap wherever they can, as
 * SimulEval has it when it measures no computation.
 */
export function playedInTurn(
  chunks: readonly { readonly delayMs: number; readonly durationMs: number }[],
): readonly SpokenChunk[] {
  let freeMs = 0;
  return chunks.map(({ delayMs, durationMs }) => {
    const startMs = Math.max(delayMs, freeMs);
    freeMs = startMs + durationMs;
    return { sourceMs: delayMs, startMs, durationMs };
  });
}

/** Chunks made of the same source are one. */
function sameSource(chunks: readonly SpokenChunk[]): readonly (readonly SpokenChunk[])[] {
  const groups: SpokenChunk[][] = [];
  for (const chunk of chunks) {
    const last = groups.at(-1);
    if (last?.[0]?.sourceMs === chunk.sourceMs) {
      last.push(chunk);
    } else {
      groups.push([chunk]);
    }
  }
  return groups;
}

/** Where the tokens of `durationMs` of sound end; the last one may be short. */
function tokenEnds(durationMs: number): readonly number[] {
  const count = Math.ceil(durationMs / TOKEN_MS - 1e-9);
  return Array.from({ length: count }, (_, index) => Math.min(durationMs, (index + 1) * TOKEN_MS));
}

/** When `offsetMs` into the sound of a group is heard, pauses between its chunks included. */
function heardAt(group: readonly SpokenChunk[], offsetMs: number): number {
  let rest = offsetMs;
  for (const chunk of group) {
    if (rest <= chunk.durationMs + 1e-9) {
      return chunk.startMs + rest;
    }
    rest -= chunk.durationMs;
  }
  const last = group.at(-1);
  return last === undefined ? Number.NaN : last.startMs + last.durationMs;
}
