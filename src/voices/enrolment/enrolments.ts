/**
 * Making a voice of a recording, or of what somebody says in a call: the best stretch of it is found, what tells who it is
 * measured, and each engine that can makes its own voice of it. One at a time, beside the calls; several may listen
 * meanwhile. How far it is can be asked. Without consent nothing of a recording is so much as looked at.
 */

import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import type { KeptRendering, VoiceProfile } from '../profile.ts';
import { isSameVoice } from '../voice-profiles.ts';
import { type EnrolmentStep, type EnrolmentSteps, runStep, seconds } from './enrolment-steps.ts';
import {
  type RecordedWish,
  stepsOfMaking,
  VoiceMaking,
  type VoiceMakingDeps,
  whyNothingIsMade,
} from './voice-making.ts';

/** Calls that are listened to at once: 5 MB each at two minutes of speech. */
const MOST_LISTENING = 4;
/** The same, and those whose voice is made or waits to be: their recordings are kept until then. */
const MOST_AT_ONCE = 8;
/** Enrolments that are over and can be asked about. */
const MOST_KEPT = 50;
/** 64 bits. */
const ID_BYTES = 8;

export interface EnrolmentView {
  readonly id: string;
  readonly speaker: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly steps: readonly EnrolmentStep[];
  readonly tookMs: number;
  /** Why it failed, and what to do about it. */
  readonly problem?: string;
}

/** Sound that is still to come. */
export interface SoundToCome {
  /** How much there is by now, in ms. */
  readonly soundMs: number;
  /** How much is enough, in ms. */
  readonly wantedMs: number;
  /** A WAV file, once there is enough, or no more comes. Rejects with why there is none. */
  readonly wav: Promise<Uint8Array>;
  /** Nobody waits for it any more. */
  stop(): void;
}

export interface EnrolmentWish extends Omit<RecordedWish, 'wav'> {
  /** A WAV file of one person speaking. */
  readonly sound: Uint8Array | SoundToCome;
}

/** How long providers may take to delete a voice when the server ends, in ms. */
const END_DELETE_LIMIT_MS = 8_000;

interface Running {
  readonly id: string;
  readonly speaker: string;
  /** What it listens to, while it does. */
  listensTo: SoundToCome | undefined;
  readonly startMs: number;
  endMs: number | undefined;
  state: EnrolmentView['state'];
  problem: string | undefined;
  readonly steps: EnrolmentSteps;
}

export class Enrolments {
  readonly #deps: VoiceMakingDeps;
  readonly #voiceMaking: VoiceMaking;
  readonly #scope: Scope;
  /** By id, the oldest first. */
  readonly #known = new Map<string, Running>();
  /** Those that listen. */
  #listening = 0;
  /** Those that make a voice, or wait for another to be made. */
  #making = 0;
  /** The end of the last of those. */
  #lastMade: Promise<void> = Promise.resolve();

  constructor(deps: VoiceMakingDeps) {
    this.#deps = deps;
    this.#voiceMaking = new VoiceMaking(deps);
    this.#scope = new Scope((error) => deps.log.error({ error }, 'something of ours failed in an enrolment'));
  }

  /** Why nothing may be made of this speaker's sound; undefined: it may. */
  whyNot(profile: VoiceProfile): string | undefined {
    return whyNothingIsMade(profile, this.#deps.clock.wallTime());
  }

  /** Whether one can begin now: of a recording, while no other voice is made; of a call, while few listen or wait. */
  canStart(of: 'recording' | 'call'): boolean {
    return of === 'call'
      ? this.#listening < MOST_LISTENING && this.#listening + this.#making < MOST_AT_ONCE
      : this.#making === 0;
  }

  /** Begins. Ask {@link whyNot} and {@link canStart} first. */
  start(profile: VoiceProfile, { sound, ...wish }: EnrolmentWish): EnrolmentView {
    const listensTo = sound instanceof Uint8Array ? undefined : sound;
    const steps = [...(listensTo === undefined ? [] : ['listen']), ...stepsOfMaking(this.#deps.cloners())];
    const running: Running = {
      id: randomBytes(ID_BYTES).toString('hex'),
      speaker: profile.speaker,
      listensTo,
      startMs: this.#deps.clock.nowMs(),
      ...{ endMs: undefined, state: 'running', problem: undefined },
      steps: new Map(steps.map((step) => [step, { step, state: 'waiting' }])),
    };
    this.#known.set(running.id, running);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KEPT && oldest !== undefined) {
      this.#known.delete(oldest);
    }
    this.#scope.run((signal) =>
      sound instanceof Uint8Array
        ? this.#enrol(running, profile, { ...wish, wav: sound }, signal)
        : this.#enrolFromCall(running, wish, sound, signal),
    );
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

  /** Begins to make it in its turn, once enough was heard: that the person agreed may be over by then. */
  async #enrolFromCall(
    running: Running,
    wish: Omit<EnrolmentWish, 'sound'>,
    sound: SoundToCome,
    signal: AbortSignal,
  ): Promise<void> {
    const { profiles, clock, log } = this.#deps;
    const stop = (): void => sound.stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#listening += 1;
    let heard: Uint8Array;
    let profile: VoiceProfile | undefined;
    try {
      heard = await runStep(running.steps, 'listen', async () => {
        const wav = await sound.wav;
        return [wav, `${seconds(sound.soundMs)} s of speech`];
      });
      signal.throwIfAborted();
      profile = await profiles.library.find(running.speaker, signal);
      const refusal = profile === undefined ? 'the profile was deleted' : this.whyNot(profile);
      if (profile === undefined || refusal !== undefined) {
        throw new AppError('store-failed', `meanwhile ${refusal}`);
      }
    } catch (error) {
      this.#failed(running, error, signal);
      running.endMs = clock.nowMs();
      log.info({ enrolment: running.id, state: running.state }, 'an enrolment is over');
      return;
    } finally {
      this.#listening -= 1;
      running.listensTo = undefined;
      signal.removeEventListener('abort', stop);
    }
    await this.#enrol(running, profile, { ...wish, wav: heard }, signal);
  }

  /** Makes the voice when those before are made. */
  async #enrol(
    running: Running,
    profile: VoiceProfile,
    wish: RecordedWish,
    signal: AbortSignal,
  ): Promise<void> {
    const { log, clock } = this.#deps;
    const before = this.#lastMade;
    this.#making += 1;
    const made: KeptRendering[] = [];
    const making = (async (): Promise<void> => {
      await before;
      try {
        await this.#voiceMaking.make(running, profile, wish, made, signal);
        running.state = 'done';
      } catch (error) {
        this.#failed(running, error, signal, await this.#takenAway(running.speaker, made, signal.aborted));
      } finally {
        running.endMs = clock.nowMs();
        this.#making -= 1;
      }
      log.info({ enrolment: running.id, state: running.state }, 'an enrolment is over');
    })();
    this.#lastMade = making.catch(() => {});
    await making;
  }

  /**
   * What nobody will speak with is left at no provider. One that has it still is asked again with the profile. A write that
   * failed may have been done: what the profile names is nobody's to take away.
   * @param atEnd providers are given little time to delete it, since the server ends.
   * @returns what has become of it, and what is to be done by hand, where the profile does not tell.
   */
  async #takenAway(speaker: string, made: readonly KeptRendering[], atEnd: boolean): Promise<string> {
    if (made.length === 0) {
      return '';
    }
    const { profiles } = this.#deps;
    const signal = this.#ending();
    let profile: VoiceProfile | undefined;
    try {
      profile = await profiles.library.find(speaker, signal);
    } catch (error) {
      return (
        `; whether the profile has it cannot be read (${messageOf(error)}), so nothing was taken away: what the profile ` +
        `does not name is to be deleted there by hand: ${named(made)}`
      );
    }
    const unused = made.filter((each) => !profile?.renderings.some((one) => isSameVoice(one, each)));
    const kept = await Promise.all(
      unused.map((rendering) =>
        profiles.deleteRendering(rendering, signal, atEnd ? END_DELETE_LIMIT_MS : undefined),
      ),
    );
    const left = unused
      .filter((_, index) => kept[index] !== undefined)
      .map(({ file: _, ...rendering }): KeptRendering => ({ ...rendering, state: 'stale' }));
    const spared =
      unused.length < made.length ? '; the profile has the voice that was made all the same' : '';
    if (left.length === 0) {
      return spared;
    }
    const remember = ({ renderings }: VoiceProfile) => ({ renderings: [...renderings, ...left] });
    const remembered = await profiles
      .rewrite(speaker, undefined, remember, [], signal)
      .catch(() => undefined);
    return remembered?.type === 'changed'
      ? spared
      : `${spared}; a voice that was made of it is to be deleted there by hand: ${named(left)}`;
  }

  /** @param more that is told with why. */
  #failed(running: Running, error: unknown, signal: AbortSignal, more = ''): void {
    running.state = 'failed';
    running.problem = `${signal.aborted ? 'the server ended' : messageOf(error)}${more}`;
    this.#deps.log.warn(
      { enrolment: running.id, error, problem: running.problem },
      'a voice could not be made of a recording',
    );
  }

  /** For what is cleaned up when everything ends. */
  #ending(): AbortSignal {
    return new AbortController().signal;
  }

  #viewOf({ id, speaker, state, steps, listensTo, startMs, endMs, problem }: Running): EnrolmentView {
    const shown = [...steps.values()].map((step): EnrolmentStep => {
      const listens = listensTo !== undefined && step.step === 'listen' && step.state === 'running';
      return listens
        ? { ...step, detail: `${seconds(listensTo.soundMs)} of ${seconds(listensTo.wantedMs)} s of speech` }
        : step;
    });
    return {
      ...{ id, speaker, state, steps: shown },
      tookMs: Math.round((endMs ?? this.#deps.clock.nowMs()) - startMs),
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

function named(voices: readonly KeptRendering[]): string {
  return voices.map(({ engine, ref }) => `${engine} ${ref}`).join(', ');
}
