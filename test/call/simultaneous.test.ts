import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSoundMs, isTone, levelDbfs, loadLibrivoxClips, sine, sliceMs } from '../asterisk/audio.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const RATE_HZ = 8_000;

describe('a call that is interpreted', () => {
  it("lets the speaker's own voice be heard, and 16.5 dB softer under the translation", async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { original: 'duck' } });
    const [a, b] = await exchange.call();
    await exchange.run(200);
    const voice = sine(700, 2_000, RATE_HZ);
    a.speak(voice);
    await exchange.run(500);
    b.heard();
    await exchange.run(400);
    const alone = levelDbfs(b.heard());
    assert.ok(Math.abs(alone - levelDbfs(voice)) < 0.5, `${alone} dBFS alone`);
    // A translation that is all but silent, so that the voice under it can be measured.
    exchange.interpreters.last.speaks(
      1,
      sine(2_000, 900, RATE_HZ).map((sample) => Math.round(sample / 100)),
    );
    await exchange.run(300);
    b.heard();
    await exchange.run(400);
    const under = levelDbfs(b.heard());
    assert.ok(Math.abs(alone - under - 16.5) <= 1, `${alone - under} dB softer`);
  });

  it("lets speech in the listener's own language be heard as it is", async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { original: 'off' } });
    const [a, b] = await exchange.call();
    await exchange.run(200);
    a.speak(sine(700, 2_000, RATE_HZ));
    await exchange.run(300);
    b.heard();
    await exchange.run(200);
    assert.ok(levelDbfs(b.heard()) < -45, 'the voice itself is not heard');
    exchange.interpreters.last.says({ type: 'as-is', on: true });
    await exchange.run(500);
    b.heard();
    await exchange.run(300);
    assert.ok(isTone(b.heard(), 700, RATE_HZ));
    exchange.interpreters.last.says({ type: 'as-is', on: false });
    await exchange.run(500);
    b.heard();
    await exchange.run(100);
    assert.ok(levelDbfs(b.heard()) < -45);
  });

  it('tells each party in its own language, once, that it is', async (t) => {
    const announcements = new Map([
      ['en', sine(500, 400, RATE_HZ)],
      ['es', sine(900, 400, RATE_HZ)],
    ]);
    const exchange = new ScriptedExchange(t, {
      announcements: (language) => {
        const pcm = announcements.get(language);
        return pcm === undefined ? undefined : { rateHz: RATE_HZ, pcm };
      },
    });
    const [a, b] = await exchange.call();
    await exchange.run(1_500);
    for (const [leg, hz] of [
      [a, 500],
      [b, 900],
    ] as const) {
      const heard = leg.heard();
      const atMs = findSoundMs(heard, RATE_HZ, 0, -45) ?? Number.NaN;
      assert.ok(isTone(sliceMs(heard, RATE_HZ, atMs + 50, atMs + 350), hz, RATE_HZ), `${hz} Hz`);
      assert.ok(levelDbfs(sliceMs(heard, RATE_HZ, atMs + 500, atMs + 1_000)) < -45, 'and not again');
    }
  });

  it('says nothing of an interpreter in a call without one', async (t) => {
    const exchange = new ScriptedExchange(t, {
      plan: { mode: 'passthrough' },
      announcements: () => ({ rateHz: RATE_HZ, pcm: sine(500, 400, RATE_HZ) }),
    });
    const [a] = await exchange.call();
    await exchange.run(1_000);
    assert.equal(findSoundMs(a.heard(), RATE_HZ), undefined);
  });

  it('tells its interpreter of pauses, and of speech that falls into what the speaker is being told', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call('call', 16_000);
    await exchange.run(200);
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined && clip.rateHz === 16_000);
    a.speak(clip.pcm);
    await exchange.run(clip.pcm.length / 16 + 1_500);
    const { calls } = exchange.interpreters.last;
    assert.match(calls[0] ?? '', /^start 1 at \d+(\.\d+)?$/);
    assert.ok(calls.includes('pause'), calls.join());
    assert.equal(
      calls.filter((call) => call === 'pause').length,
      calls.filter((call) => call === 'resume').length + 1,
    );
    assert.equal(calls.at(-1), 'end');
  });

  it('counts what its interpreter notes', async (t) => {
    const exchange = new ScriptedExchange(t);
    await exchange.call();
    exchange.interpreters.last.says({ type: 'noted', what: 'draft-hit', count: 2 });
    exchange.interpreters.last.says({ type: 'noted', what: 'echo', count: 1 });
    assert.deepEqual(
      [...exchange.switchboard.totals().tally('noted')],
      [
        ['draft-hit', 2],
        ['echo', 1],
      ],
    );
  });

  it('shares what was said between both directions', async (t) => {
    const exchange = new ScriptedExchange(t);
    await exchange.call();
    const { lines } = exchange.interpreters.last.options;
    lines.said('good morning');
    exchange.interpreters.last.options.told('buenos días');
    assert.deepEqual(lines.context(3), ['good morning'], 'the speaker is told nothing in its own language');
  });
});
