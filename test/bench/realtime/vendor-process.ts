/**
 * The process of the vendors, so that their work is neither the server's nor the telephones'. Forked by `live-run.ts`;
 * serves until it is asked for its report.
 */

import { systemClock } from '../../../src/base/clock.ts';
import { isVendorOrder, type VendorReport } from './live-messages.ts';
import type { LiveScript } from './live-turns.ts';
import { LiveVendors } from './live-vendors.ts';

let vendors: LiveVendors | undefined;

// Without its benchmark there is nobody to measure for.
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (!isVendorOrder(message)) {
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

async function serve(script: LiveScript, synthesisers: number): Promise<void> {
  vendors = await LiveVendors.open(script, synthesisers, () => systemClock.nowMs());
  const { deepgramUrl, deeplUrl, xttsUrls } = vendors;
  report({ type: 'serving', deepgramUrl, deeplUrl, xttsUrls });
}

function report(message: VendorReport): void {
  process.send?.(message);
}
