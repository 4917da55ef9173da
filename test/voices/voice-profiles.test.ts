import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import type { KeptRendering } from '../../src/voices/profile.ts';
import { VoiceLibrary } from '../../src/voices/voice-library.ts';
import { VoiceProfiles } from '../../src/voices/voice-profiles.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { never } from '../support/waiting.ts';
import { ScriptedCloner } from './scripted-cloner.ts';
import { ScriptedStore } from './scripted-store.ts';
import { someProfile } from './some-profile.ts';

async function open(test: TestContext) {
  const cloud = new ScriptedCloner('elevenlabs');
  const { ref } = await cloud.clone({
    ...{ name: 'x', wav: new Uint8Array(1), language: 'es', consent: { by: 'Ana', how: 'form' } },
  });
  const made: KeptRendering = { engine: 'elevenlabs', ref, state: 'ready', made: true };
  const written: KeptRendering = { engine: 'openai-speech', ref: 'nova', state: 'ready', made: false };
  const store = new ScriptedStore(someProfile({ renderings: [made, written] }));
  const clock = new FakeClock();
  const library = new VoiceLibrary({ store, clock, log: silentLog });
  test.after(() => library.close());
  const profiles = new VoiceProfiles({ library, cloners: () => [cloud], clock, log: silentLog });
  return { cloud, store, library, profiles, clock };
}

describe('a profile that is deleted', () => {
  it('is gone here and at the provider that made its voice', async (test) => {
    const { cloud, library, profiles } = await open(test);
    assert.deepEqual(await profiles.delete('ana', 1, false, never()), { type: 'deleted' });
    assert.equal(cloud.voices.size, 0);
    assert.equal(await library.find('ana', never()), undefined);
    assert.deepEqual(await profiles.delete('ana', undefined, false, never()), { type: 'absent' });
  });

  it('is used by nobody from the moment at which a provider fails to delete it, and is deleted when asked again', async (test) => {
    const { cloud, library, profiles } = await open(test);
    cloud.refusal = 'elevenlabs: not now';
    const left = await profiles.delete('ana', undefined, false, never());
    assert.deepEqual(left, { type: 'left', engines: [{ engine: 'elevenlabs', why: 'elevenlabs: not now' }] });
    const kept = await library.find('ana', never());
    assert.deepEqual([kept?.leaving, kept?.renderings.length], [true, 1]);
    assert.equal(library.spoken('@ana', 'es', undefined), undefined);
    cloud.refusal = undefined;
    assert.deepEqual(await profiles.delete('ana', undefined, false, never()), { type: 'deleted' });
    assert.equal(cloud.voices.size, 0);
  });

  it('keeps in mind a voice that was noted while others were being deleted', async (test) => {
    const { cloud, library, profiles } = await open(test);
    const stale: KeptRendering = { engine: 'elevenlabs', ref: 'made-meanwhile', state: 'stale', made: true };
    const deleted = cloud.delete.bind(cloud);
    cloud.delete = async (ref) => {
      await profiles.rewrite(
        'ana',
        undefined,
        ({ renderings }) => ({ renderings: [...renderings, stale] }),
        [],
        never(),
      );
      await deleted(ref);
    };
    cloud.refusal = 'elevenlabs: not now';
    assert.equal((await profiles.delete('ana', undefined, false, never())).type, 'left');
    const kept = await library.find('ana', never());
    assert.deepEqual(
      kept?.renderings.map(({ ref }) => ref),
      ['elevenlabs-1', 'made-meanwhile'],
    );
  });

  it('is not said to be gone while its provider still has it', async (test) => {
    const { cloud, profiles, library } = await open(test);
    cloud.clings = true;
    const left = await profiles.delete('ana', undefined, false, never());
    assert.equal(left.type, 'left');
    assert.deepEqual(
      await profiles.delete('ana', undefined, true, never()),
      { type: 'deleted' },
      'forgotten',
    );
    assert.equal(await library.find('ana', never()), undefined);
  });

  it('stays as it is when another version was meant', async (test) => {
    const { cloud, profiles, library } = await open(test);
    assert.deepEqual(await profiles.delete('ana', 7, false, never()), { type: 'other-version', version: 1 });
    assert.equal(cloud.voices.size, 1);
    assert.equal((await library.find('ana', never()))?.leaving, false);
  });
});

describe('a profile that is changed', () => {
  it('is the next version, with nothing of it lost', async (test) => {
    const { profiles, library, clock } = await open(test);
    const before = await library.find('ana', never());
    await clock.advance(5_000);
    const changed = await profiles.change('ana', 1, { name: 'Ana R.', consent: undefined }, never());
    assert.ok(changed.type === 'changed');
    const { consent: _, ...rest } = before ?? someProfile();
    const updatedAt = clock.wallTime().toISOString();
    assert.deepEqual(changed.profile, { ...rest, name: 'Ana R.', version: 2, updatedAt });
    assert.deepEqual(await profiles.change('ana', 1, { name: 'x' }, never()), {
      ...{ type: 'other-version', version: 2 },
    });
    assert.deepEqual(await profiles.change('ben', 1, {}, never()), { type: 'absent' });
  });

  it('has what both of two have changed at once', async (test) => {
    const { profiles, library } = await open(test);
    await Promise.all([
      profiles.change('ana', undefined, { name: 'Ana R.' }, never()),
      profiles.change('ana', undefined, { defaults: { speed: 0.9 } }, never()),
    ]);
    const { name, defaults, version } = (await library.find('ana', never())) ?? {};
    assert.deepEqual([name, defaults, version], ['Ana R.', { speed: 0.9 }, 3]);
  });

  it('is made once', async (test) => {
    const { profiles } = await open(test);
    assert.equal(await profiles.create('ana', {}, never()), undefined);
    assert.equal((await profiles.create('ben', { name: 'Ben' }, never()))?.version, 1);
  });
});
