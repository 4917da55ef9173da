/**
 * A repository with the real installer and next to nothing to install, so that an installation takes half a second
 * instead of four. Its program prints a word.
 */

import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY, temporaryFolder } from './repository.ts';

/** What the small program prints. */
export const SMALL_OUTPUT = 'small';

export interface SmallRepository {
  readonly path: string;
  readonly installer: string;
  readonly remove: () => void;
}

/** Makes one; with `built` false only its `scripts/setup` builds the program. */
export function smallRepository({ built }: { readonly built: boolean }): SmallRepository {
  const { path, remove } = temporaryFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  const writePackage = (name: string, content: Readonly<Record<string, unknown>>): void =>
    write(`${name}package.json`, JSON.stringify({ version: '1.0.0', ...content }, undefined, 2));

  cpSync(join(REPOSITORY, 'scripts/install'), join(path, 'scripts/install'), { recursive: true });
  cpSync(join(REPOSITORY, 'scripts/systemd'), join(path, 'scripts/systemd'), { recursive: true });
  writePackage('', {
    name: 'dragoman',
    type: 'module',
    dependencies: { needed: '1.0.0' },
    devDependencies: { tool: '1.0.0' },
  });
  writePackage('node_modules/needed/', { name: 'needed', dependencies: { '@scope/inner': '1.0.0' } });
  writePackage('node_modules/@scope/inner/', { name: '@scope/inner' });
  writePackage('node_modules/tool/', { name: 'tool' });

  const build = `#!/bin/sh
cd "$(dirname "$0")/.." && mkdir -p dist/src/cli dist/workers dist/test &&
echo 'console.log("${SMALL_OUTPUT}");' >dist/src/cli/main.js
`;
  write('scripts/setup', build);
  chmodSync(join(path, 'scripts/setup'), 0o755);
  if (built) {
    write('dist/src/cli/main.js', `console.log('${SMALL_OUTPUT}');\n`);
    mkdirSync(join(path, 'dist/workers'));
    mkdirSync(join(path, 'dist/test'));
  }
  return { path, installer: join(path, 'scripts/install'), remove };
}
