/**
 * `npm run bench -- interpret`: how far behind the speaker the interpreter is, on engines as fast as those one can
 * rent. Turns whose words and times are known go through the whole pipeline on a clock of its own, once per policy;
 * what the listener was sent is scored. The same numbers come out on every machine.
 */

import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../../../src/base/clock.ts';
import {
  type EngineProfile,
  PROFILES,
  type ProfileName,
  STABILITIES,
  type Stability,
} from './engine-profiles.ts';
import { type InterpretRuns, policyTable, renderLines, targetLines, waysTable } from './interpret-report.ts';
import { POLICIES, type Policy } from './make-interpreters.ts';
import { runPipeline } from './pipeline-run.ts';
import { type Reduction, reductionOf, type Summary, summarise } from './summary.ts';
import { conversation, monologues, oneClauseTurns, type Turn } from './timelines.ts';
import { scoreTurn, type TurnScore } from './turn-score.ts';

const MONOLOGUE_MS = 600_000;
/**
 * How long a word of a translation takes: 360 ms, a little longer than in the source language, and its share of the 200
 * ms of silence that synthesis leaves at the ends of six words.
 */
const TARGET_WORD_MS = 395;
/** Words of a monologue's translation for one of the source. */
const FILLED = 1.25;

export interface InterpretBenchOptions {
  readonly turns: number;
  readonly oneClause: number;
  readonly monologues: number;
  readonly policies: readonly Policy[];
  readonly stability: Stability;
  readonly drafts: boolean;
  /** How much longer the translation of a monologue takes than the monologue. */
  readonly expansion: number;
  readonly seed: number;
  /** Calls at once. */
  readonly calls: number;
  readonly rateHz: number;
  readonly jsonFile: string | undefined;
}

interface InterpretFlags {
  readonly turns: number;
  readonly oneClause: number;
  readonly monologues: number;
  readonly policy: readonly Policy[];
  readonly stability: Stability;
  readonly drafts: boolean;
  readonly expansion: number;
  readonly seed: number;
  readonly calls: number;
  readonly rate: string;
  readonly json?: string;
  readonly only?: string;
}

/** A part of the scope that is measured in another way than on timelines; returns whether its targets were met. */
export type InterpretPart = () => Promise<boolean>;

/** `interpret`, for the bench's program. @param others what it measures after the timelines, by name. */
export function interpretCommand(others: ReadonlyMap<string, InterpretPart>): Command {
  const parts = ['timelines', ...others.keys()];
  return new Command('interpret')
    .description('How far behind the speaker the translation is, by policy, on engines of known speed.')
    .option('--turns <n>', 'turns of a conversation', count, 500)
    .option('--one-clause <n>', 'turns of one clause', count, 150)
    .option('--monologues <n>', 'speakers who go on for ten minutes', count, 10)
    .option('--policy <names>', `of ${POLICIES.join(', ')}, with commas`, policies, POLICIES)
    .addOption(
      new Option('--stability <kind>', 'how recognition says what will not change')
        .choices(STABILITIES)
        .default('by-word'),
    )
    .option('--no-drafts', 'the clause policy works ahead on nothing')
    .option('--expansion <n>', "a monologue's translation takes so many times as long", above, 1.25)
    .option('--seed <n>', 'what is said, and how engines vary', count, 1)
    .option('--calls <n>', 'calls at once', count, 20)
    .addOption(new Option('--rate <hz>', 'rate of every leg').choices(['8000', '16000']).default('8000'))
    .option('--json <file>', 'write the numbers of the timelines here too')
    .addOption(new Option('--only <part>', 'measure this part').choices(parts))
    .action(async ({ policy, rate, json, only, ...flags }: InterpretFlags) => {
      const options = { ...flags, policies: policy, rateHz: Number(rate), jsonFile: json };
      const runs = new Map<string, InterpretPart>([['timelines', () => benchInterpret(options)], ...others]);
      let passed = true;
      for (const [name, run] of runs) {
        if (only === undefined || only === name) {
          console.log(`\n== ${name} ==\n`);
          passed = (await run()) && passed;
        }
      }
      process.exitCode = passed ? 0 : 1;
    });
}

/** Runs, prints, and tells whether every target was met. */
export async function benchInterpret(options: InterpretBenchOptions): Promise<boolean> {
  const startMs = systemClock.nowMs();
  const runs = await runAll(options);
  const tookS = (systemClock.nowMs() - startMs) / 1_000;
  console.log(
    `interpret: seed ${options.seed}, recognition stable ${options.stability}, ` +
      `${options.rateHz} Hz, in ${tookS.toFixed(0)} s\n`,
  );
  if (runs.byPolicy.size > 0) {
    console.log(`${policyTable(runs.byPolicy)}\n`);
  }
  const named = new Map([
    ...runs.byPolicy,
    ...[...runs.oneClause].map(([name, summary]): [string, Summary] => [`one clause, ${name}`, summary]),
    ...(runs.monologues === undefined ? [] : [['monologues', runs.monologues] as const]),
  ]);
  console.log(`${waysTable(named)}\n`);
  const lines = targetLines(runs);
  console.log(renderLines(lines));
  const troubles = [...named.values()].flatMap((summary) => summary.troubles);
  for (const trouble of troubles.slice(0, 10)) {
    console.error(`FAILED: ${trouble}`);
  }
  if (options.jsonFile !== undefined) {
    const report = {
      scope: 'interpret',
      options,
      lines,
      byPolicy: Object.fromEntries(runs.byPolicy),
      reductions: Object.fromEntries(runs.reductions),
      againstUtterances: runs.againstUtterances,
      oneClause: Object.fromEntries(runs.oneClause),
      revising: runs.revising,
      monologues: runs.monologues,
    };
    await writeFile(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  return troubles.length === 0 && lines.every(({ met }) => met !== false);
}

async function runAll(options: InterpretBenchOptions): Promise<InterpretRuns> {
  const said = conversation(options.turns, options.seed);
  const scores = new Map<Policy, readonly TurnScore[]>();
  for (const policy of options.turns === 0 ? [] : options.policies) {
    scores.set(policy, await scored(options, said, { policy, wholeTurns: policy === 'turn' }));
  }
  const utterances = scores.has('turn') ? await scored(options, said, { policy: 'turn' }) : undefined;
  const clause = scores.get('clause');
  const reductions = new Map<string, Reduction>();
  for (const [policy, others] of scores) {
    if (policy !== 'clause' && clause !== undefined) {
      reductions.set(policy, reductionOf(laal(clause), laal(others)));
    }
  }
  const oneClause = new Map<string, Summary>();
  if (options.policies.includes('clause') && options.oneClause > 0) {
    const turns = oneClauseTurns(options.oneClause, options.seed);
    for (const profile of Object.keys(PROFILES).filter(isProfile)) {
      oneClause.set(profile, summarise(await scored(options, turns, { profile: PROFILES[profile] })));
    }
  }
  const revising =
    clause === undefined ? undefined : summarise(await scored(options, said, { stability: 'none' }));
  return {
    byPolicy: new Map([
      ...[...scores].map(([policy, each]): [string, Summary] => [policy, summarise(each)]),
      ...(utterances === undefined ? [] : [['turn, utterances', summarise(utterances)] as const]),
    ]),
    reductions,
    againstUtterances:
      clause === undefined || utterances === undefined
        ? undefined
        : reductionOf(laal(clause), laal(utterances)),
    oneClause,
    revising,
    monologues:
      options.policies.includes('clause') && options.monologues > 0
        ? summarise(await scoredMonologues(options))
        : undefined,
  };
}

interface Variation {
  readonly policy?: Policy;
  readonly profile?: EngineProfile;
  readonly stability?: Stability;
  readonly wholeTurns?: boolean;
  readonly longer?: boolean;
  readonly targetWordMs?: number;
}

/** What a policy other than that under test works ahead on is nothing: that is what it is compared with. */
async function scored(
  options: InterpretBenchOptions,
  turns: readonly Turn[],
  variation: Variation,
): Promise<readonly TurnScore[]> {
  const { policy = 'clause', longer = false } = variation;
  const facts = await runPipeline({
    turns,
    calls: options.calls,
    policy,
    drafts: policy === 'clause' && options.drafts,
    wholeTurns: variation.wholeTurns ?? false,
    profile: variation.profile ?? PROFILES.standard,
    stability: variation.stability ?? options.stability,
    seed: options.seed,
    rateHz: options.rateHz,
    longer,
    targetWordMs: variation.targetWordMs ?? TARGET_WORD_MS,
  });
  return facts.map((turn) => scoreTurn(turn, longer));
}

/** A translation a quarter longer in words, and so long in time that it takes `expansion` times the whole monologue. */
function scoredMonologues(options: InterpretBenchOptions): Promise<readonly TurnScore[]> {
  const turns = monologues(options.monologues, MONOLOGUE_MS, options.seed);
  const sum = (of: (turn: Turn) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  const sourceMs = sum((turn) => turn.lengthMs);
  const targetWords = sum((turn) => turn.words.length) * FILLED;
  const targetWordMs = (sourceMs * options.expansion) / targetWords;
  return scored(options, turns, { longer: true, targetWordMs });
}

function laal(scores: readonly TurnScore[]): readonly number[] {
  return scores.map(({ laalMs }) => laalMs);
}

function isProfile(name: string): name is ProfileName {
  return name in PROFILES;
}

function policies(text: string): readonly Policy[] {
  return text.split(',').map((name) => {
    const policy = POLICIES.find((known) => known === name.trim());
    if (policy === undefined) {
      throw new InvalidArgumentError(`Write some of ${POLICIES.join(', ')}.`);
    }
    return policy;
  });
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError('Write a whole number, 0 or above.');
  }
  return value;
}

function above(text: string): number {
  const value = Number(text);
  if (!(value > 0)) {
    throw new InvalidArgumentError('Write a number above 0.');
  }
  return value;
}
