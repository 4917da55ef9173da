/**
 * The calls that run, as a table: sorted by any column, filtered by words. Arrows go from call to call, Enter opens one.
 * Levels come only for the rows in sight.
 */

import { batch, type ReadonlySignal, useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LiveLink } from '../link/live-link.ts';
import { callsShown, orderAfter, type SortKey } from '../state/call-list.ts';
import type { CallModel, LatestWords } from '../state/call-model.ts';
import { hashOf } from '../state/route.ts';
import { shownDelay, shownDuration } from '../state/shown-numbers.ts';
import { goTo, useConsole } from './console-context.tsx';
import { PartyLine } from './party-line.tsx';
import { moveByKey } from './row-keys.ts';

/** Parties of a conference that a row shows. */
const MOST_PARTIES = 4;

export function CallList() {
  const { model, list } = useConsole();
  const shown = useComputed(() => {
    // What changes all the time is sorted anew each second.
    model.nowMs.value;
    return callsShown(model.calls.value, list.filter.value, list.onlyTrouble.value, list.order.value);
  });
  return (
    <>
      <div class="toolbar">
        <h2>Calls</h2>
        <input
          type="search"
          class="filter"
          aria-label="Filter by name, language, state or trouble"
          placeholder="Filter  ( / )"
          value={list.filter}
          onInput={({ currentTarget }) => {
            list.filter.value = currentTarget.value;
          }}
        />
        <button
          type="button"
          aria-pressed={list.onlyTrouble.value}
          onClick={() => {
            list.onlyTrouble.value = !list.onlyTrouble.value;
          }}
        >
          Only trouble
        </button>
      </div>
      {shown.value.length === 0 ? (
        <p class="card empty">
          {model.calls.value.length === 0
            ? 'No call runs at the moment. The next one appears here by itself.'
            : 'No call has these words in it.'}
        </p>
      ) : (
        <CallTable calls={shown.value} />
      )}
    </>
  );
}

function CallTable({ calls }: { readonly calls: readonly CallModel[] }) {
  const { list } = useConsole();
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => {
    const last = list.last.peek();
    table.current
      ?.querySelector<HTMLElement>(`a[href="${hashOf({ type: 'call', id: last ?? '' })}"]`)
      ?.focus();
  }, [list]);
  const watch = useRowsInSight();
  return (
    <table class="list card" ref={table} onKeyDown={moveByKey}>
      <caption class="unseen">Calls that run</caption>
      <thead>
        <tr>
          <SortHead sortKey="start" style="call-column">
            Call
          </SortHead>
          <SortHead sortKey="languages" style="parties-column">
            Parties
          </SortHead>
          <SortHead sortKey="lag" style="delay-column number">
            Lag
          </SortHead>
          <SortHead sortKey="waiting" style="delay-column number waiting-column">
            Waiting
          </SortHead>
          <th scope="col" class="words-column">
            Last words
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow key={call.id} call={call} watch={watch} />
        ))}
      </tbody>
    </table>
  );
}

function SortHead({
  sortKey,
  style,
  children,
}: {
  readonly sortKey: SortKey;
  readonly style: string;
  readonly children: string;
}) {
  const { list } = useConsole();
  const { key, descending } = list.order.value;
  const sorted = key === sortKey ? (descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" class={style} aria-sort={sorted}>
      <button
        type="button"
        onClick={() => {
          list.order.value = orderAfter(list.order.value, sortKey);
        }}
      >
        {children}
        <span aria-hidden="true">{sorted === undefined ? '' : descending ? ' ↓' : ' ↑'}</span>
      </button>
    </th>
  );
}

function CallRow({
  call,
  watch,
}: {
  readonly call: CallModel;
  readonly watch: (row: Element) => () => void;
}) {
  const { model, link } = useConsole();
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => (row.current === null ? undefined : watch(row.current)), [watch]);
  const inSight = useComputed(() => link.seen.value.has(call.id));
  // What nobody sees stays as it was, until somebody does.
  const followed = <Value,>(each: ReadonlySignal<Value>): Value => (inSight.value ? each.value : each.peek());
  const age = useComputed(() => shownDuration(followed(model.nowMs) - call.startedAtMs));
  const lag = useComputed(() => shownDelay(followed(call.lagMs)));
  const latest = useComputed(() => followed(call.latest));
  const waiting = useComputed(() => (call.backlogMs.value === 0 ? '–' : shownDelay(call.backlogMs.value)));
  const parties = call.parties.value;
  const open = (): void => goTo({ type: 'call', id: call.id });
  return (
    <tr class="opens" ref={row} data-call={call.id} onClick={open}>
      <th scope="row">
        <a class="id" href={hashOf({ type: 'call', id: call.id })}>
          {call.id.slice(0, 8)}
        </a>
        <div class="soft">
          {age} <TroubleBadge call={call} />
        </div>
      </th>
      <td>
        {parties.slice(0, MOST_PARTIES).map((party) => (
          <PartyLine key={party.id} party={party} />
        ))}
        {parties.length > MOST_PARTIES && <span class="soft">and {parties.length - MOST_PARTIES} more</span>}
      </td>
      <td class="number">{lag}</td>
      <td class="number waiting">{waiting}</td>
      <td class="words">
        <LastWords latest={latest} />
      </td>
    </tr>
  );
}

export function TroubleBadge({ call }: { readonly call: CallModel }) {
  const trouble = call.trouble.value;
  return trouble === undefined ? null : (
    <span class={`badge ${trouble === 'failing' || trouble === 'not interpreted' ? 'alarm' : 'warn'}`}>
      {trouble}
    </span>
  );
}

function LastWords({ latest }: { readonly latest: ReadonlySignal<LatestWords | undefined> }) {
  if (latest.value === undefined || latest.value.said === '') {
    return null;
  }
  const { language, said, renderings } = latest.value;
  return (
    <>
      <p lang={language} dir="auto">
        {said}
      </p>
      {renderings.slice(0, 1).map((each) => (
        <p key={each.language} lang={each.language} dir="auto">
          {each.text}
        </p>
      ))}
    </>
  );
}

/** Tells the link which calls' rows are in sight. What it returns adds a row, and returns what takes it off again. */
function useRowsInSight(): (row: Element) => () => void {
  const { link } = useConsole();
  const sight = useRef<ReturnType<typeof rowsInSight> | undefined>(undefined);
  sight.current ??= rowsInSight(link);
  useEffect(() => sight.current?.end, []);
  return sight.current.watch;
}

function rowsInSight({ seen }: Pick<LiveLink, 'seen'>) {
  const see = (row: Element, inSight: boolean): void => {
    const call = row.getAttribute('data-call') ?? '';
    if (seen.peek().has(call) !== inSight) {
      seen.value = new Set([...[...seen.peek()].filter((each) => each !== call), ...(inSight ? [call] : [])]);
    }
  };
  const observer = new IntersectionObserver((entries) => {
    batch(() => {
      for (const { target, isIntersecting } of entries) {
        see(target, isIntersecting);
      }
    });
  });
  return {
    watch: (row: Element) => {
      observer.observe(row);
      return () => {
        observer.unobserve(row);
        see(row, false);
      };
    },
    end: () => {
      observer.disconnect();
      seen.value = new Set();
    },
  };
}
