/**
 * Server-Sent Events, from text to the data of each event. Pieces of text may end anywhere, in the middle of a line
 * ending too. Fields other than `data` are not kept: nothing here needs them. Source: html.spec.whatwg.org,
 * section 9.2.6, Interpreting an event stream.
 */

export class EventStreamParser {
  readonly #onData: (data: string) => void;
  #text = '';
  #data: string[] = [];

  /** @param onData hears the data of each event, its lines joined with line feeds. */
  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  /** Reads the next piece of the stream. An event counts when the blank line after it has come. */
  push(piece: string): void {
    this.#text += piece;
    for (;;) {
      const match = /\r\n|\n|\r/.exec(this.#text);
      // A carriage return at the end may be the first half of a line ending.
      if (match === null || (match[0] === '\r' && match.index === this.#text.length - 1)) {
        return;
      }
      const line = this.#text.slice(0, match.index);
      this.#text = this.#text.slice(match.index + match[0].length);
      this.#readLine(line);
    }
  }

  #readLine(line: string): void {
    if (line === '') {
      if (this.#data.length > 0) {
        const data = this.#data.join('\n');
        this.#data = [];
        this.#onData(data);
      }
      return;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1);
    if (field === 'data') {
      this.#data.push(value.startsWith(' ') ? value.slice(1) : value);
    }
  }
}
