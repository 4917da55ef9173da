/** How an operator sets a server of OpenAI's speech API up. */

import { parseCount } from '../../../base/values.ts';
import { OPENAI_KEY } from '../../openai-key.ts';
import { modelVariable, parseHttpUrl, provider, variable } from '../../variables.ts';

/** The highest rate of sound that is played, in Hz, and the lowest of telephones. */
const HIGHEST_HZ = 48_000;
const LOWEST_HZ = 8_000;

export const OPENAI_SPEECH = provider('url', {
  url: variable(
    'OPENAI_SPEECH_URL',
    parseHttpUrl,
    "synthesis by a server of OpenAI's API (--tts openai-speech)",
  ),
  model: modelVariable('OPENAI_SPEECH_MODEL'),
  rateHz: variable(
    'OPENAI_SPEECH_RATE',
    parseCount(LOWEST_HZ, HIGHEST_HZ),
    'the rate of its sound in Hz, where it is not 24000',
  ),
  apiKey: OPENAI_KEY,
});
