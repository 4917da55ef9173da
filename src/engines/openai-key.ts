/** The one key of everything that speaks OpenAI's APIs. */

import { keyVariable } from './variables.ts';

export const OPENAI_KEY = keyVariable(
  'OPENAI_API_KEY',
  'for --interpreter openai-realtime and voice agents; sent to the OPENAI_ addresses above, too',
);
