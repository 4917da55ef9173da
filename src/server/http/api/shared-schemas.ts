/** Nodes that serve together and their calls, as the API shows them. */

import { z } from 'zod';
import { SHOWN_NODE_STATES } from '../../../cluster/nodes-view.ts';

const SHARED_NODE = z
  .object({
    name: z.string(),
    self: z.boolean().meta({ description: 'whether it is the one that is asked' }),
    state: z.enum(SHOWN_NODE_STATES).meta({
      description:
        'joining: others send it no new calls yet; lost: it is not heard; left: it said that it ends',
    }),
    stateForMs: z.number().exactOptional().meta({
      description: 'for how long it has been so, as far as the one that is asked has seen it',
    }),
    address: z.string().exactOptional().meta({ description: 'where other nodes reach it by AudioSocket' }),
    http: z.string().exactOptional().meta({ description: 'where its API is served' }),
    version: z.string(),
    legs: z.number(),
    maxLegs: z.number(),
    calls: z.number().meta({ description: 'that others would go on with' }),
  })
  .meta({ id: 'SharedNode' });

export const NODES = z
  .object({
    cluster: z.boolean().meta({ description: 'whether it serves together with others' }),
    connected: z
      .boolean()
      .meta({ description: 'whether the broker is there; calls that run do not need it' }),
    nodes: z.array(SHARED_NODE),
  })
  .meta({ id: 'Nodes' });

const SHARED_CALL = z
  .object({
    call: z.string(),
    node: z.string(),
    startedAt: z.string(),
    languages: z.array(z.string()),
    parties: z.number(),
    resumed: z.number().meta({ description: 'how often it went on at another node' }),
  })
  .meta({ id: 'SharedCall' });

export const SHARED_CALLS = z.object({ calls: z.array(SHARED_CALL) });

export type ShownNodes = z.infer<typeof NODES>;
export type SharedCall = z.infer<typeof SHARED_CALL>;
