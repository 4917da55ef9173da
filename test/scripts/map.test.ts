/** The map of the sources, src/README.md: what it names is there, and each folder is named. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { countNames, readSources } from '../support/sources.ts';
import { REPOSITORY } from '../systemd/repository.ts';

const FOLDERS = ['dialplan', 'docker', 'scripts', 'src', 'test', 'workers'];
/** Addresses of HTTP, which look like paths. */
const ADDRESS = /^\/(ari|health|media|ready|translate|try)\b/;

const map = readFileSync(join(REPOSITORY, 'src/README.md'), 'utf8');
const quoted = [...map.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

/** Each end of each path, with and without what kind of file it is: `media/play/tempo-policy.ts`, `tempo-policy`. */
function knownPaths(): ReadonlySet<string> {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, withFileTypes: true }).map((entry) =>
      relative(REPOSITORY, join(entry.parentPath, entry.name)),
    ),
  );
  const known = new Set(FOLDERS);
  for (const path of paths) {
    for (const written of [path, path.replace(/\.\w+$/, '')]) {
      const parts = written.split('/');
      for (const index of parts.keys()) {
        known.add(parts.slice(index).join('/'));
      }
    }
  }
  return known;
}

function foldersOf(path: string): readonly string[] {
  return readdirSync(join(REPOSITORY, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name));
}

describe('the map', () => {
  it('names paths that are there', () => {
    const known = knownPaths();
    const named = quoted.filter(
      (text) =>
        /^(\.\.\/)?[a-z0-9._-]*(\/[a-z0-9._-]+)+\/?$|^[a-z0-9-]+\.(ts|tsx|py)$/.test(text) &&
        !ADDRESS.test(text),
    );
    assert.ok(named.length > 100, `only ${named.length} are found`);
    assert.deepEqual(
      named.filter((text) => !known.has(text.replace(/^\.\.\//, '').replace(/\/$/, ''))),
      [],
    );
  });

  it('names every folder of src down to the second, and every folder of test', () => {
    const named = new Set(quoted.flatMap((text) => text.split(/[/ ]/)));
    const floors = foldersOf('src');
    const folders = [...floors, ...floors.flatMap(foldersOf), ...foldersOf('test')];
    assert.ok(folders.length > 70, `only ${folders.length} are found`);
    assert.deepEqual(
      folders.filter((path) => !named.has(path.split('/').at(-1) ?? '')),
      [],
    );
  });

  it('says of limits what is counted where they are passed', () => {
    const sources = readSources('src', 'workers');
    const names = countNames(sources);
    const [, limits = ''] = map.split(/^## Limits$/m);
    const [table = ''] = limits.split(/^## /m);
    const last = [...table.matchAll(/^\|.*\|([^|]+)\|$/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z][A-Za-z-]+)`/g)].map(([, word = '']) => word),
    );
    assert.ok(last.length > 20, `only ${last.length} are found`);
    assert.deepEqual(
      last.filter((word) => !names.has(word) && !sources.some(({ text }) => text.includes(`'${word}'`))),
      [],
    );
  });
});
