/**
 * `dragoman check`: tries, without taking a call, everything that `dragoman serve` needs with the same flags.
 * Exit status 0 exactly when `serve` would start. It is run next to a dragoman that serves already only with
 * other ports: taken ports are a reason not to start.
 */

import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { askWith, checkAsterisk } from './check/asterisk-checks.ts';
import { type Check, fails, ok, runChecks } from './check/check-item.ts';
import { checkEngines, type EngineTester } from './check/engine-checks.ts';
import { checkExposure } from './check/exposure-checks.ts';
import { checkGlossaries } from './check/glossary-checks.ts';
import { checkAddresses, checkNode } from './check/machine-checks.ts';
import { checkProviders } from './check/provider-checks.ts';
import { languagesOf } from './config/directions.ts';
import { addServeFlags } from './config/flags.ts';
import { readConfig } from './config/load-config.ts';
import { readProviders } from './config/providers.ts';
import type { ConfigResult, ServeConfig } from './config/serve-config.ts';
import type { CliContext } from './context.ts';
import { EngineTrials } from './engine-trials.ts';

/** @param setStatus is given the exit status when it is not 0. */
export function checkCommand(context: CliContext, setStatus: (status: number) => void): Command {
  const command = new Command('check')
    .description('try everything that serve needs, with the same flags, and say what to mend')
    .allowExcessArguments(false);
  addServeFlags(command);
  command.option(
    '--asterisk [command]',
    'look at the Asterisk of this machine too: its version and modules (default command: asterisk)',
  );
  return command.action(async ({ asterisk, ...options }: Readonly<Record<string, unknown>>) => {
    const { environment } = context;
    const checks = [
      ...checksOf(readConfig(options, environment), readProviders(environment).written),
      ...asteriskChecks(asterisk),
    ];
    const failed = await runChecks(checks, context.writeOut, new AbortController().signal);
    if (failed > 0) {
      setStatus(1);
    }
  });
}

/** @param written names of the variables of providers that are written. */
function checksOf(result: ConfigResult, written: readonly string[]): readonly Check[] {
  const node = checkNode(process.versions.node);
  if (!result.ok) {
    return [node, checkProblems(result.problems)];
  }
  const { config } = result;
  return [
    node,
    checkConfiguration(config),
    checkAddresses(config),
    checkExposure(config),
    checkProviders(config, written),
    checkGlossaries(config),
    checkEngines(config, () => openEngineTester(config)),
  ];
}

/** @param asked what `--asterisk` was given: absent, true, or a command. */
function asteriskChecks(asked: unknown): readonly Check[] {
  if (asked === undefined) {
    return [];
  }
  const command = typeof asked === 'string' ? asked.split(' ').filter((word) => word !== '') : ['asterisk'];
  return [checkAsterisk(askWith(command))];
}

function checkProblems(problems: readonly string[]): Check {
  return async function* () {
    for (const problem of problems) {
      yield fails('configuration', problem);
    }
  };
}

function checkConfiguration(config: ServeConfig): Check {
  return async function* () {
    yield ok('configuration', `${config.mode}, languages ${[...languagesOf(config)].join(', ')}`);
  };
}

async function openEngineTester(config: ServeConfig): Promise<EngineTester> {
  const trials = new EngineTrials(config, systemClock, silentLog);
  return {
    tryDirection: async (direction, signal) => {
      const trial = await trials.try(direction, signal);
      if (trial.type === 'unserved') {
        throw new AppError('language-unsupported', trial.reasons.join('; '));
      }
      const working = trial.results.flatMap(({ component, engine, ms, error }) =>
        error === undefined ? [{ part: component, engine, tookMs: ms }] : [],
      );
      return { trials: working, leftOut: trial.leftOut };
    },
    close: () => trials.close(),
  };
}
