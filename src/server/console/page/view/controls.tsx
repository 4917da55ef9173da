/**
 * What changes something. Who may only look sees it, so that it is known what there is, but cannot use it, and is told once
 * a page why.
 */

import type { ComponentChildren } from 'preact';
import { useConsole } from './console-context.tsx';

/** Buttons, fields and forms that work only for who may change things. */
export function Controls({ children }: { readonly children: ComponentChildren }) {
  return (
    <fieldset class="controls" disabled={!useMayControl()}>
      {children}
    </fieldset>
  );
}

/** Why what changes something does nothing here; nothing where it does. */
export function LookOnlyNote() {
  const access = useConsole().model.access.value;
  return access === undefined || access.scopes.includes('control') ? null : (
    <p class="look-only">
      The token "{access.name}" may look, and change nothing: write control behind it in the file of{' '}
      <span class="flag">--api-token-file</span>.
    </p>
  );
}

function useMayControl(): boolean {
  return useConsole().model.access.value?.scopes.includes('control') === true;
}
