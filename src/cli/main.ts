#!/usr/bin/env node
/**
 * The executable. Everything it does is in `program.ts`; here the process itself is handed over: its arguments,
 * environment, outputs and signals. No other file reads `process.env`.
 */

import { runProgram } from './program.ts';

// Whoever reads our output may stop before its end, as `| head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

process.exitCode = await runProgram(process.argv.slice(2), {
  environment: { ...process.env },
  writeOut: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  signals: process,
  strays: process,
  exit: (status) => process.exit(status),
});
