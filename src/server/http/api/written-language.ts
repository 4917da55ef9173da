/** Languages as who uses the API writes them: one that nobody interprets here is refused, not let through. */

import { z } from 'zod';
import { messageOf } from '../../../base/errors.ts';
import { type Language, parseLanguage } from '../../../base/language.ts';
import type { InterpretingView } from '../../interpreting/interpreting-view.ts';
import { Refused } from '../problem.ts';

export const WRITTEN_LANGUAGE = z
  .string()
  .max(40)
  .transform((text, context): Language => {
    try {
      return parseLanguage(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  })
  .meta({ description: 'BCP 47', examples: ['en', 'pt-BR'] });

/** What is interpreted here, in any direction. */
export function spokenHere(interpreting: InterpretingView): readonly Language[] {
  return [...new Set(interpreting.directions().flatMap(({ from, to }) => [from, to]))];
}

/** @throws Refused for a language that nothing here is set up for, where anything is. */
export function refuseUnspoken(language: Language | undefined, interpreting: InterpretingView): void {
  const spoken = spokenHere(interpreting);
  if (language !== undefined && spoken.length > 0 && !spoken.includes(language)) {
    throw new Refused(
      422,
      'language-not-served',
      `nothing is set up for this language here, only for ${spoken.join(', ')}: add it to --pair, --parties or --extensions`,
    );
  }
}
