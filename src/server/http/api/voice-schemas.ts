/** Voice profiles as the API shows and takes them. Vectors are in none of it: they identify people. */

import { z } from 'zod';
import type { EnrolmentView } from '../../../voices/enrolment/enrolments.ts';
import {
  CONSENT,
  KEPT_RENDERING,
  MEASURED_STYLE,
  SPEAKER_ID,
  VOICE_DEFAULTS,
  type VoiceProfile,
} from '../../../voices/profile.ts';
import { whyNotUsed } from '../../../voices/spoken-profile.ts';
import { WRITTEN_LANGUAGE } from './written-language.ts';

export const SPEAKER = z.string().regex(SPEAKER_ID).meta({
  description: 'who it is: a letter, then letters, digits, ".", "_" and "-"; never a telephone number',
});

const WISHED_CONSENT = CONSENT.extend({ at: CONSENT.shape.at.exactOptional() }).meta({ id: 'WishedConsent' });
const WISHED_RENDERING = KEPT_RENDERING.pick({ engine: true, ref: true, model: true })
  .extend({ language: WRITTEN_LANGUAGE.exactOptional() })
  .meta({ id: 'WishedVoiceRendering', description: 'a voice that an engine has already' });
const NAME = z.string().min(1).max(300).meta({ description: 'for people' });

export const WISHED_VOICE = z
  .strictObject({
    speaker: SPEAKER,
    name: NAME.exactOptional(),
    consent: WISHED_CONSENT.exactOptional(),
    defaults: VOICE_DEFAULTS.exactOptional(),
    renderings: z.array(WISHED_RENDERING).max(32).exactOptional(),
  })
  .meta({ id: 'WishedVoice' });

export const VOICE_CHANGE = z
  .strictObject({
    name: NAME.nullable().exactOptional(),
    consent: WISHED_CONSENT.nullable().exactOptional(),
    defaults: VOICE_DEFAULTS.exactOptional(),
    renderings: z.array(WISHED_RENDERING).max(32).exactOptional().meta({
      description: 'in place of those that were written before; what was made here stays',
    }),
  })
  .meta({ id: 'VoiceChange', description: 'what is left out stays as it is; null takes it away' });

export const SHOWN_VOICE = z
  .object({
    speaker: z.string(),
    name: z.string().exactOptional(),
    version: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
    consent: CONSENT.exactOptional(),
    identity: z
      .object({ model: z.string(), numbers: z.int(), band: z.string(), soundMs: z.number() })
      .exactOptional(),
    style: MEASURED_STYLE,
    defaults: VOICE_DEFAULTS,
    reference: z
      .object({ soundMs: z.number(), language: z.string(), sha256: z.string(), kept: z.boolean() })
      .exactOptional(),
    renderings: z.array(KEPT_RENDERING.omit({ file: true })),
    leaving: z.boolean().meta({ description: 'it was deleted, and a provider has not confirmed it' }),
    unused: z.string().exactOptional().meta({ description: 'why nobody is spoken for with it' }),
  })
  .meta({ id: 'Voice' });

export type ShownVoice = z.infer<typeof SHOWN_VOICE>;

export const VOICE_LIST = z
  .object({
    voices: z.array(SHOWN_VOICE),
    unreadable: z
      .array(z.string())
      .meta({ description: 'profiles that the store holds and nobody can read' }),
    next: z.string().exactOptional().meta({ description: 'there are more: ask again with this as `after`' }),
  })
  .meta({ id: 'VoiceList' });

export const ENROLMENT = z
  .object({
    id: z.string(),
    speaker: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    steps: z.array(
      z.object({
        step: z.string().meta({ description: 'study, identity, the name of an engine, keep' }),
        state: z.enum(['waiting', 'running', 'done', 'failed', 'left-out']),
        detail: z.string().exactOptional(),
      }),
    ),
    tookMs: z.number(),
    problem: z.string().exactOptional().meta({ description: 'why it failed, and what to do about it' }),
  })
  .meta({ id: 'Enrolment' });

export function shownVoice(profile: VoiceProfile, now: Date): ShownVoice {
  const { identity, reference, renderings, style, defaults, name, consent } = profile;
  const { speaker, version, createdAt, updatedAt, leaving } = profile;
  const unused = whyNotUsed(profile, now);
  return {
    ...{ speaker, version, createdAt, updatedAt, leaving, style, defaults },
    ...(name === undefined ? {} : { name }),
    ...(consent === undefined ? {} : { consent }),
    ...(identity === undefined
      ? {}
      : {
          identity: {
            ...{ model: identity.model, band: identity.band, soundMs: identity.soundMs },
            numbers: identity.vector.length,
          },
        }),
    ...(reference === undefined
      ? {}
      : {
          reference: {
            ...{ soundMs: reference.soundMs, language: reference.language, sha256: reference.sha256 },
            kept: reference.file !== undefined,
          },
        }),
    renderings: renderings.map(({ file: _, ...rendering }) => rendering),
    ...(unused === undefined ? {} : { unused }),
  };
}

export function shownEnrolment({ steps, ...view }: EnrolmentView): z.infer<typeof ENROLMENT> {
  return { ...view, steps: steps.map((step) => ({ ...step })) };
}
