/** The services with voice agents that there are, and those of them that are set up. */

import { AppError } from '../../base/errors.ts';
import { type EngineSettings, needSentence } from '../engine-entry.ts';
import { neededVariable, type ProviderName } from '../providers.ts';
import type { AgentDescriptions } from './agent-description.ts';
import { DeepgramAgent } from './deepgram/deepgram-agent.ts';
import { ElevenlabsAgent } from './elevenlabs/elevenlabs-agent.ts';
import { OpenaiAgent } from './openai/openai-agent.ts';
import type { VoiceAgent } from './voice-agent.ts';

/** Whose key each takes. */
const PROVIDER_OF: ReadonlyMap<string, ProviderName> = new Map([
  ['elevenlabs', 'elevenlabs'],
  ['deepgram', 'deepgram'],
  ['openai', 'openaiRealtime'],
]);

/** An agent that an operator names. */
export interface NamedAgent {
  /** Whose agent it is. */
  readonly engine: string;
  readonly agent: string;
}

export interface VoiceAgentSettings extends Pick<EngineSettings, 'clock' | 'providers'> {
  /** Those that `--agent-file` describes. */
  readonly descriptions: AgentDescriptions;
}

/**
 * By their names, the services with voice agents that are set up; their owner closes them.
 * @param needed those that must be.
 * @throws AppError `engine-unknown` listing the names there are; `bad-option` naming what is missing.
 */
export function createVoiceAgents(
  needed: Iterable<NamedAgent>,
  settings: VoiceAgentSettings,
): ReadonlyMap<string, VoiceAgent> {
  const services = new Map(setUp(settings).map((service) => [service.name, service]));
  for (const { engine, agent } of needed) {
    const provider = PROVIDER_OF.get(engine);
    if (provider === undefined) {
      const names = [...PROVIDER_OF.keys()].join(', ');
      throw new AppError(
        'engine-unknown',
        `there are no voice agents of "${engine}"; there are those of ${names}`,
      );
    }
    const service = services.get(engine);
    if (service === undefined) {
      throw new AppError('bad-option', `${engine} ${needSentence(neededVariable(provider)?.name ?? '')}`);
    }
    const refusal = service.refusal(agent);
    if (refusal !== undefined) {
      throw new AppError('bad-option', refusal);
    }
  }
  return services;
}

function setUp({ providers = {}, clock, descriptions }: VoiceAgentSettings): readonly VoiceAgent[] {
  const { elevenlabs, deepgram, openaiRealtime: openai } = providers;
  return [
    ...(elevenlabs === undefined
      ? []
      : [new ElevenlabsAgent({ clock, descriptions, apiKey: elevenlabs.apiKey, ...at(elevenlabs.url) })]),
    ...(deepgram === undefined
      ? []
      : [new DeepgramAgent({ clock, descriptions, apiKey: deepgram.apiKey, ...at(deepgram.agentUrl) })]),
    ...(openai === undefined
      ? []
      : [new OpenaiAgent({ clock, descriptions, apiKey: openai.apiKey, ...at(openai.agentUrl) })]),
  ];
}

function at(url: string | undefined): { readonly url?: string } {
  return url === undefined ? {} : { url };
}
