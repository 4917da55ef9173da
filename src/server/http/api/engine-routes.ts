/** `GET /engines`: how the providers of recognition, translation and speech do. */

import { z } from 'zod';
import { SERVICE_HEALTHS } from '../../../engines/resilience/health-window.ts';
import { ENGINE_STATUS, enginesOf } from '../service-status.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';

const SHOWN_ENGINE = ENGINE_STATUS.extend({
  health: z.enum(SERVICE_HEALTHS).exactOptional().meta({ description: 'once it was asked for something' }),
  healthForMs: z.number().exactOptional().meta({ description: 'since when it is so, ago' }),
  benched: z
    .object({
      fault: z.string(),
      strict: z.boolean().meta({ description: 'not asked even where there is nobody else' }),
      triedInMs: z.number(),
    })
    .exactOptional(),
}).meta({ id: 'Engine' });

export const ENGINE_LIST = z.object({ engines: z.array(SHOWN_ENGINE) }).meta({ id: 'EngineList' });

export function addEngineRoutes(app: ApiApp, { access, interpreting, clock }: ApiDeps): void {
  app.get(
    '/engines',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listEngines',
        summary: 'How the engines do',
        tags: ['engines'],
        response: { 200: ENGINE_LIST, ...REFUSALS },
      },
    },
    () => {
      const healths = interpreting.health();
      return {
        engines: enginesOf(interpreting).map((engine) => {
          const health = healths.find(
            (each) => each.component === engine.component && each.engine === engine.engine,
          );
          return {
            ...engine,
            ...(health === undefined
              ? {}
              : {
                  health: health.state,
                  healthForMs: Math.max(0, Math.round(clock.nowMs() - health.sinceMs)),
                }),
            ...(health?.bench === undefined
              ? {}
              : {
                  benched: {
                    fault: health.bench.fault.kind,
                    strict: health.bench.strict,
                    triedInMs: Math.max(0, Math.round(health.bench.tryAtMs - clock.nowMs())),
                  },
                }),
          };
        }),
      };
    },
  );
}
