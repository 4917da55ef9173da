/** What people read here: every link within the repository leads somewhere, down to the heading. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../systemd/repository.ts';

const FOLDERS = ['dialplan', 'docker', 'scripts', 'src', 'test/bench'];
const DOCUMENTS = [
  join(REPOSITORY, 'README.md'),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => join(REPOSITORY, folder, name)),
  ),
];

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What a document's links lead to that is not there. */
function brokenLinks(document: string): readonly string[] {
  const text = readFileSync(document, 'utf8').replaceAll(/^```.*?^```/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) {
      return [];
    }
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : resolve(dirname(document), path);
    if (!existsSync(target)) {
      return [link];
    }
    const named = anchor === undefined || statSync(target).isDirectory();
    return named || anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? [] : [link];
  });
}

describe('documents', () => {
  for (const document of DOCUMENTS) {
    it(`${relative(REPOSITORY, document)} leads to what is there`, () => {
      assert.deepEqual(brokenLinks(document), []);
    });
  }

  it('are there', () => {
    assert.ok(DOCUMENTS.length > FOLDERS.length, DOCUMENTS.join(' '));
  });
});
