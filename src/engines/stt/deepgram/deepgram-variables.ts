/** How an operator sets Deepgram up. */

import { AppError } from '../../../base/errors.ts';
import { parseServerUrl } from '../../../base/values.ts';
import { keyVariable, parseModel, provider, variable } from '../../variables.ts';
import { modelFamily } from './deepgram-languages.ts';

export const DEEPGRAM = provider('apiKey', {
  apiKey: keyVariable('DEEPGRAM_API_KEY', 'recognition by Deepgram (--stt deepgram), and its voice agents'),
  url: variable(
    'DEEPGRAM_URL',
    parseServerUrl(['wss', 'ws', 'https', 'http'], 'wss://api.eu.deepgram.com'),
    'another address of it, such as wss://api.eu.deepgram.com',
  ),
  model: variable(
    'DEEPGRAM_MODEL',
    parseDeepgramModel,
    'nova-3 (the default), nova-2, flux-general-en or flux-general-multi',
  ),
  agentUrl: variable(
    'DEEPGRAM_AGENT_URL',
    parseServerUrl(['wss', 'ws'], 'wss://api.eu.deepgram.com'),
    'another address of its voice agents, such as wss://api.eu.deepgram.com',
  ),
});

function parseDeepgramModel(text: string): string {
  if (modelFamily(parseModel(text)) === undefined) {
    throw new AppError(
      'bad-option',
      `"${text}" is no model for live speech: write nova-3, nova-2, flux-general-en or flux-general-multi`,
    );
  }
  return text;
}
