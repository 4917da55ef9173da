import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AudioOutbox } from '../../src/engines/stt/deepgram/audio-outbox.ts';
import { closeError } from '../../src/engines/stt/deepgram/deepgram-errors.ts';
import { deepgramLanguage, modelFamily } from '../../src/engines/stt/deepgram/deepgram-languages.ts';
import type { NovaResult } from '../../src/engines/stt/deepgram/listen-messages.ts';
import { listenRequest } from '../../src/engines/stt/deepgram/listen-request.ts';
import { NovaTranscript } from '../../src/engines/stt/deepgram/nova-transcript.ts';
import { joinPieces } from '../../src/engines/stt/deepgram/spoken-text.ts';
import { UtteranceTimeline } from '../../src/engines/stt/deepgram/utterance-timeline.ts';

/** `frames` frames of 20 ms, each of one value from `first` on. */
function frames(count: number, first = 1): readonly Int16Array[] {
  return Array.from({ length: count }, (_, index) => new Int16Array(320).fill(first + index));
}

/** An outbox with what it sends, as the first sample of each chunk, and a socket that holds what it is told to. */
function outbox(options: { inFlightLimitMs?: number; backlogLimitMs?: number } = {}) {
  const sent: string[] = [];
  const socket = { bufferedBytes: 0 };
  const box = new AudioOutbox({
    chunkMs: 40,
    inFlightLimitMs: options.inFlightLimitMs ?? 100,
    backlogLimitMs: options.backlogLimitMs ?? 100,
    bufferedBytes: () => socket.bufferedBytes,
    send: (bytes) => sent.push(`${bytes[0]}/${bytes.length / 32}`),
    onGap: (lostMs) => sent.push(`lost ${lostMs}`),
  });
  return { box, sent, socket };
}

describe('AudioOutbox', () => {
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
    socket.bufferedBytes = 100 * 32;
    const [one, two, three] = frames(3);
    for (const frame of [one, two]) {
      box.write(frame ?? new Int16Array(0));
    }
    box.mark(() => sent.push('mark'));
    box.write(three ?? new Int16Array(0));
    assert.deepEqual([sent, box.behind], [[], true]);
    socket.bufferedBytes = 99 * 32;
    box.drain();
    box.mark(() => {});
    assert.deepEqual([sent, box.behind], [['1/40', 'mark', '3/20'], false]);
  });

  it('drops the oldest audio past its limit, counts it and leaves a gap, but drops no mark', () => {
    const { box, sent, socket } = outbox();
    socket.bufferedBytes = 100 * 32;
    box.mark(() => sent.push('begin'));
    for (const frame of frames(4)) {
      box.write(frame);
    }
    box.mark(() => sent.push('end'));
    for (const frame of frames(4, 5)) {
      box.write(frame);
    }
    assert.equal(box.droppedMs, 60);
    socket.bufferedBytes = 0;
    box.drain();
    assert.deepEqual(sent, ['begin', 'lost 20', 'lost 20', 'lost 20', '4/20', 'end', '5/40', '7/40']);
  });

  it('keeps the newest audio, however long', () => {
    const { box, socket } = outbox();
    socket.bufferedBytes = 100 * 32;
    box.write(new Int16Array(320 * 20));
    assert.equal(box.droppedMs, 0);
  });
});

describe('UtteranceTimeline', () => {
  it('places moments in utterances, what follows an utterance in it until the next begins', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(7, 40);
    timeline.end(1_040);
    timeline.begin(8, 1_200);
    assert.deepEqual(
      [0, 40, 1_100, 1_200, 9_000].map((atMs) => timeline.at(atMs)),
      [undefined, 7, 7, 8, 8],
    );
    assert.equal(timeline.inUtterance(7, 540), 500);
    assert.equal(timeline.inUtterance(7, 1_100), 1_000, 'not after its end');
    assert.equal(timeline.inUtterance(7, 0), 0, 'not before its beginning');
    timeline.forget(7);
    assert.equal(timeline.at(540), undefined);
    assert.deepEqual(timeline.utterances, [8]);
  });

  it('counts what was not sent', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 100);
    timeline.skip(60, 200);
    timeline.skip(20, 300);
    assert.deepEqual(
      [150, 200, 250, 300].map((atMs) => timeline.inUtterance(1, atMs)),
      [50, 160, 210, 280],
    );
  });
});

describe('NovaTranscript', () => {
  function result(text: string, startMs: number, endMs: number, settled: boolean): NovaResult {
    const words = text.split(' ').map((word, index, all) => ({
      text: word,
      startMs: startMs + ((endMs - startMs) * index) / all.length,
      endMs: startMs + ((endMs - startMs) * (index + 1)) / all.length,
    }));
    return { type: 'result', text, startMs, endMs, settled, fromFinalize: false, words, language: undefined };
  }

  it('takes the provider’s own text of a result, which words in a row are not', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'en');
    const events = transcript.hear({ ...result('twenty three', 0, 500, true), text: '23' });
    assert.deepEqual(
      events.map((event) => 'text' in event && event.text),
      ['23', '23'],
    );
  });

  it('passes on an interim that says the same again, for two hearings that agree are worth more than one', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'en');
    const heard = [
      result('we', 0, 500, false),
      result('we', 0, 1_000, false),
      result('we', 0, 1_500, true),
      { ...result('', 1_500, 2_000, false), words: [] },
    ].map((one) => transcript.hear(one).map((event) => [event.type, 'text' in event && event.text]));
    assert.deepEqual(heard, [[['partial', 'we']], [['partial', 'we']], [['stable', 'we']], []]);
  });

  it('forgets interim words that come late', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'en');
    transcript.hear(result('a b', 0, 1_000, true));
    assert.deepEqual(transcript.hear(result('a', 0, 500, false)), []);
    assert.equal(transcript.take(1).text, 'a b');
  });

  it('leaves what belongs to an utterance that is over to nobody', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    timeline.end(500);
    timeline.begin(2, 500);
    timeline.forget(1);
    const transcript = new NovaTranscript(timeline, 'en');
    transcript.hear(result('a b', 0, 1_000, true));
    assert.equal(transcript.take(2).text, 'b');
  });
});

describe('what Deepgram is asked and answers', () => {
  it('joins Japanese without spaces', () => {
    const [first, second] = ['今日は', 'いい天気'].map((text) => ({ text, words: [] }));
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(joinPieces(first, second, 'ja').text, '今日はいい天気');
    assert.equal(joinPieces(first, second, 'en').text, '今日は いい天気');
  });

  it('knows languages by Deepgram’s names', () => {
    assert.equal(deepgramLanguage('nova-3', 'pt-BR'), 'pt-BR');
    assert.equal(deepgramLanguage('nova-3', 'de-AT'), 'de');
    assert.equal(deepgramLanguage('nova-3-general', 'fil'), 'tl');
    assert.equal(deepgramLanguage('flux-general-multi', 'en-US'), 'en');
    assert.equal(deepgramLanguage('nova-3', 'qq'), undefined);
    assert.equal(modelFamily('whisper'), undefined);
  });

  it('takes a hundred terms', () => {
    const terms = Array.from({ length: 150 }, (_, index) => `term ${index}`);
    const { parameters } = listenRequest({ model: 'nova-3', language: 'en', terms });
    assert.equal(Array.isArray(parameters.keyterm) && parameters.keyterm.length, 100);
  });

  it('finds the code in a reason, and shows nothing else of it', () => {
    assert.match(closeError(1011, 'x https://dpgr.am/net0000').message, /NET-0000/);
    assert.equal(closeError(4000, 'words').message, 'deepgram: the connection ended (close 4000)');
  });
});
