/**
 * The messages of ElevenLabs Agents' WebSocket. Which audio goes over it is the agent's own configuration and is told
 * with the first message; nobody who connects can choose it.
 * https://elevenlabs.io/docs/agents-platform/api-reference/agents-platform/websocket
 */

import { z } from 'zod';
import { AppError, type ErrorCode } from '../../../base/errors.ts';
import { decodeG711, encodeG711 } from '../../../protocol/g711.ts';
import { fromBase64, toBase64 } from '../../s2s/wire-pcm.ts';
import { type AgentDescription, filledVariables, laidOver } from '../agent-description.ts';
import { agentMessage } from '../agent-message.ts';
import type { WireMessage } from '../socket-conversation.ts';
import type { AgentWish } from '../voice-agent.ts';
import { agentLanguage, whyNotSpoken } from './elevenlabs-agent-languages.ts';

export const NAME = 'elevenlabs';

const eventId = z.int();

const MESSAGE = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('conversation_initiation_metadata'),
    conversation_initiation_metadata_event: z.object({
      agent_output_audio_format: z.string(),
      user_input_audio_format: z.string().default('pcm_16000'),
    }),
  }),
  z.object({
    type: z.literal('audio'),
    audio_event: z.object({ audio_base_64: z.string(), event_id: eventId }),
  }),
  z.object({ type: z.literal('interruption'), interruption_event: z.object({ event_id: eventId }) }),
  z.object({ type: z.literal('ping'), ping_event: z.object({ event_id: eventId }) }),
  z.object({
    type: z.literal('user_transcript'),
    user_transcription_event: z.object({ user_transcript: z.string() }),
  }),
  z.object({
    type: z.literal('agent_response'),
    agent_response_event: z.object({ agent_response: z.string() }),
  }),
  z.object({
    type: z.literal('client_tool_call'),
    client_tool_call: z.object({
      tool_name: z.string(),
      tool_call_id: z.string(),
      parameters: z.record(z.string(), z.unknown()).default({}),
    }),
  }),
  z.object({
    type: z.literal('error'),
    error_event: z.object({ code: z.int(), error_type: z.string().optional() }),
  }),
]);

export type AgentMessage = z.infer<typeof MESSAGE>;

/**
 * What a message says; `unknown` where we have no use for it.
 * @throws AppError `engine-bad-answer` when it is none.
 */
export function decodeMessage(message: WireMessage): AgentMessage | { readonly type: 'unknown' } {
  return agentMessage(MESSAGE, message, NAME);
}

/**
 * The first message. What is not wished is left out: an override that the agent's settings forbid ends it all. Variables
 * in what it is to say are ElevenLabs' to fill in.
 * @param description of what is to be otherwise of it; undefined: only what is wished.
 * @throws AppError `language-unsupported` for a language that its agents do not speak.
 */
export function encodeInitiation(wish: AgentWish, description: AgentDescription | undefined): string {
  const { kept, prompt, voice, settings = {} } = description ?? {};
  const firstMessage = wish.firstMessage ?? description?.greeting;
  const language = wish.language ?? description?.language;
  const why = whyNotSpoken(language);
  if (why !== undefined) {
    throw new AppError('language-unsupported', why);
  }
  const agent = {
    ...(prompt === undefined ? {} : { prompt: { prompt } }),
    ...(firstMessage === undefined ? {} : { first_message: firstMessage }),
    ...(language === undefined ? {} : { language: agentLanguage(language) }),
  };
  const overrides = {
    ...(Object.keys(agent).length === 0 ? {} : { agent }),
    ...(voice === undefined ? {} : { tts: { voice_id: voice } }),
  };
  const own = kept === undefined ? {} : filledVariables(NAME, kept, wish.variables);
  const message = {
    type: 'conversation_initiation_client_data',
    ...(Object.keys(overrides).length === 0 ? {} : { conversation_config_override: overrides }),
    dynamic_variables: { ...own, ...wish.variables },
  };
  return JSON.stringify(laidOver(message, settings));
}

/** How audio goes one way. */
export interface AgentFormat {
  readonly rateHz: number;
  encode(pcm: Int16Array): string;
  decode(base64: string): Int16Array;
}

/** Those that 20 ms of divide evenly. */
const PCM_HZ: ReadonlySet<number> = new Set([8_000, 16_000, 24_000, 44_100, 48_000]);

/** @throws AppError `engine-refused` for one that cannot be put on a telephone's leg. */
export function formatOf(name: string): AgentFormat {
  if (name === 'ulaw_8000') {
    return {
      rateHz: 8_000,
      encode: (pcm) => Buffer.from(encodeG711(pcm, 'mu-law')).toString('base64'),
      decode: (base64) => decodeG711(Buffer.from(base64, 'base64'), 'mu-law'),
    };
  }
  const rateHz = Number(/^pcm_(\d{4,5})$/.exec(name)?.[1]);
  if (!PCM_HZ.has(rateHz)) {
    throw new AppError(
      'engine-refused',
      `${NAME}: the agent's audio format is none of pcm_8000, 16000, 24000, 44100, 48000 and ulaw_8000: set it to ` +
        'pcm_16000 in its voice and its advanced settings',
    );
  }
  return { rateHz, encode: toBase64, decode: fromBase64 };
}

/** What an operator can do about an end, and whose fault it is, by the provider's word for it. */
const FAULTS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  override_error: [
    'engine-refused',
    "allow what is to be otherwise (first message, language, prompt, voice) in the agent's Security tab, or do not ask for it",
  ],
  missing_dynamic_variable: [
    'engine-refused',
    "the agent's prompt has a variable that it is not given: write it with the call, or a default in the agent",
  ],
  transport_receive_timeout: ['engine-timeout', 'it has heard nothing of us for too long'],
  llm_timeout: ['engine-timeout', 'its language model does not answer'],
  custom_llm_error: ['engine-refused', "check the address and the key of the agent's own language model"],
  safety_violation: ['engine-refused', "it does not go on with what was said: see the agent's guardrails"],
};

/** The agent has said all the time that it may; nothing is wrong. */
export const MAX_DURATION = 'max_duration_exceeded';

/** Close codes that mean something of their own here; the others are those of every provider. */
const CODES: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  1002: ['engine-refused', 'the agent is misconfigured: check its language model'],
  1008: ['engine-refused', "check the agent's Security tab, its variables and the plan"],
  1011: ['engine-died', 'a fault of its own'],
};

/** The error for an end that was not wanted. @param word the provider's own, of an error message before the end. */
export function endError(code: number, word: string | undefined): AppError {
  const [kind, hint] = FAULTS[word ?? ''] ??
    CODES[code] ?? ['engine-died', 'see the conversation at elevenlabs.io'];
  const shown = word !== undefined && /^[a-z][a-z0-9_]{2,50}$/.test(word) ? word : `close code ${code}`;
  return new AppError(kind, `${NAME}: the agent's conversation ended (${shown}): ${hint}`);
}
