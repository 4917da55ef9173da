/** Nodes that serve together, and their calls, as tables. */

import type { SharedCall, ShownNodes } from '../server/http/api/shared-schemas.ts';
import { span } from './calls-text.ts';
import { textTable } from './text-table.ts';

const NODE_HEAD = ['NODE', 'STATE', 'CALLS', 'LEGS', 'OF', 'VERSION', 'ADDRESS', 'API'];
const CALL_HEAD = ['CALL', 'NODE', 'FOR', 'SPOKEN', 'PARTIES', 'MOVED'];
const SHORT_DIGITS = 8;

/** @param address of the node that was asked. @param now for how long calls have run. */
export function nodeLines(
  { cluster, connected, nodes }: ShownNodes,
  calls: readonly SharedCall[],
  address: string,
  now: Date,
): readonly string[] {
  if (!cluster) {
    return [`dragoman at ${address} serves alone: serve --cluster has several serve together`];
  }
  const broker = connected ? '' : '  NATS IS AWAY: what is here is how it was';
  const up = nodes.filter(({ state }) => state === 'up').length;
  return [
    `dragoman at ${address}  nodes ${up}/${nodes.length}  calls ${calls.length}${broker}`,
    '',
    ...textTable([NODE_HEAD, ...nodes.map(nodeRow)]),
    '',
    ...(calls.length === 0
      ? ['no calls']
      : textTable([CALL_HEAD, ...calls.map((call) => callRow(call, now))])),
  ];
}

function nodeRow({
  name,
  self,
  state,
  calls,
  legs,
  maxLegs,
  version,
  address,
  http,
}: ShownNodes['nodes'][number]) {
  return [
    ...[self ? `${name} *` : name, state, String(calls), String(legs), String(maxLegs)],
    ...[version, address ?? '', http ?? ''],
  ];
}

function callRow(
  { call, node, startedAt, languages, parties, resumed }: SharedCall,
  now: Date,
): readonly string[] {
  return [
    ...[call.slice(0, SHORT_DIGITS), node, span(now.getTime() - Date.parse(startedAt))],
    ...[languages.join(' '), String(parties), resumed === 0 ? '' : String(resumed)],
  ];
}
