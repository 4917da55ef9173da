/** "Copy as report": a call as a text for a ticket. Where the browser lets nobody copy, the text is there to be taken. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { browserClock } from '../link/browser-clock.ts';
import type { CallModel } from '../state/call-model.ts';
import { reportOf } from '../state/report.ts';
import { useConsole } from './console-context.tsx';

export function ReportButton({ call }: { readonly call: CallModel }) {
  const { model } = useConsole();
  const said = useSignal('');
  const text = useSignal('');
  const field = useRef<HTMLTextAreaElement>(null);
  const copy = async (): Promise<void> => {
    const report = reportOf(call, model.status.peek()?.version, browserClock.wallTime());
    try {
      await navigator.clipboard.writeText(report);
      said.value = 'Copied';
    } catch {
      // Over plain HTTP from another machine there is no clipboard.
      text.value = report;
    }
  };
  useEffect(() => field.current?.select(), [text.value]);
  return (
    <>
      <button type="button" onClick={copy}>
        {said.value || 'Copy as report'}
      </button>
      {text.value !== '' && (
        <dialog open class="report card panel" aria-label="Report">
          <textarea ref={field} readOnly value={text.value} aria-label="The report, to be copied" />
          <button
            type="button"
            onClick={() => {
              text.value = '';
            }}
          >
            Close
          </button>
        </dialog>
      )}
      <span class="unseen" role="status">
        {said}
      </span>
    </>
  );
}
