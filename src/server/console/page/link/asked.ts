/** What is asked of the server once, while a part of the page is shown: not yet there, there, or why it is not. */

import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type ApiClient, Refusal } from './api-client.ts';

export type Asked<Answer> =
  | { readonly type: 'waiting' }
  | { readonly type: 'there'; readonly answer: Answer }
  | { readonly type: 'refused'; readonly why: string };

/** Asks for `path` when it is first drawn, and again for another one; undefined asks for nothing. */
export function useAsked<Answer>(api: ApiClient, path: string | undefined): ReadonlySignal<Asked<Answer>> {
  const asked = useSignal<Asked<Answer>>({ type: 'waiting' });
  useEffect(() => {
    if (path === undefined) {
      return undefined;
    }
    const shown = new AbortController();
    api
      .get<Answer>(path, shown.signal)
      .then((answer) => {
        asked.value = { type: 'there', answer };
      })
      .catch((error: unknown) => {
        if (error instanceof Refusal) {
          asked.value = { type: 'refused', why: error.message };
        } else if (!shown.signal.aborted) {
          throw error;
        }
      });
    return () => shown.abort();
  }, [api, path, asked]);
  return asked;
}
