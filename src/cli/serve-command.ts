/**
 * `dragoman serve`: reads the configuration, starts everything, and ends it in order when asked to. What was
 * started last is closed first, also when a later part fails to start; so the health and metrics addresses
 * answer until the last call of a drain has ended.
 */

import { getHeapStatistics } from 'node:v8';
import { Command } from 'commander';
import { type Clock, systemClock } from '../base/clock.ts';
import { Closers } from '../base/closers.ts';
import type { Counted } from '../base/counts.ts';
import { AppError, isAbort } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { LoopLag } from '../base/loop-lag.ts';
import { ArrangedSeating } from '../call/seating/arranged-seating.ts';
import { KeptPlaces } from '../call/seating/kept-places.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { createVoiceAgents } from '../engines/agents/voice-agents.ts';
import { createEmotionReader } from '../engines/registry.ts';
import { defaultPlan, seatingOf } from '../server/default-plan.ts';
import { agentDoor } from '../server/doors/agent/agent-door.ts';
import { agiDoor } from '../server/doors/agi/agi-door.ts';
import { ariDoor } from '../server/doors/ari/ari-door.ts';
import { sharedMedia } from '../server/doors/ari/ari-media.ts';
import { type AriPartOptions, ariPart } from '../server/doors/ari/ari-part.ts';
import { parseAllowList } from '../server/doors/audiosocket/allow-list.ts';
import { audioSocketDoor } from '../server/doors/audiosocket/audiosocket-door.ts';
import type { DoorOpener } from '../server/doors/door.ts';
import { gatewayPart } from '../server/doors/websocket/gateway-part.ts';
import { mediaPart } from '../server/doors/websocket/media-part.ts';
import { tryPart } from '../server/doors/websocket/try-part.ts';
import { webSocketDoor } from '../server/doors/websocket/websocket-door.ts';
import { DragomanServer } from '../server/dragoman-server.ts';
import { HttpServer } from '../server/http/http-server.ts';
import { UtteranceHealth } from '../server/http/service-health.ts';
import { languagesOf } from '../server/interpreting/directions.ts';
import { Interpreting } from '../server/interpreting/interpreting.ts';
import { LastResorts, type ResettableServer } from '../server/last-resorts.ts';
import { LoopHealth } from '../server/loop-health.ts';
import { MetricsServer } from '../server/metrics/metrics-server.ts';
import type { Recordings } from '../server/recording/recordings.ts';
import { Traces } from '../server/traces/traces.ts';
import { Webhooks } from '../server/webhooks/webhooks.ts';
import type { VoiceLibrary } from '../voices/voice-library.ts';
import { readAgentFiles } from './agent-files.ts';
import { askStatus } from './ask-status.ts';
import type { Environment } from './config/environment.ts';
import { addServeFlags } from './config/flags.ts';
import { loadConfig } from './config/load-config.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { formatHostPort, type HostPort } from './config/values.ts';
import type { CliContext } from './context.ts';
import { type ProcessLog, processLog } from './log.ts';
import { agentEndings, namedAgents } from './named-agents.ts';
import { assertFiles } from './named-files.ts';
import { openCluster, serveTogether } from './open-cluster.ts';
import { openEndpoints } from './open-endpoints.ts';
import { openKept } from './open-kept.ts';
import { apiVoices, openLibrary } from './open-voices.ts';
import { StopSignals } from './signals.ts';
import { startFields } from './start-fields.ts';
import { Strays } from './strays.ts';
import { readVersion } from './version.ts';
import { Watchdog } from './watchdog.ts';

/** The compiled entry point of a media thread, seen from the compiled form of this file. */
const MEDIA_WORKER_URL = new URL('../../workers/media-thread.js', import.meta.url);

/** They stand by for media threads that die or hang, which seldom do so together. */
const SPARE_MEDIA_THREADS = 1;

/** For how long a node of several may stand still, in ms, before it is killed and its calls go on at another. */
const FROZEN_LIMIT_MS = 1_500;

/** After so many a leg is taken in about as fast as it ever is. */
const REHEARSED_LEGS = 60;

/** What `serve` needs of the server that carries calls. */
export interface CallServer extends ResettableServer {
  readonly addresses: readonly HostPort[];
  /** Takes no more calls; resolves when the last has ended, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  /** More interprets than before: running calls get what they lacked. */
  interpretersChanged(): void;
  close(): Promise<void>;
}

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
  const closers = new Closers();
  const resorts = new LastResorts({ clock: systemClock, log, heapShare, limits: config.recovery });
  const loopLag = new LoopLag(systemClock);
  const loop = new LoopHealth(loopLag, systemClock);
  closers.add(() => loopLag.close());
  closers.add(() => loop.close());
  loopLag.start();
  loop.start();
  try {
    const server = await openEverything(
      config,
      written,
      systemClock,
      closers,
      [counted, strays, resorts, loopLag],
      resorts,
      loop,
      environment,
      stop.requested,
    );
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

/**
 * Opens the doors, HTTP and metrics, then tries the engines: calls that come meanwhile are heard as they are. Each
 * adds to `closers` what ends it. @param signal ends the waiting for the engines.
 */
async function openEverything(
  config: ServeConfig,
  { log }: ProcessLog,
  clock: Clock,
  closers: Closers,
  counted: readonly Counted[],
  resorts: LastResorts,
  loop: LoopHealth,
  environment: Environment,
  signal: AbortSignal,
): Promise<CallServer> {
  const startedAtMs = clock.nowMs();
  assertFiles(config);
  // From its first second on it counts for systemd, which does not know how long a start may take.
  const alive = Watchdog.start({ limitMs: undefined, environment }, clock, log);
  closers.add(() => alive?.close());
  // Nobody is told of what is not done, and no provider is paid for saying it.
  const recordAnnouncement = config.recordAnnouncement && config.record !== 'off';
  const enrolmentAnnouncement = config.voicesDb !== undefined || config.voicesDbUrl !== undefined;
  const agentAnnouncement = namedAgents(config).length + config.agentFiles.size > 0;
  const told = { recordAnnouncement, enrolmentAnnouncement, agentAnnouncement };
  const interpreting = new Interpreting({ ...config, ...told }, log, clock, {
    thresholds: config.health,
    late: config.recovery,
  });
  closers.add(() => interpreting.close());
  const { webhook: url, webhookSecret: secret } = config;
  const webhooks = url === undefined ? undefined : new Webhooks({ url, secret }, clock, log);
  closers.add(() => webhooks?.close());
  const version = readVersion();
  const traces =
    config.traces === undefined
      ? undefined
      : new Traces({ url: config.traces, header: config.tracesHeader, version }, clock, log);
  closers.add(() => traces?.close());
  const { recordings, records, counted: keeping } = await openKept(config, clock, log, closers);
  const cluster = await openCluster(config, clock, log, closers);
  const library = openLibrary(config, clock, log);
  closers.add(() => library?.close());
  // A store that is slow to open keeps no call waiting.
  const opening = library?.open();
  closers.add(() => opening);
  const server = await openCallServer(
    config,
    { interpreting, library, recordings, cluster },
    [...counted, ...keeping, ...[webhooks, traces, library, cluster].filter((each) => each !== undefined)],
    log,
    clock,
  );
  closers.add(() => server.close());
  records?.follow(server);
  const addresses = server.addresses.map(formatHostPort);
  log.info({ addresses }, 'listening');

  const watching = new AbortController();
  closers.add(() => watching.abort());
  resorts.watch(server, interpreting, watching.signal);
  const utterances = new UtteranceHealth(server, clock, watching.signal, config.health);
  const voices = apiVoices(config, library, interpreting, { clock, log, closers });
  const endpoints = openEndpoints(config, clock, closers);
  const deps = {
    ...{
      view: server,
      health: () => utterances.state,
      utterances,
      interpreting,
      records,
      endpoints,
      clock,
      log,
    },
    nodes: cluster,
    loop: () => loop.view,
    voices,
    recording: recordings === undefined ? undefined : () => recordings.health,
  };

  let http: HttpServer | undefined;
  if (config.http !== undefined) {
    const { captions, listenIn, httpNames: names, apiTokenFile: tokenFile } = config;
    const options = {
      ...config.http,
      names,
      captions,
      listenIn,
      tokenFile,
      webhooks,
      traces,
      version,
      startedAtMs,
    };
    http = await HttpServer.open(options, deps);
    closers.add(() => http?.close());
    const api = tokenFile === undefined ? 'for this machine alone' : 'for who has a token';
    log.info({ address: formatHostPort(http.address), captions, listenIn, api }, 'serving HTTP');
  }
  if (config.metrics !== undefined) {
    const names = config.httpNames;
    const options = { ...config.metrics, names, languages: languagesOf(config), startedAtMs, version };
    const metrics = await MetricsServer.open(options, deps);
    closers.add(() => metrics.close());
    log.info({ address: formatHostPort(metrics.address) }, 'serving metrics');
  }
  if (cluster !== undefined) {
    // Beside the other one: until now there was nobody to go on elsewhere.
    const limited = { limitMs: FROZEN_LIMIT_MS, environment: { ...environment, WATCHDOG_USEC: undefined } };
    const watchdog = Watchdog.start(limited, clock, log);
    closers.add(() => watchdog?.close());
  }
  const [first] = server.addresses;
  if (cluster !== undefined && first !== undefined) {
    const starting = (): boolean => interpreting.state === 'starting';
    serveTogether(cluster, config, server, { first, http: http?.address, starting }, clock, log);
  }
  try {
    await interpreting.start(() => server.interpretersChanged(), signal);
  } catch (error) {
    if (signal.aborted && isAbort(error)) {
      return server;
    }
    throw error;
  }
  const { mode, policy } = config;
  log.info({ addresses, mode, policy, interpreting: interpreting.state }, 'ready for calls');
  return server;
}

function openCallServer(
  config: ServeConfig,
  {
    interpreting,
    library,
    recordings,
    cluster,
  }: {
    readonly interpreting: Interpreting;
    readonly library: VoiceLibrary | undefined;
    readonly recordings: Recordings | undefined;
    readonly cluster: Cluster | undefined;
  },
  counted: readonly Counted[],
  log: Log,
  clock: Clock,
): Promise<DragomanServer> {
  const { maxLegs, mediaThreads, uuidTimeoutMs, waitLimitMs } = config;
  // Who was paired by order of arrival has no name by which to come back.
  const rejoinMs = config.pairing === 'port' ? 0 : config.rejoinMs;
  const allow = parseAllowList(config.allow);
  const doors = config.listen.map((address) =>
    audioSocketDoor({ ...address, allow, maxLegs, rejoinMs, uuidTimeoutMs }),
  );
  const ari = ariOptions(config, rejoinMs);
  const { ari: url, ariUser: user, ariPassword: password } = config;
  const { interpreters, announcements, voices, glossary } = interpreting;
  const websockets = webSocketDoors(config, ari, rejoinMs);
  const plan = defaultPlan(config, glossary);
  const scheme = seatingOf(config.pairing, plan);
  // Where nodes pass legs on, they come from wherever their nodes are.
  const kept = allow === undefined && cluster === undefined ? new KeptPlaces(scheme) : scheme;
  const numbers = { byCaller: config.voicesByCaller, byDialled: config.voicesByDialled };
  const descriptions = readAgentFiles(config.agentFiles);
  const named = namedAgents(config);
  const agents = createVoiceAgents(named, { ...config, clock, descriptions });
  for (const { origin, sentence } of agentEndings(named, descriptions, config.providers)) {
    log.warn({ setting: origin, sentence }, 'a voice agent will end');
  }
  const answering = { byDialled: config.agentsByDialled, others: config.agent };
  const seating = new ArrangedSeating(plan, kept, config.extensions, numbers, answering);
  return DragomanServer.open(
    {
      doors: [
        ...doors,
        ...(url === undefined || password === undefined
          ? []
          : [ariDoor({ ...ari, address: { url, user, password } })]),
        ...websockets,
        ...(agents.size === 0 ? [] : [agentDoor({ agents, announcements })]),
        ...(config.agi === undefined ? [] : [agiDoor({ ...config.agi, allow, interpreting })]),
      ],
      ...{ maxLegs, mediaThreads, uuidTimeoutMs, waitLimitMs },
      spareMediaThreads: SPARE_MEDIA_THREADS,
      watchLimits: config.recovery,
      rehearsedLegs: REHEARSED_LEGS,
      workerUrl: MEDIA_WORKER_URL,
    },
    {
      ...{ clock, log, seating, interpreters, announcements, voices, recorder: recordings },
      nodes:
        cluster === undefined
          ? undefined
          : {
              directory: cluster.directory,
              seating: cluster.seating(seating, plan),
              promising: cluster.promising(seating),
              sharesLegs: () => cluster.sharesLegs,
              withLines: config.clusterContext,
            },
      ...(library === undefined ? {} : { speakerVoices: library }),
      emotionReader:
        config.emotion === 'hume' ? createEmotionReader('hume', { ...config, clock }) : undefined,
      counted: { counts: {}, parts: [interpreting, ...counted] },
    },
  );
}

/**
 * What calls by ARI have in common, whoever connects to whom.
 * @param rejoinMs how long a party whose leg is lost keeps its place; 0: not at all.
 */
function ariOptions(config: ServeConfig, rejoinMs: number): AriPartOptions {
  const { ariApp: app, ariMedia, ariMediaAddress, ariMediaSection, extensions, maxLegs } = config;
  return {
    app,
    openMedia: sharedMedia(ariMedia, {
      address: ariMediaAddress,
      section: ariMediaSection,
      rtp: { ...config.rtp, format: config.rtpFormat, languages: config.languages, rejoinMs },
    }),
    languages: languagesOf(config),
    ...{ extensions, maxLegs, replaces: rejoinMs > 0 },
  };
}

/** The door for WebSockets, if there is to be one. */
function webSocketDoors(config: ServeConfig, ari: AriPartOptions, rejoinMs: number): readonly DoorOpener[] {
  const { ws, wsToken: token, httpNames: names, uuidTimeoutMs } = config;
  const { extensions, languages, captions, tryPage } = config;
  const spoken = [...languagesOf(config)];
  return ws === undefined
    ? []
    : [
        webSocketDoor({
          ...{ ...ws, names, token, uuidTimeoutMs },
          parts: [
            gatewayPart({ extensions, languages, rejoinMs }),
            mediaPart({ languages, inRooms: spoken, rejoinMs }),
            ariPart(ari),
            ...(tryPage ? [tryPart({ languages: spoken, captions, rejoinMs })] : []),
          ],
        }),
      ];
}
