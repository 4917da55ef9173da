import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { encodeUuid } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { TestServer } from './harness.ts';

/** 20 ms at 8,000 Hz; and with its header. */
const FRAME_BYTES = 320;
const MESSAGE_BYTES = FRAME_BYTES + 3;
/**
 * Half a second of frames shows that nobody reads, and more is sent by then on a machine that stands still. If only
 * the kernel's buffers ended it, it would be a thousand and more.
 */
const MOST_BURST_FRAMES = 250;

describe('a peer that stands still for seconds', () => {
  it('is not given all that it missed when it reads again, but what is said then', async (t) => {
    const server = await TestServer.openFor(t);
    let readBytes = 0;
    let reads = true;
    // What is read of a socket is not kept by Node, so that what waits waits in the kernel, as with Asterisk.
    const callback = (bytes: number): boolean => {
      readBytes += bytes;
      return reads;
    };
    const onread = { buffer: new Uint8Array(4_096), callback };
    const peer = connect({ port: server.port(), host: '127.0.0.1', onread });
    t.after(() => peer.destroy());
    await once(peer, 'connect');
    peer.write(encodeUuid(new Uint8Array(16)));
    await server.until('sound flows', () => readBytes > 5 * MESSAGE_BYTES);
    reads = false;
    // Two seconds of sound are not sent.
    await server.until('it is found', () => server.count('socketDropped') >= 100);
    const sentFrames = server.count('bytesOut') / FRAME_BYTES;
    const burstFrames = sentFrames - Math.floor(readBytes / MESSAGE_BYTES);
    assert.ok(burstFrames < MOST_BURST_FRAMES, `${burstFrames} frames at once`);
    reads = true;
    peer.resume();
    await server.until('sound flows again', () => readBytes > (sentFrames + 50) * MESSAGE_BYTES);
    assert.equal(server.server.state().legsActive, 1);
  });
});
