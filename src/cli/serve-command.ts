/**
 * `dragoman serve`: reads the configuration, starts everything, and ends it in order when asked to. What was
 * started last is closed first, also when a later part fails to start; so the health and metrics addresses
 * answer until the last call of a drain has ended.
 */

import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { isAbort } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { DragomanServer } from '../server/dragoman-server.ts';
import { HttpServer } from '../server/http/http-server.ts';
import { HealthWindow } from '../server/http/service-health.ts';
import { MetricsServer } from '../server/metrics/metrics-server.ts';
import type { ServerView } from '../server/server-stats.ts';
import { openAnnouncements } from './announcements.ts';
import { Closers } from './closers.ts';
import { languagesOf } from './config/directions.ts';
import { addServeFlags } from './config/flags.ts';
import { loadConfig } from './config/load-config.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { formatHostPort, type HostPort } from './config/values.ts';
import type { CliContext } from './context.ts';
import { createLog } from './log.ts';
import { openInterpreters } from './open-interpreters.ts';
import { StopSignals } from './signals.ts';
import { surviveStrays } from './strays.ts';
import { readVersion } from './version.ts';

/** The compiled entry point of a media thread, seen from the compiled form of this file. */
const MEDIA_WORKER_URL = new URL('../../workers/media-thread.js', import.meta.url);

/** What `serve` needs of the server that carries calls. */
export interface CallServer extends ServerView {
  readonly addresses: readonly HostPort[];
  /** Takes no more calls; resolves when the last has ended, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export function serveCommand(context: CliContext): Command {
  const command = new Command('serve')
    .description('interpret calls until SIGTERM or SIGINT')
    .allowExcessArguments(false);
  addServeFlags(command);
  return command.action(async (options: Readonly<Record<string, unknown>>) => {
    const config = loadConfig(options, context.environment);
    const log = createLog({ level: config.logLevel, logPii: config.logPii });
    const stop = new StopSignals(context.signals, context.exit);
    const stopSurviving = surviveStrays(context.strays, log);
    try {
      await serve(config, log, stop);
    } finally {
      stopSurviving();
      stop.close();
    }
  });
}

/** Serves until the first stop signal, drains and closes. @throws AppError when something cannot start. */
async function serve(config: ServeConfig, log: Log, stop: StopSignals): Promise<void> {
  const closers = new Closers();
  try {
    const server = await startEverything(config, log, systemClock, closers, stop.requested);
    await stop.wait();
    log.info(
      { signal: stop.first, drainTimeoutMs: config.drainTimeoutMs },
      'asked to end: no new calls, waiting for those that run',
    );
    await server.drain(config.drainTimeoutMs);
  } catch (error) {
    if (!(stop.requested.aborted && isAbort(error))) {
      throw error;
    }
    // The signal came before everything had started.
  } finally {
    await closers.close();
    log.info({}, 'stopped');
  }
}

/** Starts the engines, the call server, HTTP and metrics, in this order; each adds to `closers` what ends it. */
async function startEverything(
  config: ServeConfig,
  log: Log,
  clock: Clock,
  closers: Closers,
  signal: AbortSignal,
): Promise<CallServer> {
  const startedAtMs = clock.nowMs();
  const server = await openCallServer(config, log, clock, closers, signal);
  closers.add(() => server.close());

  const watching = new AbortController();
  closers.add(() => watching.abort());
  const window = new HealthWindow(server, clock, watching.signal);
  const deps = { view: server, health: () => window.health(), clock, log };

  if (config.http !== undefined) {
    const { captions } = config;
    const options = { ...config.http, captions, version: readVersion(), startedAtMs };
    const http = await HttpServer.open(options, deps);
    closers.add(() => http.close());
    log.info({ address: formatHostPort(http.address), captions }, 'serving HTTP');
  }
  if (config.metrics !== undefined) {
    const options = { ...config.metrics, languages: languagesOf(config), startedAtMs };
    const metrics = await MetricsServer.open(options, deps);
    closers.add(() => metrics.close());
    log.info({ address: formatHostPort(metrics.address) }, 'serving metrics');
  }
  log.info({ addresses: server.addresses.map(formatHostPort), mode: config.mode }, 'ready for calls');
  return server;
}

/** Makes the engines and the server that carries calls; `signal` gives up the start only, not what runs. */
async function openCallServer(
  config: ServeConfig,
  log: Log,
  clock: Clock,
  closers: Closers,
  signal: AbortSignal,
): Promise<CallServer> {
  const { interpreters, languages, speakers } = await openInterpreters(config, log, clock, closers, signal);
  const announcements = await openAnnouncements(config, languages, speakers, clock, log, signal);
  const { pairing, mode, original, allow, maxLegs, mediaThreads, uuidTimeoutMs } = config;
  const limits = { allow, maxLegs, mediaThreads, uuidTimeoutMs };
  signal.throwIfAborted();
  return DragomanServer.open(
    { doors: config.listen, pairing, mode, original, ...limits, workerUrl: MEDIA_WORKER_URL },
    { clock, log, interpreters, announcements },
  );
}
