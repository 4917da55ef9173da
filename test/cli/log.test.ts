/** The log as lines: what is in them and, more important, what is not. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';
import { Secret } from '../../src/base/secret.ts';
import { createLog, type LogOptions } from '../../src/cli/log.ts';
import { keySegments } from '../../src/cli/redact.ts';

const JSON_LINES = { format: 'json', colours: false } as const;

function logOf(options: Partial<LogOptions> = {}): {
  readonly log: Log;
  readonly lines: Record<string, unknown>[];
} {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    assert.ok(line.endsWith('\n'));
    lines.push(JSON.parse(line));
  };
  return { log: createLog({ level: 'info', logPii: false, form: JSON_LINES, ...options }, { write }), lines };
}

/** The fields of the only line, without time. */
function only(lines: readonly Record<string, unknown>[]): Record<string, unknown> {
  assert.equal(lines.length, 1);
  const { time, ...fields } = lines[0] ?? {};
  assert.ok(typeof time === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(time));
  return fields;
}

describe('log', () => {
  it('writes JSON lines with level, ISO time, fields and message', () => {
    const { log, lines } = logOf();
    log.info({ legsActive: 2 }, 'Leg accepted');
    assert.deepEqual(only(lines), { level: 'info', legsActive: 2, msg: 'Leg accepted' });
  });

  it('writes nothing that a terminal obeys, as JSON and as text', () => {
    const heard = '\u001b]0;title\u0007 \u009b2J \u202e x';
    for (const format of ['json', 'text'] as const) {
      const lines: string[] = [];
      const log = createLog(
        { level: 'info', logPii: true, form: { format, colours: false } },
        { write: (line) => lines.push(line) },
      );
      log.info({ piiText: heard, [`by ${heard}`]: [heard] }, heard);
      assert.doesNotMatch(lines.join('').trimEnd(), /[^\P{C}]/u, format);
      if (format === 'json') {
        assert.equal(JSON.parse(lines[0] ?? '').piiText, heard);
      }
    }
  });

  it('writes nothing below its level', () => {
    const { log, lines } = logOf({ level: 'warn' });
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['warn', 'error'],
    );
  });

  it('leaves out what is spoken and dialled, at any depth, in children too', () => {
    const { log, lines } = logOf();
    const spoken = {
      piiText: 'x',
      text_pii: 'x',
      dialledPIINumber: 'x',
      legs: [{ leg: 0, piiKeys: ['1'] }],
      piig: 1,
    };
    log.child({ piiCaller: 'x', callId: 'c' }).info({ ...spoken, deep: { er: { piiText: 'x' } } }, 'm');
    const line = only(lines);
    assert.deepEqual(line, {
      level: 'info',
      callId: 'c',
      legs: [{ leg: 0 }],
      piig: 1,
      deep: { er: {} },
      msg: 'm',
    });
  });

  it('writes what is spoken when the operator asks for it, but never secrets', () => {
    const { log, lines } = logOf({ logPii: true });
    log.info(
      { piiText: 'hello', apiKey: 's', headers: { Authorization: 's', auth_token: 's' }, password: 's' },
      'm',
    );
    assert.deepEqual(only(lines), { level: 'info', piiText: 'hello', headers: {}, msg: 'm' });
  });

  it('never writes what a secret holds, under whatever name', () => {
    const { log, lines } = logOf({ level: 'debug', logPii: true });
    log.debug({ deepgram: { login: new Secret('hush') }, login: new Secret('hush') }, 'm');
    const { deepgram, login } = only(lines);
    assert.deepEqual([deepgram, login], [{ login: '[secret]' }, '[secret]']);
  });

  it('writes an error as code, message and cause', () => {
    const { log, lines } = logOf();
    log.error({ error: new AppError('engine-died', 'apertium ended', new Error('EPIPE')) }, 'm');
    assert.deepEqual(only(lines).error, { code: 'engine-died', message: 'apertium ended', cause: 'EPIPE' });
  });

  it('writes the stack of an error at debug only, and without the message in it', () => {
    const { log, lines } = logOf({ level: 'debug' });
    log.debug({ err: new Error('first line\nsecond line') }, 'm');
    const text = JSON.stringify(only(lines).err);
    assert.match(text, /"stack":"at /);
    assert.equal(text.split('second line').length, 2);
  });

  it('does not quote text that could not be parsed', () => {
    const { log, lines } = logOf();
    let cause: unknown;
    try {
      JSON.parse('my card number is 4111');
    } catch (error) {
      cause = error;
    }
    log.warn({ error: new AppError('engine-bad-answer', 'the engine sent no JSON', cause) }, 'm');
    assert.doesNotMatch(JSON.stringify(lines), /card/);
  });

  it('writes cycles, audio, dates, maps and big integers without breaking', () => {
    const { log, lines } = logOf();
    const cycle: Record<string, unknown> = { piiText: 'x' };
    cycle.self = cycle;
    const at = new Date(0);
    log.info({ cycle, pcm: new Int16Array(160), at, tally: new Map([['spoken', 1]]), big: 1n }, 'm');
    const line = only(lines);
    assert.doesNotMatch(JSON.stringify(line), /piiText/);
    assert.equal(line.pcm, '[320 bytes]');
    assert.equal(line.at, '1970-01-01T00:00:00.000Z');
    assert.deepEqual(line.tally, { spoken: 1 });
    assert.equal(line.big, '1');
  });
});

describe('segments of a key', () => {
  it('are found in camel and snake case', () => {
    assert.deepEqual(keySegments('piiText'), ['pii', 'text']);
    assert.deepEqual(keySegments('PIIText'), ['pii', 'text']);
    assert.deepEqual(keySegments('last_pii-text2'), ['last', 'pii', 'text2']);
    assert.deepEqual(keySegments('piisa'), ['piisa']);
    assert.deepEqual(keySegments('dtmfKeys'), ['dtmf', 'keys']);
  });
});
