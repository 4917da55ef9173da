import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { AsteriskLeg } from '../../src/client/asterisk-leg.ts';
import { gatewayPart } from '../../src/server/doors/websocket/gateway-part.ts';
import { webSocketDoor } from '../../src/server/doors/websocket/websocket-door.ts';
import { sine } from '../asterisk/audio.ts';
import { TestServer } from '../scenarios/harness.ts';
import { eventually, never, within } from '../support/waiting.ts';

const RATE_HZ = 16_000;
const LIMIT_MS = 20_000;

describe('a leg by WebSocket', () => {
  it('speaks to a server, hears from it, and is told when the other has hung up', async (test) => {
    const languages = ['en', 'es'];
    const extensions = new Map([
      ['7777', { language: 'en', room: undefined }],
      ['8888', { language: 'es', room: undefined }],
    ]);
    const parts = [gatewayPart({ extensions, languages, rejoinMs: 0 })];
    const server = await TestServer.openFor(test, {
      doors: [],
      otherDoors: [webSocketDoor({ host: '127.0.0.1', port: 0, names: [], token: undefined, parts })],
      extensions,
    });
    const legOf = (extension: string, uuid: string, speech: Int16Array): Promise<AsteriskLeg> => {
      const url = `ws://127.0.0.1:${server.port()}/translate/${extension}`;
      const options = { host: '127.0.0.1', port: server.port(), url, uuid, rateHz: RATE_HZ, speech };
      return AsteriskLeg.open(options, systemClock, never());
    };
    const uuid = '11111111-2222-4333-8444-55555555000';
    const a = await legOf('7777', `${uuid}0`, sine(700, 60_000, RATE_HZ));
    const b = await legOf('8888', `${uuid}1`, new Int16Array(0));
    test.after(() => b.hangUp());
    a.speak();
    await eventually('the tone is heard', LIMIT_MS, () => b.lastSoundAtMs > b.connectedAtMs && b.answered);
    assert.deepEqual(
      server.server.calls().map(({ callId }) => callId),
      [`${uuid}0`],
    );
    a.hangUp();
    assert.equal((await within('the other is hung up', LIMIT_MS, b.ended)).by, 'server-hangup');
  });

  it('says what to see to when there is no server, and shows no token', async () => {
    const url = 'ws://127.0.0.1:1/translate/7777?token=a-token-of-some-length';
    const options = { host: '127.0.0.1', port: 1, url, rateHz: RATE_HZ, speech: new Int16Array(0) };
    const uuid = '11111111-2222-4333-8444-555555550000';
    await assert.rejects(AsteriskLeg.open({ ...options, uuid }, systemClock, never()), (error: unknown) => {
      assert.ok(error instanceof AppError && error.code === 'server-unreachable');
      assert.match(error.message, /^cannot open a WebSocket at 127\.0\.0\.1:1 \(.*ECONNREFUSED/);
      assert.doesNotMatch(error.message, /a-token/);
      return true;
    });
  });
});
