/** Tells the legs of one call what they are to hear, and their states whether anybody else is there and interprets. */

import type { Party } from './party.ts';
import type { CallPlan } from './plan.ts';
import { isAlone, ordersFor, type PartyView } from './who-hears.ts';

/** What legs are told of beside who is there. */
export interface OrderedCall {
  readonly plan: CallPlan;
  /** Everyone whose words are on their way. */
  readonly speakers: readonly PartyView[];
  /** Whether it is to be measured how parties speak. */
  readonly measures: boolean;
  /** Whether who is alone is not told so, since the others are on their way back. */
  readonly quiet: boolean;
  /** Whether a party is listened to although nothing of it is interpreted. */
  listensTo(party: string): boolean;
}

export function orderLegs(parties: readonly Party[], call: OrderedCall): void {
  const { plan, speakers, measures, quiet } = call;
  for (const party of parties) {
    const { leg } = party;
    if (leg !== undefined && !leg.hangingUp) {
      const orders = ordersFor(party, speakers, plan);
      leg.media.order({
        ...orders,
        attending: orders.attending || call.listensTo(party.id),
        waiting: orders.waiting && !quiet,
        measuring: orders.attending && measures,
      });
      const [voice, ...others] = orders.voices;
      const isOnly = voice !== undefined && others.length === 0;
      leg.follow(isOnly ? parties.find(({ id }) => id === voice.id)?.leg : undefined);
      const alone = isAlone(party, parties);
      leg.handle(alone ? 'partner-left' : 'partner-joined');
      leg.handle(!alone && party.interpretation.ready ? 'interpreter-ready' : 'interpreter-lost');
    }
  }
}
