/**
 * The engines: how each does, since when and why not, and what can be done with it; what was done so that calls went on;
 * and what there was in all.
 */

import { useSignal } from '@preact/signals';
import { Fragment } from 'preact';
import type { z } from 'zod';
import type { TESTED } from '../../../http/api/engine-routes.ts';
import type { RecoveryStep, ShownEngine } from '../state/console-model.ts';
import { shownDelay, shownDuration, shownTime } from '../state/shown-numbers.ts';
import { useConsole } from './console-context.tsx';
import { Controls, LookOnlyNote } from './controls.tsx';

const KINDS: Readonly<Record<ShownEngine['component'], string>> = {
  stt: 'recognition',
  mt: 'translation',
  tts: 'synthesis',
  s2s: 'interpreter',
};

/** Of the table of engines, in a wide window. */
const COLUMNS = 7;

export function EnginesPage() {
  const { model } = useConsole();
  return (
    <>
      <div class="toolbar">
        <h2>Engines</h2>
      </div>
      <EngineTable engines={model.engines.value} />
      <Directions />
      <div class="toolbar">
        <h2>Recovery</h2>
      </div>
      <Steps steps={model.steps.value} />
      <Totals />
    </>
  );
}

function EngineTable({ engines }: { readonly engines: readonly ShownEngine[] }) {
  return engines.length === 0 ? (
    <p class="card empty">No engine is configured: every voice is heard as it is.</p>
  ) : (
    <>
      <LookOnlyNote />
      <table class="list card">
        <caption class="unseen">Engines</caption>
        <thead>
          <tr>
            <th scope="col" class="call-column">
              Engine
            </th>
            <th scope="col" class="delay-column">
              State
            </th>
            <th scope="col" class="delay-column number">
              Median
            </th>
            <th scope="col" class="delay-column number extra">
              Latest
            </th>
            <th scope="col" class="delay-column number extra">
              Done
            </th>
            <th scope="col" class="delay-column number">
              Failed
            </th>
            <th scope="col" class="words-column">
              Latest fault
            </th>
          </tr>
        </thead>
        <tbody>
          {engines.map((engine) => (
            <Fragment key={`${engine.component} ${engine.engine}`}>
              <EngineRow engine={engine} />
              <tr>
                <td colSpan={COLUMNS}>
                  <EngineButtons engine={engine} />
                </td>
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
    </>
  );
}

function EngineRow({ engine }: { readonly engine: ShownEngine }) {
  const { component, engine: name, operations, lastError, tasks } = engine;
  const [main] = operations;
  const sum = (count: 'done' | 'failed'): number =>
    operations.reduce((total, each) => total + each[count], 0);
  const broken = tasks.find(({ state }) => state === 'failed');
  return (
    <tr>
      <th scope="row">
        {name} <div class="soft">{KINDS[component]}</div>
      </th>
      <td>
        <EngineState engine={engine} />
        {engine.healthForMs !== undefined && <div class="soft">for {shownDuration(engine.healthForMs)}</div>}
      </td>
      <td class="number">{shownDelay(main?.medianMs)}</td>
      <td class="number extra">{shownDelay(main?.lastMs)}</td>
      <td class="number extra">{sum('done')}</td>
      <td class={sum('failed') > 0 ? 'number warn' : 'number'}>{sum('failed')}</td>
      <td class="words-column">
        {broken !== undefined && (
          <p class="alarm">
            {broken.task}: {broken.reason}
          </p>
        )}
        {lastError !== undefined && (
          <p>
            {shownTime(Date.parse(lastError.at))} {lastError.operation}: {lastError.code}
          </p>
        )}
      </td>
    </tr>
  );
}

/** What can be done with an engine, and what came of it. */
function EngineButtons({ engine: { component, engine, takenOut } }: { readonly engine: ShownEngine }) {
  const { api, model } = useConsole();
  const busy = useSignal(false);
  const outcome = useSignal('');
  const path = `api/v1/engines/${component}/${encodeURIComponent(engine)}`;
  const during = async (work: () => Promise<string>): Promise<void> => {
    busy.value = true;
    try {
      outcome.value = await work();
    } catch (error) {
      outcome.value = error instanceof Error ? error.message : String(error);
    }
    busy.value = false;
  };
  const test = async (): Promise<string> => {
    outcome.value = 'is tried …';
    const answer = await api.send<z.infer<typeof TESTED>>('POST', `${path}/test`);
    const failed = answer?.tasks.find(({ state }) => state !== 'works');
    return failed === undefined ? 'works' : `does not ${failed.task}: ${failed.reason ?? failed.state}`;
  };
  const change = async (): Promise<string> => {
    const answer = await api.send<ShownEngine>('POST', `${path}/${takenOut ? 'enable' : 'drain'}`);
    if (answer !== undefined) {
      model.showEngine(answer);
    }
    return '';
  };
  return (
    <Controls>
      <div class="row">
        <button
          type="button"
          disabled={busy.value}
          aria-label={`Test now: ${engine}`}
          onClick={() => during(test)}
        >
          Test now
        </button>
        <button
          type="button"
          disabled={busy.value}
          aria-label={`Take out: ${engine}`}
          aria-pressed={takenOut}
          onClick={() => during(change)}
        >
          Take out
        </button>
        <p role="status">{outcome}</p>
      </div>
    </Controls>
  );
}

function EngineState({ engine: { health, benched, takenOut } }: { readonly engine: ShownEngine }) {
  if (takenOut) {
    return <span class="badge alarm">taken out</span>;
  }
  if (benched !== undefined) {
    return (
      <span class="badge alarm" title={benched.fault}>
        out for {shownDelay(benched.triedInMs)}
      </span>
    );
  }
  switch (health) {
    case undefined:
      return <span class="soft">idle</span>;
    case 'HEALTHY':
      return <span>well</span>;
    default:
      return <span class="badge alarm">{health.toLowerCase()}</span>;
  }
}

/** What interprets each direction. */
function Directions() {
  const directions = useConsole().model.status.value?.directions ?? [];
  return directions.length === 0 ? null : (
    <>
      <div class="toolbar">
        <h2>Directions</h2>
      </div>
      <table class="list card">
        <caption class="unseen">What interprets each direction</caption>
        <thead>
          <tr>
            <th scope="col" class="call-column">
              Direction
            </th>
            <th scope="col" class="delay-column">
              State
            </th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {directions.map(({ from, to, state, stt, mt, tts, interpreter, reasons }) => (
            <tr key={`${from} ${to}`}>
              <th scope="row">
                {from} → {to}
              </th>
              <td class={state === 'unserved' ? 'alarm' : undefined}>{state}</td>
              <td>{[interpreter, stt, mt, tts].filter(Boolean).join(', ') || reasons.join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What was done so that calls went on, the latest first. */
function Steps({ steps }: { readonly steps: readonly RecoveryStep[] }) {
  return steps.length === 0 ? (
    <p class="card empty">Nothing had to be done so that calls go on.</p>
  ) : (
    <table class="list card">
      <caption class="unseen">What was done so that calls went on, the latest first</caption>
      <thead>
        <tr>
          <th scope="col" class="delay-column">
            When
          </th>
          <th scope="col">What</th>
          <th scope="col" class="delay-column number">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={`${step.at} ${step.component} ${step.engine} ${step.tier}`}>
            <td>{shownTime(Date.parse(step.at))}</td>
            <td class={step.success ? undefined : 'alarm'}>
              {step.tier} of {KINDS[step.component]} {step.engine}
              {step.to === undefined ? '' : ` to ${step.to}`}
              {step.success ? '' : ': in vain'} <span class="soft">{step.code}</span>
            </td>
            <td class="number">{shownDelay(step.tookMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Totals() {
  const { model } = useConsole();
  const status = model.status.value;
  return status === undefined ? null : (
    <dl class="figures totals">
      <div>
        <dt>Runs for</dt>
        <dd>{shownDuration(1_000 * status.uptimeSeconds)}</dd>
      </div>
      <div>
        <dt>Version</dt>
        <dd>{status.version}</dd>
      </div>
      {model.recoveries.value.map(({ count, ...labels }) => (
        <div key={Object.values(labels).join(' ')}>
          <dt>{Object.values(labels).join(' ')}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}
