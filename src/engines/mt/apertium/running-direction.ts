/**
 * What runs for one direction: the pipeline that translates, and its first stage once more, for looking words up. They
 * live and end together.
 */

import type { Language } from '../../../base/language.ts';
import type { NullFlushProcess } from './null-flush-process.ts';

export class RunningDirection {
  readonly from: Language;
  readonly to: Language;
  readonly pipeline: NullFlushProcess;
  /** Absent when the pair begins with a program that looks no words up. */
  readonly analyser: NullFlushProcess | undefined;

  constructor(
    from: Language,
    to: Language,
    pipeline: NullFlushProcess,
    analyser: NullFlushProcess | undefined,
  ) {
    this.from = from;
    this.to = to;
    this.pipeline = pipeline;
    this.analyser = analyser;
  }

  get dead(): boolean {
    return this.pipeline.dead || this.analyser?.dead === true;
  }

  /** Resolves when both have loaded. @throws as {@link NullFlushProcess.load}; then both are closed. */
  async load(): Promise<void> {
    try {
      await Promise.all([this.pipeline.load(), this.analyser?.load()]);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Resolves when those that had nothing to do have shown that they still answer, or are dead. */
  async look(): Promise<void> {
    await Promise.all([this.pipeline.look(), this.analyser?.look()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.pipeline.close(), this.analyser?.close()]);
  }
}
