import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOurVoice, onlyListening, type SaidSoFar } from '../../../src/interpret/hearing/leave-alone.ts';

const said: SaidSoFar = {
  language: 'en',
  text: 'Yeah.',
  overlapping: true,
  echoShare: 0.9,
  lengthMs: 600,
  final: true,
};

describe('what only shows that its speaker listens', () => {
  const told = ['we close at six.'];

  it('is short, said into what the speaker is told, and known for good', () => {
    assert.equal(onlyListening(said, told), 'yes');
    assert.equal(onlyListening({ ...said, overlapping: false }, told), 'no');
    assert.equal(onlyListening({ ...said, lengthMs: 901 }, told), 'no');
    assert.equal(onlyListening({ ...said, lengthMs: 900 }, told), 'yes');
    assert.equal(onlyListening({ ...said, text: 'Yeah, but I come later.' }, told), 'no');
    assert.equal(onlyListening({ ...said, text: '' }, told), 'no');
  });

  it('may be more while it goes on, and until its text is final', () => {
    assert.equal(onlyListening({ ...said, lengthMs: undefined, final: false }, told), 'perhaps');
    assert.equal(onlyListening({ ...said, final: false }, told), 'perhaps');
    assert.equal(onlyListening({ ...said, lengthMs: 901, final: false }, told), 'no');
  });

  it('is an answer after a question', () => {
    assert.equal(onlyListening(said, ['shall we meet?']), 'no');
  });
});

describe('our own voice come back', () => {
  const told = ['your appointment is on Tuesday at four.'];
  const text = 'appointment is on Tuesday at for';

  it('is what the speaker is being told, said meanwhile', () => {
    assert.equal(isOurVoice(text, said, told), 'yes');
    assert.equal(isOurVoice(text, { ...said, overlapping: false }, told), 'no');
    assert.equal(isOurVoice('I would rather come on Friday', said, told), 'no');
    assert.equal(isOurVoice(text, said, []), 'no');
  });

  it('has the sound of an echo, whatever its words are', () => {
    assert.equal(isOurVoice(text, { ...said, echoShare: 0.4 }, told), 'yes');
    assert.equal(isOurVoice(text, { ...said, echoShare: 0.39 }, told), 'no');
    assert.equal(isOurVoice(told.join(' '), { ...said, echoShare: 0 }, told), 'no');
  });

  it('is no answer when its sound is plainly an echo, though its words may be one', () => {
    const question = ['Shall we say Tuesday at four then?'];
    const answer = 'Tuesday at four then';
    assert.equal(isOurVoice(answer, { ...said, echoShare: 0.5 }, question), 'no');
    assert.equal(isOurVoice(answer, { ...said, echoShare: 0.6 }, question), 'yes');
  });

  it('may be one until the sound is known, if the words are, and is none when it never will be', () => {
    const open = { ...said, echoShare: undefined, final: false };
    assert.equal(isOurVoice(text, open, told), 'perhaps');
    assert.equal(isOurVoice('I would rather come on Friday', open, told), 'no');
    assert.equal(isOurVoice(text, { ...open, final: true }, told), 'no');
  });

  it('is told by words where there are no blanks', () => {
    const zh = { ...said, language: 'zh' };
    const question = ['您的预约是星期二下午四点。'];
    assert.equal(isOurVoice('预约是星期二下午四点', zh, question), 'yes');
    assert.equal(isOurVoice('我星期五下午来', zh, question), 'no');
    assert.equal(isOurVoice('预约是星期二下午四点', { ...zh, echoShare: 0.2 }, question), 'no');
  });
});
