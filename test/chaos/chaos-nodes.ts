/** Several nodes that serve together: a NATS, the servers, and in front of them what a dialplan does. */

import { Nats, withoutNats } from '../support/nats.ts';
import { ChaosServer, type ChaosServerOptions } from './chaos-server.ts';
import { DialplanFront } from './dialplan-front.ts';
import { SteadyCalls } from './steady-calls.ts';

export class ChaosNodes {
  readonly nats: Nats;
  readonly front: DialplanFront;
  /** Calls in which nobody speaks, once there are such. */
  steady: SteadyCalls | undefined;
  readonly #options: ChaosServerOptions;
  readonly #servers: ChaosServer[];

  /** @throws Error when this machine has no NATS. */
  static async open(count: number, scattered: boolean, options: ChaosServerOptions): Promise<ChaosNodes> {
    const without = withoutNats();
    if (without !== undefined) {
      throw new Error(without);
    }
    const nats = await Nats.open({ jetStream: true });
    const servers: ChaosServer[] = [];
    try {
      for (let index = 0; index < count; index += 1) {
        servers.push(await ChaosServer.start({ ...options, flags: flagsOf(nats, index) }));
      }
      return new ChaosNodes(nats, await DialplanFront.open(servers, scattered), servers, options);
    } catch (error) {
      await Promise.all(servers.map((server) => server.stop()));
      await nats.close();
      throw error;
    }
  }

  private constructor(nats: Nats, front: DialplanFront, servers: ChaosServer[], options: ChaosServerOptions) {
    this.nats = nats;
    this.front = front;
    this.#servers = servers;
    this.#options = options;
  }

  get servers(): readonly ChaosServer[] {
    return this.#servers;
  }

  /** The node of this number. @throws RangeError when there is none. */
  server(index: number): ChaosServer {
    const server = this.#servers[index];
    if (server === undefined) {
      throw new RangeError(`there is no node ${index}`);
    }
    return server;
  }

  /** Begins so many calls in which nobody speaks. */
  async ringSteady(calls: number): Promise<void> {
    this.steady = await SteadyCalls.ring(calls, '127.0.0.1', this.front.port);
  }

  /** Starts a node again that has ended, where it was. */
  async again(index: number): Promise<void> {
    const { ports } = this.server(index);
    this.#servers[index] = await ChaosServer.start({
      ...this.#options,
      ports,
      flags: flagsOf(this.nats, index),
    });
  }

  async close(): Promise<void> {
    this.steady?.hangUp();
    this.front.close();
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.nats.close();
  }
}

function flagsOf(nats: Nats, index: number): readonly string[] {
  return ['--cluster', `nats://${nats.address}`, '--node-name', `node${index + 1}`, '--cluster-context'];
}
