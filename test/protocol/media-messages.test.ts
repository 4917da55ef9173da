import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { parseMediaEvent } from '../../src/protocol/websocket/media-messages.ts';
import { seededRandom } from '../asterisk/audio.ts';

/** As a real Asterisk 22.10.1 sent it, but for the number of variables. */
const START =
  '{"event":"MEDIA_START","connection_id":"dragoman","channel":"WebSocket/dragoman/0x7fa9a80053e0","channel_id":' +
  '"1795931789.2","format":"slin16","optimal_frame_size":640,"ptime":20,"channel_variables":' +
  '{"MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE":"640","__DRAGOMAN_EXTENSION":"7777"}}';
const STATUS =
  '{"event":"STATUS","channel_id":"1795931789.2","queue_length":10,"xon_level":800,"xoff_level":900,"queue_full":false,' +
  '"bulk_media":false,"media_paused":false}';

describe('events of chan_websocket', () => {
  it('say what a channel is and what waits in it', () => {
    const variables = new Map([
      ['MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE', '640'],
      ['DRAGOMAN_EXTENSION', '7777'],
    ]);
    assert.deepEqual(parseMediaEvent(START), { type: 'start', rateHz: 16_000, variables, unbuffered: false });
    assert.deepEqual(parseMediaEvent(STATUS), { type: 'status', queuedFrames: 10 });
    assert.deepEqual(parseMediaEvent('{"event":"DTMF_END","digit":"#"}'), { type: 'dtmf', key: '#' });
    assert.deepEqual(parseMediaEvent('{"event":"MEDIA_XOFF"}'), { type: 'flow', taking: false });
    assert.deepEqual(parseMediaEvent('{"event":"QUEUE_DRAINED"}'), { type: 'other' });
  });

  it('are refused with what to write in the dialplan', () => {
    assert.throws(
      () => parseMediaEvent('MEDIA_START connection_id:dragoman format:slin16'),
      /write f\(json\)/,
    );
    assert.throws(() => parseMediaEvent(START.replace('slin16', 'ulaw')), /write c\(slin16\)/);
    assert.throws(() => parseMediaEvent('[]'), /no JSON object/);
  });

  it('of noise throw nothing else', () => {
    const random = seededRandom(11);
    for (const good of [START, STATUS]) {
      for (let i = 0; i < 1_000; i += 1) {
        const at = Math.floor(random() * good.length);
        const noise = String.fromCharCode(32 + Math.floor(random() * 90));
        const text = good.slice(0, at) + noise + good.slice(at + 1 + Math.floor(random() * 20));
        try {
          parseMediaEvent(text);
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'wire-bad-message', text);
        }
      }
    }
  });
});
