import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSpeakerId, profileOf, storedOf } from '../../src/voices/profile.ts';
import { someProfile, someVector } from './some-profile.ts';

const stored = storedOf(someProfile());
const unreadable = { code: 'profile-unreadable' };

describe('a stored voice profile', () => {
  it('is read as it was written, vectors of any length included', () => {
    for (const count of [1, 192, 256, 512]) {
      const profile = someProfile({
        identity: { model: 'm', band: '16k', soundMs: 1, vector: someVector(count, 3) },
      });
      assert.deepEqual(profileOf(storedOf(profile)), profile);
    }
    const { identity: _, styleVector: __, consent: ___, reference: ____, ...bare } = someProfile();
    assert.deepEqual(profileOf(storedOf(bare)), bare);
  });

  it('keeps vectors as 32-bit floats beside the text', () => {
    assert.equal(stored.identity?.length, 1_024);
    assert.equal(stored.style?.length, 256);
    assert.doesNotMatch(stored.facts, /vector/);
  });

  it('shares no memory with what it was made of', () => {
    const profile = someProfile();
    const kept = storedOf(profile);
    profile.identity?.vector.fill(0);
    assert.deepEqual(kept.identity, stored.identity);
  });

  it('is refused with the place where it is wrong', () => {
    const consentless = stored.facts.replace('"by":"Ana Ruiz",', '');
    assert.throws(() => profileOf({ ...stored, facts: consentless }), {
      ...unreadable,
      message: /^a voice profile cannot be read: consent\.by: /,
    });
    assert.throws(() => profileOf({ ...stored, facts: '{' }), unreadable);
    assert.throws(() => profileOf({ ...stored, facts: stored.facts.replace('{', '{"more":1,') }), unreadable);
  });

  it('is refused when it is not what its row says', () => {
    assert.throws(() => profileOf({ ...stored, speaker: 'ben' }), unreadable);
    assert.throws(() => profileOf({ ...stored, version: 2 }), unreadable);
  });

  it('is refused with half an identity, and with what is no vector', () => {
    assert.throws(() => profileOf({ ...stored, identity: undefined }), unreadable);
    assert.throws(() => profileOf({ ...stored, identity: new Uint8Array(0) }), unreadable);
    assert.throws(() => profileOf({ ...stored, identity: new Uint8Array(5) }), unreadable);
    assert.throws(() => profileOf({ ...stored, identity: new Uint8Array(4_100 * 4) }), unreadable);
    const notNumbers = new Uint8Array(Float32Array.of(1, Number.NaN).buffer);
    assert.throws(() => profileOf({ ...stored, style: notNumbers }), unreadable);
  });
});

describe('the id of a speaker', () => {
  it('begins with a letter, so no telephone number is one', () => {
    for (const id of ['ana', 'Ana.Ruiz_2', 'x', 'a'.repeat(64)]) {
      assert.ok(isSpeakerId(id), id);
    }
    for (const id of ['', '600123123', '+34600', 'a b', 'a/b', '../a', 'a'.repeat(65), 'ñandú']) {
      assert.ok(!isSpeakerId(id), id);
    }
  });
});
