/** All that is kept of one call: what it was like, what was said side by side, and to have it removed. */

import { useSignal } from '@preact/signals';
import type { CallDetail } from '../../../../call/detail/call-detail.ts';
import type { Transcript } from '../../../../call/transcript/transcript.ts';
import { Refusal } from '../link/api-client.ts';
import { useAsked } from '../link/asked.ts';
import { shownDelay, shownDuration } from '../state/shown-numbers.ts';
import { goTo, useConsole } from './console-context.tsx';
import { Controls, LookOnlyNote } from './controls.tsx';
import { languageName } from './language-mark.tsx';
import { OpenedHeading } from './opened-heading.tsx';

export function RecordPage({ id }: { readonly id: string }) {
  const { api } = useConsole();
  const path = `api/v1/records/${id}`;
  const asked = useAsked<CallDetail>(api, path).value;
  if (asked.type !== 'there') {
    return (
      <p class="card empty">
        {asked.type === 'waiting' ? 'Reading what is kept …' : asked.why} <a href="#/records">Records</a>
      </p>
    );
  }
  const { answer: record } = asked;
  return (
    <>
      <div class="toolbar">
        <OpenedHeading>Call {record.call.slice(0, 8)}</OpenedHeading>
        <Controls>
          <RemoveButton path={path} />
        </Controls>
      </div>
      <LookOnlyNote />
      <Facts record={record} />
      {record.transcripts === undefined ? (
        <p class="card empty">What was said was not kept.</p>
      ) : (
        <Words path={path} />
      )}
    </>
  );
}

function Facts({ record }: { readonly record: CallDetail }) {
  const { parties, directions, end, cost } = record;
  const rows: readonly (readonly [string, string])[] = [
    ['Began', new Date(record.startedAt).toLocaleString()],
    ['Lasted', shownDuration(record.durationMs)],
    ['Ended by', end.by === undefined ? end.reason : `${end.by}: ${end.reason}`],
    ...parties.map(
      ({ party, piiName = '', languages, spokenMs, legs }) =>
        [
          `Party ${party}`,
          `${piiName} ${languages.map(languageName).join(', ')}; spoke ${shownDuration(spokenMs)}; ` +
            legs.map(({ door, reason }) => `${door}, ${reason}`).join('; '),
        ] as const,
    ),
    ...directions.map(
      ({ from, to, utterances, delay, repaired, numbersLost = 0 }) =>
        [
          `${from} to ${to}`,
          `${Object.entries(utterances)
            .map(([outcome, count]) => `${count} ${outcome}`)
            .join(', ')}; delay ${shownDelay(delay?.p50Ms)}, 95 % ${shownDelay(delay?.p95Ms)}; ` +
            `${repaired} put right, ${numbersLost} with another number`,
        ] as const,
    ),
    ['Nobody heard', shownDuration(record.deadAirMs)],
    ['Two at once', shownDuration(record.talkOverMs)],
    ...(cost === undefined ? [] : [['Cost', `${cost.amount} ${cost.currency}`] as const]),
  ];
  return (
    <table class="list card">
      <caption class="unseen">What the call was like</caption>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" class="call-column">
              {name}
            </th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Words({ path }: { readonly path: string }) {
  const { api } = useConsole();
  const asked = useAsked<Transcript>(api, `${path}/transcript`).value;
  if (asked.type !== 'there') {
    return <p class="card empty">{asked.type === 'waiting' ? 'Reading what was said …' : asked.why}</p>;
  }
  const { parties, lines } = asked.answer;
  const spoken = [...parties, ...lines, ...lines.flatMap(({ translations }) => translations)];
  const languages = [...new Set(spoken.map(({ language }) => language))];
  const nameOf = (party: string): string => parties.find((each) => each.party === party)?.name ?? party;
  return (
    <table class="list card">
      <caption class="unseen">What was said, a column for each language; translations in italics</caption>
      <thead>
        <tr>
          <th scope="col" class="call-column">
            When
          </th>
          {languages.map((language) => (
            <th scope="col" key={language}>
              {languageName(language)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ party, utterance, language, text, startMs, translations }) => (
          <tr key={`${party} ${utterance}`}>
            <th scope="row">
              {shownDuration(startMs)} {nameOf(party)}
            </th>
            {languages.map((column) => (
              <td key={column} lang={column} dir="auto">
                {column === language ? (
                  text
                ) : (
                  <i>{translations.find((each) => each.language === column)?.text}</i>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** It asks once more: what is removed is gone. */
function RemoveButton({ path }: { readonly path: string }) {
  const { api } = useConsole();
  const sure = useSignal(false);
  const refused = useSignal('');
  const remove = async (): Promise<void> => {
    try {
      await api.send('DELETE', path);
      goTo({ type: 'records' });
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      sure.value = false;
      refused.value = error.message;
    }
  };
  return (
    <>
      <button
        type="button"
        onClick={() => {
          if (sure.value) {
            void remove();
          } else {
            sure.value = true;
          }
        }}
      >
        {sure.value ? 'Remove for good: record, words and recording' : 'Remove …'}
      </button>
      {refused.value !== '' && (
        <span class="alarm" role="alert">
          {refused.value}
        </span>
      )}
    </>
  );
}
