import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../../src/interpret/conversation.ts';
import { isEcho } from '../../../src/interpret/policy/echo-text.ts';
import { isListening } from '../../../src/interpret/policy/listener-sounds.ts';

describe('a sign of listening', () => {
  const cases = [
    { text: 'uh-huh', language: 'en', told: 'we close at six.', listening: true },
    { text: 'Yes, okay.', language: 'en', told: 'we close at six.', listening: true },
    { text: "D'accord.", language: 'fr', told: 'nous fermons.', listening: true },
    { text: 'yes', language: 'en', told: 'shall we meet?', listening: false },
    { text: 'yes please do', language: 'en', told: 'we close.', listening: false },
    { text: 'tomorrow', language: 'en', told: 'we close.', listening: false },
    { text: 'yes', language: 'qq', told: '', listening: false },
    { text: '', language: 'en', told: '', listening: false },
  ];
  for (const { text, language, told, listening } of cases) {
    it(`${listening ? 'is' : 'is not'} "${text}" in ${language} after "${told}"`, () => {
      assert.equal(isListening(text, language, told), listening);
    });
  }
});

describe('an echo', () => {
  const told = ['Your appointment is on Tuesday at four.', 'Please bring your passport.'];
  const cases = [
    { text: 'appointment is on Tuesday at for', echo: true },
    { text: 'please bring your passport', echo: true },
    { text: 'four please bring', echo: true },
    { text: 'on Wednesday at five then', echo: false },
    { text: 'Tuesday at', echo: false },
    { text: 'is your passport on at Tuesday', echo: false },
  ];
  for (const { text, echo } of cases) {
    it(`${echo ? 'is' : 'is not'} "${text}"`, () => {
      assert.equal(isEcho(text, told, 'en'), echo);
    });
  }
});

describe('Conversation', () => {
  it("gives each side the latest lines in its speaker's language, in the order they fell", () => {
    const conversation = new Conversation();
    const [english, spanish] = [conversation.side(0, 1), conversation.side(1, 0)];
    english.said('good morning');
    english.spoken('buenos días');
    spanish.said('hola');
    spanish.spoken('hello');
    english.said('how are you');
    assert.deepEqual(english.context(2), ['hello', 'how are you']);
    assert.deepEqual(english.context(9), ['good morning', 'hello', 'how are you']);
    assert.deepEqual(spanish.context(9), ['buenos días', 'hola']);
    assert.deepEqual(english.heardBySpeaker(), ['hello']);
  });

  it('forgets what is long past', () => {
    const side = new Conversation().side(0, 1);
    for (let i = 0; i < 100; i += 1) {
      side.said(`line ${i}`);
    }
    assert.equal(side.context(100).length, 8);
    assert.equal(side.context(1)[0], 'line 99');
  });
});
