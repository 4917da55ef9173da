/** The page of /try in a real browser. Chromium's microphone plays beeps; no engine, so every voice is let through. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Secret } from '../../src/base/secret.ts';
import { encodeWav } from '../../src/protocol/wav.ts';
import { gatewayPart } from '../../src/server/doors/websocket/gateway-part.ts';
import { tryPart } from '../../src/server/doors/websocket/try-part.ts';
import { webSocketDoor } from '../../src/server/doors/websocket/websocket-door.ts';
import { concatPcm, silence, sine } from '../asterisk/audio.ts';
import { GatewayCaller } from '../server/doors/websocket/gateway-caller.ts';
import { Chromium } from '../support/chromium.ts';
import { TestServer } from './harness.ts';

const TOKEN = 'a-token-of-some-length';
const languages = ['en', 'es'];

describe('the page /try in Chromium', () => {
  it('lets a browser with a microphone talk with whoever is in the room', {
    timeout: 180_000,
  }, async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-try-'));
    test.after(() => rm(folder, { recursive: true }));
    const microphone = join(folder, 'microphone.wav');
    const beeps = concatPcm(
      ...Array.from({ length: 8 }, () => [sine(700, 300, 48_000), silence(300, 48_000)]).flat(),
    );
    await writeFile(microphone, encodeWav({ rateHz: 48_000, pcm: beeps }));
    const chromium = await Chromium.open(microphone);
    if (typeof chromium === 'string') {
      test.skip(chromium);
      return;
    }
    test.after(() => chromium.close());
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
    await page.read("document.getElementById('door').requestSubmit()");
    await page.until("document.querySelectorAll('#parties li').length === 2");
    await gateway.hears(700);
    gateway.say(500);
    await page.until("document.getElementById('hears').value > 0.5");

    // Muted, the page says nothing any more; the key does what the button does.
    await page.read("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'm' }))");
    await page.until("document.getElementById('says').value === 0");
    await page.read("document.getElementById('leave').click()");
    await server.until('the page has hung up', () => server.tally('legsEnded', 'peer-hangup') === 1);
    await page.until("!document.getElementById('door').hidden");
  });
});
