import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEvent } from '../../../../src/call/call-events.ts';
import { API_EVENT } from '../../../../src/server/http/api/api-events.ts';
import { EventLog } from '../../../../src/server/http/api/event-log.ts';
import type { LoggedEvent } from '../../../../src/server/http/api/logged-event.ts';
import { FakeClock } from '../../../base/fake-clock.ts';
import { detailOf } from '../../records/details.ts';
import { FakeInterpretingView } from '../fake-interpreting-view.ts';
import {
  callOf,
  ENDED,
  FakeServerView,
  heard,
  joined,
  spoken,
  utteranceOf,
  waitedFor,
} from '../fake-server-view.ts';

function open({ captions = true } = {}) {
  const view = new FakeServerView();
  const interpreting = new FakeInterpretingView();
  const log = new EventLog({ view, interpreting, clock: new FakeClock() }, captions);
  /** What is kept of a call, and what comes then. */
  const follow = (id: string, after?: string) => {
    const record = log.find(id);
    assert.ok(record !== undefined, `there is no call ${id}`);
    const live: LoggedEvent[] = [];
    return { record, live, ...log.followCall(record, after, (event) => live.push(event)) };
  };
  return { view, interpreting, log, follow };
}

function unexpected(event: LoggedEvent): void {
  assert.fail(`there is an event ${event.event.type}`);
}

function idOf(logged: LoggedEvent | undefined): string {
  return /^id: (.*)$/m.exec(logged?.wire(true)?.toString() ?? '')?.[1] ?? '';
}

const plain = (events: readonly LoggedEvent[]) => events.map(({ event }) => event);

describe('EventLog', () => {
  it('hands over what was in a call and passes on what comes, once each', () => {
    const { view, follow } = open();
    view.fire('a', spoken(1));
    view.fire('b', spoken(7));
    const { events, live, missed, stop } = follow('a');
    view.fire('a', spoken(2));
    view.fire('b', spoken(8));
    stop();
    view.fire('a', spoken(3));
    assert.deepEqual(plain(events), [spoken(1)]);
    assert.deepEqual([plain(live), missed], [[spoken(2)], false]);
  });

  it('finds a call by the id that is shown and by its own, and not by any other', () => {
    const { view, log } = open();
    view.running = [callOf('a')];
    const shown = log.find('a');
    assert.match(shown?.id ?? '', /^[0-9a-f]{16}$/);
    assert.equal(log.find(shown?.id ?? ''), shown);
    assert.equal(log.find('b'), undefined);
  });

  it('tells that nobody came to a registered call, unless somebody did', () => {
    const { view, log } = open();
    const told: LoggedEvent[] = [];
    log.follow(undefined, (event) => told.push(event));
    view.fireUnattended(waitedFor('0123456789abcdef'));
    assert.deepEqual(plain(told), [{ type: 'unattended' }]);
    assert.equal(told[0]?.call, '0123456789abcdef');
    assert.ok(
      API_EVENT.safeParse(JSON.parse(/^data: (.*)$/m.exec(told[0]?.wire(false)?.toString() ?? '')?.[1] ?? ''))
        .success,
    );
    view.fire('registered-fedcba9876543210', joined('a'));
    view.fireUnattended(waitedFor('fedcba9876543210'));
    assert.deepEqual(told.length, 2);
  });

  it('goes on after the event that was read last', () => {
    const { view, follow } = open();
    for (const utterance of [1, 2, 3]) {
      view.fire('a', spoken(utterance));
    }
    const [, second] = follow('a').events;
    const { events, missed } = follow('a', idOf(second));
    assert.deepEqual([plain(events), missed], [[spoken(3)], false]);
  });

  it('says that something is missed when the event that was read last is none of this process', () => {
    const { view, log, follow } = open();
    view.fire('a', spoken(1));
    for (const strange of ['00000000-1', 'what', `${idOf(follow('a').events[0]).split('-')[0]}-99`]) {
      assert.equal(follow('a', strange).missed, true, strange);
      assert.deepEqual(plain(follow('a', strange).events), [spoken(1)]);
      assert.equal(log.follow(strange, unexpected).missed, true, strange);
    }
  });

  it('keeps 400 events of a call, and says when older ones are missed', () => {
    const { view, follow } = open();
    for (let utterance = 1; utterance <= 403; utterance++) {
      view.fire('a', spoken(utterance));
    }
    const { events, missed } = follow('a');
    assert.deepEqual([events.length, missed], [400, true]);
    assert.deepEqual(events[0]?.event, spoken(4));
    const third = idOf(events[0]).replace(/\d+$/, (digits) => String(Number(digits) - 1));
    assert.equal(follow('a', third).missed, false);
    const second = idOf(events[0]).replace(/\d+$/, (digits) => String(Number(digits) - 2));
    assert.equal(follow('a', second).missed, true);
  });

  it('keeps only the newest hearing of each utterance', () => {
    const { view, follow } = open();
    view.fire('a', heard('a', 1, 'good'));
    view.fire('a', heard('b', 1, 'buenos'));
    view.fire('a', heard('a', 1, 'good morning'));
    view.fire('a', heard('a', 2, 'and'));
    view.fire('a', heard('a', 1, 'good morning sir', true));
    assert.deepEqual(plain(follow('a').events), [
      heard('b', 1, 'buenos'),
      heard('a', 2, 'and'),
      heard('a', 1, 'good morning sir', true),
    ]);
  });

  it('keeps 4,096 events of all calls together, those that are replaced not counted', () => {
    const { view, log } = open();
    const { stop } = log.follow(undefined, unexpected);
    stop();
    view.fire('a', spoken(0));
    const first = idOf(log.find('a')?.events[0]);
    for (let utterance = 1; utterance <= 4_096; utterance++) {
      view.fire('b', heard('a', utterance, 'passes by'));
      view.fire(`c${utterance % 7}`, spoken(utterance));
    }
    const since = log.follow(first, unexpected);
    assert.deepEqual([since.events.length, since.missed], [4_096, true], 'those heard count as missed');
    assert.deepEqual(since.events[0]?.event, spoken(1));
    assert.equal(
      since.events.some(({ event }) => event.type === 'heard'),
      false,
    );
  });

  it('tells who follows everything of all calls and engines, from then on', () => {
    const { view, interpreting, log } = open();
    view.fire('a', spoken(1));
    const live: LoggedEvent[] = [];
    const { events, missed } = log.follow(undefined, (event) => live.push(event));
    assert.deepEqual([events, missed], [[], false]);
    interpreting.fireEngine({ type: 'benched', component: 'mt', engine: 'deepl', fault: 'time-out' });
    view.fire('b', spoken(2));
    const step = {
      component: 'mt',
      tier: 'failover',
      engine: 'deepl',
      success: true,
      tookMs: 3,
      code: 'x',
    } as const;
    interpreting.fireEngine({ type: 'step', step: { ...step, at: new Date(0) } });
    interpreting.fireEngine({ type: 'back', component: 'mt', engine: 'deepl' });
    assert.deepEqual(plain(live), [
      { type: 'engine', state: 'benched', component: 'mt', engine: 'deepl', fault: 'time-out' },
      spoken(2),
      { type: 'recovery', ...step },
      { type: 'engine', state: 'back', component: 'mt', engine: 'deepl' },
    ]);
  });

  it('keeps nothing that was said without captions, and tells when it was', () => {
    const { view, follow } = open({ captions: false });
    const key: CallEvent = { type: 'key', atMs: 1, party: 'a', piiKey: '7' };
    for (const event of [heard('a', 1, 'hello'), spoken(1, 'hola'), utteranceOf('spoken'), key]) {
      view.fire('a', event);
    }
    const { events } = follow('a');
    assert.deepEqual(
      events.map(({ event }) => event.type),
      ['spoken', 'utterance', 'key'],
    );
    assert.doesNotMatch(JSON.stringify(plain(events)), /hello|hola|"7"/);
    assert.match(JSON.stringify(plain(events)), /"endToEndMs":573/);
  });

  it('keeps a call after its end: who took part, for how long, and what was said', () => {
    const { view, log } = open();
    view.running = [callOf('a')];
    view.fire('a', joined('a'));
    view.running = [];
    view.fire('a', spoken(1));
    view.fire('a', ENDED);
    const record = log.find('a');
    assert.deepEqual(
      record?.parties.map(({ name }) => name),
      ['caller', 'callee'],
    );
    assert.deepEqual([record?.end?.durationMs, record?.plan?.mode], [9_000, 'bidirectional']);
    assert.equal(record?.events.length, 3);
  });

  it('makes a new call of an id that is dialled again, and keeps the one before', () => {
    const { view, log } = open();
    view.fire('a', spoken(1));
    const first = log.find('a');
    view.fire('a', ENDED);
    view.fire('a', spoken(5));
    const second = log.find('a');
    assert.notEqual(second, first);
    assert.deepEqual(plain(second?.events ?? []), [spoken(5)]);
    assert.equal(log.find(first?.id ?? ''), first);
  });

  it('keeps 50 calls that ended, and all that run', () => {
    const { view, log } = open();
    view.fire('runs', spoken(1));
    for (let call = 0; call < 70; call++) {
      view.fire(`c${call}`, ENDED);
    }
    assert.equal(log.records().length, 51);
    assert.deepEqual(
      log
        .records()
        .slice(0, 2)
        .map(({ callId }) => callId),
      ['runs', 'c69'],
    );
    assert.equal(log.find('c19'), undefined);
    assert.notEqual(log.find('c20'), undefined);
  });

  it('passes an event on to all, though one of them fails, and lets that one go', () => {
    const { view, log, follow } = open();
    view.fire('a', spoken(1));
    let tries = 0;
    log.follow(undefined, () => {
      tries += 1;
      throw new Error('the reader broke');
    });
    const { live } = follow('a');
    assert.throws(() => view.fire('a', spoken(2)), /the reader broke/);
    view.fire('a', ENDED);
    assert.deepEqual([plain(live), tries], [[spoken(2), ENDED], 1]);
  });

  it('tells of a record that is kept without its own name, and forgets all of a call that is removed', () => {
    const { view, log } = open();
    view.running = [callOf('a')];
    view.fire('a', spoken(1));
    const id = log.find('a')?.id ?? '';
    view.fire('a', ENDED);
    const live: LoggedEvent[] = [];
    log.follow(undefined, (event) => live.push(event));
    log.recordKept(detailOf(id));
    const [told] = live;
    assert.match(told?.message()?.toString() ?? '', /"type":"record".*"record":\{.*"durationMs":120000/);
    assert.doesNotMatch(told?.wire(true)?.toString() ?? 'own-', /own-/);
    log.forget(id);
    assert.equal(log.find(id), undefined);
    const first = `${idOf(told).split('-')[0]}-0`;
    assert.deepEqual(plain(log.follow(first, unexpected).events), []);
  });

  it('holds nothing and watches nothing once closed', () => {
    const { view, log } = open();
    view.fire('a', ENDED);
    view.fire('b', spoken(1));
    log.close();
    log.close();
    view.fire('b', spoken(2));
    assert.equal(log.records().length, 0);
    assert.equal(view.watchers, 0);
  });
});

describe('LoggedEvent', () => {
  it('is written as an event with its id, its call and when it was, and once for all readers', () => {
    const { view, follow } = open();
    view.fire('a', spoken(1, 'line\nbreak\u202e'));
    const { events, record } = follow('a');
    const wire = events[0]?.wire(true);
    const data = {
      call: record.id,
      at: new FakeClock().wallTime().toISOString(),
      ...spoken(1, 'line\nbreak'),
    };
    const json = JSON.stringify(data).replace('line\\nbreak', 'line\\nbreak\\u202e');
    assert.equal(wire?.toString(), `id: ${idOf(events[0])}\ndata: ${json}\n\n`);
    assert.equal(events[0]?.wire(true), wire);
  });

  it('is written without what was said for who may not read it, or not at all', () => {
    const { view, follow } = open();
    view.fire('a', heard('a', 1, 'hello'));
    view.fire('a', spoken(1, 'hola'));
    const [first, second] = follow('a').events;
    assert.equal(first?.wire(false), undefined);
    assert.match(second?.wire(false)?.toString() ?? '', /"type":"spoken".*"piiText":""/);
  });
});
