/**
 * `dragoman serve`: reads the configuration, starts everything, and ends it in order when asked to. What was
 * started last is closed first, also when a later part fails to start; so the health and metrics addresses
 * answer until the last call of a drain has ended.
 */

import { getHeapStatistics } from 'node:v8';
import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { Closers } from '../base/closers.ts';
import { AppError } from '../base/errors.ts';
import { LoopLag } from '../base/loop-lag.ts';
import { LastResorts } from '../server/last-resorts.ts';
import { LoopHealth } from '../server/loop-health.ts';
import { askStatus } from './ask-status.ts';
import type { Environment } from './config/environment.ts';
import { addServeFlags } from './config/flags.ts';
import { loadConfig } from './config/load-config.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { formatHostPort } from './config/values.ts';
import type { CliContext } from './context.ts';
import { type ProcessLog, processLog } from './log.ts';
import { openService } from './open-service.ts';
import { StopSignals } from './signals.ts';
import { startFields } from './start-fields.ts';
import { Strays } from './strays.ts';

const HELP = `
Calls are taken at once, and heard as they are until the engines have been tried ("ready for calls" in the log). An engine
that is down then is tried again until it is back; what cannot be interpreted at all ends it with status 2, unless
--untranslatable passthrough is written.

Exit status: 0 after SIGTERM or SIGINT; 129 after SIGHUP, which lets running calls end as they do and has systemd start it
again, with the configuration and keys as they are then; 75 it is to be started anew, because it does not recover by itself
any more; 1 it cannot start or go on; 2 what was asked for is wrong, which another start does not mend; 130 or 143 after a
second signal, at once.`;

/** EX_TEMPFAIL of sysexits.h: systemd starts again what ends so. */
const START_ANEW_STATUS = 75;

/** How long the last lines of the log may take to be read, in ms. */
const LOG_END_LIMIT_MS = 2_000;

/** @param setStatus is given the exit status when it is not 0 and nothing is thrown. */
export function serveCommand(context: CliContext, setStatus: (status: number) => void): Command {
  const command = new Command('serve')
    .description('interpret calls until SIGTERM or SIGINT')
    .allowExcessArguments(false);
  addServeFlags(command);
  command.addHelpText('after', HELP);
  return command.action(async (options: Readonly<Record<string, unknown>>) => {
    const config = loadConfig(options, context.environment);
    const { logLevel, logPii, logFormat } = config;
    const written = processLog({ level: logLevel, logPii, format: logFormat }, context.environment);
    const { log, counted: writer } = written;
    log.info(startFields(config), 'starting');
    for (const { origin, sentence } of config.warnings) {
      log.warn({ setting: origin, sentence }, 'a setting is perhaps not what was meant');
    }
    const exit = (status: number): void => (writer.stuck ? context.kill() : context.exit(status));
    const stop = new StopSignals(context.signals, exit, log);
    const strays = new Strays(context.strays, log);
    try {
      setStatus(await serve(config, written, context.environment, stop, strays));
    } catch (error) {
      throw await withHolder(error, config);
    } finally {
      strays.close();
      stop.close();
      const lostLines = await writer.end(LOG_END_LIMIT_MS);
      if (lostLines > 0) {
        context.writeError(`dragoman: nobody reads the log: ${lostLines} lines of it are lost\n`);
      }
      if (writer.stuck) {
        context.kill();
      }
    }
  });
}

/** Who starts it beside the installed service is told so. */
async function withHolder(error: unknown, { http }: ServeConfig): Promise<unknown> {
  if (!(error instanceof AppError && error.code === 'address-in-use') || http === undefined) {
    return error;
  }
  const status = await askStatus(formatHostPort(http), systemClock).catch(() => undefined);
  return status === undefined
    ? error
    : new AppError(
        error.code,
        `${error.message}. A dragoman ${status.version} runs here already: "dragoman status" shows it, ` +
          '"systemctl stop dragoman" ends the service',
        error,
      );
}

/**
 * Serves until the first stop signal, or until nothing but another start helps; drains and closes.
 * @returns the exit status. @throws AppError when something cannot start.
 */
async function serve(
  config: ServeConfig,
  written: ProcessLog,
  environment: Environment,
  stop: StopSignals,
  strays: Strays,
): Promise<number> {
  const { log, counted } = written;
  const closers = new Closers(systemClock, log);
  const resorts = new LastResorts({ clock: systemClock, log, heapShare, limits: config.recovery });
  const loopLag = new LoopLag(systemClock);
  const loop = new LoopHealth(loopLag, systemClock);
  closers.add('loop lag', () => loopLag.close());
  closers.add('loop health', () => loop.close());
  loopLag.start();
  loop.start();
  try {
    const server = await openService({
      ...{ config, log, clock: systemClock, environment, closers, resorts, loop },
      counted: [counted, strays, resorts, loopLag],
      signal: stop.requested,
    });
    const fault = await Promise.race([stop.wait(), resorts.wanted]);
    log.info(
      { signal: stop.first, fault, drainTimeoutMs: config.drainTimeoutMs },
      'asked to end: no new calls, waiting for those that run',
    );
    await server.drain(config.drainTimeoutMs);
    return fault === undefined ? stop.status : START_ANEW_STATUS;
  } finally {
    await closers.close();
    const { logLinesDropped } = counted.counts;
    log.info(logLinesDropped === 0 ? {} : { logLinesDropped }, 'stopped');
  }
}

function heapShare(): number {
  const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
  return usedBytes / limitBytes;
}
