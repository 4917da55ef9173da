/** What a process that holds a model does with it. */

import type { MessageType, ModelFacts, ModelMessage } from '../model-wire.ts';

export interface Service {
  readonly facts: Pick<ModelFacts, 'rateHz' | 'speakers' | 'dimensions'>;
  /** Takes one message. */
  receive(message: ModelMessage): void;
  /** All messages that have come together were received. */
  work(): void;
}

/** Answers whom `id` is of. */
export type Answer = (type: MessageType, id: number, payload?: Uint8Array) => void;
