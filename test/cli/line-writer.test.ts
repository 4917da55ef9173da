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
  return { clock, writes, writer: new LineWriter(1, clock, writeBytes) };
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
    assert.equal(writer.droppedLines, 6);
    writes[0]?.done(undefined);
    writer.write(line);
    assert.equal(writer.droppedLines, 6);
  });

  it('writes no more once the reader is gone', () => {
    const { writes, writer } = open();
    writer.write('a\n');
    writer.write('b\n');
    writes[0]?.done('EPIPE');
    writer.write('c\n');
    assert.equal(writes.length, 1);
    assert.equal(writer.droppedLines, 2);
  });
});
