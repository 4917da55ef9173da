/** Which test files share a process: starting one and loading the program into it costs more than most files' tests. */

import { dirname } from 'node:path';

/** A tenth of a Node's files: few enough that the last group to be run does not keep one core waiting for long. */
const MOST_IN_A_GROUP = 16;
/** How a file says that it starts processes or threads, or that it looks at what its own process is doing. */
const APART =
  /from '(node:child_process|node:worker_threads|[./\w-]*\/(local-threads|measure|repository)\.[jt]s)'/;

/** A test file and what is written in it. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Divides files: those that start something of their own are alone and come first, since the longest are among them;
 * the others go together with those of their floor, in the order given.
 */
export function grouped(sources: readonly SourceFile[]): readonly (readonly string[])[] {
  const alone = sources.filter(({ text }) => APART.test(text)).map(({ file }) => [file]);
  const floors = new Map<string, string[]>();
  for (const { file, text } of sources) {
    if (!APART.test(text)) {
      const floor = floorOf(file);
      floors.set(floor, [...(floors.get(floor) ?? []), file]);
    }
  }
  return [...alone, ...[...floors.values()].flatMap(divided)];
}

/** Where phones ring, speak and hang up, in a time that no machine makes shorter. */
const ON_ASTERISK = /\/asterisk-e2e\//;

/**
 * Each file by itself; those that last longest first, so that none of them is the last to run: calls on a real Asterisk,
 * then what has the most in it.
 */
export function longestFirst(sources: readonly SourceFile[]): readonly (readonly string[])[] {
  const lasting = ({ file, text }: SourceFile): number => (ON_ASTERISK.test(file) ? 1e6 : 0) + text.length;
  return sources.toSorted((a, b) => lasting(b) - lasting(a)).map(({ file }) => [file]);
}

/** The first folder below `test`, or the folder of a file that is elsewhere. */
function floorOf(file: string): string {
  return /(?:^|\/)test\/([^/]+)\//.exec(file)?.[1] ?? dirname(file);
}

/** The same files in as few parts as there must be, of about the same number. */
function divided(files: readonly string[]): readonly (readonly string[])[] {
  const parts = Math.ceil(files.length / MOST_IN_A_GROUP);
  const each = Math.ceil(files.length / parts);
  return Array.from({ length: parts }, (_, index) => files.slice(index * each, (index + 1) * each));
}

/** The program, from its start to its end: that is run on every Node that operators run. */
const PROGRAM = /\/test\/cli\/serve\.test/;

/**
 * What meets Node itself: its sockets, threads, processes, memory that threads share, and what is compiled for it. That
 * is run on the oldest and the newest, the rest on the first: it computes, and what computes on one computes on all.
 */
const MEETS_NODE = new RegExp(
  '/test/(' +
    [
      // What it leaves behind.
      'cli/strays\\.test',
      // Threads, and the memory and connections they share.
      'media/(thread|ring)/',
      'workers/',
      // Sockets, as client and as server.
      'engines/(http|web-sockets)\\.test',
      'server/(http|webhooks)/',
      'server/doors/(?!ari/ari-many)',
      'cluster/nats/',
      // Programs behind a pipe, and libraries that were compiled.
      'engines/espeak-ng\\.test',
      'engines/sherpa/sherpa-tts\\.test',
      'voices/sqlite-store\\.test',
      'server/recording/recorder-process\\.test',
    ].join('|') +
    ')',
);

/** Those of `nodes`, the oldest first, that a file is run on. */
export function nodesFor(file: string, nodes: readonly string[]): readonly string[] {
  if (PROGRAM.test(`/${file}`)) {
    return nodes;
  }
  return MEETS_NODE.test(`/${file}`)
    ? nodes.filter((_, index) => index === 0 || index === nodes.length - 1)
    : nodes.slice(0, 1);
}
