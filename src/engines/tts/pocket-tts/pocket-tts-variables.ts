/** How an operator sets pocket-tts servers up. */

import { parseServersByLanguage } from '../../servers-by-language.ts';
import { parseHttpUrl, provider, variable } from '../../variables.ts';

export const POCKET_TTS = provider('servers', {
  servers: variable(
    'POCKET_TTS_URL',
    parseServersByLanguage({
      kind: 'pocket-tts server',
      example: 'write en=http://HOST:8000,es=http://HOST:8001, a server for each language',
      check: parseHttpUrl,
    }),
    'synthesis by pocket-tts servers (--tts pocket-tts): en=http://host:8000,es=http://host:8001',
  ),
});
