/**
 * Speech recognition on this machine with CMU PocketSphinx: no key, no network, modest accuracy. The model of
 * a language is loaded once, on the first `open`, in a process that every leg of the language shares. It was
 * trained on 16 kHz audio: on a telephone-band leg its error rate doubles (see `lowestWireRateHz`).
 */

import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { Clock } from '../../../base/clock.ts';
import { AppError, messageOf } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import { CHILD_ENVIRONMENT } from '../../child-environment.ts';
import { setFor } from '../../languages.ts';
import { OpenStreams } from '../../open-streams.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { abortable } from '../../wire/abortable.ts';
import { Once } from '../../wire/once.ts';
import type { SttCapabilities, SttEngine, SttStream, SttStreamOptions } from '../stt-engine.ts';
import { UtteranceStream } from '../utterance-stream.ts';
import { findModelFiles, isNeuralModel } from './model-files.ts';
import { PocketsphinxRecogniser } from './pocketsphinx-recogniser.ts';
import { type RecogniserConnection, RecogniserProcess } from './recogniser-process.ts';

/** Where Debian's pocketsphinx-en-us puts its model. */
export const DEBIAN_ENGLISH_MODEL = '/usr/share/pocketsphinx/model/en-us';

const INSTALL = 'sudo apt-get install python3-pocketsphinx pocketsphinx-en-us';

const STREAMS_PER_CORE = 4;

/** How often a leg is connected, and how long after it had no child of a process that lives, in ms. */
const MOST_TRIES = 4;
const AGAIN_MS = 100;

export interface PocketsphinxSettings {
  readonly clock: Clock;
  /** Directories of models by language; added to Debian's English one, and preferred to it. */
  readonly models?: ReadonlyMap<Language, string>;
  /** The Python that has Debian's modules; default `/usr/bin/python3`. */
  readonly python?: string;
  /** How much recognition yields to the media threads, 0 to 19; default 5. */
  readonly niceness?: number;
  /** The most audio that waits per stream, in ms; default 20,000, so that an utterance that is given again fits. */
  readonly backlogLimitMs?: number;
  /** How long loading a model may take, in ms; default 20,000. */
  readonly startTimeoutMs?: number;
  /** How long the recogniser may owe an answer, in ms; default 10,000: a busy machine must not lose it. */
  readonly answerTimeoutMs?: number;
  /**
   * The most streams at once; default 4 for each core: each takes a third of one while its leg speaks (`bench local`), of
   * two parties one at a time, and when a provider of many calls is lost not all of them may come here.
   */
  readonly maxStreams?: number;
}

export class PocketsphinxEngine implements SttEngine {
  readonly name = 'pocketsphinx';
  readonly capabilities: SttCapabilities = { lowestWireRateHz: 16_000 };
  readonly #settings: PocketsphinxSettings;
  readonly #models: ReadonlyMap<Language, string>;
  readonly #python: string;
  /** By the directory of the model. */
  readonly #processes = new Map<string, Once<RecogniserProcess>>();
  readonly #streams = new OpenStreams<UtteranceStream>(this.name);
  readonly #pythonThere = new Once(() => checkPython(this.#python));
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(settings: PocketsphinxSettings) {
    this.#settings = settings;
    this.#models = new Map([['en', DEBIAN_ENGLISH_MODEL], ...(settings.models ?? [])]);
    this.#python = settings.python ?? '/usr/bin/python3';
  }

  async supports(language: Language): Promise<Support> {
    const directory = await this.#directoryFor(language);
    if (directory === undefined) {
      return unsupported(
        `pocketsphinx has no model for ${language}; give one with --stt-model ${language}=DIR`,
      );
    }
    try {
      await this.#pythonThere.get();
    } catch (error) {
      return unsupported(messageOf(error));
    }
    const search = await findModelFiles(directory);
    if (search.type === 'found') {
      return SUPPORTED;
    }
    return unsupported(
      directory === DEBIAN_ENGLISH_MODEL
        ? `pocketsphinx: ${search.reason}; run: ${INSTALL}`
        : `pocketsphinx: ${search.reason}`,
    );
  }

  open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    return this.#streams.open(signal, (inner) => this.#open(options, inner));
  }

  /** The process ids of the recognisers that run, for diagnosis. */
  async processIds(): Promise<readonly number[]> {
    const processes = await Promise.all([...this.#processes.values()].map(({ known }) => known));
    return processes.flatMap((process) => (process?.pid === undefined ? [] : [process.pid]));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open({ language, onEvent }: SttStreamOptions, signal: AbortSignal): Promise<UtteranceStream> {
    const { clock, maxStreams, backlogLimitMs } = this.#settings;
    const answerTimeoutMs = this.#settings.answerTimeoutMs ?? 10_000;
    if (this.#streams.size >= (maxStreams ?? STREAMS_PER_CORE * availableParallelism())) {
      throw new AppError('engine-overloaded', 'pocketsphinx: as many legs are recognised as may be at once');
    }
    const connection = await this.#connect(language, signal);
    return UtteranceStream.start(
      {
        name: this.name,
        clock,
        onEvent,
        chunkMs: 20,
        backlogLimitMs: backlogLimitMs ?? 20_000,
        answerTimeoutMs,
      },
      (stream) => new PocketsphinxRecogniser(stream, connection, { clock, answerTimeoutMs }),
    );
  }

  async #close(): Promise<void> {
    // First of all: what waits for a model that is being loaded need wait no longer.
    this.#closed.abort(new AppError('closed', 'pocketsphinx: the engine has been closed'));
    await this.#streams.close();
    const starting = await Promise.allSettled([...this.#processes.values()].map(({ known }) => known));
    await Promise.all(
      starting.map((start) => (start.status === 'fulfilled' ? start.value?.close() : undefined)),
    );
  }

  async #connect(language: Language, signal: AbortSignal): Promise<RecogniserConnection> {
    for (let tries = 1; ; tries += 1) {
      const process = await abortable(this.#process(language), signal);
      try {
        return await process.connect(signal);
      } catch (error) {
        const { lost } = process;
        if (lost) {
          // One that dies closes its sockets before we hear of its end, and one that is stopped never ends by itself.
          await process.close();
        }
        signal.throwIfAborted();
        if (tries >= MOST_TRIES) {
          throw error;
        }
        if (!lost) {
          // Other legs are heard by it still.
          await this.#settings.clock.sleep(AGAIN_MS, signal);
        }
      }
    }
  }

  /** The running process of a language, started if need be; concurrent callers share one start. */
  async #process(language: Language): Promise<RecogniserProcess> {
    const directory = await this.#directoryFor(language);
    if (directory === undefined) {
      throw new AppError('language-unsupported', `pocketsphinx has no model for ${language}`);
    }
    const start = this.#processes.get(directory) ?? new Once(() => this.#start(directory));
    this.#processes.set(directory, start);
    const starting = start.get();
    const process = await starting;
    if (!process.lost) {
      return process;
    }
    start.forget(starting);
    return start.get();
  }

  async #start(directory: string): Promise<RecogniserProcess> {
    const { signal } = this.#closed;
    signal.throwIfAborted();
    const search = await findModelFiles(directory);
    if (search.type === 'incomplete') {
      throw new AppError('engine-start-failed', `pocketsphinx: ${search.reason}`);
    }
    return RecogniserProcess.start(
      {
        python: this.#python,
        files: search.files,
        niceness: this.#settings.niceness ?? 5,
        startTimeoutMs: this.#settings.startTimeoutMs ?? 20_000,
        clock: this.#settings.clock,
      },
      signal,
    );
  }

  /** What is written, unless it is another engine's, in whose place this one may have to hear; then Debian's. */
  async #directoryFor(language: Language): Promise<string | undefined> {
    const written = setFor(this.#models, language);
    const ofOthers = written !== undefined && (await isNeuralModel(written));
    return ofOthers ? (baseLanguage(language) === 'en' ? DEBIAN_ENGLISH_MODEL : undefined) : written;
  }
}

/** @throws AppError `program-missing` with what to do about it. */
async function checkPython(python: string): Promise<void> {
  try {
    await promisify(execFile)(python, ['-IBc', 'import pocketsphinx.pocketsphinx'], {
      env: CHILD_ENVIRONMENT,
    });
  } catch (error) {
    throw new AppError(
      'program-missing',
      `pocketsphinx: ${python} is missing or cannot import pocketsphinx; run: ${INSTALL}`,
      error,
    );
  }
}
