/** An Asterisk that reads a file of phones when it is told to, as far as those who write it can see. */

import { existsSync, readFileSync } from 'node:fs';
import { parseEndpoints, versionIn } from '../../../src/server/endpoints/endpoints-text.ts';
import type { PhonesAsterisk } from '../../../src/server/endpoints/phones-asterisk.ts';

export class ScriptedAsterisk implements PhonesAsterisk {
  /** What it reads; undefined: it includes another file. */
  path: string | undefined;
  /** What it has besides. */
  readonly others = new Set<string>();
  readonly online = new Set<string>();
  /** Channels by the endpoint that they are of. */
  readonly calls = new Map<string, readonly string[]>();
  /** What it was told, in order. */
  readonly told: string[] = [];
  /** Thrown by the next reload. */
  refusal: Error | undefined;
  /** Phones whose change it does not take: it goes on with what it had. */
  readonly refuses = new Set<string>();
  /** Whether what is hung up ends. */
  obeys = true;
  /** The version of each by its name. */
  #known: ReadonlyMap<string, string> = new Map();

  constructor(path?: string) {
    this.path = path;
  }

  async reload(): Promise<void> {
    this.told.push('reload');
    if (this.refusal !== undefined) {
      const { refusal } = this;
      this.refusal = undefined;
      throw refusal;
    }
    const text = this.path !== undefined && existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
    const before = this.#known;
    this.#known = new Map(
      parseEndpoints(text)
        .flatMap((piece) => (piece.type === 'hand' ? [] : [piece]))
        .flatMap(({ name, text: block }) => {
          const version = this.refuses.has(name) ? before.get(name) : versionIn(block);
          return version === undefined ? [] : [[name, version] as const];
        }),
    );
  }

  async versionOf(name: string): Promise<string | undefined> {
    return this.#known.get(name) ?? (this.others.has(name) ? '' : undefined);
  }

  async hasTransport(name: string): Promise<boolean> {
    return (await this.versionOf(name)) !== undefined;
  }

  async registered(): Promise<ReadonlySet<string>> {
    return this.online;
  }

  async inCalls(): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.calls;
  }

  async hangUp(channel: string): Promise<void> {
    this.told.push(`hang up ${channel}`);
    for (const [name, channels] of this.obeys ? this.calls : []) {
      const left = channels.filter((each) => each !== channel);
      if (left.length === 0) {
        this.calls.delete(name);
      } else {
        this.calls.set(name, left);
      }
    }
  }
}
