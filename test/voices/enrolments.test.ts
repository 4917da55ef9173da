import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import type { SpeakerEmbedder } from '../../src/engines/speaker/speaker-embedder.ts';
import { Enrolments, type EnrolmentsDeps } from '../../src/voices/enrolment/enrolments.ts';
import type { Fit, Studied } from '../../src/voices/enrolment/study.ts';
import type { VoiceProfile } from '../../src/voices/profile.ts';
import { VoiceLibrary } from '../../src/voices/voice-library.ts';
import { VoiceProfiles } from '../../src/voices/voice-profiles.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { never } from '../support/waiting.ts';
import { ScriptedCloner } from './scripted-cloner.ts';
import { ScriptedStore } from './scripted-store.ts';
import { someProfile, someVector } from './some-profile.ts';

const WAV = Uint8Array.of(1, 2, 3);
const WISH = { wav: WAV, language: 'es', keepRecording: true };

/** A recording whose stretches are as long as they were asked for. */
function fit(wantedMs: readonly number[]): Fit {
  return {
    ...{ type: 'fit', speechMs: 60_000, levelDbfs: -23.44, snrDb: 31, style: { levelDbfs: -23.4 } },
    stretches: wantedMs.map((soundMs, index) => ({ soundMs, wav: Uint8Array.of(9, index) })),
    identity: new Int16Array(128_000),
    pieces: [1, 2, 3].map(() => new Int16Array(64_000)),
  };
}

function open(
  test: TestContext,
  more: Partial<EnrolmentsDeps> & { readonly makers?: readonly ScriptedCloner[] } = {},
) {
  const { renderings: _, reference: __, identity: ___, ...about } = someProfile();
  const profile: VoiceProfile = { ...about, renderings: [] };
  const store = new ScriptedStore(profile);
  const clock = new FakeClock(new Date('2026-11-29T12:00:00.000Z'));
  const library = new VoiceLibrary({ store, clock, log: silentLog });
  const { makers = [], ...deps } = more;
  const cloners = () => makers;
  const profiles = new VoiceProfiles({ library, cloners, clock, log: silentLog });
  const enrolments = new Enrolments({
    ...{ profiles, cloners, clock, log: silentLog, study: async (_wav, wantedMs) => fit(wantedMs) },
    ...deps,
  });
  test.after(async () => {
    await enrolments.close();
    await library.close();
  });
  const enrol = async (of: VoiceProfile = profile, wish = WISH) => {
    const begun = enrolments.start(of, wish);
    assert.ok(begun !== undefined);
    await clock.advance(0);
    const view = enrolments.of(of.speaker, begun.id);
    assert.ok(view !== undefined);
    return { ...view, states: Object.fromEntries(view.steps.map(({ step, state }) => [step, state])) };
  };
  return { profile, store, clock, library, profiles, enrolments, enrol };
}

/** Tells pieces apart by their order: the first ones are `first`, then all others. */
function embedder(...answers: readonly Float32Array[]): SpeakerEmbedder {
  let asked = 0;
  return {
    name: 'scripted',
    supports: async () => ({ supported: true }),
    embed: async () => {
      const numbers = answers[Math.min(asked, answers.length - 1)] ?? new Float32Array(1);
      asked += 1;
      return { model: 'model.onnx', numbers };
    },
    close: async () => {},
  };
}

describe('an enrolment', () => {
  it('makes the voice at each engine of the stretch that it wants, and keeps what the provider does not', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs', { bestMs: 90_000 });
    const local = new ScriptedCloner('xtts', { bestMs: 15_000 });
    local.kept = Uint8Array.of(7, 7);
    const { enrol, library, store } = open(test, {
      makers: [cloud, local],
      embedder: embedder(someVector(256, 1)),
    });
    const { state, states, problem } = await enrol();
    assert.deepEqual([state, problem], ['done', undefined]);
    assert.deepEqual(states, {
      ...{ study: 'done', identity: 'done', elevenlabs: 'done', xtts: 'done', keep: 'done' },
    });
    const made = await library.find('ana', never());
    assert.equal(made?.version, 2);
    const [first, second] = made?.renderings ?? [];
    assert.deepEqual([first?.engine, first?.ref, first?.made], ['elevenlabs', 'elevenlabs-1', true]);
    assert.deepEqual(store.files.get(`ana ${second?.file}`), Uint8Array.of(7, 7));
    assert.deepEqual(
      [...cloud.voices.values()].map(({ wav, language, consent }) => [wav[1], language, consent]),
      [[0, 'es', { by: 'Ana Ruiz', how: 'form 12' }]],
    );
    assert.deepEqual(
      [...local.voices.values()].map(({ wav }) => wav[1]),
      [1],
    );
    const { identity, reference, style } = made ?? {};
    assert.deepEqual([identity?.model, identity?.band, identity?.vector.length], ['model.onnx', '8k', 256]);
    assert.deepEqual([reference?.soundMs, reference?.language, style?.levelDbfs], [90_000, 'es', -23.4]);
    assert.deepEqual(store.files.get(`ana ${reference?.file}`), Uint8Array.of(9, 0));
  });

  it('keeps no recording where that is asked for', async (test) => {
    const { enrol, library, store } = open(test);
    const { state, states } = await enrol(undefined, { ...WISH, keepRecording: false });
    assert.deepEqual([state, states.identity, states.engines], ['done', 'left-out', 'left-out']);
    const { reference } = (await library.find('ana', never())) ?? {};
    assert.equal(reference?.file, undefined);
    assert.match(reference?.sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.equal(store.files.size, 0);
  });

  it('takes the place of the voice before, which is deleted at its provider', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const { enrol, library } = open(test, { makers: [cloud] });
    await enrol();
    await enrol();
    assert.deepEqual([...cloud.voices.keys()], ['elevenlabs-2']);
    const refs = (await library.find('ana', never()))?.renderings.map(({ ref, state }) => `${ref} ${state}`);
    assert.deepEqual(refs, ['elevenlabs-2 ready']);
  });

  it('remembers a voice before that its provider does not let go of', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const { enrol, library } = open(test, { makers: [cloud] });
    await enrol();
    cloud.clings = true;
    await enrol();
    const refs = (await library.find('ana', never()))?.renderings.map(({ ref, state }) => `${ref} ${state}`);
    assert.deepEqual(refs, ['elevenlabs-1 stale', 'elevenlabs-2 ready']);
  });

  it('is done when one engine of several makes a voice, and fails when none does', async (test) => {
    const [cloud, local] = [new ScriptedCloner('elevenlabs'), new ScriptedCloner('xtts')];
    cloud.refusal = 'elevenlabs: there is no room for another voice';
    const { enrol, library } = open(test, { makers: [cloud, local] });
    const { state, steps } = await enrol();
    assert.equal(state, 'done');
    assert.equal(steps.find(({ step }) => step === 'elevenlabs')?.detail, cloud.refusal);
    local.refusal = 'xtts: no';
    const { state: second, problem } = await enrol();
    assert.deepEqual([second, problem], ['failed', 'no engine made a voice: see what each of them said']);
    assert.equal((await library.find('ana', never()))?.version, 2, 'it is as it was');
  });

  it('leaves out an engine that wants more sound, or the consent recorded', async (test) => {
    const makers = [
      new ScriptedCloner('patient', { leastMs: 30_000, bestMs: 20_000 }),
      new ScriptedCloner('strict', { needsConsentRecording: true }),
      new ScriptedCloner('xtts'),
    ];
    const { states, steps } = await open(test, { makers }).enrol();
    assert.deepEqual([states.patient, states.strict, states.xtts], ['left-out', 'left-out', 'done']);
    assert.match(steps.find(({ step }) => step === 'patient')?.detail ?? '', /30 s of sound at least/);
  });

  it('refuses a recording of several people, by their vectors', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const [ana, ben] = [Float32Array.of(1, 0), Float32Array.of(0.1, 1)];
    const { enrol } = open(test, { makers: [cloud], embedder: embedder(ana, ben, ana) });
    const { state, problem } = await enrol();
    assert.deepEqual([state, cloud.made], ['failed', 0]);
    assert.match(problem ?? '', /more than one person/);
  });

  it('says what is wrong with a recording that is not fit, and makes nothing of it', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const noisy: Studied = { type: 'unfit', why: 'too-noisy' };
    const { state, problem } = await open(test, { makers: [cloud], study: async () => noisy }).enrol();
    assert.deepEqual([state, cloud.made], ['failed', 0]);
    assert.match(problem ?? '', /record it in a quieter room/);
  });

  it('leaves no voice at a provider when the profile is deleted or its consent goes meanwhile', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const { enrolments, profile, clock, profiles } = open(test, { makers: [cloud] });
    const begun = enrolments.start(profile, WISH);
    await profiles.change('ana', undefined, { consent: undefined }, never());
    await clock.advance(0);
    const view = enrolments.of('ana', begun?.id ?? '');
    assert.deepEqual([view?.state, cloud.made, cloud.voices.size], ['failed', 1, 0]);
    assert.match(view?.problem ?? '', /meanwhile there is no record of the speaker agreeing/);
  });

  it('is one at a time', async (test) => {
    const { enrolments, profile, clock } = open(test);
    assert.ok(enrolments.start(profile, WISH));
    assert.equal(enrolments.start(profile, WISH), undefined);
    await clock.advance(0);
    assert.ok(enrolments.start(profile, WISH));
    assert.equal(enrolments.of('ben', 'x'), undefined);
  });
});

describe('what may be made of a speaker', () => {
  it('is nothing without consent, after it, and of a profile that is being deleted', (test) => {
    const { enrolments, profile } = open(test);
    const { consent, ...without } = profile;
    const ended = {
      by: 'Ana',
      how: 'form',
      at: '2026-01-01T00:00:00.000Z',
      until: '2026-11-01T00:00:00.000Z',
    };
    assert.equal(enrolments.whyNot(profile), undefined);
    assert.match(enrolments.whyNot(without) ?? '', /no record of the speaker agreeing/);
    assert.match(enrolments.whyNot({ ...profile, consent: ended }) ?? '', /consent of the speaker has ended/);
    assert.match(enrolments.whyNot({ ...profile, leaving: true }) ?? '', /being deleted/);
  });
});
