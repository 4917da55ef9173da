/** The status of a service as one screen of text. */

import type { ServiceStatus } from '../server/http/service-status.ts';
import { textTable } from './text-table.ts';

/** Width of the first column, which holds the headings. */
const HEAD_COLUMNS = 12;

type Engine = ServiceStatus['engines'][number];
type Direction = ServiceStatus['directions'][number];

/** The operation of each component whose time a party waits for. */
const WAITED_FOR: Readonly<Record<Engine['component'], string>> = {
  stt: 'final',
  mt: 'translate',
  tts: 'first-sound',
  s2s: 'catch-up',
};

/** @param address where it was asked, host:port. */
export function statusText(status: ServiceStatus, address: string): string {
  const { version, startedAt, uptimeSeconds, logLinesDropped } = status;
  const since = startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
  const lines = [
    `dragoman ${version} at ${address} is ${status.status.toUpperCase()}, up ${spanText(uptimeSeconds)} since ${since}`,
    ...section('problems', status.problems),
    ...section('directions', status.directions.length > 0 ? status.directions.map(directionLine) : ['none']),
    ...section('engines', enginesLines(status.engines)),
    ...section('calls', [callsLine(status)]),
    ...section(
      'doors',
      status.doors.map(({ name, host, port }) => doorLine(name, host, port)),
    ),
    ...section('nodes', status.nodes === undefined ? [] : [nodesLine(status.nodes)]),
    ...section(
      'log',
      logLinesDropped === 0 ? [] : [`${logLinesDropped} lines were lost: what reads it is too slow, or gone`],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The first line has the heading; none without lines. */
function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? heading : '').padEnd(HEAD_COLUMNS)}${line}`);
}

function directionLine({ from, to, state, stt, mt, tts, interpreter, voice, reasons }: Direction): string {
  const name = `${from} to ${to}: `;
  switch (state) {
    case 'pending':
      return `${name}heard as it is until its engines have been tried`;
    case 'unserved':
      return `${name}heard as it is: ${reasons.join('; ')}`;
    case 'served': {
      const engines = { interpreter, stt, mt, tts };
      const used = Object.entries(engines).flatMap(([component, engine]) =>
        engine === undefined ? [] : [`${component} ${engine}`],
      );
      return `${name}${used.join(', ')}${voice === undefined ? '' : `, voice ${voice}`}`;
    }
  }
}

/** A table: what each engine is waited for, and what failed last. */
function enginesLines(engines: readonly Engine[]): readonly string[] {
  if (engines.length === 0) {
    return ['none are needed'];
  }
  const rows = engines.map((engine) => {
    const { component, operations, lastError } = engine;
    const waited = operations.find(({ operation }) => operation === WAITED_FOR[component]);
    const sum = (of: 'done' | 'failed'): string =>
      String(operations.reduce((total, each) => total + each[of], 0));
    return [
      `${component} ${engine.engine}`,
      stateOf(engine),
      WAITED_FOR[component],
      msText(waited?.medianMs),
      msText(waited?.lastMs),
      sum('done'),
      sum('failed'),
      lastError === undefined
        ? ''
        : `${lastError.code} (${lastError.operation}) ${lastError.at.slice(0, 19)}Z`,
    ];
  });
  return textTable([['', 'is', 'time of', 'median', 'last', 'done', 'failed', 'last error'], ...rows]);
}

function stateOf({ tasks }: Engine): string {
  const states = new Set(tasks.map(({ state }) => state));
  if (states.has('failed')) {
    return states.has('works') ? 'partly down' : 'down';
  }
  if (states.has('untried')) {
    return 'being tried';
  }
  return states.has('works') ? 'up' : 'not used';
}

function msText(ms: number | undefined): string {
  return ms === undefined ? '-' : `${Math.round(ms)} ms`;
}

function callsLine({ calls, legs }: ServiceStatus): string {
  const states = Object.entries(legs.byState).map(([state, count]) => `${state} ${count}`);
  const named = states.length === 0 ? '' : ` (${states.join(', ')})`;
  return `${calls} with ${legs.active} of at most ${legs.most} legs${named}`;
}

function nodesLine({ own, byState }: NonNullable<ServiceStatus['nodes']>): string {
  const counted = Object.entries(byState).map(([state, count]) => `${count} ${state}`);
  return `this is ${own}; there are ${counted.join(', ')} (dragoman top --cluster)`;
}

/** Doors may be named after the address that was asked for, which may be port 0. */
function doorLine(name: string, host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) {
    return name;
  }
  return `${name.split(' ')[0] ?? name} ${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Two units at most: `3 d 4 h`. */
function spanText(seconds: number): string {
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3_600) % 24],
    ['min', Math.floor(seconds / 60) % 60],
    ['s', Math.floor(seconds) % 60],
  ] as const;
  const first = units.findIndex(([, count]) => count > 0);
  const shown = units.slice(first, first + 2).filter(([, count]) => count > 0);
  return first === -1 ? '0 s' : shown.map(([unit, count]) => `${count} ${unit}`).join(' ');
}
