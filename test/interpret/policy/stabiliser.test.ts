import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stabiliser, UNCHANGED_MS } from '../../../src/interpret/policy/stabiliser.ts';
import { textOf } from '../../../src/interpret/policy/tokens.ts';

/** What is stable, then a bar, then the rest. */
function shown(stabiliser: Stabiliser): string {
  const { tokens, stable } = stabiliser.transcript;
  return `${textOf(tokens.slice(0, stable))}|${textOf(tokens.slice(stable))}`;
}

describe('Stabiliser', () => {
  it('believes nothing that was heard once', () => {
    const heard = new Stabiliser('en');
    heard.partial('good morning', 0);
    assert.equal(shown(heard), '|good morning');
  });

  it('believes what two hearings in a row agree on, but not the last word', () => {
    const heard = new Stabiliser('en');
    heard.partial('good morning', 0);
    heard.partial('good morning my', 250);
    assert.equal(shown(heard), 'good morning|my');
    heard.partial('good morning my dear', 500);
    assert.equal(shown(heard), 'good morning my|dear');
  });

  it('does not believe a word that the next hearing changes', () => {
    const heard = new Stabiliser('en');
    heard.partial('good mourning', 0);
    heard.partial('good morning my', 250);
    assert.equal(shown(heard), 'good|morning my');
  });

  it('believes a hearing that is repeated as a whole', () => {
    const heard = new Stabiliser('en');
    heard.partial('good morning', 0);
    heard.partial('Good morning.', 250);
    assert.equal(shown(heard), 'Good morning.|');
  });

  it('believes what stays unchanged for long enough', () => {
    const heard = new Stabiliser('en');
    heard.partial('good morning', 1_000);
    assert.equal(heard.settlesMs, 1_000 + UNCHANGED_MS);
    heard.settle(999 + UNCHANGED_MS);
    assert.equal(shown(heard), '|good morning');
    heard.settle(1_000 + UNCHANGED_MS);
    assert.equal(shown(heard), 'good morning|');
    assert.equal(heard.settlesMs, undefined);
  });

  it('believes the engine, with what was heard beyond it', () => {
    const heard = new Stabiliser('en');
    heard.partial('good morning my', 0);
    heard.stable('Good morning', 100);
    assert.equal(shown(heard), 'Good morning|my');
  });

  it('takes what the engine calls stable though it was heard otherwise', () => {
    const heard = new Stabiliser('en');
    heard.partial('good mourning', 0);
    heard.stable('good morning my dear', 100);
    assert.equal(shown(heard), 'good morning my dear|');
  });

  it('never believes less than before', () => {
    const heard = new Stabiliser('en');
    heard.stable('one two three', 0);
    heard.partial('one two three four', 100);
    heard.partial('one', 200);
    assert.equal(heard.transcript.stable, 1, 'there is no more');
    heard.partial('one two three four', 300);
    assert.ok(heard.transcript.stable >= 1);
  });

  it('is done with the final text, whatever comes after', () => {
    const heard = new Stabiliser('en');
    heard.partial('good', 0);
    heard.final('Good morning.');
    heard.partial('bad', 10);
    heard.stable('bad', 10);
    assert.equal(shown(heard), 'Good morning.|');
    assert.equal(heard.transcript.final, true);
  });
});
