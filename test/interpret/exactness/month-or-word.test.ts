import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareValues } from '../../../src/interpret/exactness/compare-values.ts';

const CASES = [
  {
    source: 'The table in version 3 may be wrong.',
    target: 'La tabla en la versión 3 puede fallar.',
    is: 'same',
  },
  { source: 'all 12 march home', target: 'los 12 marchan a casa', is: 'same' },
  { source: 'we meet on 3 may', target: 'nos vemos el 3 de mayo', is: 'same' },
  {
    source: 'The table in version 3 may be wrong.',
    target: 'La tabla en la versión 4 puede fallar.',
    is: 'another',
  },
  { source: 'we meet on 3 may', target: 'nos vemos el 3 de junio', is: 'another' },
  { source: 'We meet on 3 May.', target: 'Nos vemos a las 3.', is: 'another' },
  { source: 'We left in May 2024.', target: 'Nos fuimos en junio de 2024.', is: 'another' },
];

describe('a number beside a month whose name is a word too', () => {
  for (const { source, target, is } of CASES) {
    it(`"${source}" as "${target}": ${is}`, () => {
      assert.equal(compareValues(source, 'en', target, 'es').outcome, is);
    });
  }
});
