/**
 * An agent as an operator describes one: all that makes it one, told at the beginning of each conversation, or what of one
 * that its provider keeps is to be used, and to be otherwise. What is said of it here is the same for every provider;
 * `settings` are a provider's own.
 */

import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';

/** What an agent may have done. */
export const AGENT_TOOLS = ['transfer', 'hang_up', 'keys'] as const;

export type AgentTool = (typeof AGENT_TOOLS)[number];

/** Which agent of its provider's. */
export interface KeptAgent {
  readonly id: string;
  /** Which state of it; undefined: the one that its provider takes. */
  readonly version?: string | undefined;
  readonly branch?: string | undefined;
  /** Whose values the provider's own variables have: `production`, `staging`. */
  readonly environment?: string | undefined;
  /** What it is told by its own names; `{{name}}` in them stands for a variable of the conversation. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface AgentDescription {
  /** Undefined: its provider keeps nothing of it. */
  readonly kept?: KeptAgent | undefined;
  /**
   * Who it is and what it is to do; `{{name}}` stands for a variable of the conversation. Undefined only where it is
   * {@link kept}.
   */
  readonly prompt?: string | undefined;
  /** What it says first, with variables; undefined: it waits until it is spoken to. */
  readonly greeting?: string | undefined;
  /** What it speaks and hears; undefined: what its provider takes it to be. */
  readonly language?: Language | undefined;
  /** By the provider's name; undefined: the adapter's default. */
  readonly voice?: string | undefined;
  /** What thinks for it, by the provider's name; undefined: the adapter's default. */
  readonly model?: string | undefined;
  readonly tools: readonly AgentTool[];
  /** Where it may transfer to, and what is there, for it to choose by; none: to whatever it says. */
  readonly transferTo: ReadonlyMap<string, string>;
  /** Laid over what is sent of it, as the provider has it; it wins. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** By the name that `--agent-file` gives. */
export type AgentDescriptions = ReadonlyMap<string, AgentDescription>;

/** `text` with its variables. @throws AppError `engine-refused` for one that is not given. */
export function filledIn(engine: string, text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) {
      throw new AppError(
        'engine-refused',
        `${engine}: the agent's file has {{${name}}}, which this call does not give: write it with the call, or take it ` +
          'out of the file',
      );
    }
    return value;
  });
}

/** The variables of an agent that its provider keeps, each with those of the conversation. @throws as {@link filledIn}. */
export function filledVariables(
  engine: string,
  { variables }: KeptAgent,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, text]) => [name, filledIn(engine, text, given)]),
  );
}

/** `own` laid over `base`: mappings are joined, anything else is replaced. Keeps both as they are. */
export function laidOver(
  base: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const joined: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(own)) {
    const below = joined[name];
    joined[name] = isMapping(below) && isMapping(value) ? laidOver(below, value) : value;
  }
  return joined;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
