/** How the service is watched and steered: HTTP, metrics, webhooks, the log. */

import { LISTEN_IN } from '../../../server/http/api/access.ts';
import { parseTokenFile } from '../../../server/http/api/token-file.ts';
import { parseTracesHeader } from '../../../server/traces/traces-header.ts';
import { parseWebhookSecret } from '../../../server/webhooks/webhook-secret.ts';
import { LOG_FORMATS } from '../../log-format.ts';
import { LOG_LEVELS } from '../../log-level.ts';
import { choice, many, one, oneOrNone, setting } from '../setting.ts';
import { parseHostName, parseHostPortOrOff, parseSwitch, parseUrlOrOff } from '../values.ts';

const GROUP = 'Watching it:';

export const WATCHING = {
  http: setting({
    key: 'http',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port|off',
    help: 'where /health, /ready, /status and the API (/api/v1) are served',
    fallback: ['127.0.0.1:3000'],
    words: ['127.0.0.1:3000', 'off'],
    read: one(parseHostPortOrOff),
  }),
  metrics: setting({
    key: 'metrics',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port|off',
    help: 'where /metrics is served, for Prometheus',
    fallback: ['127.0.0.1:9090'],
    words: ['127.0.0.1:9090', 'off'],
    read: one(parseHostPortOrOff),
  }),
  httpNames: setting({
    key: 'http-name',
    kind: 'many',
    group: GROUP,
    placeholder: 'name,...',
    help:
      'names by which browsers and programs reach the --http and --metrics addresses, besides localhost, any address ' +
      'and the name of this machine; what asks for another name is refused',
    fallback: [],
    read: many(parseHostName),
  }),
  apiTokenFile: setting({
    key: 'api-token-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file with a line "name token scope" for each who may use the API: read (what runs), control (to change it, too), ' +
      'captions (what is said), listen (its sound), with commas; it is read again when it changes',
    fallback: [],
    fallbackHelp: 'the API is for this machine alone',
    read: oneOrNone(parseTokenFile),
  }),
  agi: setting({
    key: 'agi',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port|off',
    help:
      'where AGI(agi://host:port,first=en,second=es) of a dialplan registers calls, for this machine and those of --allow; ' +
      '127.0.0.1:4573 is usual',
    fallback: ['off'],
    words: ['127.0.0.1:4573', 'off'],
    read: one(parseHostPortOrOff),
  }),
  webhook: setting({
    key: 'webhook',
    kind: 'one',
    group: GROUP,
    placeholder: 'url|off',
    help: 'where what happens is sent as it happens, without what is said: a POST for each event of the API; needs --http',
    fallback: ['off'],
    words: ['off'],
    read: one(parseUrlOrOff),
  }),
  webhookSecret: setting({
    key: 'webhook-secret-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file that holds the secret those are signed with (Standard Webhooks, whsec_...), or DRAGOMAN_WEBHOOK_SECRET is ' +
      'the secret itself',
    fallback: [],
    fallbackHelp: 'they are not signed',
    inFile: true,
    read: oneOrNone(parseWebhookSecret),
  }),
  traces: setting({
    key: 'traces',
    kind: 'one',
    group: GROUP,
    placeholder: 'url|off',
    help:
      'where a collector of OpenTelemetry takes traces over HTTP, such as http://127.0.0.1:4318: one for each utterance, ' +
      'its stages as spans, without what is said; needs --http',
    fallback: ['off'],
    words: ['http://127.0.0.1:4318', 'off'],
    read: one(parseUrlOrOff),
  }),
  tracesHeader: setting({
    key: 'traces-header-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help:
      'file that holds the header by which that collector lets us in, such as "Authorization: Bearer ...", or ' +
      'DRAGOMAN_TRACES_HEADER is the header itself',
    fallback: [],
    fallbackHelp: 'none is sent',
    inFile: true,
    read: oneOrNone(parseTracesHeader),
  }),
  captions: setting({
    key: 'captions',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help: 'share what is said, live and of the last 50 calls, with who may use the API and has the scope captions',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  listenIn: setting({
    key: 'listen-in',
    kind: 'one',
    group: GROUP,
    placeholder: LISTEN_IN.join('|'),
    help:
      'let who may use the API and has the scope listen hear calls while they run ("dragoman listen"); with tone the ' +
      'parties hear one when it begins, with on they are told nothing; who listened is in the log, in the events and in the ' +
      'record of the call',
    fallback: ['off'],
    read: choice(...LISTEN_IN),
  }),
  logLevel: setting({
    key: 'log-level',
    kind: 'one',
    group: GROUP,
    placeholder: LOG_LEVELS.join('|'),
    help: 'the lowest level that is written',
    fallback: ['info'],
    read: choice(...LOG_LEVELS),
  }),
  logFormat: setting({
    key: 'log-format',
    kind: 'one',
    group: GROUP,
    placeholder: ['auto', ...LOG_FORMATS].join('|'),
    help:
      'form of the log. json: a line of JSON for each event. text: for people. journal: text with levels as systemd takes ' +
      'them. auto: text on a terminal, journal where that is what systemd reads, else json',
    fallback: ['auto'],
    read: choice('auto', ...LOG_FORMATS),
  }),
  logPii: setting({
    key: 'log-pii',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help: 'write into the log what is said, dialled and spoken',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
} as const;
