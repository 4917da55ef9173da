/** How an operator sets Hume up. */

import { parseServerUrl } from '../../../base/values.ts';
import { keyVariable, provider, variable } from '../../variables.ts';

export const HUME = provider('apiKey', {
  apiKey: keyVariable('HUME_API_KEY', "what is heard in a speaker's voice, by Hume (--emotion hume)"),
  url: variable(
    'HUME_URL',
    parseServerUrl(['wss', 'ws'], 'wss://api.cloud.hume.ai'),
    'another address of it',
  ),
});
