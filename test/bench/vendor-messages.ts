/** What a bench and the process of its vendors say to each other, whatever is said on the calls and counted of them. */

/** Bench to vendors: the run; then, as often as wanted, what they have been asked so far. */
export type VendorOrder<Script> =
  | { readonly type: 'serve'; readonly script: Script; readonly synthesisers: number }
  | { readonly type: 'report' };

/** Vendors to bench. */
export type VendorReport<Facts> =
  | {
      readonly type: 'serving';
      readonly deepgramUrl: string;
      readonly deeplUrl: string;
      readonly xttsUrls: readonly string[];
    }
  | { readonly type: 'facts'; readonly facts: Facts };

export function typeOf(message: unknown): string {
  return typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : '';
}
