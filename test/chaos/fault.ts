/** What a row of the harness is: a fault, how it is brought about and undone, and what has to be true meanwhile. */

import type { ChaosNodes } from './chaos-nodes.ts';
import type { ChaosServer } from './chaos-server.ts';
import type { Strangers } from './strangers.ts';
import type { VendorChange } from './vendor-faults.ts';

/** What a fault can be done to. */
export interface Rig {
  /** Of several, the node that has the first call. */
  readonly server: ChaosServer;
  /** Where several serve together. */
  readonly nodes?: ChaosNodes;
  /** The number of `server` among them. */
  readonly busyNode: number;
  readonly strangers: Strangers;
  change(...changes: readonly VendorChange[]): Promise<void>;
  /** Resolves after so long. */
  pass(ms: number): Promise<void>;
}

export interface Target {
  /** The longest dead air while the other speaks, in ms; what there was before the fault is allowed as well. */
  readonly deadAirMs?: number;
  /** The longest time between two frames of a leg, in ms. */
  readonly frameGapMs?: number;
  /** From when it begins, so long at most no word is translated, or late, in ms. */
  readonly translatedAgainMs?: number;
  /** `none-lost`: every word is heard translated. `none-unheard`: or else in the speaker's own voice. */
  readonly words: 'none-lost' | 'none-unheard' | 'some-lost';
  /** So many words the fault itself may turn into others, which nobody can tell: they count as lost. Default none. */
  readonly spoilt?: number;
  /** How much worse the 99th percentile of pacing may be, in ms. */
  readonly pacingWorseMs?: number;
  /** The most that anything may grow, which `inject` returns. */
  readonly growth?: Readonly<Record<string, number>>;
}

/** Numbers of a row besides those of the calls, such as how memory grew. */
export type Extra = Readonly<Record<string, number>>;

export interface Fault {
  readonly name: string;
  /** One sentence. */
  readonly what: string;
  /** Calls that run meanwhile; default 4. */
  readonly calls?: number;
  /** Between two turns of who speaks, in ms; default 1,400. */
  readonly turnGapMs?: number;
  /** Calls beside those in which nobody speaks; default none. */
  readonly steadyCalls?: number;
  /** Nodes that serve together; default one that serves alone. */
  readonly nodes?: number;
  /** Whether the second leg of each call comes to another node than the first; default no. */
  readonly scattered?: boolean;
  /**
   * Which engines there are. `pair`: two of each kind. `one`: the first of each. `others`: the second of each.
   * `fused`: OpenAI's sessions interpret, and the first of each where those cannot.
   * `machine`: the first of each, and Apertium translates. `machine-stt`: PocketSphinx recognises before the first.
   * `machine-tts`: eSpeak NG speaks before the first. Neither understands, or is understood by, who speaks in tones.
   */
  readonly engines: 'pair' | 'one' | 'others' | 'fused' | 'machine' | 'machine-stt' | 'machine-tts';
  readonly nodeFlags?: readonly string[];
  /** What is wrong when the server starts. */
  readonly atStart?: readonly VendorChange[];
  /** Begins it; what it returns is judged by {@link Target.growth}. */
  readonly inject: (rig: Rig) => Promise<Extra | undefined>;
  /** How long `inject` takes, in ms, where it is all of the fault; default 0. */
  readonly injectMs?: number;
  readonly heal?: (rig: Rig) => Promise<void>;
  /** From when it has begun until it is healed, in ms. */
  readonly holdMs: number;
  /** For how long calls go on after that, in ms; default 6,000. */
  readonly afterMs?: number;
  readonly target: Target;
}
