/**
 * A process that holds one model, shared by all who use it. It ends by itself on a model that it does not like, and
 * then whoever used it is told; one that owes something and says nothing is ended. Messages of one turn of the event
 * loop leave in one write, so that what many legs said at once comes to it at once.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { AppError, asError, messageOf } from '../../base/errors.ts';
import { endOf } from '../child-end.ts';
import { CHILD_ENVIRONMENT } from '../child-environment.ts';
import { onLines } from '../lines.ts';
import { abortable } from '../wire/abortable.ts';
import { AnswerWatch } from '../wire/answer-watch.ts';
import { type ModelLine, ModelLines } from './model-lines.ts';
import {
  encodeMessage,
  factsOf,
  jsonBytes,
  MESSAGE,
  MessageReader,
  type ModelFacts,
  type ModelMessage,
  type ModelOrder,
} from './model-wire.ts';

const PROGRAM = fileURLToPath(new URL('./child/main.js', import.meta.url));
/** Of the child's descriptors, after those for input, output and errors. */
const WIRE_DESCRIPTOR = 3;

/** How long the process has to end by itself, in ms. */
const STOP_GRACE_MS = 1_000;

export interface ModelProcessOptions {
  readonly clock: Clock;
  /** For messages: the folder of the model. */
  readonly model: string;
  readonly order: ModelOrder;
  /** Added to our own niceness, 0 to 19. */
  readonly niceness: number;
  /** How long loading the model may take, in ms. */
  readonly startTimeoutMs: number;
  /** How long it may say nothing while it owes something, in ms. */
  readonly answerTimeoutMs: number;
}

export class ModelProcess {
  /** What it said of its model. */
  readonly facts: ModelFacts;
  readonly #child: ChildProcess;
  readonly #wire: Duplex;
  readonly #clock: Clock;
  readonly #lines: ModelLines;
  readonly #exited: Promise<void>;

  /**
   * Starts a process; resolves when its model is loaded.
   * @throws AppError `engine-start-failed` with the last thing it said; the signal's reason when it aborts first.
   */
  static async start(options: ModelProcessOptions, signal: AbortSignal): Promise<ModelProcess> {
    signal.throwIfAborted();
    // The model is told over the wire; here it is for who looks at the list of processes.
    const child = spawn(process.execPath, [PROGRAM, options.model], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: CHILD_ENVIRONMENT,
    });
    const { started, ended } = endOf(child, `sherpa: the process for ${options.model}`);
    await started;
    if (child.pid !== undefined) {
      yieldCpu(child.pid, options.niceness);
    }
    const wire = child.stdio[WIRE_DESCRIPTOR];
    if (!(wire instanceof Duplex)) {
      throw new AppError('engine-start-failed', 'sherpa: the model process has no wire');
    }
    // The end of the process follows, and says the same.
    wire.on('error', () => {});
    try {
      const facts = await abortable(loaded(child, wire, options), signal);
      return new ModelProcess(child, wire, facts, ended, options);
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
  }

  private constructor(
    child: ChildProcess,
    wire: Duplex,
    facts: ModelFacts,
    ended: Promise<void>,
    { clock, model, answerTimeoutMs }: ModelProcessOptions,
  ) {
    this.#child = child;
    this.#wire = wire;
    this.facts = facts;
    this.#clock = clock;
    this.#lines = new ModelLines(wire, model);
    const reader = new MessageReader();
    let heardMs = clock.nowMs();
    const watch = new AnswerWatch(
      clock,
      () =>
        this.#lines.owedSinceMs === undefined
          ? undefined
          : Math.max(heardMs, this.#lines.owedSinceMs) + answerTimeoutMs,
      () => {
        this.#lines.end(
          new AppError(
            'engine-timeout',
            `sherpa: ${model} said nothing for ${answerTimeoutMs} ms, and was ended`,
          ),
        );
        child.kill('SIGKILL');
      },
    );
    this.#lines.onOwed = () => watch.look();
    wire.on('data', (bytes: Buffer) => {
      heardMs = clock.nowMs();
      try {
        for (const message of reader.read(bytes)) {
          this.#lines.receive(message);
        }
      } catch (error) {
        this.#lines.end(asError(error));
        child.kill('SIGKILL');
      }
    });
    this.#exited = ended.then(() => {
      watch.close();
      this.#lines.end(
        new AppError('engine-died', `sherpa: the process with ${model} ended ${howEnded(child)}`),
      );
    });
  }

  get dead(): boolean {
    return this.#lines.ended;
  }

  /** The process id, for tests and diagnosis. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** A line of one's own to the model. @throws AppError `engine-died` when the process has ended. */
  line(onMessage: (message: ModelMessage) => void, onEnd: (error: Error) => void): ModelLine {
    return this.#lines.open(this.#clock, onMessage, onEnd);
  }

  /** Ends the process, by force if it does not end with its wire. Idempotent. */
  async close(): Promise<void> {
    this.#lines.end(new AppError('closed', 'sherpa: the engine has been closed'));
    this.#wire.destroy();
    const timer = this.#clock.at(this.#clock.nowMs() + STOP_GRACE_MS, () => this.#child.kill('SIGKILL'));
    await this.#exited;
    timer.cancel();
  }
}

/** Gives the process its order; resolves with what it says of the model. */
function loaded(
  child: ChildProcess,
  wire: Duplex,
  { clock, model, order, startTimeoutMs }: ModelProcessOptions,
): Promise<ModelFacts> {
  let lastLine = '';
  if (child.stderr !== null) {
    onLines(child.stderr, (line) => {
      lastLine = line.trim() === '' ? lastLine : line.trim().slice(0, 300);
    });
  }
  const reader = new MessageReader();
  return new Promise((resolve, reject) => {
    const timer = clock.at(clock.nowMs() + startTimeoutMs, () =>
      fail(`it was not loaded within ${startTimeoutMs} ms`),
    );
    const settled = (): void => {
      timer.cancel();
      wire.off('data', onData);
      child.off('close', onClose);
    };
    const fail = (why: string, cause?: unknown): void => {
      settled();
      reject(new AppError('engine-start-failed', `sherpa: ${model} cannot be used: ${why}`, cause));
    };
    const onClose = (): void =>
      fail(`its process ended ${howEnded(child)}${lastLine === '' ? '' : `: ${lastLine}`}`);
    const onData = (bytes: Buffer): void => {
      try {
        for (const message of reader.read(bytes)) {
          if (message.type === MESSAGE.ready) {
            settled();
            resolve(factsOf(message.payload));
          }
        }
      } catch (error) {
        fail(messageOf(error), error);
      }
    };
    child.once('close', onClose);
    wire.on('data', onData);
    wire.write(encodeMessage(MESSAGE.order, 0, jsonBytes(order)));
  });
}

function howEnded({ signalCode, exitCode }: ChildProcess): string {
  return signalCode === null ? `with status ${exitCode}` : `by ${signalCode}`;
}

function yieldCpu(processId: number, niceness: number): void {
  try {
    setPriority(processId, Math.min(19, getPriority() + niceness));
  } catch {
    // The process has ended already.
  }
}
