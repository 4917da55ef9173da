import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callInForm } from '../../../../src/server/http/api/form-call.ts';

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
