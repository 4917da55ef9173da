/**
 * The API under `/api/v1`: what programs, the console and the commands of a terminal see and steer. One schema a route
 * is its validation, its part of the document at `/api/openapi.json`, and its clients' type.
 */

import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { addLevelRoutes } from '../../console/level-routes.ts';
import { addAccessRoutes } from './access-routes.ts';
import { addAddedPartyRoutes } from './added-party-routes.ts';
import type { ApiDeps } from './api-app.ts';
import { documentOptions, withOpenAnswers } from './api-document.ts';
import { addCallRoutes } from './call-routes.ts';
import { addControlRoutes } from './control-routes.ts';
import { addEndpointRoutes } from './endpoint-routes.ts';
import { addEngineRoutes } from './engine-routes.ts';
import { addEnrolmentRoutes } from './enrolment-routes.ts';
import { addEventRoutes } from './event-routes.ts';
import { addLanguageRoutes } from './language-routes.ts';
import { addListenRoutes } from './listen-routes.ts';
import { addNodeRoutes } from './node-routes.ts';
import { addRecordRoutes } from './record-routes.ts';
import { addRegisterRoutes } from './register-routes.ts';
import { addSayRoutes } from './say-routes.ts';
import { addSharedRoutes } from './shared-routes.ts';
import { addTransferRoutes } from './transfer-routes.ts';
import { addVoiceRoutes } from './voice-routes.ts';
import { addWhisperRoutes } from './whisper-routes.ts';

/** @param version of dragoman, for the document. */
export async function addApi(server: FastifyInstance, deps: ApiDeps, version: string): Promise<void> {
  await server.register(
    async (api) => {
      api.setValidatorCompiler(validatorCompiler);
      api.setSerializerCompiler(serializerCompiler);
      takeNothingForNoBody(api);
      await api.register(swagger, documentOptions(version));
      let document: unknown;
      api.get('/openapi.json', { schema: { hide: true } }, () => {
        document ??= withOpenAnswers(api.swagger());
        return document;
      });
      await api.register(
        async (scope) => {
          const routes = scope.withTypeProvider<ZodTypeProvider>();
          addAccessRoutes(routes, deps);
          addCallRoutes(routes, deps);
          addRegisterRoutes(routes, deps);
          addControlRoutes(routes, deps);
          addAddedPartyRoutes(routes, deps);
          addSayRoutes(routes, deps);
          addListenRoutes(routes, deps);
          addTransferRoutes(routes, deps);
          addEventRoutes(routes, deps);
          addEndpointRoutes(routes, deps);
          addEngineRoutes(routes, deps);
          addNodeRoutes(routes, deps);
          addSharedRoutes(routes, deps);
          addLanguageRoutes(routes, deps);
          addLevelRoutes(routes, deps);
          addWhisperRoutes(routes, deps);
          addVoiceRoutes(routes, deps);
          addEnrolmentRoutes(routes, deps);
          addRecordRoutes(routes, deps);
        },
        { prefix: '/v1' },
      );
    },
    { prefix: '/api' },
  );
}

/**
 * Many programs say of each request that it is JSON, of one without a body, too: where none is asked for, to hang up or to
 * drain, nothing is as good as no body.
 */
function takeNothingForNoBody(api: FastifyInstance): void {
  const parsed = api.getDefaultJsonParser('error', 'error');
  api.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '' && request.routeOptions.schema?.body === undefined) {
      done(null);
    } else {
      void parsed(request, body, done);
    }
  });
}
