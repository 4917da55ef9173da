/** Calls as a table: a line for each party, and of the call what is the same for all of them on the first. */

import type { ShownCall } from '../server/http/api/call-schemas.ts';
import { textTable } from './text-table.ts';

const HEAD = ['CALL', 'FOR', 'IS', 'LATE', 'PARTY', 'NAME', 'SPEAKS', 'STATE', 'NOW', 'WAITS'];
/** As many of the digits of a call as tell it from others, for people. */
const SHORT_DIGITS = 8;

/** The lines of the table, its head first; without calls it says so. */
export function callLines(calls: readonly ShownCall[]): readonly string[] {
  return calls.length === 0 ? ['no calls'] : textTable([HEAD, ...calls.flatMap(rowsOf)]);
}

function rowsOf(call: ShownCall): readonly (readonly string[])[] {
  const facts = [call.call.slice(0, SHORT_DIGITS), span(call.durationMs), isWhat(call), late(call)];
  const parties = call.parties.map(({ party, name, language, state, speaking, muted, backlogMs }) => [
    party,
    name === party ? '' : name,
    language,
    state,
    speaking ? 'speaks' : muted ? 'is muted' : '',
    backlogMs > 0 ? seconds(backlogMs) : '',
  ]);
  return (parties.length === 0 ? [[]] : parties).map((party, index) => [
    ...(index === 0 ? facts : facts.map(() => '')),
    ...party,
  ]);
}

/** What a call is, in a word or two, and how many of its latest utterances were not heard translated. */
function isWhat({ state, mode, policy, translating, utterances }: ShownCall): string {
  const translated = mode === 'passthrough' || translating === false ? 'not translated' : (policy ?? '');
  const is = state === 'running' ? translated : state;
  const { failed = 0, count = 0 } = utterances ?? {};
  return failed === 0 ? is : `${is}, ${failed} of ${count} failed`;
}

/** How late its utterances are, but for the worst few. */
function late({ utterances }: ShownCall): string {
  return utterances?.lagP95Ms === undefined ? '' : seconds(utterances.lagP95Ms);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** `1:02:03`. */
export function span(durationMs = 0): string {
  const seconds = Math.floor(durationMs / 1_000);
  const [h, min, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (count: number): string => String(count).padStart(2, '0');
  return h > 0 ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}
