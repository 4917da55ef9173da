/**
 * What interprets each direction of the configuration. `serve` refuses to start over a direction that nothing can
 * interpret, unless it was told to let such voices through. An engine that was to be used and cannot be is told as a
 * warning.
 */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import type { InterpreterBook } from '../call/call.ts';
import type { TtsEngine } from '../engines/tts/tts-engine.ts';
import { CascadeFactory } from '../interpret/cascade/cascade-factory.ts';
import { FusedFactory } from '../interpret/fused/fused-interpreter.ts';
import type { InterpreterFactory } from '../interpret/interpreter.ts';
import type { SpeakerBook } from './announcements.ts';
import type { Closers } from './closers.ts';
import { type Direction, directionsOf } from './config/directions.ts';
import type { ServeConfig } from './config/serve-config.ts';
import { EngineTrials, type WorkingEngines } from './engine-trials.ts';
import { type GlossaryBook, idleGlossaries, readGlossaries } from './glossaries.ts';

export interface OpenInterpreters {
  readonly interpreters: InterpreterBook;
  /** Languages of those who are interpreted, and of those who hear it. */
  readonly languages: ReadonlySet<Language>;
  /** For a language that is translated into, the engines that speak it and work; for another, all there are. */
  readonly speakers: SpeakerBook;
}

/**
 * Chooses, tries and warms the engines of every direction; adds to `closers` what ends them.
 * @throws AppError `language-unsupported` naming everything that is missing; `engine-unknown`, `bad-option` or
 * `file-unreadable` for what is configured wrongly.
 */
export async function openInterpreters(
  config: ServeConfig,
  log: Log,
  clock: Clock,
  closers: Closers,
  signal: AbortSignal,
): Promise<OpenInterpreters> {
  const directions = directionsOf(config);
  if (directions.length === 0) {
    return { interpreters: () => undefined, languages: new Set(), speakers: () => [] };
  }
  const glossaries = readGlossaries(config);
  for (const pair of idleGlossaries(config, directions)) {
    log.warn({ glossary: pair }, 'a glossary is for nothing that is interpreted here');
  }
  const trials = new EngineTrials(config, clock, log);
  closers.add(() => trials.close());
  const factories = new Map<string, InterpreterFactory>();
  const languages = new Set<Language>();
  const speakers = new Map<Language, readonly TtsEngine[]>();
  const unserved: string[] = [];
  for (const direction of directions) {
    const trial = await trials.try(direction, signal);
    if (trial.type === 'served') {
      for (const { component, engine, reason } of trial.leftOut) {
        log.warn({ ...direction, component, engine, reason }, 'an engine cannot be used and is left out');
      }
      const { engines } = trial;
      factories.set(keyOf(direction), factoryOf(engines, direction, config, glossaries, clock));
      languages.add(direction.from).add(direction.to);
      if (engines.tts !== undefined) {
        speakers.set(direction.to, engines.tts);
      }
      log.info({ ...direction, ...namesOf(engines, config) }, 'interpreting');
    } else {
      unserved.push(...trial.reasons);
      log.warn({ ...direction, reasons: trial.reasons }, 'nothing interprets this direction');
    }
  }
  if (unserved.length > 0 && config.untranslatable === 'refuse') {
    throw new AppError('language-unsupported', explain(unserved));
  }
  return {
    interpreters: (from, to) => factories.get(keyOf({ from, to })),
    languages,
    speakers: (language) => speakers.get(language) ?? trials.speakers,
  };
}

function factoryOf(
  engines: WorkingEngines,
  direction: Direction,
  { ttsVoices, policy, drafts, codeSwitching }: ServeConfig,
  glossaries: GlossaryBook,
  clock: Clock,
): InterpreterFactory {
  const voice = ttsVoices.get(direction.to);
  const spokenWith = voice === undefined ? {} : { voice };
  if (engines.type === 'fused') {
    const { translator, tts } = engines;
    return new FusedFactory(
      { translator, ...(tts === undefined ? {} : { tts: tts[0] }), ...spokenWith },
      clock,
    );
  }
  const [stt] = engines.stt;
  const [mt] = engines.mt;
  const [tts] = engines.tts;
  return new CascadeFactory({ stt, mt, tts, ...spokenWith }, clock, {
    policy,
    drafts,
    codeSwitching,
    glossary: glossaries(direction),
  });
}

/** The engines that are used, for the log. */
function namesOf(engines: WorkingEngines, { policy }: ServeConfig): Readonly<Record<string, string>> {
  if (engines.type === 'fused') {
    const { translator, tts } = engines;
    return { interpreter: translator.name, ...(tts === undefined ? {} : { tts: tts[0].name }) };
  }
  const { stt, mt, tts } = engines;
  return { stt: stt[0].name, mt: mt[0].name, tts: tts[0].name, policy };
}

function keyOf({ from, to }: Direction): string {
  return `${from} ${to}`;
}

function explain(reasons: readonly string[]): string {
  return [
    'not every direction can be interpreted:',
    ...reasons.map((reason) => `  ${reason}`),
    'mend that, or let these voices be heard as they are with --untranslatable passthrough, or translate only ' +
      'what the first party says with --mode unidirectional',
  ].join('\n');
}
