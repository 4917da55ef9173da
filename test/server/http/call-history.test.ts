import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEvent } from '../../../src/call/call-events.ts';
import { CallHistory } from '../../../src/server/http/call-history.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { callOf, ENDED, FakeServerView, heard, spoken } from './fake-server-view.ts';

function open() {
  const view = new FakeServerView();
  const clock = new FakeClock();
  return { view, clock, history: new CallHistory(view, clock) };
}

function unexpected(event: CallEvent): void {
  assert.fail(`there is an event ${event.type}`);
}

describe('CallHistory', () => {
  it('hands over what was and passes on what comes, once each', () => {
    const { view, history } = open();
    view.fire('a', spoken(1));
    view.fire('b', spoken(7));
    const live: CallEvent[] = [];
    const followed = history.follow('a', (event) => live.push(event));
    view.fire('a', spoken(2));
    view.fire('b', spoken(8));
    followed?.stop();
    view.fire('a', spoken(3));
    assert.deepEqual(followed?.events, [spoken(1)]);
    assert.equal(followed?.ended, false);
    assert.deepEqual(live, [spoken(2)]);
  });

  it('does not know a call that neither runs nor ran', () => {
    const { history } = open();
    assert.equal(history.follow('a', unexpected), undefined);
    assert.equal(history.callsKept, 0);
  });

  it('knows a running call of which nothing has been heard', () => {
    const { view, history } = open();
    view.running = [callOf('a')];
    const live: CallEvent[] = [];
    assert.deepEqual(history.follow('a', (event) => live.push(event))?.events, []);
    view.fire('a', spoken(1));
    assert.deepEqual(live, [spoken(1)]);
  });

  it('keeps 200 events and counts those it dropped', () => {
    const { view, history } = open();
    for (let utterance = 1; utterance <= 203; utterance++) {
      view.fire('a', spoken(utterance));
    }
    const followed = history.follow('a', () => {});
    assert.equal(followed?.events.length, 200);
    assert.equal(followed?.droppedEvents, 3);
    assert.deepEqual(followed?.events[0], spoken(4));
  });

  it('keeps only the newest hearing of each utterance', () => {
    const { view, history } = open();
    view.fire('a', heard('a', 1, 'good'));
    view.fire('a', heard('b', 1, 'buenos'));
    view.fire('a', heard('a', 1, 'good morning'));
    view.fire('a', heard('a', 2, 'and'));
    view.fire('a', heard('a', 1, 'good morning sir', true));
    const followed = history.follow('a', () => {});
    assert.deepEqual(followed?.events, [
      heard('b', 1, 'buenos'),
      heard('a', 2, 'and'),
      heard('a', 1, 'good morning sir', true),
    ]);
    assert.equal(followed?.droppedEvents, 0);
  });

  it('forgets a call 30 s after it ended', async () => {
    const { view, clock, history } = open();
    view.fire('a', spoken(1));
    view.fire('a', ENDED);
    await clock.advance(29_999);
    const followed = history.follow('a', unexpected);
    assert.equal(followed?.ended, true);
    assert.deepEqual(followed?.events, [spoken(1), ENDED]);
    await clock.advance(1);
    assert.equal(history.follow('a', unexpected), undefined);
    assert.equal(clock.pendingTimers, 0);
  });

  it('begins anew when the same id is dialled again', async () => {
    const { view, clock, history } = open();
    view.fire('a', spoken(1));
    view.fire('a', ENDED);
    view.fire('a', spoken(5));
    const followed = history.follow('a', () => {});
    assert.deepEqual(followed?.events, [spoken(5)]);
    assert.equal(followed?.ended, false);
    await clock.advance(30_000);
    assert.equal(history.callsKept, 1);
  });

  it('keeps at most 100 calls that ended, and all that run', () => {
    const { view, clock, history } = open();
    view.fire('runs', spoken(1));
    for (let call = 0; call < 150; call++) {
      view.fire(`c${call}`, ENDED);
    }
    assert.equal(history.callsKept, 101);
    assert.equal(clock.pendingTimers, 100);
    assert.equal(history.follow('c49', unexpected), undefined);
    assert.equal(history.follow('c50', unexpected)?.ended, true);
  });

  it('passes an event on to all, though one of them fails, and lets that one go', () => {
    const { view, history } = open();
    view.fire('a', spoken(1));
    let tries = 0;
    const live: CallEvent[] = [];
    history.follow('a', () => {
      tries += 1;
      throw new Error('the reader broke');
    });
    history.follow('a', (event) => live.push(event));
    assert.throws(() => view.fire('a', spoken(2)), /the reader broke/);
    view.fire('a', ENDED);
    assert.deepEqual(live, [spoken(2), ENDED]);
    assert.equal(tries, 1);
    assert.deepEqual(history.follow('a', unexpected)?.events, [spoken(1), spoken(2), ENDED]);
  });

  it('holds nothing and watches nothing once closed', () => {
    const { view, clock, history } = open();
    view.fire('a', ENDED);
    view.fire('b', spoken(1));
    history.close();
    history.close();
    view.fire('b', spoken(2));
    assert.equal(history.callsKept, 0);
    assert.equal(clock.pendingTimers, 0);
    assert.equal(view.watchers, 0);
  });
});
