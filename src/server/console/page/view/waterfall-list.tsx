/** Where the time of the latest utterances went: bars on one scale, and the same in words. */

import type { UtteranceReport } from '../../../../call/call-events.ts';
import type { CallModel } from '../state/call-model.ts';
import type { CaptionLine } from '../state/caption-book.ts';
import { shownDelay, shownDuration } from '../state/shown-numbers.ts';
import { SPAN_KINDS, type Span, type Waterfall, waterfallOf } from '../state/waterfall.ts';

/** As many as one looks at without a search. */
const MOST_SHOWN = 12;
const TRACK_PX = 7;
const BAR_PX = 5;

export function WaterfallList({ call }: { readonly call: CallModel }) {
  const falls = call.lines.value
    .flatMap((line) =>
      line.reports.filter(({ outcome }) => outcome !== 'nothing-said').map((report) => ({ line, report })),
    )
    .slice(-MOST_SHOWN)
    .toReversed()
    .map(({ line, report }) => ({ line, report, fall: waterfallOf(line, report) }));
  const scaleMs = Math.max(1, ...falls.map(({ fall }) => fall.toMs - fall.fromMs));
  return (
    <section class="card panel wide" aria-labelledby="timing">
      <h3 id="timing">Where the time went</h3>
      {falls.length === 0 ? (
        <p class="empty">An utterance appears here when it has been heard to its end.</p>
      ) : (
        <>
          <Legend />
          <ol class="falls">
            {falls.map(({ line, report, fall }) => (
              <Fall
                key={`${line.key} ${report.target.language}`}
                {...{ call, line, report, fall, scaleMs }}
              />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Fall({
  call,
  line,
  report,
  fall,
  scaleMs,
}: {
  readonly call: CallModel;
  readonly line: CaptionLine;
  readonly report: UtteranceReport;
  readonly fall: Waterfall;
  readonly scaleMs: number;
}) {
  const { source, target, outcome, stages } = report;
  const name = call.partyOf(line.party)?.facts.value.name ?? line.party;
  const atEnd = `${(100 * (source.endMs - fall.fromMs)) / scaleMs}%`;
  return (
    <li>
      <span class="who">
        {shownDuration(source.startMs)} {name}{' '}
        <span class="soft">
          {source.language} → {target.language}
        </span>
      </span>
      <svg class="fall" height={fall.tracks.length * TRACK_PX} aria-hidden="true">
        {fall.tracks.map((spans, track) =>
          spans.map((span) => (
            <Bar key={`${track} ${span.fromMs}`} {...{ span, track, fromMs: fall.fromMs, scaleMs }} />
          )),
        )}
        <line class="hair" x1={atEnd} x2={atEnd} y1="0" y2="100%" />
      </svg>
      <span class="number">
        {outcome === 'spoken' ? (
          shownDelay(stages.endToEndMs)
        ) : (
          <span class="warn">{OUTCOME_WORDS[outcome]}</span>
        )}
      </span>
      <span class="parts soft">{partsInWords(fall, report)}</span>
    </li>
  );
}

function Bar({
  span: { kind, fromMs: from, toMs },
  track,
  fromMs,
  scaleMs,
}: {
  readonly span: Span;
  readonly track: number;
  readonly fromMs: number;
  readonly scaleMs: number;
}) {
  return (
    <rect
      class={kind}
      x={`${(100 * (from - fromMs)) / scaleMs}%`}
      width={`${(100 * (toMs - from)) / scaleMs}%`}
      y={track * TRACK_PX + (TRACK_PX - BAR_PX) / 2}
      height={BAR_PX}
      rx="1"
    >
      <title>{`${kind} ${shownDelay(toMs - from)}`}</title>
    </rect>
  );
}

function Legend() {
  return (
    <p class="legend">
      {SPAN_KINDS.map((kind) => (
        <span key={kind}>
          <svg aria-hidden="true">
            <rect class={kind} width="100%" height="100%" rx="1" />
          </svg>
          {kind}
        </span>
      ))}
    </p>
  );
}

const OUTCOME_WORDS: Readonly<Record<UtteranceReport['outcome'], string>> = {
  spoken: 'heard',
  'nothing-said': 'no words',
  'left-alone': 'left alone',
  failed: 'failed',
  'not-played': 'not played',
};

function partsInWords({ parts }: Waterfall, { outcome, stages }: UtteranceReport): string {
  if (outcome === 'spoken' && (stages.endToEndMs ?? 0) < 0) {
    return 'heard before the speaker had ended';
  }
  return parts.map(({ kind, ms }) => `${kind} ${Math.round(ms)}`).join(' · ');
}
