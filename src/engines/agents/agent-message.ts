/** What a conversation's socket brings, read by the provider's own messages. */

import type { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { parseJson } from '../wire/json.ts';
import type { WireMessage } from './socket-conversation.ts';

/**
 * What a message says; `unknown` where we have no use for it. @param name of the engine, @param what of what it sends, for
 * the error. @throws AppError `engine-bad-answer` when it is no JSON object.
 */
export function agentMessage<Message>(
  schema: z.ZodType<Message>,
  message: WireMessage,
  name: string,
  what = 'message',
): Message | { readonly type: 'unknown' } {
  const json = parseJson(message);
  if (typeof json !== 'object' || json === null) {
    throw new AppError('engine-bad-answer', `${name}: its agent sends what is no ${what}`);
  }
  const read = schema.safeParse(json);
  return read.success ? read.data : { type: 'unknown' };
}
