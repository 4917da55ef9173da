/**
 * Which speaker's voice speaks for whom, by telephone numbers: of who calls, and of what they dialled. Numbers are
 * personal; none is logged or stored here but those that the operator wrote.
 */

import { voiceOfSpeaker } from './speaker-voices.ts';

/** What is left of a number without the marks that people and trunks put into it. */
const NUMBER = /^\d{2,20}$/;

/** What is known of how somebody called; empty, or undefined: nothing. */
export interface CalledBy {
  readonly caller: string | undefined;
  readonly dialled: string | undefined;
}

export interface VoicesByNumber {
  /** Ids of speakers by {@link plainNumber}. */
  readonly byCaller: ReadonlyMap<string, string>;
  readonly byDialled: ReadonlyMap<string, string>;
}

export const NO_NUMBERS: VoicesByNumber = { byCaller: new Map(), byDialled: new Map() };

/**
 * `34600123123` for `+34 (600) 123-123` and `0034600123123`, as trunks write one number; undefined for what is none.
 */
export function plainNumber(text: string): string | undefined {
  const plain = text.replace(/[\s().-]/g, '').replace(/^(?:\+|00)/, '');
  return NUMBER.test(plain) ? plain : undefined;
}

/** The voice that is to speak for somebody; who calls counts before what was dialled. */
export function voiceByNumber(
  { byCaller, byDialled }: VoicesByNumber,
  { caller, dialled }: CalledBy,
): string | undefined {
  const speaker = among(byCaller, caller) ?? among(byDialled, dialled);
  return speaker === undefined ? undefined : voiceOfSpeaker(speaker);
}

function among(speakers: ReadonlyMap<string, string>, number: string | undefined): string | undefined {
  const plain = number === undefined ? undefined : plainNumber(number);
  return plain === undefined ? undefined : speakers.get(plain);
}
