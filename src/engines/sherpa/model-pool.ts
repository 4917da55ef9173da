/**
 * The processes of one engine, one for each model that is in use: it is started by the first who needs it and stays.
 * Who finds it dead has another started, and all who do so wait for the same one; how often that is tried is a matter
 * of the engine's health, which is judged elsewhere.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { abortable } from '../wire/abortable.ts';
import { Once } from '../wire/once.ts';
import { findInstallation } from './installation.ts';
import { ModelProcess } from './model-process.ts';
import type { ModelOrder } from './model-wire.ts';

/** One for each language that is spoken here, and its voices; each takes some hundred MB. */
const MOST_MODELS = 32;

export interface ModelPoolOptions {
  readonly clock: Clock;
  /** How much the processes yield to the media threads, 0 to 19; default 5. */
  readonly niceness?: number;
  /** How long loading a model may take, in ms; default 50,000: it is read from a disk. */
  readonly startTimeoutMs?: number;
  /**
   * How long a process may say nothing while it owes something, in ms; default 10,000: a busy machine must not lose
   * it.
   */
  readonly answerTimeoutMs?: number;
  /** Where the package is; default {@link findInstallation}. */
  readonly find?: typeof findInstallation;
}

/** How a model is given to a process. */
export interface PooledModel {
  /** The same for all who can share one process. */
  readonly key: string;
  /** For messages. */
  readonly shown: string;
  readonly order: Omit<ModelOrder, 'packageFolder'>;
}

export class ModelPool {
  readonly #options: ModelPoolOptions;
  readonly #processes = new Map<string, Once<ModelProcess>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: ModelPoolOptions) {
    this.#options = options;
  }

  /**
   * The process that has a model, started if need be.
   * @throws AppError `engine-start-failed`, `engine-overloaded`, `closed`; the signal's reason when it aborts first.
   */
  async get(model: PooledModel, signal: AbortSignal): Promise<ModelProcess> {
    const start = this.#processes.get(model.key) ?? this.#entryFor(model);
    const starting = start.get();
    const found = await abortable(starting, signal);
    if (!found.dead) {
      return found;
    }
    start.forget(starting);
    return abortable(start.get(), signal);
  }

  /** The processes that run now. */
  async running(): Promise<readonly ModelProcess[]> {
    const known = await Promise.allSettled([...this.#processes.values()].map((start) => start.known));
    return known.flatMap((each) =>
      each.status === 'fulfilled' && each.value !== undefined && !each.value.dead ? [each.value] : [],
    );
  }

  /** Ends them all, also those whose model is still being loaded. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort(new AppError('closed', 'sherpa: the engine has been closed'));
    const known = await Promise.allSettled([...this.#processes.values()].map((start) => start.known));
    await Promise.all(known.map((each) => (each.status === 'fulfilled' ? each.value?.close() : undefined)));
  }

  /** Of a model that could not be loaded nothing is kept: there may be any number of wrong names. */
  #entryFor(model: PooledModel): Once<ModelProcess> {
    if (this.#processes.size >= MOST_MODELS) {
      throw new AppError(
        'engine-overloaded',
        `sherpa: ${MOST_MODELS} models are loaded, and no more may be at once`,
      );
    }
    const entry = new Once(async () => {
      try {
        return await this.#start(model);
      } catch (error) {
        this.#processes.delete(model.key);
        throw error;
      }
    });
    this.#processes.set(model.key, entry);
    return entry;
  }

  async #start({ shown, order }: PooledModel): Promise<ModelProcess> {
    const { signal } = this.#closed;
    signal.throwIfAborted();
    const { find = findInstallation } = this.#options;
    const installation = await find();
    if (installation.type === 'missing') {
      throw new AppError('engine-start-failed', `sherpa: ${installation.reason}`);
    }
    const { clock, niceness = 5, startTimeoutMs = 50_000, answerTimeoutMs = 10_000 } = this.#options;
    const { packageFolder } = installation;
    return ModelProcess.start(
      {
        clock,
        model: shown,
        order: { ...order, packageFolder },
        niceness,
        startTimeoutMs,
        answerTimeoutMs,
      },
      signal,
    );
  }
}
