import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endError } from '../../src/engines/stt/deepgram/deepgram-errors.ts';
import { deepgramLanguage, modelFamily } from '../../src/engines/stt/deepgram/deepgram-languages.ts';
import {
  type NovaResult,
  readFluxMessage,
  readNovaMessage,
} from '../../src/engines/stt/deepgram/listen-messages.ts';
import { listenAddress, listenRequest } from '../../src/engines/stt/deepgram/listen-request.ts';
import { NovaTranscript } from '../../src/engines/stt/deepgram/nova-transcript.ts';
import { joinPieces, joinWords, NO_PIECE, type Piece } from '../../src/engines/stt/deepgram/spoken-text.ts';
import { UtteranceTimeline } from '../../src/engines/stt/deepgram/utterance-timeline.ts';

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
    return {
      ...{ type: 'result', text, startMs, endMs, settled, fromFinalize: false, words },
      ...{ confidence: undefined, language: undefined },
    };
  }

  it('keeps English words apart in a stream that was opened for Japanese', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'ja');
    transcript.hear(result('I would like to', 0, 1_000, true));
    transcript.hear(result('cancel my order.', 1_000, 2_000, true));
    assert.equal(transcript.take(1).text, 'I would like to cancel my order.');
  });

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

  it('loses no words to a result of silence that reaches further than it should', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'en');
    transcript.hear({ ...result('', 0, 2_100, true), words: [] });
    assert.equal(transcript.hear(result('one two three four five', 2_000, 4_000, false)).length, 1);
    transcript.hear(result('one two three four five', 2_000, 4_000, true));
    assert.equal(transcript.take(1).text, 'one two three four five');
  });

  it('leaves out of a result that overlaps only the words that are settled', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'en');
    transcript.hear(result('a b', 0, 1_000, true));
    const [shown] = transcript.hear(result('b c', 500, 1_500, false));
    assert.equal(shown !== undefined && 'text' in shown && shown.text, 'a b c');
    transcript.hear(result('b c d', 500, 2_000, true));
    const { text, words } = transcript.take(1);
    assert.equal(text, 'a b c d');
    assert.deepEqual(
      words.map((word) => word.text),
      ['a', 'b', 'c', 'd'],
    );
  });

  it('takes words that come late for a stretch that was settled without them', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    const transcript = new NovaTranscript(timeline, 'en');
    transcript.hear({ ...result('', 0, 1_000, true), words: [] });
    transcript.hear(result('late', 400, 900, true));
    assert.equal(transcript.take(1).text, 'late');
  });

  it('keeps a word of an utterance that the result itself does not reach', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 0);
    timeline.end(1_000);
    timeline.begin(2, 1_000);
    const transcript = new NovaTranscript(timeline, 'en');
    // The word was being said when the result before was settled, so it comes with this one.
    const words = [
      { text: 'split', startMs: 700, endMs: 1_100 },
      { text: 'next', startMs: 1_200, endMs: 1_500 },
    ];
    transcript.hear({ ...result('split next', 1_000, 2_000, true), words });
    assert.deepEqual([transcript.take(1).text, transcript.take(2).text], ['split', 'next']);
  });

  it('gives a word that begins before the first utterance to it, if it reaches into it', () => {
    const timeline = new UtteranceTimeline();
    timeline.begin(1, 300);
    const transcript = new NovaTranscript(timeline, 'en');
    transcript.hear(result('hello there', 100, 900, true));
    assert.equal(transcript.take(1).text, 'hello there');
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
  it('joins what meets as it is written, whatever the language of the stream', () => {
    for (const [first, second, whole] of [
      ['今日は', 'いい天気', '今日はいい天気'],
      ['サーバー', 'です。', 'サーバーです。'],
      ['はい。', '3', 'はい。3'],
      ['3', '時', '3時'],
      ['I would like to', 'cancel my order.', 'I would like to cancel my order.'],
      ['はい。', 'Cancel it', 'はい。 Cancel it'],
      ['room', '12', 'room 12'],
      ['네', '알겠습니다', '네 알겠습니다'],
      ['', 'yes', 'yes'],
      ['𠮷', '野家', '𠮷野家'],
    ] as const) {
      const pieces = [first, second].map((text): Piece => ({ text, words: [] }));
      assert.equal(joinPieces(pieces[0] ?? NO_PIECE, pieces[1] ?? NO_PIECE).text, whole);
      assert.equal(joinWords([{ text: first }, { text: second }]), whole);
    }
  });

  it('knows languages by Deepgram’s names', () => {
    assert.equal(deepgramLanguage('nova-3', 'pt-BR'), 'pt-BR');
    assert.equal(deepgramLanguage('nova-3', 'de-AT'), 'de');
    assert.equal(deepgramLanguage('nova-3-general', 'fil'), 'tl');
    assert.equal(deepgramLanguage('flux-general-multi', 'en-US'), 'en');
    assert.equal(deepgramLanguage('nova-3', 'qq'), undefined);
    assert.equal(modelFamily('whisper'), undefined);
  });

  it('takes a text without words for one word, because only what has a time has an utterance', () => {
    const nova = readNovaMessage({
      type: 'Results',
      start: 1,
      duration: 0.5,
      channel: { alternatives: [{ transcript: 'good morning' }] },
    });
    assert.deepEqual(nova.type === 'result' && nova.words, [
      { text: 'good morning', startMs: 1_000, endMs: 1_500 },
    ]);
    const flux = readFluxMessage({
      type: 'TurnInfo',
      event: 'Update',
      turn_index: 0,
      audio_window_start: 0,
      audio_window_end: 0.5,
      transcript: 'hi',
      words: [],
    });
    assert.deepEqual(flux.type === 'turn' && flux.words, [{ text: 'hi', startMs: 0, endMs: 500 }]);
  });

  const termsFor = (model: string, terms: readonly string[]): readonly string[] => {
    const { parameters } = listenRequest({ model, language: 'ru', terms });
    const given: unknown = 'keywords' in parameters ? parameters.keywords : parameters.keyterm;
    return Array.isArray(given) ? given.map(String) : [];
  };

  it('takes a hundred terms', () => {
    const terms = Array.from(
      { length: 150 },
      (_, index) => `${'abcdefghij'[index % 10]}${'klmnopqrstuvwxy'[index % 15]}`,
    );
    assert.equal(termsFor('nova-3', [...terms, ...terms]).length, 30);
    const many = [...'abcdefghijkl'].flatMap((first) => [...'abcdefghijkl'].map((second) => first + second));
    assert.deepEqual(termsFor('nova-3', many), many.slice(0, 100));
    assert.deepEqual(termsFor('nova-2', many), many.slice(0, 100));
  });

  it('takes no more terms than Deepgram has tokens for, nor an address that is too long', () => {
    // A token for each sign of a call sign: https://github.com/deepgram/deepgram-python-sdk/issues/503
    const callSigns = Array.from({ length: 100 }, (_, index) => `RYR${index + 100}X`);
    assert.deepEqual(termsFor('nova-3', callSigns), callSigns.slice(0, 57));
    const letters = [...'абвгдежзик'];
    const endings = letters.flatMap((first) => letters.map((second) => first + second));
    const legal = endings.map((ending) => `договор${ending} поручительства${ending}`);
    for (const model of ['nova-3', 'nova-2', 'flux-general-multi']) {
      const request = listenRequest({ model, language: 'ru', terms: legal });
      const letters = termsFor(model, legal)
        .join('')
        .replace(/[^а-я]/gu, '').length;
      assert.ok(letters > 200 && letters <= 400, `${model} is given ${letters} letters`);
      assert.ok(listenAddress('wss://api.deepgram.com', request).length < 4_096);
    }
  });

  it('leaves out a term that is too long for Flux, and takes those after it', () => {
    assert.deepEqual(termsFor('flux-general-en', ['a'.repeat(101), 'claim', 'b'.repeat(100)]), [
      'claim',
      'b'.repeat(100),
    ]);
  });

  it('finds the code in a reason, and shows nothing else of it', () => {
    assert.match(endError(1011, 'x https://dpgr.am/net0000').message, /NET-0000/);
    assert.equal(endError(4000, 'words').message, 'deepgram: the connection ended (close 4000)');
  });
});
