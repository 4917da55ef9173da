import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import type { SpeakerEmbedder } from '../../src/engines/speaker/speaker-embedder.ts';
import { OpenaiSpeechEngine } from '../../src/engines/tts/openai-speech/openai-speech-engine.ts';
import type { VoiceCloner } from '../../src/engines/tts/voice-cloner.ts';
import { Enrolments, type EnrolmentWish } from '../../src/voices/enrolment/enrolments.ts';
import type { Fit, Studied } from '../../src/voices/enrolment/study.ts';
import type { VoiceMakingDeps } from '../../src/voices/enrolment/voice-making.ts';
import type { VoiceProfile } from '../../src/voices/profile.ts';
import { VoiceLibrary } from '../../src/voices/voice-library.ts';
import { VoiceProfiles } from '../../src/voices/voice-profiles.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { patientClock } from '../engines/patient-clock.ts';
import { sumOf } from '../stand-ins/elevenlabs-voices.ts';
import { OpenaiSpeechStandIn } from '../stand-ins/openai-speech.ts';
import { eventually, never } from '../support/waiting.ts';
import { ScriptedCloner } from './scripted-cloner.ts';
import { ScriptedStore } from './scripted-store.ts';
import { someProfile, someVector } from './some-profile.ts';

const WAV = Uint8Array.of(1, 2, 3);
const WISH: EnrolmentWish = { sound: WAV, language: 'es', keepRecording: true };

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
  more: Partial<VoiceMakingDeps> & { readonly makers?: readonly VoiceCloner[] } = {},
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

  it('of the recording that is kept is made where none was made or it is lost, and changes no other', async (test) => {
    const [cloud, lost, late] = ['elevenlabs', 'openai-speech', 'xtts'].map(
      (name) => new ScriptedCloner(name),
    );
    assert.ok(cloud !== undefined && lost !== undefined && late !== undefined);
    late.refusal = 'xtts: not now';
    const { enrol, library, store } = open(test, { makers: [cloud, lost, late] });
    await enrol();
    const before = await library.find('ana', never());
    assert.ok(before?.reference?.file !== undefined);
    lost.voices.clear();
    late.refusal = undefined;
    const { state, steps } = await enrol(before, { ...WISH, isKept: true });
    assert.deepEqual(
      [state, steps.find(({ step }) => step === 'elevenlabs')?.detail],
      ['done', 'it has a voice of them already'],
    );
    const { renderings, reference, style } = (await library.find('ana', never())) ?? {};
    assert.deepEqual(
      renderings?.map(({ ref, state: how }) => `${ref} ${how}`),
      ['elevenlabs-1 ready', 'openai-speech-2 ready', 'xtts-1 ready'],
    );
    assert.deepEqual([reference, style], [before.reference, before.style]);
    assert.ok(store.files.has(`ana ${reference?.file}`));
    const again = await enrol(await library.find('ana', never()), {
      ...WISH,
      isKept: true,
      keepRecording: false,
    });
    assert.deepEqual([again.state, [cloud, lost, late].map(({ made }) => made)], ['done', [1, 2, 1]]);
    assert.equal((await library.find('ana', never()))?.reference?.file, undefined);
    assert.equal(store.files.size, 0, 'it is not kept any more');
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

  it('remembers a voice that its provider did not take away, or says what is to be done by hand', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    cloud.clings = true;
    const { enrolments, profile, clock, profiles, library } = open(test, { makers: [cloud] });
    const first = enrolments.start(profile, WISH);
    await profiles.change('ana', undefined, { consent: undefined }, never());
    await clock.advance(0);
    assert.doesNotMatch(enrolments.of('ana', first.id)?.problem ?? '', /by hand/);
    const { version = 0, renderings } = (await library.find('ana', never())) ?? {};
    assert.deepEqual(
      renderings?.map(({ ref, state, made }) => [ref, state, made]),
      [['elevenlabs-1', 'stale', true]],
    );
    const second = enrolments.start(profile, WISH);
    await library.remove('ana', version, never());
    await clock.advance(0);
    assert.match(
      enrolments.of('ana', second.id)?.problem ?? '',
      /deleted meanwhile; .* by hand: elevenlabs elevenlabs-2$/,
    );
  });

  it('takes no voice away that the profile has, though the store said that it failed', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const { enrol, library, store } = open(test, { makers: [cloud] });
    store.losesAnswers = true;
    const { state, problem } = await enrol();
    assert.equal(state, 'failed');
    assert.match(problem ?? '', /connection was lost; the profile has the voice that was made all the same$/);
    const refs = (await library.find('ana', never()))?.renderings.map(
      ({ ref, state: how }) => `${ref} ${how}`,
    );
    assert.deepEqual([refs, [...cloud.voices.keys()]], [['elevenlabs-1 ready'], ['elevenlabs-1']]);
  });

  it('takes none away while the profile cannot be read, and says what may have to be by hand', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const { enrol, store } = open(test, {
      makers: [cloud],
      study: async (_wav, wantedMs) => {
        store.failing = true;
        return fit(wantedMs);
      },
    });
    const { state, problem } = await enrol();
    assert.deepEqual([state, [...cloud.voices.keys()]], ['failed', ['elevenlabs-1']]);
    assert.match(
      problem ?? '',
      /the profile does not name is to be deleted .* by hand: elevenlabs elevenlabs-1$/,
    );
  });

  it('is one at a time', async (test) => {
    const { enrolments, profile, clock } = open(test);
    assert.equal(enrolments.canStart('recording'), true);
    enrolments.start(profile, WISH);
    assert.equal(enrolments.canStart('recording'), false);
    await clock.advance(0);
    assert.equal(enrolments.canStart('recording'), true);
    assert.equal(enrolments.of('ben', 'x'), undefined);
  });

  it('gives the engine that wants it the recording of the consent, and keeps nothing of it but its sum', async (test) => {
    const strict = new ScriptedCloner('strict', { needsConsentRecording: true, mostBytes: 100 });
    const { enrol, library, store } = open(test, { makers: [strict] });
    const consentRecording = Uint8Array.of(5, 5, 5);
    const { states } = await enrol(undefined, { ...WISH, consentRecording });
    assert.equal(states.strict, 'done');
    const [made] = strict.voices.values();
    assert.deepEqual(made?.consent, { by: 'Ana Ruiz', how: 'form 12', recording: consentRecording });
    const { consent } = (await library.find('ana', never())) ?? {};
    assert.equal(consent?.recordingSha256, createHash('sha256').update(consentRecording).digest('hex'));
    assert.deepEqual(
      [...store.files.values()].filter((bytes) => bytes[0] === 5),
      [],
    );
    const large = await enrol(undefined, { ...WISH, consentRecording: new Uint8Array(101) });
    assert.equal(large.states.strict, 'left-out');
  });
});

describe('an enrolment at OpenAI', () => {
  it('makes a voice with the sentence of consent, and takes both away with the profile', async (test) => {
    const standIn = await OpenaiSpeechStandIn.start({ of: 'openai' });
    const engine = new OpenaiSpeechEngine({ clock: patientClock, url: standIn.url });
    test.after(async () => {
      await engine.close();
      await standIn.close();
    });
    await engine.supports('es');
    const { cloner } = engine;
    assert.ok(cloner !== undefined);
    const { enrolments, profile, profiles } = open(test, { makers: [cloner] });
    const over = async (wish: EnrolmentWish) => {
      const { id } = enrolments.start(profile, wish);
      return eventually('it is over', 30_000, () => {
        const view = enrolments.of('ana', id);
        return view !== undefined && view.state !== 'running' && view;
      });
    };
    const without = await over(WISH);
    assert.equal(without.state, 'failed');
    assert.match(without.steps.find(({ step }) => step === engine.name)?.detail ?? '', /--consent-recording/);
    const consentRecording = Uint8Array.of(5, 6, 7);
    const { state, problem } = await over({ ...WISH, consentRecording });
    assert.deepEqual([state, problem], ['done', undefined]);
    const [consent] = standIn.voices.consents.values();
    assert.equal(consent?.recording, sumOf(consentRecording));
    assert.equal(standIn.voices.voices.size, 1);
    assert.equal((await profiles.delete('ana', undefined, false, never())).type, 'deleted');
    assert.deepEqual([standIn.voices.voices.size, standIn.voices.consents.size], [0, 0]);
  });
});

describe('an enrolment from a call', () => {
  /** Sound that comes when the test says so. */
  function toCome() {
    let give: (wav: Uint8Array) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const wav = new Promise<Uint8Array>((resolve, reject) => {
      give = resolve;
      fail = reject;
    });
    const sound = { soundMs: 12_400, wantedMs: 60_000, wav, stop: () => fail(new Error('stopped')) };
    return { sound, give, fail };
  }

  function listen(
    test: TestContext,
    ...more: Parameters<typeof open> extends [unknown, ...infer Rest] ? Rest : never
  ) {
    const opened = open(test, ...more);
    const { enrolments, profile } = opened;
    const { sound, give, fail } = toCome();
    const { id } = enrolments.start(profile, { ...WISH, sound });
    const view = () => enrolments.of('ana', id);
    const stepOf = (step: string) => view()?.steps.find((each) => each.step === step);
    return { ...opened, give, fail, view, stepOf };
  }

  it('says how much it has heard, and makes the voice of that', async (test) => {
    const studied: Uint8Array[] = [];
    const cloud = new ScriptedCloner('elevenlabs');
    const { clock, give, view, stepOf } = listen(test, {
      makers: [cloud],
      study: async (wav, wantedMs) => {
        studied.push(wav);
        return fit(wantedMs);
      },
    });
    await clock.advance(0);
    assert.deepEqual(stepOf('listen'), { step: 'listen', state: 'running', detail: '12 of 60 s of speech' });
    assert.equal(stepOf('study')?.state, 'waiting');
    give(WAV);
    await clock.advance(0);
    assert.deepEqual([view()?.state, view()?.problem], ['done', undefined]);
    assert.deepEqual([studied, cloud.made], [[WAV], 1]);
  });

  it('keeps no recording waiting, and has its turn when the voice before is made', async (test) => {
    let study: (studied: Studied) => void = () => {};
    const { enrolments, profile, clock, give, view } = listen(test, {
      study: () =>
        new Promise((resolve) => {
          study = resolve;
        }),
    });
    assert.equal(enrolments.canStart('recording'), true);
    const { id } = enrolments.start(profile, WISH);
    give(WAV);
    await clock.advance(0);
    assert.equal(view()?.steps.find(({ step }) => step === 'study')?.state, 'waiting');
    study(fit([30_000]));
    await clock.advance(0);
    assert.equal(enrolments.of('ana', id)?.state, 'done');
    study(fit([30_000]));
    await clock.advance(0);
    assert.equal(view()?.state, 'done');
  });

  it('makes nothing when the party refuses, or its consent is gone by then', async (test) => {
    const cloud = new ScriptedCloner('elevenlabs');
    const refused = listen(test, { makers: [cloud] });
    refused.fail(new Error('the party does not want to be recorded'));
    await refused.clock.advance(0);
    assert.match(refused.view()?.problem ?? '', /does not want to be recorded/);
    const revoked = listen(test, { makers: [cloud] });
    await revoked.profiles.change('ana', undefined, { consent: undefined }, never());
    revoked.give(WAV);
    await revoked.clock.advance(0);
    assert.match(revoked.view()?.problem ?? '', /meanwhile there is no record of the speaker agreeing/);
    assert.equal(cloud.made, 0);
    assert.equal(revoked.enrolments.canStart('recording'), true);
  });

  it('is of eight calls at most that are listened to or wait for their voices to be made', async (test) => {
    let study = (): void => {};
    const held = new Promise<void>((resolve) => {
      study = resolve;
    });
    const { enrolments, profile, clock } = open(test, {
      study: (_wav, wantedMs) => held.then(() => fit(wantedMs)),
    });
    for (let more = 0; more < 8; more += 1) {
      assert.equal(enrolments.canStart('call'), true, `${more}`);
      const { sound, give } = toCome();
      enrolments.start(profile, { ...WISH, sound });
      give(WAV);
      await clock.advance(0);
    }
    assert.equal(enrolments.canStart('call'), false);
    study();
    await clock.advance(0);
    assert.equal(enrolments.canStart('call'), true);
  });

  it('is of four calls at once at most, and ends with the server', async (test) => {
    const { enrolments, profile, clock } = listen(test);
    for (let more = 0; more < 3; more += 1) {
      assert.equal(enrolments.canStart('call'), true);
      enrolments.start(profile, { ...WISH, sound: toCome().sound });
    }
    assert.equal(enrolments.canStart('call'), false);
    const closing = enrolments.close();
    await clock.advance(0);
    await closing;
    assert.equal(enrolments.canStart('call'), true);
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
