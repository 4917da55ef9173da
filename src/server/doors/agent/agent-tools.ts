/**
 * What an agent can have done: client tools of its configuration that have these names. What it says is a language
 * model's word, so nothing is taken from it but what is checked here.
 */

import type { AgentToolCall } from '../../../engines/agents/voice-agent.ts';

export type AgentDeed =
  /** The person goes on elsewhere; `to` is for the dialplan. It may be a number, and is personal. */
  | { readonly type: 'transfer'; readonly to: string }
  | { readonly type: 'hang-up' }
  /** The others hear the tones of keys. */
  | { readonly type: 'keys'; readonly keys: string }
  /** It cannot be done; the agent is told why. */
  | { readonly type: 'refused'; readonly why: string };

/** What a variable of Asterisk can hold and nothing of a dialplan reads as more than a word. */
const TARGET = /^[A-Za-z0-9+*#][A-Za-z0-9+*#._-]{0,39}$/;
const KEYS = /^[0-9*#A-D]{1,16}$/;

export function deedOf({ name, parameters: { to, keys } }: AgentToolCall): AgentDeed {
  switch (name.toLowerCase().replaceAll('-', '_')) {
    case 'transfer':
      return typeof to === 'string' && TARGET.test(to)
        ? { type: 'transfer', to }
        : { type: 'refused', why: 'the parameter "to" must be one word or number of up to 40 characters' };
    case 'hang_up':
      return { type: 'hang-up' };
    case 'keys':
      return typeof keys === 'string' && KEYS.test(keys)
        ? { type: 'keys', keys }
        : { type: 'refused', why: 'the parameter "keys" must be up to 16 of 0-9, *, #, A-D' };
    default:
      return { type: 'refused', why: 'there is no such tool: there are transfer, hang_up and keys' };
  }
}
