/**
 * The entry point of a media thread that never loads when it is started after `setEnvironmentData('threads load',
 * false)`.
 */

import { getEnvironmentData } from 'node:worker_threads';

if (getEnvironmentData('threads load') === false) {
  await new Promise(() => {});
}

export { serveLegs } from '../../workers/media-thread.ts';
