/** How an operator sets a LibreTranslate server up. */

import { keyVariable, parseHttpUrl, provider, variable } from '../../variables.ts';

export const LIBRETRANSLATE = provider('url', {
  url: variable(
    'LIBRETRANSLATE_URL',
    parseHttpUrl,
    'translation by a LibreTranslate server (--mt libretranslate)',
  ),
  apiKey: keyVariable('LIBRETRANSLATE_API_KEY', 'its key, if it wants one'),
});
