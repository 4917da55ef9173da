/**
 * What only goes wrong when settings meet: a missing pair, one address used twice. A rule is left out when a
 * setting it reads is broken by itself, since what it would say then is noise.
 */

import type { LanguagePair } from '../../base/language.ts';
import { formatHostPort, type HostPort } from './values.ts';

/** The settings that rules read, as they are written: pairs are not filled in yet. */
export interface WrittenCombination {
  readonly listen: readonly (HostPort & { readonly pair?: LanguagePair })[];
  readonly pair: LanguagePair | undefined;
  readonly pairing: 'suffix' | 'port';
  readonly mode: 'bidirectional' | 'unidirectional' | 'passthrough';
  readonly http: HostPort | undefined;
  readonly metrics: HostPort | undefined;
  readonly captions: boolean;
}

interface Rule {
  /** Keys of the settings the rule reads. */
  readonly reads: readonly string[];
  readonly problems: (written: WrittenCombination) => readonly string[];
}

const RULES: readonly Rule[] = [
  { reads: ['listen', 'pair', 'pairing'], problems: missingPairs },
  { reads: ['listen', 'pairing'], problems: doorsWithoutPartner },
  { reads: ['listen', 'pair', 'mode'], problems: equalLanguages },
  { reads: ['listen', 'http', 'metrics'], problems: sharedAddresses },
  { reads: ['http', 'captions'], problems: captionsWithoutHttp },
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

function missingPairs({ listen, pair, pairing }: WrittenCombination): readonly string[] {
  const bare = listen.filter((address) => address.pair === undefined);
  if (pairing === 'port') {
    return bare.map(
      (address) =>
        `--listen: with --pairing port every address needs its languages: ` +
        `write ${formatHostPort(address)}=en:es, where en is what is spoken there`,
    );
  }
  if (bare.length > 0 && pair === undefined) {
    return [
      '--pair: the languages of the call are missing: write --pair en:es, or give every --listen its own',
    ];
  }
  return [];
}

function doorsWithoutPartner({ listen, pairing }: WrittenCombination): readonly string[] {
  if (pairing !== 'port') {
    return [];
  }
  return listen.flatMap((address) => {
    const { pair } = address;
    const mirrored = ({ pair: other }: (typeof listen)[number]): boolean =>
      other?.first === pair?.second && other?.second === pair?.first;
    return pair === undefined || listen.some(mirrored)
      ? []
      : [
          `--listen: with --pairing port who arrives at ${formatHostPort(address)} never meets anybody: ` +
            `write another --listen with =${pair.second}:${pair.first} for the partner`,
        ];
  });
}

function equalLanguages({ listen, pair, mode }: WrittenCombination): readonly string[] {
  if (mode === 'passthrough') {
    return [];
  }
  const pairs = [pair, ...listen.map((address) => address.pair)];
  const equal = pairs.filter((each) => each !== undefined).filter(({ first, second }) => first === second);
  return equal.map(
    ({ first }) =>
      `--pair: both parties speak ${first}: write two languages, or --mode passthrough to translate nothing`,
  );
}

function sharedAddresses({ listen, http, metrics }: WrittenCombination): readonly string[] {
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
  return [...users]
    .filter(([, flags]) => flags.length > 1)
    .map(([address, flags]) => `${flags.join(' and ')}: ${address} is used twice: write a port for each`);
}

function captionsWithoutHttp({ http, captions }: WrittenCombination): readonly string[] {
  return captions && http === undefined
    ? [
        '--captions: captions are shared over HTTP, which is off: write --http 127.0.0.1:3000, or leave captions off',
      ]
    : [];
}
