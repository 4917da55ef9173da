/**
 * Carries out what the server orders, in the recorder's own process. Orders about one call, and lines of one file, come
 * to pass in their order; a disk that stands still holds up what is on it and nothing else.
 */

import { access } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import {
  pieceFrames,
  type RecorderMessage,
  type RecorderOrder,
} from '../../src/protocol/recording/recorder-orders.ts';
import type { RecorderReport } from '../../src/protocol/recording/recorder-reports.ts';
import { Sealer } from '../../src/protocol/recording/sealed-file.ts';
import { CallFiles, soundIn } from './call-files.ts';
import { DiskSpace, type LookAtDisk, roomOf } from './disk-space.ts';
import { FilesToRun } from './files-to-run.ts';
import { FollowingCommands } from './following-command.ts';
import { blankLines, eraseFile, findLine, namesIn, type Read, readPart } from './kept-files.ts';
import { newFile, type OpenDisk } from './part-file.ts';
import { codeOfSystem, purgeBefore, type Removed, removeCall } from './removal.ts';
import { LineFiles, replaceFile } from './small-files.ts';
import { mark, markCutOff, mendAll, runningIn, unmark } from './unfinished.ts';

/** How often what has come is given to the disks, in ms. */
const LOOK_MS = 500;
/** Every so many looks the room on the disk is looked at: each 5 s. */
const SPACE_LOOKS = 10;
/** A part of a file may be as long as the oldest programs take: 2 GiB, less what one look adds. */
const MOST_PART_BYTES = 2 ** 31 - 2 ** 24;

/**
 * What a disk that stands still holds up, at most: orders, and bytes of texts and lines in them. A little less than the
 * server waits for: it hears that there is no room before it gives an order up that is still carried out one day.
 */
const MOST_PENDING = 19_000;
const MOST_PENDING_BYTES = 60 * 1_048_576;
/**
 * How long the operator's commands may go on at the end, in ms; the next recorder runs what is left. The server waits for
 * 5 s in all.
 */
const COMMANDS_END_MS = 3_000;

const UNKNOWN_TO_NEXT = 'for which files --recording-command is to be run cannot be written down';

/** What is done about a call's folder. */
interface CallWork {
  readonly folder: string;
  /** Ends the operator's command, when nothing is to be left of the call. */
  readonly removal: AbortController;
  /** What was begun for it, one after the other. */
  work: Promise<void>;
}

interface OpenCall extends CallWork {
  readonly files: CallFiles;
  readonly directory: string;
  /** Whether its index is among that. */
  indexing: boolean;
}

export interface RecorderDeps {
  readonly clock: Clock;
  readonly modules: MediaModules;
  readonly report: (report: RecorderReport) => void;
  /** Default: files of this machine. */
  readonly openDisk?: OpenDisk;
  /** Default 2 GiB. */
  readonly mostPartBytes?: number;
  /** Default 60 MiB. */
  readonly mostPendingBytes?: number;
  /** Default the system says. */
  readonly lookAtDisk?: LookAtDisk;
}

export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #report: (report: RecorderReport) => void;
  readonly #calls = new Map<number, OpenCall>();
  /** Calls that are over, until their last file is finished, and the operator's command with it. */
  readonly #finishing = new Set<CallWork>();
  readonly #toRun = new FilesToRun();
  readonly #commands = new FollowingCommands();
  #timer: Timer | undefined;
  #bytes = 0;
  #framesDropped = 0;
  #notesDropped = 0;
  readonly #lines = new LineFiles();
  readonly #work = new Set<Promise<void>>();
  /** Orders that are to be answered, and their bytes. */
  #pending = 0;
  #pendingBytes = 0;
  #key: Buffer | undefined;
  #space: DiskSpace | undefined;
  #looks = 0;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#report = deps.report;
    this.#lookSoon();
  }

  take(message: RecorderMessage): void {
    if (message.type === 'order') {
      this.#order(message.order);
    } else if (this.#space?.full === true) {
      this.#drop(message);
    } else if (message.type === 'notes') {
      this.#calls.get(message.call)?.files.note(message.text);
    } else {
      const call = this.#calls.get(message.call);
      for (const piece of message.pieces) {
        call?.files.add(piece);
      }
    }
  }

  #drop(message: Exclude<RecorderMessage, { readonly type: 'order' }>): void {
    if (message.type === 'notes') {
      this.#notesDropped += 1;
    } else {
      this.#framesDropped += message.pieces.reduce((sum, piece) => sum + pieceFrames(piece), 0);
    }
  }

  #limit({ directory, least }: Extract<RecorderOrder, { type: 'space' }>): void {
    const { lookAtDisk = roomOf } = this.#deps;
    this.#space = new DiskSpace(directory, least, lookAtDisk, (full, freeBytes) => {
      if (full) {
        for (const { files } of this.#calls.values()) {
          files.interrupt();
        }
      }
      this.#report({ type: 'space', full, freeBytes });
    });
    this.#lookAtSpace(directory);
  }

  #lookAtSpace(path = ''): void {
    this.#space
      ?.look()
      .catch((error: unknown) => this.#trouble('how much room a disk has cannot be told', error, path));
  }

  /** Finishes all calls, whose server is gone; resolves when all that was ordered is done, or has failed. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    for (const number of [...this.#calls.keys()]) {
      this.#finish(number, [], true);
    }
    const { clock } = this.#deps;
    const end = clock.at(clock.nowMs() + COMMANDS_END_MS, () => this.#commands.end());
    await Promise.all(this.#work);
    end.cancel();
    if (this.#toRun.count > 0) {
      this.#report({ type: 'to-run', files: this.#toRun.count, ending: true });
    }
    this.#tell();
  }

  #lookSoon(): void {
    const { clock } = this.#deps;
    this.#timer = clock.at(clock.nowMs() + LOOK_MS, () => {
      for (const open of this.#calls.values()) {
        open.files.look();
        if (open.files.indexIsOld && !open.indexing) {
          open.indexing = true;
          this.#next(open, 'what is in a folder of a call cannot be written down', () =>
            open.files.writeIndex().finally(() => {
              open.indexing = false;
            }),
          );
        }
      }
      this.#looks += 1;
      if (this.#looks % SPACE_LOOKS === 0) {
        this.#lookAtSpace();
      }
      this.#report({ type: 'alive' });
      this.#tell();
      this.#lookSoon();
    });
  }

  #tell(): void {
    if (this.#bytes > 0 || this.#framesDropped > 0 || this.#notesDropped > 0) {
      this.#report({
        ...{ type: 'written', bytes: this.#bytes },
        ...{ framesDropped: this.#framesDropped, notesDropped: this.#notesDropped },
      });
      this.#bytes = 0;
      this.#framesDropped = 0;
      this.#notesDropped = 0;
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
      notesDropped: (pieces) => {
        this.#notesDropped += pieces;
      },
      failed: (error, path) =>
        this.#trouble('sound of a call cannot be written: recordings have gaps', error, path),
    });
    const open: OpenCall = {
      ...{ files, directory, folder, removal: new AbortController() },
      ...{ work: Promise.resolve(), indexing: false },
    };
    this.#calls.set(call, open);
    this.#next(open, 'a call cannot be marked as begun', async () => {
      await files.goOn();
      await mark(directory, folder);
    });
  }

  /** @param cutOff its server did not end it: the next one is to tell of it. */
  #finish(number: number, command: readonly string[], cutOff = false): void {
    const open = this.#calls.get(number);
    if (open === undefined) {
      return;
    }
    this.#calls.delete(number);
    this.#finishing.add(open);
    const { files, directory, folder } = open;
    this.#next(open, 'files of a call cannot be finished', async () => {
      const names = await files.finish();
      if (command.length > 0) {
        await this.#toRun
          .add(directory, folder, names)
          .catch((error: unknown) => this.#trouble(UNKNOWN_TO_NEXT, error, folder));
      }
      await (cutOff ? markCutOff : unmark)(directory, folder).catch((error: unknown) =>
        this.#trouble('the mark of a call that has begun cannot be removed', error, folder),
      );
      this.#report({ type: 'closed', call: number, files: names });
      await this.#runCommand(command, open, names);
    });
    void open.work.then(() => this.#finishing.delete(open));
  }

  /** Runs the operator's command, if there is one. */
  async #runCommand(
    command: readonly string[],
    { folder, removal: { signal } }: CallWork,
    names: readonly string[],
  ): Promise<void> {
    if (command.length === 0) {
      return;
    }
    const done = (name: string): Promise<void> =>
      this.#toRun.done(folder, name).catch((error: unknown) => this.#trouble(UNKNOWN_TO_NEXT, error, folder));
    const paths: string[] = [];
    for (const name of names) {
      const path = join(folder, name);
      // Of what a recorder before this one has left somebody may have removed some meanwhile, or its command has.
      const gone = await access(path).then(
        () => false,
        (error: unknown) => codeOfSystem(error) === 'ENOENT',
      );
      await (gone ? done(name) : paths.push(path));
    }
    await this.#commands
      .run(command, paths, signal, (path) => done(basename(path)))
      .catch((error: unknown) =>
        this.#trouble('--recording-command has failed: files stay as they are', error, folder),
      );
    if (signal.aborted) {
      await this.#toRun.forget(folder);
    }
  }

  /** Makes whole what other recorders have left, and runs the command for what they have not come to. */
  async #mend({ directory, command }: Extract<RecorderOrder, { type: 'mend' }>): Promise<Removed & Read> {
    const ended = new Map<string, readonly string[]>();
    const mended = await mendAll(directory, this.#own(), async (folder) => {
      if (command.length > 0) {
        const names = await soundIn(folder);
        await this.#toRun.add(directory, folder, names);
        ended.set(folder, names);
      }
    });
    const left = new Map([...(await this.#toRun.takeOver(directory)), ...ended]);
    for (const [folder, names] of left) {
      const work: CallWork = { folder, removal: new AbortController(), work: Promise.resolve() };
      this.#finishing.add(work);
      this.#next(work, UNKNOWN_TO_NEXT, () =>
        command.length === 0 ? this.#toRun.forget(folder) : this.#runCommand(command, work, names),
      );
      void work.work.then(() => this.#finishing.delete(work));
    }
    const files = [...left.values()].reduce((sum, names) => sum + names.length, 0);
    if (files > 0 && command.length > 0) {
      this.#report({ type: 'to-run', files, ending: false });
    }
    return mended;
  }

  /** Names of folders of calls of which something is still to be written. */
  #own(): ReadonlySet<string> {
    return new Set([...this.#calls.values(), ...this.#finishing].map(({ folder }) => basename(folder)));
  }

  /** Leaves calls that go on: those of other recorders are known by their marks, of which our own may yet be written. */
  async #purge(directory: string, day: string): Promise<Removed> {
    const others = await runningIn(directory);
    return purgeBefore(directory, day, new Set([...others, ...this.#own()]));
  }

  /** Once nothing is written there any more: what is finished later would make the folder anew. */
  async #remove(folder: string): Promise<Removed> {
    const over = [...this.#finishing].filter((each) => resolve(each.folder) === resolve(folder));
    for (const { removal } of over) {
      removal.abort();
    }
    await Promise.all(over.map(({ work }) => work));
    return removeCall(folder);
  }

  /** Does something about a call once what was begun before is done. */
  #next(open: CallWork, what: string, work: () => Promise<void>): void {
    const running = open.work
      .then(work)
      .catch((error: unknown) => this.#trouble(what, error, open.folder))
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
      case 'space':
        this.#limit(order);
        break;
      case 'text':
        this.#answerAbout(order.request, order.text, async () => {
          const plain = Buffer.from(order.text);
          await replaceFile(order.path, order.sealed ? this.#sealed(plain) : plain);
        });
        break;
      case 'append':
        this.#answerAbout(order.request, order.line, () => this.#lines.append(order.path, order.line));
        break;
      case 'remove':
        this.#answer(order.request, () => this.#remove(order.folder));
        break;
      case 'purge':
        this.#answer(order.request, () => this.#purge(order.directory, order.day));
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
        this.#answer(order.request, () => this.#mend(order));
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
      throw new Error('it is to be encrypted, and no key has come: it is not written');
    }
    const sealer = new Sealer(this.#key);
    return Buffer.concat([sealer.start, sealer.seal(plain, true)]);
  }

  /** Writes a text, which is kept in memory until the disk has it. */
  #answerAbout(request: number, text: string, write: () => Promise<void>): void {
    const bytes = Buffer.byteLength(text);
    this.#answer(request, () => write().then(() => ({ count: 1, bytes })), bytes);
  }

  #answer(request: number, work: () => Promise<Removed & Read>, bytes = 0): void {
    const { mostPendingBytes = MOST_PENDING_BYTES } = this.#deps;
    // One alone is taken, however long it is.
    const full = this.#pendingBytes > 0 && this.#pendingBytes + bytes > mostPendingBytes;
    if ((bytes > 0 && full) || this.#pending >= MOST_PENDING) {
      const message = 'the disk stands still, or does not keep up with what is to be written';
      this.#report({ type: 'failed', request, code: 'EBUSY', message });
      return;
    }
    this.#pending += 1;
    this.#pendingBytes += bytes;
    const running = work()
      .then((done) => this.#report({ type: 'done', request, ...done }))
      .catch((error: unknown) => this.#report({ type: 'failed', request, ...toldOf(error) }))
      .finally(() => {
        this.#pending -= 1;
        this.#pendingBytes -= bytes;
        this.#work.delete(running);
      });
    this.#work.add(running);
  }
}

function toldOf(error: unknown): { readonly code: string; readonly message: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return { code, message: error instanceof Error ? error.message : String(error) };
}
