import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reasonWord, refusal, refusalKind } from '../../src/engines/wire/refusal.ts';

const acme = { name: 'acme', host: 'api.acme.test' };

describe('refusal', () => {
  const cases = [
    [301, 'engine-refused', true],
    [400, 'engine-refused', true],
    [401, 'engine-refused', true],
    [402, 'engine-refused', true],
    [403, 'engine-refused', true],
    [404, 'engine-refused', true],
    [408, 'engine-timeout', false],
    [418, 'engine-refused', true],
    [422, 'engine-refused', true],
    [429, 'engine-overloaded', false],
    [456, 'engine-refused', true],
    [500, 'engine-bad-answer', false],
    [503, 'engine-overloaded', false],
    [529, 'engine-overloaded', false],
    [204, 'engine-bad-answer', false],
  ] as const;
  for (const [status, code, permanent] of cases) {
    it(`makes ${code} of ${status}, and tells who, what and the status`, () => {
      const error = refusal(acme, { status }, {});
      assert.deepEqual([error.code, error.permanent, error.status], [code, permanent, status]);
      assert.match(error.message, new RegExp(`^acme: api.acme.test .*HTTP ${status}\\)`));
    });
  }

  it('ends with the hint for what happened, and with no other', () => {
    const hints = { key: 'set ACME_API_KEY', busy: 'take fewer calls' };
    assert.match(refusal(acme, { status: 401 }, hints).message, /; set ACME_API_KEY$/);
    assert.match(refusal(acme, { status: 429 }, hints).message, /; take fewer calls$/);
    assert.doesNotMatch(refusal(acme, { status: 500 }, hints).message, /ACME_API_KEY|fewer/);
  });

  it('believes a reason more than the status it comes with', () => {
    assert.equal(refusalKind({ status: 429, reason: 'insufficient_quota' }), 'credit');
    assert.equal(refusalKind({ status: 429, reason: 'rate_limit_exceeded' }), 'busy');
    assert.equal(refusal(acme, { status: 400 }, {}, 'key').permanent, true);
  });

  it('keeps when the provider would like to be asked again', () => {
    const waits = [
      [{ 'retry-after': '3' }, 3_000],
      [{ 'retry-after': 'Sat, 28 Nov 2026 16:00:10 GMT', date: 'Sat, 28 Nov 2026 16:00:00 GMT' }, 10_000],
      [{ 'retry-after': 'Sat, 28 Nov 2026 15:00:00 GMT', date: 'Sat, 28 Nov 2026 16:00:00 GMT' }, 0],
      [{ 'retry-after': 'Sat, 28 Nov 2026 16:00:10 GMT' }, undefined],
      [{ 'retry-after': '1.5', date: 'Sat, 28 Nov 2026 16:00:00 GMT' }, 1_500],
      [{ 'retry-after': '2030', date: 'Sat, 28 Nov 2026 16:00:00 GMT' }, 2_030_000],
      [{ 'retry-after': '-5', date: 'Sat, 28 Nov 2026 16:00:00 GMT' }, undefined],
      [{ 'retry-after': '10 s', date: 'Sat, 28 Nov 2026 16:00:00 GMT' }, undefined],
      [{ 'retry-after': 'soon' }, undefined],
      [{}, undefined],
    ] as const;
    for (const [headers, retryAfterMs] of waits) {
      assert.equal(refusal(acme, { status: 429, headers }, {}).retryAfterMs, retryAfterMs);
    }
  });
});

describe('reasonWord', () => {
  it('finds a word where providers write one, and nothing that is more than a word', () => {
    const bodies = [
      ['{"error":{"type":"invalid_request_error","code":"invalid_api_key"}}', 'invalid_api_key'],
      ['{"detail":{"status":"quota_exceeded"}}', 'quota_exceeded'],
      ['{"code":"not_found"}', 'not_found'],
      ['{"error":{"code":"un secreto hablado"}}', undefined],
      ['{"detail":[{"input":"un secreto"}]}', undefined],
      ['<html>', undefined],
      ['null', undefined],
    ] as const;
    for (const [body, word] of bodies) {
      assert.equal(reasonWord(Buffer.from(body), ['code', 'status']), word, body);
    }
  });
});
