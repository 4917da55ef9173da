/**
 * ElevenLabs Agents. The key is shown to the provider's HTTP alone, which gives an address for one conversation in
 * return: an agent whose authentication is off could be talked to without, at its owner's expense, by whoever learns
 * its id.
 * https://elevenlabs.io/docs/agents-platform/customization/authentication
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { HttpOrigin } from '../../wire/http.ts';
import { member, parseJson } from '../../wire/json.ts';
import { type RefusalHints, refusal } from '../../wire/refusal.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import type { AgentDescription, AgentDescriptions, KeptAgent } from '../agent-description.ts';
import { beginningOf, SocketConversation, type WireMessage } from '../socket-conversation.ts';
import type { AgentConversation, AgentWish, VoiceAgent } from '../voice-agent.ts';
import { whyNotSpoken } from './elevenlabs-agent-languages.ts';
import {
  decodeMessage,
  encodeInitiation,
  endError,
  formatOf,
  MAX_DURATION,
  NAME,
} from './elevenlabs-agent-wire.ts';
import { ElevenlabsDialect, type Formats } from './elevenlabs-dialect.ts';

const URL_DEFAULT = 'https://api.elevenlabs.io';
/** From asking for an address to the agent's first message, each, in ms: somebody waits on the telephone. */
const STEP_LIMIT_MS = 5_000;
/** A connection that is gone without a word is noticed after three times this, in ms; any message is a sign of life. */
const PING_MS = 5_000;
/** A burst of an answer is some seconds in base64; 48,000 Hz * 2 bytes * 4 / 3 is 128 KB a second. */
const MOST_MESSAGE_BYTES = 2_097_152;

export interface ElevenlabsAgentSettings {
  readonly clock: Clock;
  readonly apiKey: Secret;
  readonly url?: string;
  /** Those that say which agent of the account they are, and what is to be otherwise of it. */
  readonly descriptions: AgentDescriptions;
}

export class ElevenlabsAgent implements VoiceAgent {
  readonly name = NAME;
  readonly #settings: ElevenlabsAgentSettings;
  readonly #server: HttpOrigin;

  constructor(settings: ElevenlabsAgentSettings) {
    this.#settings = settings;
    const { clock, url = URL_DEFAULT } = settings;
    this.#server = new HttpOrigin({
      name: NAME,
      url,
      clock,
      unreachableHint: 'check the network and the firewall',
    });
  }

  async open(wish: AgentWish, signal: AbortSignal): Promise<AgentConversation> {
    const { clock } = this.#settings;
    const description = this.#described(wish.agent);
    const first = encodeInitiation(wish, description);
    const url = await this.#signedUrl(wish.agent, description?.kept, signal);
    // An error message says why, and the end that follows does not.
    let word: string | undefined;
    const socket = await ProviderSocket.open(
      {
        name: NAME,
        url,
        headers: {},
        clock,
        hints: hintsFor(wish.agent),
        openLimitMs: STEP_LIMIT_MS,
        pingMs: PING_MS,
        mostMessageBytes: MOST_MESSAGE_BYTES,
        ended: (code) =>
          (code === 1000 && word === undefined) || word === MAX_DURATION
            ? new AppError('closed', `${NAME}: the agent has ended the conversation`)
            : endError(code, word),
      },
      signal,
    );
    const told = (said: string): void => {
      word = said;
    };
    try {
      const begun = beginningOf(
        { socket, name: NAME, clock, limitMs: STEP_LIMIT_MS },
        (message) => formatsIn(message, told),
        signal,
      );
      socket.send(first);
      const { said, early } = await begun;
      return new SocketConversation(NAME, socket, new ElevenlabsDialect(said, told), early);
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  refusal(agent: string): string | undefined {
    const description = this.#settings.descriptions.get(agent);
    if (description === undefined) {
      return undefined;
    }
    if (description.kept === undefined) {
      return `${NAME} keeps its agents itself: write into ${agent}'s file which one it is, such as id: agent_01jx`;
    }
    return description.model === undefined && description.tools.length === 0
      ? whyNotSpoken(description.language)
      : `${NAME}: model, tools and places to transfer to are those that the agent has at elevenlabs.io: take them out ` +
          `of ${agent}'s file`;
  }

  async probe(agent: string, signal: AbortSignal): Promise<void> {
    await this.#signedUrl(agent, this.#described(agent)?.kept, signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Undefined: the agent goes by its id. @throws AppError `engine-refused` for a description that is of no use. */
  #described(agent: string): AgentDescription | undefined {
    const refused = this.refusal(agent);
    if (refused !== undefined) {
      throw new AppError('engine-refused', refused);
    }
    return this.#settings.descriptions.get(agent);
  }

  /** Where one conversation can be had, within a quarter of an hour. It holds a token and is shown to nobody. */
  async #signedUrl(agent: string, kept: KeptAgent | undefined, signal: AbortSignal): Promise<string> {
    const { id = agent, version, branch, environment } = kept ?? {};
    const which = new URLSearchParams({ agent_id: id });
    for (const [name, value] of [
      ['branch_id', branch],
      ['version_id', version],
      ['environment', environment],
    ] as const) {
      if (value !== undefined) {
        which.set(name, value);
      }
    }
    const answer = await this.#server.send(
      {
        method: 'GET',
        path: `/v1/convai/conversation/get-signed-url?${which}`,
        headers: { 'xi-api-key': this.#settings.apiKey.reveal() },
        headLimitMs: STEP_LIMIT_MS,
        silenceLimitMs: STEP_LIMIT_MS,
      },
      signal,
    );
    if (answer.status !== 200) {
      throw refusal(this.#server, await answer.refused(['code', 'status']), hintsFor(agent));
    }
    const url = member(parseJson(await answer.readAll()), 'signed_url');
    if (typeof url !== 'string' || !URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
      throw new AppError(
        'engine-bad-answer',
        `${NAME}: ${this.#server.host} gives no address for a conversation`,
      );
    }
    return url;
  }
}

/** How audio is to go, once the agent says so. @param told the provider's word for an error. */
function formatsIn(received: WireMessage, told: (word: string) => void): Formats | undefined {
  const message = decodeMessage(received);
  if (message.type === 'error') {
    told(message.error_event.error_type ?? '');
  }
  if (message.type !== 'conversation_initiation_metadata') {
    return undefined;
  }
  const { agent_output_audio_format: output, user_input_audio_format: input } =
    message.conversation_initiation_metadata_event;
  return { input: formatOf(input), output: formatOf(output) };
}

function hintsFor(agent: string): RefusalHints {
  return {
    key: 'set ELEVENLABS_API_KEY to one that may use agents',
    credit: 'add credits at elevenlabs.io',
    missing: `there is no agent "${agent}" for this key: agents go by id, as elevenlabs.io shows it`,
    request: `check the id of the agent, "${agent}"`,
    busy: 'a higher plan has more conversations at once',
  };
}
