/** `dragoman serve` and `check` as processes, with providers that stand on this machine. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DeepgramStandIn, startDeepgram } from '../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../stand-ins/deepl.ts';
import { XttsStandIn } from '../stand-ins/xtts.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const WORDS = ['--pair', 'en:fr', '--listen', '127.0.0.1:0', '--http', 'off', '--metrics', 'off'];
const KEY = 'hush-hush-key';
const WRONG_KEY = 'hush-hush-wrong';

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

  /** Serves until ready, then ends; the log, and all that was written. */
  async function serve(env: Readonly<Record<string, string>>, ...flags: readonly string[]) {
    const child = spawn(process.execPath, [MAIN, 'serve', ...WORDS, '--log-level', 'debug', ...flags], {
      env,
    });
    const ended = once(child, 'exit');
    const errors = text(child.stderr);
    const lines: Line[] = [];
    for await (const written of createInterface({ input: child.stdout })) {
      const line: Line = JSON.parse(written);
      lines.push(line);
      if (line.msg === 'ready for calls') {
        child.kill('SIGTERM');
      }
    }
    const [status] = await ended;
    const said = JSON.stringify(lines) + (await errors);
    assert.doesNotMatch(said, /hush/);
    return { status, lines, said };
  }

  function of(lines: readonly Line[], message: string): readonly Line[] {
    return lines.filter(({ msg }) => msg === message);
  }

  it('are used without a flag, announce what they are, and their keys are nowhere', async () => {
    const { status, lines, said } = await serve(environment());
    assert.equal(status, 0, said);
    assert.deepEqual(
      of(lines, 'interpreting').map(({ from, to, stt, mt, tts, policy }) => [from, to, stt, mt, tts, policy]),
      [
        ['en', 'fr', 'deepgram', 'deepl', 'xtts', 'clause'],
        ['fr', 'en', 'deepgram', 'deepl', 'xtts', 'clause'],
      ],
    );
    assert.deepEqual(
      of(lines, 'announcement is ready').map(({ language, tts }) => [language, tts]),
      [
        ['en', 'xtts'],
        ['fr', 'xtts'],
      ],
    );
    assert.equal(of(lines, 'ready for calls').length, 1);
  });

  it('are left out with a warning that says why when the key is wrong', async () => {
    const { lines } = await serve(
      { ...environment(), DEEPGRAM_API_KEY: WRONG_KEY },
      '--mode',
      'unidirectional',
      '--announcement',
      'off',
    );
    const [left] = of(lines, 'an engine cannot be used and is left out');
    assert.deepEqual([left?.level, left?.component, left?.engine], ['warn', 'stt', 'deepgram']);
    assert.match(String(left?.reason), /key/);
    assert.equal(of(lines, 'interpreting')[0]?.stt, 'pocketsphinx');
    assert.equal(of(lines, 'announcement is ready').length, 0);
  });

  it('refuse to start, with status 2, when one that is named lacks its key', async () => {
    const { status, said } = await serve({}, '--tts', 'elevenlabs');
    assert.equal(status, 2);
    assert.match(said, /dragoman: elevenlabs needs ELEVENLABS_API_KEY/);
  });

  it('are told by check, with their times and without their keys', async () => {
    const child = spawn(process.execPath, [MAIN, 'check', ...WORDS], { env: environment() });
    const ended = once(child, 'exit');
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.deepEqual((await ended)[0], 0, out + errors);
    assert.match(out, /^ok +deepgram +key in DEEPGRAM_API_KEY, set up by DEEPGRAM_URL; used$/m);
    assert.match(out, /^ok +en to fr +mt deepl \d+ ms, tts xtts \d+ ms/m);
    assert.doesNotMatch(out + errors, /hush/);
  });
});
