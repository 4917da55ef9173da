/**
 * ElevenLabs Agents. The key is shown to the provider's HTTP alone, which gives an address for one conversation in
 * return: an agent whose authentication is off could be talked to without, at its owner's expense, by whoever learns
 * its id.
 * https://elevenlabs.io/docs/agents-platform/customization/authentication
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { HttpOrigin } from '../../wire/http.ts';
import { member, parseJson } from '../../wire/json.ts';
import { type RefusalHints, refusal } from '../../wire/refusal.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import type { AgentConversation, AgentWish, VoiceAgent } from '../voice-agent.ts';
import {
  decodeMessage,
  encodeInitiation,
  endError,
  formatOf,
  MAX_DURATION,
  NAME,
} from './elevenlabs-agent-wire.ts';
import { ElevenlabsConversation, type Formats } from './elevenlabs-conversation.ts';

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
    const url = await this.#signedUrl(wish.agent, signal);
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
      const late = `${NAME}: the agent did not begin within ${STEP_LIMIT_MS} ms`;
      const begun = withDeadline(clock, STEP_LIMIT_MS, late, signal, () => beginning(socket, told));
      socket.send(encodeInitiation(wish));
      const { formats, early } = await begun;
      return new ElevenlabsConversation(socket, formats, early, told);
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  async probe(agent: string, signal: AbortSignal): Promise<void> {
    await this.#signedUrl(agent, signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Where one conversation can be had, within a quarter of an hour. It holds a token and is shown to nobody. */
  async #signedUrl(agent: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#server.send(
      {
        method: 'GET',
        path: `/v1/convai/conversation/get-signed-url?${new URLSearchParams({ agent_id: agent })}`,
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

/**
 * Resolves with how audio is to go once the agent says so, and with what came after that until somebody else listens.
 * @param told the provider's word for an error.
 */
function beginning(
  socket: ProviderSocket,
  told: (word: string) => void,
): Promise<{ readonly formats: Formats; readonly early: readonly string[] }> {
  return new Promise((resolve, reject) => {
    let formats: Formats | undefined;
    const early: string[] = [];
    socket.listen({
      onLost: reject,
      onText: (text) => {
        if (formats !== undefined) {
          early.push(text);
          return;
        }
        try {
          const message = decodeMessage(text);
          if (message.type === 'conversation_initiation_metadata') {
            const { agent_output_audio_format: output, user_input_audio_format: input } =
              message.conversation_initiation_metadata_event;
            formats = { input: formatOf(input), output: formatOf(output) };
            resolve({ formats, early });
          } else if (message.type === 'error') {
            told(message.error_event.error_type ?? '');
          }
        } catch (error) {
          reject(error);
        }
      },
    });
  });
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
