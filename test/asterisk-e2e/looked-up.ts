/**
 * A number that comes to dragoman with nothing but a UUID, and that it asks Asterisk for by ARI. It waits 150 ms for the
 * answer; a leg of which Asterisk tells later, as on a full machine, has its place without its number by then.
 */

import assert from 'node:assert/strict';
import { eventually } from '../support/waiting.ts';
import type { Exchange } from './exchange.ts';
import type { Phone } from './phone.ts';

/** A machine may be full for some of them. */
const MOST_TRIES = 5;

/**
 * Dials such a number, again where Asterisk was late to say who it is, until it was not. Nobody else may be in a call
 * meanwhile. Whatever else comes of asking is for who dials to judge.
 */
export async function dialLookedUp(
  { dragoman, testbed }: Exchange,
  phone: Phone,
  number: string,
  limitMs: number,
): Promise<void> {
  const lookUps = (outcome = /(?:)/): Promise<number> =>
    dragoman.metric('dragoman_ari_lookups_total', outcome);
  for (let nth = 1; nth <= MOST_TRIES; nth += 1) {
    const [all, late] = [await lookUps(), await lookUps(/outcome="late"/)];
    await phone.dial(number);
    await phone.until('CALL_ESTABLISHED', limitMs, nth);
    await eventually('it is looked up', limitMs, async () => (await lookUps()) > all);
    if ((await lookUps(/outcome="late"/)) === late) {
      return;
    }
    await phone.hangUp();
    await phone.until('CALL_CLOSED', limitMs, nth);
    await eventually('nobody is in a call', limitMs, async () => {
      const [calls, channels] = await Promise.all([dragoman.calls(), testbed.channels()]);
      return calls.length === 0 && channels.length === 0;
    });
  }
  assert.fail(`Asterisk said too late who has dialled ${number}, ${MOST_TRIES} times`);
}
