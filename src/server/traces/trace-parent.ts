/**
 * The trace that whoever registers a call is in, as it tells of it: `00-<trace>-<span>-<flags>`, in hexadecimal digits.
 * Source: https://www.w3.org/TR/trace-context-1/#traceparent-header
 */

export interface TraceParent {
  readonly traceId: string;
  /** Of the span that others are to be below. */
  readonly spanId: string;
  /** Whether that trace is kept: below one that is not nobody would find anything. */
  readonly sampled: boolean;
}

/** Later versions may say more behind these. */
const WRITTEN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_VERSION = 'ff';
const SAMPLED = 1;

/** Undefined for what is none; whoever is told one by a header goes on without it, as the source says. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = WRITTEN.exec(text.trim()) ?? [];
  const wrong =
    version === undefined ||
    version === NO_VERSION ||
    (version === '00' && more !== undefined) ||
    /^0+$/.test(traceId) ||
    /^0+$/.test(spanId);
  return wrong ? undefined : { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}
