/**
 * Whether the samples of dialplan/ can do their work in the Asterisk of this machine: loaded, within reach of phones,
 * and pointed at where dragoman listens. All of it is a warning at most, since a dialplan can do without them.
 */

import type { HostPort } from '../config/values.ts';
import { type CheckItem, ok, warning } from './check-item.ts';

/** What `dialplan show` and `dialplan show globals` answered. */
export interface ShownDialplan {
  readonly contexts: string;
  readonly globals: string;
}

const SUBROUTINES = 'dragoman';
const NUMBERS = 'dragoman-numbers';
const SUBJECT = 'dialplan';
/** The variable that says where dragoman is, and what stands for it. */
const SERVER = 'DRAGOMAN';
const SERVER_FALLBACK = '127.0.0.1:5050';

/** @param listen where dragoman listens; undefined when its configuration is wrong. */
export function judgeDialplan(
  { contexts, globals }: ShownDialplan,
  listen: readonly HostPort[] | undefined,
): readonly CheckItem[] {
  const includes = includesOf(contexts);
  if (!includes.has(SUBROUTINES)) {
    return [
      warning(
        SUBJECT,
        'our samples are not loaded: if you mean to use them, #include them in extensions.conf from where ' +
          "Asterisk's user may read, then 'dialplan reload'",
      ),
    ];
  }
  const reached = [...includes].filter(([, included]) => included.has(NUMBERS)).map(([name]) => name);
  return [
    reached.length > 0
      ? ok(SUBJECT, `our samples are loaded; their numbers can be dialled in ${reached.join(', ')}`)
      : warning(
          SUBJECT,
          `our samples are loaded, but no phone can dial their numbers: write "include => ${NUMBERS}" into the phones' ` +
            "context, then 'dialplan reload'; no fault where only your own numbers call Gosub(dragoman,translate,1(…))",
        ),
    ...judgeServer(globals, listen),
  ];
}

/** What each context includes. */
function includesOf(contexts: string): ReadonlyMap<string, ReadonlySet<string>> {
  const includes = new Map<string, Set<string>>();
  let current = new Set<string>();
  for (const line of contexts.split('\n')) {
    const [, context] = /^\[ Context '([^']+)'/.exec(line) ?? [];
    const [, included] = /^\s+Include =>\s+'([^']+)'/.exec(line) ?? [];
    if (context !== undefined) {
      // Several modules may add to one context, each under a heading.
      current = includes.get(context) ?? new Set<string>();
      includes.set(context, current);
    } else if (included !== undefined) {
      current.add(included);
    }
  }
  return includes;
}

/** Hosts can be written in many ways, so ports are compared. */
function judgeServer(globals: string, listen: readonly HostPort[] | undefined): readonly CheckItem[] {
  const [, set] = new RegExp(`^\\s*${SERVER}=(.*)$`, 'm').exec(globals) ?? [];
  const server = set?.trim() || SERVER_FALLBACK;
  const port = Number(/:(\d+)$/.exec(server)?.[1]);
  const said = set === undefined ? `${SERVER} is not set, so calls go to ${server}` : `${SERVER} = ${server}`;
  const mend =
    `'dialplan set global ${SERVER} HOST:PORT', and the same in [globals]; a variable that is only taken out ` +
    'of there stays until Asterisk ends';
  if (Number.isNaN(port)) {
    return [warning(SERVER, `${said} has no port, so calls do not reach dragoman: ${mend}`)];
  }
  if (listen === undefined || listen.some((address) => address.port === port)) {
    return listen === undefined ? [] : [ok(SERVER, said)];
  }
  const ports = listen.map((address) => address.port).join(', ');
  return [warning(SERVER, `${said}, but --listen has port ${ports}: ${mend}`)];
}
