/**
 * So many connections at once, shared out by address: when there are as many as there may be, whoever comes from an address
 * that has fewer than another takes the place of that one's newest. So nobody keeps others out, however many they open, and
 * who has been here for long stays.
 */

import type { Server, Socket } from 'node:net';

/** Has `server` keep at most `most` connections. */
export function shareConnections(server: Server, most: number): void {
  const room = new FairRoom<Socket>(most);
  server.on('connection', (socket: Socket) => {
    const out = room.enter(socket, socket.remoteAddress);
    out?.destroy();
    if (out !== socket) {
      socket.once('close', () => room.leave(socket));
    }
  });
}

class FairRoom<Guest> {
  readonly #most: number;
  /** By address, the oldest first. */
  readonly #byAddress = new Map<string | undefined, Set<Guest>>();
  readonly #guests = new Map<Guest, string | undefined>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns who has to go: nobody, `guest` itself, or one who was here. */
  enter(guest: Guest, address: string | undefined): Guest | undefined {
    let out: Guest | undefined;
    if (this.#guests.size >= this.#most) {
      const largest = this.#largest();
      const own = this.#byAddress.get(address)?.size ?? 0;
      out = largest.size > own + 1 ? [...largest].at(-1) : guest;
      if (out === guest || out === undefined) {
        return guest;
      }
      this.leave(out);
    }
    const fromThere = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, fromThere.add(guest));
    this.#guests.set(guest, address);
    return out;
  }

  leave(guest: Guest): void {
    const address = this.#guests.get(guest);
    const fromThere = this.#byAddress.get(address);
    this.#guests.delete(guest);
    fromThere?.delete(guest);
    if (fromThere?.size === 0) {
      this.#byAddress.delete(address);
    }
  }

  #largest(): ReadonlySet<Guest> {
    return [...this.#byAddress.values()].reduce((most, each) => (each.size > most.size ? each : most));
  }
}
