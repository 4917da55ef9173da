import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PocketTtsEngine } from '../../src/engines/tts/pocket-tts/pocket-tts-engine.ts';
import { POCKET_TTS } from '../../src/engines/tts/pocket-tts/pocket-tts-variables.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { sumOf } from '../stand-ins/elevenlabs-voices.ts';
import { PocketTtsStandIn, type PocketTtsStandInOptions } from '../stand-ins/pocket-tts.ts';
import { CLONE_REQUEST, describeClonerContract, recording } from './cloner-contract.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

const request = { text: 'un secreto hablado', language: 'es', wantedRateHz: 8_000 };

describe('pocket-tts', () => {
  let standIn: PocketTtsStandIn;
  before(async () => {
    standIn = await PocketTtsStandIn.start();
  });
  after(() => standIn.close());

  describeTtsContract(
    'pocket-tts',
    () => new PocketTtsEngine({ clock: patientClock, servers: new Map([['es', standIn.url]]) }),
  );
});

describeClonerContract('pocket-tts', async () => {
  const standIn = await PocketTtsStandIn.start();
  const engine = new PocketTtsEngine({ clock: patientClock, servers: new Map([['es', standIn.url]]) });
  return {
    engine,
    spoilAll: (fault) => standIn.server.spoilAll(fault),
    spokeAs: (wav) => standIn.asked.at(-1)?.recording === sumOf(wav),
    close: async () => {
      await engine.close();
      await standIn.close();
    },
  };
});

describe('PocketTtsEngine', () => {
  const closers: (() => Promise<void>)[] = [];
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'engine-test-'));
  });
  after(async () => {
    await Promise.all(closers.map((close) => close()));
    await rm(directory, { recursive: true });
  });

  async function start(
    options: PocketTtsStandInOptions = {},
    clock = patientClock,
  ): Promise<{ standIn: PocketTtsStandIn; engine: PocketTtsEngine }> {
    const standIn = await PocketTtsStandIn.start(options);
    const engine = new PocketTtsEngine({ clock, servers: new Map([['es', standIn.url]]) });
    closers.push(
      () => engine.close(),
      () => standIn.close(),
    );
    return { standIn, engine };
  }

  it('speaks with a voice of the server by name or address, with a recording from a file, or with its own', async () => {
    const { standIn, engine } = await start();
    const path = join(directory, 'ana.wav');
    await writeFile(path, recording());
    for (const name of ['marius', 'hf://kyutai/tts-voices/x.wav', path]) {
      await allSamples(await engine.synthesize({ ...request, voice: { name } }, testSignal()));
    }
    await allSamples(await engine.synthesize(request, testSignal()));
    const { text } = request;
    assert.deepEqual(standIn.asked, [
      { text, voiceUrl: 'marius', recording: undefined },
      { text, voiceUrl: 'hf://kyutai/tts-voices/x.wav', recording: undefined },
      { text, voiceUrl: undefined, recording: sumOf(recording()) },
      { text, voiceUrl: undefined, recording: undefined },
    ]);
    assert.equal(engine.voicesKept, 1);
  });

  it('loads a recording once, and lets go of it when the voice is deleted', async () => {
    const { engine } = await start();
    const { ref, kept = new Uint8Array() } = await engine.cloner.clone(CLONE_REQUEST, testSignal());
    let loads = 0;
    const load = async (): Promise<Uint8Array> => {
      loads += 1;
      return kept;
    };
    const voice = { renderings: [{ engine: 'pocket-tts', ref, load }] };
    await Promise.all(
      [1, 2, 3].map(async () => allSamples(await engine.synthesize({ ...request, voice }, testSignal()))),
    );
    assert.deepEqual([loads, engine.voicesKept], [1, 1]);
    await engine.cloner.delete(ref, testSignal());
    assert.equal(engine.voicesKept, 0);
  });

  it('waits 2 s for what is kept of a voice, and takes it for no fault of the server', async () => {
    const clock = new FakeClock();
    const { engine } = await start({}, clock);
    const load = (): Promise<Uint8Array> => new Promise(() => {});
    const voice = { renderings: [{ engine: 'pocket-tts', ref: 'slow', load }] };
    const failing = failureOf(engine.synthesize({ ...request, voice }, testSignal()));
    await clock.settle();
    await clock.advance(2_000);
    const failure = await failing;
    assert.equal(failure.code, 'voice-refused');
    assert.match(failure.message, /what is kept of the voice cannot be read \(engine-timeout\)/);
    assert.equal(engine.voicesKept, 0);
  });

  it('takes a fault of a server that is well for one of the voice, so that another is spoken with', async () => {
    const { engine } = await start({ clones: false });
    const failure = await failureOf(engine.cloner.clone(CLONE_REQUEST, testSignal()));
    assert.equal(failure.code, 'voice-refused');
    assert.match(failure.message, /cannot speak with this voice.*weights do not clone/);
    assert.ok((await allSamples(await engine.synthesize(request, testSignal()))).length > 0);
  });

  it('names each failure, without the text', async () => {
    const { standIn, engine } = await start();
    const cases = [
      [{ type: 'status', status: 400, body: '{"detail":"un secreto"}' }, 'engine-refused'],
      [{ type: 'status', status: 500, body: 'un secreto' }, 'engine-bad-answer'],
      [{ type: 'empty' }, 'engine-bad-answer'],
      [{ type: 'broken', afterChunks: 0 }, 'engine-bad-answer'],
      [{ type: 'reset' }, 'engine-died'],
    ] as const;
    for (const [fault, code] of cases) {
      standIn.server.spoilAll(fault);
      const failure = await failureOf(engine.synthesize(request, testSignal()));
      assert.equal(failure.code, code, JSON.stringify(fault));
      assert.doesNotMatch(failure.everything, /secreto/);
    }
    for (const name of ['http://10.0.0.1/admin', 'hf://somebody/x.wav', '/etc/passwd', 'a b']) {
      const failure = await failureOf(engine.synthesize({ ...request, voice: { name } }, testSignal()));
      assert.equal(failure.code, 'voice-refused', name);
    }
    const nameless = { ...request, voice: { name: 'nobody' } };
    standIn.server.spoilAll(undefined);
    assert.match(
      (await failureOf(engine.synthesize(nameless, testSignal()))).message,
      /400.*check the voice/,
    );
  });

  it('gives up an answer that never ends, as those do whose making failed', async () => {
    const clock = new FakeClock();
    const { standIn, engine } = await start({}, clock);
    standIn.server.spoilNext({ type: 'stall', afterChunks: 2 });
    const { pieces } = await engine.synthesize(request, testSignal());
    let failed = false;
    const failing = failureOf(
      (async () => {
        for await (const _ of pieces) {
          // All that comes.
        }
      })(),
    ).then((failure) => {
      failed = true;
      return failure;
    });
    while (!failed) {
      await clock.advance(500);
      assert.ok(clock.nowMs() < 30_000, 'it waits without end');
    }
    assert.equal((await failing).code, 'engine-timeout');
  });

  it('makes nothing that may not be wanted while it makes something', async () => {
    const { standIn, engine } = await start();
    assert.equal(engine.hasRoom, true);
    standIn.server.spoilNext({ type: 'stall', afterChunks: 1 });
    const reading = allSamples(await engine.synthesize(request, testSignal()));
    assert.equal(engine.hasRoom, false);
    standIn.server.release();
    await standIn.server.until(() => standIn.server.stalled === 0, testSignal());
    standIn.server.release();
    await reading;
    assert.equal(engine.hasRoom, true);
  });

  it('has a server for each language, and says which is missing', async () => {
    const { standIn, engine } = await start();
    const support = await engine.supports('de');
    assert.match(support.supported ? '' : support.reason, /de=http:\/\/HOST:8000/);
    await standIn.close();
    const gone = await engine.supports('es');
    assert.match(gone.supported ? '' : gone.reason, /ECONNREFUSED.*POCKET_TTS_URL/);
    const parse = POCKET_TTS.variables.servers.parse;
    assert.deepEqual(
      [...parse('en=http://a:8000, es=http://b:8000')],
      [
        ['en', 'http://a:8000'],
        ['es', 'http://b:8000'],
      ],
    );
    for (const text of ['', 'en=ws://a', 'en=http://a,en=http://b']) {
      assert.throws(() => parse(text), { code: 'bad-option' }, text);
    }
  });
});
