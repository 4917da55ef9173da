/**
 * Machine translation on this machine with Apertium: rules and dictionaries, no key, no network, about 2 ms a
 * sentence. Each direction is one pipeline of processes that stays running from the first translation on. It is loaded
 * before anything is asked of it, which takes up to seconds on a busy machine and counts against nobody's limit:
 * translate something once to warm it.
 */

import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { CHILD_ENVIRONMENT } from '../../child-environment.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import type { MtEngine, MtRequest } from '../mt-engine.ts';
import { plausibleTranslation } from '../translation-length.ts';
import { debianPackage } from './debian-pairs.ts';
import { DEBIAN_MODES, findMode, listModes, readMode } from './modes.ts';
import { NullFlushProcess } from './null-flush-process.ts';
import { pipelineCommand } from './pipeline-command.ts';
import { Recaser } from './recaser.ts';
import { RunningDirection } from './running-direction.ts';
import { afterLead, fromStream, LEAD, plainLine, toStream } from './stream-format.ts';

/** The Debian packages of the stages that are not in package apertium. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['apertium-anaphora', 'apertium-anaphora'],
  ['cg-proc', 'cg3'],
  ['hfst-proc', 'hfst'],
  ['lrx-proc', 'apertium-lex-tools'],
  ['lsx-proc', 'apertium-separable'],
  ['lt-proc', 'lttoolbox'],
  ['rtx-proc', 'apertium-recursive'],
]);

export interface ApertiumSettings {
  readonly clock: Clock;
  /** Where the `.mode` files are; default Debian's `/usr/share/apertium/modes`. */
  readonly modesDirectory?: string;
  /** How much translation yields to the media threads, 0 to 19; default 2, because callers wait for it. */
  readonly niceness?: number;
  /** How long one translation may take, in ms; default 2,000. */
  readonly timeoutMs?: number;
  /** How long loading a direction may take, in ms; default 20,000. */
  readonly loadLimitMs?: number;
  /** The most translations that wait per direction; default 64. */
  readonly waitingLimit?: number;
}

/** How often what runs is looked at, in ms: who has stopped would be found by a caller's sentence. */
const LOOK_MS = 30_000;

export class ApertiumEngine implements MtEngine {
  readonly name = 'apertium';
  readonly #settings: ApertiumSettings;
  readonly #modesDirectory: string;
  /** By languages. */
  readonly #directions = new Map<string, Promise<RunningDirection>>();
  /** Everything that runs, also what is being loaded. */
  readonly #processes = new Set<NullFlushProcess>();
  readonly #recasers = new Map<string, Recaser>();
  #look: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: ApertiumSettings) {
    this.#settings = settings;
    this.#modesDirectory = settings.modesDirectory ?? DEBIAN_MODES;
  }

  async supports(from: Language, to: Language): Promise<Support> {
    const mode = findMode(await listModes(this.#modesDirectory), from, to);
    if (mode === undefined) {
      const pair = debianPackage(from, to);
      return unsupported(
        pair === undefined
          ? `apertium has no pair from ${from} to ${to}`
          : `apertium's pair from ${from} to ${to} is not installed; run: sudo apt-get install apertium ${pair}`,
      );
    }
    const command = pipelineCommand(await readMode(this.#modesDirectory, mode));
    if (command.type === 'refused') {
      return unsupported(`apertium's pair ${mode} cannot be used: ${command.reason}`);
    }
    for (const program of command.programs) {
      if (!(await isInstalled(program))) {
        return unsupported(
          `apertium's pair ${mode} needs ${program}; run: sudo apt-get install ${PACKAGES.get(program) ?? 'apertium'}`,
        );
      }
    }
    return SUPPORTED;
  }

  async translate(request: MtRequest, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#refuseWhenClosed();
    const { escaped, finalMark } = toStream(request.text);
    if (escaped === '') {
      return finalMark;
    }
    const { from, to } = request;
    const { pipeline, analyser } = await unlessAborted(this.#direction(from, to), signal);
    let text = plainLine(request.text);
    if (analyser !== undefined) {
      const recaser = this.#recasers.get(keyOf(from, to)) ?? new Recaser();
      this.#recasers.set(keyOf(from, to), recaser);
      text = await recaser.recase(text, analyser, signal);
    }
    const line = toStream(text).escaped;
    const checked = (translation: string): string =>
      plausibleTranslation(this.name, request.text, translation);
    if (request.midSentence === true) {
      const rest = afterLead(fromStream(await pipeline.ask(`${LEAD}${line}`, signal), finalMark));
      if (rest !== undefined) {
        return checked(rest);
      }
    }
    return checked(fromStream(await pipeline.ask(line, signal), finalMark));
  }

  /** The process groups that run, for diagnosis. */
  async groupIds(): Promise<readonly number[]> {
    const directions = await Promise.all(this.#directions.values());
    return directions.flatMap(({ pipeline }) => (pipeline.groupId === undefined ? [] : [pipeline.groupId]));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#look?.cancel();
    // What is being read from the disk may still start something.
    await Promise.all([...this.#processes].map((running) => running.close()));
    await Promise.allSettled(this.#directions.values());
    await Promise.all([...this.#processes].map((running) => running.close()));
  }

  /** The running direction, started if need be; concurrent callers share one start. */
  async #direction(from: Language, to: Language): Promise<RunningDirection> {
    const key = keyOf(from, to);
    const running = this.#directions.get(key);
    if (running !== undefined) {
      const direction = await running;
      if (!direction.dead) {
        return direction;
      }
      // Only the first to notice starts another.
      if (this.#directions.get(key) === running) {
        this.#directions.delete(key);
        void direction.close();
      }
      return this.#direction(from, to);
    }
    this.#refuseWhenClosed();
    const start = this.#start(from, to);
    this.#directions.set(key, start);
    start.catch(() => this.#directions.delete(key));
    this.#lookLater();
    return start;
  }

  async #start(from: Language, to: Language): Promise<RunningDirection> {
    const mode = findMode(await listModes(this.#modesDirectory), from, to);
    if (mode === undefined) {
      throw new AppError('language-unsupported', `apertium has no pair from ${from} to ${to}`);
    }
    const command = pipelineCommand(await readMode(this.#modesDirectory, mode));
    if (command.type === 'refused') {
      throw new AppError('engine-start-failed', `apertium's pair ${mode} cannot be used: ${command.reason}`);
    }
    this.#refuseWhenClosed();
    const analyser = command.analyser === undefined ? undefined : this.#spawn(command.analyser);
    const direction = new RunningDirection(from, to, this.#spawn(command.command), analyser);
    await direction.load();
    return direction;
  }

  /** One timer for all, from the first direction until the engine is closed. */
  #lookLater(): void {
    const { clock } = this.#settings;
    this.#look ??= clock.at(clock.nowMs() + LOOK_MS, () => {
      this.#look = undefined;
      for (const running of this.#directions.values()) {
        // What cannot be started now is tried again, and told of, when it is needed.
        this.#lookAt(running).catch(() => {});
      }
      this.#lookLater();
    });
  }

  /** What does not answer any more is loaded anew, before anybody waits for it. */
  async #lookAt(running: Promise<RunningDirection>): Promise<void> {
    const direction = await running;
    await direction.look();
    if (direction.dead && this.#closing === undefined) {
      await this.#direction(direction.from, direction.to);
    }
  }

  #spawn(command: string): NullFlushProcess {
    const settings = this.#settings;
    const spawned = new NullFlushProcess({
      command,
      niceness: settings.niceness ?? 2,
      timeoutMs: settings.timeoutMs ?? 2_000,
      loadLimitMs: settings.loadLimitMs ?? 20_000,
      waitingLimit: settings.waitingLimit ?? 64,
      clock: settings.clock,
    });
    this.#processes.add(spawned);
    void spawned.ended.then(() => this.#processes.delete(spawned));
    return spawned;
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) {
      throw new AppError('closed', 'apertium: the engine has been closed');
    }
  }
}

function keyOf(from: Language, to: Language): string {
  return `${from}>${to}`;
}

/** What `work` resolves with; who gives up leaves it to the others who wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function isInstalled(program: string): Promise<boolean> {
  for (const directory of (CHILD_ENVIRONMENT.PATH ?? '').split(':')) {
    const found = await access(join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) {
      return true;
    }
  }
  return false;
}
