/**
 * The WebSocket door: one listener, and parts that each serve paths of it or show pages. What comes is the parts'
 * business.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import type { Switchboard } from '../../../call/switchboard.ts';
import type { DoorAddress, DoorOpener, ListeningDoor } from '../door.ts';
import {
  type Page,
  type SocketPath,
  WebSocketListener,
  type WebSocketListenerOptions,
} from './websocket-listener.ts';

/** What a part of the door adds to it. */
export interface DoorPart {
  readonly sockets: readonly SocketPath[];
  readonly pages?: readonly Page[];
  /** What it counts beyond the legs it brings. */
  readonly counted?: Counted;
}

/** What a part needs of the server. */
export interface PartDeps {
  readonly switchboard: Pick<Switchboard, 'accept' | 'full' | 'calls' | 'watch'>;
  readonly clock: Clock;
}

/** Makes a part, when the server that it is for is there. */
export type PartOpener = (deps: PartDeps) => DoorPart;

export interface WebSocketDoorOptions extends WebSocketListenerOptions {
  readonly parts: readonly PartOpener[];
}

/** A door that is opened by the server it is given to. */
export function webSocketDoor(options: WebSocketDoorOptions): DoorOpener<ListeningDoor> {
  return async (deps) => {
    const listener = await WebSocketListener.open(options, deps.clock, deps.log);
    const parts = options.parts.map((open) => open(deps));
    for (const { sockets, pages = [] } of parts) {
      for (const path of sockets) {
        listener.serve(path);
      }
      for (const page of pages) {
        listener.show(page);
      }
    }
    const counted = parts.flatMap((part) => (part.counted === undefined ? [] : [part.counted]));
    return new WebSocketDoor(listener, counted);
  };
}

class WebSocketDoor implements ListeningDoor {
  readonly name: string;
  readonly counts = {};
  readonly parts: readonly Counted[];
  readonly #listener: WebSocketListener;

  constructor(listener: WebSocketListener, counted: readonly Counted[]) {
    this.#listener = listener;
    this.parts = [listener, ...counted];
    const { host, port } = listener.address;
    this.name = `websocket ${host}:${port}`;
  }

  get address(): DoorAddress {
    return this.#listener.address;
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
}
