/**
 * Carries out what the server orders, in the recorder's own process. Orders about one call, and lines of one file, come
 * to pass in their order; a disk that stands still holds up what is on it and nothing else.
 */

import type { RecorderMessage, RecorderOrder } from '../../src/protocol/recording/recorder-orders.ts';
import type { RecorderReport } from '../../src/protocol/recording/recorder-reports.ts';
import { Sealer } from '../../src/protocol/recording/sealed-file.ts';
import { blankLines, eraseFile, findLine, namesIn, type Read, readPart } from './kept-files.ts';
import { purgeBefore, type Removed, removeCall } from './removal.ts';
import { LineFiles, replaceFile } from './small-files.ts';

const NOTHING: Removed = { count: 0, bytes: 0 };

export class Recorder {
  readonly #report: (report: RecorderReport) => void;
  readonly #lines = new LineFiles();
  readonly #work = new Set<Promise<void>>();
  #key: Buffer | undefined;

  constructor(report: (report: RecorderReport) => void) {
    this.#report = report;
  }

  take(message: RecorderMessage): void {
    if (message.type === 'order') {
      this.#order(message.order);
    }
  }

  /** Resolves when all that was ordered is done, or has failed. */
  async close(): Promise<void> {
    await Promise.all(this.#work);
  }

  #order(order: RecorderOrder): void {
    switch (order.type) {
      case 'seal':
        this.#key = Buffer.from(order.keyHex, 'hex');
        break;
      case 'text':
        this.#answer(order.request, async () => {
          const plain = Buffer.from(order.text);
          await replaceFile(order.path, order.sealed ? this.#sealed(plain) : plain);
          return { count: 1, bytes: plain.length };
        });
        break;
      case 'append':
        this.#answer(order.request, async () => {
          await this.#lines.append(order.path, order.line);
          return { count: 1, bytes: Buffer.byteLength(order.line) };
        });
        break;
      case 'remove':
        this.#answer(order.request, () => removeCall(order.folder, order.endings));
        break;
      case 'purge':
        this.#answer(order.request, () => purgeBefore(order.directory, order.day));
        break;
      case 'read':
        this.#answer(order.request, () => readPart(order.path, order.from, order.mostBytes));
        break;
      case 'list':
        this.#answer(order.request, () => namesIn(order.directory));
        break;
      case 'find':
        this.#answer(order.request, () => findLine(order.path, order.text));
        break;
      case 'blank':
        this.#answer(order.request, () => blankLines(order.path, order.text));
        break;
      case 'erase':
        this.#answer(order.request, () => eraseFile(order.path));
        break;
      case 'mend':
        this.#answer(order.request, async () => NOTHING);
        break;
      case 'open':
      case 'close':
      case 'forget':
        break;
    }
  }

  #sealed(plain: Buffer): Buffer {
    if (this.#key === undefined) {
      return plain;
    }
    const sealer = new Sealer(this.#key);
    return Buffer.concat([sealer.start, sealer.seal(plain, true)]);
  }

  #answer(request: number, work: () => Promise<Removed & Read>): void {
    const running = work()
      .then((done) => this.#report({ type: 'done', request, ...done }))
      .catch((error: unknown) => this.#report({ type: 'failed', request, ...toldOf(error) }))
      .finally(() => this.#work.delete(running));
    this.#work.add(running);
  }
}

function toldOf(error: unknown): { readonly code: string; readonly message: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return { code, message: error instanceof Error ? error.message : String(error) };
}
