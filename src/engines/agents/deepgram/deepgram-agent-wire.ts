/**
 * The messages of Deepgram's Voice Agent. Sound goes as bytes, both ways, in the format that the first message asks for.
 * https://developers.deepgram.com/docs/voice-agent-message-flow
 */

import { z } from 'zod';
import { AppError, type ErrorCode } from '../../../base/errors.ts';
import { asCode } from '../../stt/deepgram/deepgram-errors.ts';
import { type AgentDescription, filledIn, laidOver } from '../agent-description.ts';
import { agentFunctions } from '../agent-functions.ts';
import { agentMessage } from '../agent-message.ts';
import type { AgentWish } from '../voice-agent.ts';
import { agentLanguage, LISTEN_MODEL } from './deepgram-agent-languages.ts';

export const NAME = 'deepgram';

/** Of all sound, both ways: what wideband telephones carry. */
export const AGENT_HZ = 16_000;

const MODEL_DEFAULT = 'gpt-4o-mini';

const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('SettingsApplied') }),
  z.object({ type: z.literal('UserStartedSpeaking') }),
  z.object({ type: z.literal('ConversationText'), role: z.string(), content: z.string() }),
  z.object({
    type: z.literal('FunctionCallRequest'),
    functions: z.array(
      z.object({ id: z.string(), name: z.string(), arguments: z.string(), client_side: z.boolean() }),
    ),
  }),
  z.object({ type: z.literal('Error'), code: z.string().default('') }),
]);

export type DeepgramMessage = z.infer<typeof MESSAGE>;

/**
 * What a message says; `unknown` where we have no use for it.
 * @throws AppError `engine-bad-answer` when it is none.
 */
export function decodeMessage(text: string): DeepgramMessage | { readonly type: 'unknown' } {
  return agentMessage(MESSAGE, text, NAME);
}

/** What of an operator's settings is of the conversation and not of the agent. */
const OF_ALL: ReadonlySet<string> = new Set(['experimental', 'flags', 'mip_opt_out', 'tags']);

/**
 * The first message. @param description undefined: the agent is kept by Deepgram, under the name that is wished.
 * @throws AppError `language-unsupported` for a language that it does not hear or speak.
 */
export function encodeSettings(wish: AgentWish, description: AgentDescription | undefined): string {
  const format = { encoding: 'linear16', sample_rate: AGENT_HZ };
  const ofAll = Object.entries(description?.settings ?? {}).filter(([name]) => OF_ALL.has(name));
  return JSON.stringify({
    type: 'Settings',
    ...Object.fromEntries(ofAll),
    audio: { input: format, output: { ...format, container: 'none' } },
    agent: description === undefined ? wish.agent : agentOf(wish, description),
  });
}

function agentOf(wish: AgentWish, description: AgentDescription): Readonly<Record<string, unknown>> {
  const { prompt = '', model = MODEL_DEFAULT } = description;
  const settings = Object.entries(description.settings).filter(([name]) => !OF_ALL.has(name));
  const greeting = wish.firstMessage ?? description.greeting;
  const { listen: language, voice } = agentLanguage(wish.language ?? description.language, description);
  const functions = agentFunctions(description);
  const own = {
    listen: {
      provider: { type: 'deepgram', model: LISTEN_MODEL, ...(language === undefined ? {} : { language }) },
    },
    think: {
      provider: { type: 'open_ai', model },
      prompt: filledIn(NAME, prompt, wish.variables),
      // What cannot be undone waits until it is certain that the caller has stopped to speak.
      ...(functions.length === 0
        ? {}
        : { functions: functions.map((each) => ({ ...each, defer_until_eot: true })) }),
    },
    speak: { provider: { type: 'deepgram', model: voice } },
    ...(greeting === undefined ? {} : { greeting: filledIn(NAME, greeting, wish.variables) }),
  };
  return laidOver(own, Object.fromEntries(settings));
}

/** What an operator can do about an error, and whose fault it is, by the provider's code. All of them are final. */
const FAULTS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  CLIENT_MESSAGE_TIMEOUT: ['engine-timeout', 'it has heard nothing of us for too long: check the network'],
  UNPARSABLE_CLIENT_MESSAGE: [
    'engine-refused',
    "check what the agent's file has under settings, voice and model",
  ],
  INVALID_SETTINGS: ['engine-refused', "check what the agent's file has under settings, voice and model"],
  INTERNAL_SERVER_ERROR: ['engine-died', 'a fault of its own: see status.deepgram.com'],
};

export function messageError(code: string): AppError {
  const [kind, hint] = FAULTS[code] ?? [
    'engine-died',
    "see the agent's model and voice, and status.deepgram.com",
  ];
  return new AppError(
    kind,
    `${NAME}: the agent's conversation ended (${asCode(code) ?? 'unknown'}): ${hint}`,
  );
}
