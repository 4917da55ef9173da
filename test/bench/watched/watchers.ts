/**
 * The process of those who watch a server, steer it, and register calls with it: a process of its own, so that its work
 * is neither the server's nor the benchmark's. Forked by `watched-bench.ts`; takes one order and, when it is told to
 * stop, says what came of it.
 */

import { connect, type Socket } from 'node:net';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { systemClock } from '../../../src/base/clock.ts';
import { WATCH_ORDER, type WatchOrder } from './watch-messages.ts';

const CALLS = z.object({
  calls: z.array(z.object({ call: z.string(), parties: z.array(z.object({ party: z.string() })) })),
});
const WATCHER = /event: watcher\ndata: \{"id":"([0-9a-f]+)"\}/;

/** Fewer a second than the server answers. */
const OPENING_EVERY_MS = 5;
/** Changes of a party's name: as many events as 200 calls that talk tell of. */
const CHANGE_EVERY_MS = 10;
const SCRAPE_EVERY_MS = 1_000;
const REGISTER_EVERY_MS = 10;
/** Rows that an operator's window shows. */
const ROWS_SEEN = 40;
const NEVER_READING = 1_000;
const NEVER = new AbortController().signal;

/** As few connections as a program keeps that registers calls. */
const dispatcher = new Agent({ connections: 4 });

const result = { streams: 0, refused: 0, bytesRead: 0, scrapes: 0, changes: 0, registeredMs: [] as number[] };
let stopped = false;

process.once('message', (message) => {
  // Without its benchmark there is nobody to watch for.
  process.once('disconnect', () => process.exit());
  process.once('message', () => {
    stopped = true;
    process.send?.(result);
  });
  void run(WATCH_ORDER.parse(message));
});

async function run({ what, api, metricsUrl, warmUpMs }: WatchOrder): Promise<void> {
  const url = `http://${api.host}:${api.port}/api/v1`;
  const { calls } = CALLS.parse(
    await (await request(`${url}/calls?state=running`, { dispatcher })).body.json(),
  );
  const perCall = calls.map(({ call }) => `/api/v1/calls/${call}/events`);
  switch (what) {
    case 'nobody':
      break;
    case 'watchers': {
      openStream(api, '/api/v1/events');
      const levels = openStream(api, '/api/v1/levels');
      let told = '';
      const named = (text: Buffer): void => {
        // Its head may come by itself.
        told += text.toString();
        const id = WATCHER.exec(told)?.[1];
        if (id !== undefined) {
          levels.off('data', named);
          void put(`${url}/levels/${id}`, { calls: calls.slice(0, ROWS_SEEN).map(({ call }) => call) });
        }
      };
      levels.on('data', named);
      void every(SCRAPE_EVERY_MS, async () => {
        await (await request(metricsUrl, { dispatcher })).body.dump();
        result.scrapes += 1;
      });
      void change(url, calls);
      for (const path of [...perCall, ...perCall]) {
        openStream(api, path);
        await systemClock.sleep(OPENING_EVERY_MS, NEVER);
      }
      break;
    }
    case 'readers of nothing': {
      void change(url, calls);
      const paths = ['/api/v1/events', '/api/v1/levels', ...perCall];
      for (let client = 0; client < NEVER_READING && !stopped; client += 1) {
        openStream(api, paths[client % paths.length] ?? '').pause();
        await systemClock.sleep(OPENING_EVERY_MS, NEVER);
      }
      break;
    }
    case 'registrations': {
      const timedFromMs = systemClock.nowMs() + warmUpMs;
      void every(REGISTER_EVERY_MS, async () => {
        const startMs = systemClock.nowMs();
        const parties = [{ language: 'en' }, { language: 'es' }];
        const answer = await send(`${url}/calls`, 'POST', { parties, ttlSeconds: 5 });
        if (answer !== 201) {
          result.refused += 1;
        } else if (startMs >= timedFromMs) {
          result.registeredMs.push(systemClock.nowMs() - startMs);
        }
      });
      break;
    }
  }
}

/** Gives the parties other names, one call after the other. */
async function change(url: string, calls: z.infer<typeof CALLS>['calls']): Promise<void> {
  let count = 0;
  await every(CHANGE_EVERY_MS, async () => {
    const { call, parties } = calls[count % calls.length] ?? { call: '', parties: [] };
    count += 1;
    const status = await send(`${url}/calls/${call}/parties/${parties[0]?.party}`, 'PATCH', {
      name: `told ${count}`,
    });
    result.changes += status === 200 ? 1 : 0;
  });
}

async function put(url: string, body: unknown): Promise<void> {
  const status = await send(url, 'PUT', body);
  if (status !== 204) {
    throw new Error(`levels were asked for in vain: ${status}`);
  }
}

async function send(url: string, method: 'POST' | 'PATCH' | 'PUT', body: unknown): Promise<number> {
  const answer = await request(url, {
    ...{ dispatcher, method, body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json' },
  });
  await answer.body.dump();
  return answer.statusCode;
}

/** Begins `work` so often, whether or not the one before is done, until we are stopped. */
async function every(periodMs: number, work: () => Promise<void>): Promise<void> {
  for (let atMs = systemClock.nowMs(); !stopped; atMs += periodMs) {
    await systemClock.sleep(Math.max(0, atMs - systemClock.nowMs()), NEVER);
    void work().catch(() => {
      // Where there are too many connections already, one more is closed.
      result.refused += 1;
    });
  }
}

/** Asks for a stream of events and reads it, unless it is paused. */
function openStream({ host, port }: { readonly host: string; readonly port: number }, path: string): Socket {
  const socket = connect({ host, port });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  result.streams += 1;
  socket.on('data', (bytes: Buffer) => {
    result.bytesRead += bytes.length;
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    result.streams -= stopped ? 0 : 1;
    result.refused += stopped ? 0 : 1;
  });
  return socket;
}
