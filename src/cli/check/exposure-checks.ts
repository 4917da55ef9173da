/** Who can reach what: what would be open as a warning, and what is closed as well. */

import { exposuresOf } from '../config/exposure.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, ok, warning } from './check-item.ts';

export function checkExposure(config: ServeConfig): Check {
  return async function* () {
    const exposures = exposuresOf(config);
    const isOpen = (flag: string): boolean => exposures.some((each) => each.flag === flag);
    if (!isOpen('--allow')) {
      yield ok(
        '--allow',
        config.allow.length === 0 ? 'only this machine can connect' : config.allow.join(', '),
      );
    }
    if (config.captions && config.http !== undefined && !isOpen('--captions')) {
      yield ok(
        '--captions',
        config.apiTokenFile === undefined
          ? 'what is said can be read on this machine alone'
          : 'what is said can be read with a token that has the scope captions',
      );
    }
    for (const { flag, sentence } of exposures) {
      yield warning(flag, sentence);
    }
  };
}
