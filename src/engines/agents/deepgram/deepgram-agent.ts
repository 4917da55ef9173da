/**
 * Deepgram's Voice Agent. An agent is a configuration that Deepgram keeps, by its UUID, or one that is told whole at the
 * beginning of each conversation; the variables of one that is kept are the project's, and nobody who connects can set
 * them.
 * https://developers.deepgram.com/docs/reusable-agent-configurations
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { DEEPGRAM_HINTS, refusalReason } from '../../stt/deepgram/deepgram-errors.ts';
import { authorization } from '../../wire/authorization.ts';
import { closeError, ProviderSocket } from '../../wire/web-socket.ts';
import type { AgentDescription, AgentDescriptions } from '../agent-description.ts';
import { beginningOf, SocketConversation, type WireMessage } from '../socket-conversation.ts';
import type { AgentConversation, AgentWish, VoiceAgent } from '../voice-agent.ts';
import { whyNotSpoken } from './deepgram-agent-languages.ts';
import { decodeMessage, encodeSettings, messageError, NAME } from './deepgram-agent-wire.ts';
import { DeepgramDialect } from './deepgram-dialect.ts';

const URL_DEFAULT = 'wss://agent.deepgram.com';
/** Until the connection, and from it until the settings are applied, each, in ms: somebody waits on the telephone. */
const STEP_LIMIT_MS = 5_000;
/** A connection that is gone without a word is noticed after three times this, in ms; any message is a sign of life. */
const PING_MS = 5_000;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface DeepgramAgentSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where agents are; default `wss://agent.deepgram.com`. */
  readonly url?: string;
  readonly descriptions: AgentDescriptions;
}

export class DeepgramAgent implements VoiceAgent {
  readonly name = NAME;
  readonly #settings: DeepgramAgentSettings;

  constructor(settings: DeepgramAgentSettings) {
    this.#settings = settings;
  }

  refusal(agent: string): string | undefined {
    const description = this.#settings.descriptions.get(agent);
    if (description?.kept !== undefined) {
      return (
        `${NAME}: nothing can be otherwise of an agent that Deepgram keeps: write deepgram:UUID in place of a file with ` +
        `its id, or its prompt into ${agent}'s file`
      );
    }
    if (description !== undefined) {
      return whyNotSpoken(description.language, description);
    }
    return UUID.test(agent)
      ? undefined
      : `there is no agent "${agent}" for ${NAME}: write the UUID of one that Deepgram keeps, or the name that ` +
          `--agent-file ${agent}=FILE gives one`;
  }

  async open(wish: AgentWish, signal: AbortSignal): Promise<AgentConversation> {
    const description = this.#descriptionFor(wish);
    const first = encodeSettings(wish, description);
    const socket = await this.#connect(signal);
    try {
      const begun = beginningOf(
        { socket, name: NAME, clock: this.#settings.clock, limitMs: STEP_LIMIT_MS },
        isApplied,
        signal,
      );
      socket.send(first);
      const { early } = await begun;
      return new SocketConversation(
        NAME,
        socket,
        new DeepgramDialect(description?.transferTo ?? new Map()),
        early,
      );
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  /** A conversation costs once it has begun, so only the key is tried: settings are looked at when it begins. */
  async probe(agent: string, signal: AbortSignal): Promise<void> {
    const refusal = this.refusal(agent);
    if (refusal !== undefined) {
      throw new AppError('engine-refused', refusal);
    }
    const socket = await this.#connect(signal);
    await socket.close();
  }

  async close(): Promise<void> {}

  #descriptionFor({ agent, firstMessage, language }: AgentWish): AgentDescription | undefined {
    const refusal = this.refusal(agent);
    if (refusal !== undefined) {
      throw new AppError('engine-refused', refusal);
    }
    const description = this.#settings.descriptions.get(agent);
    if (description === undefined && (firstMessage ?? language) !== undefined) {
      throw new AppError(
        'engine-refused',
        `${NAME}: an agent that Deepgram keeps has a first message and a language of its own: write it as a file ` +
          '(--agent-file) to choose them for a call',
      );
    }
    return description;
  }

  #connect(signal: AbortSignal): Promise<ProviderSocket> {
    const { clock, apiKey, url = URL_DEFAULT } = this.#settings;
    const close = closeError(NAME);
    return ProviderSocket.open(
      {
        name: NAME,
        url: new URL('/v1/agent/converse', url).href,
        headers: { authorization: authorization(NAME, 'Token', apiKey) },
        clock,
        hints: {
          ...DEEPGRAM_HINTS,
          key: 'check DEEPGRAM_API_KEY, and that its project may use voice agents',
        },
        reason: refusalReason,
        openLimitMs: STEP_LIMIT_MS,
        pingMs: PING_MS,
        ended: (code) =>
          code === 1000
            ? new AppError('closed', `${NAME}: the agent has ended the conversation`)
            : close(code),
      },
      signal,
    );
  }
}

/** Whether a message says that the agent is as it was asked for. @throws AppError when it will not be. */
function isApplied(received: WireMessage): true | undefined {
  if (typeof received !== 'string') {
    return undefined;
  }
  const message = decodeMessage(received);
  if (message.type === 'Error') {
    throw messageError(message.code);
  }
  return message.type === 'SettingsApplied' ? true : undefined;
}
