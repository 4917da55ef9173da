/**
 * Server-sent events out of text as it comes, in pieces of any size. The page reads its streams itself, since a
 * browser's `EventSource` cannot send the header that lets it in.
 */

/** One message of a stream. */
export interface StreamMessage {
  /** What kind it is; `message` where the stream does not say. */
  readonly event: string;
  readonly data: string;
  /** By which to go on after it in another stream; empty until one was told. */
  readonly id: string;
}

export class EventReader {
  readonly #sink: (message: StreamMessage) => void;
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id = '';

  constructor(sink: (message: StreamMessage) => void) {
    this.#sink = sink;
  }

  /** Takes the next piece and passes on each message that it completes. */
  push(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\r(?!$)|\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#take(line);
    }
  }

  #take(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') {
      this.#event = value;
    } else if (field === 'data') {
      this.#data.push(value);
    } else if (field === 'id') {
      this.#id = value;
    }
  }

  #dispatch(): void {
    if (this.#data.length > 0) {
      this.#sink({ event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id });
    }
    this.#event = '';
    this.#data = [];
  }
}
