/**
 * What working ahead costs and brings: how often a segment that was decided on had been translated before, and what
 * was asked of the engines for nothing.
 */

/** One question to a translation engine. */
export interface TranslationCall {
  readonly text: string;
  readonly askedMs: number;
}

/** A segment that was spoken: the source text it was made of and when that was decided. */
export interface CommittedText {
  readonly text: string;
  readonly committedMs: number;
}

/** One question to a synthesis engine, and how much of its sound was heard. */
export interface SynthesisCall {
  readonly text: string;
  readonly played: boolean;
}

export interface Speculation {
  /** Segments decided on. */
  readonly segments: number;
  /** Of these, how many had been asked for before. */
  readonly hits: number;
  readonly mtCalls: number;
  readonly ttsCharacters: number;
  readonly wastedTtsCharacters: number;
}

/** Counts over one turn. A call serves one segment. */
export function speculationOf(
  calls: readonly TranslationCall[],
  committed: readonly CommittedText[],
  speech: readonly SynthesisCall[],
): Speculation {
  const unused = [...calls];
  let hits = 0;
  for (const { text, committedMs } of committed) {
    const index = unused.findIndex((call) => call.text === text);
    const [call] = index === -1 ? [] : unused.splice(index, 1);
    hits += call !== undefined && call.askedMs < committedMs ? 1 : 0;
  }
  const characters = (of: readonly SynthesisCall[]): number =>
    of.reduce((sum, { text }) => sum + text.length, 0);
  return {
    segments: committed.length,
    hits,
    mtCalls: calls.length,
    ttsCharacters: characters(speech),
    wastedTtsCharacters: characters(speech.filter(({ played }) => !played)),
  };
}

/** The sum over many turns. */
export function addSpeculation(all: readonly Speculation[]): Speculation {
  const sum = (of: (one: Speculation) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    segments: sum((one) => one.segments),
    hits: sum((one) => one.hits),
    mtCalls: sum((one) => one.mtCalls),
    ttsCharacters: sum((one) => one.ttsCharacters),
    wastedTtsCharacters: sum((one) => one.wastedTtsCharacters),
  };
}
