/** Records for people at a terminal: a line for each call, and one call with all that there is. */

import type { CallDetail } from '../../call/detail/call-detail.ts';
import { textTable } from '../text-table.ts';

const HEAD = ['CALL', 'ENDED (UTC)', 'FOR', 'LANGUAGES', 'SAID', 'DELAY', 'ENDED BY', 'COST', 'KEPT'];

/** The lines of the table, its head first; without records it says so. */
export function recordLines(records: readonly CallDetail[]): readonly string[] {
  return records.length === 0 ? ['no records'] : textTable([HEAD, ...records.map(rowOf)]);
}

function rowOf(record: CallDetail): readonly string[] {
  const { call, endedAt, durationMs, languages, directions, end, cost, transcripts } = record;
  const said = directions.reduce(
    (sum, { utterances }) => sum + Object.values(utterances).reduce((all, count) => all + count, 0),
    0,
  );
  const delays = directions.flatMap(({ delay }) => delay?.p50Ms ?? []);
  return [
    call,
    endedAt.slice(0, 19).replace('T', ' '),
    span(durationMs),
    languages.join(','),
    String(said),
    delays.length === 0 ? '' : `${(Math.max(...delays) / 1_000).toFixed(1)} s`,
    end.by === undefined ? end.reason : `${end.by}: ${end.reason}`,
    cost === undefined ? '' : `${cost.amount.toFixed(2)} ${cost.currency}`,
    transcripts === undefined ? '' : 'transcript',
  ];
}

/** Everything of one call that people ask for. */
export function recordText(record: CallDetail): string {
  const { parties, directions, engines, end, cost } = record;
  const named = (party: CallDetail['parties'][number]): string =>
    party.piiName === undefined ? '' : ` (${party.piiName})`;
  return [
    `call ${record.call}, ${record.kind}, ${record.mode}, ${record.policy}`,
    ...(record.linkedid === undefined ? [] : [`linkedid ${record.linkedid}`]),
    `from ${record.startedAt} to ${record.endedAt}, ${span(record.durationMs)}`,
    `ended by ${end.by ?? 'us'}: ${end.reason}`,
    `nobody heard for ${seconds(record.deadAirMs)}, two at once for ${seconds(record.talkOverMs)}`,
    '',
    ...parties.flatMap((party) => [
      `${party.party}${named(party)} speaks ${party.languages.join(', ')}, spoke for ${seconds(party.spokenMs)}`,
      ...party.legs.map(
        (leg) =>
          `  ${leg.door}${leg.piiDialled === undefined ? '' : ` dialled ${leg.piiDialled}`}, ${span(leg.startMs)} to ` +
          `${span(leg.endMs)}: ${leg.reason}; ${leg.framesMissing} frames missing`,
      ),
    ]),
    '',
    ...directions.map(({ from, to, utterances, words, delay, repaired, numbersLost = 0 }) =>
      [
        `${from} to ${to}: ${Object.entries(utterances)
          .map(([outcome, count]) => `${count} ${outcome}`)
          .join(', ')}, ${words} words`,
        ...(delay === undefined
          ? []
          : [`delay ${seconds(delay.p50Ms)}, at most ${seconds(delay.p95Ms)} in 95 of 100`]),
        `${repaired} put right, ${numbersLost} with another number`,
      ].join('; '),
    ),
    ...engines.map(
      ({ component, engine, from, to, characters, speechMs }) =>
        `${component} ${engine} ${from}${to === undefined ? '' : ` to ${to}`}: ` +
        (characters === undefined ? seconds(speechMs ?? 0) : `${characters} characters`),
    ),
    ...(cost === undefined
      ? []
      : [
          `cost ${cost.amount} ${cost.currency}${
            cost.unpriced.length === 0 ? '' : `, without ${cost.unpriced.join(', ')}, which have no --price`
          }`,
        ]),
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** `1:02:03`. */
function span(durationMs: number): string {
  const whole = Math.max(0, Math.floor(durationMs / 1_000));
  const [h, min, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (count: number): string => String(count).padStart(2, '0');
  return h > 0 ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}
