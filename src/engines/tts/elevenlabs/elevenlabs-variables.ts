/** How an operator sets ElevenLabs up. */

import { keyVariable, modelVariable, parseHttpUrl, provider, variable } from '../../variables.ts';

export const ELEVENLABS = provider('apiKey', {
  apiKey: keyVariable(
    'ELEVENLABS_API_KEY',
    'synthesis by ElevenLabs (--tts elevenlabs), and its voice agents',
  ),
  url: variable('ELEVENLABS_URL', parseHttpUrl, 'another address of it'),
  model: modelVariable('ELEVENLABS_MODEL'),
});
