/**
 * What each Asterisk can do over AudioSocket, by its version. Source: Asterisk's change logs of 20.14, 21.9 and 22.4
 * (keys, and a dialplan that goes on after a hang-up of ours) and of 20.17, 21.12, 22.7 and 23.1 (rates above 8 kHz); of
 * 20.15, 21.10 and 22.5 (ARI connects to us) and of 20.18, 21.12, 22.8 and 23.2 (chan_websocket speaks JSON).
 */

export interface AsteriskVersion {
  readonly major: number;
  readonly minor: number;
}

export interface AudioSocketAbilities {
  /** Keys of the phones reach us, and the dialplan goes on after we have hung up. */
  readonly keys: boolean;
  /** Dial(AudioSocket/…/c(slin16)) and other rates; without it every codec is labelled 8 kHz linear. */
  readonly rates: boolean;
}

/** The oldest Asterisk with AudioSocket in it. */
export const OLDEST_MAJOR = 18;

/** The first minor release of each major one; majors above the last have it from the start. */
const KEYS_SINCE: ReadonlyMap<number, number> = new Map([
  [20, 14],
  [21, 9],
  [22, 4],
]);
/** WebSockets that Asterisk opens for calls by ARI. */
export const ARI_CONNECTS_SINCE: ReadonlyMap<number, number> = new Map([
  [20, 15],
  [21, 10],
  [22, 5],
]);
/** chan_websocket with JSON, which is what we understand. */
export const CHAN_WEBSOCKET_SINCE: ReadonlyMap<number, number> = new Map([
  [20, 18],
  [21, 12],
  [22, 8],
  [23, 2],
]);
const RATES_SINCE: ReadonlyMap<number, number> = new Map([
  [20, 17],
  [21, 12],
  [22, 7],
  [23, 1],
]);

/** Reads the answer to `core show version`, or undefined when it has no version in it. */
export function parseAsteriskVersion(text: string): AsteriskVersion | undefined {
  const [, major, minor] = /\bAsterisk (?:certified[-/])?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

export function abilitiesOf(version: AsteriskVersion): AudioSocketAbilities {
  return { keys: hasSince(version, KEYS_SINCE), rates: hasSince(version, RATES_SINCE) };
}

/** Whether a version has what came with these. */
export function hasSince({ major, minor }: AsteriskVersion, since: ReadonlyMap<number, number>): boolean {
  const first = since.get(major);
  return first === undefined ? major > Math.max(...since.keys()) : minor >= first;
}
