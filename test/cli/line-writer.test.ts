import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineWriter, type WriteBytes } from '../../src/cli/line-writer.ts';
import { FakeClock } from '../base/fake-clock.ts';

interface PendingWrite {
  readonly text: string;
  /** Answers as the system would. */
  readonly done: (code: string | undefined, writtenBytes?: number) => void;
}

function open() {
  const clock = new FakeClock();
  const writes: PendingWrite[] = [];
  const writeBytes: WriteBytes = (_descriptor, bytes, done) => {
    writes.push({
      text: bytes.toString(),
      done: (code, writtenBytes = bytes.length) =>
        code === undefined ? done(null, writtenBytes) : done(Object.assign(new Error(code), { code }), 0),
    });
  };
  return {
    clock,
    writes,
    writer: new LineWriter(1, { clock, lostLine: (lines) => `${lines} lost\n`, writeBytes }),
  };
}

describe('LineWriter', () => {
  it('writes at once, and what came meanwhile as one piece', () => {
    const { writes, writer } = open();
    for (const line of ['a\n', 'b\n', 'c\n']) {
      writer.write(line);
    }
    assert.deepEqual(
      writes.map(({ text }) => text),
      ['a\n'],
    );
    writes[0]?.done(undefined);
    writes[1]?.done(undefined);
    writer.write('d\n');
    assert.deepEqual(
      writes.map(({ text }) => text),
      ['a\n', 'b\nc\n', 'd\n'],
    );
  });

  it('goes on where a piece was cut, and tries again after a full pipe', async () => {
    const { clock, writes, writer } = open();
    writer.write('abc\n');
    writes[0]?.done(undefined, 1);
    assert.equal(writes[1]?.text, 'bc\n');
    writes[1]?.done('EAGAIN');
    assert.equal(writes.length, 2);
    await clock.advance(20);
    assert.equal(writes[2]?.text, 'bc\n');
  });

  it('drops and counts lines past its limit, and takes lines again when there is room', () => {
    const { writes, writer } = open();
    const line = `${'x'.repeat(1_023)}\n`;
    for (let written = 0; written < 1_030; written++) {
      writer.write(line);
    }
    // 1,024 lines of 1 KiB fit into 1 MiB.
    assert.equal(writer.counts.logLinesDropped, 6);
    writes[0]?.done(undefined);
    writes[1]?.done(undefined);
    writer.write(line);
    assert.equal(writer.counts.logLinesDropped, 6);
    assert.equal(writes[2]?.text, `6 lost\n${line}`);
  });

  it('waits for room on a full disk', async () => {
    const { clock, writes, writer } = open();
    writer.write('a\n');
    writes[0]?.done('ENOSPC');
    writer.write('b\n');
    await clock.advance(1_000);
    writes[1]?.done(undefined);
    assert.deepEqual(
      writes.map(({ text }) => text),
      ['a\n', 'a\n', 'b\n'],
    );
  });

  it('ends when all is written', async () => {
    const { writes, writer } = open();
    assert.equal(await writer.end(500), 0);
    writer.write('a\n');
    const ended = writer.end(500);
    writes[0]?.done(undefined);
    assert.equal(await ended, 0);
  });

  it('ends within its limit though nobody reads, tries no more, and says what was lost', async () => {
    const clock = new FakeClock();
    let tries = 0;
    const full: WriteBytes = (_descriptor, _bytes, done) => {
      tries += 1;
      done(Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' }), 0);
    };
    const writer = new LineWriter(1, { clock, lostLine: () => '', writeBytes: full });
    writer.write('a\n');
    writer.write('b\n');
    const ended = writer.end(500);
    await clock.advance(500);
    assert.deepEqual([await ended, writer.stuck], [2, false]);
    const before = tries;
    await clock.advance(1_000);
    assert.equal(tries, before);
  });

  it('knows that a thread waits for the reader', () => {
    const { writes, writer } = open();
    writer.write('a\n');
    assert.equal(writer.stuck, true);
    writes[0]?.done(undefined);
    assert.equal(writer.stuck, false);
  });

  it('writes no more once the reader is gone', () => {
    const { writes, writer } = open();
    writer.write('a\n');
    writer.write('b\n');
    writes[0]?.done('EPIPE');
    writer.write('c\n');
    assert.equal(writes.length, 1);
    assert.equal(writer.counts.logLinesDropped, 3);
  });
});
