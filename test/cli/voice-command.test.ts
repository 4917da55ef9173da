/** `dragoman voice`, against the API of a service that keeps profiles. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { VoiceTaking } from '../../src/call/voice-taking.ts';
import { encodeWav, parseWav } from '../../src/protocol/wav.ts';
import { SHOWN_VOICE } from '../../src/server/http/api/voice-schemas.ts';
import { sine } from '../asterisk/audio.ts';
import { startVoices } from '../server/http/api/voices-service.ts';
import { callOf, joined } from '../server/http/fake-server-view.ts';
import { answer, closeHttp } from '../server/http/start-http.ts';
import { ScriptedCloner } from '../voices/scripted-cloner.ts';
import { someProfile } from '../voices/some-profile.ts';
import { runWords } from './run-words.ts';

const folder = mkdtempSync(join(tmpdir(), 'dragoman-voice-'));
const WAV = join(folder, 'ana.wav');
writeFileSync(WAV, encodeWav({ rateHz: 16_000, pcm: sine(200, 11_000, 16_000) }));
const CONSENT = ['--consent-by', 'Ana Ruiz', '--consent-how', 'form 12'];

after(() => rmSync(folder, { recursive: true }));
afterEach(closeHttp);

async function start(
  ...stored: Parameters<typeof startVoices> extends [unknown, ...infer Rest] ? Rest : never
) {
  const started = await startVoices({}, ...stored);
  const http = ['--http', `127.0.0.1:${started.server.address.port}`];
  const run = (...words: readonly string[]) => runWords(['voice', ...words, ...http]);
  const shown = async () => SHOWN_VOICE.parse((await answer(started.url('/api/v1/voices/ana'))).body);
  return { ...started, run, shown };
}

describe('dragoman voice enrol', () => {
  it('makes a profile with the consent that is written, and the voice, and tells each step', async () => {
    const { run, shown, cloner } = await start();
    const { status, out, error } = await run(
      ...['enrol', WAV, '--speaker', 'ana', '--language', 'es', '--name', 'Ana', '--speed', '1.1'],
      ...[...CONSENT, '--consent-until', '2027-12-31'],
    );
    assert.equal(status, 0, error);
    assert.match(out, /^study: done, 60 s of speech/m);
    assert.match(out, /^identity: left out, no model/m);
    assert.match(out, /^elevenlabs: done/m);
    assert.match(out, /^ana is enrolled, in /m);
    const { name, consent, defaults, renderings, reference } = await shown();
    assert.deepEqual(
      [name, consent?.by, consent?.how, consent?.until],
      [...['Ana', 'Ana Ruiz', 'form 12', '2027-12-31T23:59:59.000Z']],
    );
    assert.deepEqual([defaults, renderings.length, reference?.kept], [{ speed: 1.1 }, 1, true]);
    assert.equal(cloner.voices.size, 1);
  });

  it('refuses without consent, says why, and leaves nothing', async () => {
    const { run, url, studied } = await start();
    const { status, error } = await run('enrol', WAV, '--speaker', 'ana', '--language', 'es');
    assert.equal(status, 2);
    assert.match(error, /a voice is made of nobody without their consent: write --consent-by/);
    assert.deepEqual([(await answer(url('/api/v1/voices/ana'))).status, studied.length], [404, 0]);
    const half = await run('enrol', WAV, '--speaker', 'ana', '--language', 'es', '--consent-by', 'Ana');
    assert.match(half.error, /who agreed and how that is known/);
  });

  it('makes the voice of a profile anew, and says what is wrong with the recording', async () => {
    const { run, cloner, shown } = await start(someProfile({ renderings: [] }));
    assert.equal((await run('enrol', WAV, '--speaker', 'ana', '--language', 'es', '--no-keep')).status, 0);
    assert.equal((await shown()).reference?.kept, false);
    cloner.refusal = 'elevenlabs: there is no room';
    const { status, out, error } = await run('enrol', WAV, '--speaker', 'ana', '--language', 'es');
    assert.equal(status, 1);
    assert.match(out, /^elevenlabs: failed, elevenlabs: there is no room$/m);
    assert.match(error, /no engine made a voice/);
    const missing = await run('enrol', join(folder, 'none.wav'), '--speaker', 'ana', '--language', 'es');
    assert.match(missing.error, /none\.wav cannot be read \(ENOENT\)/);
  });
});

describe('dragoman voice enrol with more', () => {
  it('has an engine make the voice of the recording that is kept, once it can', async () => {
    const { run, cloner, store, interpreting } = await start(someProfile({ renderings: [] }));
    const other = new ScriptedCloner('xtts');
    interpreting.makers = [cloner, other];
    cloner.refusal = 'elevenlabs: there is no room';
    store.files.set('ana reference.1', readFileSync(WAV));
    const { status, out, error } = await run('enrol', '--kept', '--speaker', 'ana');
    assert.equal(status, 0, error);
    assert.match(out, /^elevenlabs: failed, elevenlabs: there is no room$/m);
    assert.match(
      out,
      /^elevenlabs made none; once that is mended, .*: dragoman voice enrol --kept --speaker ana$/m,
    );
    cloner.refusal = undefined;
    const mended = await run('enrol', '--kept', '--speaker', 'ana');
    assert.match(mended.out, /^elevenlabs: done, /m);
    assert.match(mended.out, /^xtts: done, it has a voice of them already$/m);
    assert.deepEqual([cloner.made, other.made], [1, 1]);
    const both = await run('enrol', WAV, '--kept', '--speaker', 'ana', '--language', 'es');
    assert.deepEqual([both.status, cloner.made], [2, 1]);
    const nobody = await run('enrol', '--kept', '--speaker', 'nobody');
    assert.match(nobody.error, /there is no voice profile of nobody/);
  });

  it('sends the recording of the consent with that of the voice', async () => {
    const { run, cloner } = await start(someProfile({ renderings: [] }));
    const consent = join(folder, 'consent.wav');
    writeFileSync(consent, encodeWav({ rateHz: 16_000, pcm: sine(300, 3_000, 16_000) }));
    const written = ['enrol', WAV, '--speaker', 'ana', '--language', 'es', '--consent-recording'];
    const { status, error } = await run(...written, consent);
    assert.equal(status, 0, error);
    const [made] = cloner.voices.values();
    assert.deepEqual(Buffer.from(made?.consent.recording ?? []), readFileSync(consent));
    assert.match((await run(...written, join(folder, 'none.wav'))).error, /none\.wav cannot be read/);
  });

  it('enrols a party of a call that runs, by the beginning of its id', async () => {
    const { run, view } = await start(someProfile({ renderings: [] }));
    view.running = [callOf('c-1')];
    view.fire('c-1', joined('a'));
    const taking = new VoiceTaking(20_000, () => {});
    view.takesThen = taking;
    taking.hear({ type: 'started', utterance: 1, startMs: 0, overlapping: false });
    for (let frame = 0; frame < 1_000; frame += 1) {
      taking.hear({ type: 'audio', pcm: new Int16Array(320).fill(7) });
    }
    taking.hear({ type: 'ended', endMs: 20_000, decidedMs: 20_200, echoShare: 0 });
    const shown = view.running[0]?.shownId ?? '';
    const { status, out, error } = await run(
      ...['enrol', '--call', shown.slice(0, 6), '--party', 'a', '--seconds', '20', '--speaker', 'ana'],
    );
    assert.equal(status, 0, error);
    assert.match(out, /^listen: done, 20 s of speech$/m);
    assert.deepEqual(view.done, [['takeVoiceOfParty', 'c-1', 'a', 20_000]]);
    const half = await run('enrol', '--call', shown, '--speaker', 'ana');
    assert.match(half.error, /or who of which call: dragoman voice enrol --call/);
    const both = await run('enrol', WAV, '--call', shown, '--party', 'a', '--speaker', 'ana');
    assert.equal(both.status, 2);
  });
});

describe('dragoman voice', () => {
  it('lists and shows profiles', async () => {
    const consent = {
      by: 'Ben',
      how: 'form',
      at: '2026-01-01T00:00:00.000Z',
      until: '2027-03-01T00:00:00.000Z',
    };
    const { run, store } = await start(
      someProfile(),
      someProfile({ speaker: 'ben', name: 'Ben', consent, leaving: true }),
    );
    const { out } = await run('list');
    const [head, ana, ben] = out.trimEnd().split('\n');
    assert.match(head ?? '', /^SPEAKER +NAME +VERSION +ENGINES +CONSENT +NOTE$/);
    assert.match(ana ?? '', /^ana +Ana Ruiz +1 +elevenlabs +given$/);
    assert.match(ben ?? '', /^ben +Ben +1 +elevenlabs +until 2027-03-01 +not used: it is being deleted$/);
    const shown = SHOWN_VOICE.parse(JSON.parse((await run('show', 'ana')).out));
    assert.equal(shown.identity?.numbers, 256);
    assert.match((await run('show', 'nobody')).error, /there is no voice profile of this speaker/);
    assert.match((await run('show')).error, /whose voice is not written/);
    assert.equal((await run('list', 'ana')).status, 2);
    store.spoil('carl');
    const json = await run('list', '--json');
    assert.equal(SHOWN_VOICE.array().parse(JSON.parse(json.out)).length, 2);
    assert.match(json.error, /these cannot be read: carl/);
  });

  it('updates what is written and nothing else, and only the version that is meant', async () => {
    const { run, shown } = await start(someProfile());
    const { out, status } = await run('update', 'ana', '--pitch', '-2', '--consent-until', '2028-01-31');
    assert.deepEqual([status, out], [0, 'ana is version 2 now\n']);
    const { defaults, consent } = await shown();
    assert.deepEqual(defaults, { speed: 1.1, pitchSemitones: -2, emotion: 'calm' });
    assert.deepEqual([consent?.by, consent?.until], ['Ana Ruiz', '2028-01-31T23:59:59.000Z']);
    const late = await run('update', 'ana', '--name', 'x', '--if-version', '1');
    assert.deepEqual([late.status, (await shown()).version], [1, 2]);
    assert.match(late.error, /somebody changed it meanwhile: it is version 2/);
    const unversioned = await run('update', 'ana', '--name', 'x', '--if-version', 'two');
    assert.equal(unversioned.status, 2);
    assert.match(unversioned.error, /--if-version: "two" is no version/);
    assert.match((await run('update', 'ana')).error, /what is to change is not written/);
    assert.match((await run('update', 'ana', '--speed', 'fast')).error, /--speed: "fast" is no number/);
  });

  it('deletes a profile at its providers, or names who keeps it', async () => {
    const { run, cloner, url } = await start(someProfile());
    const two = await run('delete', 'ana', 'ben');
    assert.equal(two.status, 2);
    assert.match(two.error, /one speaker at a time, and "ben" is one too many/);
    cloner.refusal = 'elevenlabs: not now';
    const left = await run('delete', 'ana');
    assert.equal(left.status, 1);
    assert.match(left.error, /elevenlabs \(elevenlabs: not now\)/);
    cloner.refusal = undefined;
    const { out } = await run('delete', 'ana');
    assert.equal(out, 'the voice of ana is deleted, here and at its providers\n');
    assert.equal((await answer(url('/api/v1/voices/ana'))).status, 404);
  });

  it('speaks a sentence into a WAV', async () => {
    const { run, interpreting } = await start(someProfile());
    interpreting.voices.set('en', {
      tts: {
        name: 'scripted',
        supports: async () => ({ supported: true }),
        synthesize: async ({ spokenBy }) => {
          spokenBy?.('espeak-ng', false);
          return {
            rateHz: 16_000,
            pieces: (async function* () {
              yield sine(300, 200, 16_000);
            })(),
          };
        },
        close: async () => {},
      },
      voice: undefined,
    });
    const output = join(folder, 'test.wav');
    const { status, out, error } = await run(
      'test',
      'ana',
      'Good',
      'morning.',
      '--language',
      'en',
      '--output',
      output,
    );
    assert.equal(status, 0, error);
    assert.equal(out, `it is in ${output}: espeak-ng speaks with a neutral voice, for it has none of ana\n`);
    assert.equal(parseWav(readFileSync(output)).pcm.length, 3_200);
    assert.match((await run('test', 'ana', 'Hello')).error, /what is to be said is not written/);
    const recording = readFileSync(WAV);
    const cwd = process.cwd();
    process.chdir(folder);
    try {
      assert.match((await run('test', 'ana', 'Hello', '--language', 'en')).out, /^it is in ana-speaks\.wav/);
    } finally {
      process.chdir(cwd);
    }
    assert.deepEqual(readFileSync(WAV), recording, 'the recording that it was made of is as it was');
    const nowhere = join(folder, 'none', 'x.wav');
    const unwritten = await run('test', 'ana', 'Hello', '--language', 'en', '--output', nowhere);
    assert.match(unwritten.error, /cannot be written \(ENOENT\)/);
  });

  it('cannot do what it does not know', async () => {
    const { run } = await start();
    assert.equal((await run('sing', 'ana')).status, 2);
  });
});
