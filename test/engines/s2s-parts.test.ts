import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CatchUp } from '../../src/engines/s2s/catch-up.ts';
import { deeplSource, deeplTarget } from '../../src/engines/s2s/deepl-voice/deepl-voice-languages.ts';
import {
  outputLanguage,
  understands,
} from '../../src/engines/s2s/openai-realtime/openai-realtime-languages.ts';
import { type FeedPace, SpeechFeed } from '../../src/engines/s2s/speech-feed.ts';
import { fromBase64, toBase64 } from '../../src/engines/s2s/wire-pcm.ts';
import { closeError } from '../../src/engines/wire/web-socket.ts';
import { FAKE_START_MS, FakeClock } from '../base/fake-clock.ts';

const PACE: FeedPace = {
  rateHz: 16_000,
  speechIntervalMs: 60,
  silenceIntervalMs: 100,
  keepAliveMs: 10_000,
  backlogLimitMs: 2_000,
};

class FeedRig {
  readonly clock = new FakeClock();
  /** What went out: `ms since the start: first sample`. */
  readonly sent: string[] = [];
  ready = true;
  readonly feed: SpeechFeed;

  constructor(test: TestContext) {
    this.feed = new SpeechFeed(PACE, this.clock, {
      send: (pcm) => {
        assert.equal(pcm.length, 1_600);
        this.sent.push(`${this.clock.nowMs() - FAKE_START_MS}: ${pcm[0]} to ${pcm.at(-1)}`);
      },
      ready: () => this.ready,
    });
    test.after(() => this.feed.close());
  }

  write(lengthMs: number, value: number): void {
    this.feed.write(new Int16Array(lengthMs * 16).fill(value));
  }
}

describe('SpeechFeed', () => {
  it('sends 100 ms at a time, as soon as it is there', async (t) => {
    const rig = new FeedRig(t);
    for (let i = 0; i < 12; i += 1) {
      await rig.clock.advance(20);
      rig.write(20, 7);
    }
    assert.deepEqual(rig.sent, ['100: 7 to 7', '200: 7 to 7']);
  });

  it('sends what waits no faster than it may', async (t) => {
    const rig = new FeedRig(t);
    rig.write(350, 7);
    await rig.clock.advance(1_000);
    assert.deepEqual(rig.sent, ['0: 7 to 7', '60: 7 to 7', '120: 7 to 7']);
  });

  it('fills the last chunk up, feeds silence until told to rest, and says where and when speech ends', async (t) => {
    const rig = new FeedRig(t);
    rig.write(250, 7);
    assert.deepEqual(rig.feed.finish(), { positionMs: 300, sentMs: FAKE_START_MS + 120 });
    rig.feed.restAt(FAKE_START_MS + 350);
    await rig.clock.advance(5_000);
    assert.deepEqual(rig.sent, ['0: 7 to 7', '60: 7 to 7', '120: 7 to 0', '180: 0 to 0', '280: 0 to 0']);
  });

  it('goes from silence to speech at once', async (t) => {
    const rig = new FeedRig(t);
    rig.feed.finish();
    await rig.clock.advance(130);
    rig.write(100, 7);
    await rig.clock.advance(500);
    assert.deepEqual(rig.sent, ['0: 0 to 0', '100: 0 to 0', '200: 7 to 7']);
  });

  it('sends a chunk every ten seconds when nobody speaks, with what had been left waiting', async (t) => {
    const rig = new FeedRig(t);
    rig.write(50, 7);
    await rig.clock.advance(25_000);
    assert.deepEqual(rig.sent, ['10000: 7 to 0', '20000: 0 to 0']);
  });

  it('keeps back what the connection does not take, drops the oldest and counts it', async (t) => {
    const rig = new FeedRig(t);
    rig.ready = false;
    rig.write(1_000, 1);
    rig.write(1_500, 2);
    assert.equal(rig.feed.droppedMs, 500);
    await rig.clock.advance(1_000);
    assert.deepEqual(rig.sent, []);
    rig.ready = true;
    await rig.clock.advance(2_000);
    assert.equal(rig.sent.length, 20);
    assert.match(rig.sent[0] ?? '', /: 1 to 1$/);
  });

  it('sends nothing after close, and leaves no timer', async (t) => {
    const rig = new FeedRig(t);
    rig.write(500, 7);
    rig.feed.close();
    rig.write(500, 7);
    await rig.clock.advance(20_000);
    assert.equal(rig.sent.length, 1);
    assert.equal(rig.clock.pendingTimers, 0);
  });
});

describe('CatchUp', () => {
  function start(t: TestContext): { clock: FakeClock; catchUp: CatchUp; told: number[] } {
    const clock = new FakeClock();
    const told: number[] = [];
    const catchUp = new CatchUp(
      { noneMs: 3_000, mostMs: 8_000 },
      clock,
      () => 500,
      () => told.push(clock.nowMs() - FAKE_START_MS),
    );
    t.after(() => catchUp.close());
    return { clock, catchUp, told };
  }

  it('has caught up when the translation has been quiet for a while', async (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() });
    await clock.advance(1_000);
    catchUp.heard(true);
    await clock.advance(400);
    catchUp.heard(true);
    await clock.advance(5_000);
    assert.deepEqual(told, [1_900]);
  });

  it('waits longer for the first of the translation, from the last sign of life', async (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() });
    await clock.advance(1_000);
    catchUp.heard(false);
    await clock.advance(9_000);
    assert.deepEqual(told, [4_000]);
  });

  it('waits as long for the first of the next translation', async (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.heard(true);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() });
    await clock.advance(1_000);
    catchUp.owe({ positionMs: 2_000, sentMs: clock.nowMs() });
    await clock.advance(9_000);
    assert.deepEqual(told, [500, 4_000]);
  });

  it('counts from when speech has been sent, not from when it ended', async (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() + 2_000 });
    await clock.advance(9_000);
    assert.deepEqual(told, [5_000]);
  });

  it('does not wait for ever for a provider that goes on', async (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() });
    for (let i = 0; i < 50; i += 1) {
      await clock.advance(200);
      catchUp.heard(true);
    }
    assert.deepEqual(told, [8_000]);
  });

  it('does not take for silence what came while we stood still', async (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() });
    catchUp.heard(true);
    clock.freeze(3_000);
    await clock.advance(0);
    assert.deepEqual(told, []);
    catchUp.heard(true);
    await clock.advance(499);
    assert.deepEqual(told, []);
    await clock.advance(1);
    assert.deepEqual(told, [3_500]);
  });

  it('has caught up at once with speech before what is given now', (t) => {
    const { clock, catchUp, told } = start(t);
    catchUp.owe({ positionMs: 1_000, sentMs: clock.nowMs() });
    catchUp.owe({ positionMs: 3_000, sentMs: clock.nowMs() });
    catchUp.passed(900);
    assert.deepEqual(told, []);
    catchUp.passed(2_000);
    assert.deepEqual(told, [0]);
    assert.equal(catchUp.owing, true);
  });
});

describe('closeError', () => {
  it('is permanent when trying again cannot help', () => {
    assert.equal(closeError('acme')(1006).code, 'engine-died');
    assert.equal(closeError('acme')(1013).code, 'engine-overloaded');
    assert.equal(closeError('acme')(3000).permanent, true);
  });
});

describe('languages of fused translators', () => {
  it('are named as DeepL does, with the regions it tells apart', () => {
    assert.equal(deeplSource('pt-BR'), 'pt');
    assert.equal(deeplTarget('pt-BR'), 'pt-BR');
    assert.equal(deeplTarget('es-MX'), 'es');
    assert.equal(deeplTarget('zh-TW'), 'zh-HANT');
    assert.equal(deeplTarget('no'), 'nb');
    assert.equal(deeplSource('eo'), undefined);
  });

  it('are thirteen that OpenAI speaks, of the many it understands', () => {
    const all = 'es pt fr ja ru zh de ko hi id vi it en'.split(' ');
    assert.deepEqual(all.map(outputLanguage), all);
    assert.equal(outputLanguage('pt-BR'), 'pt');
    assert.equal(outputLanguage('nl'), undefined);
    assert.equal(understands('nl-BE'), true);
    assert.equal(understands('qq'), false);
  });
});

describe('PCM as base64', () => {
  it('comes back as it was, also from a view, and without half a sample', () => {
    const pcm = Int16Array.of(9, 1, -1, 32_767, -32_768).subarray(1);
    assert.deepEqual(fromBase64(toBase64(pcm)), Int16Array.from(pcm));
    assert.equal(toBase64(Int16Array.of(1, -2)), Buffer.from([1, 0, 0xfe, 0xff]).toString('base64'));
    assert.deepEqual(fromBase64(Buffer.from([1, 0, 2]).toString('base64')), Int16Array.of(1));
  });
});
