import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { PartyReset } from '../../src/call/pipeline-reset.ts';
import {
  LAST_RESORT_LIMITS,
  type LastResortLimits,
  LastResorts,
  type ProcessFault,
} from '../../src/server/last-resorts.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { KeptLog } from '../call/scripted-legs.ts';
import { FakeInterpretingView } from './http/fake-interpreting-view.ts';
import { callOf, FakeServerView, IDLE, utteranceOf } from './http/fake-server-view.ts';

class PlayedServer extends FakeServerView {
  answer: PartyReset = 'reset';
  readonly resets: string[] = [];

  coolDownMs: number | undefined;

  resetParty(callId: string, party: string, coolDownMs: number): PartyReset {
    this.coolDownMs = coolDownMs;
    this.resets.push(`${callId} ${party}`);
    return this.answer;
  }

  /** Whether it takes no new calls, each time that was asked for. */
  readonly held: boolean[] = [];
  readonly handedOver: string[] = [];

  override hold(held: boolean): boolean {
    this.held.push(held);
    return super.hold(held);
  }

  override handOver(callId: string): ReturnType<FakeServerView['handOver']> {
    this.handedOver.push(callId);
    return 'no-nodes';
  }
}

function open(test: TestContext, limits?: LastResortLimits) {
  const clock = new FakeClock();
  const server = new PlayedServer();
  const interpreting = new FakeInterpretingView();
  const memory = { share: 0.3 };
  const log = new KeptLog();
  const resorts = new LastResorts({
    ...{ clock, log, heapShare: () => memory.share },
    ...(limits === undefined ? {} : { limits }),
  });
  const wanted: ProcessFault[] = [];
  resorts.wanted.then((fault) => wanted.push(fault));
  const over = new AbortController();
  resorts.watch(server, interpreting, over.signal);
  test.after(() => {
    over.abort();
    assert.deepEqual([clock.pendingTimers, server.watchers], [0, 0]);
  });
  const fail = (count: number, callId = 'call'): void => {
    for (let utterance = 0; utterance < count; utterance += 1) {
      server.fire(callId, utteranceOf('failed'));
    }
  };
  /** Lets the process live beyond its cool-down. */
  const live = (): Promise<void> => clock.advance(60_000);
  const steps = () => Object.fromEntries(resorts.counts.recoverySteps.entries());
  return { clock, server, interpreting, memory, wanted, fail, live, steps, log };
}

const CALLING = { ...IDLE, legsActive: 2 };

describe("a party's pipeline", () => {
  it('is started anew when three of its utterances in a row fail though engines are well', (t) => {
    const { server, fail, steps } = open(t);
    fail(2);
    server.fire('call', utteranceOf('spoken'));
    fail(1, 'other');
    server.fire('call', { type: 'uninterpreted', atMs: 1, party: 'a', language: 'es' });
    fail(1);
    assert.deepEqual(server.resets, []);
    fail(1);
    assert.deepEqual(server.resets, ['call a']);
    server.fire('call', utteranceOf('spoken'));
    assert.deepEqual(steps(), { 'pipeline reset true': 1 });
  });

  it('is left alone while an engine is not well, or a direction is not served: that has remedies of its own', (t) => {
    const { server, interpreting, fail } = open(t);
    interpreting.currentHealth = [
      {
        component: 'mt',
        engine: 'deepl',
        state: 'UNHEALTHY',
        sinceMs: 0,
        operations: 9,
        failures: 6,
        bench: undefined,
      },
    ];
    fail(10);
    interpreting.currentHealth = [];
    interpreting.currentDirections = [{ from: 'en', to: 'es', state: 'unserved', reasons: ['no engine'] }];
    fail(10);
    interpreting.currentDirections = [];
    fail(2);
    assert.deepEqual(server.resets, []);
  });

  it('is forgotten with its call', (t) => {
    const { server, fail } = open(t);
    fail(2);
    server.fire('call', { type: 'ended', atMs: 1 });
    fail(2);
    assert.deepEqual(server.resets, []);
  });
});

describe('the process', () => {
  it('is to be started anew when two pipelines were in vain, once nobody is on a call', async (t) => {
    const { clock, server, wanted, fail, live, steps } = open(t);
    await live();
    server.current = CALLING;
    fail(6);
    await clock.advance(5_000);
    fail(6, 'other');
    await clock.advance(60_000);
    assert.deepEqual(steps(), { 'pipeline reset false': 2 });
    assert.deepEqual(wanted, [], 'calls that are not interpreted are heard');
    server.current = IDLE;
    await clock.advance(5_000);
    assert.deepEqual(wanted, ['pipelines']);
    assert.equal(steps()['process reset true'], 1);
  });

  it('is not for what was long ago, nor for a pipeline that was not started anew', async (t) => {
    const { clock, server, wanted, fail, live } = open(t);
    await live();
    fail(6);
    await clock.advance(301_000);
    server.answer = 'cooling-down';
    fail(12, 'other');
    await clock.advance(10_000);
    assert.deepEqual(wanted, []);
  });

  it('is at once when media threads hang one after the other, which leaves no call that works', async (t) => {
    const { clock, server, wanted, live } = open(t);
    await live();
    for (let hung = 0; hung <= 4; hung += 1) {
      server.current = { ...CALLING, mediaThreadsHung: hung };
      await clock.advance(5_000);
    }
    assert.deepEqual(wanted, []);
    server.current = { ...CALLING, mediaThreadsHung: 5 };
    await clock.advance(5_000);
    assert.deepEqual(wanted, ['media-threads']);
  });

  it('is when its memory stays nearly full, and not in the first minute of its life', async (t) => {
    const { clock, memory, wanted } = open(t);
    memory.share = 0.95;
    await clock.advance(10_000);
    memory.share = 0.5;
    await clock.advance(5_000);
    memory.share = 0.95;
    await clock.advance(40_000);
    assert.deepEqual(wanted, []);
    await clock.advance(5_000);
    assert.deepEqual(wanted, ['memory']);
  });
});

describe('a process whose memory is nearly full while people are on calls', () => {
  it('takes no new ones, gives away those that run, says so once, and is started anew when all have ended', async (t) => {
    const { clock, server, memory, wanted, live, log } = open(t);
    await live();
    server.current = CALLING;
    server.running = [callOf('one'), callOf('two')];
    memory.share = 0.95;
    await clock.advance(10_000);
    assert.deepEqual(server.held, []);
    await clock.advance(60_000);
    assert.deepEqual([server.held, [...new Set(server.handedOver)], wanted], [[true], ['one', 'two'], []]);
    assert.ok(server.handedOver.length > 2, 'asked again: no node may have taken calls at first');
    assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1);
    server.current = IDLE;
    await clock.advance(5_000);
    assert.deepEqual(wanted, ['memory']);
  });

  it('takes calls again when there is room, and not before', async (t) => {
    const { clock, server, memory, wanted, live } = open(t);
    await live();
    server.current = CALLING;
    memory.share = 0.95;
    await clock.advance(20_000);
    memory.share = 0.85;
    await clock.advance(20_000);
    assert.deepEqual(server.held, [true]);
    memory.share = 0.6;
    await clock.advance(5_000);
    assert.deepEqual([server.held, wanted], [[true, false], []]);
    server.current = IDLE;
    await clock.advance(60_000);
    assert.deepEqual(wanted, []);
  });

  it('is started anew also where it has a little more room when the last call has ended', async (t) => {
    const { clock, server, memory, wanted, live } = open(t);
    await live();
    server.current = CALLING;
    memory.share = 0.95;
    await clock.advance(20_000);
    memory.share = 0.85;
    server.current = IDLE;
    await clock.advance(5_000);
    assert.deepEqual(wanted, ['memory']);
  });
});

describe('the limits of the last resorts', () => {
  it('are those that an operator has written', async (t) => {
    const limits = {
      failedInARow: 1,
      resetsInVain: 1,
      threadsHung: 5,
      heapShare: 0.5,
      lookMs: 2_000,
      coolDownMs: 120_000,
    };
    const { clock, server, wanted, fail } = open(t, limits);
    fail(1);
    assert.deepEqual([server.resets, server.coolDownMs], [['call a'], 120_000]);
    fail(1);
    await clock.advance(119_999);
    assert.deepEqual(wanted, [], 'it has lived for less than 120 s');
    await clock.advance(1);
    assert.deepEqual(wanted, ['pipelines']);
  });

  it('are the usual ones where nobody has', (t) => {
    const { server, fail } = open(t);
    fail(LAST_RESORT_LIMITS.failedInARow);
    assert.equal(server.coolDownMs, LAST_RESORT_LIMITS.coolDownMs);
  });
});
