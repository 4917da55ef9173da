import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { checkGlossaries } from '../../../src/cli/check/glossary-checks.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import type { ServeConfig } from '../../../src/cli/config/serve-config.ts';
import { directionsOf } from '../../../src/server/interpreting/directions.ts';
import { idleGlossaries, readGlossaries } from '../../../src/server/interpreting/glossaries.ts';
import { never } from '../../support/waiting.ts';

const directory = mkdtempSync(join(tmpdir(), 'dragoman-glossaries-'));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const TERMS = file('terms', '# cards\ncredit card = carte bancaire\n');
const WRONG = file('wrong', 'credit card\n');

function configOf(glossary: string, more: Readonly<Record<string, string>> = {}): ServeConfig {
  return loadConfig({}, { DRAGOMAN_PAIR: 'en:fr', DRAGOMAN_GLOSSARY: glossary, ...more });
}

async function outcomesOf(config: ServeConfig): Promise<readonly string[]> {
  const items: CheckItem[] = [];
  for await (const item of checkGlossaries(config)(never())) {
    items.push(item);
  }
  return items.map(({ outcome }) => outcome);
}

describe('readGlossaries', () => {
  it('gives a file to its direction, with any region, and to no other', () => {
    const termsOf = readGlossaries(configOf(`en:fr=${TERMS}`));
    const terms = new Map([['credit card', 'carte bancaire']]);
    assert.deepEqual(termsOf('en', 'fr').terms, terms);
    assert.deepEqual(termsOf('en-GB', 'fr-CA').terms, terms);
    assert.equal(termsOf('fr', 'en').terms.size, 0);
    assert.equal(termsOf('en', 'es').terms.size, 0);
  });

  it('prefers the file of the region', () => {
    const own = file('own', 'card = carte\n');
    const termsOf = readGlossaries(configOf(`en:fr=${TERMS},en:fr-CA=${own}`));
    assert.deepEqual([...termsOf('en', 'fr-CA').terms.keys()], ['card']);
  });

  it('refuses a file that cannot be read, and names the line that is no term', () => {
    assert.throws(() => readGlossaries(configOf('en:fr=/does/not/exist')), {
      code: 'file-unreadable',
      message: /^--glossary en:fr: the file \/does\/not\/exist cannot be read \(ENOENT\): write/,
    });
    assert.throws(() => readGlossaries(configOf(`en:fr=${WRONG}`)), {
      code: 'bad-option',
      message: new RegExp(`^--glossary en:fr: ${WRONG}: line 1 is no term: write`),
    });
  });
});

describe('glossaries that nothing uses', () => {
  it('are those of directions that are not interpreted', () => {
    const idleOf = (config: ServeConfig): readonly string[] => idleGlossaries(config, directionsOf(config));
    const glossary = `en:fr=${TERMS},fr:en=${TERMS},de:fr=${TERMS}`;
    assert.deepEqual(idleOf(configOf(glossary)), ['de:fr']);
    assert.deepEqual(idleOf(configOf(glossary, { DRAGOMAN_MODE: 'unidirectional' })), ['fr:en', 'de:fr']);
    assert.deepEqual(idleOf(configOf(glossary, { DRAGOMAN_INTERPRETER: 'deepl-voice' })).length, 3);
  });

  it('are warned about by check, which fails for those that cannot be read', async () => {
    assert.deepEqual(await outcomesOf(configOf('')), []);
    assert.deepEqual(await outcomesOf(configOf(`en:fr=${TERMS},de:fr=${TERMS}`)), ['ok', 'warning']);
    assert.deepEqual(await outcomesOf(configOf(`en:fr=${WRONG}`)), ['fails']);
  });
});
