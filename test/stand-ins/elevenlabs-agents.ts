/**
 * ElevenLabs Agents on loopback, as its documentation and its own client describe them in November 2026: an address for
 * one conversation in exchange for the key, the client's first message before anything else, overrides and variables
 * that end the conversation when the agent's settings do not allow or know them, audio in bursts with ids. It
 * understands nothing: a test says what the agent says and when.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import { AgentConversations } from './agent-conversations.ts';

export const AGENT_KEY = 'sk_agents_0123456789';
export const AGENT_ID = 'agent_01jx';

export interface AgentsStandInOptions {
  /** Default `pcm_16000`. */
  readonly outputFormat?: string;
  /** Default `pcm_16000`. */
  readonly inputFormat?: string;
  /** Whether the first message and the language may be overridden; default no, as in a new agent. */
  readonly overrides?: boolean;
  /** Variables that the prompt uses and has no default for. */
  readonly needs?: readonly string[];
  /** Says nothing to the first message. */
  readonly mute?: boolean;
}

type Message = Readonly<Record<string, unknown>>;

export class ElevenlabsAgentsStandIn extends AgentConversations {
  /** The first message of each conversation. */
  readonly begun: Message[] = [];
  /** What each address was asked for with. */
  readonly asked: Readonly<Record<string, string>>[] = [];
  /** Answers to pings, results of tools, in order. */
  readonly answered: Message[] = [];
  /** Bytes of each piece of audio. */
  readonly heard: Buffer[] = [];
  readonly #options: AgentsStandInOptions;
  readonly #signatures = new Set<string>();
  #events = 0;

  private constructor(options: AgentsStandInOptions) {
    super();
    this.#options = options;
  }

  static start(options: AgentsStandInOptions = {}): Promise<ElevenlabsAgentsStandIn> {
    const standIn = new ElevenlabsAgentsStandIn(options);
    return AgentConversations.listening(standIn, {
      admit: ({ url = '' }) => {
        const { pathname, searchParams } = new URL(url, 'http://localhost');
        const isSigned = standIn.#signatures.delete(searchParams.get('conversation_signature') ?? '');
        return pathname !== '/v1/convai/conversation' ? 404 : isSigned ? undefined : 403;
      },
      onSession: (socket) => standIn.#serve(socket),
      onRequest: (request, response) => standIn.#sign(request, response),
    });
  }

  get url(): string {
    return `http://${this.sessions.host}`;
  }

  /** The agent says this, in one burst. @returns the id of its event. */
  speak(audio: Uint8Array): number {
    this.#events += 1;
    const event = { audio_base_64: Buffer.from(audio).toString('base64'), event_id: this.#events };
    this.say({ type: 'audio', audio_event: event });
    return this.#events;
  }

  interrupt(id: number): void {
    this.say({ type: 'interruption', interruption_event: { event_id: id } });
  }

  ping(id: number): void {
    this.say({ type: 'ping', ping_event: { event_id: id, ping_ms: 40 } });
  }

  transcribe(person: string, agent: string): void {
    this.say({
      type: 'user_transcript',
      user_transcription_event: { user_transcript: person, event_id: 1 },
    });
    this.say({ type: 'agent_response', agent_response_event: { agent_response: agent, event_id: 1 } });
  }

  callTool(id: string, name: string, parameters?: Message): void {
    const call = { tool_name: name, tool_call_id: id, ...(parameters === undefined ? {} : { parameters }) };
    this.say({ type: 'client_tool_call', client_tool_call: { ...call, event_id: 9 } });
  }

  /** Ends all conversations for a fault, which is told first, as an agent does that has `client_error` switched on. */
  fail(code: number, word: string): void {
    for (const socket of this.sessions.open) {
      refuse(socket, code, word);
    }
  }

  #sign({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (pathname !== '/v1/convai/conversation/get-signed-url') {
      answer(404, { detail: 'Not Found' });
    } else if (headers['xi-api-key'] !== AGENT_KEY) {
      answer(401, { detail: { status: 'invalid_api_key', message: 'Invalid API key' } });
    } else if (searchParams.get('agent_id') !== AGENT_ID) {
      answer(404, { detail: { status: 'document_not_found', message: 'Document with id was not found.' } });
    } else {
      const signature = `cvtkn_${this.#signatures.size}_${Math.random().toString(36).slice(2)}`;
      this.#signatures.add(signature);
      this.asked.push(Object.fromEntries(searchParams));
      const query = `agent_id=${AGENT_ID}&conversation_signature=${signature}`;
      answer(200, { signed_url: `ws://${this.sessions.host}/v1/convai/conversation?${query}` });
    }
  }

  #serve(socket: WebSocket): void {
    let begun = false;
    socket.on('message', (data, isBinary) => {
      const message: Message = isBinary ? {} : JSON.parse(data.toString());
      if (!begun) {
        begun = true;
        this.#begin(socket, message);
      } else if (typeof message.user_audio_chunk === 'string') {
        this.heard.push(Buffer.from(message.user_audio_chunk, 'base64'));
      } else if (message.type === 'pong' || message.type === 'client_tool_result') {
        this.answered.push(message);
      } else {
        refuse(socket, 1008, 'invalid_message');
      }
      this.changes.tell();
    });
  }

  #begin(socket: WebSocket, message: Message): void {
    const { overrides = false, needs = [], mute = false } = this.#options;
    const { outputFormat = 'pcm_16000', inputFormat = 'pcm_16000' } = this.#options;
    this.begun.push(message);
    const variables = Object.keys(Object(message.dynamic_variables));
    if (message.type !== 'conversation_initiation_client_data') {
      refuse(socket, 1008, 'invalid_message');
    } else if (!overrides && message.conversation_config_override !== undefined) {
      refuse(socket, 1008, 'override_error');
    } else if (needs.some((name) => !variables.includes(name))) {
      refuse(socket, 1008, 'missing_dynamic_variable');
    } else if (!mute) {
      const event = {
        conversation_id: 'conv_1',
        agent_output_audio_format: outputFormat,
        user_input_audio_format: inputFormat,
      };
      const type = 'conversation_initiation_metadata';
      socket.send(JSON.stringify({ type, conversation_initiation_metadata_event: event }));
    }
  }
}

function refuse(socket: WebSocket, code: number, word: string): void {
  const event = { code, error_type: word, reason: word, message: `Something about ${AGENT_KEY}` };
  socket.send(JSON.stringify({ type: 'error', error_event: event }));
  socket.close(code, word);
}
