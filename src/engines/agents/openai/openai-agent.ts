/**
 * Agents by OpenAI's Realtime API. An agent is a file of the operator's, told whole at the beginning of each conversation,
 * or a prompt that OpenAI keeps, with a file or by its id alone. Nothing is charged for one in which nobody has spoken.
 * https://developers.openai.com/api/docs/guides/realtime-websocket
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { authorization } from '../../wire/authorization.ts';
import { closeError, ProviderSocket } from '../../wire/web-socket.ts';
import type { AgentDescription, AgentDescriptions } from '../agent-description.ts';
import { type Beginning, beginningOf, SocketConversation, type WireMessage } from '../socket-conversation.ts';
import type { AgentConversation, AgentWish, VoiceAgent } from '../voice-agent.ts';
import {
  decodeEvent,
  encodeGreeting,
  encodeSession,
  MODEL_DEFAULT,
  NAME,
  NO_LANGUAGE,
  refusedError,
} from './openai-agent-wire.ts';
import { OpenaiDialect } from './openai-dialect.ts';

const URL_DEFAULT = 'wss://api.openai.com/v1/realtime';
/** For the connection, the session and its settings, each, in ms: somebody waits on the telephone. */
const STEP_LIMIT_MS = 5_000;
/** A connection that is gone without a word is noticed after three times this, in ms; any message is a sign of life. */
const PING_MS = 5_000;
/** A burst of an answer is some seconds in base64; 24,000 Hz * 2 bytes * 4 / 3 is 64 KB a second. */
const MOST_MESSAGE_BYTES = 2_097_152;

/** What OpenAI calls a prompt that it keeps. */
const PROMPT_ID = /^pmpt_[A-Za-z0-9]{1,100}$/;

const HINTS = {
  key: 'check OPENAI_API_KEY, and that its project may use the model',
  credit: "raise the quota in OpenAI's console",
  missing: "check the model in the agent's file, and OPENAI_AGENT_URL if that is set",
  busy: "lower the number of calls or raise the account's limit",
};

export interface OpenaiAgentSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where conversations are; default `wss://api.openai.com/v1/realtime`. */
  readonly url?: string;
  readonly descriptions: AgentDescriptions;
}

export class OpenaiAgent implements VoiceAgent {
  readonly name = NAME;
  readonly #settings: OpenaiAgentSettings;

  constructor(settings: OpenaiAgentSettings) {
    this.#settings = settings;
  }

  refusal(agent: string): string | undefined {
    const description = this.#find(agent);
    if (description === undefined) {
      return (
        `there is no agent "${agent}" for ${NAME}: write the id of a prompt that it keeps (pmpt_…), or a file that ` +
        `--agent-file ${agent}=FILE names`
      );
    }
    const { kept, prompt, language } = description;
    return kept !== undefined && prompt === undefined && language !== undefined ? NO_LANGUAGE : undefined;
  }

  async open(wish: AgentWish, signal: AbortSignal): Promise<AgentConversation> {
    const description = this.#described(wish.agent);
    const session = encodeSession(wish, description);
    const greeting = encodeGreeting(wish, description);
    const socket = await this.#connect(description, signal);
    try {
      await this.#next(socket, 'session.created', signal);
      const agreed = this.#next(socket, 'session.updated', signal);
      socket.send(session);
      const { early } = await agreed;
      const conversation = new SocketConversation(
        NAME,
        socket,
        new OpenaiDialect(description.transferTo),
        early,
      );
      if (greeting !== undefined) {
        socket.send(greeting);
      }
      return conversation;
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  async probe(agent: string, signal: AbortSignal): Promise<void> {
    const socket = await this.#connect(this.#described(agent), signal);
    try {
      await this.#next(socket, 'session.created', signal);
    } finally {
      await socket.close();
    }
  }

  async close(): Promise<void> {}

  #described(agent: string): AgentDescription {
    const description = this.#find(agent);
    if (description === undefined) {
      throw new AppError('engine-refused', this.refusal(agent) ?? '');
    }
    return description;
  }

  #find(agent: string): AgentDescription | undefined {
    const described = this.#settings.descriptions.get(agent);
    return described === undefined && PROMPT_ID.test(agent)
      ? { kept: { id: agent, variables: {} }, tools: [], transferTo: new Map(), settings: {} }
      : described;
  }

  /** Resolves with the next event of this type. @throws AppError for an error that comes before. */
  #next(
    socket: ProviderSocket,
    type: 'session.created' | 'session.updated',
    signal: AbortSignal,
  ): Promise<Beginning<true>> {
    const read = (message: WireMessage): true | undefined => {
      const event = decodeEvent(message);
      if (event.type === 'error') {
        throw refusedError(event.error);
      }
      return event.type === type ? true : undefined;
    };
    const { clock } = this.#settings;
    return beginningOf({ socket, name: NAME, clock, limitMs: STEP_LIMIT_MS }, read, signal);
  }

  #connect({ model = MODEL_DEFAULT }: AgentDescription, signal: AbortSignal): Promise<ProviderSocket> {
    const { clock, apiKey, url = URL_DEFAULT } = this.#settings;
    const address = new URL(url);
    address.searchParams.set('model', model);
    const close = closeError(NAME);
    return ProviderSocket.open(
      {
        name: NAME,
        url: address.href,
        headers: { authorization: authorization(NAME, 'Bearer', apiKey) },
        clock,
        hints: HINTS,
        openLimitMs: STEP_LIMIT_MS,
        pingMs: PING_MS,
        mostMessageBytes: MOST_MESSAGE_BYTES,
        ended: (code) =>
          code === 1000
            ? new AppError('closed', `${NAME}: the agent has ended the conversation`)
            : close(code),
      },
      signal,
    );
  }
}
