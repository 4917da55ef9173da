import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { type DeepgramStandIn, startDeepgram } from '../../stand-ins/deepgram.ts';
import { spoken } from '../../stand-ins/deepgram-ear.ts';
import { inARow, silence, tone } from '../../stand-ins/deepgram-sounds.ts';
import { WireTap } from './wire-tap.ts';

const QUERY =
  'model=nova-3&language=en&encoding=linear16&sample_rate=16000&interim_results=true&endpointing=false';

describe('the wire tap', () => {
  it('passes everything on and notes when it went by', async () => {
    await tapped(async (tap, deepgram) => {
      const socket = await listenAt(tap);
      const settled = result(socket, (text) => text.includes('"from_finalize":true'));
      const pcm = inARow(silence(340), tone(400, 800), silence(60));
      for (let at = 0; at < pcm.length; at += 640) {
        socket.send(Buffer.from(pcm.buffer, at * 2, 1_280));
      }
      socket.send('{"type":"Finalize"}');
      assert.match(await settled, /"transcript":"hello there"/);
      const [facts] = tap.facts;
      assert.equal(facts?.language, 'en');
      assert.equal(facts?.arrivedMs.length, 30);
      assert.deepEqual(facts?.endsMs.slice(0, 2), [40, 80]);
      assert.equal(deepgram.connections[0]?.heardMs, 1_200);
      assert.equal(facts?.answers.at(-1)?.settled, true);
      assert.ok(facts?.answers.some(({ settled: is }) => !is));
      socket.close();
    });
  });

  it('knows where a turn begins in the audio', async () => {
    await tapped(async (tap) => {
      const socket = await listenAt(tap);
      const settled = result(socket, (text) => text.includes('"from_finalize":true'));
      const pcm = inARow(silence(340), tone(400, 100), silence(400), tone(900, 100));
      socket.send(Buffer.from(pcm.buffer));
      socket.send('{"type":"Finalize"}');
      await settled;
      const turns = tap.facts[0]?.turns ?? [];
      assert.deepEqual(
        turns.map(({ call, turn, fromMs }) => [call, turn, Math.round(fromMs)]),
        [[7, 1, 340]],
      );
      socket.close();
    });
  });

  it('lets the recogniser refuse', async () => {
    await tapped(async (tap) => {
      const socket = new WebSocket(`${tap.url}/v1/listen?${QUERY}`, {
        headers: { authorization: 'Token wrong' },
      });
      await once(socket, 'close');
    });
  });
});

async function tapped(run: (tap: WireTap, deepgram: DeepgramStandIn) => Promise<void>): Promise<void> {
  const deepgram = await startDeepgram({ script: { type: 'bursts', choose: () => spoken('hello there') } });
  const tap = await WireTap.open({
    nowMs: () => performance.now(),
    upstreamUrl: deepgram.url,
    turnOf: ({ pitchHz }) => (Math.abs(pitchHz - 400) < 25 ? { call: 7, turn: 1 } : undefined),
  });
  try {
    await run(tap, deepgram);
  } finally {
    tap.close();
    await deepgram.close();
  }
}

async function listenAt(tap: WireTap): Promise<WebSocket> {
  const socket = new WebSocket(`${tap.url}/v1/listen?${QUERY}`, {
    headers: { authorization: 'Token stand-in-key' },
  });
  await once(socket, 'open');
  return socket;
}

/** The first message that is `wanted`. */
function result(socket: WebSocket, wanted: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      if (wanted(data.toString())) {
        resolve(data.toString());
      }
    });
  });
}
