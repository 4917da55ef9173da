import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../src/interpret/conversation.ts';

describe('Conversation', () => {
  it('gives each party the latest lines in its language, in the order they fell', () => {
    const conversation = new Conversation();
    const [english, spanish] = [conversation.of('en'), conversation.of('es')];
    english.said('good morning');
    spanish.told('buenos días');
    spanish.said('hola');
    english.told('hello');
    english.said('how are you');
    assert.deepEqual(english.context(2), ['hello', 'how are you']);
    assert.deepEqual(english.context(9), ['good morning', 'hello', 'how are you']);
    assert.deepEqual(spanish.context(9), ['buenos días', 'hola']);
    assert.deepEqual(english.heard(), ['hello']);
  });

  it('forgets what is long past, and who has left for good', () => {
    const conversation = new Conversation();
    const lines = conversation.of('en');
    for (let i = 0; i < 100; i += 1) {
      lines.said(`line ${i}`);
    }
    lines.told('hola');
    assert.equal(lines.context(100).length, 9);
    assert.deepEqual(lines.context(2), ['line 99', 'hola']);
    conversation.forget('en');
    const next = conversation.of('en');
    // What the one before says yet is not what the next has said.
    lines.said('goodbye');
    assert.deepEqual([next.context(100), next.heard()], [[], []]);
  });
});
