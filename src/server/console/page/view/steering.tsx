/**
 * What can be done with a call that runs. What is shown is what the server says it is, never what was asked for; what it
 * has against something is written where it was asked.
 */

import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { ShownCall } from '../../../http/api/call-schemas.ts';
import { Refusal } from '../link/api-client.ts';
import type { CallModel, PartyModel } from '../state/call-model.ts';
import { useConsole } from './console-context.tsx';
import { Controls, LookOnlyNote } from './controls.tsx';
import { languageName } from './language-mark.tsx';
import { SureButton } from './sure-button.tsx';

const MODES: Readonly<Record<NonNullable<ShownCall['mode']>, string>> = {
  bidirectional: 'everybody',
  unidirectional: 'the first language',
  passthrough: 'nobody',
};
const ORIGINALS: Readonly<Record<NonNullable<ShownCall['original']>, string>> = {
  off: 'silent',
  duck: 'beneath',
  full: 'in full',
};
const POLICIES: Readonly<Record<NonNullable<ShownCall['policy']>, string>> = {
  turn: 'turn by turn',
  sentence: 'sentence by sentence',
  clause: 'simultaneous',
  consecutive: 'consecutive',
};

/** Asks for something below the call's own address. */
type Ask = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => Promise<void>;

export function Steering({ call }: { readonly call: CallModel }) {
  const { api } = useConsole();
  const refused = useSignal('');
  const asked = useRef(Promise.resolve());
  const askNow: Ask = async (method, path, body) => {
    // Who changes the call means what is shown here; another console may have changed it since.
    const version = method === 'PATCH' ? call.version : undefined;
    try {
      const answer = await api.send<ShownCall>(method, `api/v1/calls/${call.id}${path}`, body, version);
      // How the call is then; other methods tell of something else, or of nothing.
      if (method === 'PATCH' && answer !== undefined) {
        call.show(answer);
      }
      refused.value = '';
    } catch (error) {
      if (error instanceof Refusal && error.current !== undefined) {
        call.show(error.current);
        refused.value = 'Somebody else has changed the call meanwhile. This is how it is now: choose again.';
      } else {
        refused.value = error instanceof Error ? error.message : String(error);
      }
    }
  };
  // One after the other, since each answer tells the version that the next one means.
  const ask: Ask = (method, path, body) => {
    asked.current = asked.current.then(() => askNow(method, path, body));
    return asked.current;
  };
  const { mode, policy, original, translating = true } = call.plan.value;
  return (
    <section class="card panel steer" aria-labelledby="steering">
      <h3 id="steering">Steer</h3>
      <LookOnlyNote />
      <Controls>
        <div class="row">
          <button
            type="button"
            aria-pressed={!translating}
            onClick={() => ask('PATCH', '', { translating: !translating })}
          >
            Translation off
          </button>
          <SureButton words="Hang up" sureWords="Hang up all" act={() => ask('DELETE', '')} />
        </div>
        <div class="row">
          <Choice
            label="Own voices"
            options={ORIGINALS}
            value={original}
            choose={(wanted) => ask('PATCH', '', { original: wanted })}
          />
          <Choice
            label="Translated"
            options={MODES}
            value={mode}
            choose={(wanted) => ask('PATCH', '', { mode: wanted })}
          />
          <Choice
            label="Manner"
            options={POLICIES}
            value={policy}
            choose={(wanted) => ask('PATCH', '', { policy: wanted })}
          />
        </div>
        {call.parties.value.map((party) => (
          <PartySteering key={party.id} party={party} ask={ask} />
        ))}
        <SayForm call={call} ask={ask} />
      </Controls>
      <p class="alarm" role="alert">
        {refused}
      </p>
    </section>
  );
}

function PartySteering({ party, ask }: { readonly party: PartyModel; readonly ask: Ask }) {
  const { model } = useConsole();
  const { name, language, muted = false } = party.facts.value;
  const served = (model.status.value?.directions ?? []).flatMap(({ from, to }) => [from, to]);
  const languages = [...new Set([language, ...served])].map((each) => [each, languageName(each)]);
  const path = `/parties/${encodeURIComponent(party.id)}`;
  return (
    <fieldset>
      <legend>{name}</legend>
      <div class="row">
        <Choice
          label="Language"
          options={Object.fromEntries(languages)}
          value={language}
          choose={(wanted) => ask('PATCH', path, { language: wanted })}
        />
        <button type="button" aria-pressed={muted} onClick={() => ask('PATCH', path, { muted: !muted })}>
          Mute
        </button>
        <SureButton words="Hang up" sureWords={`Hang up ${name}`} act={() => ask('DELETE', path)} />
      </div>
    </fieldset>
  );
}

/** A text that one party is told, translated where it is written in another language than that party's. */
function SayForm({ call, ask }: { readonly call: CallModel; readonly ask: Ask }) {
  const written = useSignal('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const fields = new FormData(form);
        const [party, text] = [String(fields.get('party')), String(fields.get('text'))];
        const language = written.peek() === '' ? {} : { language: written.peek() };
        form.reset();
        ask('POST', `/parties/${encodeURIComponent(party)}/say`, { text, ...language });
      }}
    >
      <label class="whole">
        <span class="label">Tell a party something</span>
        <input name="text" required maxLength={1_000} autocomplete="off" dir="auto" />
      </label>
      <label>
        <span class="label">To</span>
        <select name="party">
          {call.parties.value.map(({ id, facts }) => (
            <option key={id} value={id}>
              {facts.value.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="label">Written in</span>
        <select
          value={written.value}
          onChange={({ currentTarget }) => {
            written.value = currentTarget.value;
          }}
        >
          <option value="">theirs</option>
          {call.languages.map((language) => (
            <option key={language} value={language}>
              {languageName(language)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Say</button>
    </form>
  );
}

/** One of several, as the server says it is: another is shown when the server has obeyed. */
function Choice({
  label,
  options,
  value,
  choose,
}: {
  readonly label: string;
  readonly options: Readonly<Record<string, string>>;
  readonly value: string | undefined;
  readonly choose: (value: string) => void;
}) {
  return (
    <label>
      <span class="label">{label}</span>
      <select
        value={value ?? ''}
        onChange={({ currentTarget }) => {
          choose(currentTarget.value);
          currentTarget.value = value ?? '';
        }}
      >
        {value === undefined && <option value="">–</option>}
        {Object.entries(options).map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
