import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCallEvent, parseRefusal } from '../../src/client/call-event-json.ts';
import { EventStreamParser } from '../../src/client/event-stream.ts';

function parse(...pieces: readonly string[]): string[] {
  const events: string[] = [];
  const parser = new EventStreamParser((data) => events.push(data));
  for (const piece of pieces) {
    parser.push(piece);
  }
  return events;
}

const STREAM =
  ': hello\r\nevent: call\ndata: {"a":1}\n\nid: 7\rdata:x\rdata: y\r\rdata\n\r\n\n\ndata: la\r\ndata: st\r\n\r\n';
const EVENTS = ['{"a":1}', 'x\ny', '', 'la\nst'];

describe('EventStreamParser', () => {
  it('reads data with each kind of line ending, comments and other fields left out', () => {
    assert.deepEqual(parse(STREAM), EVENTS);
  });

  it('reads the same from every split in two and letter by letter', () => {
    for (let at = 0; at <= STREAM.length; at += 1) {
      assert.deepEqual(parse(STREAM.slice(0, at), STREAM.slice(at)), EVENTS, `split at ${at}`);
    }
    assert.deepEqual(parse(...STREAM), EVENTS);
  });

  it('does not count an event whose blank line has not come', () => {
    assert.deepEqual(parse('data: half\n'), []);
  });
});

describe('parseCallEvent', () => {
  const report = {
    party: 'a',
    utterance: 1,
    outcome: 'not-played',
    source: { language: 'en', piiText: 'hello', startMs: 1, endMs: 2 },
    target: { language: 'es', piiText: 'hola' },
    segments: 2,
    startOffsetMs: 1_200,
    stages: { sttMs: 100, endToEndMs: -20 },
  };

  it('takes each kind of event', () => {
    const events = [
      { type: 'party-state', atMs: 1, party: 'a', name: 'caller', state: 'RINGING', language: 'en' },
      { type: 'heard', atMs: 1.5, party: 'b', utterance: 3, final: false, piiText: 'he' },
      { type: 'spoken', atMs: 2, party: 'a', utterance: 3, language: 'es', piiText: 'el' },
      {
        type: 'spoken',
        atMs: 3,
        party: 'a',
        utterance: 3,
        language: 'es',
        piiText: 'el',
        piiSource: 'he',
        stages: { mtMs: 1, ttsMs: 2.5, queueMs: 0 },
      },
      { type: 'utterance', atMs: 9, report },
      { type: 'ended', atMs: 10 },
    ];
    for (const event of events) {
      assert.deepEqual(parseCallEvent(JSON.stringify(event)), event);
    }
  });

  it('is undefined for anything else', () => {
    for (const text of [
      'no json',
      '{}',
      'null',
      '{"type":"new","atMs":1}',
      '{"type":"ended","atMs":"1"}',
      JSON.stringify({ type: 'utterance', atMs: 1, report: { ...report, outcome: 'odd' } }),
    ]) {
      assert.equal(parseCallEvent(text), undefined, text);
    }
  });
});

describe('parseRefusal', () => {
  it('is the sentence, or undefined', () => {
    assert.equal(parseRefusal('{"detail":"captions are off"}'), 'captions are off');
    assert.equal(parseRefusal('<html>'), undefined);
  });
});
