/**
 * A collector of traces that takes OTLP over HTTP as JSON and is strict about it: what does not fit the protocol is
 * answered with 400. https://github.com/open-telemetry/opentelemetry-proto
 */

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { listen } from '../support/ports.ts';

const NANOSECONDS = z.string().regex(/^\d{19}$/);
const ATTRIBUTES = z.array(
  z.strictObject({
    key: z.string().min(1),
    value: z.union([
      z.strictObject({ stringValue: z.string() }),
      z.strictObject({ doubleValue: z.number() }),
    ]),
  }),
);
const SPAN = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  name: z.string().min(1),
  kind: z.literal(1),
  startTimeUnixNano: NANOSECONDS,
  endTimeUnixNano: NANOSECONDS,
  attributes: ATTRIBUTES,
  links: z
    .array(
      z.strictObject({
        traceId: z.string().regex(/^[0-9a-f]{32}$/),
        spanId: z.string().regex(/^[0-9a-f]{16}$/),
      }),
    )
    .optional(),
  status: z.strictObject({ code: z.union([z.literal(1), z.literal(2)]) }).optional(),
});
const REQUEST = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: ATTRIBUTES }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(SPAN).min(1),
        }),
      ),
    }),
  ),
});

export type CollectedSpan = z.infer<typeof SPAN>;

/** How it answers one request: with this status, and body. */
interface Answer {
  readonly status: number;
  readonly body?: string;
}

export class OtlpCollector {
  readonly url: string;
  /** What it has taken, in order. */
  readonly spans: CollectedSpan[] = [];
  /** Attributes of what has sent them. */
  readonly resources: Readonly<Record<string, unknown>>[] = [];
  /** Of all requests, taken or not. */
  readonly requests: { readonly path: string | undefined; readonly headers: IncomingHttpHeaders }[] = [];
  /** Its next answers, where it is not to take what comes. */
  readonly answers: Answer[] = [];
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        this.requests.push({ path: request.url, headers: request.headers });
        const { status, body: answer = '{}' } = this.answers.shift() ?? {
          status: this.#take(request.url, body),
        };
        response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
      });
    });
  }

  static async open(): Promise<OtlpCollector> {
    const server = createServer();
    return new OtlpCollector(server, await listen(server));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @returns the status. */
  #take(path: string | undefined, body: string): number {
    if (path !== '/v1/traces') {
      return 404;
    }
    const read = REQUEST.safeParse(JSON.parse(body));
    if (!read.success) {
      return 400;
    }
    for (const { resource, scopeSpans } of read.data.resourceSpans) {
      this.resources.push(valuesOf(resource.attributes));
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans));
    }
    return 200;
  }
}

/** Attributes by their keys. */
export function valuesOf(attributes: z.infer<typeof ATTRIBUTES>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
