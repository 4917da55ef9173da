/**
 * `dragoman compare`: the reports of several calls side by side, such as one recording spoken under each policy. It
 * reads what `dragoman call` wrote and nothing else.
 */

import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { AppError, messageOf } from '../base/errors.ts';
import { type ComparedReport, comparisonTable } from '../client/call-comparison.ts';

/** What the command takes from the process; tests give their own. */
export interface CompareCommandHost {
  readonly stdout: { write(text: string): unknown };
}

const HELP = `
A report is what \`dragoman call\` wrote with --out. The same recording spoken twice, under two policies:

  $ dragoman compare turn=turn/report.json clause=clause/report.json

Exit status: 0 compared; 1 a report cannot be read, or is none; 2 what was asked for is wrong.`;

const ms = z.number();

const REPORT: z.ZodType<ComparedReport> = z.object({
  parties: z.array(z.object({ name: z.string(), sounds: z.array(z.object({ startMs: ms, endMs: ms })) })),
  utterances: z.array(
    z.object({
      party: z.string(),
      source: z.object({
        language: z.string(),
        text: z.string(),
        startMs: ms.exactOptional(),
        endMs: ms.exactOptional(),
      }),
      target: z.object({
        language: z.string(),
        text: z.string(),
        startMs: ms.exactOptional(),
        endMs: ms.exactOptional(),
      }),
      segments: z.array(z.object({ source: z.string().exactOptional(), target: z.string(), startMs: ms })),
    }),
  ),
});

/**
 * The command, to be added to a program. Its action writes the table to stdout.
 * @throws AppError (from its action) `bad-option`, `file-unreadable`.
 */
export function compareCommand(host: CompareCommandHost = { stdout: process.stdout }): Command {
  return new Command('compare')
    .description('show several calls side by side: how soon party b heard what party a said')
    .argument('<name=report.json...>', 'what to call each, and the report that `dragoman call` wrote of it')
    .addHelpText('after', HELP)
    .action(async (words: readonly string[]) => {
      const reports = new Map<string, ComparedReport>();
      for (const word of words) {
        const [, name, path] = /^([^=]+)=(.+)$/.exec(word) ?? [];
        if (name === undefined || path === undefined) {
          throw new AppError(
            'bad-option',
            `${word} is no report: write name=file, such as turn=out/report.json`,
          );
        }
        if (reports.has(name)) {
          throw new AppError('bad-option', `${name} is named twice: give each report a name of its own`);
        }
        reports.set(name, await readReport(path));
      }
      host.stdout.write(comparisonTable(reports));
    });
}

async function readReport(path: string): Promise<ComparedReport> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `cannot read ${path}: ${messageOf(error)}; name the report.json of a "dragoman call"`,
      error,
    );
  }
  const report = REPORT.safeParse(json);
  if (!report.success) {
    throw new AppError(
      'file-unreadable',
      `${path} is no report that this version can read: name the report.json of a "dragoman call" of this version`,
    );
  }
  return report.data;
}
