/** One call that runs: who is in it, what is said, where the time goes, what happened, and what can be done. */

import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CallModel, PartyModel } from '../state/call-model.ts';
import { shownDelay, shownDuration } from '../state/shown-numbers.ts';
import { TroubleBadge } from './call-list.tsx';
import { Captions } from './captions.tsx';
import { useConsole } from './console-context.tsx';
import { LanguageMark } from './language-mark.tsx';
import { Meter } from './meter.tsx';
import { OpenedHeading } from './opened-heading.tsx';
import { Doing } from './party-line.tsx';
import { ReportButton } from './report-button.tsx';
import { Steering } from './steering.tsx';
import { WaterfallList } from './waterfall-list.tsx';

export function CallPage({ id }: { readonly id: string }) {
  const { model } = useConsole();
  const call = model.find(id);
  return call === undefined ? (
    <p class="card empty">
      There is no such call any more. <a href="#/">Calls that run</a>
    </p>
  ) : (
    <OpenedCall call={call} key={call.id} />
  );
}

function OpenedCall({ call }: { readonly call: CallModel }) {
  const { link, list, model } = useConsole();
  useEffect(() => {
    list.last.value = call.id;
    link.seen.value = new Set([call.id]);
    const recall = link.recall(call);
    const keepCurrent = link.keepCurrent(call);
    return () => {
      recall();
      keepCurrent();
      link.seen.value = new Set();
    };
  }, [call, link, list]);
  const over = call.endedAt.value !== undefined;
  const age = useComputed(() =>
    shownDuration(over ? call.lastedMs.value : model.nowMs.value - call.startedAtMs),
  );
  return (
    <article class="call" aria-labelledby="opened">
      <div class="toolbar">
        <OpenedHeading>
          Call <span class="id">{call.id.slice(0, 8)}</span> <span class="soft">{age}</span>{' '}
          {over ? <span class="badge">over</span> : <TroubleBadge call={call} />}
        </OpenedHeading>
        <ReportButton call={call} />
        <a href="#/">Back to all calls</a>
      </div>
      {!over && (
        <ul class="seats wide" aria-label="Parties">
          {call.parties.value.map((party) => (
            <Seat key={party.id} party={party} />
          ))}
        </ul>
      )}
      <Captions call={call} />
      <aside class="steer">
        {over ? <OverNote /> : <Steering call={call} />}
        <Happenings call={call} />
      </aside>
      <WaterfallList call={call} />
    </article>
  );
}

function OverNote() {
  return (
    <p class="card panel" role="status">
      The call is over. It stays among the <a href="#/ended">ended ones</a> for a while.
    </p>
  );
}

function Seat({ party }: { readonly party: PartyModel }) {
  const { language, name } = party.facts.value;
  const waiting = useComputed(() =>
    party.backlogMs.value === 0 ? '' : `${shownDelay(party.backlogMs.value)} still to be said to it`,
  );
  return (
    <li class="card">
      <span class="row">
        <LanguageMark language={language} />
        <span class="name" dir="auto">
          {name}
        </span>
        <Doing party={party} />
        <span class="soft">{waiting}</span>
      </span>
      <Meter party={party} />
    </li>
  );
}

/** What happened that is no speech, the latest first. */
export function Happenings({ call }: { readonly call: CallModel }) {
  const happenings = call.happenings.value.toReversed();
  return (
    <section class="card panel" aria-labelledby="happenings">
      <h3 id="happenings">What happened</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who scrolls by keyboard must be able to be here. */}
      <ol class="happenings" tabIndex={0} aria-labelledby="happenings">
        {happenings.map(({ atMs, sentence, troubling }) => (
          <li key={`${atMs} ${sentence}`}>
            <span class="soft">{shownDuration(atMs)}</span>
            <span class={troubling ? 'alarm' : undefined}>{sentence}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
