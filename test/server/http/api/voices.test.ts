import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { z } from 'zod';
import { VoiceTaking } from '../../../../src/call/voice-taking.ts';
import { encodeWav, parseWav } from '../../../../src/protocol/wav.ts';
import { ENROLMENT, SHOWN_VOICE, VOICE_LIST } from '../../../../src/server/http/api/voice-schemas.ts';
import { sine } from '../../../asterisk/audio.ts';
import { eventually } from '../../../support/waiting.ts';
import { someProfile } from '../../../voices/some-profile.ts';
import { callOf } from '../fake-server-view.ts';
import { answer, closeHttp, startHttp } from '../start-http.ts';
import { startVoices } from './voices-service.ts';

const LIMIT_MS = 30_000;
const PROBLEM = z.object({ code: z.string(), detail: z.string() });
const CONSENT = { by: 'Ana Ruiz', how: 'form 12' };
/** As long as the shortest that is taken, and more. */
const WAV = encodeWav({ rateHz: 16_000, pcm: sine(200, 11_000, 16_000) });

const folder = mkdtempSync(join(tmpdir(), 'dragoman-voices-'));
after(() => rmSync(folder, { recursive: true }));
afterEach(closeHttp);

function json(method: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return body === undefined
    ? { method, headers }
    : { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function recording(bytes: Uint8Array = WAV): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'audio/wav' }, body: Uint8Array.from(bytes) };
}

async function refusal(url: string, asked: RequestInit = {}) {
  const { status, body } = await answer(url, asked);
  return [status, PROBLEM.parse(body).code];
}

/** An enrolment of Ana once it is over. */
function overOf(url: (path: string) => string, id: string) {
  return eventually('the enrolment is over', LIMIT_MS, async () => {
    const { body } = await answer(url(`/api/v1/voices/ana/enrolments/${id}`));
    const view = ENROLMENT.parse(body);
    return view.state !== 'running' && view;
  });
}

describe('/voices', () => {
  it('makes, shows, lists and changes profiles, and never shows a vector', async () => {
    const { url } = await startVoices({}, someProfile({ speaker: 'ben', name: 'Ben' }));
    const made = await fetch(
      url('/api/v1/voices'),
      json('POST', { speaker: 'ana', name: 'Ana', consent: CONSENT, defaults: { speed: 1.1 } }),
    );
    assert.deepEqual(
      [made.status, made.headers.get('etag'), made.headers.get('location')],
      [201, '"1"', '/api/v1/voices/ana'],
    );
    const ana = SHOWN_VOICE.parse(await made.json());
    assert.deepEqual(ana.consent, { ...CONSENT, at: '2026-01-01T00:00:00.000Z' });
    const changed = await fetch(
      url('/api/v1/voices/ana'),
      json(
        'PATCH',
        { name: null, renderings: [{ engine: 'openai-speech', ref: 'nova' }] },
        { 'if-match': '"1"' },
      ),
    );
    assert.deepEqual([changed.status, changed.headers.get('etag')], [200, '"2"']);
    const shown = await answer(url('/api/v1/voices/ana'));
    const { name, version, renderings, defaults } = SHOWN_VOICE.parse(shown.body);
    assert.deepEqual(
      [name, version, defaults, renderings.map(({ engine, ref, made: own }) => [engine, ref, own])],
      [undefined, 2, { speed: 1.1 }, [['openai-speech', 'nova', false]]],
    );
    const misspelt = { renderings: [{ engine: 'elevenlab', ref: 'nova' }] };
    assert.deepEqual(
      await refusal(url('/api/v1/voices/ana'), json('PATCH', misspelt, { 'if-match': '"2"' })),
      [...[422, 'no-such-engine']],
    );
    const rendered = (language: string) =>
      json(
        'PATCH',
        { renderings: [{ engine: 'openai-speech', ref: 'nova', language }] },
        { 'if-match': '"2"' },
      );
    const [status] = await refusal(url('/api/v1/voices/ana'), rendered('Spanish'));
    assert.equal(status, 400);
    const spoken = await answer(url('/api/v1/voices/ana'), rendered('es_mx'));
    assert.equal(spoken.status, 200, JSON.stringify(spoken.body));
    const inLanguage = await answer(url('/api/v1/voices/ana'));
    assert.deepEqual(
      SHOWN_VOICE.parse(inLanguage.body).renderings.map(({ language }) => language),
      ['es-MX'],
    );
    const listed = await answer(url('/api/v1/voices?limit=1'));
    const first = VOICE_LIST.parse(listed.body);
    assert.deepEqual([first.voices.map(({ speaker }) => speaker), first.next], [['ana'], 'ana']);
    const rest = await answer(url('/api/v1/voices?after=ana'));
    assert.deepEqual(
      VOICE_LIST.parse(rest.body).voices.map(({ speaker, identity }) => [speaker, identity?.numbers]),
      [['ben', 256]],
    );
    assert.doesNotMatch(JSON.stringify([listed.body, rest.body, shown.body]), /vector/);
  });

  it('refuses a change of another version, and one that names none', async () => {
    const { url } = await startVoices({}, someProfile({ version: 4 }));
    const ana = url('/api/v1/voices/ana');
    const change = { name: 'x' };
    assert.deepEqual(await refusal(ana, json('PATCH', change)), [428, 'version-missing']);
    assert.deepEqual(await refusal(ana, json('PATCH', change, { 'if-match': '"3"' })), [
      412,
      'other-version',
    ]);
    assert.deepEqual(await refusal(ana, json('PATCH', change, { 'if-match': 'x' })), [400, 'bad-version']);
    assert.deepEqual(await refusal(ana, json('DELETE', undefined, { 'if-match': '"3"' })), [
      ...[412, 'other-version'],
    ]);
    assert.equal(SHOWN_VOICE.parse((await answer(ana)).body).version, 4);
  });

  it('says what is not there, there already, or no id of a speaker', async () => {
    const { url } = await startVoices({}, someProfile());
    const voices = url('/api/v1/voices');
    assert.deepEqual(await refusal(`${voices}/ben`), [404, 'no-such-voice']);
    assert.deepEqual(await refusal(voices, json('POST', { speaker: 'ana' })), [409, 'voice-exists']);
    assert.deepEqual(await refusal(voices, json('POST', { speaker: '600123123' })), [400, 'bad-request']);
  });

  it('says where profiles are kept, when none are', async () => {
    const { url } = await startHttp();
    const { status, body } = await answer(url('/api/v1/voices'));
    assert.equal(status, 503);
    assert.match(PROBLEM.parse(body).detail, /--voices-db/);
  });

  it('answers that the store fails, and shows one that cannot be read by its id alone', async () => {
    const { url, store } = await startVoices({}, someProfile());
    store.spoil('ben');
    const { unreadable } = VOICE_LIST.parse((await answer(url('/api/v1/voices'))).body);
    assert.deepEqual(unreadable, ['ben']);
    store.failing = true;
    assert.deepEqual(await refusal(url('/api/v1/voices')), [503, 'store-failed']);
  });

  it('is for tokens that may: read to see, control to change', async () => {
    const tokenFile = join(folder, 'tokens');
    writeFileSync(tokenFile, 'reader token-of-a-reader read\n');
    chmodSync(tokenFile, 0o600);
    const { url } = await startVoices({ tokenFile }, someProfile());
    const bearer = { authorization: 'Bearer token-of-a-reader' };
    assert.equal((await answer(url('/api/v1/voices'), { headers: bearer })).status, 200);
    assert.deepEqual(await refusal(url('/api/v1/voices'), json('POST', { speaker: 'ben' }, bearer)), [
      ...[403, 'scope-missing'],
    ]);
    assert.deepEqual(await refusal(url('/api/v1/voices/ana'), json('DELETE', undefined, bearer)), [
      ...[403, 'scope-missing'],
    ]);
    assert.deepEqual(await refusal(url('/api/v1/voices')), [401, 'no-token']);
  });
});

describe('an enrolment over the API', () => {
  it('makes the voice of a recording, and tells how far it is', async () => {
    const { url, cloner, studied } = await startVoices({});
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ana', consent: CONSENT }));
    const begun = await answer(url('/api/v1/voices/ana/enrolments?language=es'), recording());
    assert.equal(begun.status, 202, JSON.stringify(begun.body));
    const { id } = ENROLMENT.parse(begun.body);
    const over = await overOf(url, id);
    assert.deepEqual([over.state, over.problem], ['done', undefined]);
    assert.deepEqual(Buffer.from(studied[0] ?? []), Buffer.from(WAV));
    const { renderings, reference, version } = SHOWN_VOICE.parse(
      (await answer(url('/api/v1/voices/ana'))).body,
    );
    assert.deepEqual(
      [renderings.map(({ engine, made }) => [engine, made]), reference?.kept, version],
      [[['elevenlabs', true]], true, 2],
    );
    assert.equal(cloner.voices.size, 1);
    const deleted = await fetch(url('/api/v1/voices/ana'), { method: 'DELETE' });
    assert.deepEqual([deleted.status, cloner.voices.size], [204, 0]);
    assert.deepEqual(await refusal(url('/api/v1/voices/ana')), [404, 'no-such-voice']);
  });

  it('is refused without consent before anything is looked at, and for what is no recording', async () => {
    const { url, studied } = await startVoices({});
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ana' }));
    const path = url('/api/v1/voices/ana/enrolments?language=es');
    const { status, body } = await answer(path, recording());
    assert.equal(status, 422);
    assert.match(PROBLEM.parse(body).detail, /no record of the speaker agreeing.*write who agreed and how/);
    assert.equal(studied.length, 0);
    assert.deepEqual(await refusal(path, recording(WAV.subarray(0, 1_000))), [400, 'bad-length']);
    assert.deepEqual(await refusal(path, json('POST', {})), [415, 'no-wav']);
    const elsewhere = url('/api/v1/voices/ben/enrolments?language=es');
    assert.deepEqual(await refusal(elsewhere, recording()), [404, 'no-such-voice']);
    assert.deepEqual(await refusal(url('/api/v1/voices/ana/enrolments/x')), [404, 'no-such-enrolment']);
  });

  it('takes a form with the recording and the sentence of consent, and gives the engine both', async () => {
    const { url, cloner, studied } = await startVoices({});
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ana', consent: CONSENT }));
    const consent = encodeWav({ rateHz: 16_000, pcm: sine(300, 3_000, 16_000) });
    const form = (recording: Uint8Array, consentRecording: Uint8Array): RequestInit => {
      const body = new FormData();
      body.append('recording', new Blob([Uint8Array.from(recording)], { type: 'audio/wav' }), 'ana.wav');
      body.append('consentRecording', new Blob([Uint8Array.from(consentRecording)]), 'consent.wav');
      return { method: 'POST', body };
    };
    const path = url('/api/v1/voices/ana/enrolments?language=es');
    assert.deepEqual(await refusal(path, form(WAV, Buffer.from('yes'))), [400, 'bad-consent-recording']);
    assert.deepEqual(await refusal(path, form(WAV.subarray(0, 99), consent)), [400, 'bad-length']);
    const broken = { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'no form' };
    assert.deepEqual(await refusal(path, broken), [400, 'bad-form']);
    const begun = await answer(path, form(WAV, consent));
    assert.equal(begun.status, 202, JSON.stringify(begun.body));
    await overOf(url, ENROLMENT.parse(begun.body).id);
    assert.deepEqual(Buffer.from(studied[0] ?? []), Buffer.from(WAV));
    const [made] = cloner.voices.values();
    assert.deepEqual(Buffer.from(made?.consent.recording ?? []), Buffer.from(consent));
  });

  it('takes what a party says in a call, in the language that it speaks', async () => {
    const { url, view, studied, cloner } = await startVoices({});
    view.running = [callOf('c-1')];
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ana', consent: CONSENT }));
    const taking = new VoiceTaking(10_000, () => {});
    view.takesThen = taking;
    const path = url('/api/v1/voices/ana/enrolments');
    const begun = await answer(path, json('POST', { call: 'c-1', party: 'b', seconds: 10 }));
    assert.equal(begun.status, 202, JSON.stringify(begun.body));
    assert.deepEqual(view.done, [['takeVoiceOfParty', 'c-1', 'b', 10_000]]);
    const [first] = ENROLMENT.parse(begun.body).steps;
    assert.deepEqual(first, { step: 'listen', state: 'running', detail: '0 of 10 s of speech' });
    taking.hear({ type: 'started', utterance: 1, startMs: 0, overlapping: false });
    for (let frame = 0; frame < 500; frame += 1) {
      taking.hear({ type: 'audio', pcm: new Int16Array(320).fill(frame) });
    }
    taking.hear({ type: 'ended', endMs: 10_000, decidedMs: 10_200, echoShare: 0 });
    const over = await overOf(url, ENROLMENT.parse(begun.body).id);
    assert.deepEqual([over.state, over.problem], ['done', undefined]);
    const { rateHz, pcm } = parseWav(studied[0] ?? new Uint8Array(0));
    assert.deepEqual([rateHz, pcm.length, pcm.at(-1)], [16_000, 160_000, 499]);
    assert.equal([...cloner.voices.values()][0]?.language, 'es');
  });

  it('takes the recording that is kept, in its language, and says where there is none', async () => {
    const { url, cloner, studied, store } = await startVoices(
      {},
      someProfile({ renderings: [] }),
      someProfile({ speaker: 'ben', reference: { sha256: 'ab'.repeat(32), soundMs: 1, language: 'es' } }),
    );
    store.files.set('ana reference.1', WAV);
    const kept = json('POST', { kept: true });
    const begun = await answer(url('/api/v1/voices/ana/enrolments'), kept);
    assert.equal(begun.status, 202, JSON.stringify(begun.body));
    assert.equal((await overOf(url, ENROLMENT.parse(begun.body).id)).state, 'done');
    assert.deepEqual(Buffer.from(studied[0] ?? []), Buffer.from(WAV));
    assert.deepEqual(
      [...cloner.voices.values()].map(({ language }) => language),
      ['es'],
    );
    const { reference } = SHOWN_VOICE.parse((await answer(url('/api/v1/voices/ana'))).body);
    assert.deepEqual([reference?.sha256, reference?.kept], ['ab'.repeat(32), true]);
    assert.deepEqual(await refusal(url('/api/v1/voices/ben/enrolments'), kept), [409, 'no-recording-kept']);
    store.files.clear();
    assert.deepEqual(await refusal(url('/api/v1/voices/ana/enrolments'), kept), [503, 'store-failed']);
  });

  it('takes nothing of who refuses, is not there or is taken already, nor from a call that is over', async () => {
    const { url, view } = await startVoices({});
    view.running = [callOf('c-1')];
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ana', consent: CONSENT }));
    const path = url('/api/v1/voices/ana/enrolments');
    const ask = (body: unknown) => refusal(path, json('POST', body));
    const wish = { call: 'c-1', party: 'a' };
    for (const [why, status, code] of [
      ['refused', 409, 'refuses-recording'],
      ['being-taken', 409, 'being-enrolled'],
      ['not-there', 404, 'no-such-party'],
    ] as const) {
      view.takesThen = why;
      assert.deepEqual(await ask(wish), [status, code]);
    }
    assert.deepEqual(await ask({ ...wish, party: 'z' }), [404, 'no-such-party']);
    assert.deepEqual(await ask({ ...wish, call: 'c-2' }), [404, 'no-such-call']);
    assert.deepEqual(await ask({ ...wish, seconds: 5 }), [415, 'no-wav']);
    assert.deepEqual(await refusal(path, recording()), [400, 'no-language']);
    view.done.splice(0);
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ben' }));
    assert.deepEqual(await refusal(url('/api/v1/voices/ben/enrolments'), json('POST', wish)), [
      422,
      'no-consent',
    ]);
    assert.deepEqual(view.done, [], 'nobody is told anything');
  });

  it('tells of a party that refuses while it is listened to', async () => {
    const { url, view, studied } = await startVoices({});
    view.running = [callOf('c-1')];
    await answer(url('/api/v1/voices'), json('POST', { speaker: 'ana', consent: CONSENT }));
    const taking = new VoiceTaking(60_000, () => {});
    view.takesThen = taking;
    const begun = await answer(
      url('/api/v1/voices/ana/enrolments'),
      json('POST', { call: 'c-1', party: 'a' }),
    );
    taking.stop('refused');
    const over = await overOf(url, ENROLMENT.parse(begun.body).id);
    assert.deepEqual([over.state, studied.length], ['failed', 0]);
    assert.match(
      over.problem ?? '',
      /does not want to be recorded: what was taken of its voice is forgotten/,
    );
  });

  it('leaves a profile that its provider keeps, named, until it is asked again', async () => {
    const { url, cloner } = await startVoices({}, someProfile());
    cloner.refusal = 'elevenlabs: not now';
    const { status, body } = await answer(url('/api/v1/voices/ana'), { method: 'DELETE' });
    assert.equal(status, 502);
    assert.match(PROBLEM.parse(body).detail, /elevenlabs \(elevenlabs: not now\); ask again/);
    const { leaving, unused } = SHOWN_VOICE.parse((await answer(url('/api/v1/voices/ana'))).body);
    assert.deepEqual([leaving, unused], [true, 'it is being deleted']);
    const forgotten = await fetch(url('/api/v1/voices/ana?forget=true'), { method: 'DELETE' });
    assert.equal(forgotten.status, 204);
  });
});

describe('speech with a voice over the API', () => {
  it('is a WAV, of the renderings of the profile', async () => {
    const { url, interpreting } = await startVoices(
      {},
      someProfile(),
      someProfile({ speaker: 'ben', leaving: true }),
    );
    const asked: unknown[] = [];
    interpreting.voices.set('en', {
      tts: {
        name: 'scripted',
        supports: async () => ({ supported: true }),
        synthesize: async ({ text, voice, spokenBy }) => {
          spokenBy?.('espeak-ng', false);
          asked.push([text, voice?.renderings?.map(({ ref }) => ref), voice?.name]);
          return {
            rateHz: 16_000,
            pieces: (async function* () {
              yield sine(300, 200, 16_000);
            })(),
          };
        },
        close: async () => {},
      },
      voice: 'neutral',
    });
    const response = await fetch(
      url('/api/v1/voices/ana/speech'),
      json('POST', { text: 'Good morning.', language: 'en' }),
    );
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'audio/wav']);
    const by = ['dragoman-engine', 'dragoman-voice'].map((name) => response.headers.get(name));
    assert.deepEqual(by, ['espeak-ng', 'neutral']);
    const { rateHz, pcm } = parseWav(new Uint8Array(await response.arrayBuffer()));
    assert.deepEqual([rateHz, pcm.length], [16_000, 3_200]);
    assert.deepEqual(
      await refusal(
        url('/api/v1/voices/ben/speech'),
        json('POST', { text: 'Good morning.', language: 'en' }),
      ),
      [409, 'voice-unused'],
    );
    assert.deepEqual(asked, [['Good morning.', ['voice-of-ana'], 'neutral']]);
    const speech = { text: 'x', language: 'fr' };
    assert.deepEqual(await refusal(url('/api/v1/voices/ana/speech'), json('POST', speech)), [
      ...[422, 'language-not-served'],
    ]);
  });
});
