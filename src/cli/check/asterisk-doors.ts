/**
 * By which ways an Asterisk can send calls here, by its version and the modules that it has loaded: one line each, with
 * what is missing or when to take it. None has to be there but one.
 */

import {
  ARI_CONNECTS_SINCE,
  type AsteriskVersion,
  CHAN_WEBSOCKET_SINCE,
  hasSince,
  OLDEST_MAJOR,
} from './asterisk-versions.ts';
import { type CheckItem, no, ok, warning } from './check-item.ts';

interface Way {
  readonly name: string;
  /** All of them, or it is not there. */
  readonly modules: readonly string[];
  /** Empty: in every version that has AudioSocket. */
  readonly since: ReadonlyMap<number, number>;
  /** When to take it, and how. */
  readonly use: string;
}

const ALWAYS: ReadonlyMap<number, number> = new Map([[OLDEST_MAJOR, 0]]);
const ARI = [
  'app_stasis.so',
  'res_stasis.so',
  'res_stasis_answer.so',
  'res_ari.so',
  'res_ari_applications.so',
  'res_ari_bridges.so',
  'res_ari_channels.so',
  'res_ari_events.so',
];

/** The best first. */
const WAYS: readonly Way[] = [
  {
    name: 'AudioSocket',
    modules: ['res_audiosocket.so', 'app_audiosocket.so'],
    since: ALWAYS,
    use: 'take this one unless you need another: Gosub(dragoman,translate,1(...)), no setting beside --listen',
  },
  {
    name: 'ARI',
    modules: ARI,
    since: ALWAYS,
    use: 'where your calls are run by ARI, or two numbers lead to each other: --ari, Stasis(dragoman,en)',
  },
  {
    name: 'ARI, it connects',
    modules: [...ARI, 'res_websocket_client.so'],
    since: ARI_CONNECTS_SINCE,
    use: 'the same with its web server closed, and calls that go on without dragoman: --ws, dialplan/ari-by-call.conf',
  },
  {
    name: 'ARI, RTP',
    modules: [...ARI, 'chan_rtp.so'],
    since: ALWAYS,
    use: 'where somebody asks for RTP: --ari-media rtp',
  },
  {
    name: 'whisper',
    modules: [...ARI, 'res_stasis_snoop.so'],
    since: ALWAYS,
    use: 'for calls that run already: --ari, dragoman interpret CHANNEL',
  },
  {
    name: 'chan_websocket',
    modules: ['chan_websocket.so', 'res_websocket_client.so', 'res_http_websocket.so'],
    since: CHAN_WEBSOCKET_SINCE,
    use: 'where nothing but HTTP gets through, 7 to 37 ms later: --ws, dialplan/websocket.conf',
  },
];

/** @param modules what `module show` answered. */
export function* judgeDoors(version: AsteriskVersion, modules: string): Iterable<CheckItem> {
  const running = runningModules(modules);
  let usable = false;
  for (const { name, modules: needed, since, use } of WAYS) {
    const missing = needed.filter((module) => !running.has(module));
    if (!hasSince(version, since)) {
      yield no(name, `this Asterisk is too old for it: it came with ${versionsOf(since)}`);
    } else if (missing.length > 0) {
      const lines = missing.map((module) => `load = ${module}`).join(', ');
      yield no(name, `to have it write into modules.conf: ${lines}`);
    } else {
      usable = true;
      yield ok(name, use);
    }
  }
  if (!usable) {
    yield warning('ways in', 'no call can come in by any of these: load the modules of the first');
  }
}

/** Those that run; a module that is loaded and has given up is not there. */
function runningModules(shown: string): ReadonlySet<string> {
  const running = new Set<string>();
  for (const line of shown.split('\n')) {
    const [, module] = /^(\S+\.so)\s/.exec(line) ?? [];
    if (module !== undefined && !/\bNot Running\b/i.test(line)) {
      running.add(module);
    }
  }
  return running;
}

function versionsOf(since: ReadonlyMap<number, number>): string {
  return [...since].map(([major, minor]) => `${major}.${minor}`).join(', ');
}
