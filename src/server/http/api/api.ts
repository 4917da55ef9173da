/**
 * The API under `/api/v1`: what programs, the console and the commands of a terminal see and steer. One schema a route
 * is its validation, its part of the document at `/api/openapi.json`, and its clients' type.
 */

import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { addLevelRoutes } from '../../console/level-routes.ts';
import { addAddedPartyRoutes } from './added-party-routes.ts';
import type { ApiDeps } from './api-app.ts';
import { addCallRoutes } from './call-routes.ts';
import { addControlRoutes } from './control-routes.ts';
import { addEngineRoutes } from './engine-routes.ts';
import { addEventRoutes } from './event-routes.ts';
import { addLanguageRoutes } from './language-routes.ts';
import { addNodeRoutes } from './node-routes.ts';
import { addRecordRoutes } from './record-routes.ts';
import { addRegisterRoutes } from './register-routes.ts';
import { addSayRoutes } from './say-routes.ts';
import { addVoiceRoutes } from './voice-routes.ts';
import { addWhisperRoutes } from './whisper-routes.ts';

/** @param version of dragoman, for the document. */
export async function addApi(server: FastifyInstance, deps: ApiDeps, version: string): Promise<void> {
  await server.register(
    async (api) => {
      api.setValidatorCompiler(validatorCompiler);
      api.setSerializerCompiler(serializerCompiler);
      await api.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'dragoman',
            description: 'Calls that are interpreted: see and steer them.',
            version,
          },
          components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
          security: [{ bearer: [] }],
        },
        transform: jsonSchemaTransform,
        transformObject: jsonSchemaTransformObject,
      });
      api.get('/openapi.json', { schema: { hide: true } }, () => api.swagger());
      await api.register(
        async (scope) => {
          const routes = scope.withTypeProvider<ZodTypeProvider>();
          addCallRoutes(routes, deps);
          addRegisterRoutes(routes, deps);
          addControlRoutes(routes, deps);
          addAddedPartyRoutes(routes, deps);
          addSayRoutes(routes, deps);
          addEventRoutes(routes, deps);
          addEngineRoutes(routes, deps);
          addNodeRoutes(routes, deps);
          addLanguageRoutes(routes, deps);
          addLevelRoutes(routes, deps);
          addWhisperRoutes(routes, deps);
          addVoiceRoutes(routes, deps);
          addRecordRoutes(routes, deps);
        },
        { prefix: '/v1' },
      );
    },
    { prefix: '/api' },
  );
}
