/**
 * The entry point of a media thread. Each task is one leg for as long as it lives; all legs of the thread share
 * its WebAssembly modules and one ticker. A leg is worked on shortly before its frame's deadline: early enough
 * for the main thread to find the frame ready, late enough for the partner's last frame to be in it.
 */

import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../src/base/clock.ts';
import { GridTicker } from '../src/base/grid-ticker.ts';
import { FRAME_MS } from '../src/base/units.ts';
import { BELL, type BellMessage } from '../src/media/frame-bell.ts';
import { LegMedia } from '../src/media/leg-media.ts';
import type { MediaCommand, MediaTask } from '../src/media/media-messages.ts';
import { loadMediaModules } from '../src/media/wasm.ts';

/**
 * How long before its deadline a frame is made, in ms: what this thread may be late without the frame being late. All that
 * is heard is late by as much; a frame that is not ready is waited for a little longer (`call/leg.ts`).
 */
const LEAD_MS = 4;
const SLOTS = 10;
const SLOT_MS = FRAME_MS / SLOTS;

const modules = await loadMediaModules();
const ticker = new GridTicker(systemClock, FRAME_MS, SLOTS);

/**
 * Runs one leg until it is told to close. Rejects when the leg fails inside, so that it alone is started again; the
 * death of the thread rejects it too.
 */
export async function runLeg({ task, port }: { task: MediaTask; port: MessagePort }): Promise<void> {
  const leg = new LegMedia(
    modules,
    task,
    (event) => port.postMessage(event),
    () => port.postMessage(BELL),
  );
  const slot = Math.round((task.phaseMs - LEAD_MS + FRAME_MS) / SLOT_MS) % SLOTS;
  let stop = (): void => {};
  let fail = (_error: unknown): void => {};
  const over = new Promise<void>((resolve, reject) => {
    stop = resolve;
    fail = reject;
  });
  const member = {
    tick: (deadlineMs: number, nowMs: number) => leg.tick(deadlineMs, nowMs),
    failed: fail,
  };
  port.on('message', (command: MediaCommand | BellMessage) => {
    if (command.type === 'close') {
      stop();
      return;
    }
    try {
      if (command.type === 'bell') {
        leg.listen(systemClock.nowMs());
      } else {
        leg.handle(command);
      }
    } catch (error) {
      fail(error);
    }
  });
  // The main thread's end is gone with the process that held it.
  port.on('close', stop);
  ticker.add(member, slot);
  try {
    await over;
  } finally {
    ticker.remove(member, slot);
    leg.close();
    port.close();
  }
}

/** Returns once this thread has loaded, which it has when it can be called. */
export function warmUp(): void {}
