/**
 * Whether each direction of the configuration can be interpreted, tried with the real engines: a sentence goes
 * through them and its time is told; so is each engine that would be left out, and why. A direction that cannot is a warning when `serve` would start all the
 * same (`--untranslatable passthrough`).
 */

import { isAbort, messageOf } from '../../base/errors.ts';
import type { Component, LeftOut } from '../../engines/choose.ts';
import { type Direction, directionsOf } from '../config/directions.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, type CheckItem, fails, ok, warning } from './check-item.ts';

/** One engine that was tried in one direction. */
export interface EngineTrial {
  /** What the engine is for. */
  readonly part: Component;
  /** The engine's name. */
  readonly engine: string;
  /** How long it took, in ms. */
  readonly tookMs: number;
}

/** What became of the engines of one direction. */
export interface DirectionReport {
  /** Those that work. */
  readonly trials: readonly EngineTrial[];
  /** Those that were to be used and cannot be. */
  readonly leftOut: readonly LeftOut[];
}

/** What can try the engines of a configuration. */
export interface EngineTester {
  /**
   * Tries every engine that `serve` would use in a direction.
   * @throws AppError when the direction cannot be interpreted; its message says what to do.
   */
  tryDirection(direction: Direction, signal: AbortSignal): Promise<DirectionReport>;
  close(): Promise<void>;
}

/** Opens a tester, tries each direction and closes it again. */
export function checkEngines(
  config: ServeConfig,
  openTester: (signal: AbortSignal) => Promise<EngineTester>,
): Check {
  return async function* (signal) {
    const directions = directionsOf(config);
    if (directions.length === 0) {
      yield ok('engines', 'none are needed in passthrough');
      return;
    }
    let tester: EngineTester;
    try {
      tester = await openTester(signal);
    } catch (error) {
      yield fails('engines', messageOf(error));
      return;
    }
    try {
      for (const direction of directions) {
        yield* await tryDirection(config, tester, direction, signal);
      }
    } finally {
      await tester.close();
    }
  };
}

async function tryDirection(
  { untranslatable }: ServeConfig,
  tester: EngineTester,
  direction: Direction,
  signal: AbortSignal,
): Promise<readonly CheckItem[]> {
  const subject = `${direction.from} to ${direction.to}`;
  try {
    const { trials, leftOut } = await tester.tryDirection(direction, signal);
    return [
      ok(subject, trials.map(formatTrial).join(', ')),
      ...leftOut.map(({ component, engine, reason }) =>
        warning(subject, `${component} ${engine} is left out: ${reason}`),
      ),
    ];
  } catch (error) {
    if (isAbort(error)) {
      throw error;
    }
    return [
      untranslatable === 'refuse'
        ? fails(subject, messageOf(error))
        : warning(subject, `${messageOf(error)}; the speaker's own voice would be heard`),
    ];
  }
}

function formatTrial({ part, engine, tookMs }: EngineTrial): string {
  return `${part} ${engine} ${Math.round(tookMs)} ms`;
}
