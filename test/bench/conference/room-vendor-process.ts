/** The process of the vendors of a run with rooms, forked by `room-run.ts`; serves until it is killed. */

import { systemClock } from '../../../src/base/clock.ts';
import { isRoomVendorOrder, type RoomVendorReport } from './room-messages.ts';
import type { RoomScript } from './room-script.ts';
import { RoomVendors } from './room-vendors.ts';

let vendors: RoomVendors | undefined;

// Without its benchmark there is nobody to measure for.
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (!isRoomVendorOrder(message)) {
    throw new TypeError('the vendors take nothing but a vendor order');
  }
  switch (message.type) {
    case 'serve':
      void serve(message.script, message.synthesisers);
      break;
    case 'report':
      if (vendors !== undefined) {
        report({ type: 'facts', facts: vendors.facts() });
      }
      break;
  }
});

async function serve(script: RoomScript, synthesisers: number): Promise<void> {
  vendors = await RoomVendors.open(script, synthesisers, systemClock);
  const { deepgramUrl, deeplUrl, xttsUrls } = vendors;
  report({ type: 'serving', deepgramUrl, deeplUrl, xttsUrls });
}

function report(message: RoomVendorReport): void {
  process.send?.(message);
}
