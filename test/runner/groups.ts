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

/** What no Node has a part in, and why; such files are run on one. */
const NO_PART: readonly (readonly [file: RegExp, why: string])[] = [
  [/\/test\/(floors|exports)\.test\.[jt]s$/, 'the rules of the source are of no Node'],
  [/\/test\/(scripts|systemd)\//, 'scripts and the unit are read by the shell and by systemd'],
  [
    /\/test\/engines\/pocketsphinx\.test\.[jt]s$/,
    'PocketSphinx is one program; eSpeak NG and Apertium try the pipe',
  ],
  [
    /\/test\/(engines\/sherpa\/(sherpa-stt|model-files)|cli\/check\/local-model-checks)\.test\.[jt]s$/,
    'the models are of no Node; whether each can load what runs them is asked by the tests of the voices',
  ],
  [
    /\/test\/media\/hear\/non-speech\.test\.[jt]s$/,
    'minutes of sound sound the same on each; what they go through is tried in pieces',
  ],
  [
    /\/test\/server\/doors\/ari\/ari-many\.test\.[jt]s$/,
    'a thousand calls are many of what is tried one by one on each',
  ],
  [/\/test\/cli\/serve-recovery\.test\.[jt]s$/, 'limits are judged by our clock, which is tried on each'],
  [
    /\/test\/voices\/postgres-store\.test\.[jt]s$/,
    'a database is one program; what asks it is tried on SQLite on each',
  ],
  [
    /\/test\/scenarios\/recorded\.test\.[jt]s$/,
    'calls and sockets are tried by the other scenarios, the recorder by its own tests',
  ],
  [/\/test\/docker\//, 'what Prometheus reads is of no Node'],
  [/\/test\/runner\//, 'the runner itself is run on the first'],
];

/**
 * What computes: what the oldest and the newest Node agree on, those between them do not compute otherwise. Engines are
 * among it: how a Node gets to them is asked by the tests of their wire, and of the programs that some are;
 * how it serves, by those of `serve`, whatever providers there are.
 */
const COMPUTES = new RegExp(
  '/test/((base|protocol|workers|media|voices|interpret|bench|chaos|client|asterisk|call)/|' +
    'engines/(?!http|web-sockets|espeak-ng)|server/(interpreting|console|records|recording)/|cli/serve-providers)',
);

/** Why a file need not be run on every Node; undefined where it must. */
export function whyNotAll(file: string): string | undefined {
  const why = NO_PART.find(([pattern]) => pattern.test(`/${file}`))?.[1];
  return why ?? (COMPUTES.test(`/${file}`) ? BETWEEN : undefined);
}

const BETWEEN = 'what computes is run on the oldest and the newest';

/** Those of `nodes`, the oldest first, that a file is run on. */
export function nodesFor(file: string, nodes: readonly string[]): readonly string[] {
  switch (whyNotAll(file)) {
    case undefined:
      return nodes;
    case BETWEEN:
      return nodes.filter((_, index) => index === 0 || index === nodes.length - 1);
    default:
      return nodes.slice(0, 1);
  }
}
