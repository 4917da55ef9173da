/**
 * Keeps the page's model as the server is: one stream of all that happens, lists asked for whenever that stream has
 * begun, and the levels of the rows that are seen. While nobody sees the page it asks for nothing; what breaks off is
 * opened again, sooner first, then every few seconds, until it is there.
 */

import { batch, effect, signal } from '@preact/signals';
import type { z } from 'zod';
import type { Clock, Timer } from '../../../../base/clock.ts';
import type { ShownAccess } from '../../../http/api/access-routes.ts';
import type { API_EVENT } from '../../../http/api/api-events.ts';
import type { CALL_LIST, ShownCall } from '../../../http/api/call-schemas.ts';
import type { ENGINE_LIST } from '../../../http/api/engine-routes.ts';
import type { ShownNodes } from '../../../http/api/shared-schemas.ts';
import type { ServiceStatus } from '../../../http/service-status.ts';
import type { CallModel } from '../state/call-model.ts';
import type { ConsoleModel, RecoveryStats } from '../state/console-model.ts';
import { type ApiClient, Refusal } from './api-client.ts';
import type { StreamMessage } from './event-reader.ts';

/**
 * `locked`: the server wants a token that it knows. `refused`: it will not have us at all; `why` says what to do.
 */
export type LinkState =
  | { readonly type: 'connecting' | 'live' | 'paused' | 'locked' }
  | { readonly type: 'lost' | 'refused'; readonly why: string };

/** Between two tries, in ms; the last holds from then on. */
const PAUSES_MS = [500, 1_000, 2_000, 5_000];
/** How the service is as a whole is asked for as often, in ms. */
const STATUS_EVERY_MS = 5_000;
/** While somebody looks at the nodes they are asked for as often, in ms; what one of them says is 250 ms old at most. */
const NODES_EVERY_MS = 2_000;
/**
 * What happens within so short a time is drawn together, in ms: two hundred calls tell of something three hundred times a
 * second, and to draw the page costs more than to know. The first after a silence is drawn at once.
 */
const TELL_EVERY_MS = 50;
/** What is kept of a call has come when nothing more comes for so long, in ms. */
const RECALLED_AFTER_MS = 500;
/** Changes of a call come together when somebody comes or goes. */
const CURRENT_AFTER_MS = 100;
/** Rows come into sight by the dozen while somebody scrolls. */
const SEEN_AFTER_MS = 150;
/** How soon what is seen is told again, in ms, where the server did not take it. */
const SEEN_AGAIN_MS = 2_000;

type ApiEvent = z.infer<typeof API_EVENT>;
type OfCall = Exclude<
  ApiEvent,
  { readonly type: 'missed' | 'engine' | 'record' | 'unattended' | 'recovery' }
>;

export class LiveLink {
  readonly state = signal<LinkState>({ type: 'connecting' });
  /** Whether somebody can see the page. */
  readonly visible = signal(true);
  /** The calls whose levels are wanted, by their ids. */
  readonly seen = signal<ReadonlySet<string>>(new Set());
  /** Goes up with each wish to know the nodes now. */
  readonly #nodesWanted = signal(0);
  readonly #api: ApiClient;
  readonly #model: ConsoleModel;
  readonly #clock: Clock;
  #running = new AbortController();
  #lastId: string | undefined;
  /** What was heard and is not yet told to the model. */
  #heard: ApiEvent[] = [];
  #telling: Timer | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** Lists that are on their way: they may not know yet what is heard meanwhile, so it is told after them. */
  #listing = 0;

  constructor(api: ApiClient, model: ConsoleModel, clock: Clock) {
    this.#api = api;
    this.#model = model;
    this.#clock = clock;
  }

  /** Begins, and from then on follows whether the page is seen. Returns what ends it. */
  start(): () => void {
    return effect(() => {
      if (this.visible.value) {
        this.#begin();
      } else {
        this.state.value = { type: 'paused' };
      }
      return () => this.#running.abort();
    });
  }

  /** Comes in with a token. */
  unlock(token: string): void {
    this.#api.token = token;
    this.#running.abort();
    this.#begin();
  }

  /**
   * Has a call told what has happened in it before, as far as it is kept, and nobody else, who has heard it then; what is
   * to come it hears anyway. Returns what ends it.
   */
  recall(call: CallModel): () => void {
    const enough = new AbortController();
    let timer: Timer | undefined;
    const read = this.#api.read(
      `api/v1/calls/${call.id}/events`,
      ({ data }) => {
        const event: ApiEvent = JSON.parse(data);
        if (isOfCall(event)) {
          call.hear(event);
        }
        // What is kept comes at once; after it the stream goes on as the one of all calls does.
        timer?.cancel();
        timer = this.#clock.at(this.#clock.nowMs() + RECALLED_AFTER_MS, () => enough.abort());
      },
      enough.signal,
    );
    this.#inBackground(read, enough.signal);
    return () => enough.abort();
  }

  /**
   * Asks how a call is whenever something of it has changed, so that it is shown as it is, and who changes it means that.
   * Returns what ends it.
   */
  keepCurrent(call: CallModel): () => void {
    const enough = new AbortController();
    let timer: Timer | undefined;
    const stop = effect(() => {
      call.changes.value;
      timer?.cancel();
      timer = this.#clock.at(this.#clock.nowMs() + CURRENT_AFTER_MS, () =>
        this.#inBackground(this.#show(call, enough.signal), enough.signal),
      );
    });
    return () => {
      stop();
      timer?.cancel();
      enough.abort();
    };
  }

  /** Asks how the nodes are, now and every 2 s, while the link is live. Returns what ends it. */
  followNodes(): () => void {
    return effect(() => {
      this.#nodesWanted.value;
      const enough = new AbortController();
      if (this.state.value.type === 'live') {
        this.#inBackground(this.#watchNodes(enough.signal), enough.signal);
      }
      return () => enough.abort();
    });
  }

  /** Has those who follow the nodes hear at once how they are: one of them was asked for something. */
  askNodes(): void {
    this.#nodesWanted.value += 1;
  }

  async #watchNodes(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#model.showNodes(await this.#api.get<ShownNodes>('api/v1/nodes', signal));
      } catch (error) {
        if (signal.aborted || !(error instanceof Refusal)) {
          throw error;
        }
        this.#model.nodesUnheard.value = error.message;
      }
      await this.#clock.sleep(NODES_EVERY_MS, signal);
    }
  }

  async #show(call: CallModel, signal: AbortSignal): Promise<void> {
    call.show(await this.#api.get<ShownCall>(`api/v1/calls/${call.id}`, signal));
  }

  #begin(): void {
    this.#running = new AbortController();
    const { signal: running } = this.#running;
    this.#keepOpen(running).catch((error: unknown) => {
      if (!running.aborted) {
        throw error;
      }
    });
  }

  async #keepOpen(running: AbortSignal): Promise<void> {
    for (let tries = 0; !running.aborted; tries += 1) {
      try {
        await this.#session(running, () => {
          tries = 0;
          this.state.value = { type: 'live' };
        });
      } catch (error) {
        if (running.aborted || !(error instanceof Refusal)) {
          throw error;
        }
        this.state.value = stateAfter(error);
        if (this.state.value.type === 'locked') {
          return;
        }
      }
      await this.#clock.sleep(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0, running);
    }
  }

  /** Until anything of it breaks off. @throws Refusal */
  async #session(running: AbortSignal, live: () => void): Promise<void> {
    const ending = new AbortController();
    const signal = AbortSignal.any([running, ending.signal]);
    const hear = (message: StreamMessage): void => this.#hear(message, signal);
    try {
      await new Promise<void>((_, reject) => {
        const opened = (): void => {
          live();
          // Now that nothing is missed any more.
          Promise.all([this.#list(signal), this.#watchStatus(signal), this.#readLevels(signal)]).catch(
            reject,
          );
        };
        this.#api
          .read('api/v1/events', hear, signal, { after: this.#lastId, opened })
          .then(() => reject(new Refusal(0, 'the server has ended the connection')), reject);
      });
    } finally {
      ending.abort();
    }
  }

  #hear({ data, id }: StreamMessage, signal: AbortSignal): void {
    this.#lastId = id === '' ? this.#lastId : id;
    const event: ApiEvent = JSON.parse(data);
    if (event.type === 'missed') {
      this.#inBackground(this.#list(signal), signal);
    } else if (event.type === 'engine') {
      this.#inBackground(this.#askStatus(signal), signal);
    }
    this.#heard.push(event);
    const dueMs = Math.max(this.#clock.nowMs(), this.#toldMs + TELL_EVERY_MS);
    this.#telling ??= this.#clock.at(dueMs, () => {
      this.#telling = undefined;
      this.#tellAll();
    });
  }

  #tellAll(): void {
    if (this.#listing > 0 || this.#heard.length === 0) {
      return;
    }
    const events = this.#heard;
    this.#heard = [];
    this.#toldMs = this.#clock.nowMs();
    batch(() => {
      for (const event of events) {
        this.#tell(event);
      }
    });
  }

  #tell(event: ApiEvent): void {
    if (isOfCall(event)) {
      this.#model.hear(event.call, event, this.#clock.wallTime().getTime());
    } else if (event.type === 'recovery') {
      this.#model.recovered(event);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#listing += 1;
    try {
      await this.#askLists(signal);
    } finally {
      this.#listing -= 1;
      this.#tellAll();
    }
  }

  async #askLists(signal: AbortSignal): Promise<void> {
    const [access, { calls }, { latest, recoveries }, nodes] = await Promise.all([
      this.#api.get<ShownAccess>('api/v1/access', signal),
      this.#api.get<z.infer<typeof CALL_LIST>>('api/v1/calls', signal),
      this.#api.get<RecoveryStats>('api/recovery/stats', signal),
      this.#api.get<ShownNodes>('api/v1/nodes', signal),
    ]);
    this.#model.access.value = access;
    this.#model.list(calls, this.#clock.wallTime().getTime());
    this.#model.recoveredBefore(latest, recoveries);
    this.#model.showNodes(nodes);
  }

  async #watchStatus(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#askStatus(signal);
      await this.#clock.sleep(STATUS_EVERY_MS, signal);
    }
  }

  async #askStatus(signal: AbortSignal): Promise<void> {
    const [status, { engines }] = await Promise.all([
      this.#api.get<ServiceStatus>('status', signal),
      this.#api.get<z.infer<typeof ENGINE_LIST>>('api/v1/engines', signal),
    ]);
    this.#model.service(status, engines);
  }

  async #readLevels(signal: AbortSignal): Promise<void> {
    const watching = new AbortController();
    const until = AbortSignal.any([signal, watching.signal]);
    try {
      await this.#api.read('api/v1/levels', (message) => this.#hearLevels(message, until), until);
    } finally {
      watching.abort();
    }
    throw new Refusal(0, 'the server has ended the stream of levels');
  }

  #hearLevels({ event, data }: StreamMessage, signal: AbortSignal): void {
    switch (event) {
      case 'watcher': {
        const { id }: { readonly id: string } = JSON.parse(data);
        this.#tellSeen(id, signal);
        break;
      }
      case 'rows':
        this.#model.nameRows(JSON.parse(data));
        break;
      case 'levels':
        this.#model.hearLevels(JSON.parse(data));
        break;
    }
  }

  /** Says what is seen, now and whenever that changes. */
  #tellSeen(watcher: string, signal: AbortSignal): void {
    let timer: Timer | undefined;
    const tellIn = (delayMs: number, calls: readonly string[]): void => {
      timer?.cancel();
      const mine = this.#clock.at(this.#clock.nowMs() + delayMs, () => {
        const told = this.#api.send('PUT', `api/v1/levels/${watcher}`, { calls }).catch((error: unknown) => {
          if (!signal.aborted && timer === mine && error instanceof Refusal && mayPass(error)) {
            tellIn(SEEN_AGAIN_MS, calls);
          } else {
            throw error;
          }
        });
        this.#inBackground(told, signal);
      });
      timer = mine;
    };
    const stop = effect(() => tellIn(SEEN_AFTER_MS, [...this.seen.value]));
    signal.addEventListener('abort', () => {
      timer?.cancel();
      stop();
    });
  }

  /** What fails here fails the stream as well, which is opened again. */
  #inBackground(work: Promise<unknown>, signal: AbortSignal): void {
    work.catch((error: unknown) => {
      if (!signal.aborted && !(error instanceof Refusal)) {
        throw error;
      }
    });
  }
}

/** Whether it happened in a call: it is for the call's model. */
function isOfCall(event: ApiEvent): event is OfCall {
  switch (event.type) {
    case 'missed':
    case 'engine':
    case 'record':
    case 'unattended':
    case 'recovery':
      return false;
    default:
      return true;
  }
}

function stateAfter({ status, message }: Refusal): LinkState {
  switch (status) {
    case 401:
      return { type: 'locked' };
    case 403:
      return { type: 'refused', why: message };
    default:
      return { type: 'lost', why: message };
  }
}

/** Whether the same may be taken in a moment: nobody answered, or somebody who had too much to do. */
function mayPass({ status }: Refusal): boolean {
  return status === 0 || status === 429 || status >= 500;
}
