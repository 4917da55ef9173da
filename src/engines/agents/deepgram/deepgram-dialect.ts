/**
 * How one conversation with a Deepgram agent talks. Its sound has no ids: what was said before the person began to speak
 * is one stretch, and what comes after is the next.
 */

import { PcmStream } from '../../tts/sample-stream.ts';
import { OpenCalls } from '../open-calls.ts';
import type { AgentDialect, Heard, WireMessage } from '../socket-conversation.ts';
import { AGENT_HZ, decodeMessage, messageError, NAME } from './deepgram-agent-wire.ts';

export class DeepgramDialect implements AgentDialect {
  readonly inputHz = AGENT_HZ;
  readonly outputHz = AGENT_HZ;
  readonly #samples = new PcmStream(AGENT_HZ);
  readonly #calls: OpenCalls;
  #stretch = 1;

  /** @param places where the agent may transfer to; none: to whatever it says. */
  constructor(places: ReadonlyMap<string, string>) {
    this.#calls = new OpenCalls(NAME, places);
  }

  encode(pcm: Int16Array): Uint8Array {
    return new Uint8Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength));
  }

  receive(received: WireMessage, heard: Heard): void {
    if (typeof received !== 'string') {
      const pcm = this.#samples.push(received);
      if (pcm.length > 0) {
        heard.event({ type: 'audio', id: this.#stretch, pcm });
      }
      return;
    }
    const message = decodeMessage(received);
    switch (message.type) {
      case 'UserStartedSpeaking':
        heard.event({ type: 'interrupted', upToId: this.#stretch });
        this.#stretch += 1;
        break;
      case 'ConversationText':
        heard.event({
          type: 'said',
          who: message.role === 'user' ? 'person' : 'agent',
          text: message.content,
        });
        break;
      case 'FunctionCallRequest':
        for (const { client_side: isOurs, ...written } of message.functions) {
          if (isOurs) {
            this.#calls.take(written, heard);
          }
        }
        break;
      case 'Error':
        throw messageError(message.code);
      case 'SettingsApplied':
      case 'unknown':
        break;
    }
  }

  answered(id: string, result: string): readonly string[] {
    const name = this.#calls.answered(id);
    return [JSON.stringify({ type: 'FunctionCallResponse', id, name, content: result })];
  }

  /** It takes what it has sent as heard until the person began to speak; nothing tells it more. */
  cutOff(): readonly string[] {
    return [];
  }
}
