/** Whether there are the agents that answer calls; no conversation is begun, which would cost something. */

import { messageOf } from '../../base/errors.ts';
import type { AgentDescriptions } from '../../engines/agents/agent-description.ts';
import { createVoiceAgents } from '../../engines/agents/voice-agents.ts';
import type { EngineSettings } from '../../engines/engine-entry.ts';
import { readAgentFiles } from '../agent-files.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { agentEndings, namedAgents } from '../named-agents.ts';
import { type Check, fails, ok, warning } from './check-item.ts';

export function checkAgents(
  config: Pick<ServeConfig, 'agentsByDialled' | 'agent' | 'agentFiles'>,
  settings: Pick<EngineSettings, 'clock' | 'providers'>,
): Check {
  return async function* (signal) {
    let descriptions: AgentDescriptions;
    try {
      descriptions = readAgentFiles(config.agentFiles);
    } catch (error) {
      yield fails('--agent-file', messageOf(error));
      return;
    }
    for (const named of namedAgents(config)) {
      const { origin, engine, agent } = named;
      try {
        const agents = createVoiceAgents([named], { ...settings, descriptions });
        try {
          await agents.get(engine)?.probe(agent, signal);
        } finally {
          await Promise.all([...agents.values()].map((each) => each.close()));
        }
        yield ok(origin, `${engine} has the agent ${agent}`);
        for (const { sentence } of agentEndings([named], descriptions, settings.providers)) {
          yield warning(origin, sentence);
        }
      } catch (error) {
        signal.throwIfAborted();
        yield fails(origin, messageOf(error));
      }
    }
  };
}
