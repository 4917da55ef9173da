import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventReader, type StreamMessage } from '../../../../src/server/console/page/link/event-reader.ts';

const STREAM =
  ': a comment\n\nid: 7f-1\nevent: rows\ndata: [["a",\ndata: 1]]\n\n\ndata:{"no":"space"}\r\nid: 7f-2\r\n\r\n' +
  'event: nothing\n\nretry: 5\ndata\n\n';
const MESSAGES: readonly StreamMessage[] = [
  { event: 'rows', data: '[["a",\n1]]', id: '7f-1' },
  { event: 'message', data: '{"no":"space"}', id: '7f-2' },
  { event: 'message', data: '', id: '7f-2' },
];

function read(...pieces: readonly string[]): readonly StreamMessage[] {
  const messages: StreamMessage[] = [];
  const reader = new EventReader((message) => messages.push(message));
  for (const piece of pieces) {
    reader.push(piece);
  }
  return messages;
}

describe('EventReader', () => {
  it('reads messages, and leaves out comments and what has no data', () => {
    assert.deepEqual(read(STREAM), MESSAGES);
  });

  it('reads the same wherever the stream is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      assert.deepEqual(read(STREAM.slice(0, cut), STREAM.slice(cut)), MESSAGES, `cut at ${cut}`);
    }
    assert.deepEqual(read(...STREAM), MESSAGES);
  });

  it('says nothing of a message that has not ended', () => {
    assert.deepEqual(read('data: 1\n'), []);
  });
});
