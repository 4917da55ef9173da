/** The process of the telephones: what they say and hear are words in tones. Forked by `chaos-run.ts`. */

import { FRAME_MS } from '../../src/base/units.ts';
import type { LivePhone } from '../bench/realtime/live-phone.ts';
import { PHONE_RATE_HZ, type PhonePair, playTelephones, ringPair } from '../bench/realtime/paired-phones.ts';
import type { ChaosCallFacts, HeardFact } from './chaos-messages.ts';
import { type ChaosScript, type SaidWord, saidWords } from './chaos-script.ts';
import { CodedVoice } from './coded-voice.ts';
import { type Band, SAID, SPOKEN, WordDecoder } from './word-code.ts';

interface Pair extends PhonePair {
  readonly words: readonly SaidWord[];
}

playTelephones<ChaosScript, Pair, ChaosCallFacts>({
  seedOf: () => 1,
  ring: async (order, call, uuids) => {
    const words = saidWords(order.script, call);
    const [caller, listener] = [new CodedVoice(words, PHONE_RATE_HZ), new CodedVoice([], PHONE_RATE_HZ)];
    return { words, ...(await ringPair(order, uuids, caller, listener)) };
  },
  factsOf,
});

function factsOf({ words, caller, listener }: Pair): ChaosCallFacts {
  const { writtenMs } = caller;
  return {
    // A word that was not sent whole, since the leg was lost, was not said.
    said: words.flatMap(({ id, startMs, endMs }) => {
      const [first, last] = [writtenMs[startMs / FRAME_MS], writtenMs[Math.ceil(endMs / FRAME_MS) - 1]];
      return first === undefined || last === undefined
        ? []
        : [{ id, startMs: first, endMs: last + FRAME_MS }];
    }),
    translated: heardWords(listener, SPOKEN),
    original: heardWords(listener, SAID),
    heardMs: listener.heardMs,
    loud: listener.loud,
    callerHeardMs: caller.heardMs,
    lost: [caller, listener].flatMap(({ lostBecause }) => lostBecause ?? []),
  };
}

function heardWords(phone: LivePhone, band: Band): readonly HeardFact[] {
  const decoder = new WordDecoder(PHONE_RATE_HZ, band);
  return phone.heard.flatMap(({ pcm, atMs }) => decoder.hear(pcm).map(({ id }) => ({ id, atMs })));
}
