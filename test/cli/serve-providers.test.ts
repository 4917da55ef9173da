/** `dragoman serve` and `check` as processes, with providers that stand on this machine. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { STATUS } from '../../src/server/http/service-status.ts';
import { newCallUuids, StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { type DeepgramStandIn, startDeepgram } from '../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../stand-ins/deepl.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { XttsStandIn } from '../stand-ins/xtts.ts';
import { eventually } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const WORDS = ['--pair', 'en:fr', '--listen', '127.0.0.1:0', '--http', 'off', '--metrics', 'off'];
const KEY = 'hush-hush-key';
const WRONG_KEY = 'hush-hush-wrong';
const LIMIT_MS = 180_000;

const CALLS = z.object({
  calls: z.array(z.object({ parties: z.array(z.object({ state: z.string() })) })),
});

/** Said of an engine that a busy machine has not let answer while it was tried: it is left out for a while. */
const TRIED_TOO_LATE = /no answer within \d+ s|it took longer than \d+ s/;

type Line = Readonly<Record<string, unknown>>;

describe('providers in the environment', () => {
  let deepgram: DeepgramStandIn;
  let deepl: DeeplStandIn;
  let xtts: XttsStandIn;
  before(async () => {
    deepgram = await startDeepgram({ apiKey: KEY });
    deepl = await DeeplStandIn.open({ apiKey: KEY });
    xtts = await XttsStandIn.start();
  });
  after(async () => {
    await Promise.all([deepgram.close(), deepl.close(), xtts.server.close()]);
  });

  const environment = (): Record<string, string> => ({
    DEEPGRAM_API_KEY: KEY,
    DEEPGRAM_URL: deepgram.url,
    DEEPL_API_KEY: KEY,
    DEEPL_URL: deepl.url,
    XTTS_URL: xtts.url,
  });

  /** Serves until ready, and until `isDone`, then ends; the log, and all that was written. */
  async function serve(
    env: Readonly<Record<string, string>>,
    flags: readonly string[] = [],
    isDone: (lines: readonly Line[]) => boolean = () => true,
  ) {
    const words = ['serve', ...WORDS, '--log-level', 'debug', ...flags];
    const child = spawn(process.execPath, [MAIN, ...words], { env, timeout: LIMIT_MS });
    const ended = once(child, 'exit');
    const errors = text(child.stderr);
    const lines: Line[] = [];
    for await (const written of createInterface({ input: child.stdout })) {
      const line: Line = JSON.parse(written);
      lines.push(line);
      if (!child.killed && of(lines, 'ready for calls').length > 0 && isDone(lines)) {
        child.kill('SIGTERM');
      }
    }
    const [status] = await ended;
    const said = JSON.stringify(lines) + (await errors);
    assert.doesNotMatch(said, /hush/);
    return { status, lines, said };
  }

  /** Runs it once more, and says so, where an engine could not answer in time. */
  async function inTime<Run extends { readonly said: string }>(
    test: TestContext,
    run: () => Promise<Run>,
  ): Promise<Run> {
    const outcome = await run();
    if (!TRIED_TOO_LATE.test(outcome.said)) {
      return outcome;
    }
    test.diagnostic(`an engine was tried too late: ${outcome.said}`);
    return run();
  }

  /** What `dragoman status` says of the service at `address`. */
  async function statusOf(address: string, ...flags: readonly string[]) {
    const child = spawn(process.execPath, [MAIN, 'status', '--http', address, ...flags], { env: {} });
    const ended = once(child, 'exit');
    const out = await text(child.stdout);
    const [exit] = await ended;
    return { exit, out };
  }

  function of(lines: readonly Line[], message: string): readonly Line[] {
    return lines.filter(({ msg }) => msg === message);
  }

  it('are used without a flag, announce what they are, and their keys are nowhere', async (test) => {
    const { status, lines, said } = await inTime(test, () => serve(environment()));
    assert.equal(status, 0, said);
    assert.deepEqual(
      of(lines, 'interpreting')
        .map(({ from, to, stt, mt, tts }) => [from, to, stt, mt, tts])
        .toSorted(),
      [
        ['en', 'fr', 'deepgram', 'deepl', 'xtts'],
        ['fr', 'en', 'deepgram', 'deepl', 'xtts'],
      ],
    );
    assert.deepEqual(
      of(lines, 'announcement is ready')
        .map(({ language, tts }) => [language, tts])
        .toSorted(),
      [
        ['en', 'xtts'],
        ['fr', 'xtts'],
      ],
    );
    assert.deepEqual(
      of(lines, 'ready for calls').map(({ policy }) => policy),
      ['clause'],
    );
  });

  it('are left out with a warning that says why when the key is wrong', async () => {
    const leftOut = (all: readonly Line[]): Line | undefined =>
      of(all, 'an engine cannot be used and is left out').find(({ reason }) => /key/.test(String(reason)));
    // An engine that a busy machine does not let answer in time is tried again.
    const { lines } = await serve(
      { ...environment(), DEEPGRAM_API_KEY: WRONG_KEY },
      ['--mode', 'unidirectional', '--announcement', 'off'],
      (all) => leftOut(all) !== undefined && of(all, 'interpreting').length > 0,
    );
    const left = leftOut(lines);
    assert.deepEqual([left?.level, left?.component, left?.engine], ['warn', 'stt', 'deepgram']);
    assert.equal(of(lines, 'interpreting')[0]?.stt, 'pocketsphinx');
    assert.equal(of(lines, 'announcement is ready').length, 0);
  });

  it('let a call that comes before they are tried be heard as it is, and then translate it', async () => {
    const vosk = await VoskStandIn.open();
    // Its try lasts until it answers.
    vosk.holdAnswers();
    const words = ['--pair', 'en:fr', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--metrics', 'off'];
    const child = spawn(process.execPath, [MAIN, 'serve', ...words, '--stt', 'vosk'], {
      env: { ...environment(), VOSK_URL: vosk.url },
    });
    const ended = once(child, 'exit');
    const lines: Line[] = [];
    createInterface({ input: child.stdout }).on('line', (written) => lines.push(JSON.parse(written)));
    const errors = text(child.stderr);
    try {
      const said = (message: string): Promise<Line> =>
        eventually(
          () => `"${message}": ${JSON.stringify(lines)}`,
          90_000,
          () => of(lines, message)[0],
        );
      const [door] = z.array(z.string()).parse((await said('listening')).addresses);
      const { address } = await said('serving HTTP');
      const port = Number(door?.split(':').at(-1));
      const legs: StrictAsterisk[] = [];
      for (const uuid of newCallUuids()) {
        legs.push(await StrictAsterisk.connect({ port, uuid }));
      }
      const states = async (): Promise<string> => {
        const { calls } = CALLS.parse(await (await fetch(`http://${address}/api/v1/calls`)).json());
        const [call] = calls;
        return call?.parties.map(({ state }) => state).join() ?? '';
      };
      await eventually('both are connected', 60_000, async () => (await states()) === 'CONNECTED,CONNECTED');
      vosk.answerAgain();
      await said('ready for calls');
      await eventually(
        'both are translated',
        90_000,
        async () => (await states()) === 'TRANSLATING,TRANSLATING',
      );
      const served = [
        ['en', 'fr', 'served', 'vosk', 'deepl', 'xtts'],
        ['fr', 'en', 'served', 'vosk', 'deepl', 'xtts'],
      ];
      // One that a busy machine has not let answer in time is tried again.
      const after = await eventually('all are used', 90_000, async () => {
        const { out } = await statusOf(String(address), '--json');
        const now = STATUS.parse(JSON.parse(out));
        const found = now.directions.map(({ from, to, state, stt, mt, tts }) => [
          from,
          to,
          state,
          stt,
          mt,
          tts,
        ]);
        return isDeepStrictEqual(found, served) && now;
      });
      assert.deepEqual([after.calls, after.legs.active, after.doors[0]?.port], [1, 2, port]);
      const translated = after.engines.find(({ engine }) => engine === 'deepl')?.operations[0];
      assert.ok(translated?.medianMs !== undefined && translated.done >= 4, JSON.stringify(after.engines));
      assert.doesNotMatch(JSON.stringify(after), /hush/);
      child.kill('SIGTERM');
      await Promise.all(legs.map((leg) => leg.hangUp()));
      assert.deepEqual(await ended, [0, null], await errors);
    } finally {
      child.kill('SIGKILL');
      await vosk.close();
    }
  });

  it('refuse to start, with status 2, when one that is named lacks its key', async () => {
    const { status, said } = await serve({}, ['--tts', 'elevenlabs']);
    assert.equal(status, 2);
    assert.match(said, /dragoman: elevenlabs needs ELEVENLABS_API_KEY/);
  });

  it('are told by check, with their times and without their keys', async (test) => {
    const { status, out, said } = await inTime(test, async () => {
      const child = spawn(process.execPath, [MAIN, 'check', ...WORDS], { env: environment() });
      const ended = once(child, 'exit');
      const [written, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { status: (await ended)[0], out: written, said: written + errors };
    });
    assert.equal(status, 0, said);
    assert.match(out, /^ok +deepgram +key in DEEPGRAM_API_KEY, set up by DEEPGRAM_URL; used$/m);
    assert.match(out, /^ok +en to fr +mt deepl \d+ ms, tts xtts \d+ ms/m);
    assert.doesNotMatch(said, /hush/);
  });
});
