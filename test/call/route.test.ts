import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { UtteranceReport } from '../../src/call/call-events.ts';
import { concatPcm, findSoundMs, isTone, levelDbfs, silence, sine, sliceMs } from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
const DIED = new AppError('engine-died', 'gone');

/** Whether `listener` hears what `speaker` says, as it is. */
async function hearsVoice(
  exchange: ScriptedExchange,
  speaker: ScriptedLeg,
  listener: ScriptedLeg,
): Promise<boolean> {
  listener.heard();
  speaker.speak(sine(700, 200, RATE_HZ));
  await exchange.run(300);
  const heard = listener.heard();
  const atMs = findSoundMs(heard, RATE_HZ);
  return atMs !== undefined && isTone(sliceMs(heard, RATE_HZ, atMs + 40, atMs + 160), 700, RATE_HZ);
}

function reportsOf(exchange: ScriptedExchange): readonly UtteranceReport[] {
  return exchange.events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
}

describe('Route', () => {
  it("lets the speaker's own voice through until an interpreter is open, and not after", async (t) => {
    const exchange = new ScriptedExchange(t);
    exchange.interpreters.openError = DIED;
    const [a, b] = await exchange.call();
    await exchange.run(40);
    assert.equal(await hearsVoice(exchange, a, b), true);
    exchange.interpreters.openError = undefined;
    await exchange.run(1_000);
    assert.equal(exchange.interpreters.opened.length, 1);
    assert.equal(await hearsVoice(exchange, a, b), false);
    assert.deepEqual(exchange.statesOf('a'), ['RINGING', 'CONNECTED', 'TRANSLATING']);
  });

  it('interprets a running call from the moment at which something can, and says so', async (t) => {
    let there = false;
    const exchange = new ScriptedExchange(t, {
      plan: { announce: true },
      announcements: () => ({ rateHz: RATE_HZ, pcm: sine(440, 300, RATE_HZ) }),
      interpreters: (scripted) => (from) => (there && from === 'en' ? scripted.fused : undefined),
    });
    const [a, b] = await exchange.call();
    await exchange.run(40);
    assert.equal(await hearsVoice(exchange, a, b), true);
    b.heard();

    there = true;
    exchange.switchboard.interpretersChanged();
    await exchange.run(600);
    assert.ok(findSoundMs(b.heard(), RATE_HZ) !== undefined, 'that a machine interprets is said');
    a.speak(voiceLike(500, RATE_HZ));
    await exchange.run(1_500);
    assert.equal(await hearsVoice(exchange, a, b), false);
    assert.deepEqual(exchange.statesOf('a'), ['RINGING', 'CONNECTED', 'TRANSLATING']);

    exchange.switchboard.interpretersChanged();
    await exchange.run(600);
    assert.equal(exchange.interpreters.opened.length, 1, 'what serves goes on');
  });

  it('lets who is speaking when something begins to interpret be heard to the end of what is said', async (t) => {
    let there = false;
    const exchange = new ScriptedExchange(t, {
      interpreters: (scripted) => (from) => (there && from === 'en' ? scripted.fused : undefined),
    });
    const [a, b] = await exchange.call();
    await exchange.run(40);
    a.speak(voiceLike(3_000, RATE_HZ));
    await exchange.run(1_000);
    there = true;
    exchange.switchboard.interpretersChanged();
    await exchange.run(1_000);
    b.heard();
    await exchange.run(500);
    assert.ok(levelDbfs(b.heard()) > -40, 'what is being said is heard as it is');
    await exchange.run(2_000);
    a.speak(voiceLike(1_000, RATE_HZ));
    await exchange.run(500);
    b.heard();
    await exchange.run(400);
    assert.ok(levelDbfs(b.heard()) < -50, 'what is said next is interpreted');
  });

  it('lets the other way through as it is when nothing interprets it', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    await exchange.run(40);
    assert.equal(await hearsVoice(exchange, b, a), true);
    assert.deepEqual(exchange.statesOf('b'), ['RINGING', 'CONNECTED']);
  });

  it('interprets nobody in passthrough, and only the first party in one-way mode', async (t) => {
    const passthrough = new ScriptedExchange(t, { plan: { mode: 'passthrough' } });
    await passthrough.call();
    assert.equal(passthrough.interpreters.attemptsMs.length, 0);
    const oneWay = new ScriptedExchange(t, { plan: { mode: 'unidirectional' } });
    await oneWay.call();
    assert.deepEqual(
      oneWay.interpreters.opened.map(({ options }) => [options.from, options.to]),
      [['en', 'es']],
    );
  });

  it("asks for the listener's rate", async (t) => {
    const exchange = new ScriptedExchange(t);
    exchange.interpreters.openError = DIED;
    await exchange.call('call', 16_000);
    exchange.interpreters.openError = undefined;
    await exchange.run(1_000);
    assert.equal(exchange.interpreters.last.options.wantedRateHz, 16_000);
  });

  it('gives an utterance to the interpreter, with its audio, and warns once of a narrow voice', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    await exchange.run(400);
    const startMs = exchange.clock.nowMs();
    for (let utterance = 0; utterance < 2; utterance += 1) {
      a.speak(concatPcm(voiceLike(500, RATE_HZ), silence(1_000, RATE_HZ)));
      await exchange.run(1_500);
    }
    const { calls, samples } = exchange.interpreters.last;
    assert.deepEqual(
      calls.map((call) => call.split(' at ')[0]),
      ['start 1', 'pause', 'end', 'start 2', 'pause', 'end'],
    );
    const saidMs = Number(calls[0]?.split(' at ')[1]);
    assert.ok(Math.abs(saidMs - startMs) <= 60, `${saidMs} and ${startMs}`);
    // 300 ms of pre-roll, 500 of voice, 600 of hang-over, twice; the second one's pre-roll may be shorter.
    assert.ok(samples >= 2_400 * 16 && samples <= 2_900 * 16, `${samples / 16} ms`);
    assert.equal(
      exchange.warnings.filter((warning) => warning.startsWith('recognition will be poor')).length,
      1,
    );
  });

  it('plays the segments of the interpreter in order', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [, b] = await exchange.call();
    await exchange.run(40);
    b.heard();
    exchange.interpreters.last.speaks(1, sine(440, 200, RATE_HZ));
    exchange.interpreters.last.speaks(1, sine(1_000, 200, RATE_HZ));
    await exchange.run(600);
    const heard = b.heard();
    const atMs = findSoundMs(heard, RATE_HZ) ?? Number.NaN;
    assert.ok(atMs <= 60, `${atMs}`);
    assert.ok(isTone(sliceMs(heard, RATE_HZ, atMs, atMs + 180), 440, RATE_HZ));
    assert.ok(isTone(sliceMs(heard, RATE_HZ, atMs + 220, atMs + 380), 1_000, RATE_HZ));
  });

  it('reports an utterance when it was heard, its stages adding up to the whole', async (t) => {
    const exchange = new ScriptedExchange(t);
    await exchange.call();
    await exchange.run(40);
    const interpreter = exchange.interpreters.last;
    const nowMs = exchange.clock.nowMs();
    interpreter.says({ type: 'heard', utterance: 1, text: 'good morning', final: true });
    interpreter.speaks(1, sine(440, 200, RATE_HZ));
    interpreter.says({
      type: 'utterance-ended',
      utterance: 1,
      outcome: 'spoken',
      source: { language: 'en', text: 'good morning' },
      target: { language: 'es', text: 'buenos días' },
      timing: {
        speechStartMs: nowMs - 2_000,
        speechEndMs: nowMs - 1_000,
        endpointMs: nowMs - 400.16,
        sttFinalMs: nowMs - 250.27,
        mtDoneMs: nowMs - 99.74,
        ttsFirstMs: nowMs - 0.5,
      },
      failure: undefined,
    });
    await exchange.run(100);
    assert.deepEqual(reportsOf(exchange), [], 'it is still being heard');
    await exchange.run(300);
    const [report] = reportsOf(exchange);
    assert.ok(report !== undefined);
    assert.equal(report.outcome, 'spoken');
    const { endToEndMs = 0, ...parts } = report.stages;
    const sumMs = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
    assert.equal(Object.keys(parts).length, 5);
    assert.ok(Math.abs(sumMs - endToEndMs) <= 1, `${sumMs} and ${endToEndMs}`);
    assert.ok(endToEndMs > 1_000 && endToEndMs < 1_060, `${endToEndMs}`);
    const lengthMs = (report.target.endMs ?? 0) - (report.target.startMs ?? 0);
    assert.equal(lengthMs, 200);
    assert.deepEqual(
      exchange.events.map(({ type }) => type).filter((type) => type !== 'party-state'),
      ['heard', 'spoken', 'utterance'],
    );
  });

  it('lets the voice be heard that falls behind, and says so with a soft tone', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { original: 'off' } });
    const [a, b] = await exchange.call();
    await exchange.run(40);
    assert.equal(await hearsVoice(exchange, a, b), false);
    b.heard();
    exchange.interpreters.last.says({ type: 'behind', on: true });
    await exchange.run(400);
    const heard = b.heard();
    const atMs = findSoundMs(heard, RATE_HZ, 0, -50) ?? Number.NaN;
    assert.ok(isTone(sliceMs(heard, RATE_HZ, atMs + 20, atMs + 100), 392, RATE_HZ));
    assert.equal(await hearsVoice(exchange, a, b), true);
    exchange.interpreters.last.says({ type: 'behind', on: false });
    await exchange.run(400);
    assert.equal(await hearsVoice(exchange, a, b), false);
    assert.equal(exchange.tally('lettingThrough', 'behind'), 1);
  });

  it('counts why an utterance was not interpreted', async (t) => {
    const exchange = new ScriptedExchange(t);
    await exchange.call();
    exchange.interpreters.last.says({
      type: 'utterance-ended',
      utterance: 1,
      outcome: 'failed',
      source: { language: 'en', text: 'good morning' },
      target: { language: 'es', text: '' },
      timing: { speechStartMs: 1_000, speechEndMs: 1_000, endpointMs: 1_000 },
      failure: { stage: 'mt', error: new AppError('engine-timeout', 'late') },
    });
    assert.equal(exchange.tally('errors', 'mt engine-timeout MEDIUM'), 1);
    assert.equal(reportsOf(exchange)[0]?.outcome, 'failed');
  });
});

describe('a hearing whose stream of recognition was replaced', () => {
  it('is counted by what the stream was lost to, and goes on', async (t) => {
    const exchange = new ScriptedExchange(t, {
      interpreters: (scripted) => (from) => (from === 'en' ? scripted.text : undefined),
    });
    await exchange.call();
    await exchange.run(40);
    const [hearing] = exchange.interpreters.hearings;
    hearing?.options.onEvent({ type: 'replaced', error: DIED });
    await exchange.run(40);
    assert.equal(exchange.tally('streamsReplaced', 'engine-died'), 1);
    assert.deepEqual(exchange.warnings, ['a stream of recognition was lost: another goes on with it']);
    assert.equal(hearing?.closed, 0);
  });
});

describe('Route without an interpreter', () => {
  it('tries to open one again after 200, 400, 800 ms, and then every 5 s', async (t) => {
    const exchange = new ScriptedExchange(t);
    exchange.interpreters.openError = DIED;
    await exchange.call();
    await exchange.clock.advance(20_000);
    const { attemptsMs } = exchange.interpreters;
    assert.deepEqual(
      attemptsMs.slice(1).map((atMs, index) => atMs - (attemptsMs[index] ?? 0)),
      [200, 400, 800, 5_000, 5_000, 5_000],
    );
    assert.equal(exchange.tally('errors', 'interpreter engine-died HIGH'), 7);
    assert.equal(exchange.tally('recoveries', 'false'), 6);
    exchange.interpreters.openError = undefined;
    await exchange.clock.advance(5_000);
    assert.equal(exchange.tally('recoveries', 'true'), 1);
  });

  it('lets the voice through again when it fails in mid-call, and opens another after 200 ms', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    await exchange.run(40);
    const first = exchange.interpreters.last;
    exchange.interpreters.openError = DIED;
    first.says({ type: 'failed', error: DIED });
    await exchange.clock.settle();
    assert.equal(first.closed, 1);
    assert.equal(await hearsVoice(exchange, a, b), true);
    exchange.interpreters.openError = undefined;
    await exchange.run(1_000);
    assert.equal(exchange.interpreters.opened.length, 2);
    assert.equal(await hearsVoice(exchange, a, b), false);
    assert.deepEqual(exchange.statesOf('a'), [
      'RINGING',
      'CONNECTED',
      'TRANSLATING',
      'CONNECTED',
      'TRANSLATING',
    ]);
    const { attemptsMs } = exchange.interpreters;
    assert.equal((attemptsMs[1] ?? 0) - 1_040, 200);
  });

  it('lets the voice through before the one that failed has closed, and though closing fails', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    await exchange.run(40);
    let fail = (_error: Error): void => {};
    exchange.interpreters.last.closing = new Promise((_, reject) => {
      fail = reject;
    });
    exchange.interpreters.last.says({ type: 'failed', error: DIED });
    await exchange.run(400);
    assert.equal(await hearsVoice(exchange, a, b), true);
    fail(new Error('it does not even close'));
    await exchange.run(400);
    assert.equal(exchange.interpreters.opened.length, 2);
    assert.equal(await hearsVoice(exchange, a, b), false);
  });

  it('ends what the one that failed had begun to say, so that the next is heard after it', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [, b] = await exchange.call();
    await exchange.run(40);
    const first = exchange.interpreters.last;
    first.opens(1).add(sine(440, 100, RATE_HZ));
    await exchange.run(60);
    first.says({ type: 'failed', error: DIED });
    await exchange.run(400);
    b.heard();
    exchange.interpreters.last.speaks(2, sine(1_000, 200, RATE_HZ));
    await exchange.run(300);
    const heard = b.heard();
    const atMs = findSoundMs(heard, RATE_HZ) ?? Number.NaN;
    assert.ok(isTone(sliceMs(heard, RATE_HZ, atMs, atMs + 180), 1_000, RATE_HZ));
  });

  it('does not give the next one an utterance that began before it was ready', async (t) => {
    const exchange = new ScriptedExchange(t);
    exchange.interpreters.openError = DIED;
    const [a] = await exchange.call();
    a.speak(concatPcm(silence(100, RATE_HZ), voiceLike(1_000, RATE_HZ), silence(1_000, RATE_HZ)));
    await exchange.run(400);
    exchange.interpreters.openError = undefined;
    await exchange.run(2_000);
    assert.equal(exchange.interpreters.last.calls.length, 0);
    assert.equal(exchange.interpreters.last.samples, 0);
    a.speak(concatPcm(voiceLike(400, RATE_HZ), silence(1_000, RATE_HZ)));
    await exchange.run(1_500);
    assert.deepEqual(
      exchange.interpreters.last.calls.map((call) => call.split(' ')[0]),
      ['start', 'pause', 'end'],
      'the next utterance is its own',
    );
  });

  it('tells of speech that nothing rendered, though nobody asked for it, and of no cough', async (t) => {
    const exchange = new ScriptedExchange(t);
    exchange.interpreters.openError = DIED;
    const [a] = await exchange.call();
    for (const lengthMs of [1_200, 300]) {
      a.speak(concatPcm(silence(100, RATE_HZ), voiceLike(lengthMs, RATE_HZ), silence(1_000, RATE_HZ)));
      await exchange.run(lengthMs + 1_100);
    }
    const told = exchange.events.flatMap((event) =>
      event.type === 'uninterpreted' ? [`${event.party} ${event.language}`] : [],
    );
    assert.deepEqual(told, ['a es']);
    assert.equal(exchange.tally('uninterpreted', 'no-interpreter'), 1);
  });

  it('does not give the next one the rest of an utterance that the one before had', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a] = await exchange.call();
    a.speak(concatPcm(silence(100, RATE_HZ), voiceLike(1_500, RATE_HZ), silence(1_000, RATE_HZ)));
    await exchange.run(600);
    assert.equal(exchange.interpreters.last.calls.length, 1);
    exchange.interpreters.last.says({ type: 'failed', error: DIED });
    await exchange.run(2_000);
    assert.equal(exchange.interpreters.opened.length, 2);
    assert.deepEqual(exchange.interpreters.last.calls, []);
    assert.equal(exchange.interpreters.last.samples, 0);
  });

  it('closes the interpreter with the call, and opens no other', async (t) => {
    const exchange = new ScriptedExchange(t);
    const [a, b] = await exchange.call();
    await exchange.run(40);
    a.end('peer-closed');
    await exchange.run(200);
    assert.equal(exchange.interpreters.last.closed, 1);
    assert.equal(b.ending, 'hung-up');
    await exchange.clock.advance(20_000);
    assert.equal(exchange.interpreters.attemptsMs.length, 1);
    assert.equal(exchange.clock.pendingTimers, 0);
  });

  it('stops trying when the call is over', async (t) => {
    const exchange = new ScriptedExchange(t);
    exchange.interpreters.openError = DIED;
    const [a] = await exchange.call();
    await exchange.run(40);
    a.end('peer-closed');
    await exchange.clock.advance(20_000);
    assert.equal(exchange.interpreters.attemptsMs.length, 1);
    assert.equal(exchange.clock.pendingTimers, 0);
  });

  it('lets no voice through that is silent', async (t) => {
    const exchange = new ScriptedExchange(t, { plan: { mode: 'passthrough' } });
    const [, b] = await exchange.call();
    await exchange.run(400);
    b.heard();
    await exchange.run(400);
    assert.equal(levelDbfs(b.heard()), Number.NEGATIVE_INFINITY);
  });
});
