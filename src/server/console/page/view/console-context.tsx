/** What every part of the page is made with: its model, its link to the server, and where it is. */

import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ApiClient } from '../link/api-client.ts';
import type { LiveLink } from '../link/live-link.ts';
import type { SortOrder } from '../state/call-list.ts';
import type { ConsoleModel } from '../state/console-model.ts';
import { hashOf, type Route } from '../state/route.ts';

export interface ConsoleContext {
  readonly model: ConsoleModel;
  readonly link: LiveLink;
  readonly api: ApiClient;
  readonly route: ReadonlySignal<Route>;
  /** How the list was left, for who comes back to it. */
  readonly list: {
    readonly filter: Signal<string>;
    readonly onlyTrouble: Signal<boolean>;
    readonly order: Signal<SortOrder>;
    /** The call that was opened last: the keyboard goes on there. */
    readonly last: Signal<string | undefined>;
  };
}

const Context = createContext<ConsoleContext | undefined>(undefined);

export const ConsoleProvider = Context.Provider;

export function useConsole(): ConsoleContext {
  const context = useContext(Context);
  if (context === undefined) {
    throw new Error('a part of the console is drawn outside of it');
  }
  return context;
}

export function newList(): ConsoleContext['list'] {
  return {
    filter: signal(''),
    onlyTrouble: signal(false),
    order: signal<SortOrder>({ key: 'start', descending: true }),
    last: signal<string | undefined>(undefined),
  };
}

export function goTo(route: Route): void {
  location.hash = hashOf(route);
}
