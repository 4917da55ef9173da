/**
 * The tools of an agent as language models are told of them, and what models make of that: calls whose arguments are
 * JSON in a string, if they are. A call that cannot be one is refused here, and the model told why, so that it may try
 * again.
 */

import { member, parseJson } from '../wire/json.ts';
import type { AgentDescription, AgentTool } from './agent-description.ts';
import type { AgentToolCall } from './voice-agent.ts';

/** One function, with its parameters as JSON Schema. */
export interface AgentFunction {
  readonly name: AgentTool;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** After these there is nothing more to say. */
const LAST_TOOLS: ReadonlySet<string> = new Set<AgentTool>(['transfer', 'hang_up']);

export function agentFunctions({ tools, transferTo }: AgentDescription): readonly AgentFunction[] {
  return tools.map((name) => ({ name, ...functionOf(name, transferTo) }));
}

function functionOf(tool: AgentTool, places: ReadonlyMap<string, string>): Omit<AgentFunction, 'name'> {
  switch (tool) {
    case 'transfer':
      return {
        description:
          'Connects the caller with somebody else and ends this conversation. Say good-bye to the caller first.',
        parameters: schema('to', {
          type: 'string',
          ...(places.size === 0
            ? { description: 'the extension or number' }
            : {
                enum: [...places.keys()],
                description: [...places].map(([place, what]) => `${place}: ${what}`).join('; '),
              }),
        }),
      };
    case 'hang_up':
      return {
        description: 'Ends the call. Say good-bye to the caller first.',
        parameters: { type: 'object', properties: {} },
      };
    case 'keys':
      return {
        description: 'Presses keys of the telephone, which the other end hears as tones.',
        parameters: schema('keys', { type: 'string', description: '1 to 16 of 0-9, *, #, A-D' }),
      };
  }
}

function schema(name: string, what: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { type: 'object', properties: { [name]: what }, required: [name] };
}

/** Whether the agent is not to go on speaking of what came of a call: it is done, and the conversation over with it. */
export function isLast(tool: string, isError: boolean): boolean {
  return !isError && LAST_TOOLS.has(tool);
}

/** A call as a model writes one. */
export interface WrittenCall {
  readonly id: string;
  readonly name: string;
  /** JSON, if it is. */
  readonly arguments: string;
}

/** What a model wrote, as a call; or why it is none, in words for the model. */
export function functionCall(
  { id, name, arguments: written }: WrittenCall,
  places: ReadonlyMap<string, string>,
): AgentToolCall | string {
  const parameters = parseJson(written === '' ? '{}' : written);
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return 'the arguments are no JSON object: call it again with one';
  }
  const to = member(parameters, 'to');
  if (name === 'transfer' && places.size > 0 && !(typeof to === 'string' && places.has(to))) {
    return `there is no such place: there are ${[...places.keys()].join(', ')}`;
  }
  return { id, name, parameters: { ...parameters } };
}
