/**
 * The scores of one turn, from what happened to it. Delays count from the turn's first word; a target word is heard
 * when its share of its segment's sound is, since all words of a segment take equally long.
 */

import { FRAME_MS } from '../../../src/base/units.ts';
import { queuedAt } from './backlog.ts';
import {
  averageLagging,
  differentiableLagging,
  lengthAdaptiveLagging,
  yetAnotherLagging,
} from './lagging.ts';
import { partsOf, type SegmentParts } from './overhead.ts';
import { translate, untranslate } from './pseudo-translation.ts';
import { type Speculation, speculationOf } from './speculation.ts';
import type { KnownWord } from './timeline-stt.ts';
import { averageTokenDelay, type SpokenChunk } from './token-delay.ts';
import type { SegmentFacts, TurnFacts } from './turn-facts.ts';
import { alignWords, normalisedErasure, truthOf, wordsOf } from './word-truth.ts';

/** A segment the listener heard. */
export interface HeardSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly committedMs: number;
  /** How much faster than made it was heard. */
  readonly tempo: number;
  /** Where the time from its last word to its first sound went; undefined when that word is not one of the turn's. */
  readonly parts: SegmentParts | undefined;
  /** Whether the parts are not the whole. */
  readonly broken: boolean;
}

export interface TurnScore {
  readonly id: number;
  readonly clauses: number;
  readonly lengthMs: number;
  /** When the first translated sound was heard; NaN when none was, as with the rest. */
  readonly startOffsetMs: number;
  /** From the end of speech to the end of translated sound. */
  readonly endOffsetMs: number;
  /** From the end of speech to the first translated sound; for a turn of one clause the wait of its listener. */
  readonly afterSpeechMs: number;
  readonly alMs: number;
  readonly laalMs: number;
  readonly dalMs: number;
  readonly yaalMs: number | undefined;
  readonly atdMs: number;
  /** From the beginning of a word to the beginning of its translation, for each word. */
  readonly earVoiceMs: readonly number[];
  readonly segments: readonly HeardSegment[];
  /** Speech that waited to begin, at the end of each second of the turn, in ms. */
  readonly queuedMs: readonly number[];
  readonly spokenWords: number;
  readonly contradictedWords: number;
  /** Words of the turn that no translation was heard of. */
  readonly lostWords: number;
  /** Words of the turn. */
  readonly words: number;
  /** Segments that began and were not heard. */
  readonly unheardSegments: number;
  /** Erasure of what was spoken: 0 unless a segment was begun and broken off. */
  readonly spokenErasure: number;
  /** Of the captions, mean over utterances. */
  readonly captionErasure: number;
  readonly speculation: Speculation;
  readonly troubles: readonly string[];
}

/** @param longer whether the translation has fillers. */
export function scoreTurn(facts: TurnFacts, longer: boolean): TurnScore {
  const { turn, startMs } = facts;
  const truth = turn.words.map(({ text }) => text);
  const heard = facts.segments.flatMap((segment) => heardSegment(segment, facts) ?? []);
  const spoken = heard.map(({ segment }) => untranslate(segment.text));
  const matches = alignWords(spoken.flat(), truth);
  const wordOf = new Map(matches.map(({ spoken: at, final, same }) => [at, same ? final : undefined]));
  const segments = timed(heard, spoken, wordOf, facts);
  const delaysMs = heard.flatMap(({ segment, soundMs, soundEndMs }) => {
    const words = wordsOf(segment.text).length;
    return Array.from(
      { length: words },
      (_, index) => soundMs + ((soundEndMs - soundMs) * index) / words - startMs,
    );
  });
  const lagged = {
    delaysMs,
    sourceMs: turn.lengthMs,
    referenceUnits: wordsOf(translate(truth.join(' '), longer)).length,
  };
  const finals = facts.utterances.map(({ final }) => final ?? '').join(' ');
  const { words: spokenWords, contradicted } = truthOf(spoken.flat(), wordsOf(finals));
  const erasures = facts.utterances
    .map(({ versions }) => normalisedErasure(versions))
    .filter((ne) => ne >= 0);
  const unheard = facts.segments.length - heard.length;
  return {
    id: turn.id,
    clauses: turn.clauses,
    lengthMs: turn.lengthMs,
    startOffsetMs: delaysMs[0] ?? Number.NaN,
    endOffsetMs: (segments.at(-1)?.endMs ?? Number.NaN) - startMs - turn.lengthMs,
    afterSpeechMs: (delaysMs[0] ?? Number.NaN) - turn.lengthMs,
    alMs: averageLagging(lagged),
    laalMs: lengthAdaptiveLagging(lagged),
    dalMs: differentiableLagging(lagged),
    yaalMs: yetAnotherLagging(lagged),
    atdMs: averageTokenDelay(chunksOf(segments, facts)),
    earVoiceMs: earVoice(heard, spoken, wordOf, facts),
    segments,
    queuedMs: queued(heard, facts),
    spokenWords,
    contradictedWords: contradicted,
    lostWords: matches.filter((match) => match.spoken === undefined).length,
    words: truth.length,
    unheardSegments: unheard,
    spokenErasure: facts.segments.length === 0 ? Number.NaN : unheard / facts.segments.length,
    captionErasure: erasures.reduce((sum, ne) => sum + ne, 0) / erasures.length,
    speculation: speculationFor(facts, heard),
    troubles: facts.troubles,
  };
}

/** A segment with when its sound was heard. */
interface Heard {
  readonly segment: SegmentFacts;
  readonly soundMs: number;
  readonly soundEndMs: number;
  readonly madeMs: number;
  readonly committedMs: number;
}

/** A segment's sound is what was heard between its beginning and its end in the listener's media. */
function heardSegment(segment: SegmentFacts, facts: TurnFacts): Heard | undefined {
  const { beganMs, endedMs } = segment;
  if (beganMs === undefined || endedMs === undefined) {
    return undefined;
  }
  const frames = facts.heardMs.filter((atMs) => atMs > beganMs && atMs <= endedMs);
  const [first, last] = [frames[0], frames.at(-1)];
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const asked = facts.mtCalls.findLast(({ text, askedMs }) => text === sourceOf(segment) && askedMs <= first);
  return {
    segment,
    soundMs: first,
    soundEndMs: last + FRAME_MS,
    madeMs: segment.sounds.reduce((sum, { durationMs }) => sum + durationMs, 0),
    // Where the interpreter does not say so, what was translated had been decided on.
    committedMs: segment.committedMs ?? asked?.askedMs ?? segment.sounds[0]?.atMs ?? first,
  };
}

function sourceOf(segment: SegmentFacts): string {
  return segment.source ?? untranslate(segment.text).join(' ');
}

/** Divides the way of each segment. */
function timed(
  heard: readonly Heard[],
  spoken: readonly (readonly string[])[],
  wordOf: ReadonlyMap<number | undefined, number | undefined>,
  facts: TurnFacts,
): readonly HeardSegment[] {
  let wordsBefore = 0;
  return heard.map((one, index) => {
    const count = spoken[index]?.length ?? 0;
    const places = Array.from({ length: count }, (_, at) => wordOf.get(wordsBefore + at));
    wordsBefore += count;
    const lastWord = places.findLast((place) => place !== undefined);
    const { soundMs, soundEndMs, madeMs, committedMs } = one;
    const lineFreeMs = heard[index - 1]?.soundEndMs ?? Number.NEGATIVE_INFINITY;
    const parts = lastWord === undefined ? undefined : wayOf(one, lastWord, lineFreeMs, facts);
    return {
      startMs: soundMs,
      endMs: soundEndMs,
      committedMs,
      tempo: madeMs / (soundEndMs - soundMs),
      parts,
      broken: lastWord !== undefined && parts === undefined,
    };
  });
}

/** Undefined when the parts are not the whole. */
function wayOf(one: Heard, lastWord: number, lineFreeMs: number, facts: TurnFacts): SegmentParts | undefined {
  const { segment, soundMs, committedMs } = one;
  const arrivedMs = segment.sounds[0]?.atMs ?? soundMs;
  // The same may have been said more than once: its own is the last that was asked for by then.
  const asked = facts.mtCalls.filter(
    ({ text, answeredMs }) => text === sourceOf(segment) && (answeredMs ?? soundMs) <= arrivedMs,
  );
  const mt = asked.findLast(({ askedMs }) => askedMs <= committedMs) ?? asked[0];
  const tts = facts.ttsCalls.findLast(
    ({ text, firstMs }) => text === segment.text && (firstMs ?? soundMs) <= arrivedMs,
  );
  // A translation that was not asked for was known from before.
  const mtAskedMs = mt?.askedMs ?? committedMs;
  const ttsAskedMs = tts?.askedMs ?? committedMs;
  try {
    return partsOf({
      sourceEndMs: facts.startMs + (facts.turn.words[lastWord]?.endMs ?? Number.NaN),
      recognisedMs: recognisedMs(facts.known[lastWord], committedMs),
      committedMs,
      mtAskedMs,
      mtAnsweredMs: mt?.answeredMs ?? mtAskedMs,
      ttsAskedMs,
      ttsFirstMs: tts?.firstMs ?? ttsAskedMs,
      lineFreeMs,
      heardMs: soundMs,
    });
  } catch {
    return undefined;
  }
}

/**
 * When recognition gave what the decision was made of: a stable word, or a partial for those who do not wait for more.
 */
function recognisedMs(known: KnownWord | undefined, committedMs: number): number {
  const { settledMs, shownMs } = known ?? {};
  if (settledMs !== undefined && settledMs <= committedMs) {
    return settledMs;
  }
  return shownMs !== undefined && shownMs <= committedMs ? shownMs : committedMs;
}

/** What token delay is made of: a decision is made of all that had been said by then. */
function chunksOf(segments: readonly HeardSegment[], facts: TurnFacts): readonly SpokenChunk[] {
  let sourceMs = 0;
  return segments.map(({ startMs, endMs, committedMs }) => {
    sourceMs = Math.max(sourceMs, Math.min(facts.turn.lengthMs, committedMs - facts.startMs));
    return { sourceMs, startMs: startMs - facts.startMs, durationMs: endMs - startMs };
  });
}

function earVoice(
  heard: readonly Heard[],
  spoken: readonly (readonly string[])[],
  wordOf: ReadonlyMap<number | undefined, number | undefined>,
  facts: TurnFacts,
): readonly number[] {
  let before = 0;
  return heard.flatMap(({ soundMs, soundEndMs }, index) => {
    const count = spoken[index]?.length ?? 0;
    const first = before;
    before += count;
    return Array.from({ length: count }, (_, at) => at).flatMap((at) => {
      const word = facts.turn.words[wordOf.get(first + at) ?? -1];
      const saidMs = soundMs + ((soundEndMs - soundMs) * at) / count;
      return word === undefined ? [] : [saidMs - facts.startMs - word.startMs];
    });
  });
}

/** Sound waiting at each full second of the turn. */
function queued(heard: readonly Heard[], facts: TurnFacts): readonly number[] {
  const sounds = heard.flatMap(({ segment, soundMs, soundEndMs, madeMs }) => {
    const speed = madeMs / (soundEndMs - soundMs);
    let before = 0;
    return segment.sounds.map(({ atMs, durationMs }) => {
      const heardMs = soundMs + before / speed;
      before += durationMs;
      return { arrivedMs: atMs, heardMs, durationMs };
    });
  });
  const seconds = Math.floor(facts.turn.lengthMs / 1_000);
  return Array.from({ length: seconds }, (_, second) => {
    const atMs = facts.startMs + (second + 1) * 1_000;
    return queuedAt(
      sounds.filter(({ arrivedMs, heardMs }) => arrivedMs <= atMs && heardMs > atMs),
      atMs,
    );
  });
}

function speculationFor(facts: TurnFacts, heard: readonly Heard[]): Speculation {
  const played = new Map<string, number>();
  for (const { segment } of heard) {
    played.set(segment.text, (played.get(segment.text) ?? 0) + 1);
  }
  const speech = facts.ttsCalls.map(({ text }) => {
    const left = played.get(text) ?? 0;
    played.set(text, left - 1);
    return { text, played: left > 0 };
  });
  return speculationOf(
    facts.mtCalls,
    heard.map(({ segment, committedMs }) => ({ text: sourceOf(segment), committedMs })),
    speech,
  );
}
