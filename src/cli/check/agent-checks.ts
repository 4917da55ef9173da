/** Whether there are the agents that answer numbers; no conversation is begun, which would cost something. */

import { messageOf } from '../../base/errors.ts';
import type { EngineSettings } from '../../engines/engine-entry.ts';
import { createVoiceAgents } from '../../engines/registry.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, fails, ok } from './check-item.ts';

export function checkAgents(
  { agentsByDialled }: Pick<ServeConfig, 'agentsByDialled'>,
  settings: Pick<EngineSettings, 'clock' | 'providers'>,
): Check {
  return async function* (signal) {
    for (const [number, { engine, agent }] of agentsByDialled) {
      const subject = `--agents-by-dialled ${number}`;
      try {
        const agents = createVoiceAgents([engine], settings);
        try {
          await agents.get(engine)?.probe(agent, signal);
        } finally {
          await Promise.all([...agents.values()].map((each) => each.close()));
        }
        yield ok(subject, `${engine} has the agent ${agent}`);
      } catch (error) {
        signal.throwIfAborted();
        yield fails(subject, messageOf(error));
      }
    }
  };
}
