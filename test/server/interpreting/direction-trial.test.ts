/** What is known of a direction, by what is known of its engines. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MtEngine } from '../../../src/engines/mt/mt-engine.ts';
import type { SttEngine } from '../../../src/engines/stt/stt-engine.ts';
import type { Component } from '../../../src/engines/support.ts';
import type { TtsEngine } from '../../../src/engines/tts/tts-engine.ts';
import { directionTrial, type TaskState } from '../../../src/server/interpreting/direction-trial.ts';
import type { Candidate, Candidates, TrialTask } from '../../../src/server/interpreting/trial-tasks.ts';

const UNTRIED: TaskState = { type: 'untried' };
const WORKS: TaskState = { type: 'works', ms: 5 };
const CANNOT: TaskState = { type: 'unable', reason: 'it has no model', passing: false };
const NOT_ASKED: TaskState = { type: 'unable', reason: 'nobody answers', passing: true };
const REFUSED: TaskState = {
  type: 'failed',
  reason: 'it refuses the key',
  passing: false,
  silent: false,
  error: undefined,
};
const DOWN: TaskState = {
  type: 'failed',
  reason: 'it is down',
  passing: true,
  silent: true,
  error: undefined,
};

type AnyEngine = SttEngine & MtEngine & TtsEngine;

/** Only its name is looked at. */
function engineCalled(name: string): AnyEngine {
  const used = (): never => assert.fail('it is used');
  const capabilities = { lowestWireRateHz: 8_000 };
  return { name, capabilities, supports: used, open: used, translate: used, synthesize: used, close: used };
}

/** The trial of a direction whose engines are in these states, the best first. */
function trialOf(states: {
  readonly stt?: readonly TaskState[];
  readonly mt?: readonly TaskState[];
  readonly tts?: readonly TaskState[];
}) {
  const known = new Map<TrialTask, TaskState>();
  const of = (component: Component, some: readonly TaskState[] = [WORKS]): readonly Candidate<AnyEngine>[] =>
    some.map((state, index) => {
      const engine = `${component}${index + 1}`;
      const task: TrialTask = {
        ...{ component, engine, task: `do ${component}` },
        supports: () => assert.fail('it is asked'),
        tryOut: () => assert.fail('it is tried'),
      };
      known.set(task, state);
      return { engine: engineCalled(engine), task };
    });
  const { stt, mt, tts } = states;
  const candidates: Candidates = {
    type: 'cascade',
    stt: of('stt', stt),
    mt: of('mt', mt),
    tts: of('tts', tts),
  };
  return directionTrial(candidates, (task) => known.get(task) ?? UNTRIED);
}

/** The recognisers that are used, or why none is. */
function sttOf(...stt: readonly TaskState[]): string {
  const trial = trialOf({ stt });
  return trial.type === 'served' && trial.engines.type === 'cascade'
    ? trial.engines.stt.map(({ name }) => name).join()
    : trial.type;
}

describe('directionTrial', () => {
  it('waits for the engines that are preferred, and for no other', () => {
    assert.equal(sttOf(UNTRIED, WORKS), 'pending');
    assert.equal(sttOf(DOWN, UNTRIED, WORKS), 'pending');
    assert.equal(sttOf(DOWN, WORKS, UNTRIED), 'stt2');
    assert.equal(sttOf(WORKS, UNTRIED, WORKS), 'stt1,stt3');
    assert.equal(sttOf(UNTRIED), 'pending');
  });

  it('tells of those that failed wherever they stand, and of those that cannot only before one that does', () => {
    const trial = trialOf({ stt: [CANNOT, WORKS, CANNOT, REFUSED] });
    assert.ok(trial.type === 'served');
    const names = (some: readonly { readonly engine: string }[]): readonly string[] =>
      some.map(({ engine }) => engine);
    assert.deepEqual(names(trial.passedOver), ['stt1']);
    assert.deepEqual(names(trial.failed), ['stt4']);
    assert.deepEqual(names(trial.notNeeded), ['stt3']);
  });

  it('may be served later exactly when each component that lacks has an engine that is only down', () => {
    const passing = (states: Parameters<typeof trialOf>[0]): unknown => {
      const trial = trialOf(states);
      return trial.type === 'unserved' ? trial.passing : trial.type;
    };
    assert.equal(passing({ stt: [DOWN] }), true);
    assert.equal(passing({ stt: [NOT_ASKED, REFUSED] }), true);
    assert.equal(passing({ stt: [REFUSED, CANNOT] }), false);
    assert.equal(passing({ stt: [DOWN], mt: [CANNOT] }), false);
    assert.equal(passing({ stt: [DOWN], mt: [NOT_ASKED] }), true);
  });

  it('gives every reason, and names the task where nothing failed', () => {
    const trial = trialOf({ stt: [CANNOT], mt: [DOWN, CANNOT] });
    assert.deepEqual(trial.type === 'unserved' && trial.reasons, [
      'mt1 failed when it was tried: it is down',
      'it has no model',
      'do stt: it has no model',
    ]);
  });

  it('tells what fails beside what is missing, too', () => {
    const trial = trialOf({ stt: [CANNOT], mt: [DOWN, WORKS] });
    assert.deepEqual(trial.type === 'unserved' && [trial.reasons, trial.failed], [
      ['do stt: it has no model'],
      [{ component: 'mt', engine: 'mt1', reason: 'it is down' }],
    ]);
  });
});
