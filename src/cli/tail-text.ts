/** What happens in calls as lines that people read while it does. */

import { shownText } from '../base/shown-text.ts';
import type { ShownEvent } from './service-api.ts';

/** What is worth a line. It is asked for by name: a service that does not share it says so then. */
export const TOLD_TYPES = [
  ...(['heard', 'spoken', 'saying', 'uninterpreted', 'party-state', 'party-unattended'] as const),
  ...(['resumed', 'recording-full', 'ended'] as const),
] as const;
/** `missed` is told to whoever asks for anything. */
type ToldEvent = Extract<ShownEvent, { readonly type: (typeof TOLD_TYPES)[number] | 'missed' }>;
const TOLD: ReadonlySet<string> = new Set([...TOLD_TYPES, 'missed']);

/** As many of the digits of a call as tell it from others, for people. */
const SHORT_DIGITS = 8;

export class TailText {
  readonly #named: boolean;
  /** Parties that are there, by call. */
  readonly #there = new Set<string>();

  /** @param named whether lines say of which call they are. */
  constructor(named: boolean) {
    this.#named = named;
  }

  /** The line of an event; undefined for what is worth none. */
  lineOf(event: ShownEvent): string | undefined {
    const text = isTold(event) ? this.#textOf(event) : undefined;
    if (text === undefined) {
      return undefined;
    }
    const call = this.#named && 'call' in event ? `${event.call.slice(0, SHORT_DIGITS)}  ` : '';
    return `${event.at.slice(11, 19)}  ${call}${text}`;
  }

  #textOf(event: ToldEvent): string | undefined {
    switch (event.type) {
      case 'heard':
        // What is heard on the way there is heard anew.
        return event.final && event.piiText.trim() !== ''
          ? `${event.party} says   ${shownText(event.piiText)}`
          : undefined;
      case 'spoken':
        return `${event.party} in ${event.language}  ${shownText(event.piiText)}`;
      case 'saying':
        return event.state === 'started'
          ? `${event.party} is told  ${shownText(event.piiText)}`.trimEnd()
          : undefined;
      case 'uninterpreted':
        return `${event.party} is not interpreted into ${event.language}`;
      case 'party-state':
        return this.#comesOrGoes(event);
      case 'party-unattended':
        return `nobody has come to the place of ${event.party}`;
      case 'resumed':
        return 'the call goes on at another node';
      case 'recording-full':
        return event.full ? 'the call is not recorded: the disk is full' : 'the call is recorded again';
      case 'ended':
        return 'the call is over';
      case 'missed':
        return 'some of what happened before is not kept any more';
    }
  }

  /** Of the states of a party only the first and the last are worth a line. */
  #comesOrGoes(event: Extract<ShownEvent, { readonly type: 'party-state' }>): string | undefined {
    const { call, party, language, state } = event;
    const key = `${call} ${party}`;
    if (state === 'DISCONNECTED') {
      return this.#there.delete(key) ? `${party} has left` : undefined;
    }
    if (this.#there.has(key)) {
      return undefined;
    }
    this.#there.add(key);
    return `${party} (${language}) is there`;
  }
}

function isTold(event: ShownEvent): event is ToldEvent {
  return TOLD.has(event.type);
}
