/**
 * What a call itself tells those who are in it: each in its own language that a machine interprets, and all of them
 * with short tones what happens to the call.
 */

import type { Language } from '../base/language.ts';
import { samplesToMs } from '../base/units.ts';
import type { PartyTone } from '../media/play/chimes.ts';
import type { PlayedSink } from '../media/thread/announced-segments.ts';
import type { LegLink } from '../media/thread/leg-link.ts';
import type { Party } from './party.ts';

/** How long a tone takes to be heard, and understood to be the end of it, in ms. */
const TONE_MS = 1_000;

/** Something said to a party in its own language. */
export interface Announcement {
  readonly rateHz: number;
  readonly pcm: Int16Array;
}

/**
 * What an announcement tells: that a machine interprets; that the call is recorded; that a voice is made of a party's; that
 * a voice agent has failed.
 */
export type AnnouncedFact = 'interpreter' | 'recording' | 'enrolment' | 'agent-failed';

/** Finds an announcement for those who speak a language; undefined where there is none. */
export type AnnouncementBook = (language: Language, fact: AnnouncedFact) => Announcement | undefined;

/** Tells everyone in company that there is an interpreter, if there is; see {@link announce}. */
export function announceInterpreter(
  parties: readonly Party[],
  announcements: AnnouncementBook,
  heard: () => void,
): void {
  const interpreted = parties.some(({ routes }) => routes.size > 0);
  if (interpreted && parties.length > 1) {
    for (const party of parties) {
      announce('interpreter', party, announcements, heard);
    }
  }
}

/**
 * Tells a party what it has to know, unless it has heard that to its end or is hearing it: in its language where somebody
 * speaks that; what is kept of it else by a tone. Who has no leg, or is on hold, is not told: do it again when that is
 * over, and when something was said instead.
 * @param heard is called once it was heard to its end.
 */
export function announce(
  fact: Exclude<AnnouncedFact, 'agent-failed'>,
  { leg, suspended, language, facts }: Party,
  announcements: AnnouncementBook,
  heard: () => void,
): void {
  if (leg === undefined || leg.held || suspended || facts.isSaid(fact)) {
    return;
  }
  const announcement = announcements(language, fact);
  if (announcement !== undefined) {
    say(announcement, leg.media, facts.says(fact, heard));
    return;
  }
  if (fact !== 'interpreter') {
    leg.media.playTone('recorded');
  }
  facts.add(fact);
  heard();
}

/** Tells a party by a tone that somebody listens, as {@link announce} does. */
export function announceListening({ leg, suspended, facts }: Party): void {
  if (leg !== undefined && !leg.held && !suspended && !facts.isSaid('listening')) {
    leg.media.playTone('recorded');
    facts.add('listening');
  }
}

/**
 * Tells everyone but `agent` that it has failed: in their language where somebody speaks that, else by the tone of
 * somebody who has left. @returns how long it takes to be heard, in ms.
 */
export function announceAgentFailed(
  parties: Iterable<Party>,
  announcements: AnnouncementBook,
  agent?: Party,
): number {
  let longestMs = 0;
  for (const party of parties) {
    if (party !== agent && party.leg !== undefined) {
      const announcement = announcements(party.language, 'agent-failed');
      if (announcement === undefined) {
        party.leg.media.playTone('left');
      }
      say(announcement, party.leg.media, NOBODY_ASKS);
      longestMs = Math.max(
        longestMs,
        announcement === undefined ? TONE_MS : samplesToMs(announcement.pcm.length, announcement.rateHz),
      );
    }
  }
  return longestMs;
}

/** Plays a tone to everyone but `except`. */
export function toneToAll(parties: Iterable<Party>, tone: PartyTone, except?: Party): void {
  for (const party of parties) {
    if (party !== except) {
      party.leg?.media.playTone(tone);
    }
  }
}

/** Says it before all that waits to be heard. A leg that is lost in the middle of it takes it along. */
function say(announcement: Announcement | undefined, media: LegLink, sink: PlayedSink): void {
  if (announcement !== undefined) {
    const segment = media.openSegment(announcement.rateHz, undefined, sink);
    // The announcement is everyone's; what is added belongs to the media.
    segment.add(announcement.pcm.slice());
    segment.end();
  }
}

const NOBODY_ASKS: PlayedSink = { started: () => {}, ended: () => {} };
