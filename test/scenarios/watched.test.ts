/**
 * A service with calls as somebody sees it who watches: what it says of itself against the catalogue, promtool, and a
 * real Prometheus that is asked everything that the dashboard and the alerts ask.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { CALL_DETAIL } from '../../src/call/detail/call-detail.ts';
import { TRANSCRIPT } from '../../src/call/transcript/transcript.ts';
import { METRICS } from '../../src/server/metrics/metric-catalogue.ts';
import { callFolder } from '../../src/server/recording/call-folder.ts';
import { concatPcm, loadLibrivoxClips, silence } from '../asterisk/audio.ts';
import { newCallUuids, StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { alertQueries, dashboardQueries, type NamedQuery } from '../docker/queries.ts';
import { type DeepgramStandIn, startDeepgram } from '../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../stand-ins/deepl.ts';
import { LibretranslateStandIn } from '../stand-ins/libretranslate.ts';
import { type CollectedSpan, OtlpCollector, valuesOf } from '../stand-ins/otlp-collector.ts';
import { XttsStandIn } from '../stand-ins/xtts.ts';
import { removeFolder } from '../support/folders.ts';
import { Nats, withoutNats } from '../support/nats.ts';
import { endsWithUs } from '../support/processes.ts';
import { Prometheus, promtool, withoutPrometheus } from '../support/prometheus.ts';
import { eventually, within } from '../support/waiting.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LIMIT_MS = 60_000;
const KEY = 'stand-in-key';
/** What hurts, another thing each time: what was translated before is not asked for again. */
const NOUNS =
  'head hand foot back knee neck ear eye arm leg tooth thumb heel chin hip jaw nose toe lip wrist'.split(' ');
let said = 0;
/** So many calls are made at most until one is whole. */
const MOST_CALLS = 2;

function nextWords() {
  const noun = NOUNS[said % NOUNS.length] ?? '';
  said += 1;
  const words = ['does', 'your', noun, 'hurt?'];
  return words.map((text, index) => ({ text, startMs: 100 + 250 * index, endMs: 300 + 250 * index }));
}

/** What these say may be so on a machine that stands still: their rules are tested with promtool alone. */
const OF_THE_MACHINE = [
  'DragomanFramesMissing',
  'DragomanLate',
  'DragomanLoopLate',
  'DragomanSoundLate',
  'DragomanThreadFull',
];

/** What such calls do not make appear: other doors, what nobody asks for, engines of another kind, faults of ours. */
const NOT_IN_SUCH_CALLS = new RegExp(
  `^dragoman_(cluster_\\w+|(${[
    ...[
      'agent_conversations',
      'agi_requests',
      'ari_\\w+',
      'rtp_refused',
      'speech_made_up',
      'voices_refused',
      'voice_lookups',
    ],
    ...['rejoins', 'party_resets', 'party_changes', 'recognition_streams_replaced'],
    ...['recording_\\w+', 'recorder_\\w+', 'records_forwarded', 'summaries'],
  ].join('|')})_total)$`,
);

const LOG_LINE = z.looseObject({
  msg: z.string(),
  address: z.string().optional(),
  addresses: z.array(z.string()).optional(),
});

type LogLine = z.infer<typeof LOG_LINE>;

/** `dragoman serve` between English and Spanish, and the engines it asks. */
class Service {
  readonly #child: ChildProcess;
  /** Of the log. */
  readonly lines: readonly LogLine[];
  readonly port: number;
  readonly metrics: string;

  private constructor(child: ChildProcess, lines: readonly LogLine[]) {
    const line = (message: string) => lines.find(({ msg }) => msg === message);
    this.#child = child;
    this.lines = lines;
    this.port = Number(line('listening')?.addresses?.[0]?.split(':').pop());
    this.metrics = line('serving metrics')?.address ?? '';
  }

  static async start(
    env: Readonly<Record<string, string>>,
    records: string,
    traces: string,
    cluster: readonly string[],
  ): Promise<Service> {
    const child = spawn(
      process.execPath,
      [
        ...[
          MAIN,
          'serve',
          '--pair',
          'en:es',
          '--stt',
          'deepgram',
          '--mt',
          'deepl,libretranslate',
          '--tts',
          'xtts',
        ],
        ...['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--metrics', '127.0.0.1:0', '--rejoin', '0'],
        ...['--records', records, '--transcripts', '--price', 'deepl=20,deepgram=0.01', '--traces', traces],
        ...cluster,
      ],
      { env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    endsWithUs(child);
    const lines: LogLine[] = [];
    createInterface({ input: child.stdout }).on('line', (text) =>
      lines.push(LOG_LINE.parse(JSON.parse(text))),
    );
    await eventually('the service is ready', LIMIT_MS, () =>
      lines.some(({ msg }) => msg === 'ready for calls'),
    );
    return new Service(child, lines);
  }

  async exposed(): Promise<string> {
    return await (await fetch(`http://${this.metrics}/metrics`)).text();
  }

  /** The value of a sample by name and labels as they are written; undefined when there is none. */
  async value(sample: string): Promise<number | undefined> {
    const line = (await this.exposed()).split('\n').find((each) => each.startsWith(`${sample} `));
    return line === undefined ? undefined : Number(line.slice(sample.length + 1));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

describe('a service with calls', { timeout: 235_000 }, () => {
  let deepgram: DeepgramStandIn;
  let deepl: DeeplStandIn;
  let libretranslate: LibretranslateStandIn;
  let xtts: XttsStandIn;
  let service: Service;
  let collector: OtlpCollector;
  let records: string;
  let prometheus: Prometheus | undefined;
  const legs: StrictAsterisk[] = [];
  /** What the log says of the call that is over and judged. */
  let over: LogLine;
  let nats: Nats | undefined;
  const skip = withoutPrometheus() ?? withoutNats();

  before(async () => {
    const script = { type: 'bursts', choose: () => ({ words: nextWords() }) } as const;
    [deepgram, deepl, libretranslate, xtts, collector] = await Promise.all([
      startDeepgram({ script }),
      DeeplStandIn.open(),
      LibretranslateStandIn.open(),
      XttsStandIn.start(),
      OtlpCollector.open(),
    ]);
    records = await mkdtemp(join(tmpdir(), 'dragoman-watched-'));
    nats = skip === undefined ? await Nats.open() : undefined;
    service = await Service.start(
      {
        ...{ DEEPGRAM_API_KEY: KEY, DEEPGRAM_URL: deepgram.url, DEEPL_API_KEY: KEY, DEEPL_URL: deepl.url },
        ...{ LIBRETRANSLATE_URL: libretranslate.url, XTTS_URL: xtts.url },
      },
      records,
      collector.url,
      nats === undefined ? [] : ['--cluster', `nats://${nats.address}`],
    );
    prometheus = skip === undefined ? await Prometheus.open(service.metrics) : undefined;
    over = await wholeCall();
    // One more goes on while it is looked at; its first words are translated by the second engine, or by none.
    deepl.failAll({ type: 'status', status: 503 });
    libretranslate.failAll(undefined);
    legs.push(...(await ringBoth()));
    await speakUntil('mt failed over', async () => (await service.value(FAILED_OVER)) !== 0);
    libretranslate.failAll({ type: 'status', status: 500 });
    await speakUntil('an utterance failed', async () => (await service.value(FAILED)) !== 0);
    deepl.failAll(undefined);
    libretranslate.failAll(undefined);
    const spokenBefore = (await service.value(SPOKEN)) ?? 0;
    await speakUntil(
      'it is translated again',
      async () => ((await service.value(SPOKEN)) ?? 0) > spokenBefore,
    );
  });
  after(async () => {
    for (const leg of legs) {
      leg.hangUp();
    }
    await prometheus?.close();
    service.stop();
    await nats?.close();
    await removeFolder(records);
    await Promise.all(
      [deepgram, deepl, libretranslate, collector].map((standIn) => standIn.close()).concat(xtts.close()),
    );
  });

  const FAILED_OVER = 'recoveries_total{component="mt",tier="failover",success="true"}';
  const SPOKEN = 'translations_completed_total{outcome="spoken"}';
  const FAILED = 'translations_completed_total{outcome="failed"}';

  async function ringBoth(): Promise<readonly StrictAsterisk[]> {
    const [first, second] = newCallUuids();
    const options = { port: service.port, rateHz: 16_000 } as const;
    return [
      await StrictAsterisk.connect({ ...options, uuid: first }),
      await StrictAsterisk.connect({ ...options, uuid: second }),
    ];
  }

  /**
   * Makes calls until one was interpreted in one piece and by the first engines: where this machine stands still, a
   * sentence falls into two, or what the engines answer is too late.
   * @returns what the log says of it.
   */
  async function wholeCall(): Promise<LogLine> {
    const ended = (): readonly LogLine[] => service.lines.filter(({ msg }) => msg === 'a call has ended');
    for (let calls = 1; calls <= MOST_CALLS; calls += 1) {
      await callOnce();
      await eventually('the call is in the log', LIMIT_MS, () => ended().length === calls);
      const [line] = ended().slice(-1);
      const isOnePiece = isDeepStrictEqual(line?.utterances, { spoken: 1 }) && Number(line?.speechS) > 1;
      if (line !== undefined && isOnePiece && line.failovers === 0 && line.uninterpreted === 0) {
        return line;
      }
    }
    return assert.fail(`no call was whole: ${JSON.stringify(ended())}`);
  }

  /** A call in which something is interpreted, or fails, once. */
  async function callOnce(): Promise<void> {
    const [a, b] = await ringBoth();
    assert.ok(a !== undefined && b !== undefined);
    const over = async (): Promise<number> =>
      ((await service.value(SPOKEN)) ?? 0) + ((await service.value(FAILED)) ?? 0);
    const before = await over();
    a.speak(sentence());
    await eventually('something is translated', LIMIT_MS, async () => (await over()) > before);
    a.hangUp();
    await within('the other is hung up', LIMIT_MS, b.ended);
  }

  /** The first party of the call that goes on says a sentence after the other. */
  async function speakUntil(what: string, fact: () => Promise<boolean>): Promise<void> {
    const [a] = legs;
    assert.ok(a !== undefined);
    let spokenMs = Number.NEGATIVE_INFINITY;
    await eventually(what, LIMIT_MS, async () => {
      if (a.nowMs() - spokenMs > 6_000) {
        spokenMs = a.nowMs();
        a.speak(sentence());
      }
      return await fact();
    });
  }

  function sentence(): Int16Array {
    const [clip] = loadLibrivoxClips();
    assert.ok(clip !== undefined);
    return concatPcm(clip.pcm.subarray(0, 2 * 16_000), silence(1_000, 16_000));
  }

  it('makes everything of the catalogue appear that calls make, and nothing else of ours', async () => {
    const text = await service.exposed();
    const families = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    const ours = families.filter((name) => !/^(nodejs|process)_/.test(name));
    assert.deepEqual(new Set(ours), new Set(Object.keys(METRICS)));
    const sampled = new Set([...text.matchAll(/^([a-z_]+)[{ ]/gm)].map(([, name = '']) => name));
    const silent = ours.filter((name) => !sampled.has(name) && !sampled.has(`${name}_count`));
    assert.deepEqual(
      silent.filter((name) => !NOT_IN_SUCH_CALLS.test(name)),
      [],
    );
  });

  it('tells a collector where the time of each utterance went, one that nobody could translate among them', async () => {
    const outcomeOf = (span: CollectedSpan): unknown => valuesOf(span.attributes)['dragoman.outcome'];
    const wholes = await eventually('spoken and failed ones are collected', LIMIT_MS, () => {
      const found = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
      const outcomes = new Set(found.map(outcomeOf));
      return outcomes.has('spoken') && outcomes.has('failed') && found;
    });
    const spoken = wholes.find((span) => outcomeOf(span) === 'spoken');
    const stages = collector.spans.filter(({ parentSpanId }) => parentSpanId === spoken?.spanId);
    // What was done ahead took no time, and has no span.
    const names = new Set(stages.map(({ name }) => name));
    assert.ok(names.has('speech') && names.has('play'), [...names].join());
    const inside = ({ startTimeUnixNano, endTimeUnixNano }: CollectedSpan): boolean =>
      startTimeUnixNano >= (spoken?.startTimeUnixNano ?? '') &&
      endTimeUnixNano <= (spoken?.endTimeUnixNano ?? '');
    assert.ok(stages.every(inside), 'no stage is outside of its utterance');
    assert.doesNotMatch(JSON.stringify(collector.spans), /hurt|duele/);
  });

  it('sums up the call that is over: how the talk went, and what it cost', () => {
    const number = (name: string): number => Number(over[name]);
    // "does your head hurt?", once at least: what was worked out ahead and thrown away is charged for, too.
    assert.ok(number('mtCharacters') >= 20 && number('ttsCharacters') >= 20, JSON.stringify(over));
    assert.ok(number('speechS') < number('durationS'), JSON.stringify(over));
    assert.ok(number('firstSoundP50Ms') > 0 && number('firstSoundP95Ms') >= number('firstSoundP50Ms'));
  });

  it('keeps the record of the call that is over, and what was said in it with the times of its words', async () => {
    const [name = ''] = (await readdir(records)).filter((each) => each.endsWith('.jsonl'));
    const lines = (await readFile(join(records, name), 'utf8')).split('\n').filter((each) => each !== '');
    const line = lines.find((each) => JSON.parse(each).callId === over.call);
    assert.ok(line !== undefined, lines.join());
    const detail = CALL_DETAIL.parse(JSON.parse(line));
    const [direction] = detail.directions;
    assert.deepEqual([direction?.from, direction?.to, direction?.utterances.spoken], ['en', 'es', 1]);
    assert.ok(direction?.delay !== undefined && direction.words >= 3, line);
    assert.deepEqual(detail.engines.map(({ component, engine }) => `${component} ${engine}`).sort(), [
      'mt deepl',
      'stt deepgram',
      'tts xtts',
    ]);
    assert.ok(detail.cost !== undefined && detail.cost.amount > 0, line);
    assert.deepEqual(detail.cost.unpriced, ['xtts']);
    assert.doesNotMatch(line, /hurt/);
    const folder = callFolder(records, new Date(detail.startedAt), detail.call);
    const read = (file: string): Promise<string> =>
      eventually(`there is ${file}`, LIMIT_MS, () =>
        readFile(join(folder, file), 'utf8').catch(() => undefined),
      );
    const [said] = TRANSCRIPT.parse(JSON.parse(await read('transcript.json'))).lines;
    assert.match(said?.text ?? '', /does your \w+ hurt/i);
    assert.equal(said?.words?.length, 4, JSON.stringify(said));
    for (const { startMs, endMs } of said.words) {
      // The recogniser's clock and ours agree to within what is put before an utterance.
      assert.ok(startMs > said.startMs - 1_000 && endMs < said.endMs + 2_000, JSON.stringify(said));
    }
    assert.match(await read('captions.es.vtt'), /-->/);
    assert.match(await read('captions.en.srt'), /does your/i);
  });

  it('has nothing that promtool objects to but the two names that the field has in milliseconds', {
    skip,
  }, async () => {
    const { text } = promtool(['check', 'metrics'], await service.exposed());
    const objections = text.split('\n').filter((line) => line !== '');
    assert.deepEqual(
      objections.map((line) => line.split(' ')[0]).sort(),
      ['component_latency_milliseconds', 'queue_wait_time_milliseconds'],
      text,
    );
  });

  /** The queries that return nothing yet. */
  let silent: readonly string[] = [];

  /** Those that return nothing or no number, or lack a label that is shown. */
  async function silentOnes(queries: readonly NamedQuery[]): Promise<readonly string[]> {
    const asked = await Promise.all(
      queries.map(async ({ of, expr, shows }) => {
        const series = (await prometheus?.ask(expr)) ?? [];
        const numbers = series.filter(({ value }) => Number.isFinite(value));
        const nameless = series.flatMap(({ labels }) => shows.filter((label) => !(label in labels)));
        return numbers.length === 0 || nameless.length > 0 ? [`${of}: ${expr} ${nameless.join(' ')}`] : [];
      }),
    );
    return asked.flat();
  }

  it('answers everything that the dashboard asks', { skip }, async () => {
    const queries = dashboardQueries('1m');
    assert.ok(queries.length > 30);
    await eventually(
      () => `the dashboard is filled: ${JSON.stringify(silent)}`,
      LIMIT_MS,
      async () => {
        silent = await silentOnes(queries);
        return silent.length === 0;
      },
    );
  });
  it('answers everything that the alerts compare', { skip }, async () => {
    const queries = alertQueries('1m');
    assert.ok(queries.length > 15);
    await eventually(
      () => `the alerts have numbers: ${JSON.stringify(silent)}`,
      LIMIT_MS,
      async () => {
        silent = await silentOnes(queries);
        return silent.length === 0;
      },
    );
  });

  it('alerts of nothing that is not so: of a whole service with a call, nothing', { skip }, async () => {
    const firing = (await prometheus?.ask('ALERTS{alertstate="firing"}')) ?? [];
    assert.deepEqual(
      firing.map(({ labels }) => labels.alertname ?? '').filter((alert) => !OF_THE_MACHINE.includes(alert)),
      [],
    );
  });
});
