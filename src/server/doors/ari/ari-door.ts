/**
 * The ARI door: calls that Asterisk hands over with `Stasis()` and keeps while we drive them. It has no listener: it has
 * Asterisk make legs, which come in by a door that has. An Asterisk that is not there is waited for.
 */

import type { Counted } from '../../../base/counts.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { Scope } from '../../../base/scope.ts';
import type { Extensions } from '../../../call/seating/extension-seating.ts';
import type { Door, DoorAddress, DoorDeps, DoorOpener } from '../door.ts';
import { AriCalls } from './ari-calls.ts';
import { type AriAddress, AriClient } from './ari-client.ts';
import { AriLink } from './ari-link.ts';
import { ARI_MEDIA, type AriMediaName } from './ari-media.ts';

/** How long our calls may take to be removed from Asterisk when we end, in ms. */
const REMOVE_LIMIT_MS = 3_000;

export interface AriDoorOptions {
  readonly address: AriAddress;
  /** The name by which `Stasis()` hands calls over. */
  readonly app: string;
  readonly media: AriMediaName;
  /** Where Asterisk is to connect to; undefined: where the first door listens. */
  readonly mediaAddress: DoorAddress | undefined;
  readonly extensions: Extensions;
  /** What may be spoken. */
  readonly languages: ReadonlySet<Language>;
  readonly maxLegs: number;
  /** Whether a party whose leg is lost keeps its place. */
  readonly replaces: boolean;
}

/** A door that is opened by the server it is given to. It never fails to open: what is wrong is logged, and tried again. */
export function ariDoor(options: AriDoorOptions): DoorOpener {
  return async (deps) => new AriDoor(options, deps);
}

class AriDoor implements Door {
  readonly name: string;
  readonly counts = {};
  readonly parts: readonly Counted[];
  readonly #client: AriClient;
  readonly #calls: AriCalls;
  readonly #scope: Scope;

  constructor(options: AriDoorOptions, deps: DoorDeps) {
    const { address, app, media, extensions, languages, maxLegs, replaces } = options;
    const { switchboard, promises, clock } = deps;
    const log = deps.log.child({ door: 'ari' });
    this.name = `ari ${new URL(address.url).host}`;
    this.#scope = new Scope((error) => log.error({ error }, 'the connection to ARI failed inside'));
    this.#client = new AriClient(address, clock);
    const mediaAddress = (): string => reachable(options.mediaAddress ?? firstOf(deps.listening()));
    this.#calls = new AriCalls(
      { app, media: ARI_MEDIA[media], address: mediaAddress, extensions, languages, maxLegs, replaces },
      {
        ...{ client: this.#client, promises, clock, log },
        draining: () => switchboard.draining,
        hungUp: (uuid) => switchboard.partyHungUp(uuid),
      },
    );
    const link = new AriLink(
      address,
      app,
      { client: this.#client, clock, log },
      {
        event: (event) => this.#calls.handle(event),
        reconcile: (signal) => this.#calls.reconcile(signal),
      },
    );
    this.parts = [this.#client, this.#calls, link];
    link.start(this.#scope);
  }

  async close(): Promise<void> {
    // First, so that no more calls come.
    await this.#scope.close();
    await this.#calls.close(REMOVE_LIMIT_MS);
    await this.#client.close();
  }
}

function firstOf(addresses: readonly DoorAddress[]): DoorAddress {
  const [first] = addresses;
  if (first === undefined) {
    throw new AppError('bad-option', 'ARI: no door listens where Asterisk could connect to: write --listen');
  }
  return first;
}

/** What listens on every address is reached by this machine's own. */
function reachable({ host, port }: DoorAddress): string {
  const plain = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
