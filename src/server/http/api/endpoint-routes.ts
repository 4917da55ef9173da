/**
 * Phones of the exchange (`--endpoints`): Asterisk is told of each change before it is answered.
 *
 *   GET, POST /endpoints                  those there are; another one
 *   GET, PATCH, DELETE /endpoints/{name}  one of them
 */

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Secret } from '../../../base/secret.ts';
import { assertRendered } from '../../endpoints/endpoint.ts';
import type { EndpointBook, ShownEndpoint } from '../../endpoints/endpoint-book.ts';
import { type EndpointReason, EndpointRefusal } from '../../endpoints/endpoint-refusal.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import {
  ENDPOINT_CHANGE,
  ENDPOINT_LIST,
  ENDPOINT_NAME,
  REMOVAL,
  SHOWN_ENDPOINT,
  WISHED_ENDPOINT,
  wireEndpoint,
} from './endpoint-schemas.ts';
import { spokenHere } from './written-language.ts';

const NEEDS = 'Needs a token that may `control`, also to read.';

const STATUSES: Readonly<Record<EndpointReason, number>> = {
  'bad-endpoint': 400,
  'language-not-served': 422,
  'endpoint-exists': 409,
  'no-such-endpoint': 404,
  'in-call': 409,
  'edited-by-hand': 409,
  busy: 503,
  'not-read': 502,
  'asterisk-failed': 502,
};

export function addEndpointRoutes(app: ApiApp, { access, endpoints, interpreting, log }: ApiDeps): void {
  const book = (): EndpointBook => {
    if (endpoints === undefined) {
      throw new Refused(
        404,
        'no-endpoints',
        'this server manages no phones; start it with --endpoints, a file that Asterisk includes, or ari',
      );
    }
    return endpoints;
  };
  const note = (request: FastifyRequest, what: string): void => {
    // Whose phone it is stays out of the log.
    log.info({ by: access.callerOf(request).name, what }, 'the API was asked for phones');
  };
  const shown = async (name: string): Promise<ShownEndpoint> => {
    const found = await book().find(name, forever());
    if (found === undefined) {
      throw new EndpointRefusal(
        'no-such-endpoint',
        'there is no phone of this name: GET /api/v1/endpoints lists them',
      );
    }
    return found;
  };

  app.get(
    '/endpoints',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'listEndpoints',
        summary: 'Phones of the exchange, in the order of their names',
        description: NEEDS,
        tags: ['endpoints'],
        response: { 200: ENDPOINT_LIST, ...REFUSALS },
      },
    },
    () => answered(async () => ({ endpoints: (await book().list(forever())).map(wireEndpoint) })),
  );

  app.post(
    '/endpoints',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'addEndpoint',
        summary: 'Another phone, which can register when this is answered',
        description: NEEDS,
        tags: ['endpoints'],
        body: WISHED_ENDPOINT,
        response: { 201: SHOWN_ENDPOINT, ...REFUSALS },
      },
    },
    (request, reply) =>
      answered(async () => {
        const { password, ...wish } = request.body;
        note(request, 'add');
        const to = book();
        assertRendered(wish.language, spokenHere(interpreting));
        const { name } = await to.add(wish, new Secret(password), forever());
        reply.code(201).header('location', `/api/v1/endpoints/${name}`);
        return wireEndpoint(await shown(name));
      }),
  );

  app.get(
    '/endpoints/:name',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'showEndpoint',
        summary: 'One phone',
        description: NEEDS,
        tags: ['endpoints'],
        params: ENDPOINT_NAME,
        response: { 200: SHOWN_ENDPOINT, ...REFUSALS },
      },
    },
    ({ params: { name } }) => answered(async () => wireEndpoint(await shown(name))),
  );

  app.patch(
    '/endpoints/:name',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'changeEndpoint',
        summary: 'What a phone is to be from its next call on',
        description: NEEDS,
        tags: ['endpoints'],
        params: ENDPOINT_NAME,
        body: ENDPOINT_CHANGE,
        response: { 200: SHOWN_ENDPOINT, ...REFUSALS },
      },
    },
    (request) =>
      answered(async () => {
        const { name } = request.params;
        const { password, overwrite, ...change } = request.body;
        note(request, 'change');
        const to = book();
        assertRendered(change.language, spokenHere(interpreting));
        const secret = password === undefined ? {} : { password: new Secret(password) };
        await to.update(name, change, { ...secret, overwrite }, forever());
        return wireEndpoint(await shown(name));
      }),
  );

  app.delete(
    '/endpoints/:name',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'removeEndpoint',
        summary: 'Take a phone away; its call is hung up',
        description: NEEDS,
        tags: ['endpoints'],
        params: ENDPOINT_NAME,
        querystring: REMOVAL,
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    (request, reply) =>
      answered(async () => {
        const { whenIdle, overwrite } = request.query;
        note(request, 'remove');
        const how = { whenIdle: whenIdle === 'true', overwrite: overwrite === 'true' };
        await book().remove(request.params.name, how, forever());
        reply.code(204);
        return null;
      }),
  );
}

async function answered<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EndpointRefusal) {
      throw new Refused(STATUSES[error.reason], error.reason, error.message);
    }
    throw error;
  }
}

/** What is begun is done to its end, also for who has gone: each step has a limit of its own. */
function forever(): AbortSignal {
  return new AbortController().signal;
}
