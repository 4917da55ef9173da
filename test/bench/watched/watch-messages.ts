/** What the benchmark and the process of those who watch say to each other over the IPC channel. */

import { z } from 'zod';

export const WATCHES = ['nobody', 'watchers', 'readers of nothing', 'registrations'] as const;

/** What is done to the server meanwhile. */
export type Watch = (typeof WATCHES)[number];

export const WATCH_ORDER = z.object({
  what: z.enum(WATCHES),
  api: z.object({ host: z.string(), port: z.number() }),
  metricsUrl: z.string(),
  /** Registrations are timed after this long, in ms. */
  warmUpMs: z.number(),
});

export type WatchOrder = z.infer<typeof WATCH_ORDER>;

export const WATCH_RESULT = z.object({
  /** That were open at the end. */
  streams: z.number(),
  /** Connections that were closed by then, and registrations that were refused. */
  refused: z.number(),
  bytesRead: z.number(),
  scrapes: z.number(),
  changes: z.number(),
  /** How long each registration took to be answered, in ms, but for those of the warm-up. */
  registeredMs: z.array(z.number()),
});

export type WatchResult = z.infer<typeof WATCH_RESULT>;
