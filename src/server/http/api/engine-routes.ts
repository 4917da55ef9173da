/**
 * The providers of recognition, translation and speech:
 *
 *   GET /engines                                        how they do
 *   POST /engines/{component}/{engine}/test             tries one now
 *   POST /engines/{component}/{engine}/drain, …/enable  takes one out, and puts it back
 */

import { z } from 'zod';
import { isAbort } from '../../../base/errors.ts';
import type { EngineHealthView } from '../../../engines/resilience/health-book.ts';
import { SERVICE_HEALTHS } from '../../../engines/resilience/health-window.ts';
import { COMPONENTS } from '../../../engines/support.ts';
import { Refused } from '../problem.ts';
import { ENGINE_STATUS, enginesOf } from '../service-status.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';

const SHOWN_ENGINE = ENGINE_STATUS.extend({
  health: z.enum(SERVICE_HEALTHS).exactOptional().meta({ description: 'once it was asked for something' }),
  healthForMs: z.number().exactOptional().meta({ description: 'since when it is so, ago' }),
  takenOut: z.boolean().meta({ description: 'by hand: it is not asked until it is put back' }),
  benched: z
    .object({
      fault: z.string(),
      strict: z.boolean().meta({ description: 'not asked even where there is nobody else' }),
      triedInMs: z.number(),
    })
    .exactOptional(),
}).meta({ id: 'Engine' });

export const ENGINE_LIST = z.object({ engines: z.array(SHOWN_ENGINE) }).meta({ id: 'EngineList' });

const ENGINE_PARAMS = z.strictObject({ component: z.enum(COMPONENTS), engine: z.string().max(64) });

export const TESTED = z
  .object({
    works: z.boolean().meta({ description: 'whether it does all that it is there for' }),
    tasks: z.array(
      ENGINE_STATUS.shape.tasks.element.extend({
        ms: z.number().exactOptional().meta({ description: 'how long it took' }),
      }),
    ),
  })
  .meta({ id: 'TestedEngine' });

type EngineParams = z.infer<typeof ENGINE_PARAMS>;

export function addEngineRoutes(app: ApiApp, { access, interpreting, clock, log }: ApiDeps): void {
  const shown = () => {
    const healths = interpreting.health();
    return enginesOf(interpreting).map((engine) => ({
      ...engine,
      ...howItIs(
        healths.find((each) => each.component === engine.component && each.engine === engine.engine),
        clock.nowMs(),
      ),
    }));
  };
  const shownOne = ({ component, engine }: EngineParams) => {
    const one = shown().find((each) => each.component === component && each.engine === engine);
    if (one === undefined) {
      throw noSuchEngine();
    }
    return one;
  };
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
    () => ({ engines: shown() }),
  );

  app.post(
    '/engines/:component/:engine/test',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'testEngine',
        summary:
          'Have an engine do now all that it is there for, which may cost what it charges for some words',
        description:
          'Answered when it is done, in a minute at most. One that was benched and does it is back.',
        tags: ['engines'],
        params: ENGINE_PARAMS,
        response: { 200: TESTED, ...REFUSALS },
      },
    },
    async (request) => {
      log.info(
        { by: access.callerOf(request).name, ...request.params },
        'the API was asked to try an engine',
      );
      const tasks = await testNow(request.params);
      return {
        works: tasks.every(({ state }) => state === 'works'),
        tasks: tasks.map(({ task, state, tries, ms, reason }) => ({
          ...{ task, state, tries },
          ...(ms === undefined ? {} : { ms: Math.round(ms) }),
          ...(reason === undefined ? {} : { reason }),
        })),
      };
    },
  );

  for (const [word, change, summary] of [
    [
      'drain',
      'takeOut',
      'Ask an engine nothing more until it is put back; what it is doing comes to its end',
    ],
    ['enable', 'putBack', 'Ask an engine again that was taken out, as far as it is well'],
  ] as const) {
    app.post(
      `/engines/:component/:engine/${word}`,
      {
        onRequest: access.needs('control'),
        schema: {
          operationId: `${word}Engine`,
          summary,
          description: 'Until the service ends, at most. Asked for twice, it is as once.',
          tags: ['engines'],
          params: ENGINE_PARAMS,
          response: { 200: SHOWN_ENGINE, ...REFUSALS },
        },
      },
      (request) => {
        const { params } = request;
        shownOne(params);
        if (interpreting[change](params)) {
          log.info(
            { by: access.callerOf(request).name, ...params, word },
            'the API was asked to change an engine',
          );
        }
        return shownOne(params);
      },
    );
  }

  async function testNow(params: EngineParams) {
    try {
      const tasks = await interpreting.test(params);
      if (tasks === undefined) {
        throw noSuchEngine();
      }
      return tasks;
    } catch (error) {
      throw isAbort(error) ? new Refused(503, 'draining', 'this server is ending: try another') : error;
    }
  }
}

function noSuchEngine(): Refused {
  return new Refused(404, 'no-such-engine', 'there is no such engine here; GET /api/v1/engines lists them');
}

function howItIs(health: EngineHealthView | undefined, nowMs: number) {
  if (health === undefined) {
    return { takenOut: false };
  }
  const { state, sinceMs, bench } = health;
  const known = { health: state, healthForMs: Math.max(0, Math.round(nowMs - sinceMs)) };
  if (bench === undefined || bench.tryAtMs === undefined) {
    return { ...known, takenOut: bench !== undefined };
  }
  const { fault, strict, tryAtMs } = bench;
  const triedInMs = Math.max(0, Math.round(tryAtMs - nowMs));
  return { ...known, takenOut: false, benched: { fault: fault.kind, strict, triedInMs } };
}
