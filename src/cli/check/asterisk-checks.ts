/**
 * Whether the Asterisk of this machine can send calls here: its version, the modules that must be loaded, the dialplan,
 * and by which ways calls can come in. It only asks Asterisk's own command line, and changes nothing.
 */

import { execFile } from 'node:child_process';
import { messageOf } from '../../base/errors.ts';
import type { HostPort } from '../config/values.ts';
import { judgeDoors } from './asterisk-doors.ts';
import { abilitiesOf, OLDEST_MAJOR, parseAsteriskVersion } from './asterisk-versions.ts';
import { type Check, type CheckItem, fails, ok, warning } from './check-item.ts';
import { judgeDialplan } from './dialplan-checks.ts';

/** Asks Asterisk one question; resolves to its answer. */
export type AskAsterisk = (question: string, signal: AbortSignal) => Promise<string>;

/** Asterisk answers at once or not at all. */
const ANSWER_LIMIT_MS = 5_000;
/** The dialplan of a big site, some hundred bytes a line. */
const MOST_ANSWER_BYTES = 64 * 1_048_576;

const MODULES = [
  { name: 'res_audiosocket.so', needed: true, use: 'AudioSocket itself' },
  { name: 'app_audiosocket.so', needed: true, use: 'AudioSocket() in the dialplan' },
  { name: 'func_uuid.so', needed: true, use: 'UUID() in the dialplan' },
  { name: 'chan_audiosocket.so', needed: false, use: 'wideband by Dial(AudioSocket/…/c(slin16))' },
] as const;

/** Asks with `command -rx question`. @param command program and first arguments, such as `asterisk`. */
export function askWith(command: readonly string[]): AskAsterisk {
  const [program = 'asterisk', ...first] = command;
  return (question, signal) =>
    new Promise((resolve, reject) => {
      execFile(
        program,
        [...first, '-rx', question],
        { signal, timeout: ANSWER_LIMIT_MS, maxBuffer: MOST_ANSWER_BYTES },
        (error, stdout, stderr) => {
          if (error === null) {
            resolve(stdout);
          } else {
            reject(new Error((stderr || stdout).trim().split('\n').at(-1) || error.message));
          }
        },
      );
    });
}

/** @param listen where dragoman listens; undefined when its configuration is wrong. */
export function checkAsterisk(ask: AskAsterisk, listen?: readonly HostPort[]): Check {
  return async function* (signal) {
    let answer: string;
    try {
      answer = await ask('core show version', signal);
    } catch (error) {
      yield fails(
        'Asterisk',
        `it does not answer (${messageOf(error)}); start it, run this as root or as its user, or name its command: ` +
          '--asterisk "asterisk -C /etc/asterisk/asterisk.conf"',
      );
      return;
    }
    yield judgeVersion(answer);
    for (const module of MODULES) {
      yield await checkModule(module, ask, signal);
    }
    const contexts = await ask('dialplan show', signal).catch(messageOf);
    const globals = await ask('dialplan show globals', signal).catch(messageOf);
    yield* judgeDialplan({ contexts, globals }, listen);
    const version = parseAsteriskVersion(answer);
    if (version !== undefined) {
      const modules = await ask('module show', signal).catch(messageOf);
      yield* judgeDoors(version, modules);
    }
  };
}

function judgeVersion(answer: string): CheckItem {
  const version = parseAsteriskVersion(answer);
  if (version === undefined) {
    return warning('Asterisk', `its version is not understood: ${answer.trim().slice(0, 80)}`);
  }
  const name = `${version.major}.${version.minor}`;
  if (version.major < OLDEST_MAJOR) {
    return fails('Asterisk', `${name} has no AudioSocket; it came with ${OLDEST_MAJOR}`);
  }
  const { keys, rates } = abilitiesOf(version);
  const lacking = [
    ...(keys ? [] : ['keys of the phones do not reach dragoman']),
    ...(rates ? [] : ['8 kHz only: give c(slin) to Dial(AudioSocket/…)']),
  ];
  return lacking.length === 0
    ? ok('Asterisk', `${name}: keys, and all rates`)
    : warning('Asterisk', `${name}: ${lacking.join('; ')}; 20.17, 21.12, 22.7 and 23.1 can do both`);
}

async function checkModule(
  module: (typeof MODULES)[number],
  ask: AskAsterisk,
  signal: AbortSignal,
): Promise<CheckItem> {
  const { name, needed, use } = module;
  const answer = await ask(`module show like ${name}`, signal).catch(messageOf);
  const line = answer.split('\n').find((each) => each.startsWith(name));
  if (line !== undefined && !/\bNot Running\b/i.test(line)) {
    return ok(name, `loaded: ${use}`);
  }
  const finding = `is not loaded (${use}); in Asterisk: module load ${name}, and load = ${name} in modules.conf`;
  return needed ? fails(name, finding) : warning(name, finding);
}
