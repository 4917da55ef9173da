/**
 * A repository with the real installer and next to nothing to install, so that an installation takes half a second
 * instead of four. Its program prints a word.
 */

import { chmodSync, cpSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY, run, temporaryFolder } from './repository.ts';

/** What the small program prints. */
export const SMALL_OUTPUT = 'small';

/** Compiles by copying. Its manual is a word, too. */
const BUILD = `#!/bin/sh
cd "$(dirname "$0")/.." && mkdir -p dist/src/cli/manual dist/workers dist/test && touch dist/.built &&
echo "$(cat revision 2>/dev/null || echo first)" >dist/.revision &&
cp src/cli/main.ts dist/src/cli/main.js &&
cat >dist/src/cli/manual/write-manual.js <<'END'
import { writeFileSync } from 'node:fs';
for (const name of ['dragoman.1', 'dragoman.bash']) writeFileSync(process.argv[2] + '/' + name, name);
END
`;

const LONG_AGO = new Date(0);

export interface SmallRepository {
  readonly path: string;
  readonly installer: string;
  readonly remove: () => void;
}

/** Makes one, whose `scripts/setup` is the real one; with `built` false the program has not been built. */
export function smallRepository({
  built,
  linked = false,
}: {
  readonly built: boolean;
  /** Its `node_modules` is a link, and older than the list of packages. */
  readonly linked?: boolean;
}): SmallRepository {
  const { path, remove } = temporaryFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  const writePackage = (name: string, content: Readonly<Record<string, unknown>>): void =>
    write(`${name}package.json`, JSON.stringify({ version: '1.0.0', ...content }, undefined, 2));

  cpSync(join(REPOSITORY, 'scripts/install'), join(path, 'scripts/install'), { recursive: true });
  for (const name of [
    'scripts/systemd',
    'scripts/package',
    'scripts/debian',
    'scripts/README.md',
    'scripts/manual',
    'docker',
  ]) {
    cpSync(join(REPOSITORY, name), join(path, name), { recursive: true });
  }
  writePackage('', {
    name: 'dragoman',
    type: 'module',
    dependencies: { needed: '1.0.0' },
    devDependencies: { tool: '1.0.0' },
  });
  writePackage('node_modules/needed/', { name: 'needed', dependencies: { '@scope/inner': '1.0.0' } });
  writePackage('node_modules/@scope/inner/', { name: '@scope/inner' });
  writePackage('node_modules/tool/', { name: 'tool' });

  cpSync(join(REPOSITORY, 'scripts/setup'), join(path, 'scripts/setup'));
  const packages = {
    '': {},
    'node_modules/needed': { version: '1.0.0' },
    'node_modules/@scope/inner': { version: '1.0.0' },
    'node_modules/other-machine': { version: '1.0.0', optional: true },
    'node_modules/tool': { version: '1.0.0', dev: true },
  };
  write('package-lock.json', JSON.stringify({ packages }));
  write('node_modules/.package-lock.json', '');
  // As npm leaves it: newer than what it installed from.
  utimesSync(
    join(path, linked ? 'node_modules/.package-lock.json' : 'package-lock.json'),
    LONG_AGO,
    LONG_AGO,
  );
  if (linked) {
    renameSync(join(path, 'node_modules'), join(path, 'elsewhere'));
    symlinkSync('elsewhere', join(path, 'node_modules'));
  }
  write('README.md', '# dragoman\n');
  write('dialplan/sample.conf', '[sample]\n');
  write('tsconfig.json', '{}');
  write('workers/media-thread.ts', '');
  write('src/cli/main.ts', `console.log('${SMALL_OUTPUT}');\n`);
  write('scripts/build', BUILD);
  chmodSync(join(path, 'scripts/build'), 0o755);
  if (built) {
    run(join(path, 'scripts/build'), []);
  }
  return { path, installer: join(path, 'scripts/install'), remove };
}
