import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeHealth } from '../../../src/engines/resilience/health-window.ts';
import { successRate, UtteranceHealth } from '../../../src/server/http/service-health.ts';
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

describe('UtteranceHealth', () => {
  function open() {
    const view = new FakeServerView();
    const clock = new FakeClock();
    const controller = new AbortController();
    return { view, clock, controller, window: new UtteranceHealth(view, clock, controller.signal) };
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
    assert.equal(window.state, 'FAILED');
  });

  it('counts what nobody interpreted and somebody should have', () => {
    const { view, window } = open();
    for (let time = 0; time < 5; time += 1) {
      view.fire('c', { type: 'uninterpreted', atMs: 0, party: 'a', language: 'es' });
    }
    assert.equal(window.state, 'FAILED');
    assert.equal(successRate(window), 0);
  });

  it('forgets after a minute', async () => {
    const { view, clock, window } = open();
    fire(view, 'failed', 5);
    await clock.advance(60_000);
    assert.equal(window.state, 'FAILED');
    await clock.advance(1);
    assert.equal(window.state, 'HEALTHY');
  });

  it('looks at the latest hundred only', () => {
    const { view, window } = open();
    fire(view, 'failed', 500);
    fire(view, 'spoken', 51);
    assert.equal(window.state, 'DEGRADED');
  });

  it('stops watching with its signal', () => {
    const { view, controller } = open();
    controller.abort();
    assert.equal(view.watchers, 0);
  });
});
