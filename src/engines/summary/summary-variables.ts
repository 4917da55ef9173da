/** How an operator sets up what writes summaries of calls: a server of OpenAI's chat API, theirs or one of one's own. */

import { keyVariable, modelVariable, parseHttpUrl, provider, variable } from '../variables.ts';

export const SUMMARY = provider('url', {
  url: variable(
    'SUMMARY_URL',
    parseHttpUrl,
    "summaries of calls by a server of OpenAI's chat API (--transcripts)",
  ),
  model: modelVariable('SUMMARY_MODEL'),
  apiKey: keyVariable('SUMMARY_API_KEY', 'of that server, where it wants one'),
});
