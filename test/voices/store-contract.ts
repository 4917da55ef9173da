/** What every store of profiles does, whatever it keeps them in. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { messageOf } from '../../src/base/errors.ts';
import { type FoundProfile, type StoredProfile, storedOf } from '../../src/voices/profile.ts';
import { MOST_UNDER_WAY, type ProfileStore } from '../../src/voices/store/profile-store.ts';
import { never } from '../support/waiting.ts';
import { someProfile } from './some-profile.ts';

/** @param open a store that holds nothing; whoever runs the suite closes it. */
export function itKeepsProfiles(open: () => Promise<ProfileStore>): void {
  let shared: Promise<ProfileStore> | undefined;
  // One for all, emptied: a store may be a process.
  const fresh = async (): Promise<ProfileStore> => {
    shared ??= open();
    const store = await shared;
    for (const { speaker, version } of await store.list('', 1_000, never())) {
      await store.remove(speaker, version, never());
    }
    return store;
  };

  it('finds what was written, to the last number of its vectors', async () => {
    const store = await fresh();
    const ana = storedOf(someProfile());
    assert.equal(await store.find('ana', never()), undefined);
    assert.equal(await store.write(ana, undefined, [], never()), true);
    assert.deepEqual(await foundIn(store), foundOf(ana));
    assert.equal(await store.find('Ana', never()), undefined);
  });

  it('keeps a profile without vectors', async () => {
    const store = await fresh();
    const bare: StoredProfile = { ...storedOf(someProfile()), identity: undefined, style: undefined };
    await store.write(bare, undefined, [], never());
    assert.deepEqual(await foundIn(store), foundOf(bare));
  });

  it('lists ids in order, a page at a time', async () => {
    const store = await fresh();
    for (const speaker of ['carla', 'Berta', 'ana', 'dora']) {
      await store.write(storedOf(someProfile({ speaker })), undefined, [], never());
    }
    const first = await store.list('', 2, never());
    assert.deepEqual(
      first.map(({ speaker }) => speaker),
      ['Berta', 'ana'],
    );
    const rest = await store.list('ana', 10, never());
    assert.deepEqual(
      rest.map(({ speaker }) => speaker),
      ['carla', 'dora'],
    );
  });

  it('changes only the version that is named', async () => {
    const store = await fresh();
    const first = storedOf(someProfile());
    const second = storedOf(someProfile({ version: 2, name: 'Ana' }));
    assert.equal(await store.write(second, 1, [], never()), false, 'there is none yet');
    await store.write(first, undefined, [], never());
    assert.equal(await store.write(second, undefined, [], never()), false, 'there is one already');
    assert.equal(await store.write(second, 2, [], never()), false, 'it is another version');
    assert.deepEqual(await foundIn(store), foundOf(first));
    assert.equal(await store.write(second, 1, [], never()), true);
    assert.deepEqual(await foundIn(store), foundOf(second));
  });

  it('lets one of two win who change the same version at once', async () => {
    const store = await fresh();
    await store.write(storedOf(someProfile()), undefined, [], never());
    const changes = ['x', 'y'].map((name) =>
      store.write(storedOf(someProfile({ version: 2, name })), 1, [], never()),
    );
    assert.deepEqual((await Promise.all(changes)).sort(), [false, true]);
  });

  it('removes only the version that is named', async () => {
    const store = await fresh();
    await store.write(storedOf(someProfile()), undefined, [], never());
    assert.equal(await store.remove('ana', 2, never()), false);
    assert.equal(await store.remove('ben', 1, never()), false);
    assert.equal(await store.remove('ana', 1, never()), true);
    assert.equal(await store.find('ana', never()), undefined);
  });

  it('keeps files beside a profile for as long as it names them', async () => {
    const store = await fresh();
    const file = (name: string, byte: number) => ({ name, bytes: new Uint8Array(300_000).fill(byte) });
    const read = async (name: string) => (await store.readFile('ana', name, never()))?.slice(0, 2);
    const naming = (version: number, files: readonly string[]): StoredProfile => ({
      ...storedOf(someProfile({ version })),
      files,
    });
    await store.write(naming(1, ['a', 'b']), undefined, [file('a', 1), file('b', 2)], never());
    assert.deepEqual([await read('a'), await read('b')].map(bytes), [
      Uint8Array.of(1, 1),
      Uint8Array.of(2, 2),
    ]);
    assert.equal(await store.readFile('ben', 'a', never()), undefined);
    assert.equal(await store.write(naming(3, ['c']), 2, [file('c', 3)], never()), false, 'another version');
    assert.deepEqual([bytes(await read('a')), await read('c')], [Uint8Array.of(1, 1), undefined]);
    await store.write(naming(2, ['b', 'c']), 1, [file('c', 3)], never());
    assert.equal(await read('a'), undefined);
    assert.deepEqual([await read('b'), await read('c')].map(bytes), [
      Uint8Array.of(2, 2),
      Uint8Array.of(3, 3),
    ]);
    await store.remove('ana', 2, never());
    assert.deepEqual([await read('b'), await read('c')], [undefined, undefined]);
  });

  it('does nothing for who has given up', async () => {
    const store = await fresh();
    const reason = new Error('given up');
    await assert.rejects(store.find('ana', AbortSignal.abort(reason)), reason);
    const giving = new AbortController();
    const asked = store.find('ana', giving.signal);
    giving.abort(reason);
    await assert.rejects(asked, reason);
  });

  it('refuses what is too much at once, and goes on', async () => {
    // Of its own: what others have given up may still be under way in the shared one, and counts.
    const store = await open();
    const asked = Array.from({ length: MOST_UNDER_WAY + 10 }, () => store.find('ana', never()));
    const results = await Promise.allSettled(asked);
    // A connection that takes too long on a busy machine is another refusal.
    const refused = results.filter(
      (each) => each.status === 'rejected' && /too much is asked/.test(messageOf(each.reason)),
    );
    assert.equal(refused.length, 10);
    assert.equal(await store.find('ana', never()), undefined);
  });

  it('refuses after it was closed', async () => {
    const store = await open();
    await store.close();
    await store.close();
    await assert.rejects(store.find('ana', never()), { code: 'store-failed' });
  });
}

/** What is to be found of what was written. */
function foundOf({ files: _, ...found }: StoredProfile): FoundProfile {
  return found;
}

/** Its profile of Ana, with vectors as plain bytes: what comes from a database is a `Buffer`. */
async function foundIn(store: ProfileStore): Promise<FoundProfile | undefined> {
  const found = await store.find('ana', never());
  return found === undefined
    ? undefined
    : { ...found, identity: bytes(found.identity), style: bytes(found.style) };
}

function bytes(buffer: Uint8Array | undefined): Uint8Array | undefined {
  return buffer === undefined ? undefined : Uint8Array.from(buffer);
}
