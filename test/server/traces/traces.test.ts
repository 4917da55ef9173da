/** Traces sent to a collector that stands on this machine and is strict about the protocol. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallEvent } from '../../../src/call/call-events.ts';
import { EventLog } from '../../../src/server/http/api/event-log.ts';
import { parseTraceparent } from '../../../src/server/traces/trace-parent.ts';
import { Traces } from '../../../src/server/traces/traces.ts';
import { parseTracesHeader } from '../../../src/server/traces/traces-header.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { KeptLog } from '../../call/scripted-legs.ts';
import { type CollectedSpan, OtlpCollector, valuesOf } from '../../stand-ins/otlp-collector.ts';
import { eventually } from '../../support/waiting.ts';
import { FakeInterpretingView } from '../http/fake-interpreting-view.ts';
import { callOf, ENDED, FakeServerView, joined, spoken, utteranceOf } from '../http/fake-server-view.ts';

const LIMIT_MS = 20_000;
const NS_IN_MS = 1_000_000;

async function open(t: TestContext, path = '', header?: string) {
  const collector = await OtlpCollector.open();
  const clock = new FakeClock();
  const view = new FakeServerView();
  const log = new KeptLog();
  const events = new EventLog({ view, interpreting: new FakeInterpretingView(), clock }, true);
  const traces = new Traces(
    {
      ...{ url: collector.url + path, version: '1.2.3' },
      header: header === undefined ? undefined : parseTracesHeader(header),
    },
    clock,
    log,
  );
  traces.follow(events);
  t.after(async () => {
    const closed = traces.close();
    await clock.advance(LIMIT_MS);
    await closed;
    events.close();
    await collector.close();
    assert.equal(clock.pendingTimers, 0);
  });
  const { traces: tally } = traces.counts;
  const outcomes = () => Object.fromEntries(tally.entries());
  /** Lets what waits be sent. */
  const sent = async (what: Parameters<typeof tally.get>[0], utterances: number) => {
    await clock.advance(2_000);
    await eventually(
      () => `${what} ${utterances}: ${JSON.stringify(outcomes())}`,
      LIMIT_MS,
      () => tally.get(what) === utterances,
    );
  };
  return { collector, clock, view, traces, log, outcomes, sent };
}

/** An utterance is over at `atMs` of its call. */
function over(outcome: Parameters<typeof utteranceOf>[0], utterance = 1): CallEvent {
  const event = utteranceOf(outcome);
  assert.ok(event.type === 'utterance');
  return { ...event, report: { ...event.report, utterance } };
}

/** When a span was, in ms since its call began. */
function timesOf({ startTimeUnixNano, endTimeUnixNano }: CollectedSpan, callStartMs: number) {
  return [startTimeUnixNano, endTimeUnixNano].map(
    (ns) => Number(BigInt(ns) / BigInt(NS_IN_MS)) - callStartMs,
  );
}

describe('traces', () => {
  it('tell of each utterance when it was said, and how long each stage took', async (t) => {
    const { collector, clock, view, sent } = await open(t);
    // The call began 3 s before its utterance was over.
    const callStartMs = clock.wallTime().getTime() - 3_000;
    view.fire('c-1', {
      ...{ type: 'spoken', atMs: 1_700, party: 'a', utterance: 1, language: 'es', piiText: 'hola' },
      stages: { mtMs: 40, ttsMs: 120, queueMs: 0 },
    });
    view.fire('c-1', over('spoken'));
    await sent('delivered', 1);
    const [whole, ...stages] = collector.spans;
    assert.ok(whole !== undefined);
    assert.deepEqual(collector.resources, [{ 'service.name': 'dragoman', 'service.version': '1.2.3' }]);
    assert.deepEqual(timesOf(whole, callStartMs), [0, 2_500]);
    assert.equal(whole.name, 'utterance en es');
    const { 'dragoman.call': call, ...attributes } = valuesOf(whole.attributes);
    assert.match(String(call), /^[0-9a-f]{16}$/, 'nobody can come in by it');
    assert.deepEqual(attributes, {
      'dragoman.party': 'a',
      'dragoman.utterance': 1,
      'dragoman.source_lang': 'en',
      'dragoman.target_lang': 'es',
      'dragoman.outcome': 'spoken',
      'dragoman.segments': 1,
      'dragoman.start_offset_ms': 1_700,
      'dragoman.end_to_end_ms': 573,
    });
    assert.deepEqual(
      stages.map((span) => [span.name, ...timesOf(span, callStartMs)]),
      [
        ['speech', 0, 1_000],
        ['cut', 1_000, 1_300],
        ['recognise', 1_300, 1_450],
        ['translate', 1_540, 1_580],
        ['synthesise', 1_580, 1_700],
        ['play', 1_700, 2_500],
      ],
    );
    assert.ok(
      stages.every(({ parentSpanId, traceId }) => parentSpanId === whole.spanId && traceId === whole.traceId),
    );
    assert.equal(new Set(collector.spans.map(({ spanId }) => spanId)).size, 7);
    assert.doesNotMatch(JSON.stringify(collector.spans), /hello|hola/, 'nothing that was said');
  });

  it('are below the span of whoever registered the call, or name it where that is not kept', async (t) => {
    const { collector, view, sent } = await open(t);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const spanId = '00f067aa0ba902b7';
    const call = (callId: string, flags: string) => {
      const known = callOf(callId);
      return { ...known, plan: { ...known.plan, traceparent: `00-${traceId}-${spanId}-${flags}` } };
    };
    view.running = [call('c-1', '01'), call('c-2', '00'), callOf('c-3')];
    for (const { callId } of view.running) {
      view.fire(callId, joined('a'));
      view.fire(callId, over('spoken'));
    }
    await sent('delivered', 3);
    const wholes = collector.spans.filter(({ name }) => name === 'utterance en es');
    assert.deepEqual(
      wholes.map((span) => [span.traceId === traceId, span.parentSpanId, span.links]),
      [
        [true, spanId, undefined],
        [false, undefined, [{ traceId, spanId }]],
        [false, undefined, undefined],
      ],
    );
    const [first] = wholes;
    const below = collector.spans.filter(({ parentSpanId }) => parentSpanId === first?.spanId);
    assert.ok(below.length > 0 && below.every((span) => span.traceId === traceId));
  });

  it('are one request for all that came within two seconds, and leave out what were no words', async (t) => {
    const { collector, clock, view, sent, outcomes } = await open(t);
    view.fire('c-1', over('spoken', 1));
    await clock.advance(1_900);
    view.fire('c-1', over('failed', 2));
    view.fire('c-1', over('nothing-said', 3));
    view.fire('c-1', ENDED);
    await sent('delivered', 2);
    assert.equal(collector.requests.length, 1);
    const wholes = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    assert.deepEqual(
      wholes.map(({ status }) => status?.code),
      [undefined, 2],
    );
    assert.equal(new Set(wholes.map(({ traceId }) => traceId)).size, 2);
    assert.deepEqual(outcomes(), { delivered: 2 });
  });

  it('go where the address says, with the header that lets them in', async (t) => {
    const { collector, view, sent, log } = await open(
      t,
      '/otlp/traces?tenant=7',
      'X-Scope: Bearer of-the-collector',
    );
    view.fire('c-1', over('spoken'));
    await sent('refused', 1);
    const [{ path, headers } = { path: '', headers: {} }] = collector.requests;
    assert.deepEqual([path, headers['x-scope']], ['/otlp/traces?tenant=7', 'Bearer of-the-collector']);
    assert.match(JSON.stringify(log.lines), /status 404/);
    assert.doesNotMatch(JSON.stringify(log.lines), /of-the-collector/);
  });

  it('are sent again while a collector is away, and lost when it stays so', async (t) => {
    const { collector, clock, view, sent, outcomes } = await open(t);
    collector.answers.push({ status: 503 });
    view.fire('c-1', over('spoken', 1));
    await clock.advance(2_000);
    await eventually(
      'it was asked',
      LIMIT_MS,
      () => collector.requests.length === 1 && clock.pendingTimers === 1,
    );
    await sent('delivered', 1);
    collector.answers.push({ status: 503 }, { status: 429 }, { status: 502 });
    view.fire('c-1', over('spoken', 2));
    await clock.advance(2_000);
    for (const [requests, pauseMs] of [
      [3, 2_000],
      [4, 10_000],
    ] as const) {
      await eventually(
        'it was asked',
        LIMIT_MS,
        () => collector.requests.length === requests && clock.pendingTimers === 1,
      );
      await clock.advance(pauseMs);
    }
    await eventually('it is given up', LIMIT_MS, () => outcomes()['given-up'] === 1);
    // Those that came later are none the worse for it.
    view.fire('c-1', over('spoken', 3));
    await sent('delivered', 2);
  });

  it('are not sent again where a collector rejects them, whatever its status', async (t) => {
    const { collector, view, sent, log } = await open(t);
    collector.answers.push({
      status: 200,
      body: '{"partialSuccess":{"rejectedSpans":"6","errorMessage":"no"}}',
    });
    view.fire('c-1', over('spoken', 1));
    await sent('refused', 1);
    collector.answers.push({ status: 200, body: '<html>' });
    view.fire('c-1', over('spoken', 2));
    await sent('delivered', 1);
    assert.equal(collector.requests.length, 2);
    assert.match(JSON.stringify(log.lines), /rejects 6 spans/);
  });

  it('that are too many wait for nobody: the oldest are dropped', async (t) => {
    const { collector, view, outcomes, sent, clock } = await open(t);
    for (let utterance = 0; utterance < 1_010; utterance += 1) {
      view.fire('c-1', over('spoken', utterance));
    }
    assert.deepEqual(outcomes(), { dropped: 10 });
    await clock.advance(2_000);
    await sent('delivered', 1_000);
    assert.equal(collector.requests.length, 10);
    const [first] = collector.spans;
    assert.equal(valuesOf(first?.attributes ?? [])['dragoman.utterance'], 10);
  });

  it('are sent at the end without waiting for more', async (t) => {
    const { collector, traces, view, outcomes } = await open(t);
    view.fire('c-1', over('spoken'));
    view.fire('c-2', spoken(1));
    await traces.close();
    assert.deepEqual(outcomes(), { delivered: 1 });
    assert.equal(collector.requests.length, 1);
    view.fire('c-1', over('spoken', 2));
    assert.deepEqual(outcomes(), { delivered: 1 });
  });
});

describe('the header of a collector', () => {
  it('is a name and a value, and is never quoted', () => {
    assert.equal(parseTracesHeader('Authorization: Basic abc=').reveal(), 'Authorization: Basic abc=');
    for (const text of ['', 'secret', 'name:', 'na me: x', 'a: b\nc: d']) {
      assert.throws(
        () => parseTracesHeader(text),
        (error: Error) => !error.message.includes(text) || text === '',
        text,
      );
    }
  });
});

describe('a traceparent', () => {
  const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

  it('is read as W3C Trace Context says', () => {
    assert.deepEqual(parseTraceparent(`00-${trace}-${span}-01`), {
      traceId: trace,
      spanId: span,
      sampled: true,
    });
    assert.equal(parseTraceparent(`00-${trace}-${span}-02`)?.sampled, false);
    assert.equal(parseTraceparent(`cc-${trace}-${span}-03-more`)?.sampled, true, 'of a later version');
  });

  it('is none in any other form', () => {
    for (const text of [
      '',
      `00-${trace}-${span}`,
      `00-${trace}-${span}-01-more`,
      `ff-${trace}-${span}-01`,
      `00-${trace.toUpperCase()}-${span}-01`,
      `00-${'0'.repeat(32)}-${span}-01`,
      `00-${trace}-${'0'.repeat(16)}-01`,
      `00-${trace.slice(1)}-${span}-01`,
    ]) {
      assert.equal(parseTraceparent(text), undefined, text);
    }
  });
});
