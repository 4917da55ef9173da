/** How an operator sets a server of OpenAI's transcription API up. */

import { OPENAI_KEY } from '../../openai-key.ts';
import { modelVariable, parseHttpUrl, provider, variable } from '../../variables.ts';

export const OPENAI_TRANSCRIPTION = provider('url', {
  url: variable(
    'OPENAI_TRANSCRIPTION_URL',
    parseHttpUrl,
    "recognition by a server of OpenAI's API (--stt openai-transcription)",
  ),
  model: modelVariable('OPENAI_TRANSCRIPTION_MODEL'),
  apiKey: OPENAI_KEY,
});
