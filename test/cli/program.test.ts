/** The program as the operator runs it: what it prints and the status it ends with. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../src/cli/config/environment.ts';
import { PROVIDER_VARIABLE_LIST } from '../../src/cli/config/provider-variables.ts';
import { SETTING_LIST } from '../../src/cli/config/settings.ts';
import { readRevision } from '../../src/cli/version.ts';
import { type Ran, runWords } from './run-words.ts';

/** @param words as they are typed, with blanks between them. */
function run(words: string, environment: Environment = {}): Promise<Ran> {
  return runWords(
    words.split(' ').filter((word) => word !== ''),
    environment,
  );
}

describe('dragoman', () => {
  it('prints its version, and the commit that it was built from', async () => {
    const { status, out } = await run('--version');
    assert.equal(status, 0);
    const revision = readRevision();
    assert.match(out, /^\d+\.\d+\.\d+( \(\S+\))?\n$/);
    assert.equal(/\((\S+)\)/.exec(out)?.[1], revision);
  });

  it('prints help with examples', async () => {
    const { status, out, error } = await run('--help');
    assert.equal(status, 0);
    assert.equal(error, '');
    assert.match(out, /Examples:[\s\S]*dragoman serve --pair en:es[\s\S]*AudioSocket\(/);
  });

  it('says in the help of each command what its exit statuses mean', async () => {
    const { out } = await run('--help');
    const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(out) ?? [];
    const names = [...list.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
    assert.ok(names.length > 15, names.join());
    for (const name of names) {
      const [, statuses = ''] = (await run(`${name} --help`)).out.split('Exit status:');
      for (const status of [0, 1, 2]) {
        assert.match(statuses, new RegExp(`\\s${status}\\s`), `${name}: ${status}`);
      }
    }
  });

  it('says in the help of serve how each switch is turned off', async () => {
    const { out } = await run('serve --help');
    for (const { key, kind } of SETTING_LIST) {
      assert.equal(new RegExp(`--no-${key}(?![-\\w])`).test(out), kind === 'switch', key);
    }
  });

  it('prints every setting with its default in the help of serve', async () => {
    const { status, out } = await run('serve --help');
    assert.equal(status, 0);
    for (const { key } of SETTING_LIST) {
      assert.match(out, new RegExp(`--${key}\\b`));
    }
    assert.match(out, /\(default: 127\.0\.0\.1:5050\)/);
    assert.match(out, /DRAGOMAN_DRAIN_TIMEOUT/);
  });

  it('ends the help of serve with the variables of providers', async () => {
    const { out } = await run('serve --help', { DEEPGRAM_API_KEY: 'hush' });
    const [, providers = ''] = out.split('Providers are set up by variables of the environment');
    for (const { name } of PROVIDER_VARIABLE_LIST) {
      assert.match(providers, new RegExp(`^  ${name} +\\S`, 'm'));
    }
    assert.match(providers, /\*_API_KEY_FILE/);
    assert.doesNotMatch(out, /hush/);
  });

  it('refuses a key as a flag without repeating it, and says where it belongs', async () => {
    for (const words of ['serve --deepgram-api-key=hush', 'serve --deepgram-api-key hush']) {
      const { status, error } = await run(words);
      assert.equal(status, 2);
      assert.match(error, /^dragoman: unknown option '--deepgram-api-key': .* DEEPGRAM_API_KEY_FILE/);
      assert.doesNotMatch(error, /hush/);
    }
    const { error } = await run('serve --api-key=hush');
    assert.equal(error, "dragoman: unknown option '--api-key'; dragoman serve --help lists the flags\n");
  });

  it('prints help on stderr and fails when no command is given', async () => {
    const { status, out, error } = await run('');
    assert.equal(status, 2);
    assert.equal(out, '');
    assert.match(error, /Usage: dragoman/);
  });

  it('answers mistakes in one sentence, with status 2', async () => {
    assert.deepEqual(await run('serv'), {
      status: 2,
      out: '',
      error: "dragoman: unknown command 'serv' (Did you mean serve?)\n",
    });
    assert.deepEqual(await run('serve --lisen x'), {
      status: 2,
      out: '',
      error: "dragoman: unknown option '--lisen' (Did you mean --listen?)\n",
    });
    const excess = await run('serve --parties en, es');
    assert.equal(excess.status, 2);
    assert.match(
      (await run('serve /etc/dragoman/dragoman.yaml')).error,
      /: name a file with --config \/etc\/dragoman\/dragoman\.yaml\n$/,
    );
    assert.match(
      (await run('status 10.0.0.1:3000')).error,
      /: name an address with --http 10\.0\.0\.1:3000\n$/,
    );
    assert.doesNotMatch((await run('serve --stt deepgram hush')).error, /hush/);
    assert.match((await run('help')).error, /unknown command 'help'; dragoman --help lists the commands/);
    assert.match(
      (await run('call')).error,
      /^dragoman: write --server with the AudioSocket address of the server, or --ws with/,
    );
    assert.match(excess.error, /serve takes nothing but flags: .* lists commas alone \(en,es,fr\)/);
  });

  it('tells every problem of the configuration on a line of its own, with status 2', async () => {
    const { status, out, error } = await run('serve --pair enes --max-legs 0');
    assert.equal(status, 2);
    assert.equal(out, '');
    const lines = error.trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.ok(lines.every((line) => line.startsWith('dragoman: --')));
  });

  it('tells in check which settings are perhaps not what was meant', async () => {
    const words =
      'check --pair en:es --mode passthrough --voice es=x --listen 127.0.0.1:0 --http off --metrics off';
    const { status, out } = await run(words);
    assert.equal(status, 0, out);
    assert.match(out, /^warning +--voice +it does nothing with --mode passthrough/m);
  });

  it('prints a stack only with DRAGOMAN_DEBUG=1', async () => {
    assert.doesNotMatch((await run('serve')).error, /\n {4}at /);
    assert.match((await run('serve', { DRAGOMAN_DEBUG: '1' })).error, /\n {4}at /);
  });

  it('is an executable with the same manners', () => {
    const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'serve', '--mode', 'x'], {
      encoding: 'utf8',
      env: {},
    });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^dragoman: --mode: "x" is not possible/);
  });
});
