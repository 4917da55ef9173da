/**
 * What is interpreted here: `GET /languages`. And a text translated as it would be in a call, but heard by nobody:
 * `POST /translate`.
 */

import { z } from 'zod';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { spokenHere, WRITTEN_LANGUAGE } from './written-language.ts';

const MOST_TEXT = 1_000;
const LIMIT_MS = 10_000;

const LANGUAGES = z
  .object({
    languages: z.array(z.string()),
    directions: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        state: z.enum(['pending', 'served', 'unserved']),
        voice: z.string().exactOptional(),
        reasons: z.array(z.string()).meta({ description: 'why it is not served' }),
      }),
    ),
  })
  .meta({ id: 'Languages' });

const TEXT = z
  .strictObject({ text: z.string().min(1).max(MOST_TEXT), from: WRITTEN_LANGUAGE, to: WRITTEN_LANGUAGE })
  .meta({ id: 'Text' });

const TRANSLATED = z.object({ text: z.string() }).meta({ id: 'TranslatedText' });

export function addLanguageRoutes(app: ApiApp, { access, interpreting, clock }: ApiDeps): void {
  app.get(
    '/languages',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listLanguages',
        summary: 'What is interpreted here',
        tags: ['engines'],
        response: { 200: LANGUAGES, ...REFUSALS },
      },
    },
    () => ({
      languages: [...spokenHere(interpreting)],
      directions: interpreting.directions().map(({ from, to, state, voice, reasons }) => ({
        ...{ from, to, state, reasons: [...reasons] },
        ...(voice === undefined ? {} : { voice }),
      })),
    }),
  );

  app.post(
    '/translate',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'translate',
        summary: 'Translate a text, to try it out',
        tags: ['engines'],
        body: TEXT,
        response: { 200: TRANSLATED, ...REFUSALS },
      },
    },
    async ({ body: { text, from, to } }) => {
      const mt = interpreting.translation(from, to);
      if (mt === undefined) {
        throw new Refused(
          422,
          'language-not-served',
          `nothing here translates ${from} into ${to} at present: GET /api/v1/languages says what is`,
        );
      }
      const late = `${mt.name} gave no translation within ${LIMIT_MS} ms`;
      try {
        const translated = await withDeadline(clock, LIMIT_MS, late, new AbortController().signal, (signal) =>
          mt.translate({ text, from, to, context: [] }, signal),
        );
        return { text: translated };
      } catch (error) {
        if (error instanceof AppError && (error.category === 'engine' || error.category === 'text')) {
          throw new Refused(502, error.code, error.message);
        }
        throw error;
      }
    },
  );
}
