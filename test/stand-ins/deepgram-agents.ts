/**
 * Deepgram's Voice Agent on loopback, as its documentation and its own client describe it in November 2026: a welcome, the
 * client's settings before anything else, sound as bytes both ways, functions that the client is asked for by the message.
 * It understands nothing: a test says what the agent says and when.
 */

import type { WebSocket } from 'ws';
import { z } from 'zod';
import { AgentConversations } from './agent-conversations.ts';

export const DEEPGRAM_AGENT_KEY = 'dg_agents_0123456789';
/** The configuration that it keeps. */
export const DEEPGRAM_AGENT_ID = '0f5d2a8e-6b1c-4c3e-9a57-3a1f9d2b7c44';

const FORMAT = z.strictObject({ encoding: z.literal('linear16'), sample_rate: z.literal(16_000) });
const FUNCTION = z.strictObject({
  name: z.string(),
  description: z.string(),
  parameters: z.looseObject({ type: z.literal('object') }),
  defer_until_eot: z.boolean(),
});
const PROVIDER = z.looseObject({ type: z.string(), model: z.string() });
const SETTINGS = z.strictObject({
  type: z.literal('Settings'),
  tags: z.array(z.string()).optional(),
  experimental: z.boolean().optional(),
  mip_opt_out: z.boolean().optional(),
  flags: z.strictObject({ history: z.boolean() }).optional(),
  audio: z.strictObject({
    input: FORMAT,
    output: FORMAT.extend({ container: z.literal('none') }),
  }),
  agent: z.union([
    z.uuid(),
    z.strictObject({
      greeting: z.string().optional(),
      listen: z.strictObject({ provider: PROVIDER }),
      think: z.strictObject({
        provider: PROVIDER,
        prompt: z.string(),
        functions: z.array(FUNCTION).min(1).optional(),
      }),
      speak: z.strictObject({ provider: PROVIDER }),
    }),
  ]),
});
const RESPONSE = z.strictObject({
  type: z.literal('FunctionCallResponse'),
  id: z.string(),
  name: z.string(),
  content: z.string(),
});

export type DeepgramSettings = z.infer<typeof SETTINGS>;

export interface DeepgramAgentsOptions {
  /** Says nothing to the settings. */
  readonly mute?: boolean;
}

export class DeepgramAgentsStandIn extends AgentConversations {
  /** The settings of each conversation. */
  readonly begun: DeepgramSettings[] = [];
  /** Results of functions, in order. */
  readonly answered: z.infer<typeof RESPONSE>[] = [];
  /** Bytes of each piece of audio. */
  readonly heard: Buffer[] = [];
  readonly #options: DeepgramAgentsOptions;

  private constructor(options: DeepgramAgentsOptions) {
    super();
    this.#options = options;
  }

  static start(options: DeepgramAgentsOptions = {}): Promise<DeepgramAgentsStandIn> {
    const standIn = new DeepgramAgentsStandIn(options);
    return AgentConversations.listening(standIn, {
      admit: ({ url, headers }) =>
        url !== '/v1/agent/converse'
          ? 404
          : headers.authorization === `Token ${DEEPGRAM_AGENT_KEY}`
            ? undefined
            : 401,
      onSession: (socket) => standIn.#serve(socket),
    });
  }

  get url(): string {
    return `ws://${this.sessions.host}`;
  }

  /** The agent says this, in pieces that end anywhere, in the middle of a sample, too. */
  speak(audio: Uint8Array, pieceBytes = 1_001): void {
    for (let at = 0; at < audio.length; at += pieceBytes) {
      for (const socket of this.sessions.open) {
        socket.send(audio.subarray(at, at + pieceBytes));
      }
    }
    this.say({ type: 'AgentAudioDone' });
  }

  /** The person has begun to speak. */
  hearsSomebody(): void {
    this.say({ type: 'UserStartedSpeaking' });
  }

  transcribe(person: string, agent: string): void {
    this.say({ type: 'ConversationText', role: 'user', content: person });
    this.say({ type: 'ConversationText', role: 'assistant', content: agent });
  }

  /** @param written the arguments as a model writes them. @param isOurs whether the client is to do it. */
  callFunction(id: string, name: string, written: string, isOurs = true): void {
    this.say({
      type: 'FunctionCallRequest',
      functions: [{ id, name, arguments: written, client_side: isOurs }],
    });
  }

  /** Ends all conversations for a fault. */
  fail(code: string): void {
    for (const socket of this.sessions.open) {
      refuse(socket, code);
    }
  }

  #serve(socket: WebSocket): void {
    let begun = false;
    socket.send(JSON.stringify({ type: 'Welcome', request_id: 'fc553ec9-5874-49ca-a47c-b670d525a4b3' }));
    socket.on('message', (data, isBinary) => {
      if (isBinary && Buffer.isBuffer(data)) {
        if (begun) {
          this.heard.push(data);
        } else {
          refuse(socket, 'UNPARSABLE_CLIENT_MESSAGE');
        }
      } else if (!begun) {
        begun = true;
        this.#begin(socket, JSON.parse(data.toString()));
      } else {
        const response = RESPONSE.safeParse(JSON.parse(data.toString()));
        if (response.success) {
          this.answered.push(response.data);
        } else {
          refuse(socket, 'UNPARSABLE_CLIENT_MESSAGE');
        }
      }
      this.changes.tell();
    });
  }

  #begin(socket: WebSocket, message: unknown): void {
    const settings = SETTINGS.safeParse(message);
    if (
      !settings.success ||
      (typeof settings.data.agent === 'string' && settings.data.agent !== DEEPGRAM_AGENT_ID)
    ) {
      refuse(socket, 'UNPARSABLE_CLIENT_MESSAGE');
      return;
    }
    this.begun.push(settings.data);
    if (this.#options.mute !== true) {
      socket.send(JSON.stringify({ type: 'SettingsApplied' }));
    }
  }
}

function refuse(socket: WebSocket, code: string): void {
  socket.send(JSON.stringify({ type: 'Error', code, description: `Something about ${DEEPGRAM_AGENT_KEY}` }));
  socket.close(1011);
}
