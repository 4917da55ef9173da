/**
 * The process that test files share: runs one after the other, each as a suite of its own, so that hooks at the top
 * of a file are of that file only. Started by run-files; goes when that lets go of its input, whatever a test has
 * left running.
 */

import { suite } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tell } from './messages.ts';
import { endOfFile } from './reporter.ts';

// Does not keep the process: a test that waits for what can no longer come is ended as in a process of its own.
process.stdin.once('end', () => process.exit()).resume();
if ('unref' in process.stdin) {
  process.stdin.unref();
}

for (const file of process.argv.slice(2)) {
  tell({ type: 'begin', file });
  const ended = endOfFile(file);
  suite(file, () => import(pathToFileURL(file).href));
  // The next file is not even loaded before all of this one has been told of.
  await ended;
}
