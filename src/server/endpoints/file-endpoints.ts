/**
 * Phones that are kept in a file of PJSIP configuration which Asterisk includes. What Asterisk does not take is taken back
 * before anybody is told: file and Asterisk are then as they were.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { endCalls, until } from './end-calls.ts';
import {
  assertName,
  changed,
  type Endpoint,
  type EndpointChange,
  type EndpointWish,
  endpointOf,
  TLS_TRANSPORT,
} from './endpoint.ts';
import { type EndpointBook, MOST_CHANGES, type ShownEndpoint, tooMany } from './endpoint-book.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';
import { EndpointsFile } from './endpoints-file.ts';
import {
  type Block,
  endpointBlock,
  endpointIn,
  FILE_HEAD,
  formatEndpoints,
  handWritten,
  isEdited,
  type Piece,
  parseEndpoints,
  type TlsTransport,
  transportBlock,
  versionIn,
} from './endpoints-text.ts';
import type { PhonesAsterisk } from './phones-asterisk.ts';
import { assertStrong, digestOf } from './sip-password.ts';

export interface FileEndpointsOptions {
  readonly path: string;
  /** In which phones are asked for their password. */
  readonly realm: string;
  /** Undefined: Asterisk is not asked and not told, and whoever runs it has it reload. */
  readonly asterisk: PhonesAsterisk | undefined;
  readonly clock: Clock;
}

export class FileEndpoints implements EndpointBook {
  readonly #file: EndpointsFile;
  readonly #realm: string;
  readonly #asterisk: PhonesAsterisk | undefined;
  readonly #clock: Clock;
  #changing = 0;

  constructor({ path, realm, asterisk, clock }: FileEndpointsOptions) {
    this.#file = new EndpointsFile(path);
    this.#realm = realm;
    this.#asterisk = asterisk;
    this.#clock = clock;
  }

  async list(signal: AbortSignal): Promise<readonly ShownEndpoint[]> {
    const pieces = parseEndpoints((await this.#file.read()) ?? '');
    // A list is of use without Asterisk, too, and says that it does not know.
    const [registered, inCalls] = await Promise.all([
      this.#asterisk?.registered(signal).catch(() => undefined),
      this.#asterisk?.inCalls(signal).catch(() => undefined),
    ]);
    return pieces
      .flatMap((piece) => (piece.type === 'endpoint' ? [piece] : []))
      .map((block) => ({
        ...endpointIn(block.name, block.text).endpoint,
        registered: registered?.has(block.name),
        inCall: inCalls?.has(block.name),
        edited: isEdited(block),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async find(name: string, signal: AbortSignal): Promise<ShownEndpoint | undefined> {
    return (await this.list(signal)).find((each) => each.name === name);
  }

  async add(wish: EndpointWish, password: Secret, signal: AbortSignal): Promise<Endpoint> {
    const endpoint = endpointOf(wish);
    const { name } = endpoint;
    assertStrong(password, name);
    const block = endpointBlock(endpoint, {
      realm: this.#realm,
      md5: digestOf(name, this.#realm, password),
    });
    const edit = async (pieces: readonly Piece[]): Promise<readonly Piece[]> => {
      if (blockIn(pieces, name) !== undefined || handWritten(pieces).has(name)) {
        throw exists(name, `in ${this.#file.path}`);
      }
      if ((await this.#asterisk?.versionOf(name, signal)) !== undefined) {
        throw exists(name, 'in another file of Asterisk');
      }
      await this.#assertTransport(endpoint, pieces, signal);
      return [...pieces, block];
    };
    await this.#change(edit, takes(block, signal), signal);
    return endpoint;
  }

  async update(
    name: string,
    change: EndpointChange,
    { password, overwrite }: { readonly password?: Secret; readonly overwrite: boolean },
    signal: AbortSignal,
  ): Promise<Endpoint> {
    assertName(name);
    if (password !== undefined) {
      assertStrong(password, name);
    }
    let block: Block | undefined;
    const edit = async (pieces: readonly Piece[]): Promise<readonly Piece[]> => {
      const found = this.#found(pieces, name, overwrite);
      const before = endpointIn(name, found.text);
      const after = changed(before.endpoint, change);
      await this.#assertTransport(after, pieces, signal);
      const credential =
        password === undefined
          ? before.credential
          : { realm: this.#realm, md5: digestOf(name, this.#realm, password) };
      const made = endpointBlock(after, credential);
      block = made;
      return pieces.map((piece) => (piece === found ? made : piece));
    };
    await this.#change(
      edit,
      async (asterisk) => block === undefined || takes(block, signal)(asterisk),
      signal,
    );
    if (block === undefined) {
      throw noSuch(name);
    }
    return endpointIn(name, block.text).endpoint;
  }

  async remove(
    name: string,
    { whenIdle, overwrite }: { readonly whenIdle: boolean; readonly overwrite: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    assertName(name);
    const edit = async (pieces: readonly Piece[]): Promise<readonly Piece[]> => {
      const found = this.#found(pieces, name, overwrite);
      await this.#ended(name, whenIdle, signal);
      return pieces.filter((piece) => piece !== found);
    };
    const gone = async (asterisk: PhonesAsterisk): Promise<boolean> =>
      (await asterisk.versionOf(name, signal)) === undefined;
    await this.#change(edit, gone, signal);
    // Who rang up in between has no phone any more.
    await this.#ended(name, false, signal);
  }

  /**
   * The transport by which phones come with TLS, in place of the one that there is. Asterisk opens a new one at once, and
   * takes another address or certificate only when it starts anew.
   * @returns whether there was none. @throws as {@link add}.
   */
  async setTransport(transport: TlsTransport, overwrite: boolean, signal: AbortSignal): Promise<boolean> {
    let fresh = true;
    const block = transportBlock(transport);
    const edit = async (pieces: readonly Piece[]): Promise<readonly Piece[]> => {
      const found = pieces.find((piece) => piece.type === 'transport' && piece.name === transport.name);
      if (found?.type === 'transport' && isEdited(found) && !overwrite) {
        throw edited(transport.name, this.#file.path);
      }
      fresh = found === undefined;
      return found === undefined
        ? [...pieces, block]
        : pieces.map((piece) => (piece === found ? block : piece));
    };
    await this.#change(edit, (asterisk) => asterisk.hasTransport(transport.name, signal), signal);
    return fresh;
  }

  #found(pieces: readonly Piece[], name: string, overwrite: boolean): Block {
    const found = blockIn(pieces, name);
    if (found === undefined) {
      throw noSuch(name);
    }
    if (isEdited(found) && !overwrite) {
      throw edited(name, this.#file.path);
    }
    return found;
  }

  /** One that names a transport which there is not would never be reached. */
  async #assertTransport(
    { transport }: Endpoint,
    pieces: readonly Piece[],
    signal: AbortSignal,
  ): Promise<void> {
    const own = pieces.some((piece) => piece.type === 'transport' && piece.name === transport);
    if (transport === undefined || own || (await this.#asterisk?.hasTransport(transport, signal)) === true) {
      return;
    }
    if (transport === TLS_TRANSPORT || this.#asterisk !== undefined) {
      throw new EndpointRefusal(
        'bad-endpoint',
        `there is no transport ${transport}: "dragoman endpoints certificate" writes ${TLS_TRANSPORT}, for TLS; or name one of ` +
          'your pjsip.conf with --transport ("pjsip show transports" lists them)',
      );
    }
  }

  async #ended(name: string, whenIdle: boolean, signal: AbortSignal): Promise<void> {
    if (this.#asterisk !== undefined) {
      await endCalls(name, whenIdle, { asterisk: this.#asterisk, clock: this.#clock, signal });
    }
  }

  /** Writes what `edit` makes of the file and has Asterisk read it; `taken` says whether it has. */
  async #change(
    edit: (pieces: readonly Piece[]) => Promise<readonly Piece[]>,
    taken: (asterisk: PhonesAsterisk) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#changing >= MOST_CHANGES) {
      throw tooMany();
    }
    this.#changing += 1;
    try {
      await this.#file.alone(() => this.#write(edit, taken, signal));
    } finally {
      this.#changing -= 1;
    }
  }

  async #write(
    edit: (pieces: readonly Piece[]) => Promise<readonly Piece[]>,
    taken: (asterisk: PhonesAsterisk) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> {
    const before = await this.#file.read();
    const text = formatEndpoints(await edit(parseEndpoints(before ?? FILE_HEAD)));
    if (text === before) {
      return;
    }
    await this.#file.write(text);
    const asterisk = this.#asterisk;
    if (asterisk === undefined) {
      return;
    }
    try {
      await asterisk.reload(signal);
      if (!(await until(() => taken(asterisk), this.#clock, signal))) {
        throw this.#notRead();
      }
    } catch (error) {
      await this.#takeBack(before, asterisk);
      throw error instanceof AppError || signal.aborted
        ? error
        : new EndpointRefusal('asterisk-failed', `nothing is changed: ${messageOf(error)}`, error);
    }
  }

  /** Also for who is interrupted meanwhile. */
  async #takeBack(before: string | undefined, asterisk: PhonesAsterisk): Promise<void> {
    await this.#file.write(before);
    // An Asterisk that does not answer reads what is there when it does.
    await asterisk.reload(new AbortController().signal).catch(() => {});
  }

  #notRead(): EndpointRefusal {
    return new EndpointRefusal(
      'not-read',
      `nothing is changed: Asterisk has reloaded and does not read ${this.#file.path}, or does not take what is new in it. Write ` +
        '"#include" and this path at the end of pjsip.conf, let its user read the file, and see what its log says of it',
    );
  }
}

/** Whether Asterisk has a block as it is now. */
function takes({ name, text }: Block, signal: AbortSignal) {
  return async (asterisk: PhonesAsterisk): Promise<boolean> =>
    (await asterisk.versionOf(name, signal)) === versionIn(text);
}

function blockIn(pieces: readonly Piece[], name: string): Block | undefined {
  return pieces.flatMap((piece) => (piece.type === 'endpoint' && piece.name === name ? [piece] : []))[0];
}

function exists(name: string, where: string): EndpointRefusal {
  return new EndpointRefusal(
    'endpoint-exists',
    `there is a phone ${name} already, ${where}: choose another name, or "dragoman endpoints update ${name}"`,
  );
}

function noSuch(name: string): EndpointRefusal {
  return new EndpointRefusal(
    'no-such-endpoint',
    `there is no phone ${name} here; "dragoman endpoints list" shows those there are`,
  );
}

function edited(name: string, path: string): EndpointRefusal {
  return new EndpointRefusal(
    'edited-by-hand',
    `somebody has changed ${name} in ${path} by hand, which would be lost: --overwrite says that it may be, or mend it there`,
  );
}
