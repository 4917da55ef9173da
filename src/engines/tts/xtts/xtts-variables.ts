/** How an operator sets XTTS servers up. */

import { parseList } from '../../../base/values.ts';
import { parseHttpUrl, provider, variable } from '../../variables.ts';

export const XTTS = provider('servers', {
  servers: variable(
    'XTTS_URL',
    parseList(parseHttpUrl),
    'synthesis by XTTS servers (--tts xtts); several, with commas, share the work',
  ),
});
