import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Outbox } from '../../src/engines/wire/outbox.ts';

/** `frames` frames of 20 ms, each of one value from `first` on. */
function frames(count: number, first = 1): readonly Int16Array[] {
  return Array.from({ length: count }, (_, index) => new Int16Array(320).fill(first + index));
}

/**
 * An outbox with what it sends, as the first sample of each chunk, and a socket that is ready when it is told to be.
 */
function outbox(options: { readonly backlogLimitMs?: number } = {}) {
  const sent: string[] = [];
  const socket = { ready: true };
  const box = new Outbox({
    chunkMs: 40,
    backlogLimitMs: options.backlogLimitMs ?? 100,
    ready: () => socket.ready,
    send: (pcm) => sent.push(`${pcm[0]}/${pcm.length / 16}`),
    onGap: (lostMs) => sent.push(`lost ${lostMs}`),
  });
  return { box, sent, socket };
}

describe('Outbox', () => {
  it('joins frames to chunks, and sends what is left when something has to happen', () => {
    const { box, sent } = outbox();
    for (const frame of frames(3)) {
      box.write(frame);
    }
    assert.deepEqual(sent, ['1/40']);
    box.mark(() => sent.push(`mark at ${box.sentMs}`));
    assert.deepEqual(sent, ['1/40', '3/20', 'mark at 60']);
  });

  it('divides audio that is longer than a chunk', () => {
    const { box, sent } = outbox();
    box.write(new Int16Array(320 * 5).fill(7));
    box.mark(() => {});
    assert.deepEqual(sent, ['7/40', '7/40', '7/20']);
  });

  it('holds audio and marks while the socket is behind, in order', () => {
    const { box, sent, socket } = outbox();
    socket.ready = false;
    const [one, two, three] = frames(3);
    for (const frame of [one, two]) {
      box.write(frame ?? new Int16Array(0));
    }
    box.mark(() => sent.push('mark'));
    box.write(three ?? new Int16Array(0));
    assert.deepEqual([sent, box.behind], [[], true]);
    socket.ready = true;
    box.drain();
    box.mark(() => {});
    assert.deepEqual([sent, box.behind], [['1/40', 'mark', '3/20'], false]);
  });

  it('drops the oldest audio past its limit, counts it and leaves a gap, but drops no mark', () => {
    const { box, sent, socket } = outbox();
    socket.ready = false;
    box.mark(() => sent.push('begin'));
    for (const frame of frames(4)) {
      box.write(frame);
    }
    box.mark(() => sent.push('end'));
    for (const frame of frames(4, 5)) {
      box.write(frame);
    }
    assert.equal(box.droppedMs, 60);
    socket.ready = true;
    box.drain();
    assert.deepEqual(sent, ['begin', 'lost 20', 'lost 20', 'lost 20', '4/20', 'end', '5/40', '7/40']);
  });

  it('keeps what is begun and ended when audio of several utterances is dropped', () => {
    const { box, sent, socket } = outbox({ backlogLimitMs: 40 });
    socket.ready = false;
    for (const utterance of [1, 2]) {
      box.mark(() => sent.push(`begin ${utterance}`));
      for (const frame of frames(2, utterance * 10)) {
        box.write(frame);
      }
      box.mark(() => sent.push(`end ${utterance}`));
    }
    assert.equal(box.droppedMs, 40);
    socket.ready = true;
    box.drain();
    assert.deepEqual(sent, ['begin 1', 'lost 20', 'lost 20', 'end 1', 'begin 2', '20/40', 'end 2']);
  });

  it('hands a frame that is a chunk on as it is', () => {
    const sent: Int16Array[] = [];
    const box = new Outbox({
      chunkMs: 20,
      backlogLimitMs: 100,
      ready: () => true,
      send: (pcm) => sent.push(pcm),
      onGap: () => {},
    });
    const [frame] = frames(1);
    assert.ok(frame !== undefined);
    box.write(frame);
    assert.equal(sent[0], frame);
  });

  it('keeps the newest audio, however long', () => {
    const { box, socket } = outbox();
    socket.ready = false;
    box.write(new Int16Array(320 * 20));
    assert.equal(box.droppedMs, 0);
  });
});
