/** Whether what hears emotion in voices lets us in; a connection costs nothing, and no sound is sent. */

import { messageOf } from '../../base/errors.ts';
import type { EngineSettings } from '../../engines/engine-entry.ts';
import { createEmotionReader } from '../../engines/registry.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, fails, ok } from './check-item.ts';

/** Says nothing where nobody's voice is judged, or only by what is measured here. */
export function checkEmotion(
  config: Pick<ServeConfig, 'emotion' | 'emotionOf'>,
  settings: EngineSettings,
): Check {
  return async function* (signal) {
    if (config.emotion !== 'hume') {
      return;
    }
    const subject = '--emotion hume';
    try {
      const reader = createEmotionReader('hume', settings);
      const stream = await reader?.open({ heard: () => {}, lost: () => {} }, signal);
      await stream?.close();
      yield ok(subject, `hears the voices of ${config.emotionOf.join(', ')}`);
    } catch (error) {
      signal.throwIfAborted();
      yield fails(subject, messageOf(error));
    }
  };
}
