/** The process that plays the telephones of the live bench. Forked by `live-run.ts`. */

import { CallVoice } from './call-voice.ts';
import type { PhoneFacts } from './live-facts.ts';
import type { LiveScript } from './live-turns.ts';
import { liveTurns } from './live-turns.ts';
import { PHONE_RATE_HZ, type PhonePair, playTelephones, ringPair } from './paired-phones.ts';

/** Between two calls, in ms: two legs and four engines are opened in it. */
const CONNECT_GAP_MS = 50;

playTelephones<LiveScript, PhonePair, PhoneFacts>({
  seedOf: ({ seed }) => seed,
  gapMs: CONNECT_GAP_MS,
  ring: (order, call, uuids) =>
    ringPair(
      order,
      uuids,
      new CallVoice(call, liveTurns(order.script, call), PHONE_RATE_HZ),
      new CallVoice(call, [], PHONE_RATE_HZ),
    ),
  factsOf: ({ caller, listener }) => ({
    writtenMs: Float64Array.from(caller.writtenMs),
    heardMs: listener.heardMs,
    loud: listener.loud,
    lost: [caller, listener].flatMap(({ lostBecause }) => lostBecause ?? []),
  }),
});
