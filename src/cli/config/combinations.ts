/**
 * What only goes wrong when settings meet: a missing pair, one address used twice. A rule is left out when a
 * setting it reads is broken by itself, since what it would say then is noise.
 */

import { resolve } from 'node:path';
import { baseLanguage, type Language } from '../../base/language.ts';
import { languagesOfRoom } from '../../call/seating/extension-seating.ts';
import { plainNumber } from '../../voices/voices-by-number.ts';
import { isLanguage, languagesCalled } from './known-languages.ts';
import type { SettingValues } from './settings.ts';
import { formatHostPort, type HostPort, isLoopback, type WrittenListen } from './values.ts';

/** The settings that rules read, as they are written: languages are not filled in yet. */
export type WrittenCombination = Pick<
  SettingValues,
  | 'listen'
  | 'pair'
  | 'parties'
  | 'pairing'
  | 'extensions'
  | 'maxParties'
  | 'maxLegs'
  | 'mode'
  | 'http'
  | 'metrics'
  | 'ws'
  | 'agi'
  | 'allow'
  | 'tryPage'
  | 'captions'
  | 'listenIn'
  | 'emotion'
  | 'emotionOf'
  | 'ttsVoices'
  | 'voiceChoice'
  | 'sttModels'
  | 'announce'
  | 'ari'
  | 'ariPassword'
  | 'ariMediaAddress'
  | 'endpoints'
  | 'ariMedia'
  | 'rtp'
  | 'voicesDb'
  | 'voicesDbUrl'
  | 'voicesByCaller'
  | 'voicesByDialled'
  | 'agentsByDialled'
  | 'record'
  | 'recordDir'
  | 'recordEngines'
  | 'records'
  | 'redact'
  | 'cluster'
  | 'clusterAddress'
  | 'clusterCaFile'
>;

interface Rule {
  /** Keys of the settings the rule reads. */
  readonly reads: readonly string[];
  readonly problems: (written: WrittenCombination) => readonly string[];
}

/** Places that one hexadecimal digit tells apart. */
const MOST_PLACES = 16;

const RULES: readonly Rule[] = [
  {
    reads: ['listen', 'pair', 'parties', 'extensions', 'voice', 'voice-choice', 'stt-model', 'announce'],
    problems: noLanguages,
  },
  { reads: ['parties', 'pairing', 'max-parties', 'max-legs'], problems: tooFewPlaces },
  { reads: ['pair', 'parties'], problems: languagesTwice },
  { reads: ['listen', 'pair', 'parties', 'extensions', 'pairing'], problems: missingLanguages },
  { reads: ['listen', 'parties', 'pairing'], problems: unfitLanguages },
  { reads: ['listen', 'pairing'], problems: doorsWithoutPartner },
  { reads: ['listen', 'pair', 'parties', 'mode'], problems: equalLanguages },
  { reads: ['listen', 'http', 'metrics', 'ws', 'agi'], problems: sharedAddresses },
  { reads: ['agi', 'allow'], problems: agiForNobody },
  { reads: ['http', 'captions'], problems: captionsWithoutHttp },
  { reads: ['http', 'listenIn'], problems: listeningWithoutHttp },
  {
    reads: ['voices-db', 'voices-db-url-file', 'voices-by-caller', 'voices-by-dialled'],
    problems: voicesWithoutProfiles,
  },
  { reads: ['extensions', 'agents-by-dialled', 'mode', 'try'], problems: extensionsAlone },
  { reads: ['ari', 'ari-media', 'ari-media-address', 'listen', 'rtp'], problems: mediaOutOfReach },
  { reads: ['ari', 'ari-password-file'], problems: ariWithoutPassword },
  { reads: ['ari', 'endpoints'], problems: endpointsWithoutAri },
  { reads: ['ari', 'ari-media', 'ws'], problems: mediaWithoutWs },
  { reads: ['ws', 'try'], problems: tryWithoutWs },
  { reads: ['emotion', 'emotion-of'], problems: emotionOfNobody },
  { reads: ['record', 'record-dir', 'records'], problems: oneFolder },
  { reads: ['record', 'record-engines', 'redact'], problems: enginesThatCannotBeKept },
  { reads: ['cluster', 'pairing'], problems: clusterByPort },
  { reads: ['cluster', 'cluster-address', 'listen'], problems: clusterOutOfReach },
  { reads: ['cluster', 'cluster-ca-file'], problems: caWithoutTls },
];

/** Sentences about settings that do not go together; `broken` holds the keys of settings that failed alone. */
export function combinationProblems(
  written: WrittenCombination,
  broken: ReadonlySet<string>,
): readonly string[] {
  return RULES.filter((rule) => !rule.reads.some((key) => broken.has(key))).flatMap((rule) =>
    rule.problems(written),
  );
}

/** Codes that no language has. */
function noLanguages(written: WrittenCombination): readonly string[] {
  const { listen, pair, parties, extensions, ttsVoices, voiceChoice, sttModels, announce } = written;
  const uses: readonly (readonly [flag: string, languages: Iterable<Language>])[] = [
    ['--pair', pair === undefined ? [] : [pair.first, pair.second]],
    ['--parties', parties],
    ['--extensions', [...extensions.values()].map(({ language }) => language)],
    ['--listen', listen.flatMap(({ languages = [] }) => languages)],
    ['--voice', ttsVoices.keys()],
    ['--voice-choice', voiceChoice.keys()],
    ['--stt-model', sttModels.keys()],
    ['--announce', announce.keys()],
  ];
  return uses.flatMap(([flag, languages]) =>
    [...new Set(languages)]
      .filter((language) => isLanguage(language) === 'no')
      .map(
        (language) =>
          `${flag}: ${language} is the code of no language: write one, ${languagesCalled(baseLanguage(language))}`,
      ),
  );
}

/** Parties that are written and could never come, all of them. */
function tooFewPlaces({ parties, pairing, maxParties, maxLegs }: WrittenCombination): readonly string[] {
  if (pairing !== 'suffix') {
    return [];
  }
  const limits = [
    ['max-parties', maxParties],
    ['max-legs', maxLegs],
  ] as const;
  return limits
    .filter(([, most]) => most < parties.length)
    .map(
      ([key, most]) =>
        `--${key}: ${parties.length} parties are written and ${most} may come: write --${key} ${parties.length} or more`,
    );
}

function clusterByPort({ cluster, pairing }: WrittenCombination): readonly string[] {
  return cluster !== undefined && pairing === 'port'
    ? [
        '--pairing: with port nothing tells which call a leg belongs to, so no other node could find it: leave --cluster out, ' +
          'or pair by suffix or room',
      ]
    : [];
}

/** Other nodes are told where this one is. */
function clusterOutOfReach({ cluster, clusterAddress, listen }: WrittenCombination): readonly string[] {
  const [first] = listen;
  if (cluster === undefined || clusterAddress !== undefined || first === undefined) {
    return [];
  }
  const brokers = cluster.servers.map((server) => hostOf(`tcp://${server}`));
  return isEveryAddress(first.host) || (isLoopback(first.host) && !brokers.every(isLoopback))
    ? [
        `--cluster: the other nodes would be told to connect to ${formatHostPort(first)}: write --cluster-address with an ` +
          'address of this machine that they can reach, and the port of the first --listen',
      ]
    : [];
}

function caWithoutTls({ cluster, clusterCaFile }: WrittenCombination): readonly string[] {
  return cluster !== undefined && clusterCaFile !== undefined && !cluster.tls
    ? ['--cluster-ca-file: with nats:// nothing is encrypted: write tls:// in --cluster, or leave it out']
    : [];
}

/** Each is kept for a time of its own, and what is too old is removed with its folder. */
function oneFolder({ record, recordDir, records }: WrittenCombination): readonly string[] {
  return record !== 'off' && records !== undefined && resolve(records) === resolve(recordDir)
    ? ['--record-dir and --records: they are one folder: write two, since each is kept for its own time']
    : [];
}

function enginesThatCannotBeKept({ record, recordEngines, redact }: WrittenCombination): readonly string[] {
  const withoutVoices = recordEngines && record !== 'voices' && record !== 'all';
  return [
    ...(withoutVoices
      ? [
          '--record-engines: there is nothing to play again without the voices: write --record voices or --record all',
        ]
      : []),
    ...(recordEngines && redact.length > 0
      ? [
          '--record-engines and --redact: what engines answered is kept as it was, since a replay needs each word: write one ' +
            'of them',
        ]
      : []),
  ];
}

function languagesTwice({ pair, parties }: WrittenCombination): readonly string[] {
  const same = parties.length === 2 && pair?.first === parties[0] && pair?.second === parties[1];
  return pair === undefined || parties.length === 0 || same
    ? []
    : [
        '--pair and --parties: they say different things: write --parties with all languages, or --pair for two',
      ];
}

function missingLanguages({
  listen,
  pair,
  parties,
  extensions,
  pairing,
}: WrittenCombination): readonly string[] {
  const bare = listen.filter(({ languages }) => languages === undefined);
  const known = pair !== undefined || parties.length > 0 || extensions.size > 0;
  switch (pairing) {
    case 'port':
      return bare.map(
        (address) =>
          `--listen: with --pairing port every address needs its languages: ` +
          `write ${formatHostPort(address)}=en:es, where en is what is spoken there`,
      );
    case 'suffix':
      return bare.length > 0 && !known
        ? [
            '--pair: the languages of the call are missing: write --pair en:es, or --parties en,es,fr for a conference, ' +
              'or give every --listen its own',
          ]
        : [];
    case 'room':
      return known
        ? []
        : [
            '--parties: with --pairing room it lists the languages that may be spoken: write --parties en,es,fr',
          ];
  }
}

/** Numbers of languages, and languages, that a way of pairing can do nothing with. */
function unfitLanguages({ listen, parties, pairing }: WrittenCombination): readonly string[] {
  const problems: string[] = [];
  if (parties.length === 1) {
    problems.push('--parties: one language needs no interpreter: write at least two, such as en,es');
  }
  if (pairing === 'suffix' && parties.length > MOST_PLACES) {
    problems.push(
      `--parties: a UUID's last digit tells ${MOST_PLACES} places apart and ${parties.length} are written: ` +
        'write fewer, or use --pairing room',
    );
  }
  if (pairing === 'port' && parties.length > 0) {
    problems.push(
      '--parties: with --pairing port each --listen has the languages of its two parties: leave it out',
    );
  }
  for (const { languages = [], ...address } of listen) {
    const written = `${formatHostPort(address)}=${languages.join(':')}`;
    if (pairing === 'suffix' && languages.length === 1) {
      problems.push(
        `--listen ${written}: the other party's language is missing: write =${languages[0]}:es, or use --pairing room`,
      );
    }
    if (pairing === 'room') {
      const unknown = languages.filter((language) => parties.length > 0 && !parties.includes(language));
      problems.push(
        ...unknown.map(
          (language) => `--listen ${written}: ${language} is not in --parties: write it there, too`,
        ),
      );
    }
  }
  return problems;
}

function doorsWithoutPartner({ listen, pairing }: WrittenCombination): readonly string[] {
  if (pairing !== 'port') {
    return [];
  }
  return listen.flatMap(({ languages, ...address }) => {
    const [speaks, wants] = languages ?? [];
    const mirrored = ({ languages: other }: WrittenListen): boolean =>
      other?.[0] === wants && other?.[1] === speaks;
    return speaks === undefined || (wants !== undefined && listen.some(mirrored))
      ? []
      : [
          `--listen: with --pairing port who arrives at ${formatHostPort(address)} never meets anybody: ` +
            `write another --listen with =${wants ?? 'es'}:${speaks} for the partner`,
        ];
  });
}

function equalLanguages({ listen, pair, parties, mode }: WrittenCombination): readonly string[] {
  if (mode === 'passthrough') {
    return [];
  }
  const lists = [
    pair === undefined ? [] : [pair.first, pair.second],
    parties,
    ...listen.map((each) => each.languages ?? []),
  ];
  return lists
    .filter((languages) => languages.length > 1 && new Set(languages).size === 1)
    .map(
      ([language]) =>
        `--pair: all parties speak ${language}: write two languages, or --mode passthrough to translate nothing`,
    );
}

function sharedAddresses({ listen, http, metrics, ws, agi }: WrittenCombination): readonly string[] {
  const users = new Map<string, string[]>();
  const use = (flag: string, address: HostPort | undefined): void => {
    // Port 0 is another port each time.
    if (address !== undefined && address.port !== 0) {
      const text = formatHostPort(address);
      users.set(text, [...(users.get(text) ?? []), flag]);
    }
  };
  for (const address of listen) {
    use('--listen', address);
  }
  use('--http', http);
  use('--metrics', metrics);
  use('--ws', ws);
  use('--agi', agi);
  return [...users]
    .filter(([, flags]) => flags.length > 1)
    .map(([address, flags]) => `${flags.join(' and ')}: ${address} is used twice: write a port for each`);
}

function agiForNobody({ agi, allow }: WrittenCombination): readonly string[] {
  return agi !== undefined && !isLoopback(agi.host) && allow.length === 0
    ? [
        `--agi: nobody logs in there, so other machines reach ${formatHostPort(agi)} only if they are let in: write --allow ` +
          'with the address of Asterisk, or --agi 127.0.0.1:4573',
      ]
    : [];
}

function tryWithoutWs({ ws, tryPage }: WrittenCombination): readonly string[] {
  return tryPage && ws === undefined
    ? [
        '--try: the page is served on the --ws address, which is off: write --ws 127.0.0.1:3002, or leave --try out',
      ]
    : [];
}

function voicesWithoutProfiles(written: WrittenCombination): readonly string[] {
  const { voicesDb, voicesDbUrl, voicesByCaller, voicesByDialled } = written;
  if (voicesDb !== undefined && voicesDbUrl !== undefined) {
    return [
      '--voices-db and --voices-db-url-file both say where voice profiles are kept: write one of the two',
    ];
  }
  const kept = voicesDb !== undefined || voicesDbUrl !== undefined;
  return kept || voicesByCaller.size + voicesByDialled.size === 0
    ? []
    : [
        '--voices-by-caller and --voices-by-dialled name speakers, and no profiles are kept: write --voices-db file, too',
      ];
}

function listeningWithoutHttp({ http, listenIn }: WrittenCombination): readonly string[] {
  return listenIn !== 'off' && http === undefined
    ? [
        '--listen-in: calls are listened to over HTTP, which is off: write --http 127.0.0.1:3000, or leave --listen-in off',
      ]
    : [];
}

function captionsWithoutHttp({ http, captions }: WrittenCombination): readonly string[] {
  return captions && http === undefined
    ? [
        '--captions: captions are shared over HTTP, which is off: write --http 127.0.0.1:3000, or leave captions off',
      ]
    : [];
}

/** Extensions that lead to nobody, or to nobody who speaks another language. */
function extensionsAlone({
  extensions: all,
  agentsByDialled,
  mode,
  tryPage,
}: WrittenCombination): readonly string[] {
  const problems: string[] = [];
  // Who dials what an agent answers meets nobody else there.
  const extensions = new Map([...all].filter(([each]) => !agentsByDialled.has(plainNumber(each) ?? each)));
  const rooms = new Set([...extensions.values()].map(({ room }) => room));
  for (const room of rooms) {
    const members = [...extensions].filter(([, each]) => each.room === room);
    const written = members.map(([extension, { language }]) => `${extension}=${language}`).join(',');
    if (room === undefined && members.length !== 2) {
      problems.push(
        `--extensions: two without a room lead to each other, and ${members.length} are written (${written}): ` +
          'write two, or give each a room, such as 7777=en@sales',
      );
    } else if (room !== undefined && tryPage) {
      // The page leads into it, in other languages.
    } else if (mode !== 'passthrough' && languagesOfRoom(extensions, room).length < 2) {
      problems.push(
        `--extensions: all who meet by ${written} speak the same: write another language for one of them, ` +
          'or --mode passthrough to translate nothing',
      );
    }
  }
  return problems;
}

/** An Asterisk elsewhere cannot reach what only this machine can, nor know which of our addresses to take. */
function mediaOutOfReach(written: WrittenCombination): readonly string[] {
  const { ari, ariMedia, ariMediaAddress, listen, rtp } = written;
  const first = ariMedia === 'rtp' ? rtp : listen[0];
  // Where a WebSocket leads to stands in Asterisk's own configuration.
  if (
    ariMedia === 'websocket' ||
    ari === undefined ||
    ariMediaAddress !== undefined ||
    first === undefined ||
    isLoopback(hostOf(ari))
  ) {
    return [];
  }
  return isLoopback(first.host) || isEveryAddress(first.host)
    ? [
        `--ari: Asterisk is on another machine and would be told to connect to ${formatHostPort(first)}: write ` +
          `--ari-media-address with an address of this machine that it can reach, and the port of --${ariMedia === 'rtp' ? 'rtp' : 'listen'}`,
      ]
    : [];
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function mediaWithoutWs({ ari, ariMedia, ws }: WrittenCombination): readonly string[] {
  return ari !== undefined && ariMedia === 'websocket' && ws === undefined
    ? [
        '--ari-media: with websocket the sound comes in by --ws, which is off: write --ws 127.0.0.1:3002, and the uri that ' +
          'leads there, /media, in websocket_client.conf',
      ]
    : [];
}

function emotionOfNobody({ emotion, emotionOf }: WrittenCombination): readonly string[] {
  return emotion === 'off' || emotionOf.length > 0
    ? []
    : [
        '--emotion: nobody is named whose voice may be judged: write --emotion-of a, if a is the caller; never an ' +
          "employee's in the EU, where that is forbidden",
      ];
}

function endpointsWithoutAri({ ari, endpoints }: WrittenCombination): readonly string[] {
  return ari !== undefined || endpoints === undefined
    ? []
    : [
        '--endpoints: Asterisk is told of phones over ARI: write --ari with its address; on its own machine ' +
          '"dragoman endpoints" does without',
      ];
}

function ariWithoutPassword({ ari, ariPassword }: WrittenCombination): readonly string[] {
  return ari === undefined || ariPassword !== undefined
    ? []
    : [
        '--ari: the password of its user is missing: set the variable DRAGOMAN_ARI_PASSWORD, or write --ari-password-file with ' +
          'the path of a file that holds it',
      ];
}
