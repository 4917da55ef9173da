/** Folders that a process of its own writes into. */

import { rm } from 'node:fs/promises';

/** Removes a folder, also when a process that was just killed, or is about to end, puts a last file into it. */
export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
