import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEvent } from '../../../../src/call/call-events.ts';
import { CaptionBook, renderedIn } from '../../../../src/server/console/page/state/caption-book.ts';
import { heard, spoken, utterance } from './told-calls.ts';

function bookOf(...events: readonly CallEvent[]): CaptionBook {
  const book = new CaptionBook();
  for (const event of events) {
    add(book, event);
  }
  return book;
}

function add(book: CaptionBook, event: CallEvent): void {
  if (event.type === 'heard' || event.type === 'spoken' || event.type === 'utterance') {
    book.add(event);
  }
}

describe('CaptionBook', () => {
  it('has one line for an utterance, with what is heard of it at the moment and at last', () => {
    const book = bookOf(heard(1, 'good', false), heard(1, 'good mor', false));
    assert.deepEqual(
      book.lines.map(({ said, final }) => [said, final]),
      [['good mor', false]],
    );
    book.add({ type: 'heard', atMs: 1_400, party: 'a', utterance: 1, final: true, piiText: 'Good morning.' });
    book.add({ type: 'heard', atMs: 1_500, party: 'a', utterance: 1, final: false, piiText: 'good' });
    assert.deepEqual(
      book.lines.map(({ said, final, atMs }) => [said, final, atMs]),
      [['Good morning.', true, 1_000]],
    );
  });

  it('puts the segments of a translation together, each language by itself', () => {
    const [line] = bookOf(
      heard(1, 'Good morning, sir.'),
      spoken(1, 'Buenos días,', 2_000),
      spoken(1, 'Bonjour,', 2_100, 'fr'),
      spoken(1, 'señor.', 2_800),
    ).lines;
    assert.ok(line !== undefined);
    assert.equal(renderedIn(line, 'es'), 'Buenos días, señor.');
    assert.equal(renderedIn(line, 'fr'), 'Bonjour,');
    assert.equal(renderedIn(line, 'de'), '');
  });

  it('takes what a report says where the events were missed, unless nobody heard it', () => {
    const [line] = bookOf(utterance(1)).lines;
    assert.ok(line !== undefined);
    assert.deepEqual([line.said, line.atMs, renderedIn(line, 'es')], ['Good morning.', 500, 'Buenos días.']);
    const [failed] = bookOf(utterance(2, 'failed')).lines;
    assert.ok(failed !== undefined);
    assert.equal(renderedIn(failed, 'es'), '');
  });

  it('is the same when all of it is told again', () => {
    const events = [heard(1, 'Good morning.'), spoken(1, 'Buenos días.'), utterance(1)];
    assert.deepEqual(bookOf(...events, ...events).lines, bookOf(...events).lines);
  });

  it('puts what is told late where it belongs', () => {
    const book = bookOf(heard(2, 'second', true, 5_000), heard(3, 'third', true, 9_000), heard(1, 'first'));
    assert.deepEqual(
      book.lines.map(({ said }) => said),
      ['first', 'second', 'third'],
    );
  });

  it('puts what was said before the page came in front of what it has heard itself', () => {
    const book = bookOf(spoken(1, 'señor.', 2_800), spoken(1, 'Buenos días,', 2_000));
    const [line] = book.lines;
    assert.ok(line !== undefined);
    assert.equal(renderedIn(line, 'es'), 'Buenos días, señor.');
  });

  it('moves a line to where it began once that is known', () => {
    const answer: CallEvent = {
      ...{ type: 'heard', atMs: 700, party: 'b', utterance: 1, final: true, piiText: 'answer' },
    };
    const book = bookOf(answer, heard(1, 'question'));
    const order = () => book.lines.map(({ party, atMs }) => [party, atMs]);
    assert.deepEqual(order(), [
      ['b', 700],
      ['a', 1_000],
    ]);
    add(book, utterance(1));
    assert.deepEqual(order(), [
      ['a', 500],
      ['b', 700],
    ]);
  });

  it('keeps the latest two hundred lines', () => {
    const book = new CaptionBook();
    for (let each = 0; each < 300; each += 1) {
      book.add({ type: 'heard', atMs: each, party: 'a', utterance: each, final: true, piiText: 'x' });
    }
    assert.deepEqual([book.lines.length, book.lines[0]?.utterance], [200, 100]);
  });
});
