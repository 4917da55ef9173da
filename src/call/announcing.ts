/**
 * What a call itself tells those who are in it: each in its own language that a machine interprets, and all of them
 * with short tones what happens to the call.
 */

import type { Language } from '../base/language.ts';
import type { PartyTone } from '../media/play/chimes.ts';
import type { PlayedSink } from '../media/thread/announced-segments.ts';
import type { LegLink } from '../media/thread/leg-link.ts';
import type { Leg } from './leg.ts';
import type { Party } from './party.ts';

/** Something said to a party in its own language when the call begins. */
export interface Announcement {
  readonly rateHz: number;
  readonly pcm: Int16Array;
}

/** What an announcement tells: that a machine interprets; that the call is recorded. */
export type AnnouncedFact = 'interpreter' | 'recording';

/** Finds an announcement for those who speak a language; undefined where there is none. */
export type AnnouncementBook = (language: Language, fact: AnnouncedFact) => Announcement | undefined;

/** Tells everyone who is in company for the first time that there is an interpreter, if there is. */
export function announceInterpreter(parties: readonly Party[], announcements: AnnouncementBook): void {
  const interpreted = parties.some(({ routes }) => routes.size > 0);
  if (interpreted && parties.length > 1) {
    for (const party of parties) {
      if (!party.announced && party.leg !== undefined) {
        party.announced = true;
        say(announcements(party.language, 'interpreter'), party.leg.media);
      }
    }
  }
}

/** Tells a party that it is recorded: in its language where somebody speaks that, else by a tone. */
export function announceRecording({ media }: Leg, language: Language, announcements: AnnouncementBook): void {
  const announcement = announcements(language, 'recording');
  say(announcement, media);
  if (announcement === undefined) {
    media.playTone('recorded');
  }
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
function say(announcement: Announcement | undefined, media: LegLink): void {
  if (announcement !== undefined) {
    const segment = media.openSegment(announcement.rateHz, undefined, NOBODY_ASKS);
    // The announcement is everyone's; what is added belongs to the media.
    segment.add(announcement.pcm.slice());
    segment.end();
  }
}

const NOBODY_ASKS: PlayedSink = { started: () => {}, ended: () => {} };
