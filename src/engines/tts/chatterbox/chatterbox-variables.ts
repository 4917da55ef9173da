/** How an operator sets a Chatterbox server up. */

import { parseHttpUrl, provider, variable } from '../../variables.ts';

export const CHATTERBOX = provider('url', {
  url: variable(
    'CHATTERBOX_URL',
    parseHttpUrl,
    'synthesis by a Chatterbox-TTS-Server (--tts chatterbox): http://host:8004',
  ),
});
