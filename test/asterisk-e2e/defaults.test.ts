/**
 * A translated call between two SIP phones with nothing set but the languages: what the parties hear besides the
 * translation.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { announcementText } from '../../src/cli/announcements.ts';
import { convertRate } from '../../src/cli/call/convert-rate.ts';
import { EspeakNgEngine } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { concatPcm, findSoundMs, levelDbfs, sliceMs } from '../asterisk/audio.ts';
import { Exchange, PARTY_HUNG_UP } from './exchange.ts';
import { mostLike } from './likeness.ts';
import { reportsOf, SAID, saidPcm, speakEnglish } from './translated-call.ts';

/** Before the first word: both are connected, and hear an announcement of under 3 s. */
const LEAD_MS = 5_000;
/** By then an announcement has begun. */
const ANNOUNCED_MS = 4_000;
/** Enough of a voice to know it again. */
const PIECE_MS = 400;
const RATE_HZ = 16_000;
/** A piece that went through G.722 and back is like itself by 0.9 or more; another voice by less than 0.4. */
const SAME = 0.6;
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
    });
    const english = await announced('en');
    const spanish = await announced('es');
    const { rateHz } = alice;
    assert.deepEqual([alice.rateHz, bob.rateHz], [RATE_HZ, RATE_HZ]);
    const told = {
      aliceInEnglish: shareOf(english, alice),
      aliceInSpanish: shareOf(spanish, alice),
      bobInEnglish: shareOf(english, bob),
      bobInSpanish: shareOf(spanish, bob),
    };
    assert.ok(told.aliceInEnglish > SAME && told.aliceInSpanish < SAME, JSON.stringify(told));
    assert.ok(told.bobInSpanish > SAME && told.bobInEnglish < SAME, JSON.stringify(told));

    const [first] = reportsOf(events);
    assert.equal(first?.outcome, 'spoken');
    assert.match(first.target.piiText, new RegExp(SAID[0].translated, 'i'));

    const said = saidPcm(LEAD_MS);
    const voiceMs = findSoundMs(said, rateHz, LEAD_MS, -40) ?? LEAD_MS;
    const piece = (saidMs: number): Int16Array => sliceMs(said, rateHz, saidMs, saidMs + PIECE_MS);
    const before: number[] = [];
    const under: { readonly heard: Int16Array; readonly said: Int16Array }[] = [];
    for (const { atMs } of events.filter(({ type }) => type === 'spoken')) {
      // Where the caller is in their words as the segment begins.
      const saidMs = atMs - first.source.startMs + voiceMs;
      const clearMs = saidMs - PIECE_MS - 150;
      const clear = mostLike(bob.pcm, piece(clearMs), rateHz, clearMs - 500, clearMs + 1_500);
      const underMs = saidMs + 300;
      // Only where the caller is heard just before the segment, and goes on in it.
      if (clear.share > SAME && levelDbfs(piece(underMs)) > -35) {
        before.push(gainOf(sliceMs(bob.pcm, rateHz, clear.atMs, clear.atMs + PIECE_MS), piece(clearMs)));
        const heardMs = clear.atMs + underMs - clearMs;
        under.push({
          heard: sliceMs(bob.pcm, rateHz, heardMs, heardMs + PIECE_MS),
          said: piece(underMs),
        });
      }
    }
    assert.ok(under.length > 0, 'at no segment the caller was heard before it and went on in it');
    const softly = gainOf(
      concatPcm(...under.map(({ heard }) => heard)),
      concatPcm(...under.map((pair) => pair.said)),
    );
    test.diagnostic(`the caller's own voice is at ${before} before segments, at ${softly} under them`);
    assert.ok(
      before.every((gain) => gain > 0.7 && gain < 1.3),
      `before segments the caller is at ${before}`,
    );
    assert.ok(softly > SOFTLY[0] && softly < SOFTLY[1], `under segments the caller is at ${softly}`);
  });
});

/**
 * How loud the voice `said` is in `heard`, which begins with it: 1 is as loud as said. High sounds count more than
 * low ones, in which any two voices are a little alike.
 */
function gainOf(heard: Int16Array, said: Int16Array): number {
  let product = 0;
  let energy = 0;
  for (let i = 1; i < said.length; i += 1) {
    const step = (said[i] ?? 0) - (said[i - 1] ?? 0);
    product += step * ((heard[i] ?? 0) - (heard[i - 1] ?? 0));
    energy += step * step;
  }
  return product / energy;
}

/** Pieces of what is announced in a language, as eSpeak NG says it. */
async function announced(language: string): Promise<readonly Int16Array[]> {
  const engine = new EspeakNgEngine({ clock: systemClock });
  try {
    const text = announcementText(language, new Map()) ?? '';
    const signal = new AbortController().signal;
    const speech = await engine.synthesize({ text, language, wantedRateHz: RATE_HZ }, signal);
    const parts: Int16Array[] = [];
    for await (const part of speech.pieces) {
      parts.push(part);
    }
    const pcm = convertRate(concatPcm(...parts), speech.rateHz, RATE_HZ);
    return [300, 1_000, 1_700].map((atMs) => sliceMs(pcm, RATE_HZ, atMs, atMs + PIECE_MS));
  } finally {
    await engine.close();
  }
}

/** How like one of the pieces is to what a phone hears at first; one may be spoilt by a busy machine. */
function shareOf(pieces: readonly Int16Array[], { pcm, rateHz }: Wav): number {
  return Math.max(...pieces.map((piece) => mostLike(pcm, piece, rateHz, 0, ANNOUNCED_MS).share));
}
