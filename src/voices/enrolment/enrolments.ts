/**
 * Making a voice of a recording: the best stretch of it is found, what tells who it is measured, and each engine that
 * can makes its own voice of it. One at a time, beside the calls; how far it is can be asked. Without consent nothing of
 * a recording is so much as looked at.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import type { SpeakerEmbedder } from '../../engines/speaker/speaker-embedder.ts';
import type { VoiceCloner } from '../../engines/tts/voice-cloner.ts';
import type { Consent, Identity, KeptRendering, ProfileFile, VoiceProfile } from '../profile.ts';
import type { VoiceProfiles } from '../voice-profiles.ts';
import type { Fit, Studied, Unfit } from './study.ts';

/** What is kept of a recording where no engine says what it wants, in ms. */
const USUAL_MS = 30_000;
/** More is kept of no recording, in ms. */
const LONGEST_MS = 120_000;
/** How long an engine may take to make a voice, in ms. */
const CLONE_LIMIT_MS = 120_000;
/** Enrolments that are over and can be asked about. */
const MOST_KEPT = 50;
/** Two pieces of one person's speech on a telephone are more alike than this; of two people mostly less. */
const LEAST_LIKENESS = 0.35;
/** The step in place of those of engines where there are none. */
const NO_ENGINE = 'engines';
/** 64 bits. */
const ID_BYTES = 8;

const UNFIT: Readonly<Record<Unfit, string>> = {
  'too-little-speech':
    'there are less than 6 s of speech in the recording: record 10 s to 5 minutes of one person speaking',
  'too-quiet':
    'the speech in the recording is too quiet (below -45 dBFS): record it closer to the microphone',
  'too-noisy': 'the recording is too noisy (speech less than 15 dB above it): record it in a quieter room',
  clipped: 'the recording is cut off at full scale: record it with less gain',
  'several-people': 'more than one person speaks in the recording: record one alone',
};

export interface EnrolmentStep {
  /** `study`, `identity`, the name of an engine, `keep`. */
  readonly step: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'left-out';
  /** What came of it, for people. */
  readonly detail?: string;
}

export interface EnrolmentView {
  readonly id: string;
  readonly speaker: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly steps: readonly EnrolmentStep[];
  readonly tookMs: number;
  /** Why it failed, and what to do about it. */
  readonly problem?: string;
}

export interface EnrolmentWish {
  readonly wav: Uint8Array;
  /** What is spoken in it. */
  readonly language: Language;
  readonly transcript?: string;
  /** Whether the stretch that voices are made of is kept, so that others can be made of it later. */
  readonly keepRecording: boolean;
}

export interface EnrolmentsDeps {
  readonly profiles: VoiceProfiles;
  readonly cloners: () => readonly VoiceCloner[];
  readonly embedder?: SpeakerEmbedder | undefined;
  /** Runs where it takes no time from calls. */
  readonly study: (wav: Uint8Array, wantedMs: readonly number[], signal: AbortSignal) => Promise<Studied>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Running {
  readonly id: string;
  readonly speaker: string;
  readonly startMs: number;
  endMs: number | undefined;
  state: EnrolmentView['state'];
  problem: string | undefined;
  readonly steps: Map<string, EnrolmentStep>;
}

export class Enrolments {
  readonly #deps: EnrolmentsDeps;
  readonly #scope: Scope;
  /** By id, the oldest first. */
  readonly #known = new Map<string, Running>();
  #running: Running | undefined;

  constructor(deps: EnrolmentsDeps) {
    this.#deps = deps;
    this.#scope = new Scope((error) => deps.log.error({ error }, 'something of ours failed in an enrolment'));
  }

  /** Why nothing may be made of this speaker's sound; undefined: it may. */
  whyNot({ consent, leaving }: VoiceProfile): string | undefined {
    if (leaving) {
      return 'the profile is being deleted';
    }
    if (consent === undefined) {
      return (
        'there is no record of the speaker agreeing: a voice that is made of somebody, and the numbers that tell who ' +
        'it is, need their consent first; write who agreed and how that is known'
      );
    }
    return consentOver(consent, this.#deps.clock.wallTime())
      ? 'the consent of the speaker has ended: ask them again, and write the new one'
      : undefined;
  }

  /** Begins; undefined when another one runs. Ask {@link whyNot} first. */
  start(profile: VoiceProfile, wish: EnrolmentWish): EnrolmentView | undefined {
    if (this.#running !== undefined) {
      return undefined;
    }
    const engines = this.#deps.cloners().map(({ name }) => name);
    const steps = ['study', 'identity', ...(engines.length === 0 ? [NO_ENGINE] : engines), 'keep'];
    const running: Running = {
      id: randomBytes(ID_BYTES).toString('hex'),
      speaker: profile.speaker,
      startMs: this.#deps.clock.nowMs(),
      ...{ endMs: undefined, state: 'running', problem: undefined },
      steps: new Map(steps.map((step) => [step, { step, state: 'waiting' }])),
    };
    this.#running = running;
    this.#known.set(running.id, running);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KEPT && oldest !== undefined) {
      this.#known.delete(oldest);
    }
    this.#scope.run((signal) => this.#enrol(running, profile, wish, signal));
    return this.#viewOf(running);
  }

  of(speaker: string, id: string): EnrolmentView | undefined {
    const known = this.#known.get(id);
    return known?.speaker === speaker ? this.#viewOf(known) : undefined;
  }

  /** Gives up what runs. Idempotent. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  async #enrol(
    running: Running,
    profile: VoiceProfile,
    wish: EnrolmentWish,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, clock } = this.#deps;
    const made: KeptRendering[] = [];
    try {
      await this.#make(running, profile, wish, made, signal);
      running.state = 'done';
    } catch (error) {
      running.state = 'failed';
      running.problem = signal.aborted ? 'the server ended' : messageOf(error);
      log.warn({ enrolment: running.id, error }, 'a voice could not be made of a recording');
      // What nobody will speak with is left at no provider.
      await Promise.all(
        made.map((rendering) => this.#deps.profiles.deleteRendering(rendering, this.#ending())),
      );
    } finally {
      running.endMs = clock.nowMs();
      this.#running = undefined;
    }
    log.info({ enrolment: running.id, state: running.state }, 'an enrolment is over');
  }

  /** @param made is given each voice as it is made. */
  async #make(
    running: Running,
    profile: VoiceProfile,
    wish: EnrolmentWish,
    made: KeptRendering[],
    signal: AbortSignal,
  ): Promise<void> {
    const cloners = this.#deps.cloners();
    const wantedMs = wantedOf(cloners);
    const fit = await this.#step(running, 'study', async () => {
      const studied = await this.#deps.study(wish.wav, wantedMs, signal);
      if (studied.type === 'unfit') {
        throw new AppError('wav-unreadable', UNFIT[studied.why]);
      }
      const { speechMs, snrDb, levelDbfs } = studied;
      const detail = `${seconds(speechMs)} s of speech at ${Math.round(levelDbfs)} dBFS, ${Math.round(snrDb)} dB above noise`;
      return [studied, detail];
    });
    const identity = await this.#identify(running, fit, signal);
    const files: ProfileFile[] = [];
    if (cloners.length === 0) {
      const detail = 'none that is set up makes voices: the neutral voice speaks until one has made it';
      running.steps.set(NO_ENGINE, { step: NO_ENGINE, state: 'left-out', detail });
    }
    for (const cloner of cloners) {
      const stretch = fit.stretches[wantedMs.indexOf(lengthFor(cloner))];
      if (stretch !== undefined) {
        await this.#clone(running, profile, wish, cloner, stretch, { made, files }, signal);
      }
    }
    if (cloners.length > 0 && made.length === 0) {
      throw new AppError('store-failed', 'no engine made a voice: see what each of them said');
    }
    await this.#step(running, 'keep', async () => {
      const version = await this.#keep(running, profile, wish, { fit, identity, made, files }, signal);
      return [version, `version ${version}`];
    });
  }

  async #identify(running: Running, fit: Fit, signal: AbortSignal): Promise<Identity | undefined> {
    const { embedder } = this.#deps;
    if (embedder === undefined) {
      running.steps.set('identity', {
        ...{ step: 'identity', state: 'left-out' },
        detail: 'no model that tells voices apart is set up: that one person speaks is told by pitch alone',
      });
      return undefined;
    }
    return this.#step(running, 'identity', async () => {
      const pieces = [];
      for (const piece of fit.pieces) {
        pieces.push((await embedder.embed(piece, signal)).numbers);
      }
      const likeness = leastLikeness(pieces);
      if (likeness < LEAST_LIKENESS) {
        throw new AppError('wav-unreadable', UNFIT['several-people']);
      }
      const { model, numbers } = await embedder.embed(fit.identity, signal);
      const soundMs = Math.round(fit.identity.length / 16);
      const identity: Identity = { model, band: '8k', soundMs, vector: numbers };
      return [
        identity,
        `${numbers.length} numbers of ${model}; its parts are alike by ${likeness.toFixed(2)}`,
      ];
    });
  }

  /** One engine's voice; that it cannot keeps the others from nothing. */
  async #clone(
    running: Running,
    profile: VoiceProfile,
    { language, transcript }: EnrolmentWish,
    cloner: VoiceCloner,
    { soundMs, wav }: Fit['stretches'][number],
    { made, files }: { readonly made: KeptRendering[]; readonly files: ProfileFile[] },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#deps;
    const { name, limits } = cloner;
    const refusal = whyNotCloned(limits, soundMs, wav.length);
    if (refusal !== undefined) {
      running.steps.set(name, { step: name, state: 'left-out', detail: refusal });
      return;
    }
    const { by = '', how = '' } = profile.consent ?? {};
    const called = `dragoman-${profile.speaker}-${running.id}`;
    const work = this.#step(running, name, async () => {
      const late = `${name} made no voice within ${seconds(CLONE_LIMIT_MS)} s`;
      const voice = await withDeadline(clock, CLONE_LIMIT_MS, late, signal, (limit) =>
        cloner.clone(
          {
            ...{ name: called, wav, language, consent: { by, how } },
            ...(transcript === undefined ? {} : { transcript }),
          },
          limit,
        ),
      );
      const file = voice.kept === undefined ? undefined : `${name}.${running.id}`;
      if (file !== undefined && voice.kept !== undefined) {
        files.push({ name: file, bytes: voice.kept });
      }
      made.push({
        ...{ engine: name, ref: voice.ref, made: true, madeAt: clock.wallTime().toISOString() },
        state: voice.requiresVerification === true ? 'unverified' : 'ready',
        ...(voice.model === undefined ? {} : { model: voice.model }),
        ...(file === undefined ? {} : { file }),
      });
      return [undefined, `${seconds(soundMs)} s of it were enough`];
    });
    await work.catch((error: unknown) => {
      signal.throwIfAborted();
      this.#deps.log.warn({ engine: name, error }, 'an engine made no voice of a recording');
    });
  }

  async #keep(
    running: Running,
    before: VoiceProfile,
    { language, transcript, keepRecording }: EnrolmentWish,
    { fit, identity, made, files }: Made,
    signal: AbortSignal,
  ): Promise<number> {
    const { profiles } = this.#deps;
    const [longest] = fit.stretches;
    const wav = longest?.wav ?? new Uint8Array(0);
    const file = `reference.${running.id}`;
    const kept = keepRecording ? [...files, { name: file, bytes: wav }] : files;
    const engines = made.map(({ engine }) => engine);
    const replaced: KeptRendering[] = [];
    const changed = await profiles.rewrite(
      before.speaker,
      undefined,
      (profile) => {
        const refusal = this.whyNot(profile);
        if (refusal !== undefined) {
          throw new AppError('store-failed', `meanwhile ${refusal}`);
        }
        const old = profile.renderings.filter((each) => each.made && engines.includes(each.engine));
        const stale = old.map((each): KeptRendering => ({ ...each, state: 'stale' }));
        replaced.splice(0, replaced.length, ...stale);
        return {
          ...(identity === undefined ? {} : { identity }),
          style: fit.style,
          reference: {
            sha256: createHash('sha256').update(wav).digest('hex'),
            ...{ soundMs: longest?.soundMs ?? 0, language },
            ...(transcript === undefined ? {} : { transcript }),
            ...(keepRecording ? { file } : {}),
          },
          renderings: [...profile.renderings.filter((each) => !old.includes(each)), ...stale, ...made],
        };
      },
      kept,
      signal,
    );
    if (changed.type !== 'changed') {
      throw new AppError('store-failed', 'the profile was deleted meanwhile');
    }
    return this.#cleared(changed.profile, replaced, signal);
  }

  /** Deletes the voices before at their providers; one that still has it stays in mind. @returns the version then. */
  async #cleared(
    { speaker, version }: VoiceProfile,
    replaced: readonly KeptRendering[],
    signal: AbortSignal,
  ): Promise<number> {
    const { profiles } = this.#deps;
    const kept = await Promise.all(replaced.map((rendering) => profiles.deleteRendering(rendering, signal)));
    const gone = replaced.filter((_, index) => kept[index] === undefined).map(({ ref }) => ref);
    if (gone.length === 0) {
      return version;
    }
    const without = ({ renderings }: VoiceProfile) => ({
      renderings: renderings.filter(({ state, ref }) => state !== 'stale' || !gone.includes(ref)),
    });
    const changed = await profiles.rewrite(speaker, undefined, without, [], signal);
    return changed.type === 'changed' ? changed.profile.version : version;
  }

  async #step<Result>(
    running: Running,
    step: string,
    work: () => Promise<readonly [Result, string]>,
  ): Promise<Result> {
    running.steps.set(step, { step, state: 'running' });
    try {
      const [result, detail] = await work();
      running.steps.set(step, { step, state: 'done', detail });
      return result;
    } catch (error) {
      running.steps.set(step, { step, state: 'failed', detail: messageOf(error) });
      throw error;
    }
  }

  /** For what is cleaned up when everything ends. */
  #ending(): AbortSignal {
    return new AbortController().signal;
  }

  #viewOf({ id, speaker, state, steps, startMs, endMs, problem }: Running): EnrolmentView {
    return {
      ...{ id, speaker, state, steps: [...steps.values()] },
      tookMs: Math.round((endMs ?? this.#deps.clock.nowMs()) - startMs),
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

interface Made {
  readonly fit: Fit;
  readonly identity: Identity | undefined;
  readonly made: readonly KeptRendering[];
  readonly files: readonly ProfileFile[];
}

/** Lengths of stretches, each once, the longest first. */
function wantedOf(cloners: readonly VoiceCloner[]): readonly number[] {
  const wanted = cloners.length === 0 ? [USUAL_MS] : cloners.map(lengthFor);
  return [...new Set(wanted)].sort((one, other) => other - one);
}

function lengthFor({ limits }: VoiceCloner): number {
  return Math.min(limits.bestMs, LONGEST_MS);
}

function whyNotCloned(
  { leastMs, mostBytes, needsConsentRecording }: VoiceCloner['limits'],
  soundMs: number,
  bytes: number,
): string | undefined {
  if (needsConsentRecording) {
    return 'it wants a recording of the speaker saying that they agree: make the voice there, and write its id into the profile';
  }
  if (soundMs < leastMs) {
    return `it wants ${seconds(leastMs)} s of sound at least`;
  }
  return bytes > mostBytes ? 'the recording is larger than it takes: record it at 24 kHz, mono' : undefined;
}

function consentOver({ until }: Consent, now: Date): boolean {
  return until !== undefined && Date.parse(until) <= now.getTime();
}

/** The likeness of the two that are least alike. */
function leastLikeness(vectors: readonly Float32Array[]): number {
  const pairs = vectors.flatMap((one, index) => vectors.slice(index + 1).map((other) => cosine(one, other)));
  return Math.min(...pairs, 1);
}

function cosine(one: Float32Array, other: Float32Array): number {
  let product = 0;
  let oneSquare = 0;
  let otherSquare = 0;
  for (const [index, number] of one.entries()) {
    const beside = other[index] ?? 0;
    product += number * beside;
    oneSquare += number * number;
    otherSquare += beside * beside;
  }
  return product / Math.sqrt(oneSquare * otherSquare || 1);
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
