/** What the API's routes are added to, what they are made of, and how each of them may refuse. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import type { NodesView } from '../../../cluster/nodes-view.ts';
import type { EndpointBook } from '../../endpoints/endpoint-book.ts';
import type { EngineControl } from '../../interpreting/engine-control.ts';
import type { InterpretingView } from '../../interpreting/interpreting-view.ts';
import type { CallRecords } from '../../records/call-records.ts';
import type { ServerControl } from '../../server-control.ts';
import type { ServerView } from '../../server-view.ts';
import { PROBLEM, PROBLEM_TYPE } from '../problem.ts';
import type { Access } from './access.ts';
import type { ApiVoices } from './api-voices.ts';
import type { EventLog } from './event-log.ts';

export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface ApiDeps {
  readonly view: ServerView;
  readonly control: ServerControl;
  readonly interpreting: InterpretingView & EngineControl;
  readonly access: Access;
  readonly voices: ApiVoices;
  readonly events: EventLog;
  /** The phones of the exchange; undefined: they are none of ours. */
  readonly endpoints: EndpointBook | undefined;
  /** What is kept of calls; undefined: nothing is. */
  readonly records: CallRecords | undefined;
  /** The nodes that serve together with this one; undefined: it serves alone. */
  readonly nodes: NodesView | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const REFUSAL = { description: 'refused', content: { [PROBLEM_TYPE]: { schema: PROBLEM } } };

/** Answers of every route beside its own. */
export const REFUSALS = { '4xx': REFUSAL, '5xx': REFUSAL };
