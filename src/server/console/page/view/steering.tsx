/** What can be done with a call that runs. What the server says against it is shown where it was asked for. */

import { useSignal } from '@preact/signals';
import type { CallModel } from '../state/call-model.ts';
import { useConsole } from './console-context.tsx';

const MODES = { bidirectional: 'both ways', unidirectional: 'one way', passthrough: 'nobody' } as const;
const ORIGINALS = { off: 'not at all', duck: 'softly beneath', full: 'as loud as ever' } as const;

export function Steering({ call }: { readonly call: CallModel }) {
  const { api } = useConsole();
  const refused = useSignal('');
  const address = `api/v1/calls/${call.id}`;
  const ask = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void> => {
    try {
      await api.send(method, path, body);
      refused.value = '';
    } catch (error) {
      refused.value = error instanceof Error ? error.message : String(error);
    }
  };
  const { mode, original } = call.plan.value;
  const passing = mode === 'passthrough';
  return (
    <section class="card panel steer" aria-labelledby="steering">
      <h3 id="steering">Steer</h3>
      <div class="row">
        <Choice
          label="Interpret"
          options={MODES}
          value={mode}
          choose={(wanted) => ask('PATCH', address, { mode: wanted })}
        />
        <Choice
          label="Own voices"
          options={ORIGINALS}
          value={original}
          choose={(wanted) => ask('PATCH', address, { original: wanted })}
        />
      </div>
      <div class="row">
        <button
          type="button"
          aria-pressed={passing}
          onClick={() => ask('PATCH', address, { mode: passing ? 'bidirectional' : 'passthrough' })}
        >
          {passing ? 'Translation is off' : 'Turn translation off'}
        </button>
        <HangUp hangUp={() => ask('DELETE', address)} />
      </div>
      <SayForm call={call} say={(party, body) => ask('POST', `${address}/parties/${party}/say`, body)} />
      <p class="alarm" role="alert">
        {refused}
      </p>
    </section>
  );
}

/** One of several; the server's value is shown until another is chosen and obeyed. */
function Choice<Value extends string>({
  label,
  options,
  value,
  choose,
}: {
  readonly label: string;
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value | undefined;
  readonly choose: (value: string) => void;
}) {
  return (
    <label>
      <span class="label">{label}</span>
      <select value={value ?? ''} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {Object.entries<string>(options).map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Asks once more, in its own place: a call that was hung up does not come back. */
function HangUp({ hangUp }: { readonly hangUp: () => void }) {
  const sure = useSignal(false);
  return sure.value ? (
    <button
      type="button"
      class="grave"
      onClick={hangUp}
      onBlur={() => {
        sure.value = false;
      }}
    >
      Really hang up
    </button>
  ) : (
    <button
      type="button"
      class="grave"
      onClick={() => {
        sure.value = true;
      }}
    >
      Hang up
    </button>
  );
}

/** A text that is spoken to one party. */
function SayForm({
  call,
  say,
}: {
  readonly call: CallModel;
  readonly say: (party: string, body: { readonly text: string }) => void;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const fields = new FormData(form);
        say(String(fields.get('party')), { text: String(fields.get('text')) });
        form.reset();
      }}
    >
      <label>
        <span class="label">Say to</span>
        <select name="party">
          {call.parties.value.map(({ id, facts }) => (
            <option key={id} value={id}>
              {facts.value.name} ({facts.value.language})
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="label">In that party's language</span>
        <input name="text" required maxLength={500} />
      </label>
      <button type="submit">Say</button>
    </form>
  );
}
