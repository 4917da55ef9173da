import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { XttsEngine, type XttsSettings } from '../../src/engines/tts/xtts/xtts-engine.ts';
import { wavHeader } from '../../src/protocol/wav.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { clonedSeed, latentsOf, XttsStandIn, type XttsStandInOptions } from '../stand-ins/xtts.ts';
import { describeClonerContract } from './cloner-contract.ts';
import { testSignal } from './events.ts';
import { failureOf } from './failure-of.ts';
import { patientClock } from './patient-clock.ts';
import { allSamples, describeTtsContract } from './tts-contract.ts';

const request = { text: 'un secreto hablado', language: 'es', wantedRateHz: 8_000 };

describe('xtts', () => {
  let standIns: readonly XttsStandIn[] = [];
  before(async () => {
    standIns = await Promise.all([XttsStandIn.start(), XttsStandIn.start()]);
  });
  after(() => Promise.all(standIns.map((standIn) => standIn.close())));

  describeTtsContract(
    'xtts',
    () => new XttsEngine({ clock: patientClock, servers: standIns.map(({ url }) => url) }),
  );

  describeClonerContract('xtts', async () => {
    const standIn = await XttsStandIn.start();
    const engine = new XttsEngine({ clock: patientClock, servers: [standIn.url] });
    return {
      engine,
      spoilAll: (fault) => standIn.server.spoilAll(fault),
      spokeAs: (wav) => {
        const { speaker_embedding: spoken } = JSON.parse(latentsOf(clonedSeed(wav)));
        assert.deepEqual(standIn.asked.at(-1)?.body.speaker_embedding, spoken);
        return true;
      },
      close: async () => {
        await engine.close();
        await standIn.close();
      },
    };
  });

  it('has asked no server for two segments at once, and each for a part of them', () => {
    for (const standIn of standIns) {
      assert.equal(standIn.overlaps, 0);
      assert.ok(standIn.asked.length > 5, String(standIn.asked.length));
    }
  });
});

describe('XttsEngine', () => {
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
    options: XttsStandInOptions = {},
    settings: Partial<XttsSettings> = {},
  ): Promise<{ standIn: XttsStandIn; engine: XttsEngine }> {
    const standIn = await XttsStandIn.start(options);
    return { standIn, engine: engineOn([standIn], settings) };
  }

  function engineOn(standIns: readonly XttsStandIn[], settings: Partial<XttsSettings> = {}): XttsEngine {
    const servers = standIns.map(({ url }) => url);
    const engine = new XttsEngine({ clock: patientClock, servers, ...settings });
    closers.push(() => engine.close(), ...standIns.map((standIn) => () => standIn.close()));
    return engine;
  }

  async function spoken(engine: XttsEngine, change: object = {}): Promise<number> {
    return (await allSamples(await engine.synthesize({ ...request, ...change }, testSignal()))).length;
  }

  it('speaks with a studio speaker, by default the first, whose latents are fetched once', async () => {
    const { standIn, engine } = await start();
    await Promise.all([spoken(engine), spoken(engine)]);
    await spoken(engine, { voice: { name: 'Alma María' }, language: 'zh-CN' });
    await spoken(engine, { voice: { name: 'Daisy "Q" Studious' }, language: 'pt-BR' });
    const rest = { text: request.text, add_wav_header: false, stream_chunk_size: '20' };
    assert.deepEqual(standIn.asked, [
      { speaker: 'Claribel Dervla', body: { ...rest, language: 'es' } },
      { speaker: 'Claribel Dervla', body: { ...rest, language: 'es' } },
      { speaker: 'Alma María', body: { ...rest, language: 'zh-cn' } },
      { speaker: 'Daisy "Q" Studious', body: { ...rest, language: 'pt' } },
    ]);
    assert.equal(standIn.counts.speakers, 1);
    assert.equal(engine.voicesKept, 3);
  });

  it('names the voices there are when one is asked for that there is not', async () => {
    const { engine } = await start({ speakers: 58 });
    const failure = await failureOf(
      engine.synthesize({ ...request, voice: { name: 'Nobody' } }, testSignal()),
    );
    assert.equal(failure.code, 'voice-refused');
    assert.match(
      failure.message,
      /Claribel Dervla, Alma María,.* and 52 more: write --voice es="Claribel Dervla"/,
    );
    assert.doesNotMatch(failure.everything, /secreto/);
    const { engine: none } = await start({ speakers: 0 });
    assert.match(
      (await failureOf(none.synthesize(request, testSignal()))).message,
      /no studio speakers.*--voice/,
    );
  });

  it('speaks with latents from a file', async () => {
    const { standIn, engine } = await start();
    const voice = join(directory, 'anna.json');
    await writeFile(voice, latentsOf(77, 65));
    assert.ok((await spoken(engine, { voice: { name: voice } })) > 0);
    assert.deepEqual(standIn.asked[0]?.speaker, undefined);
    assert.equal(standIn.asked[0]?.body.text, request.text);
    assert.equal(JSON.stringify(standIn.asked[0]?.body).startsWith(latentsOf(77, 65).slice(0, -1)), true);
    assert.equal(standIn.counts.speakers, 0);
  });

  it('clones a recording once', async () => {
    const { standIn, engine } = await start();
    const voice = join(directory, 'anna.wav');
    await writeFile(voice, Buffer.concat([wavHeader(16_000, 32_000), Buffer.alloc(32_000, '\r\n--')]));
    await Promise.all([
      spoken(engine, { voice: { name: voice } }),
      spoken(engine, { voice: { name: voice } }),
    ]);
    assert.equal(standIn.counts.clones, 1);
    const sent = `{"speaker_embedding":${JSON.stringify(standIn.asked[1]?.body.speaker_embedding)}`;
    assert.ok(latentsOf(1_000 + 32_044).startsWith(sent));
  });

  it('holds 64 voices, and loads again what had to go', async () => {
    const { engine } = await start();
    const loaded: number[] = [];
    const kept = Buffer.from(latentsOf(5, 1));
    const speakAs = (caller: number): Promise<number> =>
      spoken(engine, {
        text: 'sí',
        voice: {
          renderings: [
            {
              engine: 'xtts',
              ref: `caller ${caller}`,
              load: async () => {
                loaded.push(caller);
                return kept;
              },
            },
          ],
        },
      });
    for (let caller = 0; caller <= 64; caller += 1) {
      await speakAs(caller);
    }
    await speakAs(64);
    assert.deepEqual([loaded.length, engine.voicesKept], [65, 64]);
    await speakAs(0);
    assert.deepEqual([loaded.length, engine.voicesKept], [66, 64]);
  });

  it('refuses voices that are no voices', async () => {
    const { engine } = await start();
    const broken = join(directory, 'broken.json');
    await writeFile(broken, '{"speaker_embedding":[1],"gpt_cond_latent":[[1,2]]}');
    const noWav = join(directory, 'no.wav');
    await writeFile(noWav, 'MP3');
    const cases = [
      ['/nonexistent/voice.json', 'voice-refused', /ENOENT/],
      ['/nonexistent/voice.mp3', 'voice-refused', /neither/],
      [broken, 'voice-refused', /gpt_cond_latent/],
      [noWav, 'engine-bad-answer', /500/],
    ] as const;
    for (const [voice, code, message] of cases) {
      const failure = await failureOf(
        engine.synthesize({ ...request, voice: { name: voice } }, testSignal()),
      );
      assert.equal(failure.code, code, voice);
      assert.match(failure.message, message);
    }
  });

  it('has everything ready once it was asked what it supports', async () => {
    const { standIn, engine } = await start();
    assert.deepEqual(await engine.supports('zh-TW'), { supported: true });
    assert.deepEqual(await engine.supports('pt-BR'), { supported: true });
    assert.deepEqual(standIn.counts, { speakers: 1, languages: 1, clones: 0 });
    await spoken(engine);
    assert.equal(standIn.counts.speakers, 1);
  });

  it('asks the next server when one is not there, and says when none is', async () => {
    const dead = await XttsStandIn.start();
    await dead.close();
    const { standIn } = await start();
    const engine = engineOn([dead, standIn]);
    assert.deepEqual(await engine.supports('es'), { supported: true });
    await standIn.close();
    const alone = new XttsEngine({ clock: patientClock, servers: ['http://127.0.0.1:9'] });
    const support = await alone.supports('es');
    assert.match(support.supported ? '' : support.reason, /127\.0\.0\.1:9 .*XTTS_URL/);
    await alone.close();
  });

  it('names each failure, and does not let go of the server too early', async () => {
    const { standIn, engine } = await start();
    const cases = [
      [{ type: 'status', status: 422, body: '{"detail":"un secreto"}' }, 'engine-refused'],
      [{ type: 'status', status: 500, body: 'Internal Server Error' }, 'engine-bad-answer'],
      [{ type: 'empty' }, 'text-unspeakable'],
      [{ type: 'broken', afterChunks: 0 }, 'text-unspeakable'],
      [{ type: 'broken', afterChunks: 1 }, 'engine-bad-answer'],
      [{ type: 'garbled', afterChunks: 1 }, 'engine-bad-answer'],
    ] as const;
    for (const [fault, code] of cases) {
      standIn.server.spoilNext(fault);
      const failure = await failureOf(spoken(engine));
      assert.equal(failure.code, code, JSON.stringify(fault));
      assert.doesNotMatch(failure.everything, /secreto/);
    }
    assert.equal((await failureOf(spoken(engine, { language: 'sw' }))).code, 'text-unspeakable');
    assert.ok((await spoken(engine)) > 0);
    assert.equal(standIn.overlaps, 0);
  });

  it('leaves a server alone for a while after it failed', async () => {
    const clock = new FakeClock();
    const [bad, good] = [await XttsStandIn.start(), await XttsStandIn.start()];
    const engine = engineOn([bad, good], { clock });
    await engine.supports('es');
    bad.server.spoilNext({ type: 'broken', afterChunks: 1 });
    await failureOf(spoken(engine));
    for (let i = 0; i < 3; i += 1) {
      await spoken(engine);
    }
    assert.deepEqual([bad.asked.length, good.asked.length], [1, 3]);
    await clock.advance(5_000);
    await spoken(engine);
    await spoken(engine);
    assert.deepEqual([bad.asked.length, good.asked.length], [2, 4]);
  });

  it('lets no server rest for a text that the model fails on, unless it fails on every one', async () => {
    const clock = new FakeClock();
    const failsOn = (text: string) =>
      text.includes('%') ? 'empty' : text.includes('§') ? 'broken' : undefined;
    const [bad, other] = [await XttsStandIn.start({ failsOn }), await XttsStandIn.start()];
    const engine = engineOn([bad], { clock });
    for (const text of ['un 5%', 'un § 5']) {
      assert.equal((await failureOf(spoken(engine, { text }))).code, 'text-unspeakable');
      assert.ok((await spoken(engine)) > 0);
    }
    const both = engineOn([bad, other], { clock });
    assert.equal(both.hasRoom, true);
    bad.server.spoilAll({ type: 'empty' });
    for (let i = 0; i < 24; i += 1) {
      await spoken(both).catch(() => {});
    }
    assert.equal(both.hasRoom, false);
    assert.deepEqual([bad.asked.length, other.asked.length], [4 + 10, 14]);
  });

  it('blames a server that breaks off and is gone, and not the text', async () => {
    const { standIn, engine } = await start();
    await engine.supports('es');
    standIn.server.spoilNext({ type: 'stall', afterChunks: 0 });
    const failing = failureOf(spoken(engine));
    await standIn.server.until(() => standIn.server.stalled === 1, testSignal());
    await standIn.close();
    assert.notEqual((await failing).code, 'text-unspeakable');
  });

  it('speaks a text that is longer than the model takes in parts, cut at marks, as one', async () => {
    const { standIn, engine } = await start();
    const sentence = 'Quiero reservar una habitación para dos noches, por favor. ';
    const text = sentence.repeat(9).trim();
    const samples = await spoken(engine, { text });
    const parts = standIn.asked.map(({ body }) => String(body.text));
    assert.deepEqual([parts.length, parts.join(' ')], [3, text]);
    assert.ok(
      parts.every((part) => part.length <= 239 && part.endsWith('.')),
      String(parts.map((part) => part.length)),
    );
    assert.ok(samples > (text.length * 60 * 24) / 2, String(samples));
    await spoken(engine, {
      text: '我们公司准备在下个月把新的服务器全部搬到上海的数据中心，'.repeat(4),
      language: 'zh',
    });
    assert.ok(standIn.asked.slice(3).length > 1);
    assert.ok(standIn.asked.slice(3).every(({ body }) => String(body.text).length <= 82));
  });

  it('keeps the server of an abandoned segment until it has been made', async () => {
    const clock = new FakeClock();
    const { standIn, engine } = await start({ durationMs: () => 5_000 }, { clock });
    standIn.server.spoilNext({ type: 'stall', afterChunks: 3 });
    const controller = new AbortController();
    const reading = allSamples(await engine.synthesize(request, controller.signal));
    const reason = new Error('barge-in');
    controller.abort(reason);
    await assert.rejects(reading, reason);
    const next = spoken(engine);
    await standIn.server.until(() => standIn.server.stalled === 1, testSignal());
    assert.equal(standIn.asked.length, 1);
    standIn.server.release();
    assert.ok((await next) > 0);
    assert.equal(standIn.overlaps, 0);
    assert.equal(standIn.server.abandoned, 0);
    assert.equal(clock.pendingTimers, 0);
  });

  it('cuts an abandoned segment that does not end, and asks another server meanwhile', async () => {
    const clock = new FakeClock();
    const [stuck, good] = [await XttsStandIn.start(), await XttsStandIn.start()];
    const engine = engineOn([stuck, good], { clock, drainLimitMs: 2_000 });
    stuck.server.spoilAll({ type: 'stall', afterChunks: 1 });
    const controller = new AbortController();
    const reading = allSamples(await engine.synthesize(request, controller.signal));
    controller.abort(new AppError('engine-timeout', 'no sound'));
    await assert.rejects(reading, { code: 'engine-timeout' });
    await spoken(engine);
    await clock.advance(1_999);
    assert.equal(stuck.server.abandoned, 0);
    await clock.advance(1);
    await stuck.server.until(() => stuck.server.abandoned === 1, testSignal());
    await spoken(engine);
    await spoken(engine);
    assert.deepEqual([stuck.asked.length, good.asked.length], [1, 3]);
  });

  it('lets as many wait as it is told, in order, and forgets who gives up', async () => {
    const { standIn, engine } = await start({}, { waitingLimit: 2 });
    await engine.supports('es');
    standIn.server.spoilNext({ type: 'stall', afterChunks: 1 });
    const first = spoken(engine, { text: 'uno' });
    await standIn.server.until(() => standIn.server.stalled === 1, testSignal());
    const controller = new AbortController();
    const second = failureOf(engine.synthesize({ ...request, text: 'dos' }, controller.signal));
    const third = spoken(engine, { text: 'tres' });
    // Who asks waits for its voice first, if only a moment.
    await new FakeClock().settle();
    assert.equal((await failureOf(spoken(engine, { text: 'cuatro' }))).code, 'engine-overloaded');
    controller.abort(new Error('hung up'));
    assert.equal((await second).message, 'hung up');
    standIn.server.release();
    await Promise.all([first, third]);
    assert.deepEqual(
      standIn.asked.map(({ body }) => body.text),
      ['uno', 'tres'],
    );
  });

  it('ends what is being spoken, fetched and waited for when it closes', async () => {
    const { standIn, engine } = await start();
    standIn.server.spoilNext({ type: 'stall', afterChunks: 1 });
    const reading = failureOf(spoken(engine));
    await standIn.server.until(() => standIn.server.stalled === 1, testSignal());
    const waiting = failureOf(spoken(engine));
    await engine.close();
    assert.equal((await reading).code, 'closed');
    assert.equal((await waiting).code, 'closed');
    await standIn.server.until(() => standIn.server.abandoned === 1, testSignal());
  });

  it('refuses to be made without a server, or with an address that is none', () => {
    for (const servers of [[], ['gpu1:8000']]) {
      assert.throws(() => new XttsEngine({ clock: patientClock, servers }), { code: 'bad-option' });
    }
  });
});
