/** Whom failures are blamed on, and which engines are asked, all on a clock that the tests move. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, type ErrorCode } from '../../src/base/errors.ts';
import type { Bench } from '../../src/engines/resilience/engine-health.ts';
import { type FaultKind, faultOf, ruleOf } from '../../src/engines/resilience/faults.ts';
import { HealthBook } from '../../src/engines/resilience/health-book.ts';
import type { HealthThresholds } from '../../src/engines/resilience/health-window.ts';
import type { Operation, Subject } from '../../src/engines/resilience/operations.ts';
import { type RefusalError, refusal } from '../../src/engines/wire/refusal.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { testSignal } from './events.ts';

const REFUSER = { name: 'acme', host: 'acme.example:443' };

function refused(status: number, retryAfter?: string, reason?: string): RefusalError {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return refusal(REFUSER, { status, headers, reason }, {});
}

function failure(code: ErrorCode): AppError {
  return new AppError(code, 'acme: something is wrong');
}

describe('faultOf', () => {
  const table: readonly (readonly [string, unknown, FaultKind])[] = [
    ['a key that is refused', refused(401), 'authentication'],
    ['a key that may not', refused(403), 'authentication'],
    ['no credit', refused(456), 'quota'],
    ['no credit, said with 429', refused(429, undefined, 'insufficient_quota'), 'quota'],
    ['too many requests', refused(429), 'rate-limit'],
    ['a busy provider', refused(503), 'rate-limit'],
    ['a fault of its own', refused(500), 'server'],
    ['a bad request', refused(400), 'request'],
    ['an unknown model', refused(404), 'request'],
    ['nobody there', failure('engine-start-failed'), 'connectivity'],
    ['a broken connection', failure('engine-died'), 'connectivity'],
    ['a reset connection', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'connectivity'],
    ['silence', failure('engine-timeout'), 'time-out'],
    ['nonsense', failure('engine-bad-answer'), 'bad-answer'],
    ['more than we may ask at once', failure('engine-overloaded'), 'overload'],
    ['a missing program', failure('program-missing'), 'machine'],
    ['a text without a sound', failure('text-unspeakable'), 'text'],
    ['a voice that is gone', failure('voice-refused'), 'voice'],
    ['what was not wanted any more', new DOMException('no', 'AbortError'), 'cancelled'],
    ['a mistake of ours', new TypeError('undefined is not a function'), 'internal'],
  ];
  for (const [what, error, kind] of table) {
    it(`takes ${what} for ${kind}`, () => {
      assert.equal(faultOf(error).kind, kind);
    });
  }

  it('tries again what may go right a moment later, and nothing else', () => {
    const again = table.filter(([, error]) => ruleOf(error).retry).map(([what]) => what);
    assert.deepEqual(again, [
      'a fault of its own',
      'nobody there',
      'a broken connection',
      'a reset connection',
      'nonsense',
    ]);
  });

  it('keeps when the provider wants to be asked again', () => {
    assert.equal(faultOf(refused(429, '7')).retryAfterMs, 7_000);
    assert.equal(faultOf(refused(429)).retryAfterMs, undefined);
  });
});

describe('HealthBook', () => {
  const engines = [{ name: 'best' }, { name: 'next' }];
  const best: Subject = { component: 'mt', engine: 'best' };

  function open(thresholds: Partial<HealthThresholds> = {}) {
    const clock = new FakeClock();
    const told: string[] = [];
    const book = new HealthBook(
      clock,
      {
        benched: ({ engine }: Subject, bench: Bench) =>
          told.push(
            bench.tryAtMs === undefined
              ? `${engine} taken out`
              : `${engine} benched for ${bench.tryAtMs - clock.nowMs()}`,
          ),
        back: ({ engine }: Subject) => told.push(`${engine} back`),
      },
      thresholds,
    );
    const ended = (subject: Subject, operation: Operation, error?: unknown): void =>
      book.observe({
        ...subject,
        operation,
        outcome: error === undefined ? 'done' : 'failed',
        code: undefined,
        fault: error === undefined ? undefined : faultOf(error),
        ms: 1,
      });
    const names = (streams = false): readonly string[] =>
      book.askable('mt', engines, streams).map(({ name }) => name);
    return { clock, told, book, ended, names };
  }

  it('knows since when an engine is in its state', async () => {
    const { clock, book, ended } = open();
    const since = () => book.engines().map(({ state, sinceMs }) => [state, sinceMs]);
    const startMs = clock.nowMs();
    ended(best, 'translate');
    await clock.advance(10_000);
    ended(best, 'translate');
    assert.deepEqual(since(), [['HEALTHY', startMs]]);
    for (let failures = 0; failures < 3; failures += 1) {
      ended(best, 'translate', refused(500));
    }
    const benchedMs = clock.nowMs();
    await clock.advance(500);
    assert.deepEqual(since(), [['UNHEALTHY', benchedMs]]);
    book.tried(best, undefined);
    assert.deepEqual(since(), [['HEALTHY', clock.nowMs()]]);
  });

  for (const [asks, benchedMs] of [
    ['0', 1_000],
    ['0.2', 1_000],
    ['7', 7_000],
    ['86400', 600_000],
  ] as const) {
    it(`tries one that asks to wait ${asks} s after ${benchedMs} ms, each time`, () => {
      const { told, book, ended } = open();
      ended(best, 'translate', refused(503, asks));
      book.tried(best, refused(503, asks));
      assert.deepEqual(told, Array(2).fill(`best benched for ${benchedMs}`));
    });
  }

  it('benches an engine that fails three times in a row, and asks it last', () => {
    const { told, ended, names } = open();
    ended(best, 'translate', refused(500));
    ended(best, 'translate', failure('engine-died'));
    assert.deepEqual(names(), ['best', 'next']);
    ended(best, 'translate', failure('engine-timeout'));
    assert.deepEqual(names(), ['next', 'best']);
    assert.deepEqual(names(true), ['next']);
    assert.deepEqual(told, ['best benched for 1000']);
  });

  it('does not ask an engine that somebody has taken out, however it does, until it is put back', () => {
    const { told, book, ended, names } = open();
    assert.deepEqual([book.takeOut(best), book.takeOut(best)], [true, false]);
    assert.deepEqual([names(), names(true)], [['next'], ['next']]);
    // What it was doing comes to its end, well or not, and somebody tries it.
    ended(best, 'translate');
    book.tried(best, undefined);
    for (let failures = 0; failures < 3; failures += 1) {
      ended(best, 'translate', refused(500));
    }
    assert.deepEqual(names(), ['next']);
    assert.deepEqual(told, ['best taken out']);
    assert.equal(book.areAway('mt', [{ name: 'best' }]), false, 'nobody waits for it');
    // It is put back on the bench where it belongs by now.
    assert.deepEqual([book.putBack(best), book.putBack(best)], [true, false]);
    assert.deepEqual(names(), ['next', 'best']);
    assert.deepEqual(told, ['best taken out', 'best benched for 1000']);
    book.tried(best, undefined);
    book.takeOut(best);
    book.putBack(best);
    assert.deepEqual(names(), ['best', 'next']);
    assert.deepEqual(told.slice(2), ['best back', 'best taken out', 'best back']);
  });

  it('counts failures in a row only: a success between them spares the engine', () => {
    const { ended, names } = open();
    for (let time = 0; time < 2; time += 1) {
      ended(best, 'translate', refused(500));
      ended(best, 'translate', refused(500));
      ended(best, 'translate');
    }
    assert.deepEqual(names(), ['best', 'next']);
  });

  it('does not take the opening of a stream for an achievement', () => {
    const { ended, names } = open();
    for (let time = 0; time < 3; time += 1) {
      ended(best, 'open');
      ended(best, 'stream', failure('engine-died'));
    }
    assert.deepEqual(names(true), ['next']);
  });

  it('has an engine that lost a stream come after the others for two seconds', async () => {
    const { clock, ended, names } = open();
    ended(best, 'stream', failure('engine-died'));
    assert.deepEqual(names(true), ['next', 'best']);
    assert.deepEqual(names(), ['best', 'next']);
    await clock.advance(2_000);
    assert.deepEqual(names(true), ['best', 'next']);
  });

  it('does not ask an engine at all that refuses the key, for ten minutes', () => {
    const { told, ended, names } = open();
    ended(best, 'translate', refused(401));
    assert.deepEqual(names(), ['next']);
    assert.deepEqual(told, ['best benched for 600000']);
  });

  it('obeys a provider that says when to ask again', () => {
    const { told, ended, names } = open();
    ended(best, 'translate', refused(429, '42'));
    assert.deepEqual(names(), ['next']);
    assert.deepEqual(told, ['best benched for 42000']);
  });

  it('blames no engine for a text, nor for what was cancelled', () => {
    const { book, ended } = open();
    for (let time = 0; time < 10; time += 1) {
      ended(best, 'speech', failure('text-unspeakable'));
      ended(best, 'first-sound', failure('voice-refused'));
      book.blame(best, faultOf(new DOMException('no', 'AbortError')));
    }
    assert.deepEqual(
      book.engines().map(({ state, failures }) => ({ state, failures })),
      [{ state: 'HEALTHY', failures: 0 }],
    );
  });

  it('benches an engine of which every other operation fails, when it looks', () => {
    const { book, ended, names } = open();
    for (let time = 0; time < 3; time += 1) {
      ended(best, 'translate', refused(500));
      ended(best, 'translate');
    }
    assert.deepEqual(names(), ['best', 'next']);
    book.check();
    assert.deepEqual(names(), ['next', 'best']);
  });

  it('looks at the last minute only, and judges from five operations on', async () => {
    const { clock, book, ended } = open({ benchAfterFailures: 100 });
    const state = (): string | undefined => book.engines()[0]?.state;
    for (let time = 0; time < 4; time += 1) {
      ended(best, 'translate', refused(500));
    }
    assert.equal(state(), 'HEALTHY');
    ended(best, 'translate', refused(500));
    assert.equal(state(), 'FAILED');
    ended(best, 'translate');
    assert.equal(state(), 'UNHEALTHY');
    await clock.advance(60_001);
    assert.equal(state(), 'HEALTHY');
  });

  it('tries an engine every 2 s at first, then half as often each time, down to once a minute, and forgives after a minute of health', async () => {
    const { clock, told, book, ended } = open();
    const failThrice = (): void => {
      for (let time = 0; time < 3; time += 1) {
        ended(best, 'translate', refused(500));
      }
    };
    failThrice();
    for (let time = 0; time < 10; time += 1) {
      book.tried(best, refused(500));
    }
    book.tried(best, undefined);
    failThrice();
    book.tried(best, undefined);
    await clock.advance(60_001);
    failThrice();
    assert.deepEqual(
      told.map((each) => each.replace('best ', '').replace('benched for ', '')),
      [
        ...['1000', '2000', '2000', '2000', '2000', '4000', '8000', '16000', '32000', '60000', '60000'],
        'back',
        '60000',
        'back',
        '1000',
      ],
    );
  });

  it('takes an engine back that does what it is asked for after all, but not one that refused', () => {
    const { told, ended, names } = open();
    for (let time = 0; time < 3; time += 1) {
      ended(best, 'translate', refused(500));
    }
    ended(best, 'translate');
    assert.deepEqual(names(), ['best', 'next']);
    assert.deepEqual(told, ['best benched for 1000', 'best back']);
    ended(best, 'translate', refused(401));
    ended(best, 'translate');
    assert.deepEqual(names(), ['next']);
  });

  it('lets those wait who find everybody on the bench', async () => {
    const { book, ended } = open();
    ended(best, 'translate', refused(401));
    await book.ready('mt', () => engines, testSignal());
    let ready = false;
    const waiting = book
      .ready('mt', () => engines.slice(0, 1), testSignal())
      .then(() => {
        ready = true;
      });
    book.enginesChanged();
    await new Promise(setImmediate);
    assert.equal(ready, false);
    book.tried(best, undefined);
    await waiting;
  });
});
