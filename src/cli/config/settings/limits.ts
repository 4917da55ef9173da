/** What is let in, how much of it, and for how long. */

import { availableParallelism } from 'node:os';
import { parseCount } from '../../../base/values.ts';
import { HEALTH_LIMITS } from '../health-limits.ts';
import { RECOVERY_LIMITS } from '../recovery-limits.ts';
import { many, one, setting } from '../setting.ts';
import { parseNetwork, parseSeconds, parseSecondsOrOff } from '../values.ts';

const GROUP = 'Limits:';

/** The most media threads that can be asked for. */
const MOST_MEDIA_THREADS = 64;
const USUAL_MEDIA_THREADS = Math.max(1, Math.min(availableParallelism() - 1, MOST_MEDIA_THREADS));

export const LIMITS = {
  allow: setting({
    key: 'allow',
    kind: 'many',
    group: GROUP,
    placeholder: 'network,...',
    help: 'who may connect to the --listen addresses: addresses or networks such as 10.0.0.0/8',
    fallback: [],
    fallbackHelp: 'everyone who can reach them',
    read: many(parseNetwork),
    emptyIs: 'is empty, and so would let everyone in: write addresses or networks, or leave it out',
  }),
  maxLegs: setting({
    key: 'max-legs',
    kind: 'one',
    group: GROUP,
    placeholder: 'legs',
    help: 'legs at the same time, one for each party, so two at least; one too many is hung up at once, unless its call runs',
    fallback: ['200'],
    read: one(parseCount(2, 10_000)),
  }),
  mediaThreads: setting({
    key: 'media-threads',
    kind: 'one',
    group: GROUP,
    placeholder: 'threads',
    help: 'threads that process sound',
    fallback: [String(USUAL_MEDIA_THREADS)],
    fallbackHelp: `one per core but one, which the sockets need; here ${USUAL_MEDIA_THREADS}`,
    read: one(parseCount(1, MOST_MEDIA_THREADS)),
  }),
  uuidTimeoutMs: setting({
    key: 'uuid-timeout',
    kind: 'one',
    group: GROUP,
    placeholder: 'seconds',
    help: 'how long a connection may take to say its UUID',
    fallback: ['5'],
    read: one(parseSeconds(0.1, 60)),
  }),
  rejoinMs: setting({
    key: 'rejoin',
    kind: 'one',
    group: GROUP,
    placeholder: 'seconds',
    help:
      'how long the place of a party whose leg ends is kept for another leg with the same UUID, since a call that is ' +
      'handed on looks like one that is hung up; the others hear a soft tone meanwhile. 0: it is given up at once',
    fallback: ['3'],
    read: one(parseSeconds(0, 60)),
  }),
  callLimitMs: setting({
    key: 'call-limit',
    kind: 'one',
    group: GROUP,
    placeholder: 'seconds|off',
    help: 'how long a call may last before it is hung up; a tone tells of it 30 s before',
    fallback: ['off'],
    read: one(parseSecondsOrOff(10, 604_800)),
  }),
  waitLimitMs: setting({
    key: 'wait-limit',
    kind: 'one',
    group: GROUP,
    placeholder: 'seconds',
    help:
      'how long a party may wait alone in its call before it is hung up. Of --max-legs, half at most may wait alone ' +
      'that come from one address',
    fallback: ['600'],
    read: one(parseSeconds(1, 86_400)),
  }),
  health: setting({
    key: 'health',
    kind: 'many',
    group: GROUP,
    placeholder: 'limit=number,...',
    help:
      'what engines and the service are judged by: of the last "operations" in "window" seconds, if they are "fewest" or ' +
      'more, the share in % from which one is "degraded" or "unhealthy"; looked at every "check" seconds. After so many ' +
      '"failures" in a row others are asked first for "bench" seconds, each time twice as long up to "longest-bench", and ' +
      'for "lasting-bench" where somebody has to act. What is left out stays as it is',
    fallback: HEALTH_LIMITS.usual,
    read: HEALTH_LIMITS.read,
  }),
  recovery: setting({
    key: 'recovery',
    kind: 'many',
    group: GROUP,
    placeholder: 'limit=number,...',
    help:
      'when something is started anew, or somebody else asked: a translation that takes "mt-late" ms, or a first sound ' +
      '"tts-late", has the next engine asked as well. A media thread that works for "thread-busy" ms, or is silent for ' +
      '"thread-silent", without a sign of life is replaced; a main thread after "main-busy" seconds. The pipeline of a ' +
      'party of whom so many "utterances" in a row fail, engines being well, is started anew; the whole process when so ' +
      'many "pipelines" were in vain, so many "threads" hung within a minute, or "heap" % of its memory stay full at ' +
      'three looks, one each "look" seconds: then it takes no new calls, gives those that run to other nodes where it can, and ' +
      'is started anew once nobody is on a call. Neither again within "cool-down" seconds. What is left out stays as it is',
    fallback: RECOVERY_LIMITS.usual,
    read: RECOVERY_LIMITS.read,
  }),
  drainTimeoutMs: setting({
    key: 'drain-timeout',
    kind: 'one',
    group: GROUP,
    placeholder: 'seconds',
    help: 'how long running calls may go on after SIGTERM or SIGINT before they are hung up',
    fallback: ['30'],
    read: one(parseSeconds(0, 86_400)),
  }),
} as const;
