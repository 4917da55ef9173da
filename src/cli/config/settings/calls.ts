/** How calls come in and who the parties are: the doors, and how legs find each other. */

import { isAbsolute } from 'node:path';
import { AppError } from '../../../base/errors.ts';
import { parseLanguage, parseLanguagePair } from '../../../base/language.ts';
import { Secret } from '../../../base/secret.ts';
import { parseCount } from '../../../base/values.ts';
import { CALL_MODES } from '../../../call/plan.ts';
import type { Extensions } from '../../../call/seating/extension-seating.ts';
import { RTP_FORMATS } from '../../../protocol/rtp/payloads.ts';
import { ARI_MEDIA_NAMES } from '../../../server/doors/ari/ari-media.ts';
import { choice, many, one, oneOrNone, type Reader, setting } from '../setting.ts';
import {
  isOff,
  parseAriApp,
  parseAriSection,
  parseAriUser,
  parseExtension,
  parseHostPort,
  parseHostPortOrOff,
  parseListen,
  parseSwitch,
  parseToken,
  parseUrlOrOff,
} from '../values.ts';
import { mapped, nonEmpty } from './readers.ts';

const GROUP = 'Calls:';

/** Parties that one conference may have. */
const MOST_PARTIES = 32;

export const CALLS = {
  listen: setting({
    key: 'listen',
    kind: 'many',
    group: GROUP,
    placeholder: 'host:port[=from:to]',
    help:
      'where Asterisk connects with AudioSocket; repeat it for more; =en:es gives what arrives there its own languages, ' +
      '=en says that all who come in there speak it (--pairing room)',
    fallback: ['127.0.0.1:5050'],
    read: nonEmpty(parseListen),
  }),
  pair: setting({
    key: 'pair',
    kind: 'one',
    group: GROUP,
    placeholder: 'first:second',
    help: 'the languages of the two parties, such as en:es; needed unless every --listen has its own, or --parties or --extensions is given',
    fallback: [],
    read: oneOrNone(parseLanguagePair),
  }),
  parties: setting({
    key: 'parties',
    kind: 'many',
    group: GROUP,
    placeholder: 'language,...',
    help:
      'for conferences, in place of --pair. With --pairing suffix: what each party speaks, by its place, such as ' +
      'en,es,fr. With --pairing room: every language that may be spoken',
    fallback: [],
    read: many(parseLanguage),
  }),
  maxParties: setting({
    key: 'max-parties',
    kind: 'one',
    group: GROUP,
    placeholder: 'parties',
    help: 'parties in one conference; one party too many is hung up at once',
    fallback: ['32'],
    read: one(parseCount(2, MOST_PARTIES)),
  }),
  pairing: setting({
    key: 'pairing',
    kind: 'one',
    group: GROUP,
    placeholder: 'suffix|port|room',
    help:
      'how legs find each other. suffix: by UUID, whose last digit is the place of the party and the rest the call. ' +
      'port: by order of arrival; who arrives at =en:es speaks en and the partner es. ' +
      'room: by UUID, which names the room, the language and the party (dialplan/conference.conf writes it)',
    fallback: ['suffix'],
    read: choice('suffix', 'port', 'room'),
  }),
  extensions: setting({
    key: 'extensions',
    kind: 'by-extension',
    group: GROUP,
    placeholder: 'extension=language[@room]',
    help:
      'extensions that lead to each other, for doors that know what was dialled, such as 7777=en,8888=fr: who speaks on ' +
      'one is heard, translated, on the other. With @room, all who dial an extension of that room meet in it',
    fallback: [],
    read: extensionsOf(),
  }),
  ari: setting({
    key: 'ari',
    kind: 'one',
    group: GROUP,
    placeholder: 'url|off',
    help: "where Asterisk's REST interface (ARI) is, such as http://127.0.0.1:8088: calls then come by Stasis(dragoman,en), too",
    fallback: ['off'],
    words: ['http://127.0.0.1:8088', 'off'],
    read: one(parseUrlOrOff),
  }),
  ariUser: setting({
    key: 'ari-user',
    kind: 'one',
    group: GROUP,
    placeholder: 'name',
    help: 'the user of ARI, as ari.conf has it',
    fallback: ['dragoman'],
    read: one(parseAriUser),
  }),
  ariPassword: setting({
    key: 'ari-password-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help: "file that holds the password of ARI's user, or DRAGOMAN_ARI_PASSWORD is the password itself",
    fallback: [],
    inFile: true,
    read: oneOrNone((text) => new Secret(text)),
  }),
  ariApp: setting({
    key: 'ari-app',
    kind: 'one',
    group: GROUP,
    placeholder: 'name',
    help: 'the application of Stasis() that is ours; each dragoman at one Asterisk needs a name of its own',
    fallback: ['dragoman'],
    read: one(parseAriApp),
  }),
  endpoints: setting({
    key: 'endpoints',
    kind: 'one',
    group: GROUP,
    placeholder: 'file|ari|off',
    help:
      'phones of the exchange that the API adds and removes: in a file that Asterisk includes, such as ' +
      '/etc/asterisk/dragoman/endpoints.conf, or by ari, in a database of its own (dialplan/sorcery.conf); needs --ari',
    fallback: ['off'],
    words: ['/etc/asterisk/dragoman/endpoints.conf', 'ari', 'off'],
    read: one(parseEndpoints),
  }),
  ariMedia: setting({
    key: 'ari-media',
    kind: 'one',
    group: GROUP,
    placeholder: ARI_MEDIA_NAMES.join('|'),
    help:
      'how the sound of calls by ARI gets here. audiosocket: to the first --listen, in wideband. rtp: to --rtp. websocket: to ' +
      '--ws, in wideband',
    fallback: ['audiosocket'],
    read: choice(...ARI_MEDIA_NAMES),
  }),
  ariMediaAddress: setting({
    key: 'ari-media-address',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port|off',
    help: 'where Asterisk reaches us for the sound of calls by ARI, if it is on another machine; off: the first --listen',
    fallback: ['off'],
    words: ['off'],
    read: one(parseHostPortOrOff),
  }),
  ariMediaSection: setting({
    key: 'ari-media-section',
    kind: 'one',
    group: GROUP,
    placeholder: 'name',
    help: 'the section of websocket_client.conf by which Asterisk connects to --ws, with --ari-media websocket',
    fallback: ['dragoman'],
    read: one(parseAriSection),
  }),
  ws: setting({
    key: 'ws',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port|off',
    help:
      'where parties come in by WebSocket: applications at /translate/EXTENSION, Asterisk at /media and /ari, browsers at /try; ' +
      '3002 is usual',
    fallback: ['off'],
    words: ['127.0.0.1:3002', 'off'],
    read: one(parseHostPortOrOff),
  }),
  wsToken: setting({
    key: 'ws-token-file',
    kind: 'one',
    group: GROUP,
    placeholder: 'file',
    help: 'file that holds the token without which nobody opens a WebSocket, or DRAGOMAN_WS_TOKEN is the token itself',
    fallback: [],
    fallbackHelp: 'whoever reaches --ws comes in',
    inFile: true,
    read: oneOrNone(parseToken),
  }),
  tryPage: setting({
    key: 'try',
    kind: 'switch',
    group: GROUP,
    placeholder: '',
    help: 'serve the page /try on the --ws address, by which browsers meet in a room, each in any language that is set up',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  rtp: setting({
    key: 'rtp',
    kind: 'one',
    group: GROUP,
    placeholder: 'host:port',
    help: 'where Asterisk sends RTP to, over UDP, with --ari-media rtp; port 0 is any that is free',
    fallback: ['127.0.0.1:0'],
    read: one(parseHostPort),
  }),
  rtpFormat: setting({
    key: 'rtp-format',
    kind: 'one',
    group: GROUP,
    placeholder: RTP_FORMATS.join('|'),
    help: 'the codec of RTP both ways. g722: wideband, as many phones have it; the others are 8 kHz',
    fallback: ['g722'],
    read: choice(...RTP_FORMATS),
  }),
  mode: setting({
    key: 'mode',
    kind: 'one',
    group: GROUP,
    placeholder: CALL_MODES.join('|'),
    help:
      'bidirectional: all parties are translated. unidirectional: only those who speak the first language. ' +
      'passthrough: nobody is',
    fallback: ['bidirectional'],
    read: choice(...CALL_MODES),
  }),
  untranslatable: setting({
    key: 'untranslatable',
    kind: 'one',
    group: GROUP,
    placeholder: 'refuse|passthrough',
    help:
      'what to do about a direction the engines cannot translate. refuse: do not serve. ' +
      "passthrough: let the speaker's own voice through. Engines that are only down are waited for in both cases",
    fallback: ['refuse'],
    read: choice('refuse', 'passthrough'),
  }),
} as const;

function extensionsOf(): Reader<Extensions> {
  return mapped(parseExtension, 'names an extension twice: write each once');
}

/** A whole path, or `ari`; undefined: off. */
function parseEndpoints(text: string): string | undefined {
  if (isOff(text)) {
    return undefined;
  }
  if (text !== 'ari' && !isAbsolute(text)) {
    throw new AppError(
      'bad-option',
      `"${text}" is no whole path: write one such as /etc/asterisk/dragoman/endpoints.conf, or ari, or off`,
    );
  }
  return text;
}
