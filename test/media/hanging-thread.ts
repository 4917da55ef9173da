/**
 * The entry point of a media thread that hangs in an endless loop when a leg of it is to hear the tone of the key
 * `#`.
 */

import { LegTask } from '../../src/media/thread/leg-task.ts';
import { serveLegs } from '../../workers/media-thread.ts';

const handle = LegTask.prototype.handle;

LegTask.prototype.handle = function (command): void {
  while (command.type === 'key' && command.key === '#') {
    // It never comes back.
  }
  handle.call(this, command);
};

export { serveLegs };
