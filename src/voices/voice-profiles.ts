/**
 * Making, changing and deleting profiles. A profile is deleted at its providers first: what one of them still has is
 * kept in mind, and the voice is used by nobody from the moment at which it is to go.
 */

import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { AppError, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { VoiceCloner } from '../engines/tts/voice-cloner.ts';
import type { KeptRendering, ProfileFile, VoiceProfile } from './profile.ts';
import type { VoiceLibrary } from './voice-library.ts';

/** How often a change is tried that others make, too. */
const TRIES = 5;
/** How long a provider may take to delete a voice and to say that it has none, in ms. */
const DELETE_LIMIT_MS = 30_000;

/** What may be written of a profile; what is left out stays as it is, `undefined` takes it away. */
export type ProfileChange = {
  readonly [Field in 'name' | 'consent' | 'defaults' | 'renderings']?: VoiceProfile[Field] | undefined;
};

export type Changed =
  | { readonly type: 'changed'; readonly profile: VoiceProfile }
  | { readonly type: 'absent' }
  | { readonly type: 'other-version'; readonly version: number };

export type Deleted =
  | { readonly type: 'deleted' }
  | { readonly type: 'absent' }
  | { readonly type: 'other-version'; readonly version: number }
  /** Providers that did not confirm it, and why: it is to be asked again. */
  | { readonly type: 'left'; readonly engines: readonly { readonly engine: string; readonly why: string }[] };

export interface VoiceProfilesDeps {
  readonly library: VoiceLibrary;
  /** What makes voices here, by the engines that are set up. */
  readonly cloners: () => readonly VoiceCloner[];
  readonly clock: Clock;
  readonly log: Log;
}

export class VoiceProfiles {
  readonly #deps: VoiceProfilesDeps;

  constructor(deps: VoiceProfilesDeps) {
    this.#deps = deps;
  }

  get library(): VoiceLibrary {
    return this.#deps.library;
  }

  /** @returns undefined where there is one of this speaker already. */
  async create(
    speaker: string,
    about: ProfileChange,
    signal: AbortSignal,
  ): Promise<VoiceProfile | undefined> {
    const now = this.#now();
    const profile: VoiceProfile = {
      ...{ speaker, version: 1, createdAt: now, updatedAt: now, style: {} },
      ...{ defaults: about.defaults ?? {}, renderings: about.renderings ?? [], leaving: false },
      ...(about.name === undefined ? {} : { name: about.name }),
      ...(about.consent === undefined ? {} : { consent: about.consent }),
    };
    return (await this.#deps.library.write(profile, undefined, [], signal)) ? profile : undefined;
  }

  /**
   * Changes a profile.
   * @param before the version that is meant; undefined: whichever there is.
   */
  change(
    speaker: string,
    before: number | undefined,
    change: ProfileChange,
    signal: AbortSignal,
  ): Promise<Changed> {
    return this.rewrite(speaker, before, (profile) => ({ ...profile, ...change }), [], signal);
  }

  /**
   * Writes what `make` makes of the profile as it is; again when somebody else was faster, unless a version is meant.
   * @param files new ones that it names.
   */
  async rewrite(
    speaker: string,
    before: number | undefined,
    make: (profile: VoiceProfile) => {
      readonly [Field in keyof VoiceProfile]?: VoiceProfile[Field] | undefined;
    },
    files: readonly ProfileFile[],
    signal: AbortSignal,
  ): Promise<Changed> {
    const { library } = this.#deps;
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const profile = await library.find(speaker, signal);
      if (profile === undefined) {
        return { type: 'absent' };
      }
      const { version } = profile;
      if (before !== undefined && version !== before) {
        return { type: 'other-version', version };
      }
      const next = nextOf(profile, make(profile), this.#now());
      if (await library.write(next, version, files, signal)) {
        return { type: 'changed', profile: next };
      }
    }
    throw new AppError('store-failed', 'others change this voice profile all the time: try again');
  }

  /**
   * Deletes a profile, at its providers too. @param before the version that is meant; undefined: whichever there is.
   * @param forget it is removed here even where a provider does not confirm: its account may be gone.
   */
  async delete(
    speaker: string,
    before: number | undefined,
    forget: boolean,
    signal: AbortSignal,
  ): Promise<Deleted> {
    const marked = await this.rewrite(speaker, before, () => ({ leaving: true }), [], signal);
    if (marked.type !== 'changed') {
      return marked;
    }
    const made = marked.profile.renderings.filter((each) => each.made);
    const outcomes = await Promise.all(made.map((each) => this.deleteRendering(each, signal)));
    const engines = made.flatMap(({ engine }, index) => {
      const why = outcomes[index];
      return why === undefined ? [] : [{ engine, why }];
    });
    if (engines.length > 0 && !forget) {
      const gone = made.filter((_, index) => outcomes[index] === undefined);
      // Somebody may have noted another meanwhile, that is still to be deleted, too.
      const left = ({ renderings }: VoiceProfile): readonly KeptRendering[] =>
        renderings.filter((each) => each.made && !gone.some((one) => isSameVoice(one, each)));
      await this.rewrite(speaker, undefined, (profile) => ({ renderings: left(profile) }), [], signal);
      return { type: 'left', engines };
    }
    return this.#remove(marked.profile, signal);
  }

  /**
   * Deletes a voice at its provider, and asks it whether it is gone. @param limitMs for both; default 30,000.
   * @returns why it may not be; undefined: it is.
   */
  async deleteRendering(
    { engine, ref }: KeptRendering,
    signal: AbortSignal,
    limitMs = DELETE_LIMIT_MS,
  ): Promise<string | undefined> {
    const { cloners, clock, log } = this.#deps;
    const cloner = cloners().find(({ name }) => name === engine);
    if (cloner === undefined) {
      return `${engine} is not set up here: set it up again`;
    }
    try {
      const late = `${engine} did not delete a voice within ${limitMs} ms`;
      return await withDeadline(clock, limitMs, late, signal, async (limit) => {
        await cloner.delete(ref, limit);
        return (await cloner.has(ref, limit)) === true ? `${engine} says that it still has it` : undefined;
      });
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ engine, error }, 'a provider did not delete a voice');
      return messageOf(error);
    }
  }

  async #remove({ speaker, version }: VoiceProfile, signal: AbortSignal): Promise<Deleted> {
    const removed = await this.#deps.library.remove(speaker, version, signal);
    // Somebody changed it meanwhile; who deletes it again finds it as it is then.
    return removed ? { type: 'deleted' } : { type: 'other-version', version: version + 1 };
  }

  #now(): string {
    return this.#deps.clock.wallTime().toISOString();
  }
}

/** Whether both are the same at the same provider. */
export function isSameVoice(one: KeptRendering, other: KeptRendering): boolean {
  return one.engine === other.engine && one.ref === other.ref;
}

function nextOf(
  profile: VoiceProfile,
  change: { readonly [Field in keyof VoiceProfile]?: VoiceProfile[Field] | undefined },
  updatedAt: string,
): VoiceProfile {
  const { speaker, createdAt, version } = profile;
  const { name, consent, identity, style, styleVector, defaults, reference, renderings, leaving } = {
    ...profile,
    ...change,
  };
  return {
    ...{ speaker, createdAt, version: version + 1, updatedAt },
    ...(name === undefined ? {} : { name }),
    ...(consent === undefined ? {} : { consent }),
    ...(identity === undefined ? {} : { identity }),
    ...(styleVector === undefined ? {} : { styleVector }),
    ...(reference === undefined ? {} : { reference }),
    ...{
      style: style ?? {},
      defaults: defaults ?? {},
      renderings: renderings ?? [],
      leaving: leaving ?? false,
    },
  };
}
