/** One line of the table of `npm run bench -- voices`. */

export interface VoiceRow {
  readonly what: string;
  readonly value: number;
  /** Undefined: it is told to be looked at. */
  readonly target?: string;
  readonly digits: number;
  /** Whether it reaches its target; default it has none. */
  readonly holds?: boolean;
}
