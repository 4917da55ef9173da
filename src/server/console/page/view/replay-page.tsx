/** A call that is over, told again: its captions along a time axis, at the pace of the call or faster. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { browserClock } from '../link/browser-clock.ts';
import type { CallModel } from '../state/call-model.ts';
import { shownDuration } from '../state/shown-numbers.ts';
import { type Lane, lanesOf } from '../state/timeline.ts';
import { Happenings } from './call-page.tsx';
import { Captions } from './captions.tsx';
import { useConsole } from './console-context.tsx';
import { OpenedHeading } from './opened-heading.tsx';
import { ReportButton } from './report-button.tsx';
import { WaterfallList } from './waterfall-list.tsx';

const PACES = [1, 4, 16];
/** How often the place moves while it is played, in ms. */
const STEP_MS = 100;

export function ReplayPage({ id }: { readonly id: string }) {
  const { model } = useConsole();
  const call = model.find(id);
  return call === undefined ? (
    <p class="card empty">
      This call is not kept any more. <a href="#/ended">Ended calls</a>
    </p>
  ) : (
    <Replay call={call} key={call.id} />
  );
}

function Replay({ call }: { readonly call: CallModel }) {
  const { link } = useConsole();
  useEffect(() => link.recall(call), [call, link]);
  const lastedMs = Math.max(1, call.lastedMs.value);
  const atMs = useSignal(lastedMs);
  const pace = useSignal(0);
  useEffect(() => {
    if (pace.value === 0) {
      return undefined;
    }
    const playing = new AbortController();
    const play = async (): Promise<void> => {
      while (atMs.peek() < lastedMs) {
        await browserClock.sleep(STEP_MS, playing.signal);
        atMs.value = Math.min(lastedMs, atMs.peek() + STEP_MS * pace.peek());
      }
      pace.value = 0;
    };
    play().catch((error: unknown) => {
      if (!playing.signal.aborted) {
        throw error;
      }
    });
    return () => playing.abort();
  }, [pace.value, lastedMs]);
  const toggle = (wanted: number): void => {
    if (atMs.peek() >= lastedMs) {
      atMs.value = 0;
    }
    pace.value = pace.peek() === wanted ? 0 : wanted;
  };
  return (
    <article class="call" aria-labelledby="opened">
      <div class="toolbar">
        <OpenedHeading>
          Call <span class="id">{call.id.slice(0, 8)}</span>{' '}
          <span class="soft">lasted {shownDuration(call.lastedMs.value)}</span>
        </OpenedHeading>
        <ReportButton call={call} />
        <a href="#/ended">Back to ended calls</a>
      </div>
      <section class="card panel wide" aria-label="Time axis">
        <div class="axis">
          {lanesOf(call).map((lane) => (
            <AxisLane key={`${lane.kind} ${lane.label}`} lane={lane} atMs={atMs.value} lastedMs={lastedMs} />
          ))}
          <span class="soft number">{shownDuration(atMs.value)}</span>
          <input
            type="range"
            aria-label="Place in the call"
            aria-valuetext={shownDuration(atMs.value)}
            min={0}
            max={lastedMs}
            step={STEP_MS}
            value={atMs.value}
            onInput={({ currentTarget }) => {
              atMs.value = Number(currentTarget.value);
            }}
          />
          <span class="soft number">Play</span>
          <span>
            {PACES.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={pace.value === each}
                onClick={() => toggle(each)}
              >
                {each} ×
              </button>
            ))}
          </span>
        </div>
      </section>
      <Captions call={call} atMs={atMs.value} />
      <aside class="steer">
        <Happenings call={call} />
      </aside>
      <WaterfallList call={call} />
    </article>
  );
}

function AxisLane({
  lane: { label, kind, stretches },
  atMs,
  lastedMs,
}: {
  readonly lane: Lane;
  readonly atMs: number;
  readonly lastedMs: number;
}) {
  const at = `${(100 * atMs) / lastedMs}%`;
  return (
    <>
      <span class={kind === 'speech' ? 'number' : 'soft number'}>{label}</span>
      <svg aria-hidden="true">
        {stretches.map(({ fromMs, toMs }) => (
          <rect
            key={fromMs}
            class={kind}
            x={`${(100 * fromMs) / lastedMs}%`}
            width={`${(100 * (toMs - fromMs)) / lastedMs}%`}
            y="15%"
            height="70%"
            rx="1"
          />
        ))}
        <line class="head" x1={at} x2={at} y1="0" y2="100%" />
      </svg>
    </>
  );
}
