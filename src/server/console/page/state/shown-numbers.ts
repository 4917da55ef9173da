/** How the console writes times and amounts: short, and of one width where they change while somebody looks. */

/** `4:05`, or `1:04:05` from an hour on. */
export function shownDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const tail = `${String(seconds % 60).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** `740 ms`, `1.2 s`, `14 s`; `–` for what is not known. */
export function shownDelay(ms: number | undefined): string {
  if (ms === undefined) {
    return '–';
  }
  const size = Math.abs(ms);
  return size < 1_000
    ? `${Math.round(ms)} ms`
    : `${size < 10_000 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;
}

/** The time of day where the reader is: `15:10:04`. */
export function shownTime(epochMs: number): string {
  const at = new Date(epochMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
