import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { AsteriskLeg } from '../../src/client/asterisk-leg.ts';
import { encodeAudio, encodeHangup } from '../../src/protocol/audiosocket/encoder.ts';
import { noise, sine } from '../asterisk/audio.ts';
import { never } from '../support/waiting.ts';

/** A leg that has heard 200 ms of `pcm` at 8 kHz and was hung up. */
async function legThatHeard(pcm: Int16Array): Promise<AsteriskLeg> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    for (let start = 0; start < 1_600; start += 160) {
      socket.write(encodeAudio(new Uint8Array(pcm.slice(start, start + 160).buffer), 8_000));
    }
    socket.end(encodeHangup());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  try {
    const uuid = '40325ec2-5efd-4bd3-805f-53576e581d10';
    const options = { host: '127.0.0.1', port, uuid, rateHz: 8_000, speech: new Int16Array(0) };
    const leg = await AsteriskLeg.open(options, systemClock, never());
    assert.equal((await leg.ended).by, 'server-hangup');
    return leg;
  } finally {
    server.close();
  }
}

describe('AsteriskLeg', () => {
  it('does not take the noise of a line for a sound, however loud a line may be', async () => {
    // White noise of this peak has -50 dBFS, the most that stands in for a silent line.
    const leg = await legThatHeard(noise(200, 8_000, Math.sqrt(3) * 10 ** (-50 / 20)));
    assert.equal(leg.lastSoundAtMs, leg.connectedAtMs);
    assert.ok(leg.heard().length >= 1_600, 'it is in the recording all the same');
  });

  it('takes a soft tone for one', async () => {
    const leg = await legThatHeard(sine(440, 200, 8_000, 10 ** (-35 / 20)));
    assert.ok(leg.lastSoundAtMs > leg.connectedAtMs);
  });
});
