/**
 * What the document at `/api/openapi.json` is made of beside the routes' schemas: who may ask, what is sent by itself to
 * `--webhook`, and how schemas of answers are to be read. Zod writes of them that they have nothing but what is named; so
 * an event, which is two objects in one, would be neither, and every field that is new one day would break a client that
 * checks.
 */

import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { WEBHOOK_EVENT } from './api-events.ts';

const WEBHOOK = {
  post: {
    operationId: 'webhook',
    summary: 'What happens, sent to --webhook as Standard Webhooks (https://www.standardwebhooks.com)',
    description:
      'In order within a call, and again until it is answered with 2xx: after 5 s, 30 s, 2 and 10 minutes. 410 ends all ' +
      'of them until the next start.',
    tags: ['events'],
    parameters: [
      header('webhook-id', 'the same each time an event is sent, and an id of /events, too: to drop doubles'),
      header('webhook-timestamp', 'when it was sent, in s since 1970; only of what is signed'),
      header(
        'webhook-signature',
        'v1, and the HMAC-SHA256 of id.timestamp.body in base64, with the key of --webhook-secret-file',
      ),
    ],
    requestBody: {
      content: {
        'application/json': { schema: { $ref: `#/components/schemas/${WEBHOOK_EVENT.meta()?.id}` } },
      },
    },
    responses: { '2XX': { description: 'taken' }, 410: { description: 'no more is wanted' } },
  },
};

/** @param version of dragoman. */
export function documentOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'dragoman',
        description:
          'Calls that are interpreted: see and steer them. Answers and events get more fields in time: leave aside what you ' +
          'do not know.',
        version,
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          basic: { type: 'http', scheme: 'basic', description: 'The token is the password, of any name.' },
        },
      },
      security: [{ bearer: [] }, { basic: [] }],
      webhooks: { event: WEBHOOK },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  };
}

/** The same without the word that there is nothing in an object but what is named, where it is not asked but answered. */
export function withOpenAnswers(document: unknown): unknown {
  if (Array.isArray(document)) {
    return document.map(withOpenAnswers);
  }
  if (typeof document !== 'object' || document === null) {
    return document;
  }
  return Object.fromEntries(
    Object.entries(document)
      .filter(([key, value]) => key !== 'additionalProperties' || value !== false)
      .map(([key, value]) => [key, isAsked(key) ? value : withOpenAnswers(value)]),
  );
}

/** Whether this is a body, or one of the schemas that bodies are made of. */
function isAsked(key: string): boolean {
  return key === 'requestBody' || key.endsWith('Input');
}

function header(name: string, description: string) {
  return { in: 'header', name, description, schema: { type: 'string' } } as const;
}
