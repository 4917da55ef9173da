/**
 * The API as the page asks it: JSON there and back, a stream read as it comes, and the token where the server wants one.
 * Addresses are relative to the page's, so that it works behind a proxy that serves it under another path.
 */

import type { ShownCall } from '../../../http/api/call-schemas.ts';
import { EventReader, type StreamMessage } from './event-reader.ts';

/** A request that was refused, or never answered. */
export class Refusal extends Error {
  /** Of HTTP; 0 when no answer came. */
  readonly status: number;
  /** How a call is that was to be changed and is another version by now (412). */
  readonly current: ShownCall | undefined;

  /** @param detail what is wrong, and what to do about it, as the server says it. */
  constructor(status: number, detail: string, current?: ShownCall) {
    super(detail);
    this.status = status;
    this.current = current;
  }
}

/** A browser's `fetch`, or a test's. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export interface ReadOptions {
  /** The id of the message that was read last, so that it goes on behind it. */
  readonly after?: string | undefined;
  /** Called once, when the server has begun to tell. */
  readonly opened?: (() => void) | undefined;
}

export class ApiClient {
  /** Behind `Authorization: Bearer`; empty where none is needed. */
  token = '';
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** What the server answers, as JSON: it is our own, so it is taken at its word. @throws Refusal. */
  async get<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
    const response = await this.#ask(path, { signal });
    return JSON.parse(await response.text());
  }

  /**
   * Has the server do something; returns what it answers, undefined when that is nothing. @throws Refusal.
   * @param version that is meant; undefined: whichever it is.
   */
  async send<Answer>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    version?: number,
  ): Promise<Answer | undefined> {
    const response = await this.#ask(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Reads a stream of events to its end. @throws Refusal when it cannot be had, or breaks off. */
  async read(
    path: string,
    sink: (message: StreamMessage) => void,
    signal: AbortSignal,
    { after, opened }: ReadOptions = {},
  ): Promise<void> {
    const headers = after === undefined ? {} : { 'last-event-id': after };
    const { body } = await this.#ask(path, { signal, headers });
    opened?.();
    if (body === null) {
      return;
    }
    const reader = new EventReader(sink);
    const text = body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (let piece = await text.read(); !piece.done; piece = await text.read()) {
        reader.push(piece.value);
      }
    } catch (error) {
      throw signal.aborted ? error : new Refusal(0, 'the connection broke off');
    }
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const authorization = this.token === '' ? {} : { authorization: `Bearer ${this.token}` };
    let response: Response;
    try {
      response = await this.#fetch(path, {
        ...init,
        headers: { ...init.headers, ...authorization },
      });
    } catch (error) {
      throw init.signal?.aborted === true ? error : new Refusal(0, 'the server does not answer');
    }
    if (!response.ok) {
      throw await refusalIn(response);
    }
    return response;
  }
}

async function refusalIn(response: Response): Promise<Refusal> {
  const { status } = response;
  const { detail, current } = problemIn(await response.text());
  return detail === undefined
    ? new Refusal(status, `the server answers with status ${status}`)
    : new Refusal(status, detail, current);
}

/** A proxy before the server may answer with a page of its own. */
function problemIn(text: string): { readonly detail?: string; readonly current?: ShownCall } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
