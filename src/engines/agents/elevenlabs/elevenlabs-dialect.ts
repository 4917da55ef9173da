/**
 * How one conversation with an ElevenLabs agent talks, once it has said how audio is to go. Its pings are answered at
 * once.
 */

import type { AgentDialect, Heard, WireMessage } from '../socket-conversation.ts';
import { type AgentFormat, decodeMessage } from './elevenlabs-agent-wire.ts';

export interface Formats {
  readonly input: AgentFormat;
  readonly output: AgentFormat;
}

export class ElevenlabsDialect implements AgentDialect {
  readonly #formats: Formats;
  readonly #told: (word: string) => void;

  /** @param told hears the provider's word for an error. */
  constructor(formats: Formats, told: (word: string) => void) {
    this.#formats = formats;
    this.#told = told;
  }

  get inputHz(): number {
    return this.#formats.input.rateHz;
  }

  get outputHz(): number {
    return this.#formats.output.rateHz;
  }

  encode(pcm: Int16Array): string {
    return JSON.stringify({ user_audio_chunk: this.#formats.input.encode(pcm) });
  }

  receive(received: WireMessage, heard: Heard): void {
    const message = decodeMessage(received);
    switch (message.type) {
      case 'audio': {
        const { audio_base_64: audio, event_id: id } = message.audio_event;
        heard.event({ type: 'audio', id, pcm: this.#formats.output.decode(audio) });
        break;
      }
      case 'interruption':
        heard.event({ type: 'interrupted', upToId: message.interruption_event.event_id });
        break;
      case 'ping':
        heard.reply(JSON.stringify({ type: 'pong', event_id: message.ping_event.event_id }));
        break;
      case 'user_transcript':
        heard.event({ type: 'said', who: 'person', text: message.user_transcription_event.user_transcript });
        break;
      case 'agent_response':
        heard.event({ type: 'said', who: 'agent', text: message.agent_response_event.agent_response });
        break;
      case 'client_tool_call': {
        const { tool_call_id: id, tool_name: name, parameters } = message.client_tool_call;
        heard.event({ type: 'tool', call: { id, name, parameters } });
        break;
      }
      case 'error':
        this.#told(message.error_event.error_type ?? '');
        break;
      case 'conversation_initiation_metadata':
      case 'unknown':
        break;
    }
  }

  answered(id: string, result: string, isError: boolean): readonly string[] {
    return [JSON.stringify({ type: 'client_tool_result', tool_call_id: id, result, is_error: isError })];
  }

  /** It finds out by itself. */
  cutOff(): readonly string[] {
    return [];
  }
}
