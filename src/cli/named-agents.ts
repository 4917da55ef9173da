/** The voice agents that the configuration has answer calls, and which setting names each. */

import type { DialledAgent } from '../call/seating/agent-seating.ts';
import type { ServeConfig } from './config/serve-config.ts';

export interface ConfiguredAgent extends DialledAgent {
  /** As the operator knows it: `--agents-by-dialled 7000`. */
  readonly origin: string;
}

export function namedAgents({
  agentsByDialled,
  agent,
}: Pick<ServeConfig, 'agentsByDialled' | 'agent'>): readonly ConfiguredAgent[] {
  return [
    ...[...agentsByDialled].map(([number, each]) => ({ ...each, origin: `--agents-by-dialled ${number}` })),
    ...(agent === undefined ? [] : [{ ...agent, origin: '--agent' }]),
  ];
}
