/** How legs of a call that we make end, when the server ends them: which was the first, and what is told of it. */

import type { AsteriskLeg, LegEnding } from './asterisk-leg.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Of a WebSocket. It may hold a token. */
  readonly url?: string;
}

/** A party and the leg it was on. */
interface EndedParty {
  readonly party: { readonly name: string; readonly server: Address };
  readonly leg: Pick<AsteriskLeg, 'ending' | 'answered' | 'connectedAtMs'>;
}

/** A leg that ended before we hung it up. */
export interface LostLeg {
  /** The party's name. */
  readonly party: string;
  readonly server: Address;
  readonly ending: LegEnding;
  /** Whether the server had sent sound by then. */
  readonly answered: boolean;
  /** How long it had been connected. */
  readonly afterMs: number;
}

/** Of the legs that have ended, the one that did first: the server hangs up the others for its sake. */
export function lostLegOf(called: readonly EndedParty[]): LostLeg | undefined {
  const ended = called.flatMap(({ party: { name, server }, leg }) =>
    leg.ending === undefined
      ? []
      : [
          {
            ...{ party: name, server, ending: leg.ending, answered: leg.answered },
            afterMs: leg.ending.atMs - leg.connectedAtMs,
          },
        ],
  );
  return ended.reduce<LostLeg | undefined>(
    (first, each) => (first === undefined || each.ending.atMs < first.ending.atMs ? each : first),
    undefined,
  );
}

export function noteEarlyEnd(
  name: string,
  ending: LegEnding | undefined,
  note: (sentence: string) => void,
): void {
  if (ending !== undefined) {
    note(`leg ${name} was ended early: ${sentenceOf(ending)}`);
  }
}

export function notePartner(
  name: string,
  ending: LegEnding | undefined,
  limitMs: number,
  note: (sentence: string) => void,
): void {
  if (ending === undefined) {
    note(`the server did not hang up leg ${name} within ${limitMs} ms after the other had hung up`);
  } else if (ending.by !== 'server-hangup') {
    note(
      `leg ${name} ended after the other had hung up, but not by a hang-up message: ${sentenceOf(ending)}`,
    );
  }
}

function sentenceOf(ending: LegEnding): string {
  const detail = ending.detail === '' ? '' : ` (${ending.detail})`;
  switch (ending.by) {
    case 'server-hangup':
      return 'the server hung up';
    case 'server-close':
      return `the server closed the connection${detail}`;
    case 'broken':
      return `what the server sent could not be read${detail}`;
    case 'mute':
      return `the server fell silent${detail}`;
    case 'us':
      return 'we hung up';
  }
}
