/** What the routes of voice profiles share: what they ask of the store, and how they refuse. */

import { z } from 'zod';
import { codeOf, messageOf } from '../../../base/errors.ts';
import type { VoiceProfile } from '../../../voices/profile.ts';
import { Refused } from '../problem.ts';
import type { ApiVoices } from './api-voices.ts';
import { SPEAKER } from './voice-schemas.ts';

export const SPEAKER_PARAMS = z.object({ speaker: SPEAKER });

/** What profiles are kept in and made by. @throws Refused where none are kept. */
export function kept({ kept: profiles }: ApiVoices): NonNullable<ApiVoices['kept']> {
  if (profiles === undefined) {
    throw new Refused(
      503,
      'no-profiles',
      'no voice profiles are kept here: start the server with --voices-db /var/lib/dragoman/voices.db',
    );
  }
  return profiles;
}

/** What a store answers. @throws Refused when it does not. */
export async function stored<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'profile-unreadable') {
      throw new Refused(500, 'profile-unreadable', `${messageOf(error)}; delete it in the database`);
    }
    throw codeOf(error) === 'store-failed'
      ? new Refused(
          503,
          'store-failed',
          `the profiles are out of reach, ask again later: ${messageOf(error)}`,
        )
      : error;
  }
}

/** The profile of a speaker as the store has it. @throws Refused where there is none. */
export async function foundVoice(voices: ApiVoices, speaker: string): Promise<VoiceProfile> {
  const { profiles } = kept(voices);
  const profile = await stored(profiles.library.find(speaker, forever()));
  if (profile === undefined) {
    throw absent();
  }
  return profile;
}

export function absent(): Refused {
  return new Refused(
    404,
    'no-such-voice',
    'there is no voice profile of this speaker; GET /voices lists them',
  );
}

/** Every wait here has a limit of its own; who asked is answered even when they do not listen any more. */
export function forever(): AbortSignal {
  return new AbortController().signal;
}
