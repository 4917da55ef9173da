/**
 * Run by scripts/install, not by operators: writes `dragoman.1`, the manual page, and `dragoman.bash`, what bash
 * completes, into the folder that is named. Both are made of the program that is installed, so they cannot say another
 * thing than its `--help`.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../program.ts';
import { readVersion } from '../version.ts';
import { bashCompletion } from './bash-completion.ts';
import { manPage } from './man-page.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: node write-manual.js DIR    writes dragoman.1 and dragoman.bash into DIR\n');
  process.exitCode = 2;
} else {
  const nothing = (): void => {};
  const program = await createProgram(
    {
      environment: {},
      writeOut: nothing,
      writeError: nothing,
      signals: process,
      strays: process,
      exit: nothing,
      kill: nothing,
    },
    nothing,
  );
  const version = readVersion();
  writeFileSync(join(folder, 'dragoman.1'), manPage(program, version));
  writeFileSync(join(folder, 'dragoman.bash'), bashCompletion(program, version));
}
