/**
 * The part of ARI by which Asterisk 22.10 keeps SIP phones, over loopback: its answers are those of the real one
 * (`PUT /asterisk/config/dynamic/res_pjsip/…` with dialplan/sorcery.conf). What pjsip.conf has can be read and not written.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { memberOf, textOf } from '../../src/protocol/ari/ari-resources.ts';

const TYPES = ['endpoint', 'auth', 'aor', 'transport'];
/** What it does not take of a value: an end of a line, and a codec that it does not have. */
const BAD_VALUE = /[\n;]|nosuch/;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export class StrictSorcery {
  /** Objects that were given to it, as `endpoint/dave`. */
  readonly kept = new Map<string, Map<string, string>>();
  /** Those of its files. */
  readonly written = new Map<string, Map<string, string>>();
  readonly online = new Set<string>();
  /** Names of channels by their ids. */
  readonly channels = new Map<string, string>();
  /** What it was asked, as `PUT endpoint/dave`, in order. */
  readonly asked: string[] = [];
  /** Whether sorcery.conf says where objects are kept that are given to it. */
  keeps = true;
  /** A request such as `PUT endpoint/dave` that it fails at. */
  fails = '';
  readonly #server: Server;

  /** @param authorization without which nobody is let in. */
  static async open(authorization: string): Promise<StrictSorcery> {
    const sorcery = new StrictSorcery(authorization);
    sorcery.#server.listen(0, '127.0.0.1');
    await once(sorcery.#server, 'listening');
    return sorcery;
  }

  private constructor(authorization: string) {
    this.#server = createServer((request, response) => {
      void this.#answer(request, authorization).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, authorization: string): Promise<Answer> {
    let text = '';
    for await (const piece of request) {
      text += piece;
    }
    if (request.headers.authorization !== authorization) {
      return { status: 401, body: { message: 'Authentication required' } };
    }
    const path = new URL(request.url ?? '', 'http://asterisk').pathname.replace(/^\/ari\//, '');
    const method = request.method ?? '';
    const [, type = '', id = ''] = /^asterisk\/config\/dynamic\/res_pjsip\/(\w+)\/(.+)$/.exec(path) ?? [];
    const [, channel] = /^channels\/(.+)$/.exec(path) ?? [];
    if (TYPES.includes(type)) {
      return this.#object(method, `${type}/${decodeURIComponent(id)}`, text);
    }
    if (method === 'DELETE' && channel !== undefined) {
      return { status: this.channels.delete(decodeURIComponent(channel)) ? 204 : 404 };
    }
    switch (`${method} ${path}`) {
      case 'GET endpoints/PJSIP':
        return { status: 200, body: this.#endpoints() };
      case 'GET channels':
        return { status: 200, body: [...this.channels].map(([of, name]) => ({ id: of, name })) };
      case 'PUT asterisk/modules/res_pjsip.so':
        return { status: 204 };
      default:
        return { status: 404, body: { message: 'Resource not found' } };
    }
  }

  #object(method: string, key: string, text: string): Answer {
    this.asked.push(`${method} ${key}`);
    if (this.fails === `${method} ${key}`) {
      return { status: 500, body: { error: 'Allocation failed' } };
    }
    const found = this.kept.get(key) ?? this.written.get(key);
    if (method === 'PUT') {
      return this.#put(key, text);
    }
    if (found === undefined) {
      return { status: 404, body: { message: `Object with id '${key}' not found` } };
    }
    if (method === 'DELETE') {
      return this.kept.delete(key)
        ? { status: 204 }
        : { status: 403, body: { message: 'Could not delete object' } };
    }
    return { status: 200, body: fieldsOf(found) };
  }

  #put(key: string, text: string): Answer {
    if (!this.keeps) {
      return { status: 403, body: { message: 'Cannot create sorcery objects' } };
    }
    if (this.written.has(key)) {
      return { status: 500, body: { error: 'Allocation failed' } };
    }
    const fields = memberOf(JSON.parse(text), 'fields');
    const named = (Array.isArray(fields) ? fields : []).map(
      (each) => [textOf(each, 'attribute'), textOf(each, 'value')] as const,
    );
    if (named.some(([attribute, value]) => attribute === '' || BAD_VALUE.test(value))) {
      return { status: 400, body: { message: 'One or more fields failed value validation' } };
    }
    const object = new Map([...(this.kept.get(key) ?? []), ...named]);
    this.kept.set(key, object);
    return { status: 200, body: fieldsOf(object) };
  }

  #endpoints(): readonly unknown[] {
    const names = [...this.kept.keys(), ...this.written.keys()].flatMap((key) =>
      key.startsWith('endpoint/') ? [key.slice('endpoint/'.length)] : [],
    );
    return names.map((resource) => ({
      ...{ technology: 'PJSIP', resource, channel_ids: [] },
      state: this.online.has(resource) ? 'online' : 'offline',
    }));
  }
}

/** As it shows them: codecs as it writes them itself. */
function fieldsOf(object: ReadonlyMap<string, string>): readonly unknown[] {
  return [...object].map(([attribute, value]) => ({
    attribute,
    value: attribute === 'allow' ? `(${value.replaceAll(',', '|')})` : value,
  }));
}
