/**
 * One conversation with an ElevenLabs agent, once it has said how audio is to go. Its pings are answered at once; what
 * is sent while the connection takes nothing is dropped and counted, since late words would be answered late.
 */

import { AppError, asError } from '../../../base/errors.ts';
import { samplesToMs } from '../../../base/units.ts';
import type { ProviderSocket } from '../../wire/web-socket.ts';
import type { AgentConversation, AgentEvent } from '../voice-agent.ts';
import { type AgentFormat, decodeMessage } from './elevenlabs-agent-wire.ts';

/** More than this in the socket is a connection that does not keep up: 1 s of 16 kHz audio as base64 is 43 KB. */
const BACKED_UP_BYTES = 65_536;

export interface Formats {
  readonly input: AgentFormat;
  readonly output: AgentFormat;
}

export class ElevenlabsConversation implements AgentConversation {
  readonly #socket: ProviderSocket;
  readonly #formats: Formats;
  readonly #early: readonly string[];
  readonly #told: (word: string) => void;
  #droppedMs = 0;

  /** @param early what came before anybody listens. @param told hears the provider's word for an error. */
  constructor(
    socket: ProviderSocket,
    formats: Formats,
    early: readonly string[],
    told: (word: string) => void,
  ) {
    this.#socket = socket;
    this.#formats = formats;
    this.#early = early;
    this.#told = told;
  }

  get inputHz(): number {
    return this.#formats.input.rateHz;
  }

  get outputHz(): number {
    return this.#formats.output.rateHz;
  }

  get droppedMs(): number {
    return this.#droppedMs;
  }

  listen(onEvent: (event: AgentEvent) => void): void {
    const receive = (text: string): void => {
      try {
        this.#receive(text, onEvent);
      } catch (error) {
        this.#socket.fail(asError(error));
      }
    };
    queueMicrotask(() => {
      for (const text of this.#early) {
        receive(text);
      }
      this.#socket.listen({
        onText: receive,
        onLost: (error) => {
          const isEnd = error instanceof AppError && error.code === 'closed';
          onEvent(isEnd ? { type: 'ended' } : { type: 'failed', error });
        },
      });
    });
  }

  write(pcm: Int16Array): void {
    if (this.#socket.bufferedBytes > BACKED_UP_BYTES) {
      this.#droppedMs += samplesToMs(pcm.length, this.inputHz);
      return;
    }
    this.#send({ user_audio_chunk: this.#formats.input.encode(pcm) });
  }

  answer(id: string, result: string, isError: boolean): void {
    this.#send({ type: 'client_tool_result', tool_call_id: id, result, is_error: isError });
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #receive(text: string, onEvent: (event: AgentEvent) => void): void {
    const message = decodeMessage(text);
    switch (message.type) {
      case 'audio': {
        const { audio_base_64: audio, event_id: id } = message.audio_event;
        onEvent({ type: 'audio', id, pcm: this.#formats.output.decode(audio) });
        break;
      }
      case 'interruption':
        onEvent({ type: 'interrupted', upToId: message.interruption_event.event_id });
        break;
      case 'ping':
        this.#send({ type: 'pong', event_id: message.ping_event.event_id });
        break;
      case 'user_transcript':
        onEvent({ type: 'said', who: 'person', text: message.user_transcription_event.user_transcript });
        break;
      case 'agent_response':
        onEvent({ type: 'said', who: 'agent', text: message.agent_response_event.agent_response });
        break;
      case 'client_tool_call': {
        const { tool_call_id: id, tool_name: name, parameters } = message.client_tool_call;
        onEvent({ type: 'tool', call: { id, name, parameters } });
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
}
