/**
 * Services that hold a conversation by themselves: they are given what a person says and give what they answer, as
 * sound. A conversation is asked for once and never again by the adapter; what it costs begins when it opens. Adapters
 * do not retry, fail over or log text, and they pace nothing: an answer comes faster than it is spoken.
 */

import type { Language } from '../../base/language.ts';

export type AgentEvent =
  /** More of what the agent says; signed 16-bit mono at {@link AgentConversation.outputHz}, belongs to the receiver. */
  | { readonly type: 'audio'; readonly id: number; readonly pcm: Int16Array }
  /** The person has fallen into its words: of what is not heard yet nothing counts whose id is this or a lower one. */
  | { readonly type: 'interrupted'; readonly upToId: number }
  /** What the agent says, or what it has understood. */
  | { readonly type: 'said'; readonly who: 'agent' | 'person'; readonly text: string }
  /** It wants something done; {@link AgentConversation.answer} says what came of it. */
  | { readonly type: 'tool'; readonly call: AgentToolCall }
  /** The agent has ended the conversation, with nothing wrong. What it said last is still to be heard. */
  | { readonly type: 'ended' }
  /** The conversation is over. */
  | { readonly type: 'failed'; readonly error: Error };

export interface AgentToolCall {
  readonly id: string;
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What of an agent's own configuration is to be otherwise in one conversation, and what it is told before. */
export interface AgentWish {
  /** As its provider calls it, or `--agent-file` does. */
  readonly agent: string;
  /** What it says first; undefined: what it always does. */
  readonly firstMessage?: string;
  /** What it is to speak; undefined: what it always does. */
  readonly language?: Language;
  /** By the names that its configuration uses. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface AgentConversation {
  /** The rate at which it is to be spoken to, in Hz. */
  readonly inputHz: number;
  readonly outputHz: number;
  /** Sound that was not sent because the provider did not take it in time, in ms. */
  readonly droppedMs: number;
  /** Hears every event from the first on, in order; once, at once. None comes from inside a call of the conversation. */
  listen(onEvent: (event: AgentEvent) => void): void;
  /** Adds what the person says, or silence, which keeps it alive. Keeps nothing of `pcm`, and never waits. */
  write(pcm: Int16Array): void;
  /** What came of a tool's call. */
  answer(id: string, result: string, isError: boolean): void;
  /** Of what has this id only the first `heardMs` were heard when the person fell into it. */
  cutOff(id: number, heardMs: number): void;
  /** Ends it; no event comes after. Idempotent. */
  close(): Promise<void>;
}

export interface VoiceAgent {
  readonly name: string;
  /** Why there can be no agent of this name, as far as that is known without asking; words for the operator. */
  refusal(agent: string): string | undefined;
  /** @throws AppError of category `engine`; the signal's reason when it aborts first. */
  open(wish: AgentWish, signal: AbortSignal): Promise<AgentConversation>;
  /** Whether there is such an agent for us, without a conversation that costs something. @throws as {@link open}. */
  probe(agent: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
