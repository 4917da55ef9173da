/**
 * The names of what we make in Asterisk. They begin with what only we use and hold the application's, so that
 * whatever is left over is known to be ours, and is nobody else's: several dragomans may share one Asterisk.
 */

export interface AriIds {
  /** The bridge of a phone's channel. */
  bridge(phone: string): string;
  /** The media channel of a phone's channel. */
  media(phone: string): string;
  /** The channel of who is called by a phone's channel. */
  callee(caller: string): string;
  /** A channel that snoops on one of a call that runs without us. @param id no other has it. */
  snoop(id: string): string;
  /** Whether this names one of ours, of any kind. */
  isOurs(id: string): boolean;
  isMedia(id: string): boolean;
}

/** @param app letters, digits and underscores: a hyphen ends it. */
export function ariIds(app: string): AriIds {
  const named = (kind: 'b' | 'm' | 'c' | 's', id = ''): string => `dg-${kind}-${app}-${id}`;
  const kinds = [named('b'), named('m'), named('c'), named('s')];
  return {
    bridge: (phone) => named('b', phone),
    media: (phone) => named('m', phone),
    callee: (caller) => named('c', caller),
    snoop: (id) => named('s', id),
    isOurs: (id) => kinds.some((kind) => id.startsWith(kind)),
    isMedia: (id) => id.startsWith(named('m')),
  };
}
