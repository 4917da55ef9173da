/**
 * A translated call between two SIP phones with nothing set but the languages: what the parties hear besides the
 * translation.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { convertRate } from '../../src/client/convert-rate.ts';
import { EspeakNgEngine } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { announcementText } from '../../src/server/interpreting/announcements.ts';
import { concatPcm, sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';
import { never } from '../support/waiting.ts';
import { Exchange, PARTY_HUNG_UP } from './exchange.ts';
import { mostLike } from './likeness.ts';
import { reportsOf, SAID, saidPcm, speakEnglish } from './translated-call.ts';

/** Before the first word: both are connected, and hear an announcement of under 3 s. */
const LEAD_MS = 5_000;
/** By then an announcement has begun; on a full machine by the other. */
const ANNOUNCED_MS = 4_000;
const ANNOUNCED_LIMIT_MS = 15_000;
/** Enough of a voice to know it again. */
const PIECE_MS = 400;
const RATE_HZ = 16_000;
/** A piece that went through G.722 and back is like itself by 0.9 or more; another voice by less than 0.4. */
const SAME = 0.6;
/** PocketSphinx listens up to 6,855 Hz and eSpeak NG has little there; G.722 carries up to 7 kHz. */
const PILOT_HZ = 6_900;
const PILOT_PEAK = 0.02;
const PILOT_LENGTH_MS = 120_000;
const WINDOW_MS = 100;
/** As loud as said; G.722 adds some. */
const CLEARLY = [0.7, 1.3] as const;
/** Under a translation a voice is at 0.15; the translation adds some by chance. */
const SOFTLY = [0.03, 0.35] as const;

describe('a call between SIP phones with the defaults', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--pair', 'en:es', '--untranslatable', 'passthrough', '--captions'],
      pairs: 1,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(PARTY_HUNG_UP);
    }
  });

  it('begins with an announcement in the language of each, and lets the caller be heard, softly under the Spanish', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { events, alice, bob } = await speakEnglish(test, exchange, {
      pair: 0,
      way: '9',
      caller: 'g722',
      callee: 'g722',
      leadMs: LEAD_MS,
      said: saidWithPilot(),
    });
    const english = await announced('en');
    const spanish = await announced('es');
    assert.deepEqual([alice.rateHz, bob.rateHz], [RATE_HZ, RATE_HZ]);
    const told = {
      aliceInEnglish: shareOf(english, alice),
      aliceInSpanish: shareOf(spanish, alice),
      bobInEnglish: shareOf(english, bob),
      bobInSpanish: shareOf(spanish, bob),
    };
    assert.ok(told.aliceInEnglish > SAME && told.aliceInSpanish < SAME, JSON.stringify(told));
    assert.ok(told.bobInSpanish > SAME && told.bobInEnglish < SAME, JSON.stringify(told));

    // The pilot, when it begins, may be taken for an utterance.
    const first = reportsOf(events).find(({ outcome }) => outcome !== 'nothing-said');
    assert.equal(first?.outcome, 'spoken');
    assert.match(first.target.piiText, new RegExp(SAID[0].translated, 'i'));

    const levels = pilotLevels(bob);
    const clear = levels.filter((level) => level > CLEARLY[0] && level < CLEARLY[1]);
    const under = levels.filter((level) => level > SOFTLY[0] && level < SOFTLY[1]);
    const spokenMs = reportsOf(events).reduce(
      (sum, { target }) => sum + (target.endMs ?? 0) - (target.startMs ?? 0),
      0,
    );
    test.diagnostic(
      `clear ${clear.length * WINDOW_MS} ms, under ${under.length * WINDOW_MS} of ${spokenMs} ms spoken`,
    );
    const heard = levels.map((level) => level.toFixed(2)).join(' ');
    assert.ok(clear.length * WINDOW_MS > 1_000, `the caller is hardly heard: ${heard}`);
    assert.ok(
      spokenMs > 1_000 && under.length * WINDOW_MS > spokenMs * 0.6,
      `${spokenMs} ms spoken: ${heard}`,
    );
  });
});

/** The caller's sentences, and all along a pilot: high above what is recognised, and heard as the voice is. */
function saidWithPilot(): Int16Array {
  const sentences = saidPcm(LEAD_MS);
  const pilot = sine(PILOT_HZ, PILOT_LENGTH_MS, RATE_HZ, PILOT_PEAK);
  return pilot.map((sample, index) => sample + Math.round((sentences[index] ?? 0) * 0.9));
}

/** How loud the pilot is in what was heard, window by window: 1 is as loud as said. */
function pilotLevels({ pcm, rateHz }: Wav): readonly number[] {
  const saidDbfs = toneDbfs(sine(PILOT_HZ, WINDOW_MS, rateHz, PILOT_PEAK), PILOT_HZ, rateHz);
  const levels: number[] = [];
  for (let atMs = ANNOUNCED_MS; (atMs + WINDOW_MS) * rateHz <= pcm.length * 1_000; atMs += WINDOW_MS) {
    const heardDbfs = toneDbfs(sliceMs(pcm, rateHz, atMs, atMs + WINDOW_MS), PILOT_HZ, rateHz);
    levels.push(10 ** ((heardDbfs - saidDbfs) / 20));
  }
  return levels;
}

/** Pieces of what is announced in a language, as eSpeak NG says it. */
async function announced(language: string): Promise<readonly Int16Array[]> {
  const engine = new EspeakNgEngine({ clock: systemClock });
  try {
    const text = announcementText(language, new Map(), 'interpreter') ?? '';
    const signal = never();
    const speech = await engine.synthesize({ text, language, wantedRateHz: RATE_HZ }, signal);
    const parts: Int16Array[] = [];
    for await (const part of speech.pieces) {
      parts.push(part);
    }
    const pcm = convertRate(concatPcm(...parts), speech.rateHz, RATE_HZ);
    return [100, 500, 900, 1_300, 1_700, 2_100].map((atMs) => sliceMs(pcm, RATE_HZ, atMs, atMs + PIECE_MS));
  } finally {
    await engine.close();
  }
}

/** How like one of the pieces is to what a phone hears; some may be spoilt by a busy machine. */
function shareOf(pieces: readonly Int16Array[], { pcm, rateHz }: Wav): number {
  return Math.max(...pieces.map((piece) => mostLike(pcm, piece, rateHz, 0, ANNOUNCED_LIMIT_MS).share));
}
