import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { NAMED_VOICES } from '../../src/voices/speaker-voices.ts';
import { VoiceLibrary } from '../../src/voices/voice-library.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { KeptLog } from '../call/scripted-legs.ts';
import { never } from '../support/waiting.ts';
import { ScriptedStore } from './scripted-store.ts';
import { someProfile } from './some-profile.ts';

const RENDERED = { engine: 'elevenlabs', ref: 'voice-of-ana', isOwn: true };
const DEFAULTS = { speed: 1.1, pitchSt: -1, emotion: 'calm' };

function open(test: TestContext, store: ScriptedStore) {
  const clock = new FakeClock(new Date('2026-11-02T00:00:00.000Z'));
  const log = new KeptLog();
  const library = new VoiceLibrary({ store, clock, log });
  test.after(() => library.close());
  return { clock, log, library, lookUps: () => Object.fromEntries(library.counts.voiceLookUps.entries()) };
}

describe('a book of voices', () => {
  it("speaks with an engine's voice by its name, else with that of the language", async (test) => {
    const { library } = open(test, new ScriptedStore());
    for (const book of [library, NAMED_VOICES]) {
      await book.prepare('nova');
      assert.deepEqual(book.spoken('nova', 'es', 'sara'), { name: 'nova' });
      assert.deepEqual(book.spoken(undefined, 'es', 'sara'), { name: 'sara' });
      assert.equal(book.spoken(undefined, 'es', undefined), undefined);
    }
  });

  it('speaks with the neutral voice for a speaker where there are no profiles', () => {
    assert.deepEqual(NAMED_VOICES.spoken('@ana', 'es', 'sara'), { name: 'sara' });
  });

  it('ends with a store that hangs while it is opened, and says nothing of that', async (test) => {
    const store = new ScriptedStore();
    store.hangs = true;
    const { clock, log, library } = open(test, store);
    const opening = library.open();
    let closed = false;
    const closing = library.close().then(() => {
      closed = true;
    });
    await clock.settle();
    assert.ok(closed);
    await Promise.all([opening, closing]);
    assert.deepEqual(log.lines, []);
  });

  it("speaks with a speaker's own renderings, as its profile says, and with the neutral voice elsewhere", async (test) => {
    const { library, lookUps } = open(test, new ScriptedStore(someProfile()));
    await library.prepare('@ana');
    assert.deepEqual(library.spoken('@ana', 'es', 'sara'), {
      name: 'sara',
      renderings: [RENDERED],
      ...DEFAULTS,
    });
    await library.prepare('@ana');
    assert.deepEqual(lookUps(), { read: 1, kept: 1 });
  });

  it('takes the rendering of the language before that of all', async (test) => {
    const rendering = { engine: 'xtts', state: 'ready', made: true } as const;
    const renderings = [
      { ...rendering, ref: 'all' },
      { ...rendering, ref: 'es', language: 'es' },
      { ...rendering, ref: 'fr', language: 'fr' },
      { ...rendering, ref: 'later', language: 'es', state: 'unverified' as const },
    ];
    const { library } = open(test, new ScriptedStore(someProfile({ renderings })));
    await library.prepare('@ana');
    const refs = (to: string) =>
      library.spoken('@ana', to, undefined)?.renderings?.map(({ engine, ref }) => `${engine} ${ref}`);
    assert.deepEqual(refs('es'), ['xtts es', 'xtts all']);
    assert.deepEqual(refs('de'), ['xtts all']);
  });

  it('takes the rendering of the nearest region, and none of another language', async (test) => {
    const rendering = { engine: 'xtts', state: 'ready', made: true } as const;
    const written = ['es-MX', 'es-ES', 'es', undefined, 'fr', 'fil', 'Spanish, of Chile'];
    const renderings = written.map((language) =>
      language === undefined ? { ...rendering, ref: 'all' } : { ...rendering, ref: language, language },
    );
    const { library } = open(test, new ScriptedStore(someProfile({ renderings })));
    await library.prepare('@ana');
    const refs = (to: string) => library.spoken('@ana', to, undefined)?.renderings?.map(({ ref }) => ref);
    assert.deepEqual(refs('es-MX'), ['es-MX', 'es', 'es-ES', 'all']);
    assert.deepEqual(refs('es-AR'), ['es', 'es-MX', 'es-ES', 'all']);
    assert.deepEqual(refs('es'), ['es', 'es-MX', 'es-ES', 'all']);
    assert.deepEqual(refs('fr-CA'), ['fr', 'all']);
    assert.deepEqual(refs('tl'), ['fil', 'all']);
    assert.deepEqual(refs('de'), ['all']);
  });

  it('gives an engine what its provider does not keep', async (test) => {
    const store = new ScriptedStore(
      someProfile({
        renderings: [{ engine: 'xtts', ref: 'ana', state: 'ready', made: true, file: 'latents' }],
      }),
    );
    const { library } = open(test, store);
    await library.prepare('@ana');
    const rendering = library.spoken('@ana', 'es', undefined)?.renderings?.[0];
    await assert.rejects(async () => rendering?.load?.(), { code: 'store-failed' });
    store.files.set('ana latents', Uint8Array.of(1, 2));
    assert.deepEqual(await rendering?.load?.(), Uint8Array.of(1, 2));
  });

  it('reads a profile once for a while, then again in the background', async (test) => {
    const store = new ScriptedStore(someProfile());
    const { library, clock } = open(test, store);
    await Promise.all([library.prepare('@ana'), library.prepare('@ana')]);
    await library.prepare('@ana');
    assert.equal(store.finds, 1);
    store.put(someProfile({ version: 2, defaults: { speed: 1.3 } }));
    await clock.advance(31_000);
    assert.equal(library.spoken('@ana', 'es', undefined)?.speed, 1.1, 'nobody waits for the change');
    await clock.advance(0);
    assert.equal(library.spoken('@ana', 'es', undefined)?.speed, 1.3);
    assert.equal(store.finds, 2);
  });

  it('holds 500 profiles, those that were used last', async (test) => {
    const speakers = Array.from({ length: 510 }, (_, index) => `s${index}`);
    const { library } = open(test, new ScriptedStore(...speakers.map((speaker) => someProfile({ speaker }))));
    for (const speaker of speakers) {
      await library.prepare(`@${speaker}`);
    }
    assert.equal(library.counts.voiceProfilesKept, 500);
    assert.equal(library.spoken('@s0', 'es', 'sara')?.renderings, undefined);
    assert.ok(library.spoken('@s509', 'es', 'sara')?.renderings);
  });
});

describe('what speaks where a profile cannot', () => {
  const neutral = { name: 'sara' };

  it('is the neutral voice when there is none, with one line in the log', async (test) => {
    const { library, log, lookUps } = open(test, new ScriptedStore());
    await library.prepare('@ana');
    await library.prepare('@ana');
    assert.deepEqual(library.spoken('@ana', 'es', 'sara'), neutral);
    assert.deepEqual(lookUps(), { missing: 2 });
    assert.deepEqual(
      log.lines.map(({ message, speakerPii }) => [message, speakerPii]),
      [['there is no such voice profile: the neutral voice speaks', 'ana']],
    );
  });

  it('is the neutral voice after 50 ms, and the profile itself once it has come', async (test) => {
    const store = new ScriptedStore(someProfile());
    const answer = store.hold();
    const { library, clock, log, lookUps } = open(test, store);
    let prepared = false;
    const waiting = library.prepare('@ana').then(() => {
      prepared = true;
    });
    await clock.advance(49);
    assert.equal(prepared, false);
    await clock.advance(1);
    assert.equal(prepared, true);
    await waiting;
    assert.deepEqual(library.spoken('@ana', 'es', 'sara'), neutral);
    assert.deepEqual([lookUps(), log.lines.length], [{ late: 1 }, 1]);
    answer();
    await clock.advance(0);
    assert.deepEqual(library.spoken('@ana', 'es', 'sara')?.renderings, [RENDERED]);
  });

  it('is the neutral voice when the store fails or holds something else', async (test) => {
    const store = new ScriptedStore();
    const { library, clock, lookUps } = open(test, store);
    store.failing = true;
    await library.prepare('@ana');
    assert.deepEqual(library.spoken('@ana', 'es', 'sara'), neutral);
    store.failing = false;
    store.spoil('ana');
    await library.prepare('@ana');
    assert.deepEqual(library.spoken('@ana', 'es', 'sara'), neutral);
    await clock.advance(0);
    assert.equal(lookUps().read, undefined);
    assert.ok((lookUps().failed ?? 0) >= 2);
  });

  it('is the neutral voice when consent has ended or is gone, or the profile is being deleted', async (test) => {
    const { consent, ...without } = someProfile({ speaker: 'ben' });
    const ending = { ...someProfile().consent, by: 'x', how: 'y', at: '2026-11-01T10:00:00.000Z' };
    const store = new ScriptedStore(
      someProfile({ consent: { ...ending, until: '2026-11-02T00:01:00.000Z' } }),
      without,
      someProfile({ speaker: 'carla', leaving: true }),
    );
    const { library, clock, lookUps } = open(test, store);
    for (const speaker of ['ana', 'ben', 'carla']) {
      await library.prepare(`@${speaker}`);
    }
    assert.ok(library.spoken('@ana', 'es', 'sara')?.renderings, 'its consent has a minute left');
    assert.deepEqual(library.spoken('@ben', 'es', 'sara'), neutral);
    assert.deepEqual(library.spoken('@carla', 'es', 'sara'), neutral);
    await clock.advance(60_000);
    assert.deepEqual(library.spoken('@ana', 'es', 'sara'), neutral);
    assert.equal(lookUps().unusable, 3);
  });
});

describe('a profile that is changed', () => {
  it('is what calls are given from then on', async (test) => {
    const { library } = open(test, new ScriptedStore(someProfile()));
    await library.prepare('@ana');
    assert.equal(await library.write(someProfile({ version: 2, defaults: {} }), 1, [], never()), true);
    assert.deepEqual(library.spoken('@ana', 'es', undefined), { renderings: [RENDERED] });
    assert.equal(await library.remove('ana', 2, never()), true);
    assert.equal(library.spoken('@ana', 'es', undefined), undefined);
  });

  it('is not brought back by what was read before', async (test) => {
    const store = new ScriptedStore(someProfile());
    const { library, clock } = open(test, store);
    const answer = store.hold();
    const reading = library.prepare('@ana');
    const removing = library.remove('ana', 1, never());
    answer();
    await Promise.all([reading, removing]);
    await clock.advance(0);
    assert.equal(library.spoken('@ana', 'es', undefined), undefined);
  });

  it('is listed with what cannot be read', async (test) => {
    const store = new ScriptedStore(someProfile(), someProfile({ speaker: 'ben' }));
    store.spoil('ben');
    const { library, log } = open(test, store);
    const listed = await library.list('', 10, never());
    assert.deepEqual(
      listed.map(({ speaker, profile }) => [speaker, profile?.name]),
      [
        ['ana', 'Ana Ruiz'],
        ['ben', undefined],
      ],
    );
    assert.equal(log.lines.length, 1);
  });
});
