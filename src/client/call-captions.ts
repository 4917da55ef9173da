/**
 * Follows the events of one call on a server's HTTP side. Captions are an extra: whatever goes wrong with them is told
 * once, in one sentence, and the call goes on without.
 */

import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { CallEvent } from '../call/call-events.ts';
import { HttpOrigin } from '../engines/wire/http.ts';
import { parseCallEvent, parseRefusal } from './call-event-json.ts';
import { EventStreamParser } from './event-stream.ts';

/** What is followed of a call: asked for by name, so that a server that does not share it says so. */
const TYPES = 'party-state,heard,spoken,uninterpreted,utterance,ended';
/** How long to wait before asking again for a call that the server does not know yet. */
const RETRY_MS = 200;

/** `waiting`: no answer yet; `live`; `complete`: the call's last event came; `missing`: there are none to be had. */
export type CaptionsState = 'waiting' | 'live' | 'complete' | 'missing';

/** Where the API of a server is. */
export interface ApiAddress {
  /** Such as http://127.0.0.1:3000. */
  readonly url: string;
  /** Where the server wants one. */
  readonly token?: Secret | undefined;
}

export class CallCaptions {
  readonly #origin: HttpOrigin;
  readonly #path: string;
  readonly #token: Secret | undefined;
  readonly #clock: Clock;
  readonly #onEvent: (event: CallEvent) => void;
  readonly #onTrouble: (sentence: string) => void;
  #state: CaptionsState = 'waiting';
  #missingBecause: string | undefined;
  /** Utterances that were heard and have no report yet, as `party utterance`. */
  readonly #unreported = new Set<string>();

  /**
   * @param onTrouble hears at most one sentence.
   */
  constructor(
    { url, token }: ApiAddress,
    callId: string,
    clock: Clock,
    onEvent: (event: CallEvent) => void,
    onTrouble: (sentence: string) => void,
  ) {
    this.#path = `/api/v1/calls/${callId}/events?types=${TYPES}`;
    this.#token = token;
    this.#origin = new HttpOrigin({
      name: 'captions',
      url,
      clock,
      unreachableHint: "name the server's HTTP address with --http",
    });
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#onTrouble = onTrouble;
  }

  get state(): CaptionsState {
    return this.#state;
  }

  /** Why there are no captions, for the report; undefined when there are some. */
  get missingBecause(): string | undefined {
    return this.#state === 'waiting' ? 'the server did not show this call' : this.#missingBecause;
  }

  /** Utterances that were heard and whose report is still to come. */
  get unreported(): number {
    return this.#unreported.size;
  }

  /** Follows the call until its last event, until there is no hope, or until `signal` aborts. Never throws. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      while (!(await this.#ask(signal))) {
        await this.#clock.sleep(RETRY_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#fail(error);
      }
    } finally {
      await this.#origin.close();
    }
  }

  #fail(error: unknown): void {
    if (this.#state === 'live') {
      this.#onTrouble(`${messageOf(error)}: captions stop here`);
    } else {
      this.#miss('the HTTP side of the server could not be reached', messageOf(error));
    }
  }

  /** One request; returns false when the call does not exist yet. */
  async #ask(signal: AbortSignal): Promise<boolean> {
    const headers = {
      accept: 'text/event-stream',
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token.reveal()}` }),
    };
    // Nothing comes while nothing is said.
    const silenceLimitMs = Number.POSITIVE_INFINITY;
    const answer = await this.#origin.send(
      { method: 'GET', path: this.#path, headers, silenceLimitMs },
      signal,
    );
    if (answer.status !== 200) {
      const sentence = parseRefusal((await answer.readAll()).toString());
      if (answer.status === 404) {
        return false;
      }
      const because = `the server answered ${answer.status}`;
      this.#miss(
        answer.status === 403 ? 'not shared by the server' : because,
        `no captions: ${sentence ?? because}`,
      );
      return true;
    }
    this.#state = 'live';
    const parser = new EventStreamParser((data) => this.#read(data));
    const decoder = new TextDecoder();
    for await (const piece of answer.pieces(Number.POSITIVE_INFINITY)) {
      parser.push(decoder.decode(piece, { stream: true }));
    }
    if (this.#state === 'live') {
      throw new AppError('server-unreachable', 'captions: the server ended the stream');
    }
    return true;
  }

  #read(data: string): void {
    const event = parseCallEvent(data);
    if (event === undefined) {
      return;
    }
    if (event.type === 'heard') {
      this.#unreported.add(`${event.party} ${event.utterance}`);
    } else if (event.type === 'utterance') {
      this.#unreported.delete(`${event.report.party} ${event.report.utterance}`);
    } else if (event.type === 'ended') {
      this.#state = 'complete';
    }
    this.#onEvent(event);
  }

  #miss(because: string, sentence: string): void {
    this.#state = 'missing';
    this.#missingBecause = because;
    this.#onTrouble(sentence);
  }
}
