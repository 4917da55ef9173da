/**
 * The page of /try in a real browser. Chromium's microphone plays recorded English, which is recognised where it is heard;
 * nothing interprets, so every voice is let through.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { convertRate } from '../../src/client/convert-rate.ts';
import { PocketsphinxEngine } from '../../src/engines/stt/pocketsphinx/pocketsphinx-engine.ts';
import { encodeWav } from '../../src/protocol/wav.ts';
import { gatewayPart } from '../../src/server/doors/websocket/gateway-part.ts';
import { tryPart } from '../../src/server/doors/websocket/try-part.ts';
import { webSocketDoor } from '../../src/server/doors/websocket/websocket-door.ts';
import { concatPcm, silence } from '../asterisk/audio.ts';
import { EventLog, testSignal } from '../engines/events.ts';
import { CLIPS, readClip } from '../engines/librivox.ts';
import { patientClock } from '../engines/patient-clock.ts';
import { speak } from '../engines/stt-contract.ts';
import { GatewayCaller } from '../server/doors/websocket/gateway-caller.ts';
import { Chromium } from '../support/chromium.ts';
import { eventually } from '../support/waiting.ts';
import { TestServer } from './harness.ts';

const TOKEN = 'a-token-of-some-length';
const languages = ['en', 'es'];
const RATE_HZ = 16_000;
/** Clips are said again and again, with a pause; in so much sound one of them is whole. */
const PAUSE_MS = 700;
const HEARD_MS = 8_500;
/** A busy machine cuts words out of sound that is in real time: then it is heard once more, for so long each way. */
const LIMIT_MS = 85_000;
/** Words that PocketSphinx is sure to hear in each clip, and how many of them are no accident. */
const SAID_BY_PAGE = ['might', 'even', 'have', 'been', 'made'];
const SAID_TO_PAGE = ['he', 'was', 'not', 'young', 'man'];
const ENOUGH = 3;

/** One clip, and a pause. */
function said(clip: Parameters<typeof readClip>[0]): Int16Array {
  return concatPcm(readClip(clip), silence(PAUSE_MS, RATE_HZ));
}

describe('the page /try in Chromium', () => {
  it('lets a browser with a microphone talk with whoever is in the room', {
    // Both ways, and a minute for what is before and after; the runner gives a file 600 s.
    timeout: 235_000,
  }, async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-try-'));
    test.after(() => rm(folder, { recursive: true }));
    const microphone = join(folder, 'microphone.wav');
    const english = convertRate(said(CLIPS.himself), RATE_HZ, 48_000);
    await writeFile(microphone, encodeWav({ rateHz: 48_000, pcm: english }));
    const chromium = await Chromium.open(microphone);
    if (typeof chromium === 'string') {
      test.skip(chromium);
      return;
    }
    test.after(() => chromium.close());
    const recogniser = new PocketsphinxEngine({ clock: patientClock });
    test.after(() => recogniser.close());
    /** Fails unless most of these words are recognised in one of some pieces of sound. */
    const recognised = async (words: readonly string[], hear: () => Promise<Int16Array>): Promise<void> => {
      const texts: string[] = [];
      const untilMs = systemClock.nowMs() + LIMIT_MS;
      while (systemClock.nowMs() < untilMs) {
        const log = new EventLog();
        const stream = await recogniser.open({ language: 'en', onEvent: log.onEvent }, testSignal());
        speak(stream, 1, await hear());
        const { text } = await log.until('final');
        await stream.close();
        texts.push(text);
        const found = new Set(text.split(' '));
        if (words.filter((word) => found.has(word)).length >= ENOUGH) {
          return;
        }
      }
      assert.fail(`of "${words.join(' ')}" hardly anything was recognised: ${JSON.stringify(texts)}`);
    };
    const extensions = new Map([['6001', { language: 'es', room: 'lobby' }]]);
    const parts = [
      tryPart({ languages, captions: true, rejoinMs: 10_000 }),
      gatewayPart({ extensions, languages, rejoinMs: 0 }),
    ];
    const address = { host: '127.0.0.1', port: 0, names: [], uuidTimeoutMs: 5_000, token: new Secret(TOKEN) };
    const server = await TestServer.openFor(test, {
      doors: [],
      otherDoors: [webSocketDoor({ ...address, parts })],
      extensions,
    });
    const gateway = await GatewayCaller.connect(`ws://127.0.0.1:${server.port()}/translate/6001?rate=16000`, {
      rateHz: 16_000,
      socket: { headers: { authorization: `Bearer ${TOKEN}` } },
    });
    test.after(() => gateway.end());

    const stranger = await chromium.tab(`http://127.0.0.1:${server.port()}/try?language=en#token=another`);
    await stranger.until("document.getElementById('language')?.options.length === 2");
    await stranger.read("document.getElementById('door').requestSubmit()");
    await stranger.until("/token/.test(document.getElementById('notice').textContent)");

    const page = await chromium.tab(`http://127.0.0.1:${server.port()}/try?language=en#token=${TOKEN}`);
    await page.until("document.getElementById('language')?.options.length === 2");
    await page.keepSound();
    await page.read("document.getElementById('door').requestSubmit()");
    await page.until("document.querySelectorAll('#parties li').length === 2");
    await recognised(SAID_BY_PAGE, async () => {
      const from = gateway.frames;
      await eventually('enough is heard', 60_000, () => gateway.frames - from >= HEARD_MS / 20);
      return gateway.last(HEARD_MS).pcm;
    });
    gateway.sayAgain(said(CLIPS.youngMan));
    await page.until("document.getElementById('hears').value > 0.5");
    await recognised(SAID_TO_PAGE, () => page.record(HEARD_MS));

    // Muted, the page says nothing any more; the key does what the button does.
    await page.read("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'm' }))");
    await page.until("document.getElementById('says').value === 0");
    await page.read("document.getElementById('leave').click()");
    await server.until('the page has hung up', () => server.tally('legsEnded', 'peer-hangup') === 1);
    await page.until("!document.getElementById('door').hidden");
  });
});
