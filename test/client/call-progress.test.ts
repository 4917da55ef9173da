import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallProgress } from '../../src/client/call-progress.ts';

describe('what the operator sees of a call', () => {
  it('obeys nothing of what was said', () => {
    let shown = '';
    const progress = new CallProgress({
      write: (text) => {
        shown += text;
      },
    });
    const common = { party: 'a', utterance: 1, atMs: 1_000, language: 'en' };
    progress.caption({
      ...{ ...common, type: 'heard', final: true, startMs: 0 },
      piiText: '\u001b]52;c;aGk=\u0007hi\r\u009b2J',
    });
    progress.status('hang\u001b[2J', 'up');
    assert.equal(shown, '   1.0 s  a says   \\u{1b}]52;c;aGk=\\u{7}hi\\u{d}\\u{9b}2J\nhang\\u{1b}[2J  up\n');
  });
});
