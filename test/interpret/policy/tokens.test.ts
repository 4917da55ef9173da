import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sharedPrefix, textOf, tokensOf } from '../../../src/interpret/policy/tokens.ts';

describe('tokens', () => {
  const cases = [
    { text: 'Hello, world.', language: 'en', words: 'hello|world', marks: 'clause|sentence' },
    { text: '¿Qué tal?', language: 'es', words: 'qué|tal', marks: 'none|sentence' },
    { text: "don't stop", language: 'en', words: 'dont|stop', marks: 'none|none' },
    {
      text: 'she said "go." then',
      language: 'en',
      words: 'she|said|go|then',
      marks: 'none|none|sentence|none',
    },
    { text: '你好，世界。', language: 'zh', words: '你好|世界', marks: 'clause|sentence' },
    { text: ' \n ', language: 'en', words: '', marks: '' },
  ];
  for (const { text, language, words, marks } of cases) {
    it(`of ${JSON.stringify(text)} are its words with their marks`, () => {
      const tokens = tokensOf(text, language);
      assert.equal(tokens.map((token) => token.word).join('|'), words);
      assert.equal(tokens.map((token) => token.mark).join('|'), marks);
    });
  }

  it('become the text again, as the language is written', () => {
    assert.equal(textOf(tokensOf('good  morning, all', 'en')), 'good morning, all');
    assert.equal(textOf(tokensOf('おはよう。 元気', 'ja')), 'おはよう。元気');
  });

  it('are the same whatever their marks and capitals', () => {
    assert.equal(sharedPrefix(tokensOf('Good morning all', 'en'), tokensOf('good morning, tall', 'en')), 2);
    assert.equal(sharedPrefix([], tokensOf('a', 'en')), 0);
  });
});
