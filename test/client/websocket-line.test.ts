import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { AsteriskLeg } from '../../src/client/asterisk-leg.ts';
import { never } from '../support/waiting.ts';

const RATE_HZ = 16_000;

describe('a leg by WebSocket', () => {
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
