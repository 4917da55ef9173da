/** A party on one line: its language, its name, how loud it is, and what it does in a word. */

import { useComputed } from '@preact/signals';
import type { PartyState } from '../../../../call/leg-states.ts';
import type { PartyModel } from '../state/call-model.ts';
import { LanguageMark } from './language-mark.tsx';
import { Meter } from './meter.tsx';

export function PartyLine({ party }: { readonly party: PartyModel }) {
  const { language, name } = party.facts.value;
  return (
    <span class="party">
      <LanguageMark language={language} />
      <span class="name" dir="auto">
        {name}
      </span>
      <Meter party={party} />
      <Doing party={party} />
    </span>
  );
}

/** What a party does: `speaking`, or what its state says where that is not as usual. */
export function Doing({ party }: { readonly party: PartyModel }) {
  const speaks = useComputed(() => party.speaking.value && STATE_WORDS[party.facts.value.state] === '');
  const style = useComputed(() => (speaks.value ? 'does speaking' : 'does'));
  const word = useComputed(() => (speaks.value ? 'speaking' : STATE_WORDS[party.facts.value.state]));
  return <span class={style}>{word}</span>;
}

/** Empty where there is nothing to say: it is interpreted. */
const STATE_WORDS: Readonly<Record<PartyState, string>> = {
  IDLE: 'arriving',
  RINGING: 'waiting',
  CONNECTED: 'untranslated',
  TRANSLATING: '',
  SUSPENDED: 'on hold',
  DETACHED: 'cut off',
  REATTACHING: 'returning',
  DISCONNECTING: 'leaving',
  DISCONNECTED: 'gone',
  ERROR: 'failed',
};
