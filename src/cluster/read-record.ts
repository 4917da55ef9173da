/** A restart record as another node has written it, which is not believed before it is looked at. */

import { RESTART_RECORD, type RestartRecord } from '../call/restart-record.ts';
import { parseJson } from '../engines/wire/json.ts';

/** Undefined where it is none, or of another version. */
export function readRecord(text: string): RestartRecord | undefined {
  const read = RESTART_RECORD.safeParse(parseJson(text));
  return read.success ? read.data : undefined;
}
