/** The sample configuration against the table of settings: kept by hand, and so held to it here. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readConfigText } from '../../src/cli/config/config-file.ts';
import { fallbackHelpOf } from '../../src/cli/config/flags.ts';
import { PROVIDER_VARIABLE_LIST } from '../../src/cli/config/provider-variables.ts';
import { readProviders } from '../../src/cli/config/providers.ts';
import { resolveConfig } from '../../src/cli/config/serve-config.ts';
import { SETTING_LIST } from '../../src/cli/config/settings.ts';
import { REPOSITORY } from './repository.ts';

const SAMPLE = 'dragoman.yaml';
function secretFile(key: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'dragoman-secret-')), 'secret');
  const secret = 'a-secret-of-twenty-letters';
  const others: Readonly<Record<string, string>> = {
    'api-token-file': `console ${secret} read,captions`,
    'record-key-file': '0a'.repeat(32),
    'traces-header-file': `Authorization: Bearer ${secret}`,
    'records-db-url-file': 'postgres://dragoman@127.0.0.1/records',
    'voices-db-url-file': `postgresql://dragoman:${secret}@10.0.0.7/dragoman`,
    'webhook-secret-file': `whsec_${Buffer.alloc(32).toString('base64')}`,
  };
  writeFileSync(path, others[key] ?? secret, { mode: 0o600 });
  return path;
}

const sample = readFileSync(join(REPOSITORY, 'scripts/systemd', SAMPLE), 'utf8');
const keysSample = readFileSync(join(REPOSITORY, 'scripts/systemd/keys.env'), 'utf8');

/** A setting, switched off or not; an explanation has a blank after its #. */
const SETTING_LINE = /^#?([a-z][a-z-]*):/gm;

/** Sample text with every setting switched on; files of secrets are this machine's own. */
const everything = sample
  .replace(/^#(?=[a-z])/gm, '')
  .replace(/^([a-z-]+-file): (?!{).*$/gm, (_, key: string) => `${key}: ${secretFile(key)}`);

describe('the sample configuration', () => {
  it('has each setting once and no other', () => {
    const keys = [...sample.matchAll(SETTING_LINE)].map(([, key]) => key);
    assert.deepEqual(keys.toSorted(), SETTING_LIST.map(({ key }) => key).toSorted());
  });

  it('can be used as it is', () => {
    const result = resolveConfig([readConfigText(sample, SAMPLE)]);
    assert.deepEqual(result.ok ? [] : result.problems, []);
  });

  it('can be used with every setting switched on', () => {
    const result = resolveConfig([readConfigText(everything, SAMPLE)]);
    assert.deepEqual(result.ok ? [] : result.problems, []);
  });

  it('switches on only what has to be chosen', () => {
    assert.deepEqual([...readConfigText(sample, SAMPLE).written.keys()], ['pair', 'untranslatable']);
  });

  it('shows the default of every setting that is switched off and has one', () => {
    const active = readConfigText(sample, SAMPLE).written;
    const shown = readConfigText(everything, SAMPLE).written;
    const fixed = SETTING_LIST.filter(
      ({ key, fallback, fallbackHelp }) =>
        !active.has(key) && fallback.length > 0 && fallbackHelp === undefined,
    );
    assert.ok(fixed.length > 10);
    for (const { key, fallback } of fixed) {
      const texts = shown.get(key)?.texts.map((text) => (text === 'false' ? 'off' : text));
      assert.deepEqual(texts, fallback, key);
    }
  });

  it('says the default of every setting in the words of the help, and its unit where it is a time', () => {
    const explanations = sample.split(/^#?[a-z][a-z-]*:.*$/m);
    const keys = [...sample.matchAll(SETTING_LINE)].map(([, key]) => key);
    /** As both write it: without marks, and what is true of the machine alone. */
    const plain = (text: string): string =>
      text
        .replaceAll(/\n# ?/g, ' ')
        .replaceAll(/[`[\]]|--|; here \d+$/g, '')
        .replaceAll(', ', ',')
        .trim();
    for (const [index, key] of keys.entries()) {
      const said = /Default: ([\s\S]*)$/.exec(explanations[index] ?? '')?.[1] ?? assert.fail(key);
      const setting = SETTING_LIST.find((each) => each.key === key) ?? assert.fail(key);
      if (plain(said) !== 'as written here.') {
        const help = plain(fallbackHelpOf(setting));
        const isSame = [plain(said), plain(said).replace(/^none,/, '')].some(
          (words) => words.startsWith(help) && /^[.,; ]/.test(words.slice(help.length)),
        );
        assert.ok(isSame, `${key}: ${said}`);
      } else {
        assert.ok(setting.fallback.length > 1 && setting.fallbackHelp === undefined, key);
      }
      if (setting.placeholder === 'seconds') {
        assert.match(said, new RegExp(`^${setting.fallback.join()} seconds\\.`), key);
      }
    }
  });
});

describe('the sample of the keys', () => {
  /** A variable, switched off; an explanation has a blank after its #. */
  const shown = new Map(
    [...keysSample.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value] as const,
    ),
  );

  it('holds comments only', () => {
    const lines = keysSample.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(lines, []);
  });

  it('has each variable of a provider once and no other', () => {
    const names = [...keysSample.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name);
    assert.deepEqual(names.toSorted(), PROVIDER_VARIABLE_LIST.map(({ name }) => name).toSorted());
  });

  it('can be used with every variable switched on, each key written', () => {
    const environment = Object.fromEntries(
      [...shown].map(([name, value]) => [name, name.endsWith('_API_KEY') ? 'a-key' : value]),
    );
    const { written, problems } = readProviders(environment);
    assert.deepEqual(problems, []);
    assert.equal(written.length, shown.size);
  });

  it('shows no key', () => {
    for (const { name, secret } of PROVIDER_VARIABLE_LIST) {
      assert.equal(shown.get(name) === '', secret, name);
    }
  });
});
