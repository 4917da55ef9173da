/**
 * Lines of text out of a byte stream, for the pipes and sockets of engines. A stream that never ends its line
 * is destroyed rather than collected without end.
 */

import type { Readable } from 'node:stream';

/** The longest line in characters; the longest that engines send is a transcript with word times. */
const LINE_LIMIT = 262_144;

/** Calls `onLine` with each complete line, without its end; sets the encoding of `stream` to UTF-8. */
export function onLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      onLine(line);
    }
    if (rest.length > LINE_LIMIT) {
      stream.destroy();
    }
  });
}
