/**
 * Everything that `src` exports has a user: somebody in `src` or `workers`, its own file included. The rest is dead
 * freight that only its tests keep alive. And what nobody outside its file imports, no test either, is not exported;
 * types may be, because they say what a file's other exports take and give.
 */

import assert from 'node:assert/strict';
import { dirname, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { readSources, type Source } from './support/sources.ts';
import { REPOSITORY } from './systemd/repository.ts';

/** What tests alone may use, and why. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'src/media/ring/frame-ring.ts allocateFrameRing':
    'a ring in memory of its own, where a leg has all of its rings in one piece',
  'src/protocol/audiosocket/asterisk-encoder.ts encodeDtmf':
    'the other half of what the decoder reads; the client presses no keys',
};

interface Exported {
  /** `src/base/clock.ts Clock`. */
  readonly name: string;
  readonly isType: boolean;
  readonly usedInside: boolean;
}

const sources = readSources('src', 'workers');
const exported = sources.filter(({ file }) => file.startsWith('src/')).flatMap(exportsOf);
const importedBySources = new Set(sources.flatMap(importsOf));
const importedByTests = new Set(readSources('test').flatMap(importsOf));

describe('what src exports', () => {
  it('is there to be read', () => {
    assert.ok(exported.length > 500, `only ${exported.length} exports are found`);
    assert.ok(importedBySources.size > 500, `only ${importedBySources.size} imports are found`);
    assert.ok(importedByTests.size > 300, `only ${importedByTests.size} imports of tests are found`);
  });

  it('is used by somebody who is no test', () => {
    none(
      ({ name, usedInside }) => !usedInside && !importedBySources.has(name) && FOR_TESTS[name] === undefined,
    );
  });

  it('is not exported when nobody imports it', () => {
    none(({ name, isType }) => !isType && !importedBySources.has(name) && !importedByTests.has(name));
  });

  it('is kept for tests only where nobody else has come to use it', () => {
    none(
      ({ name, usedInside }) => FOR_TESTS[name] !== undefined && (usedInside || importedBySources.has(name)),
    );
    const names = exported.map(({ name }) => name);
    assert.deepEqual(
      Object.keys(FOR_TESTS).filter((name) => !names.includes(name)),
      [],
    );
  });
});

function none(isWrong: (one: Exported) => boolean): void {
  assert.deepEqual(
    exported.filter(isWrong).map(({ name }) => name),
    [],
  );
}

function exportsOf({ file, text }: Source): readonly Exported[] {
  const declarations = text.matchAll(
    /^export (?:async )?(?:abstract )?(function\*?|class|const|let|interface|type) (\w+)/gm,
  );
  return [...declarations].map(([, kind, name = '']) => ({
    name: `${file} ${name}`,
    isType: kind === 'interface' || kind === 'type',
    usedInside: (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1,
  }));
}

/**
 * `src/base/clock.ts Clock` for each name that it imports; all names of a file that it imports whole, or when needed.
 */
function importsOf({ file, text }: Source): readonly string[] {
  const target = (path: string): string => relative(REPOSITORY, resolve(REPOSITORY, dirname(file), path));
  const names: string[] = [];
  for (const [, list = '', path = ''] of text.matchAll(
    /^(?:import|export)(?: type)? \{([^}]*)\} from '(\.[^']+)'/gm,
  )) {
    for (const entry of list.split(',')) {
      const name = /^\s*(?:type )?(\w+)/.exec(entry)?.[1];
      if (name !== undefined) {
        names.push(`${target(path)} ${name}`);
      }
    }
  }
  for (const [, path = ''] of text.matchAll(/(?:import\(|^import \* as \w+ from )'(\.[^']+)'/gm)) {
    const whole = sources.find((source) => source.file === target(path));
    names.push(...(whole === undefined ? [] : exportsOf(whole)).map(({ name }) => name));
  }
  return names;
}
