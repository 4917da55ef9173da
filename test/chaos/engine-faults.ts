/**
 * What goes wrong with engines: every kind of failure for each kind of engine, with another to take over and without.
 */

import type { Fault, Target } from './fault.ts';
import type { VendorFault, VendorName } from './vendor-faults.ts';

const HOLD_MS = 4_000;
/** Sound is back after so long, the original voice if nothing else. */
const SOUND_BACK_MS = 1_500;
const PACING_WORSE_MS = 2;

const NONE_LOST: Target = { deadAirMs: SOUND_BACK_MS, words: 'none-lost', pacingWorseMs: PACING_WORSE_MS };
/**
 * The recogniser that takes over writes no marks, so what it hears is cut by its age: row `nothing-others` is as silent
 * with nothing broken.
 */
const OTHERS_SILENT_MS = 2_900;
/** And what waits behind such speech is heard before the calls end. */
const OTHERS_AFTER_MS = 9_000;
const NONE_LOST_BY_OTHERS: Target = { ...NONE_LOST, deadAirMs: OTHERS_SILENT_MS };
const NONE_UNHEARD: Target = { ...NONE_LOST, words: 'none-unheard' };

const KINDS = ['stt', 'mt', 'tts'] as const;

type Kind = (typeof KINDS)[number];

const TITLES: Readonly<Record<Kind, string>> = {
  stt: 'the recogniser',
  mt: 'the translator',
  tts: 'the synthesiser',
};

interface Trouble {
  readonly name: string;
  /** What it does, after its title. */
  readonly does: string;
  readonly fault: VendorFault;
  readonly kinds?: readonly Kind[];
  /** See {@link Target.spoilt}. */
  readonly spoilt?: Partial<Record<Kind, number>>;
}

const TROUBLES: readonly Trouble[] = [
  { name: 'refused', does: 'refuses connections', fault: { type: 'refused' } },
  { name: '401', does: 'does not know the key', fault: { type: 'status', status: 401 } },
  { name: '403', does: 'forbids it', fault: { type: 'status', status: 403 } },
  {
    name: '429',
    does: 'is asked too often, and says for how long',
    fault: { type: 'status', status: 429, retryAfterS: 3 },
  },
  { name: '456', does: 'has no characters left', fault: { type: 'status', status: 456 }, kinds: ['mt'] },
  { name: '500', does: 'fails inside', fault: { type: 'status', status: 500 } },
  { name: 'stalled', does: 'takes everything and answers nothing', fault: { type: 'stalled' } },
  {
    name: '1011',
    does: 'closes every stream in mid-stream',
    fault: { type: 'closed', code: 1_011 },
    kinds: ['stt'],
  },
  { name: 'cut', does: 'loses its connections once', fault: { type: 'cut' } },
  { name: 'truncated', does: 'breaks off in its answers', fault: { type: 'truncated', afterBytes: 700 } },
  {
    name: 'garbled',
    does: 'answers with wrong bytes among the right ones',
    fault: { type: 'garbled', oneIn: 200, seed: 7 },
    // Some 500 bytes of translations come meanwhile: of the wrong ones among them not all make an answer that is none.
    spoilt: { mt: 2 },
  },
  {
    name: 'garbage',
    does: 'answers with noise, and says it is well',
    fault: { type: 'garbage', bytes: 2_000 },
  },
  { name: 'huge', does: 'answers with a megabyte', fault: { type: 'huge', bytes: 1_000_000 } },
  { name: 'empty', does: 'answers with nothing', fault: { type: 'empty' } },
  { name: 'slow', does: 'answers with 100 bytes a second', fault: { type: 'slow', bytesPerSecond: 100 } },
  { name: 'flapping', does: 'comes and goes each second', fault: { type: 'flapping', everyMs: 1_000 } },
];

/** While another engine of the kind is well. */
const WITH_ANOTHER: readonly Fault[] = TROUBLES.flatMap(({ name, does, fault, kinds = KINDS, spoilt = {} }) =>
  kinds.map((kind) => ({
    name: `${kind}-${name}`,
    what: `${TITLES[kind]} ${does} for 4 s; there is another`,
    engines: 'pair' as const,
    inject: breaks(kind, fault),
    heal: mends(kind),
    holdMs: HOLD_MS,
    ...(kind === 'stt' ? { afterMs: OTHERS_AFTER_MS } : {}),
    target: { ...targetOf(kind), spoilt: spoilt[kind] ?? 0 },
  })),
);

const ALONE: readonly Fault[] = KINDS.flatMap((kind): readonly Fault[] => [
  {
    name: `${kind}-away`,
    what: `${TITLES[kind]} refuses connections for 4 s; there is no other`,
    engines: 'one',
    inject: breaks(kind, { type: 'refused' }),
    heal: mends(kind),
    holdMs: HOLD_MS,
    afterMs: 9_000,
    target: NONE_LOST,
  },
  {
    name: `${kind}-dead`,
    what: `${TITLES[kind]} refuses connections for good; there is no other`,
    engines: 'one',
    inject: breaks(kind, { type: 'refused' }),
    holdMs: 2 * HOLD_MS,
    target: NONE_UNHEARD,
  },
  {
    name: `${kind}-dead-pair`,
    what: `${TITLES[kind]} refuses connections for good; there is another`,
    engines: 'pair',
    inject: breaks(kind, { type: 'refused' }),
    holdMs: 2 * HOLD_MS,
    target: targetOf(kind),
  },
  {
    name: `${kind}-late-start`,
    what: `${TITLES[kind]} is down when the server starts and comes back in the calls`,
    engines: 'one',
    atStart: [{ vendor: kind, fault: { type: 'refused' } }],
    inject: mended(kind),
    holdMs: HOLD_MS,
    // It is tried again 5, 10 and 20 s after it was found to be down.
    afterMs: 18_000,
    target: NONE_UNHEARD,
  },
]);

const WHOLE: readonly Fault[] = [
  {
    name: 'provider-20-calls',
    what: 'the synthesiser refuses connections for good under 20 calls; there is another',
    calls: 20,
    engines: 'pair',
    inject: breaks('tts', { type: 'refused' }),
    holdMs: HOLD_MS,
    target: NONE_LOST,
  },
  {
    name: 'all-refused',
    what: 'every first engine refuses connections at once for 4 s; there are others',
    engines: 'pair',
    inject: async ({ change }) => {
      await change(...KINDS.map((vendor) => ({ vendor, fault: { type: 'refused' as const } })));
      return undefined;
    },
    heal: ({ change }) => change(...KINDS.map((vendor) => ({ vendor, fault: undefined }))),
    holdMs: HOLD_MS,
    target: NONE_LOST_BY_OTHERS,
  },
  {
    name: 'garbled-minute',
    what: 'every first engine answers with wrong bytes among the right ones for a minute; there are others',
    engines: 'pair',
    inject: async ({ change }) => {
      await change(
        ...KINDS.map((vendor, index) => ({
          vendor,
          fault: { type: 'garbled' as const, oneIn: 500, seed: 100 + index },
        })),
      );
      return undefined;
    },
    heal: ({ change }) => change(...KINDS.map((vendor) => ({ vendor, fault: undefined }))),
    holdMs: 60_000,
    target: NONE_LOST_BY_OTHERS,
  },
  {
    name: 'slow-minute',
    what: 'the translator answers with 100 bytes a second for a minute; there is another',
    engines: 'pair',
    inject: breaks('mt', { type: 'slow', bytesPerSecond: 100 }),
    heal: mends('mt'),
    holdMs: 60_000,
    target: NONE_LOST,
  },
];

/** One provider does all of it; the first of each kind stands in. */
const FUSED: readonly Fault[] = [
  {
    name: 'fused-away',
    what: 'the provider that interprets alone refuses connections for 4 s; a recogniser, a translator and a synthesiser stand in',
    engines: 'fused',
    inject: breaks('fused', { type: 'refused' }),
    heal: mends('fused'),
    holdMs: HOLD_MS,
    afterMs: OTHERS_AFTER_MS,
    target: NONE_LOST,
  },
  {
    name: 'fused-stalled',
    what: 'the provider that interprets alone takes everything and answers nothing for 4 s',
    engines: 'fused',
    inject: breaks('fused', { type: 'stalled' }),
    heal: mends('fused'),
    holdMs: HOLD_MS,
    afterMs: OTHERS_AFTER_MS,
    // Such a provider lags by seconds when it is well, so a stall of seconds is heard as one.
    target: { words: 'none-lost', pacingWorseMs: PACING_WORSE_MS },
  },
  {
    name: 'fused-nothing',
    what: 'nothing at all, while one provider interprets alone',
    engines: 'fused',
    inject: async () => undefined,
    holdMs: HOLD_MS,
    target: NONE_LOST,
  },
];

export const ENGINE_FAULTS: readonly Fault[] = [...WITH_ANOTHER, ...ALONE, ...WHOLE, ...FUSED];

function targetOf(kind: Kind): Target {
  return kind === 'stt' ? NONE_LOST_BY_OTHERS : NONE_LOST;
}

function breaks(vendor: VendorName, fault: VendorFault): Fault['inject'] {
  return async ({ change }) => {
    await change({ vendor, fault });
    return undefined;
  };
}

function mends(vendor: VendorName): NonNullable<Fault['heal']> {
  return ({ change }) => change({ vendor, fault: undefined });
}

function mended(vendor: VendorName): Fault['inject'] {
  return async ({ change }) => {
    await change({ vendor, fault: undefined });
    return undefined;
  };
}
