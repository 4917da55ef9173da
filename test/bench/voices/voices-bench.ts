/**
 * `npm run bench -- voices`: whose voice speaks for whom, and how. Each group of rows is a file of its own beside this
 * one.
 */

import { Command } from 'commander';
import { loadMediaModules, type MediaModules } from '../../../src/media/dsp/wasm.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { cell, renderTable } from '../report-table.ts';
import { agentRows } from './agent-rows.ts';
import { mannerRows } from './manner-rows.ts';
import { profileRows } from './profile-rows.ts';
import { registerRows } from './register-rows.ts';
import { stressRows } from './stress-rows.ts';
import type { VoiceRow } from './voice-row.ts';

type Rows = (modules: MediaModules) => readonly VoiceRow[] | Promise<readonly VoiceRow[]>;

/** By the name that `--only` takes. */
const GROUPS = new Map<string, Rows>([
  ['register', registerRows],
  ['manner', mannerRows],
  ['profiles', profileRows],
  ['stress', stressRows],
  ['agents', agentRows],
]);

/** `voices`, for the bench's program. */
export function voicesCommand(): Command {
  return new Command('voices')
    .description('Which voice speaks for whom, and in which manner; with eSpeak NG and recorded people.')
    .option('--only <group>', `one group of ${[...GROUPS.keys()].join(', ')}`)
    .action(async ({ only }: { readonly only?: string }) => {
      process.exitCode = (await benchVoices(only)) ? 0 : 1;
    });
}

/** Runs and prints; returns whether every target is reached. */
async function benchVoices(only: string | undefined): Promise<boolean> {
  console.log(`${machineLine(describeMachine())}\n`);
  const modules = await loadMediaModules();
  const rows: VoiceRow[] = [];
  for (const [name, run] of GROUPS) {
    if (only === undefined || only === name) {
      rows.push(...(await run(modules)));
    }
  }
  const cells = rows.map(({ what, value, target = '', digits, holds }) => [
    what,
    cell(value, digits),
    target,
    holds === false ? 'MISSED' : '',
  ]);
  console.log(renderTable(['', 'measured', 'target', ''], cells));
  return rows.every(({ holds }) => holds !== false);
}
