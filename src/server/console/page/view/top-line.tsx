/** What an operator sees first: are calls well, how late are we, how full, what is wrong. */

import type { ComponentChildren } from 'preact';
import type { LinkState } from '../link/live-link.ts';
import { hashOf, type Route } from '../state/route.ts';
import { shownDelay } from '../state/shown-numbers.ts';
import { useConsole } from './console-context.tsx';

export function TopLine() {
  return (
    <>
      <header class="top">
        <h1>dragoman</h1>
        <Places />
        <Figures />
      </header>
      <Problems />
    </>
  );
}

function Places() {
  const { route, model } = useConsole();
  const at = route.value.type;
  return (
    <nav aria-label="Parts of the console">
      <Place to={{ type: 'calls' }} here={at === 'calls' || at === 'call'}>
        Calls
      </Place>
      <Place to={{ type: 'ended' }} here={at === 'ended' || at === 'replay'}>
        Ended {model.ended.value.length > 0 && <span class="soft">{model.ended.value.length}</span>}
      </Place>
      <Place to={{ type: 'records' }} here={at === 'records' || at === 'record'}>
        Records
      </Place>
      <Place to={{ type: 'engines' }} here={at === 'engines'}>
        Engines
      </Place>
      {(model.nodes.value?.cluster === true || at === 'nodes') && (
        <Place to={{ type: 'nodes' }} here={at === 'nodes'}>
          Nodes
        </Place>
      )}
    </nav>
  );
}

function Place({
  to,
  here,
  children,
}: {
  readonly to: Route;
  readonly here: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <a href={hashOf(to)} aria-current={here ? 'page' : undefined}>
      {children}
    </a>
  );
}

function Figures() {
  const { model, link } = useConsole();
  const status = model.status.value;
  const engines = model.engines.value;
  const well = engines.filter(
    (engine) => engine.health !== 'FAILED' && engine.benched === undefined && !engine.takenOut,
  ).length;
  const troubled = model.troubled.value.length;
  return (
    <dl class="figures">
      <Figure label="Calls">{model.calls.value.length}</Figure>
      <Figure label="Legs">
        {status === undefined ? '–' : status.legs.active} <small>of {status?.legs.most ?? '–'}</small>
      </Figure>
      <Figure label="Lag p95">{shownDelay(model.lagP95Ms.value)}</Figure>
      <Figure label="Engines" alarm={well < engines.length}>
        {well} <small>of {engines.length} well</small>
      </Figure>
      <Figure label="Alerts" alarm={troubled > 0}>
        {troubled} <small>{troubled === 1 ? 'call' : 'calls'}</small>
      </Figure>
      <Figure label="Link" alarm={link.state.value.type !== 'live'}>
        {LINK_WORDS[link.state.value.type]}
      </Figure>
    </dl>
  );
}

function Figure({
  label,
  alarm = false,
  children,
}: {
  readonly label: string;
  readonly alarm?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class={alarm ? 'alarm' : undefined}>{children}</dd>
    </div>
  );
}

const LINK_WORDS: Readonly<Record<LinkState['type'], string>> = {
  connecting: 'opening',
  live: 'live',
  paused: 'paused',
  locked: 'locked',
  lost: 'lost',
  refused: 'refused',
};

/** What is not as it should be, in whole sentences. */
function Problems() {
  const { model, link } = useConsole();
  const state = link.state.value;
  const problems = model.status.value?.problems ?? [];
  const sentences =
    state.type === 'lost'
      ? [`${state.why}: what is shown is from before; it is tried again`]
      : state.type === 'refused'
        ? [state.why]
        : problems;
  return sentences.length === 0 ? null : (
    <ul class="problems" aria-live="polite">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
