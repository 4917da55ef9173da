/**
 * `dragoman check`: tries, without taking a call, everything that `dragoman serve` needs with the same flags: every
 * engine of every list in every language, with its voice. It may be run beside the service, whose ports it knows and
 * whose keys it reads.
 */

import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { languagesOf } from '../server/interpreting/directions.ts';
import { EngineTrials } from '../server/interpreting/engine-trials.ts';
import { checkAgents } from './check/agent-checks.ts';
import { checkAri } from './check/ari-checks.ts';
import { askWith, checkAsterisk } from './check/asterisk-checks.ts';
import {
  type Check,
  type CheckItem,
  fails,
  ok,
  runChecks,
  runChecksAsJson,
  warning,
} from './check/check-item.ts';
import { checkCluster } from './check/cluster-checks.ts';
import { checkEmotion } from './check/emotion-checks.ts';
import { checkEngines } from './check/engine-checks.ts';
import { checkExposure } from './check/exposure-checks.ts';
import { checkGlossaries } from './check/glossary-checks.ts';
import { checkLocalModels } from './check/local-model-checks.ts';
import { checkAddresses, checkNode } from './check/machine-checks.ts';
import { checkProfiles } from './check/profile-checks.ts';
import { checkProviders } from './check/provider-checks.ts';
import { holderOf } from './check/running-service.ts';
import { SERVICE_FILES, withServiceFiles } from './check/service-files.ts';
import { addServeFlags } from './config/flags.ts';
import { readConfig } from './config/load-config.ts';
import type { ConfigResult, ServeConfig } from './config/serve-config.ts';
import type { HostPort } from './config/values.ts';
import type { CliContext } from './context.ts';

const HELP = `
With no setting written, what is checked is the installed service: ${SERVICE_FILES.yaml}, with the keys of
${SERVICE_FILES.keys}, which takes root. The keys are read with --config ${SERVICE_FILES.yaml}, too.

Exit status: 0 serve would start and interpret all that it should (there may be warnings); 1 something is to be mended;
2 the flags are wrong.`;

/**
 * @param setStatus is given the exit status when it is not 0.
 * @param files of the service.
 */
export function checkCommand(
  context: CliContext,
  setStatus: (status: number) => void,
  files = SERVICE_FILES,
): Command {
  const command = new Command('check')
    .description('try everything that serve needs, with the same flags, and say what to mend')
    .allowExcessArguments(false);
  addServeFlags(command);
  command.option(
    '--asterisk [command]',
    'look at the Asterisk of this machine too: version, modules and dialplan (default command: asterisk)',
  );
  command.option('--json', 'print it as JSON, once all is tried');
  command.addHelpText('after', HELP);
  return command.action(async ({ asterisk, json, ...written }: Readonly<Record<string, unknown>>) => {
    const { options, environment, items } = withServiceFiles(written, context.environment, files);
    const read = readConfig(options, environment);
    const checks = [
      checkSources(items),
      ...checksOf(read),
      ...asteriskChecks(asterisk, read.ok ? read.config.listen : undefined),
    ];
    const run = json === true ? runChecksAsJson : runChecks;
    const failed = await run(checks, context.writeOut, new AbortController().signal);
    if (failed > 0) {
      setStatus(1);
    }
  });
}

function checksOf(result: ConfigResult): readonly Check[] {
  const node = checkNode(process.versions.node);
  if (!result.ok) {
    return [node, checkProblems(result.problems)];
  }
  const { config, providerVariables } = result;
  return [
    node,
    checkConfiguration(config),
    checkAddresses(config, holderOf(config, systemClock)),
    checkExposure(config),
    checkAri(config, systemClock),
    checkCluster(config),
    checkProviders(config, providerVariables),
    checkGlossaries(config),
    checkLocalModels(config, systemClock),
    checkAgents(config, { ...config, clock: systemClock }),
    checkProfiles(config, systemClock),
    checkEmotion(config, { ...config, clock: systemClock }),
    checkEngines(config, () => new EngineTrials(config, { clock: systemClock, log: silentLog })),
  ];
}

/** @param asked what `--asterisk` was given: absent, true, or a command. */
function asteriskChecks(asked: unknown, listen: readonly HostPort[] | undefined): readonly Check[] {
  if (asked === undefined) {
    return [];
  }
  const command = typeof asked === 'string' ? asked.split(' ').filter((word) => word !== '') : ['asterisk'];
  return [checkAsterisk(askWith(command), listen)];
}

function checkSources(items: readonly CheckItem[]): Check {
  return async function* () {
    yield* items;
  };
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
    // What is exposed and what is idle have checks of their own.
    for (const { kind, origin, sentence } of config.warnings) {
      if (kind === 'unfit' || kind === 'ends') {
        yield warning(origin, sentence);
      }
    }
  };
}
