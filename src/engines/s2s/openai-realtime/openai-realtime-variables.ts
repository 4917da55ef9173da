/** How an operator sets OpenAI's translation sessions up. */

import { parseServerUrl } from '../../../base/values.ts';
import { OPENAI_KEY } from '../../openai-key.ts';
import { provider, variable } from '../../variables.ts';

export const OPENAI_REALTIME = provider('apiKey', {
  apiKey: OPENAI_KEY,
  url: variable(
    'OPENAI_REALTIME_URL',
    parseServerUrl(['wss', 'ws'], 'wss://api.openai.com/v1/realtime/translations'),
    'another address of its translation sessions',
  ),
  agentUrl: variable(
    'OPENAI_AGENT_URL',
    parseServerUrl(['wss', 'ws'], 'wss://api.openai.com/v1/realtime'),
    'another address of its voice agents',
  ),
});
