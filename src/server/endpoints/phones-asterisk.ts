/**
 * What Asterisk is asked about its phones, and told: by its console where it runs on this machine, or by ARI. Each rejects
 * where Asterisk does not answer, with a sentence that says why.
 */

/** A channel of a phone, as Asterisk hangs it up by. */
export type PhoneChannel = string;

export interface PhonesAsterisk {
  /** Has it read its SIP configuration anew: calls and registrations go on. */
  reload(signal: AbortSignal): Promise<void>;
  /**
   * The version of a block of ours by which it knows an endpoint (`@dragoman_version`): it goes on with the one before
   * where it does not take a change. Empty for one that somebody else wrote; undefined where there is none.
   */
  versionOf(name: string, signal: AbortSignal): Promise<string | undefined>;
  /** Whether it has a transport of this name, and listens there. */
  hasTransport(name: string, signal: AbortSignal): Promise<boolean>;
  /** The names of the endpoints that a phone is registered at. */
  registered(signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** The channels of the calls that phones are in, by the names of their endpoints. */
  inCalls(signal: AbortSignal): Promise<ReadonlyMap<string, readonly PhoneChannel[]>>;
  hangUp(channel: PhoneChannel, signal: AbortSignal): Promise<void>;
}

/** The endpoint of a channel such as PJSIP/alice-00000001; undefined where it is of none. */
function endpointOfChannel(name: string): string | undefined {
  return /^PJSIP\/(.+)-[0-9a-f]{8}$/.exec(name)?.[1];
}

/** Channels with their names, by endpoint. */
export function byEndpoint(
  channels: readonly { readonly name: string; readonly id: PhoneChannel }[],
): ReadonlyMap<string, readonly PhoneChannel[]> {
  const found = new Map<string, PhoneChannel[]>();
  for (const { name, id } of channels) {
    const endpoint = endpointOfChannel(name);
    if (endpoint !== undefined) {
      found.set(endpoint, [...(found.get(endpoint) ?? []), id]);
    }
  }
  return found;
}
