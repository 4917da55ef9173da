/**
 * Phones that Asterisk keeps in its own database (dialplan/sorcery.conf): given to it over ARI, without a file that both
 * can reach. Each is three objects of one name; the endpoint comes last and goes first, so that a phone can call only
 * while all three are there. What is ours says so in an attribute of its own.
 */

import type { Clock } from '../../base/clock.ts';
import type { Secret } from '../../base/secret.ts';
import type { SipObject } from '../../protocol/ari/ari-requests.ts';
import type { AriPhones } from './ari-phones.ts';
import { endCalls } from './end-calls.ts';
import {
  assertName,
  changed,
  type Endpoint,
  type EndpointChange,
  type EndpointWish,
  endpointOf,
} from './endpoint.ts';
import { type EndpointBook, MOST_CHANGES, type ShownEndpoint, tooMany } from './endpoint-book.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';
import { assertStrong, digestOf } from './sip-password.ts';

/** Requests for a list that are under way at once. */
const AT_ONCE = 8;
const OURS = '@dragoman_kept';

export interface AriEndpointsOptions {
  readonly asterisk: AriPhones;
  /** In which phones are asked for their password. */
  readonly realm: string;
  readonly clock: Clock;
}

export class AriEndpoints implements EndpointBook {
  readonly #asterisk: AriPhones;
  readonly #realm: string;
  readonly #clock: Clock;
  /** One change after the other: two for one name would each find the other's half. */
  #last: Promise<unknown> = Promise.resolve();
  #changing = 0;

  constructor({ asterisk, realm, clock }: AriEndpointsOptions) {
    this.#asterisk = asterisk;
    this.#realm = realm;
    this.#clock = clock;
  }

  async find(name: string, signal: AbortSignal): Promise<ShownEndpoint | undefined> {
    const [found] = await this.#shown([name], signal);
    return found;
  }

  async list(signal: AbortSignal): Promise<readonly ShownEndpoint[]> {
    const found = await this.#shown(await this.#asterisk.names(signal), signal);
    return [...found].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Those of `names` that are ours. */
  async #shown(names: readonly string[], signal: AbortSignal): Promise<readonly ShownEndpoint[]> {
    const registered = await this.#asterisk.registered(signal);
    const inCalls = await this.#asterisk.inCalls(signal);
    const ours: Endpoint[] = [];
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE).map((name) => this.#ours(name, signal));
      ours.push(...(await Promise.all(some)).filter((each) => each !== undefined));
    }
    return ours.map((endpoint) => ({
      ...endpoint,
      registered: registered.has(endpoint.name),
      inCall: inCalls.has(endpoint.name),
      edited: false,
    }));
  }

  add(wish: EndpointWish, password: Secret, signal: AbortSignal): Promise<Endpoint> {
    const endpoint = endpointOf(wish);
    const { name } = endpoint;
    assertStrong(password, name);
    return this.#alone(async () => {
      if ((await this.#asterisk.versionOf(name, signal)) !== undefined) {
        throw new EndpointRefusal(
          'endpoint-exists',
          `there is a phone ${name} already, in Asterisk: choose another name, or change that one`,
        );
      }
      await this.#assertTransport(endpoint, signal);
      try {
        await this.#put('auth', name, authFields(name, this.#realm, password), signal);
        await this.#put('aor', name, { max_contacts: '1', remove_existing: 'yes' }, signal);
        await this.#put('endpoint', name, endpointFields(endpoint), signal);
      } catch (error) {
        await this.#removeAll(name, new AbortController().signal).catch(() => {});
        throw error;
      }
      return endpoint;
    });
  }

  update(
    name: string,
    change: EndpointChange,
    { password }: { readonly password?: Secret; readonly overwrite: boolean },
    signal: AbortSignal,
  ): Promise<Endpoint> {
    assertName(name);
    if (password !== undefined) {
      assertStrong(password, name);
    }
    return this.#alone(async () => {
      const endpoint = changed(await this.#found(name, signal), change);
      await this.#assertTransport(endpoint, signal);
      await this.#put('endpoint', name, endpointFields(endpoint), signal);
      if (password !== undefined) {
        // What is left of another password in one that is changed would be compared with, too.
        await this.#asterisk.delete('auth', name, signal);
        await this.#put('auth', name, authFields(name, this.#realm, password), signal);
      }
      return endpoint;
    });
  }

  remove(name: string, { whenIdle }: { readonly whenIdle: boolean }, signal: AbortSignal): Promise<void> {
    assertName(name);
    return this.#alone(async () => {
      await this.#found(name, signal);
      const deps = { asterisk: this.#asterisk, clock: this.#clock, signal };
      await endCalls(name, whenIdle, deps);
      await this.#removeAll(name, signal);
      // Who rang up in between has no phone any more.
      await endCalls(name, false, deps);
    });
  }

  async #removeAll(name: string, signal: AbortSignal): Promise<void> {
    for (const type of ['endpoint', 'auth', 'aor'] as const) {
      await this.#asterisk.delete(type, name, signal);
    }
  }

  async #found(name: string, signal: AbortSignal): Promise<Endpoint> {
    const found = await this.#ours(name, signal);
    if (found === undefined) {
      throw new EndpointRefusal('no-such-endpoint', `there is no phone ${name} of ours in Asterisk`);
    }
    return found;
  }

  /** Undefined where there is none, or somebody else's. */
  async #ours(name: string, signal: AbortSignal): Promise<Endpoint | undefined> {
    const fields = await this.#asterisk.fields('endpoint', name, signal);
    return fields?.get(OURS) === 'ari' ? endpointIn(name, fields) : undefined;
  }

  async #assertTransport({ transport }: Endpoint, signal: AbortSignal): Promise<void> {
    if (transport !== undefined && !(await this.#asterisk.hasTransport(transport, signal))) {
      throw new EndpointRefusal(
        'bad-endpoint',
        `Asterisk has no transport ${transport}: write one into its pjsip.conf, or name one that it has`,
      );
    }
  }

  async #put(
    type: SipObject,
    name: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#asterisk.put(type, name, fields, signal);
  }

  async #alone<Done>(work: () => Promise<Done>): Promise<Done> {
    if (this.#changing >= MOST_CHANGES) {
      throw tooMany();
    }
    this.#changing += 1;
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#changing -= 1;
    }
  }
}

function authFields(name: string, realm: string, password: Secret): Readonly<Record<string, string>> {
  return { auth_type: 'md5', username: name, realm, md5_cred: digestOf(name, realm, password) };
}

function endpointFields(endpoint: Endpoint): Readonly<Record<string, string>> {
  const { name, language, voice = '', context, codecs, encrypted, transport = '' } = endpoint;
  return {
    context,
    disallow: 'all',
    allow: codecs.join(','),
    dtmf_mode: 'rfc4733',
    direct_media: 'no',
    transport,
    media_encryption: encrypted ? 'sdes' : 'no',
    media_encryption_optimistic: 'no',
    rewrite_contact: encrypted ? 'yes' : 'no',
    aors: name,
    auth: name,
    '@dragoman_lang': language,
    '@dragoman_voice': voice,
    [OURS]: 'ari',
  };
}

function endpointIn(name: string, fields: ReadonlyMap<string, string>): Endpoint {
  const text = (field: string): string => fields.get(field) ?? '';
  return {
    name,
    language: text('@dragoman_lang'),
    voice: text('@dragoman_voice') || undefined,
    context: text('context'),
    // (g722|ulaw)
    codecs: text('allow').match(/[a-z0-9:]+/g) ?? [],
    encrypted: text('media_encryption') === 'sdes',
    transport: text('transport') || undefined,
  };
}
