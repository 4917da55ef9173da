/**
 * The dashboard of `docker/grafana`, described: rows that are questions, in the order in which somebody asks them who
 * is told that calls are bad, and panels that answer. The file that Grafana reads is made of it
 * (`node dist/test/docker/write-dashboard.js`), and a test says that both agree.
 */

/** A query, and what its lines are called. */
interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly description: string;
  /** As Grafana calls it. */
  readonly unit: string;
  /** A number as it is now, or lines over time. */
  readonly type: 'stat' | 'timeseries';
  readonly queries: readonly Query[];
  /** What numbers are called instead. */
  readonly names?: Readonly<Record<number, string>>;
}

interface Row {
  readonly question: string;
  readonly panels: readonly Panel[];
}

const HEALTHS = { 0: 'healthy', 1: 'degraded', 2: 'unhealthy', 3: 'failed' };
/** The machines that were chosen. */
const HERE = 'instance=~"$instance"';

const ROWS: readonly Row[] = [
  {
    question: 'Are calls healthy?',
    panels: [
      stat(
        'Service',
        'By what became of the latest utterances.',
        'short',
        `max(service_health{${HERE}})`,
        HEALTHS,
      ),
      stat('Calls', 'Calls that run.', 'short', `sum(dragoman_calls_active{${HERE}})`),
      stat(
        'Interpreted',
        'Of the utterances of the last minute.',
        'percentunit',
        `min(success_rate{${HERE}})`,
      ),
      stat(
        'Directions not interpreted',
        'Pairs of languages whose voices are heard as they are.',
        'short',
        `count(dragoman_direction_served{${HERE}}) - sum(dragoman_direction_served{${HERE}})`,
      ),
      lines('What became of utterances', '"failed": an engine; "nothing-said": noise without words.', 'ops', [
        [`sum by (outcome) (${rate('translations_completed_total')})`, '{{outcome}}'],
      ]),
      lines('Legs that ended, by why', 'Anything but "peer-closed" and "partner-left" wants a look.', 'ops', [
        [`sum by (reason) (${rate('dragoman_legs_ended_total')})`, '{{reason}}'],
      ]),
      lines('Heard as it was said', 'Original voices where a translation was to be heard.', 'ops', [
        [`sum(${rate('dragoman_utterances_uninterpreted_total')})`, 'nobody interprets'],
        [`sum(${rate('dragoman_original_let_through_total')})`, 'failed or late'],
      ]),
      lines('Who listens to calls', 'By the API, with --listen-in: the log says who, and to what.', 'short', [
        [`sum by (instance) (dragoman_listeners{${HERE}})`, '{{instance}}'],
      ]),
      lines('Frames that were not sent in time', 'Each is 20 ms of silence that somebody hears.', 'ops', [
        [`sum(${rate('dragoman_frames_missing_total')})`, 'missing'],
        [`sum(${rate('dragoman_frames_forgiven_total')})`, 'given up'],
      ]),
    ],
  },
  {
    question: 'How late are we?',
    panels: [
      lines(
        'End of speech to its last translation',
        'What was heard before the end of speech is not in it.',
        's',
        [...quantiles('translation_latency_seconds', [0.5, 0.95], 'stage="end_to_end"')],
      ),
      lines('Beginning of speech to first translated sound', 'For how long nothing is heard.', 's', [
        ...quantiles('dragoman_start_offset_seconds', [0.5, 0.95]),
      ]),
      lines('Speech that waits to be heard', 'On the leg where most of it waits.', 's', [
        [`max by (instance) (dragoman_playout_backlog_seconds{${HERE}})`, '{{instance}}'],
      ]),
      lines(
        'How fast translations are spoken',
        '1 is their natural speed; more where they fall behind.',
        'none',
        [[`max by (instance) (dragoman_tempo_ratio{${HERE}})`, '{{instance}}']],
      ),
    ],
  },
  {
    question: 'Which stage?',
    panels: [
      lines('Of an utterance, p95', 'Where the time after the end of speech goes.', 's', [
        [byLabel(0.95, 'translation_latency_seconds', 'stage'), '{{stage}}'],
      ]),
      lines('Of a segment, p95', 'From where it is cut off to its first sound.', 's', [
        [byLabel(0.95, 'dragoman_segment_latency_seconds', 'stage'), '{{stage}}'],
      ]),
      lines('Pieces that wait', 'The queue that grows stands before what is too slow.', 'short', [
        [`sum by (queue) (queue_depth{${HERE}})`, '{{queue}}'],
      ]),
      lines('How long pieces wait, p95', 'Frames to be heard, segments to be spoken.', 'ms', [
        [byLabel(0.95, 'queue_wait_time_milliseconds', 'queue'), '{{queue}}'],
      ]),
    ],
  },
  {
    question: 'Which engine?',
    panels: [
      lines(
        'Health',
        'By what each did in calls of late.',
        'short',
        [[`max by (component, engine) (dragoman_engine_health{${HERE}})`, '{{component}} {{engine}}']],
        HEALTHS,
      ),
      lines('Latency, p95', 'Of operations in calls that succeeded.', 's', [
        [
          byLabel(0.95, 'dragoman_engine_latency_seconds', 'component, engine, operation'),
          '{{component}} {{engine}} {{operation}}',
        ],
      ]),
      lines('Failures', 'Share of what each engine was asked that failed.', 'percentunit', [
        [
          `sum by (component, engine) (${rate('dragoman_engine_operations_total', 'outcome="failed"')}) / ` +
            `sum by (component, engine) (${rate('dragoman_engine_operations_total')})`,
          '{{component}} {{engine}}',
        ],
      ]),
      lines('What was done about it', 'Steps of recovery by tier.', 'ops', [
        [
          `sum by (component, tier, success) (${rate('recoveries_total')})`,
          '{{component}} {{tier}} success={{success}}',
        ],
      ]),
      lines('Under way', 'Of a recogniser a "stream" is a connection.', 'short', [
        [
          `sum by (component, engine, operation) (dragoman_engine_under_way{${HERE}})`,
          '{{component}} {{engine}} {{operation}}',
        ],
      ]),
      lines('Characters', 'Given to be translated and spoken: what providers charge for.', 'ops', [
        [
          `sum by (component, engine) (${rate('dragoman_engine_characters_total')})`,
          '{{component}} {{engine}}',
        ],
      ]),
      lines('Speech', 'Seconds of it a second, given to be recognised.', 'none', [
        [
          `sum by (component, engine) (${rate('dragoman_engine_speech_seconds_total')})`,
          '{{component}} {{engine}}',
        ],
      ]),
      lines('Errors', 'Those that calls worked around.', 'ops', [
        [`sum by (component, error_type) (${rate('errors_total')})`, '{{component}} {{error_type}}'],
      ]),
    ],
  },
  {
    question: 'How full are we?',
    panels: [
      lines('Legs of those allowed', 'At 1 calls are refused.', 'percentunit', [
        [`active_channels{${HERE}} / dragoman_legs_limit{${HERE}}`, '{{instance}}'],
      ]),
      lines('Legs by door', 'The way they came in.', 'short', [
        [`sum by (door) (dragoman_door_legs{${HERE}})`, '{{door}}'],
      ]),
      lines('Renderings', 'Each is a stream of translations and of speech.', 'short', [
        [
          `sum by (source_lang, target_lang) (dragoman_renderings{${HERE}})`,
          '{{source_lang}} to {{target_lang}}',
        ],
      ]),
      lines('Threads', 'At 1 one is full.', 'percentunit', [
        [rate('dragoman_thread_seconds_total'), '{{instance}} {{thread}}'],
      ]),
      lines(
        'How late the main thread is, p99',
        'Engines wait for it; the sound of AudioSocket does not.',
        's',
        [...quantiles('dragoman_event_loop_lag_seconds', [0.99])],
      ),
      lines('How late frames are sent, p99', 'Telephones even out some 20 ms.', 's', [
        ...quantiles('dragoman_pacing_lateness_seconds', [0.99]),
      ]),
      lines('Audio that was dropped', 'From which queue: what comes after it is too slow.', 'ops', [
        [`sum by (queue) (${rate('dragoman_queue_dropped_total')})`, '{{queue}}'],
      ]),
      lines('Memory', 'Of the process.', 'bytes', [
        [`process_resident_memory_bytes{job="dragoman", ${HERE}}`, '{{instance}}'],
      ]),
    ],
  },
  {
    question: 'Is kept what is to be kept?',
    panels: [
      lines('Calls that are recorded', 'At 1 below it: the disk has no room for them.', 'short', [
        [`sum(dragoman_recordings_active{${HERE}})`, 'recorded'],
        [`sum(dragoman_recording_full{${HERE}})`, 'disk full'],
      ]),
      lines('Written by the recorder', 'Sound, and what engines answered.', 'Bps', [
        [`sum(${rate('dragoman_recording_bytes_total')})`, 'bytes'],
      ]),
      lines('Missing from recordings', 'Its disk is slow or full, or the recorder stood still.', 'ops', [
        [`sum(${rate('dragoman_recording_frames_dropped_total')})`, 'frames'],
        [`sum(${rate('dragoman_recording_notes_dropped_total')})`, 'notes'],
      ]),
      lines('Records and transcripts', '"lost" could not be written.', 'ops', [
        [`sum by (what) (${rate('dragoman_records_total')})`, '{{what}}'],
      ]),
    ],
  },
  {
    question: 'Do the nodes serve together?',
    panels: [
      lines('Nodes, as each knows them', 'All are to know the same ones; "lost" wants a look.', 'short', [
        [`dragoman_cluster_members{${HERE}}`, '{{instance}} {{state}}'],
      ]),
      lines('NATS is there', 'At 0 calls go on, but at no other node.', 'short', [
        [`dragoman_cluster_connected{${HERE}}`, '{{instance}}'],
      ]),
      lines('Calls that could go on here', 'Of all nodes: it is to be the same on each.', 'short', [
        [`dragoman_cluster_records{${HERE}}`, '{{instance}}'],
      ]),
      lines('Legs passed on to other nodes', 'Many: both legs of a call should dial one node.', 'short', [
        [`dragoman_cluster_relayed_legs{${HERE}}`, '{{instance}}'],
      ]),
      lines('Calls that changed their node', 'Taken over, given away, lost to another.', 'ops', [
        [`sum(${rate('dragoman_cluster_adoptions_total')})`, 'taken over'],
        // None is counted until the first.
        [`sum(${rate('dragoman_cluster_handovers_total')}) or vector(0)`, 'given away'],
        [`sum(${rate('dragoman_cluster_yielded_total')})`, 'another had them by right'],
      ]),
      lines('Nodes that fell silent', 'Or that could not be reached.', 'ops', [
        [`sum by (instance) (${rate('dragoman_cluster_nodes_lost_total')})`, '{{instance}}'],
      ]),
    ],
  },
];

/** Of 24 columns. */
const WIDTH = 6;
const HEIGHT = { stat: 4, timeseries: 8 };
const COLUMNS = 24;
const SOURCE = { type: 'prometheus', uid: '$datasource' };

/** The whole of it, as Grafana's file has it. */
export function dashboard(): Readonly<Record<string, unknown>> {
  const panels: Readonly<Record<string, unknown>>[] = [];
  let y = 0;
  for (const { question, panels: own } of ROWS) {
    panels.push({
      ...numbered(panels),
      type: 'row',
      title: question,
      collapsed: false,
      gridPos: at(0, y, COLUMNS, 1),
    });
    y += 1;
    for (const type of ['stat', 'timeseries'] as const) {
      const ofType = own.filter((panel) => panel.type === type);
      for (const [index, panel] of ofType.entries()) {
        const place = at(
          (index * WIDTH) % COLUMNS,
          y + Math.floor((index * WIDTH) / COLUMNS) * HEIGHT[type],
          WIDTH,
          HEIGHT[type],
        );
        panels.push({ ...numbered(panels), ...shown(panel), gridPos: place });
      }
      y += Math.ceil((ofType.length * WIDTH) / COLUMNS) * HEIGHT[type];
    }
  }
  return {
    uid: 'dragoman',
    title: 'dragoman',
    tags: ['dragoman', 'asterisk'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [dataSource(), instances()] },
    panels,
  };
}

function shown({ title, description, unit, type, queries, names }: Panel) {
  const mappings =
    names === undefined
      ? []
      : [
          {
            type: 'value',
            options: Object.fromEntries(Object.entries(names).map(([value, text]) => [value, { text }])),
          },
        ];
  return {
    type,
    title,
    description,
    datasource: SOURCE,
    fieldConfig: {
      defaults: { unit, mappings, min: unit === 'percentunit' || unit === 'short' ? 0 : null },
      overrides: [],
    },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

function dataSource() {
  return { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' };
}

function instances() {
  return {
    ...{ name: 'instance', label: 'machine', type: 'query', datasource: SOURCE },
    query: { query: 'label_values(dragoman_legs_limit, instance)', refId: 'instances' },
    ...{ includeAll: true, multi: true, refresh: 2, sort: 1, current: { text: 'All', value: '$__all' } },
  };
}

function numbered(before: readonly unknown[]) {
  return { id: before.length + 1 };
}

function at(x: number, y: number, w: number, h: number) {
  return { x, y, w, h };
}

function stat(title: string, description: string, unit: string, expr: string, names?: Panel['names']): Panel {
  const panel = { title, description, unit, type: 'stat', queries: [{ expr, legend: '' }] } as const;
  return names === undefined ? panel : { ...panel, names };
}

function lines(
  title: string,
  description: string,
  unit: string,
  queries: readonly (readonly [expr: string, legend: string])[],
  names?: Panel['names'],
): Panel {
  const each = queries.map(([expr, legend]) => ({ expr, legend }));
  const panel = { title, description, unit, type: 'timeseries', queries: each } as const;
  return names === undefined ? panel : { ...panel, names };
}

function rate(name: string, ...matchers: readonly string[]): string {
  return `rate(${name}{${[HERE, ...matchers].join(', ')}}[$__rate_interval])`;
}

/** A query for each share, of all series together. */
function quantiles(
  name: string,
  shares: readonly number[],
  ...matchers: readonly string[]
): readonly (readonly [string, string])[] {
  return shares.map((share) => [
    `histogram_quantile(${share}, sum by (le) (${rate(`${name}_bucket`, ...matchers)}))`,
    `p${share * 100}`,
  ]);
}

/** A share of each value of a label, or of several. */
function byLabel(share: number, name: string, labels: string): string {
  return `histogram_quantile(${share}, sum by (le, ${labels}) (${rate(`${name}_bucket`)}))`;
}
