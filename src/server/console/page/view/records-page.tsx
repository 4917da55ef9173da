/** What is kept of calls that are over: a line for each of the latest, which leads to all that is kept of it. */

import { useRef } from 'preact/hooks';
import type { CallDetail } from '../../../../call/detail/call-detail.ts';
import { useAsked } from '../link/asked.ts';
import { hashOf } from '../state/route.ts';
import { shownDelay, shownDuration } from '../state/shown-numbers.ts';
import { goTo, useConsole } from './console-context.tsx';
import { LanguageMark } from './language-mark.tsx';
import { moveByKey } from './row-keys.ts';

interface RecordList {
  readonly records: readonly CallDetail[];
}

export function RecordsPage() {
  const { api } = useConsole();
  const asked = useAsked<RecordList>(api, 'api/v1/records?limit=100').value;
  return (
    <>
      <div class="toolbar">
        <h2>Records</h2>
      </div>
      {asked.type === 'refused' ? (
        <p class="card empty">{asked.why}</p>
      ) : asked.type === 'waiting' ? (
        <p class="card empty">Reading what is kept …</p>
      ) : asked.answer.records.length === 0 ? (
        <p class="card empty">Nothing is kept yet: a call is, when it is over.</p>
      ) : (
        <Records records={asked.answer.records} />
      )}
    </>
  );
}

function Records({ records }: RecordList) {
  const table = useRef<HTMLTableElement>(null);
  return (
    <table class="list card" ref={table} onKeyDown={moveByKey}>
      <caption class="unseen">The latest hundred records, the latest end first</caption>
      <thead>
        <tr>
          <th scope="col" class="call-column">
            Call
          </th>
          <th scope="col">Languages</th>
          <th scope="col">Ended</th>
          <th scope="col" class="delay-column number">
            Lasted
          </th>
          <th scope="col" class="delay-column number">
            Delay
          </th>
          <th scope="col" class="delay-column number extra">
            Said
          </th>
          <th scope="col" class="extra">
            Ended by
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <RecordRow key={record.call} record={record} />
        ))}
      </tbody>
    </table>
  );
}

function RecordRow({ record }: { readonly record: CallDetail }) {
  const to = { type: 'record', id: record.call } as const;
  const { languages, directions, end } = record;
  const delays = directions.flatMap(({ delay }) => delay?.p50Ms ?? []);
  return (
    <tr class="opens" onClick={() => goTo(to)}>
      <th scope="row">
        <a class="id" href={hashOf(to)}>
          {record.call.slice(0, 8)}
        </a>
      </th>
      <td>
        {languages.map((language) => (
          <span key={language}>
            <LanguageMark language={language} />{' '}
          </span>
        ))}
      </td>
      <td>{new Date(record.endedAt).toLocaleString()}</td>
      <td class="number">{shownDuration(record.durationMs)}</td>
      <td class="number">{shownDelay(delays.length === 0 ? undefined : Math.max(...delays))}</td>
      <td class="number extra">
        {directions.flatMap(({ utterances }) => Object.values(utterances)).reduce((sum, one) => sum + one, 0)}
      </td>
      <td class="extra">{end.by === undefined ? end.reason : `${end.by}: ${end.reason}`}</td>
    </tr>
  );
}
