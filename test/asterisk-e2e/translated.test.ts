/**
 * Two SIP phones, a real Asterisk and the real engines: English is heard in Spanish. Recognition is slow to load, so
 * the calls of this file run side by side on one server.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { CallEvent, UtteranceReport } from '../../src/call/call-events.ts';
import { CallCaptions } from '../../src/cli/call/call-captions.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { concatPcm, findSoundMs, levelDbfs, loadLibrivoxClips, silence, sliceMs } from '../asterisk/audio.ts';
import { Exchange, hearBoth, PARTY_HUNG_UP } from './exchange.ts';
import { soundMs } from './melody.ts';
import type { PhoneCodec } from './phone.ts';
import { eventually } from './waiting.ts';

/** Sentences with words that PocketSphinx hears right, and a word that Apertium makes of each. */
const SAID = [
  { clip: 1, heard: 'young man', translated: 'hombre joven' },
  { clip: 3, heard: 'amiable woman', translated: 'mujer' },
] as const;

/** Time for both to be connected, before the first word and between sentences. */
const PAUSE_MS = 1_500;
/** By then the one who is connected first, the callee, no longer hears the waiting tone. */
const WAITING_TONE_MS = 1_000;
const CALL_LIMIT_MS = 40_000;

/** How a call went: what was said about it, and what the two phones heard. */
interface Heard {
  readonly events: readonly CallEvent[];
  readonly alice: Wav;
  readonly bob: Wav;
}

describe('a call between SIP phones that is translated', { concurrency: true }, () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    const flags = ['--pair', 'en:es', '--untranslatable', 'passthrough', '--captions'];
    exchange = await Exchange.open({ serve: flags, pairs: 3 });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(PARTY_HUNG_UP);
    }
  });

  it('lets the callee hear Spanish for English, in wideband from phone to phone (G.722)', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const heard = await speakEnglish(test, exchange, 0, '9', 'g722', 'g722');
    assertSpanish(heard);
    assertWords(heard.events);
  });

  it('lets the callee hear Spanish on the telephone band (G.711, AudioSocket at 8 kHz)', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    // PocketSphinx knows wideband voices: here only that something is heard and spoken is to be expected.
    assertSpanish(await speakEnglish(test, exchange, 1, '8', 'pcmu', 'pcmu'));
  });

  it('lets a G.711 phone hear Spanish for the English of a G.722 phone', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const heard = await speakEnglish(test, exchange, 2, '9', 'g722', 'pcma');
    assertSpanish(heard);
    assertWords(heard.events);
  });
});

/** The caller says the sentences, waits until the callee has heard them, and hangs up. */
async function speakEnglish(
  test: TestContext,
  exchange: Exchange,
  pair: number,
  way: '8' | '9',
  callerCodec: PhoneCodec,
  calleeCodec: PhoneCodec,
): Promise<Heard> {
  const clips = loadLibrivoxClips();
  const said = SAID.flatMap(({ clip }) => [silence(PAUSE_MS, 16_000), clips[clip]?.pcm ?? new Int16Array(0)]);
  const phones = await exchange.call(
    test,
    pair,
    way,
    { codec: callerCodec, say: { rateHz: 16_000, pcm: concatPcm(...said) } },
    { codec: calleeCodec },
  );
  const events: CallEvent[] = [];
  const over = new AbortController();
  const callId = (await exchange.testbed.variable(exchange.pair(pair).caller, 'CALL')).slice(0, -1);
  const captions = new CallCaptions(
    exchange.dragoman.httpUrl,
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
    phones[0].hangUp();
    await phones[1].until('CALL_CLOSED', 1_500);
    await followed;
    over.abort();
  }
  const [alice, bob] = await hearBoth(phones);
  return { events, alice, bob };
}

function reportsOf(events: readonly CallEvent[]): readonly UtteranceReport[] {
  return events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
}

/** What the callee's phone kept is the translation and nothing else; the caller heard nothing. */
function assertSpanish({ events, alice, bob }: Heard): void {
  const spoken = reportsOf(events).filter(({ outcome }) => outcome === 'spoken');
  assert.ok(spoken.length > 0, JSON.stringify(events));
  const spokenMs = spoken.reduce((sum, { target }) => sum + (target.endMs ?? 0) - (target.startMs ?? 0), 0);
  const heardMs = soundMs(bob.pcm, bob.rateHz);
  // A voice pauses between words; what is longer than the translation would be the caller's own voice.
  assert.ok(
    heardMs > spokenMs * 0.5 && heardMs < spokenMs + 300,
    `spoken ${spokenMs} ms, heard ${heardMs} ms`,
  );
  const [first] = spoken;
  const beganMs = findSoundMs(bob.pcm, bob.rateHz, WAITING_TONE_MS) ?? 0;
  assert.ok(
    beganMs + 1_500 > (first?.source.endMs ?? 0),
    `sound at ${beganMs} ms, before the English had ended`,
  );
  assert.ok(levelDbfs(sliceMs(bob.pcm, bob.rateHz, beganMs, beganMs + 1_000)) > -35, 'it is hardly audible');
  assert.ok(soundMs(alice.pcm, alice.rateHz) <= 100, 'the caller heard something');
}

function assertWords(events: readonly CallEvent[]): void {
  for (const [index, { heard, translated }] of SAID.entries()) {
    const report = reportsOf(events)[index];
    assert.match(report?.source.piiText ?? '', new RegExp(heard, 'i'));
    assert.match(report?.target.piiText ?? '', new RegExp(translated, 'i'));
  }
}
