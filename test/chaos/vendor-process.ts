/** The process of the vendors. Forked by `chaos-run.ts`; serves until its harness is gone. */

import { type ChaosVendorOrder, type ChaosVendorReport, isChaosVendorOrder } from './chaos-messages.ts';
import { ChaosVendors } from './chaos-vendors.ts';
import type { VendorChange } from './vendor-faults.ts';

let vendors: ChaosVendors | undefined;

// Without its harness there is nobody to break anything for.
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (!isChaosVendorOrder(message)) {
    throw new TypeError('the vendors take nothing but a vendor order');
  }
  void obey(message);
});

async function obey(order: ChaosVendorOrder): Promise<void> {
  if (order.type === 'serve') {
    vendors = await ChaosVendors.open(order.script);
    await change(order.changes);
    report({ type: 'serving', environment: vendors.environment });
  } else {
    await change(order.changes);
    report({ type: 'changed' });
  }
}

async function change(changes: readonly VendorChange[]): Promise<void> {
  for (const { vendor, fault } of changes) {
    await vendors?.set(vendor, fault);
  }
}

function report(message: ChaosVendorReport): void {
  process.send?.(message);
}
