/**
 * The WebSocket door: one listener, and parts that each serve paths of it or show pages. What comes is the parts'
 * business.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import type { Switchboard } from '../../../call/switchboard.ts';
import type { DoorAddress, DoorDeps, DoorOpener, ListeningDoor } from '../door.ts';
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
  /** Ends what it has begun by itself; legs are the switchboard's. */
  readonly close?: () => Promise<void>;
}

/** What a part needs of the server. */
export interface PartDeps {
  readonly switchboard: Pick<Switchboard, 'accept' | 'full' | 'calls' | 'watch'>;
  readonly clock: Clock;
}

/** Makes a part, when the server that it is for is there. */
export type PartOpener = (deps: PartDeps) => DoorPart;

export interface WebSocketDoorOptions extends WebSocketListenerOptions {
  readonly parts: readonly ((deps: DoorDeps) => DoorPart | Promise<DoorPart>)[];
}

/** A door that is opened by the server it is given to. */
export function webSocketDoor(options: WebSocketDoorOptions): DoorOpener<ListeningDoor> {
  return async (deps) => {
    const listener = await WebSocketListener.open(options, deps.clock, deps.log);
    const parts: DoorPart[] = [];
    try {
      for (const open of options.parts) {
        parts.push(await open(deps));
      }
    } catch (error) {
      await closeAll(listener, parts);
      throw error;
    }
    for (const { sockets, pages = [] } of parts) {
      for (const path of sockets) {
        listener.serve(path);
      }
      for (const page of pages) {
        listener.show(page);
      }
    }
    return new WebSocketDoor(listener, parts);
  };
}

/** Takes no more connections, and has the parts end theirs. */
async function closeAll(listener: WebSocketListener, parts: readonly DoorPart[]): Promise<void> {
  await Promise.all([listener.close(), ...parts.map((part) => part.close?.())]);
}

class WebSocketDoor implements ListeningDoor {
  readonly name: string;
  readonly counts = {};
  readonly parts: readonly Counted[];
  readonly #listener: WebSocketListener;
  readonly #parts: readonly DoorPart[];

  constructor(listener: WebSocketListener, parts: readonly DoorPart[]) {
    this.#listener = listener;
    this.#parts = parts;
    this.parts = [listener, ...parts.flatMap(({ counted }) => (counted === undefined ? [] : [counted]))];
    const { host, port } = listener.address;
    this.name = `websocket ${host}:${port}`;
  }

  get address(): DoorAddress {
    return this.#listener.address;
  }

  close(): Promise<void> {
    return closeAll(this.#listener, this.#parts);
  }
}
