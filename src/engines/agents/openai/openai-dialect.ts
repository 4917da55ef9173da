/**
 * How one conversation with an OpenAI agent talks. It answers faster than it is heard, and believes that it was heard:
 * when the person falls into its words it is told how far they came, or it goes on as if it had said all of them.
 */

import { AppError } from '../../../base/errors.ts';
import { samplesToMs } from '../../../base/units.ts';
import { fromBase64 } from '../../s2s/wire-pcm.ts';
import { isLast } from '../agent-functions.ts';
import { OpenCalls } from '../open-calls.ts';
import type { AgentDialect, Heard, WireMessage } from '../socket-conversation.ts';
import {
  AGENT_HZ,
  decodeEvent,
  encodeAudio,
  encodeToolResult,
  encodeTruncation,
  finalError,
  GO_ON,
  NAME,
  type RealtimeEvent,
  shownNames,
} from './openai-agent-wire.ts';

/** Errors in a row, none of which ends the session, after which it is of no use. */
const MOST_ERRORS = 3;
/** Stretches that may wait to be heard at once, and some more. */
const MOST_STRETCHES = 32;

/** What the agent says without a break. */
interface Stretch {
  readonly item: string;
  readonly contentIndex: number;
  /** What has come of it. */
  samples: number;
}

type OutputAudio = Extract<RealtimeEvent, { type: 'response.output_audio.delta' }>;
type DoneResponse = Extract<RealtimeEvent, { type: 'response.done' }>['response'];

export class OpenaiDialect implements AgentDialect {
  readonly inputHz = AGENT_HZ;
  readonly outputHz = AGENT_HZ;
  /** By the ids of our events, the latest last. */
  readonly #stretches = new Map<number, Stretch>();
  readonly #calls: OpenCalls;
  #latest = 0;
  #answering = false;
  /** Whether it is to go on as soon as its answer is over: there may be one at a time. */
  #owesAnswer = false;
  #errors = 0;

  /** @param places where the agent may transfer to; none: to whatever it says. */
  constructor(places: ReadonlyMap<string, string>) {
    this.#calls = new OpenCalls(NAME, places);
  }

  encode(pcm: Int16Array): string {
    return encodeAudio(pcm);
  }

  receive(message: WireMessage, heard: Heard): void {
    const event = decodeEvent(message);
    switch (event.type) {
      case 'response.output_audio.delta':
        this.#speak(event, heard);
        break;
      case 'input_audio_buffer.speech_started':
        heard.event({ type: 'interrupted', upToId: this.#latest });
        break;
      case 'response.output_audio_transcript.done':
        heard.event({ type: 'said', who: 'agent', text: event.transcript });
        break;
      case 'conversation.item.input_audio_transcription.completed':
        heard.event({ type: 'said', who: 'person', text: event.transcript });
        break;
      case 'response.output_item.done':
        // One that was interrupted in the middle of a call has called nothing.
        if (event.item.status === 'completed') {
          const written = { ...event.item, id: event.item.call_id };
          this.#calls.take(written, heard);
        }
        break;
      case 'response.created':
        this.#answering = true;
        break;
      case 'response.done':
        this.#answered(event.response, heard);
        break;
      case 'error': {
        this.#errors += 1;
        const error = finalError(event.error);
        if (error !== undefined || this.#errors >= MOST_ERRORS) {
          throw error ?? uselessError(shownNames(event.error));
        }
        break;
      }
      case 'session.created':
      case 'session.updated':
      case 'unknown':
        break;
    }
  }

  answered(id: string, result: string, isError: boolean): readonly string[] {
    const name = this.#calls.answered(id);
    const told = encodeToolResult(id, isError ? `error: ${result}` : result);
    if (isLast(name, isError)) {
      return [told];
    }
    if (this.#answering) {
      this.#owesAnswer = true;
      return [told];
    }
    return [told, GO_ON];
  }

  cutOff(id: number, heardMs: number): readonly string[] {
    const stretch = this.#stretches.get(id);
    if (stretch === undefined) {
      return [];
    }
    // More than has come would be an error.
    const endMs = Math.floor(Math.min(heardMs, samplesToMs(stretch.samples, AGENT_HZ)));
    return [encodeTruncation(stretch.item, stretch.contentIndex, endMs)];
  }

  #speak({ item_id: item, content_index: contentIndex, delta }: OutputAudio, heard: Heard): void {
    this.#errors = 0;
    const pcm = fromBase64(delta);
    let stretch = this.#stretches.get(this.#latest);
    if (stretch?.item !== item || stretch.contentIndex !== contentIndex) {
      this.#latest += 1;
      stretch = { item, contentIndex, samples: 0 };
      this.#stretches.set(this.#latest, stretch);
      this.#stretches.delete(this.#latest - MOST_STRETCHES);
    }
    stretch.samples += pcm.length;
    heard.event({ type: 'audio', id: this.#latest, pcm });
  }

  #answered({ status, status_details: details }: DoneResponse, heard: Heard): void {
    this.#answering = false;
    if (status === 'failed') {
      const names = details?.error ?? {};
      throw finalError(names) ?? uselessError(shownNames(names));
    }
    // Who has fallen into its words is answered next, and with what the tool said.
    if (this.#owesAnswer && status !== 'cancelled') {
      heard.reply(GO_ON);
    }
    this.#owesAnswer = false;
  }
}

function uselessError(shown: string): AppError {
  return new AppError(
    'engine-bad-answer',
    `${NAME}: the agent gives no answer (${shown}): see its file's settings`,
  );
}
