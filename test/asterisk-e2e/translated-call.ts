/** A call between two SIP phones in which the caller speaks English that is interpreted. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { CallEvent, UtteranceReport } from '../../src/call/call-events.ts';
import { CallCaptions } from '../../src/client/call-captions.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { concatPcm, loadLibrivoxClips, silence } from '../asterisk/audio.ts';
import { eventually } from '../support/waiting.ts';
import { type Exchange, hearBoth, type Way } from './exchange.ts';
import type { PhoneCodec } from './phone.ts';

/**
 * Sentences with words that PocketSphinx hears however they fall into frames, at once and for good, and a word that
 * Apertium makes of each. It takes `man` for `men` now and then, and `woman` at first for `wall`, which `clause`
 * speaks.
 */
export const SAID = [
  { clip: 1, heard: 'young m[ae]n', translated: 'jóven|joven' },
  { clip: 3, heard: 'amiable', translated: 'amable' },
] as const;

/** Between sentences: the first is translated when the second begins. */
const PAUSE_MS = 2_500;
const CALL_LIMIT_MS = 90_000;

export interface SpokenCall {
  /** Of the exchange. */
  readonly pair: number;
  readonly way: Way;
  readonly caller: PhoneCodec;
  readonly callee: PhoneCodec;
  /** Before the first word: time for both to be connected, and to hear the announcement if there is one. */
  readonly leadMs: number;
  /** What the caller says instead of the sentences alone, at 16 kHz. */
  readonly said?: Int16Array;
}

/** How a call went: what was said about it, and what the two phones heard. */
export interface Heard {
  readonly events: readonly CallEvent[];
  readonly alice: Wav;
  readonly bob: Wav;
}

/** What the caller says, at 16 kHz. */
export function saidPcm(leadMs: number): Int16Array {
  const clips = loadLibrivoxClips();
  const said = SAID.flatMap(({ clip }, index) => [
    silence(index === 0 ? leadMs : PAUSE_MS, 16_000),
    clips[clip]?.pcm ?? new Int16Array(0),
  ]);
  return concatPcm(...said);
}

/** The caller says the sentences, waits until the callee has heard them, and hangs up. */
export async function speakEnglish(
  test: TestContext,
  exchange: Exchange,
  { pair, way, caller, callee, leadMs, said = saidPcm(leadMs) }: SpokenCall,
): Promise<Heard> {
  const say = { rateHz: 16_000, pcm: said };
  const phones = await exchange.call(test, pair, way, { codec: caller, say }, { codec: callee });
  const events: CallEvent[] = [];
  const over = new AbortController();
  const callId = (await exchange.testbed.variable(exchange.pair(pair).caller, 'DRAGOMAN_CALL')).slice(0, -1);
  const captions = new CallCaptions(
    { url: exchange.dragoman.httpUrl },
    callId,
    systemClock,
    (event) => events.push(event),
    (sentence) => assert.fail(sentence),
  );
  const followed = captions.follow(over.signal);
  try {
    await eventually('both sentences are reported', CALL_LIMIT_MS, () => {
      return reportsOf(events).length >= SAID.length && captions.unreported === 0;
    });
  } catch (error) {
    throw new Error(`so far: ${JSON.stringify(events)}`, { cause: error });
  } finally {
    await phones[0].hangUp();
    await phones[1].until('CALL_CLOSED');
    await followed;
    over.abort();
  }
  const [alice, bob] = await hearBoth(phones);
  return { events, alice, bob };
}

export function reportsOf(events: readonly CallEvent[]): readonly UtteranceReport[] {
  return events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
}
