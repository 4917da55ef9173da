/**
 * Two SIP phones, a real Asterisk and the real engines: English is heard in Spanish. Recognition is slow to load, so
 * the calls of this file run side by side on one server.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CallEvent } from '../../src/call/call-events.ts';
import { heardSounds, type SoundSpan } from '../../src/client/heard-sounds.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { levelDbfs, sliceMs } from '../asterisk/audio.ts';
import { Exchange, PARTY_HUNG_UP } from './exchange.ts';
import { type Heard, reportsOf, SAID, speakEnglish } from './translated-call.ts';

/** Time for both to be connected before the first word. */
const LEAD_MS = 5_000;
/**
 * By then the one who is connected first, the callee, no longer hears the waiting tone, which comes again after 3 s; and no
 * word has been said. By its length it is not told from a voice: a word that is translated may be as short.
 */
const WAITING_TONE_MS = 4_000;
/** Two notes tell a listener for whom there is nothing to hear yet that something is on its way: 220 ms. */
const LONGEST_CUE_MS = 300;

// One after the other: three recognisers, translators and voices at once are more than two slow cores have time for.
describe('a call between SIP phones that is translated', { concurrency: false }, () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      // So that what is heard is the translation and nothing else.
      serve: [
        ...['--pair', 'en:es', '--untranslatable', 'passthrough', '--captions'],
        ...['--announcement', 'off', '--original', 'off'],
      ],
      pairs: 3,
    });
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
    const heard = await speakEnglish(test, exchange, {
      pair: 0,
      way: '9',
      caller: 'g722',
      callee: 'g722',
      leadMs: LEAD_MS,
    });
    assertSpanish(heard);
    assertWords(heard.events);
  });

  it('lets the callee hear Spanish on the telephone band (G.711, AudioSocket at 8 kHz)', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    // PocketSphinx knows wideband voices: here only that something is heard and spoken is to be expected.
    assertSpanish(
      await speakEnglish(test, exchange, {
        pair: 1,
        way: '8',
        caller: 'pcmu',
        callee: 'pcmu',
        leadMs: LEAD_MS,
      }),
    );
  });

  it('lets a G.711 phone hear Spanish for the English of a G.722 phone', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const heard = await speakEnglish(test, exchange, {
      pair: 2,
      way: '9',
      caller: 'g722',
      callee: 'pcma',
      leadMs: LEAD_MS,
    });
    assertSpanish(heard);
    assertWords(heard.events);
  });
});

/** What the callee's phone kept is the translation and nothing else; the caller heard nothing. */
function assertSpanish({ events, alice, bob }: Heard): void {
  const spoken = reportsOf(events).filter(({ outcome }) => outcome === 'spoken');
  assert.ok(spoken.length > 0, JSON.stringify(events));
  const spokenMs = spoken.reduce((sum, { target }) => sum + (target.endMs ?? 0) - (target.startMs ?? 0), 0);
  const voice = voiceOf(bob);
  const heardMs = voice.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  // A voice pauses between words, and a phone that is late plays on. The caller's own voice would double it.
  assert.ok(
    heardMs > spokenMs * 0.5 && heardMs < spokenMs * 1.5,
    `spoken ${spokenMs} ms, heard ${heardMs} ms: ${JSON.stringify(voice)}`,
  );
  const beganMs = voice[0]?.startMs ?? 0;
  const [first] = spoken;
  // A phone and a call begin at about the same time, and no word is translated before it was said.
  assert.ok(
    beganMs + 1_000 > (first?.source.startMs ?? 0),
    `sound at ${beganMs} ms, before the English had begun`,
  );
  assert.ok(levelDbfs(sliceMs(bob.pcm, bob.rateHz, beganMs, beganMs + 1_000)) > -35, 'it is hardly audible');
  assert.deepEqual(voiceOf(alice), [], 'the caller heard something');
}

/** When a phone heard a voice: no waiting tone, no cue, no noise of a line. */
function voiceOf({ pcm, rateHz }: Wav): readonly SoundSpan[] {
  const fromMs = WAITING_TONE_MS;
  return heardSounds(sliceMs(pcm, rateHz, fromMs, (pcm.length * 1_000) / rateHz), rateHz, fromMs).filter(
    ({ startMs, endMs }) => endMs - startMs > LONGEST_CUE_MS,
  );
}

function assertWords(events: readonly CallEvent[]): void {
  for (const [index, { heard, translated }] of SAID.entries()) {
    const report = reportsOf(events)[index];
    assert.match(report?.source.piiText ?? '', new RegExp(heard, 'i'));
    assert.match(report?.target.piiText ?? '', new RegExp(translated, 'i'));
  }
}
