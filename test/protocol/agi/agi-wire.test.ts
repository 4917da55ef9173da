import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AgiLines,
  AgiRequestReader,
  agiReply,
  setVariable,
  tellConsole,
} from '../../../src/protocol/agi/agi-wire.ts';

/** As Asterisk 22.10.1 sends it for AGI(agi://127.0.0.1:4573/register,first=en,second=es), shortened. */
const REQUEST =
  'agi_network: yes\nagi_network_script: register\nagi_request: agi://127.0.0.1:4573/register\n' +
  'agi_channel: PJSIP/alice-00000001\nagi_calleridname: Zoë: the 1st\nagi_rdnis: unknown\n' +
  'agi_arg_1: first=en\nagi_arg_2: second=es\nagi_arg_10: meta_empty=\n\n';

function linesOf(pieces: readonly Uint8Array[]): readonly string[] {
  const lines = new AgiLines();
  return pieces.flatMap((piece) => lines.push(piece));
}

function read(text: string) {
  const reader = new AgiRequestReader();
  return linesOf([Buffer.from(text)]).map((line) => reader.line(line));
}

describe('lines of the gateway interface', () => {
  it('are the same wherever they are cut', () => {
    const bytes = Buffer.from(REQUEST);
    const whole = linesOf([bytes]);
    assert.equal(whole.length, 10);
    assert.equal(whole[4], 'agi_calleridname: Zoë: the 1st');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      assert.deepEqual(linesOf([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at ${cut}`);
    }
    assert.deepEqual(linesOf([...bytes].map((byte) => Uint8Array.of(byte))), whole);
  });

  it('have an end, with or without a newline', () => {
    for (const text of ['x'.repeat(9_000), `${'x'.repeat(9_000)}\n`]) {
      assert.throws(() => linesOf([Buffer.from(text)]), { code: 'wire-payload-too-long' });
    }
    assert.equal(linesOf([Buffer.from(`${'x'.repeat(8_192)}\n`)])[0]?.length, 8_192);
  });
});

describe('a request of AGI()', () => {
  it('is its script and its arguments in their order', () => {
    assert.deepEqual(read(REQUEST).at(-1), {
      script: 'register',
      args: ['first=en', 'second=es', 'meta_empty='],
    });
    assert.deepEqual(read('agi_network: yes\n\n').at(-1), { script: '', args: [] });
  });

  it('is not what no Asterisk says', () => {
    for (const text of [
      '\n',
      'GET / HTTP/1.1\n',
      'agi_network: yes\nHost: localhost\n',
      'agi_x: y\n'.repeat(201),
      '\u0000\u0001\n',
    ]) {
      assert.throws(() => read(text), { code: 'wire-bad-message' }, JSON.stringify(text.slice(0, 20)));
    }
  });
});

describe('commands to Asterisk', () => {
  it('are one line, whatever is in them', () => {
    assert.equal(
      setVariable('NAME', 'a "b" \\c\nHANGUP\r\u0000'),
      'SET VARIABLE NAME "a \\"b\\" \\\\c HANGUP  "\n',
    );
    assert.equal(setVariable('NAME', ''), 'SET VARIABLE NAME ""\n');
    assert.equal(tellConsole('no'), 'VERBOSE "no" 1\n');
  });

  it('are done, refused, or too late', () => {
    for (const [line, outcome] of [
      ['200 result=1', 'done'],
      ['200 result=-1', 'refused'],
      ['200 result=0', 'refused'],
      ['510 Invalid or unknown command', 'refused'],
      ['511 Command Not Permitted on a dead channel or intercept routine', 'hung-up'],
      ['HANGUP', 'hung-up'],
      ['', 'refused'],
    ] as const) {
      assert.equal(agiReply(line), outcome, line);
    }
  });
});
