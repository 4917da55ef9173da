/**
 * Records as CSV (RFC 4180): the columns of Asterisk's call detail records in their order, so that what reads those reads
 * ours, and behind them what Asterisk does not know. Times are UTC.
 */

import type { CallDetail } from '../../call/detail/call-detail.ts';

/** https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/ */
const COLUMNS: readonly (readonly [name: string, value: (record: CallDetail) => string | number])[] = [
  ['clid', ({ parties }) => parties[0]?.piiName ?? ''],
  ['src', () => ''],
  [
    'dst',
    ({ parties }) => parties.flatMap(({ legs }) => legs).find((leg) => leg.piiDialled)?.piiDialled ?? '',
  ],
  ['dcontext', () => ''],
  ['channel', (record) => channelOf(record, 0)],
  ['dstchannel', (record) => channelOf(record, 1)],
  ['lastapp', ({ parties }) => parties[0]?.legs[0]?.door.split(' ')[0] ?? ''],
  ['lastdata', ({ parties }) => parties[0]?.legs[0]?.door ?? ''],
  ['start', ({ startedAt }) => moment(startedAt)],
  ['answer', ({ answeredAt }) => (answeredAt === undefined ? '' : moment(answeredAt))],
  ['end', ({ endedAt }) => moment(endedAt)],
  ['duration', ({ durationMs }) => Math.round(durationMs / 1_000)],
  ['billsec', billedSeconds],
  ['disposition', ({ answeredAt }) => (answeredAt === undefined ? 'NO ANSWER' : 'ANSWERED')],
  ['amaflags', () => 'DOCUMENTATION'],
  ['accountcode', () => ''],
  ['uniqueid', ({ call }) => call],
  ['userfield', ({ callId = '' }) => callId],
  ['sequence', () => ''],
  ['linkedid', ({ linkedid = '' }) => linkedid],
  ['peeraccount', () => ''],
  ['languages', ({ languages }) => languages.join(' ')],
  ['reason', ({ end }) => end.reason],
  ['by', ({ end }) => end.by ?? ''],
  [
    'utterances',
    (record) => sum(record, ({ utterances }) => Object.values(utterances).reduce((a, b) => a + b, 0)),
  ],
  ['words', (record) => sum(record, ({ words }) => words)],
  ['delay_p50_ms', (record) => worst(record, ({ delay }) => delay?.p50Ms)],
  ['delay_p95_ms', (record) => worst(record, ({ delay }) => delay?.p95Ms)],
  ['talk_over_s', ({ talkOverMs }) => talkOverMs / 1_000],
  ['dead_air_s', ({ deadAirMs }) => deadAirMs / 1_000],
  ['cost', ({ cost }) => cost?.amount ?? ''],
  ['currency', ({ cost }) => cost?.currency ?? ''],
];

export function csvHead(): string {
  return COLUMNS.map(([name]) => name).join(',');
}

export function csvLine(record: CallDetail): string {
  return COLUMNS.map(([, value]) => cell(String(value(record)))).join(',');
}

/** What a spreadsheet would take for a formula is a text, but a number is one; Asterisk has quotes around every text, readers need none. */
function cell(text: string): string {
  const safe = /^\s*[=+@-]|^[\t\r]/.test(text) && !/^-\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function channelOf({ call, parties }: CallDetail, place: number): string {
  const party = parties[place]?.party;
  return party === undefined ? '' : `dragoman/${call}-${party}`;
}

function billedSeconds({ answeredAt, endedAt }: CallDetail): number {
  return answeredAt === undefined ? 0 : Math.round((Date.parse(endedAt) - Date.parse(answeredAt)) / 1_000);
}

/** `2026-11-29 10:00:00`. */
function moment(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

type Direction = CallDetail['directions'][number];

function sum({ directions }: CallDetail, of: (direction: Direction) => number): number {
  return directions.reduce((all, direction) => all + of(direction), 0);
}

/** Of the directions that have one. */
function worst({ directions }: CallDetail, of: (direction: Direction) => number | undefined): number | '' {
  const values = directions.flatMap((direction) => of(direction) ?? []);
  return values.length === 0 ? '' : Math.max(...values);
}
