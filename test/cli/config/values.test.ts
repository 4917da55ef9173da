/** Values as operators write them, right and wrong. Each wrong one must be answered with what to write. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { parseCount } from '../../../src/base/values.ts';
import {
  formatHostPort,
  isLoopback,
  parseByLanguage,
  parseEngineName,
  parseHostPort,
  parseHostPortOrOff,
  parseListen,
  parseNetwork,
  parseSeconds,
  parseSwitch,
} from '../../../src/cli/config/values.ts';

function refuses(parse: (text: string) => unknown, ...texts: readonly string[]): void {
  for (const text of texts) {
    assert.throws(
      () => parse(text),
      (error) => error instanceof AppError && error.code === 'bad-option' && /: write /.test(error.message),
      `"${text}" is let through`,
    );
  }
}

describe('values of settings', () => {
  it('reads addresses of IPv4, IPv6 and names', () => {
    assert.deepEqual(parseHostPort('127.0.0.1:5050'), { host: '127.0.0.1', port: 5050 });
    assert.deepEqual(parseHostPort('[::1]:0'), { host: '::1', port: 0 });
    assert.deepEqual(parseHostPort('asterisk.example.com:65535'), {
      host: 'asterisk.example.com',
      port: 65_535,
    });
  });

  it('refuses what is no address', () => {
    refuses(
      parseHostPort,
      '',
      '5050',
      ':5050',
      '127.0.0.1',
      '127.0.0.1:',
      '1.2.3:5050',
      '1.2.3.400:1',
      '::1:5050',
    );
    refuses(parseHostPort, '[127.0.0.1]:5050', '[::1:5050', 'a:65536', 'a:-1', 'a b:1', '*:5050', 'a:5e3');
  });

  it('writes an address as it is read', () => {
    for (const text of ['127.0.0.1:5050', '[fe80::1]:7', 'localhost:0']) {
      assert.equal(formatHostPort(parseHostPort(text)), text);
    }
  });

  it('reads a listener with and without languages', () => {
    assert.deepEqual(parseListen('[::1]:5050'), { host: '::1', port: 5050 });
    assert.deepEqual(parseListen('127.0.0.1:7777=en:pt-br'), {
      host: '127.0.0.1',
      port: 7777,
      languages: ['en', 'pt-BR'],
    });
    assert.deepEqual(parseListen('127.0.0.1:1=fr'), { host: '127.0.0.1', port: 1, languages: ['fr'] });
    refuses(parseListen, '127.0.0.1:1=en:', '127.0.0.1:1=en:es=fr', '=en:es', '127.0.0.1:1=');
  });

  it('reads off as no address', () => {
    for (const text of ['off', 'OFF', 'no', 'false', '0']) {
      assert.equal(parseHostPortOrOff(text), undefined);
    }
    refuses(parseHostPortOrOff, 'on', 'true', 'OFF ');
  });

  it('reads addresses and networks that may connect', () => {
    for (const text of ['192.0.2.7', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '::/128']) {
      assert.equal(parseNetwork(text), text);
    }
    refuses(
      parseNetwork,
      '',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0/8',
      '::/129',
      'localhost',
      '10.0.0.0/8/8',
      '::/x',
    );
  });

  it('reads counts within their range', () => {
    const parse = parseCount(1, 64);
    assert.equal(parse('1'), 1);
    assert.equal(parse('64'), 64);
    refuses(parse, '0', '65', '-1', '1.5', '', ' ', '0x10', 'many');
  });

  it('reads seconds as milliseconds', () => {
    const parse = parseSeconds(0.1, 60);
    assert.equal(parse('5'), 5_000);
    assert.equal(parse('0.25'), 250);
    refuses(parse, '5s', '5000ms', '61', '0', '', '-1', '1e1', 'Infinity');
  });

  it('reads switches', () => {
    assert.deepEqual(['on', 'true', 'YES', '1'].map(parseSwitch), [true, true, true, true]);
    assert.deepEqual(['off', 'False', 'no', '0'].map(parseSwitch), [false, false, false, false]);
    refuses(parseSwitch, '', 'maybe', '2');
  });

  it('reads names of engines', () => {
    assert.equal(parseEngineName('espeak-ng'), 'espeak-ng');
    refuses(parseEngineName, '', 'Espeak', 'a b', '../x');
  });

  it('reads values by language, which may hold an equals sign', () => {
    assert.deepEqual(parseByLanguage('es=x')('pt-br=/models/a=b'), ['pt-BR', '/models/a=b']);
    refuses(parseByLanguage('es=x'), 'es', '=x', 'es=', 'spanish=x');
  });

  it('knows what only this machine can reach', () => {
    assert.deepEqual(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback), [
      true,
      true,
      true,
      true,
    ]);
    assert.deepEqual(['0.0.0.0', '::', '10.0.0.1', '127.example.com'].map(isLoopback), [
      false,
      false,
      false,
      false,
    ]);
  });
});
