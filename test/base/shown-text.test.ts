import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shownJson, shownLines, shownText } from '../../src/base/shown-text.ts';

describe('text that others wrote', () => {
  it('is shown without what a terminal obeys, on one line', () => {
    assert.equal(
      shownText('a\u001b]0;t\u0007b\nc\u009bd\u202ee'),
      'a\\u{1b}]0;t\\u{7}b\\u{a}c\\u{9b}d\\u{202e}e',
    );
    assert.equal(shownText('¿qué? 👋 می\u200cخواهم'), '¿qué? 👋 می\u200cخواهم');
  });

  it('keeps the breaks of who writes it', () => {
    assert.equal(shownLines('a\tb\n\u001b[2Jc\r\n'), 'a\tb\n\\u{1b}[2Jc\\u{d}\n');
  });

  it('means the same as JSON', () => {
    // The last two are of no use yet: a letter of one's own, and one that Unicode has not given away.
    const text = 'a\u001b\u007f\u0085\u009b\u00ad\u200b\u2028\u202e\u2066\ufeff\u{e0041}\u{f0000}\u{3fffd}z';
    const json = shownJson(JSON.stringify({ text }));
    assert.equal(shownLines(json), json);
    assert.match(json, /^[ -~]+$/);
    assert.deepEqual(JSON.parse(json), { text });
  });
});
