/**
 * GET /transfers/{uuid}: where a dialplan is to send on who came with this UUID. It is what a voice agent said, and a
 * number or the name of a place; ARI says the same in DRAGOMAN_TRANSFER.
 */

import { z } from 'zod';
import { PROBLEM, PROBLEM_TYPE, Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { FORM } from './form-call.ts';

const TRANSFER = z
  .object({ to: z.string().meta({ description: 'in the word of whoever transferred' }) })
  .meta({ id: 'Transfer' });

export function addTransferRoutes(app: ApiApp, { access, view }: ApiDeps): void {
  app.get(
    '/transfers/:uuid',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'getTransfer',
        summary: 'Where a party was transferred to whose leg has ended',
        description: `Known for a minute. With ?as=form it is ${FORM}, for CURL() of a dialplan: "to" is empty when it is not known (404).`,
        tags: ['calls'],
        params: z.object({ uuid: z.guid() }),
        querystring: z.object({ as: z.enum(['json', 'form']).default('json') }),
        response: {
          200: {
            description: 'it was',
            content: { 'application/json': { schema: TRANSFER }, [FORM]: { schema: z.string() } },
          },
          404: {
            description: 'it was not, or that is no longer known',
            content: { [PROBLEM_TYPE]: { schema: PROBLEM }, [FORM]: { schema: z.string() } },
          },
          ...REFUSALS,
        },
      },
    },
    (request, reply) => {
      const to = view.transferOf(request.params.uuid.toLowerCase());
      const inForm = request.query.as === 'form';
      // A hash of Asterisk's keeps what it had of an answer that does not name it.
      if (to === undefined && inForm) {
        reply.code(404).type(FORM);
        return 'to=';
      }
      if (to === undefined) {
        throw new Refused(
          404,
          'no-such-transfer',
          'nobody who came with this UUID was transferred a minute ago',
        );
      }
      if (inForm) {
        reply.type(FORM);
        return new URLSearchParams({ to }).toString();
      }
      return { to };
    },
  );
}
