/** The server that carries calls as the configuration has it: its doors, who sits where, and what calls share. */

import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
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
import { languagesOf } from '../server/interpreting/directions.ts';
import type { Interpreting } from '../server/interpreting/interpreting.ts';
import type { Recordings } from '../server/recording/recordings.ts';
import type { VoiceLibrary } from '../voices/voice-library.ts';
import { readAgentFiles } from './agent-files.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { agentEndings, namedAgents } from './named-agents.ts';

/** The compiled entry point of a media thread, seen from the compiled form of this file. */
const MEDIA_WORKER_URL = new URL('../../workers/media-thread.js', import.meta.url);

/** They stand by for media threads that die or hang, which seldom do so together. */
const SPARE_MEDIA_THREADS = 1;

/** After so many a leg is taken in about as fast as it ever is. */
const REHEARSED_LEGS = 60;

/** What calls are carried with; undefined: there is no such thing in this configuration. */
export interface CallServerParts {
  readonly interpreting: Interpreting;
  readonly library: VoiceLibrary | undefined;
  readonly recordings: Recordings | undefined;
  readonly cluster: Cluster | undefined;
  /** What else counts, for metrics. */
  readonly counted: readonly Counted[];
}

/** Opens it: from then on calls are taken. @throws AppError when a door cannot be opened. */
export function openCallServer(
  config: ServeConfig,
  { interpreting, library, recordings, cluster, counted }: CallServerParts,
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
