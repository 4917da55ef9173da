/** How loud a party speaks, as a bar. For eyes alone: who listens to the page is told in words who speaks. */

import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { PartyModel } from '../state/call-model.ts';

export function Meter({ party }: { readonly party: PartyModel }) {
  const bar = useRef<HTMLElement>(null);
  // Past the component: five times a second nothing is drawn but this.
  useSignalEffect(() => {
    bar.current?.style.setProperty('transform', `scaleX(${party.level.value})`);
  });
  return (
    <span class="meter" aria-hidden="true">
      <i ref={bar} />
    </span>
  );
}
