/** `dragoman records`: what a running service has kept of calls, and to remove it. */

import { Argument, Command, Option } from 'commander';
import { type Clock, systemClock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { shownJson } from '../../base/shown-text.ts';
import type { CallDetail } from '../../call/detail/call-detail.ts';
import { RECORD_LIST, REMOVAL, SHOWN_RECORD } from '../../server/http/api/record-routes.ts';
import type { Scope } from '../../server/http/api/token-file.ts';
import { CALL_SUMMARY } from '../../server/records/summary/summaries.ts';
import type { CliContext } from '../context.ts';
import { jsonLine, jsonText } from '../json-text.ts';
import { addServiceOptions, ServiceApi } from '../service-api.ts';
import type { WrittenAddress } from '../status-address.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { csvHead, csvLine } from './records-csv.ts';
import { recordLines, recordText } from './records-text.ts';

const ACTIONS = ['list', 'show', 'export', 'remove', 'purge'] as const;
/** How one call is shown. */
const FORMATS = ['text', 'json', 'txt', 'vtt', 'srt', 'transcript', 'summary'] as const;

interface RecordsOptions extends WrittenAddress {
  readonly from?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit: number;
  readonly as: (typeof FORMATS)[number];
  readonly language?: string;
  readonly csv?: true;
  readonly json?: true;
}

const HELP = `
  $ dragoman records list --from 2026-11-01
  $ dragoman records show 5f0c21aa93b7de10
  $ dragoman records show 5f0c21aa93b7de10 --as vtt --language es > captions.vtt
  $ dragoman records export --csv --from 2026-11-01 --until 2026-11-30 > november.csv
  $ dragoman records remove 5f0c21aa93b7de10
  $ dragoman records purge --before 2026-10-01

The service keeps records with --records, and what was said with --transcripts. CSV has the columns of Asterisk's own records
first, in their order; all times are UTC. What is removed is gone: the record, from the database too, the transcript, the
summary and the recording. A copy that was made elsewhere is not.

Exit status: 0 done; 1 there is no such record, or nobody answers; 2 what was asked for is wrong.`;

export function recordsCommand(context: CliContext, clock: Clock = systemClock): Command {
  const command = new Command('records')
    .description('list, show, export and remove what a running service has kept of calls')
    .addArgument(new Argument('<action>', 'what is to be done').choices(ACTIONS))
    .argument('[call]', 'which call, for show and remove: all of what "records list" shows')
    .option('--from <day>', 'list, export: calls that ended on this day or later, such as 2026-11-29')
    .option('--until <day>', 'list, export: calls that ended on this day or before')
    .option('--before <day>', 'purge: all that ended before this day is removed')
    .addOption(
      new Option('--limit <records>', 'list: so many at most')
        .default(50)
        .argParser((text) => numberIn(text)),
    )
    .addOption(
      new Option(
        `--as <${FORMATS.join('|')}>`,
        'show: the record for people or as JSON; what was said, side by side, as WebVTT, SubRip or JSON; the summary',
      )
        .choices(FORMATS)
        .default('text'),
    )
    .option('--language <tag>', 'show: the language of vtt and srt (default: the first)')
    .option('--csv', 'export: CSV in place of a line of JSON for each call')
    .option('--json', 'list, show: print JSON');
  return addServiceOptions(command)
    .addHelpText('after', HELP)
    .action((action: (typeof ACTIONS)[number], call: string | undefined, written: RecordsOptions) =>
      untilInterrupted(context.signals, async (signal) => {
        const api = new ServiceApi(written, context, { scope: scopeOf(action, written), clock, signal });
        try {
          await act(action, call, written, api, (line) => context.writeOut(`${line}\n`));
        } finally {
          await api.close();
        }
      }),
    );
}

async function act(
  action: (typeof ACTIONS)[number],
  call: string | undefined,
  options: RecordsOptions,
  api: ServiceApi,
  write: (line: string) => void,
): Promise<void> {
  switch (action) {
    case 'list': {
      const records: CallDetail[] = [];
      for await (const record of recordsOf(api, options)) {
        if (records.length === options.limit) {
          break;
        }
        records.push(record);
      }
      write(options.json === true ? jsonText(records) : recordLines(records).join('\n'));
      break;
    }
    case 'export':
      if (options.csv === true) {
        write(csvHead());
      }
      for await (const record of recordsOf(api, options)) {
        write(options.csv === true ? csvLine(record) : jsonLine(record));
      }
      break;
    case 'show':
      write(await shown(pathOf(call), options.json === true ? { ...options, as: 'json' } : options, api));
      break;
    case 'remove': {
      const { records, files, rows } = await api.remove(pathOf(call), REMOVAL);
      const row = rows === undefined ? '' : `, ${rows} of the database`;
      write(`removed: ${records} record${row}, ${files === 0 ? 'no files' : 'its files'}`);
      break;
    }
    case 'purge': {
      if (options.before === undefined) {
        throw new AppError(
          'bad-option',
          'which calls are to be removed is not written: write --before 2026-10-01',
        );
      }
      const query = new URLSearchParams({ before: options.before });
      const { records, files, rows } = await api.remove(`/api/v1/records?${query}`, REMOVAL);
      const row = rows === undefined ? '' : `, ${rows} of the database`;
      write(`removed: the records of ${records} days${row}, the files of ${files} calls`);
      break;
    }
  }
}

/** Page by page, the latest first. */
export async function* recordsOf(
  api: ServiceApi,
  { from, until }: { readonly from?: string | undefined; readonly until?: string | undefined },
): AsyncGenerator<CallDetail> {
  let after: string | undefined;
  do {
    const query = new URLSearchParams({
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      ...(after === undefined ? {} : { after }),
    });
    const list = await api.read(`/api/v1/records?${query}`, RECORD_LIST);
    yield* list.records;
    after = list.next;
  } while (after !== undefined);
}

async function shown(path: string, { as, language }: RecordsOptions, api: ServiceApi): Promise<string> {
  switch (as) {
    case 'text':
      return recordText(await api.read(path, SHOWN_RECORD));
    case 'json':
      return jsonText(await api.read(path, SHOWN_RECORD));
    case 'summary': {
      const { summaries, model } = await api.read(`${path}/summary`, CALL_SUMMARY);
      const texts = Object.entries(summaries).map(([tag, text]) => `${tag}:\n${text}\n`);
      return [...texts, `Written by ${model} from what machines heard: not to be relied on.`].join('\n');
    }
    case 'txt':
    case 'vtt':
    case 'srt':
    case 'transcript': {
      const format = as === 'transcript' ? 'json' : as;
      const query = new URLSearchParams({ format, ...(language === undefined ? {} : { language }) });
      const text = (await api.text(`${path}/transcript?${query}`)).trimEnd();
      return format === 'json' ? shownJson(text) : text;
    }
  }
}

function pathOf(call: string | undefined): string {
  if (call === undefined) {
    throw new AppError('bad-option', 'which call is not written; "dragoman records list" lists what is kept');
  }
  return `/api/v1/records/${encodeURIComponent(call)}`;
}

function scopeOf(action: (typeof ACTIONS)[number], { as, json }: RecordsOptions): Scope {
  if (action === 'remove' || action === 'purge') {
    return 'control';
  }
  return action === 'show' && as !== 'text' && as !== 'json' && json !== true ? 'captions' : 'read';
}

function numberIn(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1) {
    throw new AppError('bad-option', `--limit: "${text}" is no number of records: write 50`);
  }
  return limit;
}
