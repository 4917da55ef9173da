import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { transcriptionEndpoint } from '../../src/engines/stt/openai-transcription/endpoint.ts';
import {
  parseTranscript,
  spokenOf,
  type Transcript,
} from '../../src/engines/stt/openai-transcription/transcript.ts';
import { whisperLanguage } from '../../src/engines/stt/openai-transcription/whisper-languages.ts';
import { GrowingUtterance } from '../../src/engines/stt/whole/growing-utterance.ts';
import { UtteranceAudio } from '../../src/engines/stt/whole/utterance-audio.ts';
import { parseWav } from '../../src/protocol/wav.ts';

/** Sound of one loudness. */
function sound(lengthMs: number, amplitude: number): Int16Array {
  return new Int16Array(lengthMs * 16).fill(amplitude);
}

describe('transcriptionEndpoint', () => {
  it('adds OpenAI’s path to a bare URL and uses any other as it is', () => {
    const post = (text: string) => transcriptionEndpoint(text).url;
    assert.equal(post('http://a:8000'), 'http://a:8000/v1/audio/transcriptions');
    assert.equal(post('https://api.openai.com/v1'), 'https://api.openai.com/v1/audio/transcriptions');
    assert.equal(post('http://a:8080/inference'), 'http://a:8080/inference');
    assert.equal(post('http://a/x/?k=hush'), 'http://a/x/?k=hush');
  });

  it('looks for health at the root, and shows a URL without its query', () => {
    const endpoint = transcriptionEndpoint('http://a:8080/inference?k=hush');
    assert.equal(endpoint.healthUrl, 'http://a:8080/health');
    assert.equal(endpoint.shown, 'http://a:8080/inference');
  });

  it('refuses what is no URL, or has a password in it, without repeating it', () => {
    for (const text of ['', 'a:8080', 'ws://a', 'http://']) {
      assert.throws(() => transcriptionEndpoint(text), { code: 'bad-option', message: /http or https URL/ });
    }
    assert.throws(
      () => transcriptionEndpoint('http://me:hush@a'),
      (error) =>
        error instanceof Error && /no user or password/.test(error.message) && !/hush/.test(error.message),
    );
  });
});

/** Speech, as it sounds. */
const CLEAR = { lengthMs: 5_000, loudestDb: -20 };

function spokenText(transcript: Transcript): string {
  return spokenOf(transcript, CLEAR).text;
}

describe('what was spoken', () => {
  const said = (texts: readonly string[]) =>
    spokenText({ text: '', segments: texts.map((text) => ({ text })) });

  it('takes both forms of answer', () => {
    assert.equal(spokenText({ text: ' Good\n morning. ' }), 'Good morning.');
    assert.equal(
      spokenText({ text: 'x', segments: [{ text: ' Good' }, { text: ' morning.' }] }),
      'Good morning.',
    );
  });

  it('leaves out what Whisper makes up where nobody speaks, and nothing else', () => {
    const segment = (text: string, no_speech_prob: number, avg_logprob: number) => ({
      text,
      no_speech_prob,
      avg_logprob,
    });
    const segments = [
      segment(' Yes.', 0.59, -1.4),
      segment(' Please.', 0.95, -0.6),
      segment(' Thank you for watching!', 0.6, -1.01),
      segment(' Sous-titres réalisés par la communauté', 0.9, -1.5),
    ];
    assert.equal(spokenText({ text: 'x', segments }), 'Yes. Please.');
  });

  it('leaves out one phrase over and over, a segment each, and says why', () => {
    const segments = Array.from({ length: 9 }, () => ({ text: ' I am going to the store.' }));
    assert.deepEqual(spokenOf({ text: '', segments }, CLEAR), { text: '', madeUp: ['repetition'] });
  });

  it('leaves out notes about sounds', () => {
    for (const note of ['[BLANK_AUDIO]', ' [Music] ', ' (wind blowing)', '♪♪', ' *coughs*', '...', ' - ']) {
      assert.equal(said([note]), '', note);
    }
    assert.equal(said([' [Music]', ' Good (very good) morning.']), 'Good (very good) morning.');
    assert.equal(spokenText({ text: '[BLANK_AUDIO]\n' }), '');
  });

  it('mends words that whisper.cpp broke, and parts segments that a server has trimmed', () => {
    assert.equal(said([' He might have been unforget', 'table.']), 'He might have been unforgettable.');
    assert.equal(said(['Good morning.', 'How are you?']), 'Good morning. How are you?');
    assert.equal(said(['你好。', '再见。']), '你好。再见。');
    assert.equal(said(['สวัสดี', 'ครับ']), 'สวัสดีครับ');
  });

  it('parts trimmed segments by what is written in them, whatever was spoken before', () => {
    const said = ['はい。', 'そうです', 'I would like to', 'cancel my order.', 'お願いします'];
    assert.equal(
      spokenText({ text: '', segments: said.map((text) => ({ text })) }),
      'はい。そうです I would like to cancel my order. お願いします',
    );
  });
});

describe('parseTranscript', () => {
  it('refuses what is none', () => {
    for (const body of [
      '',
      '{"text":',
      '[]',
      '{"text":1}',
      '{"error":"x"}',
      '{"text":"a","segments":[{}]}',
    ]) {
      assert.equal(parseTranscript(body), undefined);
    }
    assert.deepEqual(parseTranscript('{"text":"a","segments":null,"usage":{}}'), {
      text: 'a',
      segments: null,
    });
  });
});

describe('whisperLanguage', () => {
  it('gives Whisper’s own codes, and none for what it does not know', () => {
    assert.deepEqual(['en-GB', 'nb', 'fil', 'yue', 'haw', 'qq'].map(whisperLanguage), [
      'en',
      'no',
      'tl',
      'yue',
      'haw',
      undefined,
    ]);
  });
});

describe('UtteranceAudio', () => {
  it('gives a WAV file of all there is, short ones made up with silence', () => {
    const audio = new UtteranceAudio();
    audio.write(sound(500, 7));
    const short = parseWav(audio.wav());
    assert.equal(short.rateHz, 16_000);
    assert.equal(short.pcm.length, 17_600);
    assert.deepEqual([short.pcm[7_999], short.pcm[8_000]], [7, 0]);
    for (let i = 0; i < 100; i += 1) {
      audio.write(sound(100, i));
    }
    const long = parseWav(audio.wav()).pcm;
    assert.equal(long.length, 10_500 * 16);
    assert.deepEqual([long[0], long[8_000 + 1_600 * 99], long.at(-1)], [7, 99, 99]);
  });

  it('drops the oldest past 28 s and counts it', () => {
    const audio = new UtteranceAudio();
    let droppedMs = 0;
    for (let second = 0; second < 30; second += 1) {
      droppedMs += audio.write(sound(1_000, second));
    }
    droppedMs += audio.write(sound(500, 30));
    assert.equal(droppedMs, 2_500);
    assert.equal(audio.samples, 30_500 * 16);
    const { pcm } = parseWav(audio.wav());
    assert.equal(pcm.length, 28_000 * 16);
    assert.deepEqual([pcm[0], pcm[7_999], pcm[8_000], pcm.at(-1)], [2, 2, 3, 30]);
    assert.equal(audio.write(sound(40_000, 5)), 40_000);
    assert.equal(parseWav(audio.wav()).pcm[0], 5);
  });

  it('knows whether a pause has stayed one', () => {
    const heard = (pause: number, after: number) => {
      const audio = new UtteranceAudio();
      audio.write(sound(1_000, 5_000));
      audio.write(sound(200, pause));
      const noticed = audio.samples;
      audio.write(sound(380, pause));
      audio.write(sound(20, after));
      return audio.quietSince(noticed);
    };
    assert.equal(heard(0, 0), true);
    assert.equal(heard(0, 49), true);
    assert.equal(heard(0, 60), false);
    assert.equal(heard(400, 790), true);
    assert.equal(heard(400, 810), false);
  });
});

describe('GrowingUtterance', () => {
  it('is worth a partial at each second of new audio, and at a pause', () => {
    const utterance = new GrowingUtterance(1);
    utterance.audio.write(sound(980, 5_000));
    assert.equal(utterance.partialDue, false);
    utterance.audio.write(sound(20, 5_000));
    assert.equal(utterance.partialDue, true);
    utterance.asked();
    assert.equal(utterance.partialDue, false);
    utterance.audio.write(sound(80, 0));
    utterance.pause();
    // What was asked 80 ms before the pause was noticed was asked in it.
    assert.equal(utterance.partialDue, false);
    utterance.audio.write(sound(200, 0));
    utterance.pause();
    assert.equal(utterance.partialDue, true);
  });

  it('has its final text when nothing but a pause came after what was asked', () => {
    const paused = (tailMs: number, loudness: number) => {
      const utterance = new GrowingUtterance(1);
      utterance.audio.write(sound(1_000, 5_000));
      utterance.audio.write(sound(200, 0));
      utterance.pause();
      utterance.answered('Good morning.', utterance.asked());
      utterance.audio.write(sound(tailMs, loudness));
      return utterance.finalText;
    };
    assert.equal(paused(0, 0), 'Good morning.');
    assert.equal(paused(400, 0), 'Good morning.');
    assert.equal(paused(400, 5_000), undefined);
    assert.equal(paused(620, 0), undefined);
  });

  it('has no final text when the last answer is from before the pause', () => {
    const utterance = new GrowingUtterance(1);
    utterance.audio.write(sound(1_000, 5_000));
    utterance.answered('Good', utterance.asked());
    utterance.audio.write(sound(110, 0));
    utterance.pause();
    assert.equal(utterance.finalText, undefined);
  });

  it('says nothing in less than 100 ms', () => {
    const utterance = new GrowingUtterance(1);
    utterance.audio.write(sound(99, 5_000));
    utterance.pause();
    assert.equal(utterance.partialDue, false);
    assert.equal(utterance.finalText, '');
  });
});
