/** Phones that a running service manages, over its API: it tells Asterisk by the way that its --endpoints says. */

import type { z } from 'zod';
import type { Secret } from '../../base/secret.ts';
import type { Endpoint, EndpointChange, EndpointWish } from '../../server/endpoints/endpoint.ts';
import type { EndpointBook, ShownEndpoint } from '../../server/endpoints/endpoint-book.ts';
import { EndpointRefusal } from '../../server/endpoints/endpoint-refusal.ts';
import { ENDPOINT_LIST, SHOWN_ENDPOINT, type WireEndpoint } from '../../server/http/api/endpoint-schemas.ts';
import { type ServiceApi, ServiceRefusal, type ServiceRequest } from '../service-api.ts';

const PATH = '/api/v1/endpoints';
/** Asterisk is told before it is answered, and may hang up a call first; in ms. */
const LIMIT_MS = 60_000;

export class ServiceEndpoints implements EndpointBook {
  readonly #api: ServiceApi;

  constructor(api: ServiceApi) {
    this.#api = api;
  }

  async find(name: string): Promise<ShownEndpoint | undefined> {
    const found = await this.#api.find(pathOf(name), SHOWN_ENDPOINT);
    return found === undefined ? undefined : shownIn(found);
  }

  async list(): Promise<readonly ShownEndpoint[]> {
    const { endpoints } = await this.#asked({ method: 'GET', path: PATH }, ENDPOINT_LIST);
    return endpoints.map(shownIn);
  }

  async add(wish: EndpointWish, password: Secret): Promise<Endpoint> {
    const body = { ...wish, password: password.reveal() };
    return shownIn(await this.#asked({ method: 'POST', path: PATH, body }, SHOWN_ENDPOINT));
  }

  async update(
    name: string,
    change: EndpointChange,
    { password, overwrite }: { readonly password?: Secret; readonly overwrite: boolean },
  ): Promise<Endpoint> {
    const secret = password === undefined ? {} : { password: password.reveal() };
    const body = { ...change, ...secret, overwrite };
    return shownIn(await this.#asked({ method: 'PATCH', path: pathOf(name), body }, SHOWN_ENDPOINT));
  }

  async remove(
    name: string,
    { whenIdle, overwrite }: { readonly whenIdle: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    const query = new URLSearchParams({ whenIdle: String(whenIdle), overwrite: String(overwrite) });
    try {
      await this.#api.done({ method: 'DELETE', path: `${pathOf(name)}?${query}`, limitMs: LIMIT_MS });
    } catch (error) {
      throw error instanceof ServiceRefusal && error.reason === 'in-call'
        ? new EndpointRefusal('in-call', error.message, error)
        : error;
    }
  }

  #asked<Answer>(request: ServiceRequest, schema: z.ZodType<Answer>): Promise<Answer> {
    return this.#api.answer({ ...request, limitMs: LIMIT_MS }, schema);
  }
}

function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}

function shownIn({ voice, transport, registered, inCall, ...rest }: WireEndpoint): ShownEndpoint {
  return { ...rest, voice, transport, registered, inCall };
}
