/** What is kept of calls: recordings, where, for how long, and how parties are told. */

import { isAbsolute } from 'node:path';
import { AppError } from '../../../base/errors.ts';
import { Secret } from '../../../base/secret.ts';
import { RECORDED, RECORDING_STARTS } from '../../../call/recording/recorder.ts';
import { type FreeSpace, LAYOUTS } from '../../../protocol/recording/recorder-orders.ts';
import { parseSealKey } from '../../../protocol/recording/seal-key.ts';
import { choice, one, oneOrNone, setting } from '../setting.ts';
import { isOff, parseDaysOrOff, parseSecondsOrOff, parseSwitch } from '../values.ts';
import { byLanguage } from './readers.ts';

const GROUP = 'Recording:';

const DAY_MS = 86_400_000;
const MOST_DAYS = 36_500;
const MB = 1_000_000;
const MOST_PERCENT = 90;

export const RECORDING = {
  record: setting({
    key: 'record',
    kind: 'one',
    group: GROUP,
    placeholder: RECORDED.join('|'),
    help:
      'what is kept of calls. voices: what everyone says. heard: what everyone hears. all: both, and the translations ' +
      'by themselves',
    fallback: ['off'],
    read: choice(...RECORDED),
  }),
  recordStart: setting({
    key: 'record-start',
    kind: 'one',
    group: GROUP,
    placeholder: RECORDING_STARTS.join('|'),
    help: 'when a call begins to be kept: with its first party, or once a party or the API asks for it',
    fallback: ['at-once'],
    read: choice(...RECORDING_STARTS),
  }),
  recordDir: setting({
    key: 'record-dir',
    kind: 'one',
    group: GROUP,
    placeholder: 'folder',
    help: 'where recordings are kept, a folder a day and call in it; neither numbers nor names are in the paths',
    fallback: ['/var/lib/dragoman/recordings'],
    read: one(parseFolder),
  }),
  recordLayout: setting({
    key: 'record-layout',
    kind: 'one',
    group: GROUP,
    placeholder: LAYOUTS.join('|'),
    help: 'stereo: the caller left, the other party right. tracks: a file for each party. Of more than two each has its own',
    fallback: ['stereo'],
    read: choice(...LAYOUTS),
  }),
  recordAnnouncement: setting({
    key: 'record-announcement',
    kind: 'one',
    group: GROUP,
    placeholder: 'on|off',
    help: 'tell parties in their language that the call is recorded, by a tone where nothing speaks it',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
  recordAnnounce: setting({
    key: 'record-announce',
    kind: 'texts',
    group: GROUP,
    placeholder: 'language=text',
    help: 'what they are told in place of our text; repeat it for each language',
    fallback: [],
    read: byLanguage('en=This call is recorded for training'),
  }),
  recordBeepMs: setting({
    key: 'record-beep',
    kind: 'one',
    group: GROUP,
    placeholder: 'seconds|off',
    help: 'how often all hear a short tone (1,400 Hz) while they are recorded',
    fallback: ['off'],
    words: ['15', 'off'],
    read: one(parseSecondsOrOff(1, 3_600)),
  }),
  recordKey: setting({
    key: 'record-key-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file that holds the key with which recordings are encrypted, 64 hexadecimal digits (openssl rand -hex 32), or ' +
      'DRAGOMAN_RECORD_KEY is the key itself; "dragoman unseal" opens them. A file that every user may read is refused',
    fallback: [],
    fallbackHelp: 'they are not encrypted',
    inFile: true,
    privateFile: true,
    read: oneOrNone((text) => {
      parseSealKey(text);
      return new Secret(text);
    }),
  }),
  recordFreeSpace: setting({
    key: 'record-free-space',
    kind: 'one',
    group: GROUP,
    placeholder: 'MB|percent|off',
    help:
      'how much room recordings leave on their disk, in MB, or as 5% of it; while there is less, calls go on and are not ' +
      'recorded',
    fallback: ['500'],
    words: ['500', '5%', 'off'],
    read: one(parseFreeSpace),
  }),
  recordEngines: setting({
    key: 'record-engines',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help:
      'keep what engines answered, too, beside the sound: what was heard and said, word for word and with times, so that ' +
      '"dragoman replay" can play the call again',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  keepRecordingsMs: setting({
    key: 'keep-recordings',
    kind: 'one',
    group: GROUP,
    placeholder: 'days|off',
    help: 'for how many days recordings are kept; off: until somebody removes them',
    fallback: ['30'],
    read: one(parseDaysOrOffMs),
  }),
  recordingCommand: setting({
    key: 'recording-command',
    kind: 'one',
    group: GROUP,
    placeholder: 'command',
    help:
      'is run for each file when its call is over, at the lowest priority and without a shell, such as "flac -s ' +
      '--delete-input-file {}"; {} is the file, {.} the same without its ending',
    fallback: [],
    fallbackHelp: 'nothing is',
    read: (texts) => oneOrNone((text) => text.split(/\s+/).filter((word) => word !== ''))(texts) ?? [],
  }),
} as const;

function parseFolder(text: string): string {
  if (!isAbsolute(text)) {
    throw new AppError('bad-option', `"${text}" does not begin with /: write the whole path of a folder`);
  }
  return text;
}

function parseFreeSpace(text: string): FreeSpace | undefined {
  if (isOff(text)) {
    return undefined;
  }
  const [, digits = '', percent] = /^(\d{1,9})(%?)$/.exec(text) ?? [];
  const amount = Number(digits);
  if (digits === '' || amount === 0 || (percent === '%' && amount > MOST_PERCENT)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no room on a disk: write MB without a unit, such as 500, or 1% to ${MOST_PERCENT}% of the disk, or off`,
    );
  }
  return percent === '%' ? { type: 'percent', percent: amount } : { type: 'bytes', bytes: amount * MB };
}

function parseDaysOrOffMs(text: string): number | undefined {
  const days = parseDaysOrOff(MOST_DAYS)(text);
  return days === undefined ? undefined : days * DAY_MS;
}
