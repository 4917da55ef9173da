import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthWindow, judgeHealth } from '../../../src/server/http/service-health.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { FakeServerView, utteranceOf } from './fake-server-view.ts';

describe('judgeHealth', () => {
  const table = [
    [0, 0, 'HEALTHY'],
    [4, 4, 'HEALTHY'],
    [0, 100, 'HEALTHY'],
    [9, 100, 'HEALTHY'],
    [10, 100, 'DEGRADED'],
    [1, 5, 'DEGRADED'],
    [49, 100, 'DEGRADED'],
    [50, 100, 'UNHEALTHY'],
    [4, 5, 'UNHEALTHY'],
    [5, 5, 'FAILED'],
  ] as const;
  for (const [failed, total, health] of table) {
    it(`calls ${failed} failures of ${total} ${health}`, () => {
      assert.equal(judgeHealth(failed, total), health);
    });
  }
});

describe('HealthWindow', () => {
  function open() {
    const view = new FakeServerView();
    const clock = new FakeClock();
    const controller = new AbortController();
    return { view, clock, controller, window: new HealthWindow(view, clock, controller.signal) };
  }

  function fire(view: FakeServerView, outcome: Parameters<typeof utteranceOf>[0], times: number): void {
    for (let time = 0; time < times; time++) {
      view.fire('c', utteranceOf(outcome));
    }
  }

  it('leaves out utterances in which nothing was said', () => {
    const { view, window } = open();
    fire(view, 'nothing-said', 90);
    fire(view, 'failed', 5);
    assert.equal(window.health(), 'FAILED');
  });

  it('forgets after a minute', async () => {
    const { view, clock, window } = open();
    fire(view, 'failed', 5);
    await clock.advance(60_000);
    assert.equal(window.health(), 'FAILED');
    await clock.advance(1);
    assert.equal(window.health(), 'HEALTHY');
  });

  it('looks at the latest hundred only', () => {
    const { view, window } = open();
    fire(view, 'failed', 500);
    fire(view, 'spoken', 51);
    assert.equal(window.health(), 'DEGRADED');
  });

  it('stops watching with its signal', () => {
    const { view, controller } = open();
    controller.abort();
    assert.equal(view.watchers, 0);
  });
});
