/** The HTTP server over loopback, in front of a server that the test plays. */

import assert from 'node:assert/strict';
import { silentLog } from '../../../src/base/log.ts';
import type { ServiceHealth } from '../../../src/engines/resilience/health-window.ts';
import type { ApiVoices } from '../../../src/server/http/api/api-voices.ts';
import {
  HttpServer,
  type HttpServerDeps,
  type HttpServerOptions,
} from '../../../src/server/http/http-server.ts';
import { FAKE_START_MS, FakeClock } from '../../base/fake-clock.ts';
import { FakeInterpretingView } from './fake-interpreting-view.ts';
import { FakeServerView } from './fake-server-view.ts';

const open: HttpServer[] = [];

/** Closes all that {@link startHttp} has started. */
export async function closeHttp(): Promise<void> {
  await Promise.all(open.splice(0).map((server) => server.close()));
}

/** What such a service has that others do not; `voices` tells the time of this clock. */
export interface StartedDeps
  extends Partial<Pick<HttpServerDeps, 'records' | 'endpoints' | 'nodes' | 'log'>> {
  readonly voices?: (clock: FakeClock, interpreting: FakeInterpretingView) => ApiVoices;
}

export async function startHttp(
  options: Partial<HttpServerOptions> = {},
  { voices, ...deps }: StartedDeps = {},
) {
  const view = new FakeServerView();
  const interpreting = new FakeInterpretingView();
  const clock = new FakeClock();
  const state: { health: ServiceHealth } = { health: 'HEALTHY' };
  const server = await HttpServer.open(
    {
      ...{ host: '127.0.0.1', port: 0, captions: false, version: '1.2.3', startedAtMs: clock.nowMs() },
      ...options,
    },
    {
      ...{ view, clock, log: silentLog, health: () => state.health, interpreting },
      utterances: { utterances: 0, failures: 0 },
      ...(voices === undefined ? {} : { voices: voices(clock, interpreting) }),
      loop: () => ({
        ...{ state: 'DEGRADED', sinceMs: FAKE_START_MS },
        lag: { medianMs: 0.4, p99Ms: 71.2, longestMs: 90 },
      }),
      ...deps,
    },
  );
  open.push(server);
  const url = (path: string): string => `http://127.0.0.1:${server.address.port}${path}`;
  return { view, interpreting, clock, state, server, url };
}

export async function answer(url: string, asked: RequestInit = {}) {
  const response = await fetch(url, asked);
  const body: unknown = await response.json();
  return { status: response.status, body };
}

/** Reads a stream of events piece by piece. */
export function streamOf(response: Response) {
  assert.ok(response.body !== null);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let received = '';
  const read = async (enough: () => boolean): Promise<string> => {
    while (!enough()) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      received += decoder.decode(value, { stream: true });
    }
    const text = received;
    received = '';
    return text;
  };
  return {
    /** What came up to `text`, and perhaps more. */
    untilText: (text: string) => read(() => received.includes(text)),
    untilEnd: () => read(() => false),
    close: () => reader.cancel(),
  };
}

/** The data of each event in a piece of a stream, and its id. */
export function eventsIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n\n')
    .filter((piece) => piece.includes('data: '))
    .map((piece) => JSON.parse(piece.slice(piece.indexOf('data: ') + 6)));
}

export function idsIn(text: string): readonly string[] {
  return [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id);
}
