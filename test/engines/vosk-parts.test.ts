import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverFor } from '../../src/engines/servers-by-language.ts';
import { parseVoskUrls, shownUrl } from '../../src/engines/stt/vosk/vosk-servers.ts';
import { CONFIG_MESSAGE, decodeReply, EOF_MESSAGE } from '../../src/engines/stt/vosk/wire.ts';

describe('parseVoskUrls', () => {
  it('takes one URL for whatever language', () => {
    const servers = parseVoskUrls(' ws://speech:2700 ');
    assert.deepEqual([...servers], [['*', 'ws://speech:2700']]);
    assert.equal(serverFor(servers, 'fr-CA'), 'ws://speech:2700');
  });

  it('takes a URL per language, and one for the rest', () => {
    const servers = parseVoskUrls('en=ws://a:2700, pt-BR=wss://b/vosk?x=1,ws://c:2701,');
    assert.equal(serverFor(servers, 'en-GB'), 'ws://a:2700');
    assert.equal(serverFor(servers, 'pt-BR'), 'wss://b/vosk?x=1');
    assert.equal(serverFor(servers, 'pt-PT'), 'ws://c:2701');
    assert.equal(serverFor(parseVoskUrls('en=ws://a,*=ws://b'), 'de'), 'ws://b');
    assert.equal(serverFor(parseVoskUrls('en=ws://a'), 'de'), undefined);
  });

  it('does not take a query for a language', () => {
    assert.deepEqual([...parseVoskUrls('ws://a:2700?model=x')], [['*', 'ws://a:2700?model=x']]);
  });

  it('says what is wrong and how to write it, without repeating a password', () => {
    for (const [text, message] of [
      ['', /no Vosk server is given: write ws:/],
      [' , ', /no Vosk server is given/],
      ['http://a:2700', /is a WebSocket URL: write ws:/],
      ['a:2700', /is a WebSocket URL/],
      ['en=', /is a WebSocket URL/],
      ['english=ws://a', /"english" is not a language/],
      ['en=ws://a,en=ws://b', /two Vosk servers for en/],
      ['ws://a,ws://b', /two Vosk servers for languages that are not named/],
    ] as const) {
      assert.throws(() => parseVoskUrls(text), { code: 'bad-option', message });
    }
    assert.throws(
      () => parseVoskUrls('ws://me:hush@a'),
      (error) =>
        error instanceof Error && /no user or password/.test(error.message) && !/hush/.test(error.message),
    );
  });

  it('shows a URL without its query', () => {
    assert.equal(shownUrl('ws://a:2700/?token=hush'), 'ws://a:2700');
    assert.equal(shownUrl('wss://a/vosk?token=hush'), 'wss://a/vosk');
  });
});

describe('the wire of vosk-server', () => {
  it('spells the end and the configuration as the server compares them', () => {
    assert.equal(EOF_MESSAGE, '{"eof" : 1}');
    assert.equal(CONFIG_MESSAGE, '{"config":{"sample_rate":16000,"words":true,"max_alternatives":0}}');
  });

  it('reads partials and results as Vosk prints them', () => {
    assert.deepEqual(decodeReply('{\n  "partial" : "he might"\n}'), { type: 'partial', text: 'he might' });
    assert.deepEqual(decodeReply('{"text": ""}'), {
      type: 'result',
      text: '',
      words: [],
      confidence: undefined,
    });
    const result =
      '{\n  "result" : [{\n      "conf" : 0.98,\n      "end" : 0.57,\n      "start" : 0.33,\n      "word" : "he"\n    }],\n  "text" : "he"\n}';
    assert.deepEqual(decodeReply(result), {
      type: 'result',
      text: 'he',
      words: [{ text: 'he', startMs: 330, endMs: 570 }],
      confidence: 0.98,
    });
  });

  it('refuses anything else', () => {
    for (const message of ['', '{', 'null', '[]', '{"partial":1}', '{"text":"a","result":[{"word":"a"}]}']) {
      assert.throws(() => decodeReply(message), { code: 'engine-bad-answer' });
    }
  });
});
