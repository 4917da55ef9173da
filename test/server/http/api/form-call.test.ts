import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerOf, callInForm } from '../../../../src/server/http/api/form-call.ts';

describe('a call written as a form', () => {
  it('says what JSON would', () => {
    assert.deepEqual(
      callInForm(
        new URLSearchParams('first=en&second=es&second_name=Ana&announce=off&ttlSeconds=60&meta_desk=7'),
      ),
      {
        parties: [{ language: 'en' }, { language: 'es', name: 'Ana' }],
        announce: false,
        ttlSeconds: 60,
        metadata: { desk: '7' },
      },
    );
  });

  it('says of a party what is on or off, and hands on what is neither', () => {
    const refuses = (text: string): unknown => {
      const { parties } = callInForm([
        ['first', 'en'],
        ['second', 'es'],
        ['second_refusesRecording', text],
      ]);
      return Object(parties)[1].refusesRecording;
    };
    assert.deepEqual(['on', 'off', 'perhaps'].map(refuses), [true, false, 'perhaps']);
  });

  it('changes nothing but itself, whatever its fields are called', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'first___proto__', 'meta___proto__']) {
      const { parties } = callInForm(new URLSearchParams(`first=en&second=es&${name}=fr`));
      assert.deepEqual(parties, [{ language: 'en' }, { language: 'es' }], name);
      const everything: object = {};
      assert.equal('language' in everything, false, `${name} is in every object of the process`);
    }
  });

  it('hands on what it does not know, to be refused', () => {
    assert.equal(Object.hasOwn(callInForm([['constructor', 'fr']]), 'constructor'), true);
  });
});

describe('answerOf', () => {
  it('has a word for each thing that a dialplan takes, and none for what is not there', () => {
    const parties = [{ uuid: 'one' }, { uuid: 'two' }];
    assert.deepEqual(answerOf({ call: 'c', parties, server: '10.0.0.1:5050' }), {
      ...{ call: 'c', first: 'one', second: 'two', server: '10.0.0.1:5050' },
    });
    assert.deepEqual(answerOf({ call: 'c', parties: [] }), { call: 'c' });
  });
});
