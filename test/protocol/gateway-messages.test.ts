import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { encodeTranslatedAudio, parseGatewayMessage } from '../../src/protocol/websocket/gateway-messages.ts';
import { seededRandom } from '../asterisk/audio.ts';

describe('messages of gateways', () => {
  it('begin a session', () => {
    assert.deepEqual(
      parseGatewayMessage(
        '{"type":"session_start","extension":7777,"language":"en","sampleRate":16000,"endian":"big","encoding":"bytes"}',
      ),
      {
        type: 'session_start',
        extension: '7777',
        language: 'en',
        session: undefined,
        rateHz: 16_000,
        bigEndian: true,
        form: 'bytes',
      },
    );
  });

  it('hold sound as base64, as bytes, and as Node writes a Buffer', () => {
    for (const data of ['AQL/', [1, 2, 255], Buffer.from([1, 2, 255])]) {
      const message = parseGatewayMessage(JSON.stringify({ type: 'audio', data }));
      assert.ok(message.type === 'audio');
      assert.deepEqual([...message.pcm], [1, 2, 255]);
      assert.equal(message.encoding, typeof data === 'string' ? 'base64' : 'bytes');
    }
  });

  it('carry what the party hears', () => {
    const place = { extension: '8888', sequence: 3, atMs: 60, rateHz: 8_000 };
    const expected = {
      type: 'translated_audio',
      targetExtension: '8888',
      timestamp: 60,
      sequence: 3,
      sampleRate: 8_000,
    };
    const pcm = Uint8Array.from([1, 2, 255, 0]);
    assert.deepEqual(JSON.parse(encodeTranslatedAudio(pcm, 'bytes', place)), {
      ...expected,
      data: [1, 2, 255, 0],
    });
    assert.deepEqual(JSON.parse(encodeTranslatedAudio(pcm, 'base64', place)), {
      ...expected,
      data: 'AQL/AA==',
    });
  });

  it('are refused with what is wrong with them', () => {
    for (const [text, wrong] of [
      ['', /no JSON/],
      ['[]', /no JSON object/],
      ['null', /no JSON object/],
      ['{}', /no "type"/],
      ['{"type":"audio"}', /"data"/],
      ['{"type":"audio","data":"?"}', /base64/],
      ['{"type":"audio","data":[256]}', /bytes/],
      ['{"type":"audio","data":[1.5]}', /bytes/],
      ['{"type":"session_start","language":{}}', /"language"/],
      [`{"type":"session_start","extension":"${'7'.repeat(201)}"}`, /"extension"/],
      ['{"type":"session_start","sampleRate":"8k"}', /"sampleRate"/],
      ['{"type":"session_start","endian":"middle"}', /little, big/],
    ] as const) {
      assert.throws(
        () => parseGatewayMessage(text),
        (error: unknown) => {
          assert.ok(error instanceof AppError && error.code === 'wire-bad-message', text);
          assert.match(error.message, wrong);
          return true;
        },
      );
    }
  });

  it('of noise throw nothing else', () => {
    const random = seededRandom(7);
    const good = '{"type":"session_start","extension":"7777","data":[1,2],"sampleRate":8000}';
    for (let i = 0; i < 2_000; i += 1) {
      const at = Math.floor(random() * good.length);
      const text =
        good.slice(0, at) + String.fromCharCode(32 + Math.floor(random() * 90)) + good.slice(at + 1);
      try {
        parseGatewayMessage(text);
      } catch (error) {
        assert.ok(error instanceof AppError, text);
      }
    }
  });
});
