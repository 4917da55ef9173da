/**
 * The parts of a form (multipart/form-data), as servers of voices take it apart: by its boundary, each with a name, and
 * files with a name and a type of their own.
 */

import type { IncomingMessage } from 'node:http';

export interface FormPart {
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
  /** What it says, where it is no file. */
  readonly text: string;
}

/** By name; empty when this is no form. */
export function partsOf(request: IncomingMessage, body: Buffer): ReadonlyMap<string, FormPart> {
  const boundary = /boundary="?([^";\s]+)/.exec(request.headers['content-type'] ?? '')?.[1];
  const parts = new Map<string, FormPart>();
  if (boundary === undefined) {
    return parts;
  }
  const separator = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(separator); at !== -1; ) {
    const next = body.indexOf(separator, at + separator.length);
    if (next === -1) {
      break;
    }
    const headEnd = body.indexOf('\r\n\r\n', at);
    const head = body.toString('utf8', at, headEnd);
    const name = /name="([^"]*)"/.exec(head)?.[1];
    if (name !== undefined && headEnd !== -1 && headEnd < next) {
      const bytes = body.subarray(headEnd + 4, next - 2);
      parts.set(name, {
        fileName: /filename="([^"]*)"/.exec(head)?.[1],
        bytes,
        text: bytes.toString('utf8'),
      });
    }
    at = next;
  }
  return parts;
}
