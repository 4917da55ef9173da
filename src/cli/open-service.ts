/**
 * All of `serve` but its end: what calls need, the doors, what watches them, then the engines. Each step adds to the
 * closers what ends it, and what is opened last is closed first: the order here is the order of the end, backwards.
 */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
import type { Counted } from '../base/counts.ts';
import { isAbort } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { DragomanServer } from '../server/dragoman-server.ts';
import { HttpServer } from '../server/http/http-server.ts';
import { UtteranceHealth } from '../server/http/service-health.ts';
import { languagesOf } from '../server/interpreting/directions.ts';
import { Interpreting } from '../server/interpreting/interpreting.ts';
import type { LastResorts } from '../server/last-resorts.ts';
import type { LoopHealth } from '../server/loop-health.ts';
import { MetricsServer } from '../server/metrics/metrics-server.ts';
import { Traces } from '../server/traces/traces.ts';
import { Webhooks } from '../server/webhooks/webhooks.ts';
import type { Environment } from './config/environment.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { formatHostPort } from './config/values.ts';
import { namedAgents } from './named-agents.ts';
import { assertFiles } from './named-files.ts';
import { type CallServerParts, openCallServer } from './open-call-server.ts';
import { openCluster, serveTogether } from './open-cluster.ts';
import { openEndpoints } from './open-endpoints.ts';
import { openKept } from './open-kept.ts';
import { apiVoices, openLibrary } from './open-voices.ts';
import { readVersion } from './version.ts';
import { Watchdog } from './watchdog.ts';

/** For how long a node of several may stand still, in ms, before it is killed and its calls go on at another. */
const FROZEN_LIMIT_MS = 1_500;

export interface ServiceOptions {
  readonly config: ServeConfig;
  readonly log: Log;
  readonly clock: Clock;
  readonly environment: Environment;
  /** Are given what ends each part, also of a start that fails. */
  readonly closers: Closers;
  /** Parts of the process that count, for metrics. */
  readonly counted: readonly Counted[];
  readonly resorts: LastResorts;
  readonly loop: LoopHealth;
  /** Ends the waiting for the engines. */
  readonly signal: AbortSignal;
}

/** Those that are there before a call is. */
interface Parts extends CallServerParts {
  readonly records: Awaited<ReturnType<typeof openKept>>['records'];
  readonly webhooks: Webhooks | undefined;
  readonly traces: Traces | undefined;
}

/** When the service began to start, and as what. */
interface Start {
  readonly startedAtMs: number;
  readonly version: string;
}

/**
 * Opens the doors, HTTP and metrics, then tries the engines: calls that come meanwhile are heard as they are.
 * @throws AppError when something cannot start.
 */
export async function openService(options: ServiceOptions): Promise<DragomanServer> {
  const { config, log, clock, environment, closers, signal } = options;
  const start: Start = { startedAtMs: clock.nowMs(), version: readVersion() };
  assertFiles(config);
  // From its first second on it counts for systemd, which does not know how long a start may take.
  const alive = Watchdog.start({ limitMs: undefined, environment }, clock, log);
  closers.add('watchdog', () => alive?.close());
  const parts = await openParts(options, start);
  const server = await openDoors(options, parts);
  const http = await openWatching(options, parts, server, start);
  joinNodes(options, parts, server, http);
  const { interpreting } = parts;
  try {
    await interpreting.start(() => server.interpretersChanged(), signal);
  } catch (error) {
    if (signal.aborted && isAbort(error)) {
      return server;
    }
    throw error;
  }
  const { mode, policy } = config;
  const addresses = server.addresses.map(formatHostPort);
  log.info({ addresses, mode, policy, interpreting: interpreting.state }, 'ready for calls');
  return server;
}

async function openParts(
  { config, log, clock, closers, counted }: ServiceOptions,
  { version }: Start,
): Promise<Parts> {
  // Nobody is told of what is not done, and no provider is paid for saying it.
  const told = {
    recordAnnouncement: config.recordAnnouncement && config.record !== 'off',
    enrolmentAnnouncement: config.voicesDb !== undefined || config.voicesDbUrl !== undefined,
    agentAnnouncement: namedAgents(config).length + config.agentFiles.size > 0,
  };
  const limits = { thresholds: config.health, late: config.recovery };
  const interpreting = new Interpreting({ ...config, ...told }, log, clock, limits);
  closers.add('engines', () => interpreting.close());
  const { webhook: url, webhookSecret: secret, traces: collector, tracesHeader: header } = config;
  const webhooks = url === undefined ? undefined : new Webhooks({ url, secret }, clock, log);
  closers.add('webhooks', () => webhooks?.close());
  const traces =
    collector === undefined ? undefined : new Traces({ url: collector, header, version }, clock, log);
  closers.add('traces', () => traces?.close());
  const { recordings, records, counted: keeping } = await openKept(config, clock, log, closers);
  const cluster = await openCluster(config, clock, log, closers);
  const library = openLibrary(config, clock, log);
  closers.add('voice profiles', () => library?.close());
  // A store that is slow to open keeps no call waiting.
  void library?.open();
  const others = [webhooks, traces, library, cluster].filter((each) => each !== undefined);
  return {
    ...{ interpreting, library, recordings, cluster, records, webhooks, traces },
    counted: [...counted, ...keeping, ...others],
  };
}

async function openDoors(
  { config, log, clock, closers }: ServiceOptions,
  parts: Parts,
): Promise<DragomanServer> {
  const server = await openCallServer(config, parts, log, clock);
  closers.add('calls', () => server.close());
  parts.records?.follow(server);
  log.info({ addresses: server.addresses.map(formatHostPort) }, 'listening');
  return server;
}

/** What looks on: last resorts, health, the API and metrics. @returns the server of the API, where there is one. */
async function openWatching(
  { config, log, clock, closers, resorts, loop }: ServiceOptions,
  { interpreting, library, recordings, records, cluster, webhooks, traces }: Parts,
  server: DragomanServer,
  { startedAtMs, version }: Start,
): Promise<HttpServer | undefined> {
  const watching = new AbortController();
  closers.add('last resorts', () => watching.abort());
  resorts.watch(server, interpreting, watching.signal);
  const utterances = new UtteranceHealth(server, clock, watching.signal, config.health);
  const voices = apiVoices(config, library, interpreting, { clock, log, closers });
  const endpoints = openEndpoints(config, clock, closers);
  const deps = {
    ...{ view: server, utterances, interpreting, records, endpoints, voices, nodes: cluster, clock, log },
    health: () => utterances.state,
    loop: () => loop.view,
    recording: recordings === undefined ? undefined : () => recordings.health,
  };
  const { captions, listenIn, httpNames: names, apiTokenFile: tokenFile } = config;
  const common = { names, startedAtMs, version };
  let http: HttpServer | undefined;
  if (config.http !== undefined) {
    const options = { ...config.http, ...common, captions, listenIn, tokenFile, webhooks, traces };
    http = await HttpServer.open(options, deps);
    closers.add('HTTP', () => http?.close());
    const api = tokenFile === undefined ? 'for this machine alone' : 'for who has a token';
    log.info({ address: formatHostPort(http.address), captions, listenIn, api }, 'serving HTTP');
  }
  if (config.metrics !== undefined) {
    const options = { ...config.metrics, ...common, languages: languagesOf(config) };
    const metrics = await MetricsServer.open(options, deps);
    closers.add('metrics', () => metrics.close());
    log.info({ address: formatHostPort(metrics.address) }, 'serving metrics');
  }
  return http;
}

/** From then on the other nodes know of this one, where there are any. */
function joinNodes(
  { config, log, clock, environment, closers }: ServiceOptions,
  { cluster, interpreting }: Parts,
  server: DragomanServer,
  http: HttpServer | undefined,
): void {
  const [first] = server.addresses;
  if (cluster === undefined) {
    return;
  }
  // Beside the other one: until now there was nobody to go on elsewhere.
  const limited = { limitMs: FROZEN_LIMIT_MS, environment: { ...environment, WATCHDOG_USEC: undefined } };
  const watchdog = Watchdog.start(limited, clock, log);
  closers.add('watchdog of the cluster', () => watchdog?.close());
  if (first !== undefined) {
    const starting = (): boolean => interpreting.state === 'starting';
    serveTogether(cluster, config, server, { first, http: http?.address, starting }, clock, log);
  }
}
