/** The voice agents that the configuration has answer calls, and which setting names each. */

import type { DialledAgent } from '../call/seating/agent-seating.ts';
import type { AgentDescriptions } from '../engines/agents/agent-description.ts';
import type { Providers } from '../engines/providers.ts';
import { agentRetirement } from '../engines/retirements.ts';
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

/** What of `agents` will end, each with what to do. */
export function agentEndings(
  agents: readonly ConfiguredAgent[],
  descriptions: AgentDescriptions,
  providers: Providers = {},
): readonly { readonly origin: string; readonly sentence: string }[] {
  return agents.flatMap(({ origin, engine, agent }) => {
    const sentence = agentRetirement(engine, descriptions.get(agent)?.model, providers);
    return sentence === undefined ? [] : [{ origin, sentence }];
  });
}
