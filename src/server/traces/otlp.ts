/**
 * Traces as OpenTelemetry's protocol has them over HTTP, as JSON: ids in hexadecimal, times as texts of ns, since they do
 * not fit into a number. https://opentelemetry.io/docs/specs/otlp/
 */

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Span, UtteranceTrace } from './utterance-spans.ts';

/** Where collectors take traces, below an address without a path. */
export const TRACES_PATH = '/v1/traces';

const KIND_INTERNAL = 1;
const STATUS_ERROR = 2;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

const ANSWER = z.looseObject({
  partialSuccess: z.looseObject({ rejectedSpans: z.union([z.string(), z.number()]).optional() }).nullish(),
});

/** The body of a request. @param version of dragoman. */
export function otlpBody(traces: readonly UtteranceTrace[], version: string): Buffer {
  const resource = { attributes: attributesOf({ 'service.name': 'dragoman', 'service.version': version }) };
  const scope = { name: 'dragoman', version };
  return Buffer.from(
    JSON.stringify({
      resourceSpans: [{ resource, scopeSpans: [{ scope, spans: traces.flatMap(spansOf) }] }],
    }),
  );
}

/** How many spans a collector has not taken, by its answer; 0 for one that says nothing of it. */
export function rejectedSpans(answer: string): number {
  try {
    const { partialSuccess } = ANSWER.parse(JSON.parse(answer));
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isInteger(rejected) ? rejected : 0;
  } catch {
    // An empty answer, or one of a proxy: what counts is the status.
    return 0;
  }
}

/** Below the span it is to be below, if that is kept by who collects; else in a trace of its own that names it. */
function spansOf({ whole, failed, stages, parent }: UtteranceTrace) {
  const isBelow = parent?.sampled === true;
  const traceId = isBelow ? parent.traceId : randomBytes(TRACE_ID_BYTES).toString('hex');
  const spanId = newSpanId();
  return [
    {
      ...{ traceId, spanId, ...spanOf(whole) },
      ...(isBelow ? { parentSpanId: parent.spanId } : {}),
      ...(parent === undefined || isBelow
        ? {}
        : { links: [{ traceId: parent.traceId, spanId: parent.spanId }] }),
      ...(failed ? { status: { code: STATUS_ERROR } } : {}),
    },
    ...stages.map((stage) => ({ traceId, spanId: newSpanId(), parentSpanId: spanId, ...spanOf(stage) })),
  ];
}

function spanOf({ name, fromMs, toMs, attributes }: Span) {
  return {
    name,
    kind: KIND_INTERNAL,
    startTimeUnixNano: nanoseconds(fromMs),
    endTimeUnixNano: nanoseconds(toMs),
    attributes: attributesOf(attributes),
  };
}

function attributesOf(attributes: Span['attributes']) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
  }));
}

function newSpanId(): string {
  return randomBytes(SPAN_ID_BYTES).toString('hex');
}

/** Whole ms are whole ns; µs of a ms are kept. */
function nanoseconds(ms: number): string {
  return (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();
}
