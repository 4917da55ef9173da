import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TransferBook } from '../../src/call/transfer-book.ts';
import { FakeClock } from '../base/fake-clock.ts';

describe('TransferBook', () => {
  it('knows for a minute where somebody was transferred to, as often as it is asked', async () => {
    const clock = new FakeClock();
    const book = new TransferBook(clock);
    book.note('one', 'sales');
    await clock.advance(30_000);
    book.note('one', 'support');
    await clock.advance(59_999);
    assert.deepEqual([book.of('one'), book.of('one'), book.of('other')], ['support', 'support', undefined]);
    await clock.advance(1);
    assert.equal(book.of('one'), undefined);
  });

  it('forgets the oldest when a thousand wait to be asked for', () => {
    const book = new TransferBook(new FakeClock());
    for (let leg = 0; leg < 1_001; leg += 1) {
      book.note(`leg-${leg}`, 'sales');
    }
    assert.deepEqual([book.of('leg-0'), book.of('leg-1')], [undefined, 'sales']);
  });
});
