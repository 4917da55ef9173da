/** The console's beginning in the browser: its parts are made and tied to the address, the clock and what is seen. */

import { signal } from '@preact/signals';
import { render } from 'preact';
import { ApiClient } from './link/api-client.ts';
import { browserClock } from './link/browser-clock.ts';
import { LiveLink } from './link/live-link.ts';
import { ConsoleModel } from './state/console-model.ts';
import { routeOf } from './state/route.ts';
import { App } from './view/app.tsx';
import { type ConsoleContext, ConsoleProvider, newList } from './view/console-context.tsx';
import { keptToken } from './view/login-form.tsx';

const SECOND_MS = 1_000;

const model = new ConsoleModel();
const api = new ApiClient((path, init) => fetch(path, init));
api.token = keptToken();
const link = new LiveLink(api, model, browserClock);
const route = signal(routeOf(location.hash));
const context: ConsoleContext = { model, link, api, route, list: newList() };

addEventListener('hashchange', () => {
  route.value = routeOf(location.hash);
});
document.addEventListener('visibilitychange', () => {
  link.visible.value = document.visibilityState === 'visible';
});
link.visible.value = document.visibilityState === 'visible';

tick();
link.start();
render(
  <ConsoleProvider value={context}>
    <App />
  </ConsoleProvider>,
  document.body,
);

/** Moves the time that the page shows, once a second while somebody sees it. */
function tick(): void {
  if (link.visible.peek()) {
    model.nowMs.value = browserClock.wallTime().getTime();
  }
  browserClock.at(browserClock.nowMs() + SECOND_MS, tick);
}
