/** Whether the files of `--glossary` can be read, and are for directions that there are. */

import { messageOf } from '../../base/errors.ts';
import { directionsOf } from '../../server/interpreting/directions.ts';
import { idleGlossaries, readGlossaries } from '../../server/interpreting/glossaries.ts';
import { usesCascade } from '../../server/interpreting/interpreting-settings.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, fails, ok, warning } from './check-item.ts';

export function checkGlossaries(config: ServeConfig): Check {
  return async function* () {
    if (config.glossaries.size === 0) {
      return;
    }
    try {
      readGlossaries(config);
    } catch (error) {
      yield fails('--glossary', messageOf(error));
      return;
    }
    const idle = idleGlossaries(config, directionsOf(config));
    const used = [...config.glossaries.keys()].filter((pair) => !idle.includes(pair));
    if (used.length > 0) {
      yield ok('--glossary', used.join(', '));
    }
    for (const pair of idle) {
      yield warning('--glossary', idleSentence(pair, config));
    }
  };
}

function idleSentence(pair: string, config: ServeConfig): string {
  const { interpreter } = config;
  return usesCascade(config)
    ? `nothing is translated from ${pair.replace(':', ' to ')}: this one is not used`
    : `${pair} is not used: --interpreter ${interpreter} takes no terms`;
}
