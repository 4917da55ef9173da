/**
 * The events of OpenAI's Realtime conversations, by the names that they have since the API left its beta.
 * https://developers.openai.com/api/docs/guides/realtime-conversations
 */

import { z } from 'zod';
import { AppError, type ErrorCode } from '../../../base/errors.ts';
import { toBase64 } from '../../s2s/wire-pcm.ts';
import {
  type AgentDescription,
  filledIn,
  filledVariables,
  type KeptAgent,
  laidOver,
} from '../agent-description.ts';
import { agentFunctions } from '../agent-functions.ts';
import { agentMessage } from '../agent-message.ts';
import type { WireMessage } from '../socket-conversation.ts';
import type { AgentWish } from '../voice-agent.ts';

export const NAME = 'openai';

/** The rate of all sound, both ways, in Hz: besides it there is telephone sound alone. */
export const AGENT_HZ = 24_000;

const VOICE_DEFAULT = 'marin';
export const MODEL_DEFAULT = 'gpt-realtime-2.1';

/** A name of OpenAI's catalogue of errors; anything else is not repeated. */
const ERROR_NAME = /^[a-z0-9_.]{1,64}$/;

const NAMES = z.object({ type: z.string().nullish(), code: z.string().nullish() });

export type ErrorNames = z.infer<typeof NAMES>;

const EVENT = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session.created') }),
  z.object({ type: z.literal('session.updated') }),
  z.object({ type: z.literal('input_audio_buffer.speech_started') }),
  z.object({ type: z.literal('response.created') }),
  z.object({
    type: z.literal('response.output_audio.delta'),
    item_id: z.string(),
    content_index: z.int().default(0),
    delta: z.string(),
  }),
  z.object({ type: z.literal('response.output_audio_transcript.done'), transcript: z.string() }),
  z.object({
    type: z.literal('conversation.item.input_audio_transcription.completed'),
    transcript: z.string(),
  }),
  z.object({
    type: z.literal('response.output_item.done'),
    item: z.object({
      type: z.literal('function_call'),
      status: z.string().default('completed'),
      call_id: z.string(),
      name: z.string(),
      arguments: z.string(),
    }),
  }),
  z.object({
    type: z.literal('response.done'),
    response: z.object({
      status: z.string().nullish(),
      status_details: z.object({ error: NAMES.nullish() }).nullish(),
    }),
  }),
  z.object({ type: z.literal('error'), error: NAMES }),
]);

export type RealtimeEvent = z.infer<typeof EVENT>;

/**
 * What an event says; `unknown` where we have no use for it.
 * @throws AppError `engine-bad-answer` when it is none.
 */
export function decodeEvent(message: WireMessage): RealtimeEvent | { readonly type: 'unknown' } {
  return agentMessage(EVENT, message, NAME, 'event');
}

const FORMAT = { type: 'audio/pcm', rate: AGENT_HZ };

/** What the agent is. @throws AppError `engine-refused` for a language that it cannot be told. */
export function encodeSession(wish: AgentWish, description: AgentDescription): string {
  const { kept, settings } = description;
  const session =
    kept === undefined ? describedSession(wish, description) : keptSession(wish, description, kept);
  return JSON.stringify({ type: 'session.update', session: laidOver(session, settings) });
}

function describedSession(wish: AgentWish, description: AgentDescription): Readonly<Record<string, unknown>> {
  return {
    type: 'realtime',
    instructions: instructionsOf(wish, description),
    output_modalities: ['audio'],
    audio: {
      input: {
        format: FORMAT,
        turn_detection: { type: 'server_vad', create_response: true, interrupt_response: true },
      },
      output: { format: FORMAT, voice: description.voice ?? VOICE_DEFAULT },
    },
    tools: toolsOf(description),
  };
}

/** What is not said here is as OpenAI keeps it: what is said here counts, whatever it keeps. */
function keptSession(
  wish: AgentWish,
  description: AgentDescription,
  kept: KeptAgent,
): Readonly<Record<string, unknown>> {
  const { voice, tools, prompt } = description;
  const variables = filledVariables(NAME, kept, wish.variables);
  if (prompt === undefined && (wish.language ?? description.language) !== undefined) {
    throw new AppError('engine-refused', NO_LANGUAGE);
  }
  return {
    type: 'realtime',
    prompt: {
      id: kept.id,
      ...(kept.version === undefined ? {} : { version: kept.version }),
      ...(Object.keys(variables).length === 0 ? {} : { variables }),
    },
    ...(prompt === undefined ? {} : { instructions: instructionsOf(wish, description) }),
    output_modalities: ['audio'],
    audio: {
      input: { format: FORMAT },
      output: { format: FORMAT, ...(voice === undefined ? {} : { voice }) },
    },
    ...(tools.length === 0 ? {} : { tools: toolsOf(description) }),
  };
}

/** Instructions are all or nothing, so that a language cannot be added to those that OpenAI keeps. */
export const NO_LANGUAGE =
  `${NAME}: a prompt that OpenAI keeps has a language of its own: give it a variable for that, such as ` +
  "variables: { language: '{{caller_language}}' } in the agent's file, or write the prompt into the file";

function instructionsOf(wish: AgentWish, { prompt = '', language: own }: AgentDescription): string {
  const language = wish.language ?? own;
  const spoken = language === undefined ? '' : `\n\nSpeak ${nameOf(language)}.`;
  return filledIn(NAME, prompt, wish.variables) + spoken;
}

function toolsOf(description: AgentDescription): readonly Readonly<Record<string, unknown>>[] {
  return agentFunctions(description).map((each) => ({ type: 'function', ...each }));
}

/** What has the agent speak first; undefined: it waits until it is spoken to. */
export function encodeGreeting(wish: AgentWish, description: AgentDescription): string | undefined {
  const greeting = wish.firstMessage ?? description.greeting;
  if (greeting === undefined) {
    return undefined;
  }
  const instructions = `Say exactly this, and nothing else: ${filledIn(NAME, greeting, wish.variables)}`;
  return JSON.stringify({ type: 'response.create', response: { instructions, tool_choice: 'none' } });
}

export function encodeAudio(pcm: Int16Array): string {
  return JSON.stringify({ type: 'input_audio_buffer.append', audio: toBase64(pcm) });
}

export function encodeToolResult(callId: string, output: string): string {
  return JSON.stringify({
    type: 'conversation.item.create',
    item: { type: 'function_call_output', call_id: callId, output },
  });
}

export const GO_ON = JSON.stringify({ type: 'response.create' });

/** Of what the agent has said, more was not heard; it forgets the rest. */
export function encodeTruncation(itemId: string, contentIndex: number, heardMs: number): string {
  return JSON.stringify({
    type: 'conversation.item.truncate',
    item_id: itemId,
    content_index: contentIndex,
    audio_end_ms: heardMs,
  });
}

/** The session has lasted as long as one may, which is an hour; nothing is wrong. */
const EXPIRED = 'session_expired';

/** Whose fault an error is, by a word in its names; the others are of single events, and leave the session as it is. */
const FAULTS: readonly (readonly [words: RegExp, code: ErrorCode, hint: string])[] = [
  [/rate_limit/, 'engine-overloaded', "lower the number of calls or raise the account's limit"],
  [/quota|billing/, 'engine-refused', "raise the quota in OpenAI's console"],
  [
    /authentication|permission|api_key/,
    'engine-refused',
    'check OPENAI_API_KEY, and what its project may use',
  ],
  [/model_not_found/, 'engine-refused', "check the model in the agent's file"],
  [/server_error/, 'engine-died', 'a fault of its own: see status.openai.com'],
];

/** The error that ends a conversation; undefined where it goes on. */
export function finalError(names: ErrorNames): AppError | undefined {
  const shown = shownNames(names);
  if (shown.includes(EXPIRED)) {
    return new AppError('closed', `${NAME}: the conversation has lasted as long as one may`);
  }
  const fault = FAULTS.find(([words]) => words.test(shown));
  return fault === undefined
    ? undefined
    : new AppError(fault[1], `${NAME}: OpenAI reports ${shown}: ${fault[2]}`);
}

/** The error of what is not taken as it was asked for. */
export function refusedError(names: ErrorNames): AppError {
  return (
    finalError(names) ??
    new AppError(
      'engine-refused',
      `${NAME}: OpenAI refuses the agent (${shownNames(names)}): check what its file has under settings, voice and ` +
        'model, and of a prompt that OpenAI keeps its id, version and variables',
    )
  );
}

export function shownNames({ type, code }: ErrorNames): string {
  const words = [type, code].filter((word) => typeof word === 'string' && ERROR_NAME.test(word));
  return words.join(' ') || 'an error without a name';
}

function nameOf(language: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
}
