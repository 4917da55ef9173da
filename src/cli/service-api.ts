/**
 * The API of a running service, for the commands that look at calls and steer them, here or on another machine. Address
 * and token are found as `serve` finds them, so that nobody has to write them twice.
 */

import type { Command } from 'commander';
import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { EventStreamParser } from '../client/event-stream.ts';
import { type HttpAnswer, HttpOrigin, jsonBody } from '../engines/wire/http.ts';
import { type FormField, multipartBody } from '../engines/wire/multipart.ts';
import { API_EVENT } from '../server/http/api/api-events.ts';
import { CALL_LIST, type ShownCall } from '../server/http/api/call-schemas.ts';
import type { Scope } from '../server/http/api/token-file.ts';
import { PROBLEM } from '../server/http/problem.ts';
import { SERVICE_FILES } from './check/service-files.ts';
import { formatHostPort } from './config/values.ts';
import type { CliContext } from './context.ts';
import { notOurs } from './http-ask.ts';
import { apiToken, statusAddress, type WrittenAddress } from './status-address.ts';

/** How long the service may take to answer, and each piece of what it says, in ms. */
const ANSWER_LIMIT_MS = 5_000;

/** How long a service may be silent that sends sound as it comes, ten times a second, in ms. */
const PIECE_LIMIT_MS = 10_000;

/** A page of records, or what was said in hours. */
const MOST_TEXT_BYTES = 32 * 1_048_576;

/** A minute of speech, and its header. */
const SOUND_LIMIT_BYTES = 6_000_000;

/** What is asked of the service. */
export interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with a slash. */
  readonly path: string;
  /** As JSON. */
  readonly body?: unknown;
  /** A recording, in place of JSON. */
  readonly wav?: Uint8Array;
  /** A form, in place of either. */
  readonly form?: readonly FormField[];
  /** The version that is meant. */
  readonly version?: number;
  /** How long the answer may take, and each piece of it, in ms; default 5,000. */
  readonly limitMs?: number;
}

/** Something that happened, as the API tells it. */
export type ShownEvent = z.infer<typeof API_EVENT>;

/** Where the service is, as flags. */
export function addServiceOptions(command: Command): Command {
  return command
    .option('--http <host:port>', 'the HTTP address of the service (default: as for status)')
    .option('--config <file>', "the service's YAML file, for its address and its tokens")
    .option(
      '--api-token-file <file>',
      "a token of the service's API, in a file as the service has (default: the service's)",
    );
}

/** The service says no. */
export class ServiceRefusal extends AppError {
  /** The short name that it gives its reason. */
  readonly reason: string;

  constructor(reason: string, explanation: string) {
    super('engine-refused', explanation);
    this.reason = reason;
  }
}

export class ServiceApi {
  readonly address: string;
  readonly #origin: HttpOrigin;
  readonly #token: Secret | undefined;
  readonly #signal: AbortSignal;

  /**
   * @param scope what the token must allow.
   * @param signal ends whatever is asked.
   * @throws AppError `bad-option` when the address cannot be read, and as reading the token's file does.
   */
  constructor(
    written: WrittenAddress,
    { environment }: CliContext,
    { scope, clock, signal }: { readonly scope: Scope; readonly clock: Clock; readonly signal: AbortSignal },
  ) {
    const found = statusAddress(written, environment, SERVICE_FILES.yaml);
    this.address = formatHostPort(found.address);
    this.#token = apiToken(written, environment, SERVICE_FILES.yaml, scope);
    this.#signal = signal;
    this.#origin = new HttpOrigin({
      name: 'the service',
      url: `http://${this.address}`,
      clock,
      unreachableHint: `is it running, with this address in --http?${found.hint}`,
    });
  }

  /** What is at `path`, which begins with a slash. @throws AppError what the service refuses with. */
  async read<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> {
    return this.#readIn(schema, await this.#ask({ method: 'GET', path }));
  }

  /** As {@link read}; undefined where there is no such thing. */
  async find<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer | undefined> {
    const answer = await this.#send({ method: 'GET', path });
    if (answer.status !== 404) {
      return this.#readIn(schema, await this.#unlessRefused(answer));
    }
    // Another program has no such route.
    const problem = PROBLEM.safeParse(jsonIn(await textOf(answer)));
    if (!problem.success) {
      throw notOurs(this.address);
    }
    return undefined;
  }

  /** Has the service do something and reads what it answers. @throws AppError what it refuses with. */
  async answer<Answer>(request: ServiceRequest, schema: z.ZodType<Answer>): Promise<Answer> {
    return this.#readIn(schema, await this.#ask(request));
  }

  /** The sound that the service makes, and what it says of that. @throws AppError what it refuses with. */
  async sound(request: ServiceRequest): Promise<Pick<HttpAnswer, 'headers'> & { readonly wav: Uint8Array }> {
    const answer = await this.#ask(request);
    return { headers: answer.headers, wav: await answer.readAll(SOUND_LIMIT_BYTES) };
  }

  /** What is at `path`, as it is. @throws AppError what the service refuses with. */
  async text(path: string): Promise<string> {
    return textOf(await this.#ask({ method: 'GET', path }), MOST_TEXT_BYTES);
  }

  /** Has the service remove what is at `path`, and reads what that was. @throws AppError what it refuses with. */
  async remove<Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> {
    return this.#readIn(schema, await this.#ask({ method: 'DELETE', path }));
  }

  /** Has the service do something, and reads what came of it. @throws AppError what it refuses with. */
  async asked<Answer>(path: string, body: unknown, schema: z.ZodType<Answer>): Promise<Answer> {
    return this.answer({ method: 'POST', path, body }, schema);
  }

  /** Has the service do something. @throws AppError what it refuses with. */
  act(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<void> {
    return this.done({ method, path, body });
  }

  /** Has the service do something of which nothing is read. @throws ServiceRefusal; AppError as for all. */
  async done(request: ServiceRequest): Promise<void> {
    await textOf(await this.#ask(request));
  }

  /** Calls that run, then those that are waited for and the latest that have ended. */
  async calls(state?: ShownCall['state']): Promise<readonly ShownCall[]> {
    const calls: ShownCall[] = [];
    let after: string | undefined;
    do {
      const query = new URLSearchParams({
        ...(state === undefined ? {} : { state }),
        ...(after === undefined ? {} : { after }),
      });
      const list = await this.read(`/api/v1/calls?${query}`, CALL_LIST);
      calls.push(...list.calls);
      after = list.next;
    } while (after !== undefined);
    return calls;
  }

  /** The id of the call that is meant by the beginning of one. @throws AppError `bad-option`. */
  async idOf(beginning: string): Promise<string> {
    if (beginning === '') {
      throw new AppError('bad-option', 'which call is not written; "dragoman calls" lists those that run');
    }
    const ids = (await this.calls()).map(({ call }) => call).filter((call) => call.startsWith(beginning));
    const [id] = ids;
    if (id === undefined || ids.length > 1) {
      throw new AppError(
        'bad-option',
        id === undefined
          ? 'there is no such call; "dragoman calls --all" lists those that there are'
          : `${ids.length} calls begin so; write more of it`,
      );
    }
    return id;
  }

  /**
   * Passes on each event that the service tells, as JSON and, where it is of a kind that is known here, as what it is,
   * until the service ends. @throws AppError what it refuses with.
   */
  async follow(path: string, onEvent: (json: string, event: ShownEvent | undefined) => void): Promise<void> {
    const answer = await this.#ask({ method: 'GET', path, limitMs: Number.POSITIVE_INFINITY });
    const decoder = new TextDecoder();
    const parser = new EventStreamParser((json) => onEvent(json, API_EVENT.safeParse(jsonIn(json)).data));
    for await (const piece of answer.pieces(Number.POSITIVE_INFINITY)) {
      parser.push(decoder.decode(piece, { stream: true }));
    }
  }

  /** What is at `path` as it comes, until the service ends it. @throws AppError what it refuses with. */
  async *pieces(path: string): AsyncGenerator<Uint8Array> {
    const answer = await this.#ask({ method: 'GET', path, limitMs: PIECE_LIMIT_MS });
    yield* answer.pieces(Number.POSITIVE_INFINITY);
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  /** An answer that is no refusal. */
  async #ask(request: ServiceRequest): Promise<HttpAnswer> {
    return this.#unlessRefused(await this.#send(request));
  }

  #send({
    method,
    path,
    body,
    wav,
    form,
    version,
    limitMs = ANSWER_LIMIT_MS,
  }: ServiceRequest): Promise<HttpAnswer> {
    const recording = wav === undefined ? {} : { headers: { 'content-type': 'audio/wav' }, body: [wav] };
    const bytes = form === undefined ? recording : multipartBody(form);
    const { headers = {}, ...sent } = body === undefined ? bytes : jsonBody(body);
    const bearer = {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token.reveal()}` }),
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    };
    return this.#origin.send(
      {
        method,
        path,
        ...sent,
        headers: { ...headers, ...bearer },
        headLimitMs: Number.isFinite(limitMs) ? limitMs : ANSWER_LIMIT_MS,
        silenceLimitMs: limitMs,
      },
      this.#signal,
    );
  }

  async #readIn<Answer>(schema: z.ZodType<Answer>, answer: HttpAnswer): Promise<Answer> {
    const read = schema.safeParse(jsonIn(await textOf(answer, MOST_TEXT_BYTES)));
    if (!read.success) {
      throw notOurs(this.address);
    }
    return read.data;
  }

  async #unlessRefused(answer: HttpAnswer): Promise<HttpAnswer> {
    if (answer.status >= 300) {
      const problem = PROBLEM.safeParse(jsonIn(await textOf(answer)));
      throw problem.success
        ? new ServiceRefusal(problem.data.code, this.#explained(problem.data))
        : notOurs(this.address);
    }
    return answer;
  }

  /** The service speaks to who writes requests; who has written a command does something else about it. */
  #explained({ code, detail }: z.infer<typeof PROBLEM>): string {
    if (code === 'no-such-route') {
      return `what answers at ${this.address} has nothing of this: is that the address of --http, and no older dragoman?`;
    }
    if (code !== 'no-token') {
      return detail;
    }
    return this.#token === undefined
      ? `the service at ${this.address} wants a token: write --api-token-file FILE, a file that you may read with one of ` +
          'the lines "name token scope" of its own'
      : `the service at ${this.address} does not know the token of --api-token-file, or of its own file: write one of ` +
          'the lines "name token scope" that it has now';
  }
}

async function textOf(answer: HttpAnswer, mostBytes?: number): Promise<string> {
  return (await answer.readAll(mostBytes)).toString('utf8');
}

/** What a JSON text says; undefined when it is none. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
