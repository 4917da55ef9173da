/** What is kept of calls when they are over. Nothing is, unless it is asked for here. */

import { isAbsolute } from 'node:path';
import { AppError } from '../../../base/errors.ts';
import { DIGITS, parseRedaction } from '../../../call/transcript/redaction.ts';
import { parseDatabaseUrl } from '../../../server/records/database/database-link.ts';
import { parseCurrency, parsePrice } from '../../../server/records/prices.ts';
import { many, one, oneOrNone, setting } from '../setting.ts';
import { isOff, parseDaysOrOff, parseSwitch } from '../values.ts';
import { mapped } from './readers.ts';

const GROUP = 'What is kept of calls:';
/** Ten years. */
const MOST_DAYS = 3_653;

export const RECORDS = {
  records: setting({
    key: 'records',
    kind: 'one',
    group: GROUP,
    placeholder: 'directory|off',
    help:
      'where a record of each call is kept when it is over, a line of JSON in a file for each day: when, by which door, in ' +
      'which languages, how well, who hung up and why, and no word of what was said',
    fallback: ['off'],
    words: ['/var/lib/dragoman/records', 'off'],
    read: one(parseDirectoryOrOff),
  }),
  recordNumbers: setting({
    key: 'record-numbers',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help: 'keep the names of parties and what was dialled, too',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  transcripts: setting({
    key: 'transcripts',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help:
      'keep what was said, too, below the directory of --records: captions in each language (WebVTT, SRT), JSON, and text ' +
      'side by side',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  redact: setting({
    key: 'redact',
    kind: 'texts',
    group: GROUP,
    placeholder: `${DIGITS}|pattern`,
    help:
      `what is taken out of everything that is kept as text: ${DIGITS} for numbers of four digits and more, written or said, ` +
      'or a regular expression; may be written several times',
    fallback: [],
    fallbackHelp: 'nothing',
    words: [DIGITS],
    read: many(parseRedaction),
  }),
  keepRecordsDays: setting({
    key: 'keep-records',
    kind: 'one',
    group: GROUP,
    placeholder: 'days|off',
    help: 'how long records are kept; off: for ever',
    fallback: ['365'],
    read: one(parseDaysOrOff(MOST_DAYS)),
  }),
  keepTranscriptsDays: setting({
    key: 'keep-transcripts',
    kind: 'one',
    group: GROUP,
    placeholder: 'days|off',
    help: 'how long transcripts are kept; off: for ever',
    fallback: ['30'],
    read: one(parseDaysOrOff(MOST_DAYS)),
  }),
  recordsDbUrl: setting({
    key: 'records-db-url-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file that holds the address of a PostgreSQL which records are brought into, too, postgres://user:password@host/name; ' +
      'or DRAGOMAN_RECORDS_DB_URL is the address itself',
    fallback: [],
    fallbackHelp: 'files only',
    inFile: true,
    read: oneOrNone(parseDatabaseUrl),
  }),
  prices: setting({
    key: 'price',
    kind: 'many',
    group: GROUP,
    placeholder: 'engine=amount,...',
    help:
      'what engines cost, so that records say what a call did: deepl=20 for a million characters, deepgram=0.0077 for a minute ' +
      'of sound',
    fallback: [],
    read: mapped(parsePrice, 'names an engine twice: write each once'),
  }),
  currency: setting({
    key: 'currency',
    kind: 'one',
    group: GROUP,
    placeholder: 'code',
    help: 'of --price',
    fallback: ['USD'],
    read: one(parseCurrency),
  }),
} as const;

/** An absolute path, since a service has no folder that it is in; or `off`. */
function parseDirectoryOrOff(text: string): string | undefined {
  if (isOff(text)) {
    return undefined;
  }
  if (!isAbsolute(text) || /\p{Cc}/u.test(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no directory: write its whole path, such as /var/lib/dragoman/records, or off`,
    );
  }
  return text.replace(/(?<=.)\/+$/, '');
}
