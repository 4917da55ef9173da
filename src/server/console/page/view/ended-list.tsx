/** The latest calls that are over, each to be told again. */

import { useRef } from 'preact/hooks';
import type { CallModel } from '../state/call-model.ts';
import { hashOf } from '../state/route.ts';
import { shownDuration, shownTime } from '../state/shown-numbers.ts';
import { goTo, useConsole } from './console-context.tsx';
import { LanguageMark } from './language-mark.tsx';
import { moveByKey } from './row-keys.ts';

export function EndedList() {
  const { model } = useConsole();
  const table = useRef<HTMLTableElement>(null);
  const calls = model.ended.value;
  return (
    <>
      <div class="toolbar">
        <h2>Ended calls</h2>
      </div>
      {calls.length === 0 ? (
        <p class="card empty">No call has ended since the server was started. The latest fifty stay here.</p>
      ) : (
        <table class="list card" ref={table} onKeyDown={moveByKey}>
          <caption class="unseen">Calls that are over, the latest end first</caption>
          <thead>
            <tr>
              <th scope="col" class="call-column">
                Call
              </th>
              <th scope="col">Parties</th>
              <th scope="col" class="delay-column number">
                Ended
              </th>
              <th scope="col" class="delay-column number">
                Lasted
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <EndedRow key={call.id} call={call} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function EndedRow({ call }: { readonly call: CallModel }) {
  const to = { type: 'replay', id: call.id } as const;
  return (
    <tr class="opens" onClick={() => goTo(to)}>
      <th scope="row">
        <a class="id" href={hashOf(to)}>
          {call.id.slice(0, 8)}
        </a>
      </th>
      <td>
        {call.everybody.value.map(({ id, facts }) => (
          <span class="who" key={id}>
            <LanguageMark language={facts.value.language} /> {facts.value.name}{' '}
          </span>
        ))}
      </td>
      <td class="number">{shownTime(call.endedAt.value ?? 0)}</td>
      <td class="number">{shownDuration(call.lastedMs.value)}</td>
    </tr>
  );
}
