/** What the recorder tells the server: a line of JSON each, what became of orders and of sound. */

export type RecorderReport =
  /** It reads orders. */
  | { readonly type: 'ready' }
  /** An order is carried out. `count` and `bytes`: how many files it made whole or removed, and of how many bytes. */
  | {
      readonly type: 'done';
      readonly request: number;
      readonly count: number;
      readonly bytes: number;
      /** What was read, in base 64. */
      readonly content?: string;
      /** What is in a directory; of what was made whole, folders of calls that a killed server has left. */
      readonly names?: readonly string[];
      /** Of what could not be made whole, why not the first. */
      readonly failed?: string;
    }
  /** It is not, and will not be. `code` is the system's: ENOSPC, EACCES. */
  | { readonly type: 'failed'; readonly request: number; readonly code: string; readonly message: string }
  /**
   * Since the last such line: bytes written, frames that are silence in files because a disk was slow or full, and
   * pieces of notes that are lost for the same reason.
   */
  | {
      readonly type: 'written';
      readonly bytes: number;
      readonly framesDropped: number;
      readonly notesDropped: number;
    }
  /** Something is not written as it should be. `what` says so in a sentence for the log. */
  | { readonly type: 'trouble'; readonly what: string; readonly code: string; readonly path: string }
  /** It runs: told each half second, whatever its disks do. */
  | { readonly type: 'alive' }
  /** There is too little room, so nothing more is kept of calls, or there is room again. */
  | { readonly type: 'space'; readonly full: boolean; readonly freeBytes: number }
  /**
   * So many files wait for the command that follows recordings. @param ending whether this recorder ends before it comes to
   * them: the next one does; else they are what one before it has left.
   */
  | { readonly type: 'to-run'; readonly files: number; readonly ending: boolean }
  /** A call's files are finished: their names within its folder. */
  | { readonly type: 'closed'; readonly call: number; readonly files: readonly string[] };

export function encodeReport(report: RecorderReport): string {
  return `${JSON.stringify(report)}\n`;
}

/** Puts lines together from what a pipe brings. */
export class RecorderReports {
  #rest = '';

  push(chunk: string): readonly RecorderReport[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => JSON.parse(line) as RecorderReport);
  }
}
