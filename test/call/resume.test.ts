/** Calls that go on at another node, because theirs is gone or gave them away. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LongWork } from '../../src/base/long-work.ts';
import { type CallPlan, partyOf } from '../../src/call/plan.ts';
import type { Recorder } from '../../src/call/recording/recorder.ts';
import { legKeyOf, MOST_RECORD_BYTES, type RestartRecord } from '../../src/call/restart-record.ts';
import { AddedParties } from '../../src/call/seating/added-parties.ts';
import { ArrangedSeating } from '../../src/call/seating/arranged-seating.ts';
import { RegisteredCalls } from '../../src/call/seating/registered-calls.ts';
import type { SeatingScheme } from '../../src/call/seating/seating.ts';
import { SuffixSeating } from '../../src/call/seating/suffix-seating.ts';
import { Glossary } from '../../src/interpret/exactness/glossary.ts';
import type { SoundPiece } from '../../src/protocol/recording/recorder-orders.ts';
import { noise, sine } from '../asterisk/audio.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { hurriedClock } from '../base/hurried-clock.ts';
import { voiceLike } from '../media/voice-like.ts';
import { countNames, readSources } from '../support/sources.ts';
import { hears } from './heard-tones.ts';
import { type ExchangeOptions, PLAN, ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';
import { SharedCalls, type SharedDirectory, SharedSeating } from './shared-calls.ts';

const RATE_HZ = 8_000;
const WAITING_HZ = 523;
/** The second note of what those hear whose call goes on. */
const RESUMED_HZ = 988;
const ANNOUNCEMENT_HZ = 700;
const VOICE_HZ = 1_500;

interface Node {
  readonly exchange: ScriptedExchange;
  readonly directory: SharedDirectory;
}

interface Wish extends Omit<ExchangeOptions, 'plan'> {
  readonly plan?: Partial<CallPlan>;
  readonly withLines?: boolean;
  /** Default: the last digit of a UUID is the place. */
  readonly scheme?: SeatingScheme;
}

/** Nodes of one process that share what they know, and a clock. */
class Nodes {
  readonly shared = new SharedCalls();
  readonly clock = new FakeClock();
  readonly #test: TestContext;

  constructor(test: TestContext) {
    this.#test = test;
  }

  open(name: string, { plan, withLines = true, scheme, ...rest }: Wish = {}): Node {
    const directory = this.shared.node(name);
    const whole = { announce: true, joinTones: false, ...plan };
    const exchange = new ScriptedExchange(this.#test, {
      door: { rejoinMs: 3_000 },
      interpreters: (scripted) => () => scripted.text,
      announcements: () => ({ rateHz: RATE_HZ, pcm: sine(ANNOUNCEMENT_HZ, 200, RATE_HZ) }),
      ...rest,
      plan: whole,
      clock: this.clock,
      seating: (of) => new SharedSeating(scheme ?? new SuffixSeating(of), directory, of, this.clock),
      nodes: { directory, withLines },
    });
    return { exchange, directory };
  }

  /** The node is killed: nothing more is heard of it. */
  kill(name: string): void {
    this.shared.nodes.delete(name);
  }
}

function lastOf({ directory }: Node): RestartRecord {
  const last = directory.kept.at(-1);
  assert.ok(last !== undefined, 'nothing was told');
  return last;
}

describe('what a node tells of its calls', () => {
  it('is what another needs: who is there, what is agreed, how far it is counted', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one', {
      plan: { limitMs: 60_000, glossary: () => new Glossary(new Map([['invoice', 'factura']])) },
    });
    const [a] = await one.exchange.call();
    await one.exchange.run(400);
    a.speak(voiceLike(400, RATE_HZ));
    await one.exchange.run(1_000);
    const record = lastOf(one);
    assert.deepEqual(
      record.parties.map(({ key, id, language, announced }) => [key, id, language, announced]),
      [
        [legKeyOf('call0'), 'a', 'en', true],
        [legKeyOf('call1'), 'b', 'es', true],
      ],
    );
    assert.deepEqual(record.plan.terms?.['en es'], { invoice: 'factura' });
    assert.equal(record.plan.limitMs, 60_000);
    assert.ok(!JSON.stringify(record).includes('call0'), 'no UUID is in it');
  });

  it('is told at once when something changes, and no more than four times a second', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one');
    await one.exchange.call();
    await one.exchange.run(20);
    assert.ok(one.directory.kept.length >= 1, 'the call is known as soon as it begins');
    const before = one.directory.kept.length;
    const call = one.exchange.switchboard.calls.get('call');
    for (let atMs = 0; atMs < 2_000; atMs += 20) {
      call?.changeParty('a', { name: `Ann ${atMs}` });
      await one.exchange.run(20);
    }
    const told = one.directory.kept.length - before;
    assert.ok(told >= 6 && told <= 8, `told ${told} times in 2 s`);
    await one.exchange.run(400);
    assert.equal(lastOf(one).parties[0]?.name, 'Ann 1980');
  });

  it('has what was said only where that may travel, and leaves it out first when it grows too long', async (t) => {
    const nodes = new Nodes(t);
    const [open, closed] = [
      nodes.open('open', { plan: { metadata: { order: 'x'.repeat(900) } } }),
      nodes.open('closed', { withLines: false }),
    ];
    for (const [{ exchange }, name] of [
      [open, 'call'],
      [closed, 'other'],
    ] as const) {
      await exchange.call(name);
      const lines = exchange.switchboard.calls.get(name)?.parties.get('a')?.lines;
      for (let line = 0; line < 8; line += 1) {
        lines?.said(`line ${line} ${'of a long talk '.repeat(20)}`);
      }
      await exchange.run(400);
    }
    assert.equal(lastOf(closed).parties[0]?.lines, undefined);
    const record = lastOf(open);
    assert.ok(JSON.stringify(record).length <= MOST_RECORD_BYTES);
    assert.match(record.parties[0]?.lines?.piiSaid.at(-1) ?? '', /^line 7/);
    assert.ok((record.parties[0]?.lines?.piiSaid.length ?? 0) < 8);
    assert.equal(record.plan.metadata?.order?.length, 900);
    assert.ok(open.exchange.count('recordsCut') > 0);
  });

  it('is enough that nobody hears of a party there that has refused to be recorded, nor means a version of before', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one', { plan: { traceparent: 'of the caller' } });
    await one.exchange.call();
    await one.exchange.run(100);
    const before = one.exchange.switchboard.calls.get('call');
    before?.changeParty('a', { refusesRecording: true });
    await one.exchange.run(400);
    const version = before?.version ?? 0;
    nodes.kill('one');
    const two = nodes.open('two');
    await two.exchange.call();
    await two.exchange.run(400);
    const call = two.exchange.switchboard.calls.get('call');
    assert.ok(
      call !== undefined && version > 0 && call.version > version,
      `${call?.version} after ${version}`,
    );
    assert.equal(call.plan.traceparent, 'of the caller');
    assert.deepEqual(
      (
        [
          ['a', 'voice'],
          ['b', 'heard'],
        ] as const
      ).map(([party, what]) => call.listen(party, { what, by: 'ana', tone: false })),
      ['refused', 'refused'],
    );
  });

  it('is at once that it takes no new calls, or takes them again', async (t) => {
    const { exchange, directory } = new Nodes(t).open('one');
    const { switchboard } = exchange;
    const steps: readonly (readonly [step: () => unknown, times: number])[] = [
      [() => switchboard.hold(true), 1],
      [() => switchboard.hold(true, 'memory'), 1],
      [() => switchboard.hold(false), 1],
      [() => switchboard.hold(false, 'memory'), 2],
      [() => switchboard.drain(1_000), 3],
      [() => switchboard.close(), 3],
    ];
    for (const [step, times] of steps) {
      await step();
      assert.equal(directory.takesCallsToldOf, times, `${step}`);
    }
  });

  it('is nothing where it serves alone', async (t) => {
    const exchange = new ScriptedExchange(t);
    await exchange.call();
    await exchange.run(400);
    assert.equal(exchange.count('recordsTold'), 0);
    assert.equal(exchange.switchboard.handOver('call'), 'no-nodes');
    assert.equal(exchange.switchboard.handOver('none'), 'not-there');
  });
});

/** A call of node one that has run for ten seconds when that is killed, and node two, to which its first leg has come. */
async function resumedCall(t: TestContext, wish: Wish = {}) {
  const nodes = new Nodes(t);
  const one = nodes.open('one', wish);
  const [a] = await one.exchange.call();
  await one.exchange.run(5_000);
  a.speak(voiceLike(1_000, RATE_HZ));
  await one.exchange.run(5_000);
  const before = one.exchange.switchboard.calls.get('call');
  const counted = before?.parties.get('a')?.utterances ?? 0;
  nodes.kill('one');
  const two = nodes.open('two', wish);
  const first = await two.exchange.arrive('call0');
  return { nodes, one, two, before, counted, first };
}

describe('a call whose node is gone', () => {
  it('is the same call, on its own time, and says that it goes on', async (t) => {
    const { two, before } = await resumedCall(t);
    const after = two.exchange.switchboard.calls.get('call');
    assert.equal(after?.shownId, before?.shownId);
    assert.deepEqual(after?.startedAt, before?.startedAt);
    assert.ok((after?.nowMs() ?? 0) >= 10_000);
    const events = two.exchange.events.filter(({ type }) => type === 'resumed');
    assert.deepEqual(
      events.map((event) => event.type === 'resumed' && event.times),
      [1],
    );
    assert.equal(two.exchange.count('callsResumed'), 1);
  });

  it('begins without announcement and waiting tone, with two notes for each who is back, and lets voices through', async (t) => {
    const { two, first } = await resumedCall(t, { plan: { original: 'full' } });
    await two.exchange.run(400);
    const alone = first.heard();
    assert.equal(hears(alone, RESUMED_HZ), true);
    assert.equal(hears(alone, WAITING_HZ), false);
    const second = await two.exchange.arrive('call1');
    first.heard();
    first.speak(sine(VOICE_HZ, 600, RATE_HZ));
    await two.exchange.run(600);
    const [heardFirst, heardSecond] = [first.heard(), second.heard()];
    assert.equal(hears(heardSecond, VOICE_HZ), true, 'the original voice is let through');
    assert.equal(hears(heardSecond, RESUMED_HZ), true);
    for (const heard of [alone, heardFirst, heardSecond]) {
      assert.equal(hears(heard, ANNOUNCEMENT_HZ), false);
      assert.equal(hears(heard, WAITING_HZ), false);
    }
    assert.equal(two.exchange.tally('rejoins', 'came-back'), 2);
  });

  it('tells who stays alone by the waiting tone after 2 s, and is over when nobody comes', async (t) => {
    const { two, first } = await resumedCall(t);
    await two.exchange.run(1_900);
    assert.equal(hears(first.heard(), WAITING_HZ), false);
    await two.exchange.run(600);
    assert.equal(hears(first.heard(), WAITING_HZ), true);
    await two.exchange.run(1_000);
    assert.equal(first.ending, 'hung-up');
    await two.exchange.run(100);
    assert.equal(two.exchange.switchboard.calls.size, 0);
  });

  it('is heard by recognition beside the sound, with utterances and turns counted on', async (t) => {
    const { two, counted } = await resumedCall(t);
    const speaking = await two.exchange.arrive('call1');
    await two.exchange.run(200);
    assert.equal(two.exchange.interpreters.hearings.length, 2, 'one for each who speaks');
    assert.equal(two.exchange.statesOf('b').at(-1), 'TRANSLATING');
    assert.equal(speaking.ending, undefined);
    const call = two.exchange.switchboard.calls.get('call');
    assert.ok(counted > 0);
    assert.equal(call?.parties.get('a')?.utterances, counted);
    assert.ok((call?.turns ?? 0) > 0);
  });

  it('goes on in the context of what was said last', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one');
    await one.exchange.call();
    one.exchange.switchboard.calls.get('call')?.parties.get('a')?.lines.said('The invoice is late.');
    await one.exchange.run(600);
    nodes.kill('one');
    const two = nodes.open('two');
    await two.exchange.arrive('call0');
    const lines = two.exchange.switchboard.calls.get('call')?.parties.get('a')?.lines;
    assert.deepEqual(lines?.context(2), ['The invoice is late.']);
  });

  it('keeps what was changed while it ran', async (t) => {
    const nodes = new Nodes(t);
    const wish = { plan: { languages: ['en', 'es', 'fr'] } };
    const one = nodes.open('one', wish);
    await one.exchange.call();
    const call = one.exchange.switchboard.calls.get('call');
    call?.changeParty('b', { language: 'fr', muted: true });
    call?.changeParty('b', { ownVoiceOff: true });
    call?.changePlan({ original: 'full' });
    await one.exchange.run(600);
    nodes.kill('one');
    const two = nodes.open('two', wish);
    await two.exchange.call();
    await two.exchange.run(100);
    const after = two.exchange.switchboard.calls.get('call');
    assert.equal(after?.plan.original, 'full');
    const { language, muted, ownVoiceOff } = after?.parties.get('b')?.plan ?? {};
    assert.deepEqual([language, muted, ownVoiceOff], ['fr', true, true]);
  });

  it('has a part of its recording for itself, and tells nobody again that it is recorded', async (t) => {
    const opened: {
      readonly id: string;
      readonly atMs: number;
      readonly take: () => readonly SoundPiece[];
    }[] = [];
    const recorder: Recorder = {
      ...{ beepMs: undefined, announces: true, keepsNotes: false },
      open: ({ shownId, startedAt }, take) => {
        opened.push({ id: shownId, atMs: startedAt.getTime(), take });
        return { forget: () => {}, lost: () => {}, notesLost: () => {}, close: () => {} };
      },
    };
    const wish: Wish = { recorder, plan: { record: 'all' } };
    const { two, first } = await resumedCall(t, wish);
    await two.exchange.run(300);
    assert.equal(hears(first.heard(), ANNOUNCEMENT_HZ), false);
    const [part, next] = opened;
    assert.equal(opened.length, 2);
    assert.equal(next?.id, part?.id);
    assert.ok((next?.atMs ?? 0) >= (part?.atMs ?? 0) + 10_000);
    const frames = (next?.take() ?? []).map(({ frame }) => frame);
    assert.ok(frames.length > 0 && Math.max(...frames) < 50, `its own time begins with the part: ${frames}`);
  });

  it('tells who had not heard it to its end that it is recorded, or that a machine interprets', async (t) => {
    const recorder: Recorder = {
      ...{ beepMs: undefined, announces: true, keepsNotes: false },
      open: () => ({ forget: () => {}, lost: () => {}, notesLost: () => {}, close: () => {} }),
    };
    for (const plan of [{ record: 'all', announce: false }, {}] as const) {
      const nodes = new Nodes(t);
      const one = nodes.open('one', { recorder, plan });
      const [a] = await one.exchange.call();
      await one.exchange.run(100);
      assert.equal(hears(a.heard(), ANNOUNCEMENT_HZ), true, 'it had begun');
      nodes.kill('one');
      const two = nodes.open('two', { recorder, plan });
      const [first] = await two.exchange.call();
      await two.exchange.run(900);
      assert.equal(hears(first.heard(), ANNOUNCEMENT_HZ), true);
      nodes.kill('two');
      const three = nodes.open('three', { recorder, plan });
      const [again] = await three.exchange.call();
      await three.exchange.run(900);
      assert.equal(hears(again.heard(), ANNOUNCEMENT_HZ), false);
    }
  });

  it('tells of its recording when that begins only now', async (t) => {
    const recorder: Recorder = {
      ...{ beepMs: undefined, announces: true, keepsNotes: false },
      open: () => ({ forget: () => {}, lost: () => {}, notesLost: () => {}, close: () => {} }),
    };
    const plan = { record: 'all', recordStart: 'on-demand', announce: false } as const;
    const { two, first } = await resumedCall(t, { recorder, plan });
    await two.exchange.run(300);
    first.heard();
    two.exchange.switchboard.calls.get('call')?.setRecording('on');
    await two.exchange.run(600);
    assert.equal(hears(first.heard(), ANNOUNCEMENT_HZ), true);
  });

  it('that was not recorded any more is not recorded again', async (t) => {
    let opened = 0;
    const recorder: Recorder = {
      ...{ beepMs: undefined, announces: false, keepsNotes: false },
      open: () => {
        opened += 1;
        return { forget: () => {}, lost: () => {}, notesLost: () => {}, close: () => {} };
      },
    };
    const nodes = new Nodes(t);
    const one = nodes.open('one', { recorder, plan: { record: 'all' } });
    await one.exchange.call();
    one.exchange.switchboard.calls.get('call')?.setRecording('off');
    await one.exchange.run(600);
    nodes.kill('one');
    const two = nodes.open('two', { recorder, plan: { record: 'all' } });
    await two.exchange.call();
    assert.equal(opened, 1);
    assert.equal(two.exchange.switchboard.calls.get('call')?.recording, 'off');
  });

  it('is over at its limit, counted from its own beginning', async (t) => {
    const { two, first } = await resumedCall(t, { plan: { limitMs: 12_000 } });
    const second = await two.exchange.arrive('call1');
    await two.exchange.run(1_500);
    assert.deepEqual([first.ending, second.ending], [undefined, undefined]);
    await two.exchange.run(600);
    assert.deepEqual([first.ending, second.ending], ['hung-up', 'hung-up']);
  });

  it('says in its record that it went on, and is not begun again once it is over', async (t) => {
    const { two, first } = await resumedCall(t);
    const second = await two.exchange.arrive('call1');
    const resumed: (number | undefined)[] = [];
    const watching = new AbortController();
    two.exchange.switchboard.watchEnds((detail) => resumed.push(detail.resumed), watching.signal);
    await two.exchange.run(20);
    first.end('peer-hangup');
    await two.exchange.run(100);
    assert.equal(second.ending, 'hung-up');
    assert.deepEqual(resumed, [1]);
    const late = await two.exchange.arrive('call1');
    assert.equal(late.ending, 'hung-up');
    watching.abort();
  });
});

describe('who is still to come', () => {
  it('has the place that was registered, wherever the call is by then', async (t) => {
    for (const leaves of ['drained', 'killed'] as const) {
      const nodes = new Nodes(t);
      const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
      const one = nodes.open('one', { scheme });
      const two = nodes.open('two');
      const calls = one.exchange.switchboard.calls;
      const registered = new RegisteredCalls(scheme, nodes.clock, (id) => calls.has(id));
      t.after(() => registered.close());
      const call = registered.register({
        ...{ kind: 'pair', plan: {}, ttlMs: 60_000 },
        parties: [partyOf('', 'fr', 'Anne'), partyOf('', 'de', 'Bernd')],
      });
      assert.ok(call !== 'full');
      const [caller = '', callee = ''] = call.parties.map(({ uuid }) => uuid);
      const before = await one.exchange.arrive(caller);
      await one.exchange.run(400);
      if (leaves === 'killed') {
        nodes.kill('one');
      } else {
        void one.exchange.switchboard.drain(30_000);
        await one.exchange.run(600);
        assert.equal(before.ending, 'let-go');
        assert.equal(registered.has(call.id), false, 'it is over where it was registered');
      }
      const again = await two.exchange.arrive(caller);
      await two.exchange.run(5_000);
      assert.equal(again.ending, undefined, 'nobody is missed who never was there');
      assert.ok(JSON.stringify(lastOf(two)).includes(legKeyOf(callee)), 'a third node would expect it, too');
      await two.exchange.arrive(callee);
      await two.exchange.run(100);
      const running = two.exchange.switchboard.calls.get(call.callId);
      assert.deepEqual(
        [...(running?.parties.values() ?? [])].map(({ plan }) => [plan.id, plan.name, plan.language]),
        [
          ['a', 'Anne', 'fr'],
          ['b', 'Bernd', 'de'],
        ],
        leaves,
      );
      assert.deepEqual(running?.expected, []);
    }
  });

  it('has the place that it was added to, for as long as was said', async (t) => {
    const nodes = new Nodes(t);
    const scheme = new ArrangedSeating(PLAN, new SuffixSeating(PLAN));
    const one = nodes.open('one', { scheme });
    const two = nodes.open('two');
    const added = new AddedParties(scheme, nodes.clock);
    t.after(() => added.close());
    await one.exchange.call();
    await one.exchange.run(1_000);
    const call = one.exchange.switchboard.calls.get('call');
    assert.ok(call !== undefined);
    const told = one.directory.kept.length;
    const [first, late] = [10_000, 5_000].map((ttlMs) => added.add(call, partyOf('', 'en', 'Eve'), ttlMs));
    assert.ok(first !== undefined && first !== 'full' && late !== undefined && late !== 'full');
    await one.exchange.run(400);
    assert.ok(one.directory.kept.length > told, 'others know at once');
    nodes.kill('one');
    await two.exchange.call();
    await two.exchange.run(5_200);
    await two.exchange.arrive(late.uuid);
    await two.exchange.arrive(first.uuid);
    await two.exchange.run(100);
    const running = two.exchange.switchboard.calls.get('call');
    assert.deepEqual([...(running?.parties.keys() ?? [])], ['a', 'b', first.plan.id]);
    assert.ok(running !== undefined);
    const next = new AddedParties(scheme, nodes.clock);
    t.after(() => next.close());
    const another = next.add(running, partyOf('', 'en', 'Ada'), 1_000);
    assert.ok(another !== 'full');
    assert.equal(running.parties.has(another.plan.id), false, 'a place of its own');
  });
});

describe('a leg whose call is at another node', () => {
  it('is passed on to it, and nobody here has a place', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    await one.exchange.arrive('call0');
    const leg = await two.exchange.arrive('call1');
    assert.deepEqual([leg.passedTo, leg.ending], [['one'], 'passed-on']);
    await two.exchange.run(40);
    assert.deepEqual([two.exchange.switchboard.legs.size, two.exchange.switchboard.calls.size], [0, 0]);
    assert.equal(two.exchange.tally('legsForOthers', 'passed-on'), 1);
  });

  it('has its call begin here where that node has refused it for taking none', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    one.exchange.switchboard.hold(true);
    const refused = await one.exchange.arrive('call0');
    const leg = await two.exchange.arrive('call0');
    assert.deepEqual([refused.ending, leg.passedTo, leg.ending], ['hung-up', [], undefined]);
  });

  it('goes on here at once when that node refuses it: it is gone', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    await one.exchange.call();
    await one.exchange.run(400);
    const leg = two.exchange.connect();
    leg.passesOn.push('refused');
    leg.identify('call0');
    await two.exchange.clock.settle();
    assert.deepEqual([leg.passedTo, leg.ending], [['one'], undefined]);
    assert.equal(two.exchange.count('callsResumed'), 1);
  });

  it('is passed on once more when that node does not answer in time: it may be there all the same', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    await one.exchange.call();
    await one.exchange.run(400);
    const leg = two.exchange.connect();
    leg.passesOn.push('unreachable');
    leg.identify('call0');
    await two.exchange.clock.settle();
    assert.deepEqual([leg.passedTo, leg.ending], [['one', 'one'], 'passed-on']);
    assert.deepEqual(two.directory.unreached, ['one']);
    assert.equal(two.exchange.count('callsResumed'), 0);
  });

  it('goes on here when it cannot be reached again: whom others hear has the leg no more than who is gone', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    await one.exchange.call();
    await one.exchange.run(400);
    const leg = two.exchange.connect();
    leg.passesOn.push('unreachable', 'unreachable');
    leg.identify('call0');
    await two.exchange.clock.settle();
    assert.deepEqual([leg.passedTo, leg.ending], [['one', 'one'], undefined]);
    assert.equal(two.exchange.count('callsResumed'), 1);
  });

  it('is let go, not hung up, when too many are passed on', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    await one.exchange.call();
    const leg = two.exchange.connect();
    leg.passesOn.push('full');
    leg.identify('call0');
    await two.exchange.clock.settle();
    assert.equal(leg.ending, 'let-go');
  });

  it('is let go when another node has passed it on already', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    await one.exchange.call();
    const leg = two.exchange.connect();
    leg.identify('call0', true);
    await two.exchange.clock.settle();
    assert.deepEqual([leg.passedTo, leg.ending], [[], 'let-go']);
  });
});

describe('handing over', () => {
  it('lets both legs go at a pause of both speakers, and the call goes on elsewhere', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    const [a, b] = await one.exchange.call();
    await one.exchange.run(1_000);
    a.speak(voiceLike(1_500, RATE_HZ));
    await one.exchange.run(300);
    assert.equal(one.exchange.switchboard.handOver('call'), 'done');
    await one.exchange.run(900);
    assert.deepEqual([a.ending, b.ending], [undefined, undefined], 'not while somebody speaks');
    await one.exchange.run(3_000);
    assert.deepEqual([a.ending, b.ending], [undefined, undefined], 'nor while what was said is on its way');
    one.exchange.interpreters.of('en', 'es').ends(1);
    await one.exchange.run(300);
    assert.deepEqual([a.ending, b.ending], ['let-go', 'let-go']);
    const [first, second] = await two.exchange.call();
    await two.exchange.run(100);
    assert.deepEqual([first.ending, second.ending], [undefined, undefined]);
    assert.equal(two.exchange.count('callsResumed'), 1);
    assert.equal(one.exchange.tally('callsHandedOver', 'pause'), 1);
    const [ended] = one.exchange.logged('a call has ended');
    assert.equal(ended?.reason, 'handed-over');
    for (const { exchange } of [one, two]) {
      const sums = exchange.switchboard.totals();
      const slowly = await exchange.switchboard.totalsSlowly(new LongWork(hurriedClock()));
      for (const name of countNames(readSources('src')).keys()) {
        assert.equal(slowly.number(name), sums.number(name), name);
        assert.deepEqual(slowly.tally(name), sums.tally(name), name);
      }
    }
  });

  it('waits for a pause of who is not interpreted, too', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one', { plan: { mode: 'passthrough' } }), nodes.open('two')];
    const [a] = await one.exchange.call();
    await one.exchange.run(500);
    a.speak(voiceLike(2_000, RATE_HZ));
    await one.exchange.run(300);
    one.exchange.switchboard.handOver('call');
    await one.exchange.run(1_600);
    assert.equal(a.ending, undefined, 'not while somebody speaks');
    await one.exchange.run(600);
    assert.equal(a.ending, 'let-go');
    assert.equal(one.exchange.tally('callsHandedOver', 'pause'), 1);
  });

  it('waits when somebody begins to speak, before it is known that they do', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a] = await one.exchange.call();
    await one.exchange.run(1_000);
    one.exchange.switchboard.handOver('call');
    await one.exchange.run(260);
    a.speak(voiceLike(1_500, RATE_HZ));
    await one.exchange.run(40);
    const party = one.exchange.switchboard.calls.get('call')?.parties.get('a');
    assert.equal(party?.speaking, false, 'it is not known yet');
    await one.exchange.run(200);
    assert.equal(a.ending, undefined);
    assert.equal(party?.speaking, true);
  });

  it('takes a line that is loud for 3 s without a word for a noisy one', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a] = await one.exchange.call();
    a.speak(noise(12_000, RATE_HZ, 0.1));
    await one.exchange.run(3_000);
    one.exchange.switchboard.handOver('call');
    await one.exchange.run(2_800);
    assert.equal(a.ending, undefined);
    await one.exchange.run(400);
    assert.equal(a.ending, 'let-go');
    assert.equal(one.exchange.tally('callsHandedOver', 'pause'), 1);
  });

  it('waits for a pause for two thirds of the time that its node has to end', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a] = await one.exchange.call();
    await one.exchange.run(500);
    a.speak(voiceLike(9_000, RATE_HZ));
    await one.exchange.run(300);
    const drained = one.exchange.switchboard.drain(9_000);
    await one.exchange.run(5_900);
    assert.equal(a.ending, undefined);
    await one.exchange.run(300);
    assert.equal(a.ending, 'let-go');
    assert.equal(one.exchange.tally('callsHandedOver', 'midway'), 1);
    await drained;
  });

  it('has a leg that dials its old node again at once wait until the one it was let go with has closed', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a, b] = await one.exchange.call();
    await one.exchange.run(500);
    b.lingers = true;
    one.exchange.switchboard.handOver('call');
    await one.exchange.run(400);
    const [first, second] = [await one.exchange.arrive('call0'), await one.exchange.arrive('call1')];
    await one.exchange.run(900);
    const before = one.exchange.switchboard.calls.get('call');
    b.gone();
    await one.exchange.run(400);
    assert.deepEqual([a.ending, b.ending], ['let-go', 'let-go']);
    assert.deepEqual([first.ending, second.ending], [undefined, undefined]);
    const after = one.exchange.switchboard.calls.get('call');
    assert.deepEqual([after === before, after?.parties.size, after?.resumed], [false, 2, 1]);
  });

  it('is what a node that drains does with its calls; where no other is, it waits for their end', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one');
    const [a, b] = await one.exchange.call();
    await one.exchange.run(1_000);
    const drained = one.exchange.switchboard.drain(30_000);
    await one.exchange.run(2_000);
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
    nodes.open('two');
    await one.exchange.run(400);
    assert.deepEqual([a.ending, b.ending], ['let-go', 'let-go']);
    await drained;
  });

  it('has all calls gone before its node ends, however many and however short the time', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one', { switchboard: { maxLegs: 60 } }), nodes.open('two')];
    const legs: ScriptedLeg[] = [];
    for (let call = 0; call < 30; call += 1) {
      legs.push(...(await one.exchange.call(`call${call}`)));
    }
    await one.exchange.run(400);
    const drained = one.exchange.switchboard.drain(1_200);
    await one.exchange.run(1_180);
    assert.deepEqual([...new Set(legs.map(({ ending }) => ending))], ['let-go']);
    assert.equal(one.exchange.tally('callsHandedOver', 'pause'), 30);
    await drained;
  });

  it('does at the end of a drain what it could not before', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a, b] = await one.exchange.call();
    await one.exchange.run(400);
    const [leg] = one.exchange.switchboard.legs;
    assert.ok(leg !== undefined);
    leg.fetched = true;
    const drained = one.exchange.switchboard.drain(3_050);
    // After the last look, and before the end.
    await one.exchange.run(3_020);
    assert.equal(a.ending, undefined);
    leg.fetched = false;
    await one.exchange.run(100);
    assert.deepEqual([a.ending, b.ending], ['let-go', 'let-go']);
    await drained;
    assert.equal(one.exchange.tally('callsHandedOver', 'midway'), 1);
    assert.deepEqual(one.exchange.warnings, []);
  });

  it('is done, while a node drains, of a call that could not leave when that began', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a, b] = await one.exchange.call();
    await one.exchange.run(400);
    const { switchboard } = one.exchange;
    const [leg] = switchboard.legs;
    assert.ok(leg !== undefined);
    leg.fetched = true;
    const drained = switchboard.drain(30_000);
    await one.exchange.run(1_000);
    assert.equal(switchboard.handOver('call'), 'stays');
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
    leg.fetched = false;
    await one.exchange.run(400);
    assert.deepEqual([a.ending, b.ending], ['let-go', 'let-go']);
    await drained;
    assert.equal(one.exchange.tally('callsHandedOver', 'pause'), 1);
  });

  it('is forgotten where a call that was to go could not for long', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a, b] = await one.exchange.call();
    await one.exchange.run(400);
    const { switchboard } = one.exchange;
    const [leg] = switchboard.legs;
    assert.ok(leg !== undefined);
    assert.equal(switchboard.handOver('call'), 'done');
    leg.fetched = true;
    await one.exchange.run(26_000);
    leg.fetched = false;
    await one.exchange.run(1_000);
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
    assert.equal(one.exchange.warnings.length, 1);
  });

  it('is not done, while a node drains, of a call that waits for a leg which can come again here alone', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a, b] = await one.exchange.call();
    await one.exchange.run(400);
    const { switchboard } = one.exchange;
    const [leg] = switchboard.legs;
    assert.ok(leg !== undefined);
    leg.fetched = true;
    const drained = switchboard.drain(30_000);
    a.end('peer-closed');
    await one.exchange.run(2_000);
    assert.equal(b.ending, undefined);
    // Nobody waits for it any more.
    await one.exchange.run(2_000);
    assert.equal(b.ending, 'hung-up');
    await drained;
    assert.equal(one.exchange.tally('callsHandedOver', 'pause'), 0);
  });

  it('is what a node does with its calls that is closed without a drain; what nobody takes is over', async (t) => {
    for (const others of [['two'], []]) {
      const nodes = new Nodes(t);
      const [one, two] = ['one', ...others].map((name) => nodes.open(name));
      assert.ok(one !== undefined);
      const [a, b] = await one.exchange.call();
      await one.exchange.run(400);
      const closed = one.exchange.switchboard.close();
      await nodes.clock.settle();
      const isTaken = two !== undefined;
      assert.deepEqual([a.ending, b.ending], Array(2).fill(isTaken ? 'let-go' : 'hung-up'));
      assert.equal(nodes.shared.ended.has('call'), !isTaken);
      await closed;
      if (isTaken) {
        const [first] = await two.exchange.call();
        assert.deepEqual([first.ending, two.exchange.count('callsResumed')], [undefined, 1]);
      }
    }
  });

  it('is done of a call whose legs were all lost, too, before a drain is over', async (t) => {
    const nodes = new Nodes(t);
    const [one, two] = [nodes.open('one'), nodes.open('two')];
    const legs = await one.exchange.call();
    await one.exchange.run(400);
    for (const leg of legs) {
      leg.end('peer-closed');
    }
    const { switchboard } = one.exchange;
    const left = switchboard.drain(30_000).then(() => switchboard.calls.size);
    await one.exchange.run(1_000);
    assert.equal(await left, 0);
    assert.equal(nodes.shared.ended.has('call'), false);
    const [first] = await two.exchange.call();
    assert.deepEqual([first.ending, two.exchange.count('callsResumed')], [undefined, 1]);
  });

  it('asks who could take a call before it writes down what that one would need', async (t) => {
    const nodes = new Nodes(t);
    const metadata = { note: 'x'.repeat(MOST_RECORD_BYTES) };
    const one = nodes.open('one', { plan: { metadata } });
    const [a] = await one.exchange.call();
    await one.exchange.run(1_000);
    const written = one.exchange.count('recordsCut');
    void one.exchange.switchboard.drain(30_000);
    await one.exchange.run(2_000);
    assert.ok(written > 0);
    assert.equal(one.exchange.count('recordsCut'), written);
    const looked = one.exchange.count('handOversWithoutNode');
    assert.ok(looked > 0);
    for (const leg of one.exchange.switchboard.legs) {
      leg.fetched = true;
    }
    await one.exchange.run(1_000);
    assert.equal(
      one.exchange.count('handOversWithoutNode'),
      looked,
      'it is not for want of a node that it stays',
    );
    assert.equal(a.ending, undefined);
  });

  it('that was asked for is forgotten when nobody takes the call in time, and refused where nobody could', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a] = await one.exchange.call();
    await one.exchange.run(500);
    assert.equal(one.exchange.switchboard.handOver('call'), 'done');
    nodes.kill('two');
    assert.equal(one.exchange.switchboard.handOver('call'), 'no-nodes');
    await one.exchange.run(26_000);
    nodes.open('two');
    await one.exchange.run(2_000);
    assert.equal(a.ending, undefined);
    assert.equal(one.exchange.warnings.length, 1);
  });

  it('leaves a call whose leg would not come again where it is', async (t) => {
    const nodes = new Nodes(t);
    const [one] = [nodes.open('one'), nodes.open('two')];
    const [a] = await one.exchange.call();
    await one.exchange.run(500);
    for (const leg of one.exchange.switchboard.legs) {
      leg.fetched = true;
    }
    assert.equal(one.exchange.switchboard.handOver('call'), 'stays');
    const drained = one.exchange.switchboard.drain(5_000);
    await one.exchange.run(4_900);
    assert.equal(a.ending, undefined);
    await one.exchange.run(200);
    assert.equal(a.ending, 'hung-up', 'nobody waits for it without a limit');
    await drained;
  });

  it('leaves a call here that another node has by right, and that cannot go', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one');
    const [a, b] = await one.exchange.call();
    for (const leg of one.exchange.switchboard.legs) {
      leg.fetched = true;
    }
    await one.exchange.run(400);
    nodes.shared.lost.get('one')?.('call');
    const told = one.directory.kept.length;
    for (let change = 0; change < 5; change += 1) {
      one.exchange.switchboard.calls.get('call')?.changeParty('a', { name: `Ann ${change}` });
      await one.exchange.run(400);
    }
    assert.deepEqual([a.ending, b.ending], [undefined, undefined]);
    assert.equal(one.directory.kept.length, told, 'others have heard of another by right');
    assert.equal(one.exchange.warnings.length, 1);
  });

  it('happens at once where another node has the call by right', async (t) => {
    const nodes = new Nodes(t);
    const one = nodes.open('one');
    const [a, b] = await one.exchange.call();
    b.lingers = true;
    await one.exchange.run(400);
    const told = one.directory.kept.length;
    nodes.shared.lost.get('one')?.('call');
    await one.exchange.run(400);
    b.gone();
    assert.deepEqual([a.ending, b.ending], ['let-go', 'let-go']);
    assert.equal(one.directory.kept.length, told, 'nothing of its end is told as if it were ours');
  });
});
