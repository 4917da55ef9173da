/** What the API knows of voices: what speaks for whom, and where profiles are kept, if they are. */

import type { Enrolments } from '../../../voices/enrolment/enrolments.ts';
import { NAMED_VOICES, type SpeakerVoices } from '../../../voices/speaker-voices.ts';
import type { VoiceProfiles } from '../../../voices/voice-profiles.ts';

export interface ApiVoices {
  readonly speakers: SpeakerVoices;
  /** Undefined where no profiles are kept. */
  readonly kept?: { readonly profiles: VoiceProfiles; readonly enrolments: Enrolments };
}

/** Where no profiles are kept. */
export const NO_VOICES: ApiVoices = { speakers: NAMED_VOICES };
