/**
 * Turns a mode into a command that stays running: every stage gets `-z`, which makes it flush its answer at
 * each NUL instead of at the end of its input. Apertium's own `apertium -z` cannot be used: on Debian 12 it
 * inserts apertium-wblank-detach, which never flushes. A mode whose stages cannot all flush is refused.
 */

/** Stages that take `-z` right after their name (their man pages). */
const NULL_FLUSHING: ReadonlySet<string> = new Set([
  'apertium-anaphora',
  'apertium-interchunk',
  'apertium-posttransfer',
  'apertium-postchunk',
  'apertium-pretransfer',
  'apertium-tagger',
  'apertium-transfer',
  'cg-proc',
  'hfst-proc',
  'lrx-proc',
  'lsx-proc',
  'lt-proc',
  'rtx-proc',
]);

/** A stage as its arguments, the program first. */
export type Stage = readonly string[];

export type PipelineCommand =
  | {
      readonly type: 'runnable';
      /** For `/bin/sh -c`. */
      readonly command: string;
      /** The stage that looks words up alone, if the pipeline begins with one. */
      readonly analyser: string | undefined;
      /** The programs it needs. */
      readonly programs: readonly string[];
    }
  /** `reason` says which stage stands in the way. */
  | { readonly type: 'refused'; readonly reason: string };

/** Makes the command of a mode's text. */
export function pipelineCommand(modeText: string): PipelineCommand {
  const stages = parseMode(modeText);
  const first = stages[0];
  if (first === undefined) {
    return { type: 'refused', reason: 'its mode file is empty' };
  }
  const unable = stages.find(([program = '']) => !NULL_FLUSHING.has(program));
  if (unable !== undefined) {
    return { type: 'refused', reason: `its stage ${unable[0]} cannot run as part of a lasting pipeline` };
  }
  const commands = stages.map(stageCommand);
  return {
    type: 'runnable',
    command: commands.join(' | '),
    analyser: first[0] === 'lt-proc' ? commands[0] : undefined,
    programs: [...new Set(stages.flatMap(([program]) => (program === undefined ? [] : [program])))],
  };
}

/** The stages of a mode, `$1` as `-n` (no marks on unknown words) and `$2` (tagger debugging) left out. */
export function parseMode(modeText: string): readonly Stage[] {
  return splitStages(modeText)
    .map((words) => words.flatMap((word) => (word === '$1' ? ['-n'] : word === '$2' ? [] : [word])))
    .filter((stage) => stage.length > 0);
}

/** Splits a pipeline at bars and blanks outside quotes; quotes are taken off. */
function splitStages(text: string): readonly (readonly string[])[] {
  const stages: string[][] = [[]];
  for (const [token, single, double] of text.matchAll(/'([^']*)'|"([^"]*)"|\||[^\s|'"]+/g)) {
    if (token === '|') {
      stages.push([]);
    } else {
      stages.at(-1)?.push(single ?? double ?? token);
    }
  }
  return stages;
}

function stageCommand(stage: Stage): string {
  const [program = '', ...rest] = stage;
  return [program, '-z', ...rest.filter((argument) => argument !== '-z')].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
