/** `dragoman quality`: what an operator asks of the interpreting weekly, from the records of a running service. */

import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Clock, systemClock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { percentile } from '../../base/percentile.ts';
import type { CallDetail } from '../../call/detail/call-detail.ts';
import { type DirectionQuality, qualityOf, type TalkQuality, talkOf } from '../../call/detail/quality.ts';
import { MT_ENGINES } from '../../engines/registry.ts';
import { readProviders } from '../config/providers.ts';
import type { CliContext } from '../context.ts';
import { jsonText } from '../json-text.ts';
import { addServiceOptions, ServiceApi } from '../service-api.ts';
import type { WrittenAddress } from '../status-address.ts';
import { textTable } from '../text-table.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { WordOption } from '../word-option.ts';
import { type BackTranslation, samplesOf, type Translate, translateBack } from './back-translation.ts';
import { recordsOf } from './records-command.ts';

interface QualityOptions extends WrittenAddress {
  readonly from?: string;
  readonly until?: string;
  readonly backTranslate: number;
  readonly mt?: string;
  readonly json?: true;
}

const HELP = `
DELAY is from the end of speech to the first sound of its last translation: the median of the calls' own medians and 95th
percentiles, and WORST, the longest of these. FAILED and NUMBERS are shares of utterances: not rendered at all, and with
another number than was said. CHANGED: of a hundred words that were rendered, so many did the final hearing contradict.
REPAIRED: numbers and terms that translation had lost and that were put in.

--back-translate takes so many utterances of calls with transcripts, translates their translations back and tells how much of
what was said comes back (chrF, 0 to 100). It is a warning light and no mark: two machines can make the same mistake there and
back, and a good translation can come back in other words. Another engine than the calls' own sees more: --mt, with its key
in the environment as for serve. It costs what the engine charges, and shows what was said.

Exit status: 0 told; 1 there are no records, or nobody answers; 2 what was asked for is wrong.`;

const TRANSLATED = z.object({ text: z.string() });
/** Calls that are read at most: the latest. */
const MOST_CALLS = 50_000;
/** Samples that came back worst and are shown. */
const MOST_SHOWN = 5;

export function qualityCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('quality')
    .description('how well a running service has interpreted, from the records of its calls')
    .allowExcessArguments(false)
    .option('--from <day>', 'calls that ended on this day or later, such as 2026-11-22')
    .option('--until <day>', 'calls that ended on this day or before')
    .addOption(
      new Option('--back-translate <utterances>', 'so many are translated back, as a warning light')
        .default(0)
        .argParser(numberIn),
    )
    .addOption(
      new WordOption('--mt <engine>', 'what translates back (default: what the service translates with)', [
        ...MT_ENGINES.keys(),
      ]),
    )
    .option('--json', 'print it as JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((options: QualityOptions) =>
      untilInterrupted(context.signals, async (signal) => {
        const scope = options.backTranslate > 0 ? 'captions' : 'read';
        const api = new ServiceApi(options, context, { scope, clock, signal });
        try {
          const records: CallDetail[] = [];
          for await (const record of recordsOf(api, options)) {
            if (records.push(record) === MOST_CALLS) {
              break;
            }
          }
          if (records.length === 0) {
            throw new AppError(
              'file-unreadable',
              'there are no records of these days: the service keeps them with --records',
            );
          }
          const talk = talkOf(records);
          const directions = qualityOf(records);
          const back = await cameBack(records, options, api, { context, clock, signal });
          const text =
            options.json === true
              ? jsonText({ talk, directions, back: back.came, notTranslatedBack: back.refused })
              : [talkText(talk), '', ...directionLines(directions), ...backLines(back)].join('\n');
          context.writeOut(`${text}\n`);
        } finally {
          await api.close();
        }
      }),
    );
}

interface Asking {
  readonly context: CliContext;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function cameBack(
  records: readonly CallDetail[],
  { backTranslate, mt, ...written }: QualityOptions,
  api: ServiceApi,
  asking: Asking,
): Promise<BackTranslation> {
  if (backTranslate === 0) {
    return { came: [], refused: [] };
  }
  const samples = await samplesOf(api, records, backTranslate);
  if (mt !== undefined) {
    return withEngine(mt, asking, (translate) => translateBack(samples, translate));
  }
  const { context, clock, signal } = asking;
  const translating = new ServiceApi(written, context, { scope: 'control', clock, signal });
  try {
    return await translateBack(
      samples,
      async (text, from, to) =>
        (await translating.asked('/api/v1/translate', { text, from, to }, TRANSLATED)).text,
    );
  } finally {
    await translating.close();
  }
}

async function withEngine<T>(
  name: string,
  { context, clock, signal }: Asking,
  work: (translate: Translate) => Promise<T>,
): Promise<T> {
  const entry = MT_ENGINES.get(name);
  const { providers, problems } = readProviders(context.environment);
  if (entry === undefined || problems.length > 0) {
    throw new AppError(
      'bad-option',
      entry === undefined
        ? `--mt: there is no engine "${name}": write one of ${[...MT_ENGINES.keys()].join(', ')}`
        : problems.join('\n'),
    );
  }
  const engine = entry.create({ clock, sttModels: new Map(), providers });
  try {
    return await work((text, from, to) => engine.translate({ text, from, to, context: [] }, signal));
  } finally {
    await engine.close();
  }
}

function talkText({
  calls,
  minutes,
  deadAirShare,
  talkOverShare,
  uninterpreted,
  streamsReplaced,
}: TalkQuality): string {
  return (
    `${calls} calls, ${minutes} minutes; nobody heard ${percent(deadAirShare)} of the time, two at once ` +
    `${percent(talkOverShare)}; ${uninterpreted} utterances heard as they are, ${streamsReplaced} streams of recognition replaced`
  );
}

const HEAD = [
  'DIRECTION',
  'ENGINES',
  'CALLS',
  'SAID',
  'DELAY',
  '95 %',
  'WORST',
  'FAILED',
  'NUMBERS',
  'CHANGED',
  'REPAIRED',
  'FAILOVERS',
];

function directionLines(directions: readonly DirectionQuality[]): readonly string[] {
  return textTable([
    HEAD,
    ...directions.map((each) => [
      `${each.from} > ${each.to}`,
      each.engines,
      String(each.calls),
      String(each.utterances),
      seconds(each.delayP50Ms),
      seconds(each.delayP95Ms),
      seconds(each.worstP95Ms),
      percent(each.failedShare),
      percent(each.numbersLostShare),
      each.contradictedInHundred?.toFixed(1) ?? '',
      String(each.repaired),
      String(each.failovers),
    ]),
  ]);
}

function backLines({ came: back, refused }: BackTranslation): readonly string[] {
  const not = refused.map(({ from, to, reason }) => `${from} > ${to} is not translated back: ${reason}`);
  if (back.length === 0) {
    return not.length === 0 ? [] : ['', ...not];
  }
  const directions = [...new Set(back.map(({ from, to }) => `${from} > ${to}`))];
  const of = (direction: string): readonly number[] =>
    back.filter(({ from, to }) => `${from} > ${to}` === direction).map((each) => each.chrf);
  return [
    '',
    'Translated back, a warning light and no mark (chrF, 0 to 100):',
    ...textTable([
      ['DIRECTION', 'UTTERANCES', 'MEDIAN', 'LOWEST'],
      ...directions.map((direction) => [
        direction,
        String(of(direction).length),
        (percentile(of(direction), 0.5) ?? 0).toFixed(0),
        Math.min(...of(direction)).toFixed(0),
      ]),
    ]),
    ...not,
    '',
    ...back.slice(0, MOST_SHOWN).flatMap(({ call, from, to, said, translation, back: again, chrf }) => [
      `${chrf.toFixed(0)}  call ${call}`,
      ...textTable([
        [`  ${from}`, said],
        [`  ${to}`, translation],
        ['  back', again],
      ]),
    ]),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${(ms / 1_000).toFixed(1)} s`;
}

function numberIn(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 1_000) {
    throw new AppError(
      'bad-option',
      `--back-translate: "${text}" is no number of utterances up to 1000: write 20`,
    );
  }
  return count;
}
