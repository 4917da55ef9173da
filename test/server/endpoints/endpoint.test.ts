import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import {
  assertRendered,
  changed,
  type EndpointWish,
  endpointOf,
} from '../../../src/server/endpoints/endpoint.ts';
import { EndpointRefusal } from '../../../src/server/endpoints/endpoint-refusal.ts';
import { assertStrong, digestOf, makePassword } from '../../../src/server/endpoints/sip-password.ts';

const ALICE = { name: 'alice', language: 'en' };

describe('an endpoint', () => {
  it('is what is written, and else as usual', () => {
    assert.deepEqual(endpointOf({ ...ALICE, language: 'pt_br' }), {
      ...{ name: 'alice', language: 'pt-BR', voice: undefined, context: 'phones' },
      ...{ codecs: ['g722', 'alaw', 'ulaw'], encrypted: false, transport: undefined },
    });
    assert.equal(endpointOf({ ...ALICE, encrypted: true }).transport, 'dragoman-tls');
    assert.equal(endpointOf({ ...ALICE, encrypted: true, transport: 'mine' }).transport, 'mine');
    assert.equal(endpointOf({ ...ALICE, voice: 'es-ES-ElviraNeural' }).voice, 'es-ES-ElviraNeural');
  });

  for (const [what, wish, said] of [
    ['a name with a capital', { name: 'Alice' }, /the name of a phone begins/],
    ['no name', { name: '' }, /the name of a phone begins/],
    ['a name that ends a section', { name: 'a]b' }, /the name of a phone begins/],
    ['a name that breaks the line', { name: 'a\nb' }, /the name of a phone begins/],
    ['a name that ends with a line', { name: 'a\n' }, /the name of a phone begins/],
    ['a name that begins a comment', { name: 'a;b' }, /the name of a phone begins/],
    ['a name too long', { name: 'a'.repeat(41) }, /40 at most/],
    ['the name of those who have none', { name: 'anonymous' }, /means something else/],
    ['the name of the general section', { name: 'global' }, /means something else/],
    ['a name of ours', { name: 'dragoman-tls' }, /means something else/],
    ['what is no language', { language: 'en;x' }, /is not a language/],
    ['a voice with a comment', { voice: 'a;b' }, /the voice has/],
    ['a voice with a row', { voice: 'a\ntype=identify' }, /the voice has/],
    ['a voice that the dialplan would read', { voice: 'a$(SHELL)' }, /the voice has/],
    ['a context with a section', { context: 'a]\n[b' }, /the context is/],
    ['no codecs', { codecs: [] }, /codecs are/],
    ['a codec that is a row', { codecs: ['g722\nx'] }, /codecs are/],
    ['a transport with a blank', { transport: 'a b' }, /the transport is/],
  ] as const satisfies readonly (readonly [string, Partial<EndpointWish>, RegExp])[]) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => endpointOf({ ...ALICE, ...wish }),
        (error) =>
          error instanceof EndpointRefusal && error.reason === 'bad-endpoint' && said.test(error.message),
      );
    });
  }

  it('changes in what is written, and its transport with its encryption', () => {
    const alice = endpointOf({ ...ALICE, voice: 'nova', encrypted: true });
    assert.deepEqual(changed(alice, { language: 'fr' }), { ...alice, language: 'fr' });
    assert.deepEqual(changed(alice, { voice: null }), { ...alice, voice: undefined });
    assert.deepEqual(changed(alice, { encrypted: false }), {
      ...alice,
      encrypted: false,
      transport: undefined,
    });
    const mine = endpointOf({ ...ALICE, transport: 'mine' });
    assert.equal(changed(mine, { encrypted: true }).transport, 'mine');
    assert.equal(changed(mine, { transport: null }).transport, undefined);
    assert.throws(() => changed(alice, { voice: 'a;b' }), /the voice has/);
  });

  it('is refused in a language that nobody renders, where that is known', () => {
    assertRendered('en', ['en', 'es']);
    assertRendered('fr', []);
    assertRendered(undefined, ['en']);
    assert.throws(() => assertRendered('fr', ['en', 'es']), /only for en, es/);
  });
});

describe('a password', () => {
  it('is made of 20 letters, and another each time', () => {
    const made = Array.from({ length: 50 }, () => makePassword().reveal());
    assert.equal(new Set(made).size, 50);
    for (const password of made) {
      assert.match(password, /^[a-km-zA-HJ-NP-Z2-9]{20}$/);
      // Whatever the phone is called.
      assertStrong(new Secret(password), 'a');
    }
  });

  it('is compared with by what RFC 7616 says', () => {
    const said = createHash('md5').update('alice:asterisk:correct-Horse-9').digest('hex');
    assert.equal(digestOf('alice', 'asterisk', new Secret('correct-Horse-9')), said);
    assert.throws(() => digestOf('alice', 'a\nb', new Secret('correct-Horse-9')), /the realm has/);
  });

  for (const [what, password] of [
    ['short', 'aB3$efgh9z'],
    ['of one letter', 'aaaaaaaaaaaaaaaa'],
    ['made of the name', 'Alice-alice-alice-1'],
    ['too long for a phone', 'abcdefghij'.repeat(7)],
    ['with a space', 'correct horse battery'],
    ['with a quote', 'correct"horse9battery'],
    ['with a line end', 'correct-horse-battery\n'],
    ['not ASCII', 'corréct-hörse-battery'],
  ] as const) {
    it(`is refused when it is ${what}, and is not quoted`, () => {
      assert.throws(
        () => assertStrong(new Secret(password), 'alice'),
        (error) => error instanceof EndpointRefusal && !error.message.includes(password.trim()),
      );
    });
  }
});
