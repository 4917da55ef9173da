/**
 * OpenAI's Realtime conversations on loopback, as its documentation and its own client describe them in November 2026, with
 * the names that events have since the API left its beta: a session that is changed before it is used, items that are
 * spoken, called and cut off, one response at a time. It understands nothing: a test says what the agent says and when.
 */

import type { WebSocket } from 'ws';
import { z } from 'zod';
import { AgentConversations } from './agent-conversations.ts';

export const OPENAI_AGENT_KEY = 'sk-agents-0123456789';
/** The model that the key may use. */
export const OPENAI_AGENT_MODEL = 'gpt-realtime-2.1';

const FORMAT = z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(24_000) });
/** A prompt that it keeps, the versions there are of it, and the variables that it has. */
export const OPENAI_PROMPT = { id: 'pmpt_68a1reception', versions: ['1', '2'], variables: ['company'] };

const TURNS = z.strictObject({
  type: z.enum(['server_vad', 'semantic_vad']),
  create_response: z.literal(true),
  interrupt_response: z.literal(true),
  eagerness: z.enum(['low', 'medium', 'high', 'auto']).optional(),
});
const VOICE = z.enum(['marin', 'cedar', 'alloy']);
const TOOLS = z.array(
  z.strictObject({
    type: z.literal('function'),
    name: z.string(),
    description: z.string(),
    parameters: z.looseObject({ type: z.literal('object') }),
  }),
);
/** What is left out is as the prompt has it. */
const KEPT_SESSION = z.strictObject({
  type: z.literal('realtime'),
  prompt: z.strictObject({
    id: z.string(),
    version: z.string().optional(),
    variables: z.record(z.string(), z.string()).optional(),
  }),
  instructions: z.string().optional(),
  output_modalities: z.tuple([z.literal('audio')]),
  audio: z.strictObject({
    input: z.strictObject({ format: FORMAT, turn_detection: TURNS.partial().optional() }),
    output: z.strictObject({ format: FORMAT, voice: VOICE.optional() }),
  }),
  tools: TOOLS.optional(),
});
const SESSION = z.strictObject({
  type: z.literal('realtime'),
  instructions: z.string(),
  output_modalities: z.tuple([z.literal('audio')]),
  audio: z.strictObject({
    input: z.strictObject({ format: FORMAT, turn_detection: TURNS }),
    output: z.strictObject({ format: FORMAT, voice: VOICE }),
  }),
  tools: TOOLS,
});
const CLIENT_EVENT = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('session.update'), session: z.union([SESSION, KEPT_SESSION]) }),
  z.strictObject({ type: z.literal('input_audio_buffer.append'), audio: z.base64() }),
  z.strictObject({
    type: z.literal('conversation.item.create'),
    item: z.strictObject({
      type: z.literal('function_call_output'),
      call_id: z.string(),
      output: z.string(),
    }),
  }),
  z.strictObject({
    type: z.literal('conversation.item.truncate'),
    item_id: z.string(),
    content_index: z.int(),
    audio_end_ms: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal('response.create'),
    response: z.strictObject({ instructions: z.string(), tool_choice: z.literal('none') }).optional(),
  }),
]);

type ClientEvent = z.infer<typeof CLIENT_EVENT>;

export interface OpenaiAgentsOptions {
  /** Says nothing at all, not even that there is a session. */
  readonly mute?: boolean;
}

export class OpenaiAgentsStandIn extends AgentConversations {
  /** The settings of each session. */
  readonly begun: z.infer<typeof SESSION>[] = [];
  /** Those of sessions by a prompt that it keeps. */
  readonly begunKept: z.infer<typeof KEPT_SESSION>[] = [];
  /** All that it was told after that, but sound. */
  readonly told: Exclude<ClientEvent, { type: 'session.update' | 'input_audio_buffer.append' }>[] = [];
  /** Bytes of each piece of audio. */
  readonly heard: Buffer[] = [];
  readonly #options: OpenaiAgentsOptions;
  /** What each item lasts, in ms. */
  readonly #spokenMs = new Map<string, number>();
  #responding = false;
  #items = 0;

  private constructor(options: OpenaiAgentsOptions) {
    super();
    this.#options = options;
  }

  static start(options: OpenaiAgentsOptions = {}): Promise<OpenaiAgentsStandIn> {
    const standIn = new OpenaiAgentsStandIn(options);
    return AgentConversations.listening(standIn, {
      admit: ({ url = '', headers }) => {
        const { pathname } = new URL(url, 'http://localhost');
        return pathname !== '/v1/realtime'
          ? 404
          : headers.authorization === `Bearer ${OPENAI_AGENT_KEY}`
            ? undefined
            : 401;
      },
      onSession: (socket, { url = '' }) =>
        standIn.#serve(socket, new URL(url, 'http://localhost').searchParams.get('model')),
    });
  }

  get url(): string {
    return `ws://${this.sessions.host}/v1/realtime`;
  }

  /** An answer begins. */
  begin(): void {
    this.#responding = true;
    this.say({ type: 'response.created', response: { status: 'in_progress' } });
  }

  /** The agent says this as one item, in two bursts. @returns the item's id. */
  speak(audio: Uint8Array): string {
    this.#items += 1;
    const item = `item_${this.#items}`;
    // Two bytes a sample, 24 of them a millisecond.
    this.#spokenMs.set(item, audio.length / 48);
    const half = 2 * Math.floor(audio.length / 4);
    for (const piece of [audio.subarray(0, half), audio.subarray(half)]) {
      const delta = Buffer.from(piece).toString('base64');
      this.say({ type: 'response.output_audio.delta', item_id: item, content_index: 0, delta });
    }
    return item;
  }

  /** The answer is over. @param status `completed`, `cancelled`, `failed`. @param code why it failed. */
  end(status = 'completed', code?: string): void {
    this.#responding = false;
    const details =
      code === undefined ? {} : { status_details: { type: status, error: { type: code, code } } };
    this.say({ type: 'response.done', response: { status, ...details } });
  }

  /** The person has begun to speak, which ends the answer. */
  hearsSomebody(): void {
    this.say({ type: 'input_audio_buffer.speech_started', audio_start_ms: 10, item_id: 'item_u' });
    if (this.#responding) {
      this.end('cancelled');
    }
  }

  transcribe(person: string, agent: string): void {
    this.say({ type: 'conversation.item.input_audio_transcription.completed', transcript: person });
    this.say({ type: 'response.output_audio_transcript.done', transcript: agent });
  }

  /** @param written the arguments as a model writes them. @param status of the item: `incomplete` when it was cut off. */
  callFunction(id: string, name: string, written: string, status = 'completed'): void {
    const item = { type: 'function_call', status, call_id: id, name, arguments: written };
    this.say({ type: 'response.output_item.done', item });
  }

  /** Something is wrong, and the session stays as it is. */
  complain(type: string, code: string | null = null): void {
    this.say({ type: 'error', error: { type, code, message: `Something about ${OPENAI_AGENT_KEY}` } });
  }

  #serve(socket: WebSocket, model: string | null): void {
    socket.on('message', (data) => {
      const event = CLIENT_EVENT.safeParse(JSON.parse(data.toString()));
      if (event.success) {
        this.#take(event.data);
      } else {
        this.complain('invalid_request_error', 'unknown_parameter');
      }
      this.changes.tell();
    });
    if (model !== OPENAI_AGENT_MODEL) {
      this.complain('invalid_request_error', 'model_not_found');
      socket.close(4004);
    } else if (this.#options.mute !== true) {
      socket.send(JSON.stringify({ type: 'session.created', session: { type: 'realtime', model } }));
    }
  }

  #update(session: z.infer<typeof SESSION> | z.infer<typeof KEPT_SESSION>): void {
    if (!('prompt' in session)) {
      this.begun.push(session);
    } else if (isKnown(session.prompt)) {
      this.begunKept.push(session);
    } else {
      this.complain('invalid_request_error');
      return;
    }
    this.say({ type: 'session.updated', session });
  }

  #take(event: ClientEvent): void {
    switch (event.type) {
      case 'session.update':
        this.#update(event.session);
        return;
      case 'input_audio_buffer.append':
        this.heard.push(Buffer.from(event.audio, 'base64'));
        return;
      case 'response.create':
        if (this.#responding) {
          this.complain('invalid_request_error', 'conversation_already_has_active_response');
        } else {
          this.begin();
        }
        break;
      case 'conversation.item.truncate':
        if (event.audio_end_ms > (this.#spokenMs.get(event.item_id) ?? -1)) {
          this.complain('invalid_request_error', 'invalid_value');
        }
        break;
      case 'conversation.item.create':
        break;
    }
    this.told.push(event);
  }
}

/** Whether there is such a prompt, and it has these variables, no more and no less. */
function isKnown({ id, version = '1', variables = {} }: z.infer<typeof KEPT_SESSION>['prompt']): boolean {
  return (
    id === OPENAI_PROMPT.id &&
    OPENAI_PROMPT.versions.includes(version) &&
    Object.keys(variables).join() === OPENAI_PROMPT.variables.join()
  );
}
