/**
 * One voice that is made of a recording, step by step: the best stretch of it is found, what tells who it is measured, each
 * engine that can makes its own voice of it, and the profile keeps all that. What is left at providers when it fails is
 * for whoever asked to take away.
 */

import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Log } from '../../base/log.ts';
import type { SpeakerEmbedder } from '../../engines/speaker/speaker-embedder.ts';
import type { VoiceCloner } from '../../engines/tts/voice-cloner.ts';
import type { Consent, Identity, KeptRendering, ProfileFile, Reference, VoiceProfile } from '../profile.ts';
import type { VoiceProfiles } from '../voice-profiles.ts';
import { type EnrolmentSteps, runStep, seconds } from './enrolment-steps.ts';
import type { Fit, Studied, Unfit } from './study.ts';

/** What is kept of a recording where no engine says what it wants, in ms. */
const USUAL_MS = 30_000;
/** More is kept of no recording, in ms. */
const LONGEST_MS = 120_000;
/** How long an engine may take to make a voice, in ms. */
const CLONE_LIMIT_MS = 120_000;
/** Two pieces of one person's speech on a telephone are more alike than this; of two people mostly less. */
const LEAST_LIKENESS = 0.35;
/** The step in place of those of engines where there are none. */
const NO_ENGINE = 'engines';

const UNFIT: Readonly<Record<Unfit, string>> = {
  'too-little-speech':
    'there are less than 6 s of speech in the recording: record 10 s to 5 minutes of one person speaking',
  'too-quiet':
    'the speech in the recording is too quiet (below -45 dBFS): record it closer to the microphone',
  'too-noisy': 'the recording is too noisy (speech less than 15 dB above it): record it in a quieter room',
  clipped: 'the recording is cut off at full scale: record it with less gain',
  'several-people': 'more than one person speaks in the recording: record one alone',
};

export interface RecordedWish {
  /** A WAV file of one person speaking. */
  readonly wav: Uint8Array;
  /** The person saying that they agree, as a WAV file, for engines that want it. It is kept nowhere here. */
  readonly consentRecording?: Uint8Array;
  /** What is spoken in it. */
  readonly language: Language;
  readonly transcript?: string;
  /**
   * Whether it is what the profile keeps: then engines that have a voice of it are left as they are, and only the others
   * make one.
   */
  readonly isKept?: boolean;
  /** Whether the stretch that voices are made of is kept, so that others can be made of it later. */
  readonly keepRecording: boolean;
}

export interface VoiceMakingDeps {
  readonly profiles: VoiceProfiles;
  readonly cloners: () => readonly VoiceCloner[];
  readonly embedder?: SpeakerEmbedder | undefined;
  /** Runs where it takes no time from calls. */
  readonly study: (wav: Uint8Array, wantedMs: readonly number[], signal: AbortSignal) => Promise<Studied>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What it is called, and where each step is shown. */
export interface MakingView {
  readonly id: string;
  readonly steps: EnrolmentSteps;
}

/** Why nothing may be made of a speaker's sound; undefined: it may. */
export function whyNothingIsMade({ consent, leaving }: VoiceProfile, now: Date): string | undefined {
  if (leaving) {
    return 'the profile is being deleted';
  }
  if (consent === undefined) {
    return (
      'there is no record of the speaker agreeing: a voice that is made of somebody, and the numbers that tell who ' +
      'it is, need their consent first; write who agreed and how that is known'
    );
  }
  return consentOver(consent, now)
    ? 'the consent of the speaker has ended: ask them again, and write the new one'
    : undefined;
}

/** The steps that there will be. */
export function stepsOfMaking(cloners: readonly VoiceCloner[]): readonly string[] {
  const engines = cloners.map(({ name }) => name);
  return ['study', 'identity', ...(engines.length === 0 ? [NO_ENGINE] : engines), 'keep'];
}

export class VoiceMaking {
  readonly #deps: VoiceMakingDeps;

  constructor(deps: VoiceMakingDeps) {
    this.#deps = deps;
  }

  /** @param made is given each voice as it is made. */
  async make(
    running: MakingView,
    profile: VoiceProfile,
    wish: RecordedWish,
    made: KeptRendering[],
    signal: AbortSignal,
  ): Promise<void> {
    const cloners = this.#deps.cloners();
    const wantedMs = wantedOf(cloners);
    const fit = await runStep(running.steps, 'study', async () => {
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
    if (cloners.length > 0 && !cloners.some(({ name }) => running.steps.get(name)?.state === 'done')) {
      throw new AppError('store-failed', 'no engine made a voice: see what each of them said');
    }
    await runStep(running.steps, 'keep', async () => {
      const version = await this.#keep(running, profile, wish, { fit, identity, made, files }, signal);
      return [version, `version ${version}`];
    });
  }

  async #identify(running: MakingView, fit: Fit, signal: AbortSignal): Promise<Identity | undefined> {
    const { embedder } = this.#deps;
    if (embedder === undefined) {
      running.steps.set('identity', {
        ...{ step: 'identity', state: 'left-out' },
        detail: 'no model that tells voices apart is set up: that one person speaks is told by pitch alone',
      });
      return undefined;
    }
    return runStep(running.steps, 'identity', async () => {
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
    running: MakingView,
    profile: VoiceProfile,
    { language, transcript, consentRecording, isKept = false }: RecordedWish,
    cloner: VoiceCloner,
    { soundMs, wav }: Fit['stretches'][number],
    { made, files }: { readonly made: KeptRendering[]; readonly files: ProfileFile[] },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#deps;
    const { name, limits } = cloner;
    const refusal = whyNotCloned(limits, soundMs, wav.length, consentRecording);
    if (refusal !== undefined) {
      running.steps.set(name, { step: name, state: 'left-out', detail: refusal });
      return;
    }
    const { by = '', how = '' } = profile.consent ?? {};
    const called = `dragoman-${profile.speaker}-${running.id}`;
    const work = runStep(running.steps, name, async () => {
      if (isKept && (await hasVoice(cloner, profile, signal))) {
        return [undefined, 'it has a voice of them already'];
      }
      const late = `${name} made no voice within ${seconds(CLONE_LIMIT_MS)} s`;
      const voice = await withDeadline(clock, CLONE_LIMIT_MS, late, signal, (limit) =>
        cloner.clone(
          {
            ...{ name: called, wav, language },
            consent: { by, how, ...(consentRecording === undefined ? {} : { recording: consentRecording }) },
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
    running: MakingView,
    before: VoiceProfile,
    wish: RecordedWish,
    { fit, identity, made, files }: Made,
    signal: AbortSignal,
  ): Promise<number> {
    const { profiles } = this.#deps;
    const { recorded, file } = recordedBy(running.id, fit, wish);
    const engines = made.map(({ engine }) => engine);
    const replaced: KeptRendering[] = [];
    const changed = await profiles.rewrite(
      before.speaker,
      undefined,
      (profile) => {
        const refusal = whyNothingIsMade(profile, this.#deps.clock.wallTime());
        if (refusal !== undefined) {
          throw new AppError('store-failed', `meanwhile ${refusal}`);
        }
        const old = profile.renderings.filter((each) => each.made && engines.includes(each.engine));
        const stale = old.map((each): KeptRendering => ({ ...each, state: 'stale' }));
        replaced.splice(0, replaced.length, ...stale);
        return {
          ...(identity === undefined ? {} : { identity }),
          ...consentWith(profile, wish.consentRecording),
          ...(recorded ?? {
            reference: wish.keepRecording ? profile.reference : withoutFile(profile.reference),
          }),
          renderings: [...profile.renderings.filter((each) => !old.includes(each)), ...stale, ...made],
        };
      },
      file === undefined ? files : [...files, file],
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

/** What a profile says of the recording that its voices are made of, and the file of it that is kept. */
function recordedBy(
  id: string,
  { stretches: [longest], style }: Fit,
  { language, transcript, keepRecording, isKept = false }: RecordedWish,
): { readonly recorded?: Pick<VoiceProfile, 'style' | 'reference'>; readonly file?: ProfileFile } {
  if (isKept) {
    return {};
  }
  const { wav, soundMs } = longest ?? { wav: new Uint8Array(0), soundMs: 0 };
  const name = `reference.${id}`;
  const reference: Reference = {
    ...{ sha256: sumOf(wav), soundMs, language },
    ...(transcript === undefined ? {} : { transcript }),
    ...(keepRecording ? { file: name } : {}),
  };
  return { recorded: { style, reference }, ...(keepRecording ? { file: { name, bytes: wav } } : {}) };
}

function withoutFile(reference: Reference | undefined): Reference | undefined {
  if (reference === undefined) {
    return undefined;
  }
  const { file: _, ...rest } = reference;
  return rest;
}

/** Whether an engine has a voice of the speaker that was made here; where it does not tell, it is taken to have it still. */
async function hasVoice(
  cloner: VoiceCloner,
  { renderings }: VoiceProfile,
  signal: AbortSignal,
): Promise<boolean> {
  const own = renderings.filter(
    ({ engine, made, state }) => made && engine === cloner.name && state !== 'stale',
  );
  const had = await Promise.all(own.map(({ ref }) => cloner.has(ref, signal)));
  return had.some((has) => has !== false);
}

/** What the profile says of consent, with the sum of the recording of it: the recording itself is kept nowhere here. */
function consentWith(
  { consent }: VoiceProfile,
  recording: Uint8Array | undefined,
): Pick<VoiceProfile, 'consent'> | Record<string, never> {
  return consent === undefined || recording === undefined
    ? {}
    : { consent: { ...consent, recordingSha256: sumOf(recording) } };
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function whyNotCloned(
  { leastMs, mostBytes, needsConsentRecording }: VoiceCloner['limits'],
  soundMs: number,
  bytes: number,
  consentRecording: Uint8Array | undefined,
): string | undefined {
  if (needsConsentRecording && consentRecording === undefined) {
    return 'it wants a recording of the speaker saying its sentence of consent: enrol with one (--consent-recording FILE)';
  }
  if (consentRecording !== undefined && needsConsentRecording && consentRecording.length > mostBytes) {
    return `the recording of the consent is larger than the ${Math.floor(mostBytes / 1_048_576)} MiB it takes`;
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
