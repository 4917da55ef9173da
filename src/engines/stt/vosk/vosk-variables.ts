/** How an operator sets Vosk servers up. */

import { provider, variable } from '../../variables.ts';
import { parseVoskUrls } from './vosk-servers.ts';

export const VOSK = provider('servers', {
  servers: variable(
    'VOSK_URL',
    parseVoskUrls,
    'recognition by Vosk servers (--stt vosk): en=ws://host:2700,fr=ws://host:2701',
  ),
});
