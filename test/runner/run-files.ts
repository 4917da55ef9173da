/**
 * Runs test files and says how each went. It does what `node --test` does, but for four things: files that start
 * nothing of their own share a process; several Nodes are served from one queue, so that no core waits for the last
 * file of one; a Node that tested less than another fails; and a process that stands still for ever in its exit, when
 * everything is over (https://github.com/nodejs/node/issues/54918), is judged by what its tests have said.
 *
 *   node dist/test/runner/run-files.js [--node PROGRAM]... [--failed FILE] [--room PERCENT] CONCURRENCY FILE...
 *
 * What fails is added to that file, so that it can be said once more after everything else. With --room each file has a
 * process of its own, which is started beside others only while they use less of the processors than that.
 */

import { execFileSync } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { readProcessorTime } from '../bench/realtime/machine-load.ts';
import { differences } from './differences.ts';
import { grouped, longestFirst, nodesFor } from './groups.ts';
import { Room } from './room.ts';
import { type GroupOutcome, runGroup } from './run-group.ts';
import type { FileOutcome } from './tally.ts';

const { values, positionals } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    failed: { type: 'string' },
    room: { type: 'string' },
  },
  allowPositionals: true,
});
const [concurrency = '1', ...files] = positionals;
const nodes = values.node ?? [process.execPath];
/** What each Node is called in what is printed. */
const versions = new Map(
  nodes.map((node) => [node, execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()]),
);
const startedMs = systemClock.nowMs();
const sources = await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
const room =
  values.room === undefined ? undefined : new Room(systemClock, Number(values.room), readProcessorTime);
const groups = room === undefined ? grouped(sources) : longestFirst(sources);
const waiting = groups
  .flatMap((group) => nodes.map((node) => ({ node, group: group.filter((file) => isRunOn(file, node)) })))
  .filter(({ group }) => group.length > 0);
const outcomes = new Map<string, FileOutcome[]>([...versions.values()].map((version) => [version, []]));
/** Of processes that ended otherwise than their tests did. */
const troubles: string[] = [];

await Promise.all(Array.from({ length: Number(concurrency) }, work));

const everyFile = [...outcomes.values()].flat();
const passed = sum(everyFile.map((outcome) => outcome.passed));
const skipped = sum(everyFile.map((outcome) => outcome.skipped));
const failed = sum(everyFile.map(({ failures }) => failures.length)) + troubles.length;
if (nodes.length > 1) {
  const onFirst = files.filter((file) => nodesFor(file, nodes).length === 1).length;
  console.log(`ℹ on ${versions.get(nodes[0] ?? '')} alone, since they only compute: ${onFirst} files`);
}
const gaps = differences(outcomes, (file, version) =>
  nodes.some((node) => versions.get(node) === version && isRunOn(file, node)),
);
const complaints = [
  ...gaps,
  ...troubles,
  ...everyFile.flatMap(({ file, failures }) =>
    failures.map(({ name, error }) => `${file}: ${name}${indented(error)}`),
  ),
].map((complaint) => `✖ ${complaint}\n`);
process.stdout.write(complaints.join(''));
if (values.failed !== undefined) {
  await appendFile(values.failed, complaints.join(''));
}
for (const [version, ofNode] of outcomes) {
  const skippedHere = sum(ofNode.map((outcome) => outcome.skipped));
  const perNode = sum(ofNode.map((outcome) => outcome.passed));
  console.log(`ℹ ${version}: ${ofNode.length} files, ${perNode} passed, ${skippedHere} skipped`);
}
const seconds = Math.round((systemClock.nowMs() - startedMs) / 1_000);
console.log(`ℹ ${seconds} s\n${passed} passed, ${failed + gaps.length} failed`);
// What is skipped says why; a run of nothing at all is a mistake.
process.exitCode = failed + gaps.length > 0 || passed + skipped === 0 ? 1 : 0;

function isRunOn(file: string, node: string): boolean {
  return nodesFor(file, nodes).includes(node);
}

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const version = versions.get(next.node) ?? next.node;
    const { node, group } = next;
    const run = (): Promise<GroupOutcome> => runGroup(node, group);
    const outcome = await (room === undefined ? run() : room.run(run));
    outcomes.get(version)?.push(...outcome.files);
    show(version, outcome);
  }
}

/** Prints how a process of files went: a line for each, and all that is known of what failed. */
function show(version: string, { files: inGroup, output, trouble }: GroupOutcome): void {
  const lines = inGroup.flatMap(({ file, passed: good, skipped, failures, durationMs }) => [
    `${failures.length > 0 ? '✖' : '✔'} ${where(version)}${file}: ${good} passed${skipped > 0 ? `, ${skipped} skipped` : ''}, ` +
      `${(durationMs / 1_000).toFixed(1)} s`,
    ...failures.map(({ name }) => `  ✖ ${name}`),
  ]);
  if (output !== '') {
    lines.push(indented(output).slice(1));
  }
  if (trouble !== undefined) {
    troubles.push(`${where(version)}${inGroup.map(({ file }) => file).join(', ')}: ${trouble}`);
  }
  console.log(lines.join('\n'));
}

/** Says on which Node, where there are several. */
function where(version: string): string {
  return nodes.length > 1 ? `${version} ` : '';
}

function indented(text: string): string {
  return text === '' ? '' : `\n${text.trimEnd()}`.replaceAll('\n', '\n    ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
