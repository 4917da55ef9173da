import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../../src/base/secret.ts';

describe('a secret', () => {
  const secret = new Secret('s3cret-key');

  it('is there for the wire', () => {
    assert.equal(secret.reveal(), 's3cret-key');
  });

  it('shows itself to nobody else', () => {
    const shown = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret),
      Object.values(secret).join(),
    ].join(' ');
    assert.doesNotMatch(shown, /s3cret/);
    assert.match(shown, /\[secret\]/);
  });
});
