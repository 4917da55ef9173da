import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { errorName } from '../../src/call/call-counts.ts';
import { RefusalError } from '../../src/engines/wire/refusal.ts';

describe('what an error is called in the counts', () => {
  const table = [
    [
      'a key that is refused',
      new RefusalError('engine-refused', 'no', 403, undefined),
      'mt engine-refused CRITICAL',
    ],
    [
      'a language that is refused',
      new RefusalError('engine-refused', 'no', 400, undefined),
      'mt engine-refused MEDIUM',
    ],
    [
      'a connection that breaks',
      Object.assign(new Error('gone'), { code: 'ECONNRESET' }),
      'mt ECONNRESET HIGH',
    ],
    ['a program that is missing', new AppError('program-missing', 'no'), 'mt program-missing HIGH'],
    ['a fault of ours', new TypeError('undefined is no function'), 'mt unknown CRITICAL'],
  ] as const;
  for (const [what, error, name] of table) {
    it(`says how bad it is: ${what}`, () => {
      assert.equal(errorName('mt', error), name);
    });
  }
});
