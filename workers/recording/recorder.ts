/**
 * Carries out what the server orders, in the recorder's own process. Orders about one call, and lines of one file, come
 * to pass in their order; a disk that stands still holds up what is on it and nothing else.
 */

import type { Clock, Timer } from '../../src/base/clock.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import type { RecorderMessage, RecorderOrder } from '../../src/protocol/recording/recorder-orders.ts';
import type { RecorderReport } from '../../src/protocol/recording/recorder-reports.ts';
import { Sealer } from '../../src/protocol/recording/sealed-file.ts';
import { CallFiles } from './call-files.ts';
import { runForEach } from './following-command.ts';
import { blankLines, eraseFile, findLine, namesIn, type Read, readPart } from './kept-files.ts';
import { newFile, type OpenDisk } from './part-file.ts';
import { purgeBefore, type Removed, removeCall } from './removal.ts';
import { LineFiles, replaceFile } from './small-files.ts';
import { mark, mendAll, unmark } from './unfinished.ts';

/** How often what has come is given to the disks, in ms. */
const LOOK_MS = 500;
/** A part of a file may be as long as the oldest programs take: 2 GiB, less what one look adds. */
const MOST_PART_BYTES = 2 ** 31 - 2 ** 24;

interface OpenCall {
  readonly files: CallFiles;
  readonly directory: string;
  /** What was begun for it, one after the other. */
  work: Promise<void>;
}

export interface RecorderDeps {
  readonly clock: Clock;
  readonly modules: MediaModules;
  readonly report: (report: RecorderReport) => void;
  /** Default: files of this machine. */
  readonly openDisk?: OpenDisk;
  /** Default 2 GiB. */
  readonly mostPartBytes?: number;
}

export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #report: (report: RecorderReport) => void;
  readonly #calls = new Map<number, OpenCall>();
  #timer: Timer | undefined;
  #bytes = 0;
  #framesDropped = 0;
  readonly #lines = new LineFiles();
  readonly #work = new Set<Promise<void>>();
  #key: Buffer | undefined;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#report = deps.report;
    this.#lookSoon();
  }

  take(message: RecorderMessage): void {
    if (message.type === 'order') {
      this.#order(message.order);
    } else {
      const call = this.#calls.get(message.call);
      for (const piece of message.pieces) {
        call?.files.add(piece);
      }
    }
  }

  /** Finishes all calls; resolves when all that was ordered is done, or has failed. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    for (const number of [...this.#calls.keys()]) {
      this.#finish(number, []);
    }
    await Promise.all(this.#work);
    this.#tell();
  }

  #lookSoon(): void {
    const { clock } = this.#deps;
    this.#timer = clock.at(clock.nowMs() + LOOK_MS, () => {
      for (const { files } of this.#calls.values()) {
        files.look();
      }
      this.#tell();
      this.#lookSoon();
    });
  }

  #tell(): void {
    if (this.#bytes > 0 || this.#framesDropped > 0) {
      this.#report({ type: 'written', bytes: this.#bytes, framesDropped: this.#framesDropped });
      this.#bytes = 0;
      this.#framesDropped = 0;
    }
  }

  #open({ call, directory, folder, layout }: Extract<RecorderOrder, { type: 'open' }>): void {
    const { modules, openDisk = newFile, mostPartBytes = MOST_PART_BYTES } = this.#deps;
    const files = new CallFiles(folder, layout, {
      ...{ modules, openDisk, mostPartBytes, key: this.#key },
      told: (bytes, framesDropped) => {
        this.#bytes += bytes;
        this.#framesDropped += framesDropped;
      },
      failed: (error, path) =>
        this.#trouble('sound of a call cannot be written: recordings have gaps', error, path),
    });
    const open: OpenCall = { files, directory, work: Promise.resolve() };
    this.#calls.set(call, open);
    this.#next(open, 'a call cannot be marked as begun', () => mark(directory, folder));
  }

  #finish(number: number, command: readonly string[]): void {
    const open = this.#calls.get(number);
    if (open === undefined) {
      return;
    }
    this.#calls.delete(number);
    const { files, directory } = open;
    this.#next(open, 'files of a call cannot be finished', async () => {
      const names = await files.finish();
      await unmark(directory, files.folder);
      this.#report({ type: 'closed', call: number, files: names });
      if (command.length > 0) {
        await runForEach(
          command,
          names.map((name) => `${files.folder}/${name}`),
        );
      }
    });
  }

  /** Does something about a call once what was begun before is done. */
  #next(open: OpenCall, what: string, work: () => Promise<void>): void {
    const running = open.work
      .then(work)
      .catch((error: unknown) => this.#trouble(what, error, open.files.folder))
      .finally(() => this.#work.delete(running));
    open.work = running;
    this.#work.add(running);
  }

  #trouble(what: string, error: unknown, path: string): void {
    this.#report({ type: 'trouble', what, code: toldOf(error).code, path });
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
        this.#answer(order.request, () => mendAll(order.directory));
        break;
      case 'open':
        this.#open(order);
        break;
      case 'close':
        this.#finish(order.call, order.command);
        break;
      case 'forget': {
        const open = this.#calls.get(order.call);
        if (open !== undefined) {
          const remove = open.files.forget(order.party);
          this.#next(open, 'a party that does not want to be kept cannot be removed', remove);
        }
        break;
      }
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
