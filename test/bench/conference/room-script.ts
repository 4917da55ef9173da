/**
 * Who is in the rooms of a run and what everyone says: each party speaks, is silent for as long, and speaks again, so
 * at any time about half of them speak. Every process that knows the script knows all of it. A clause has a word that
 * is said nowhere else, so a text on any wire tells whose clause it is.
 */

import { FRAME_MS } from '../../../src/base/units.ts';
import { Random } from '../interpret/random.ts';
import { codeWord, type LiveTurn, MOST_CALLS, turnAt } from '../realtime/live-turns.ts';

export interface RoomScript {
  readonly rooms: number;
  /** What each party of a room speaks, by its place. */
  readonly languages: readonly string[];
  /** How long they talk; nobody begins what would not be said within it. */
  readonly seconds: number;
  readonly seed: number;
  /** How long a translation sounds, as a part of what it translates. */
  readonly renderedLength: number;
}

export interface Speaker {
  /** Counts all parties of all rooms. */
  readonly id: number;
  readonly room: number;
  readonly place: number;
  readonly language: string;
  /**
   * Its pitch. Those who share one, in different rooms, say the same words at the same times, but for those of the
   * clauses.
   */
  readonly voice: number;
  readonly turns: readonly LiveTurn[];
}

/** One clause that somebody says. */
export interface SpokenClause {
  readonly speaker: Speaker;
  /** The word that only this clause has. */
  readonly code: string;
}

/** Before the first turn, in ms: hearings open, and code is compiled. */
const LEAD_MS = 3_000;
/** They do not begin to talk all at once, but within this. */
const SPREAD_MS = 3_000;
/** A pause is as long as what was said before it, but long enough for an utterance to end. */
const LEAST_PAUSE_MS = 1_500;

/** Everyone, room by room. */
export function speakersOf(script: RoomScript): readonly Speaker[] {
  const { rooms, languages } = script;
  return Array.from({ length: rooms }, (_, room) =>
    languages.map((language, place): Speaker => {
      const id = room * languages.length + place;
      const voice = id % MOST_CALLS;
      return { id, room, place, language, voice, turns: turnsOf(script, id, voice) };
    }),
  ).flat();
}

/** Everything that is said. */
export function clausesOf(speakers: readonly Speaker[]): readonly SpokenClause[] {
  return speakers.flatMap((speaker) =>
    speaker.turns.flatMap(({ id, clauses }) =>
      Array.from({ length: clauses }, (_, clause) => ({ speaker, code: codeWord(speaker.id, id, clause) })),
    ),
  );
}

/** Languages that what is said in `language` is rendered in: all others of its room. */
export function otherLanguages({ languages }: RoomScript, language: string): readonly string[] {
  return [...new Set(languages)].filter((other) => other !== language);
}

/**
 * Streams of recognition that a run should need: one for each party, if anybody in its room does not share its
 * language.
 */
export function streamsWanted(script: RoomScript): number {
  return script.rooms * script.languages.filter((spoken) => otherLanguages(script, spoken).length > 0).length;
}

/** What part of the time a party speaks, on average, from the first turn on. */
export function speakingShare(speakers: readonly Speaker[], seconds: number): number {
  const spokenMs = speakers.flatMap(({ turns }) => turns).reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  return spokenMs / (speakers.length * (seconds * 1_000 - LEAD_MS));
}

/**
 * How long translations may sound, as a part of what they translate, so that all that a listener has to hear fits into
 * four fifths of its time: a voice at a time, of parties who all speak for half of it.
 */
export function fittingLength(languages: readonly string[]): number {
  const foreign = languages.map((own) => languages.filter((other) => other !== own).length);
  return Math.min(1, 0.8 / (0.5 * Math.max(1, ...foreign)));
}

function turnsOf({ seconds, seed }: RoomScript, id: number, voice: number): readonly LiveTurn[] {
  const random = new Random(seed + voice * 7_919);
  const turns: LiveTurn[] = [];
  let atMs = LEAD_MS + random.between(0, SPREAD_MS);
  for (;;) {
    const turn = turnAt(id, turns.length, Math.ceil(atMs / FRAME_MS), random);
    atMs = turn.startFrame * FRAME_MS + turn.lengthMs;
    if (atMs > seconds * 1_000) {
      return turns;
    }
    turns.push(turn);
    atMs += Math.max(LEAST_PAUSE_MS, turn.lengthMs);
  }
}
