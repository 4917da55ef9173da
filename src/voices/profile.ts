/**
 * A voice profile: who a person is to an engine that speaks for them. The vector tells a person and renders nothing by
 * itself; what is heard is one rendering per engine, and the reference recording that others can be made of. What a
 * reader would get wrong: a profile that may not be used, because consent is missing or has ended, is stored all the
 * same, until somebody deletes it, at its providers too.
 */

import { z } from 'zod';
import { AppError, messageOf } from '../base/errors.ts';

/** Ids stand in addresses, settings and logs; they begin with a letter, so that no telephone number is one. */
export const SPEAKER_ID = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
/** Far more than any model makes. */
const MOST_NUMBERS = 4_096;
const MOST_TEXT = 300;
/** Of one speaker: an engine may have one for each of its models and languages. */
const MOST_RENDERINGS = 64;

const TEXT = z.string().min(1).max(MOST_TEXT);
const TIME = z.iso.datetime();
const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Of what is kept beside a profile. */
const FILE_NAME = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/);

/** What the speaker agreed to, and how that is known. Without it nothing is made of anybody's sound. */
export const CONSENT = z
  .strictObject({
    by: TEXT.meta({ description: 'who agreed: the speaker, or who may speak for them' }),
    how: TEXT.meta({ description: 'how that is known: a form and its number, a recorded sentence' }),
    at: TIME.meta({ description: 'when' }),
    until: TIME.exactOptional().meta({ description: 'when it ends: the voice is not used after that' }),
    textId: TEXT.exactOptional().meta({ description: 'which wording they agreed to' }),
    recordingSha256: SHA256.exactOptional().meta({
      description: 'of the recording of their consent, wherever that is kept',
    }),
  })
  .meta({ id: 'VoiceConsent' });

/** How a person speaks, measured; what was not measured is left out. */
export const MEASURED_STYLE = z
  .strictObject({
    f0MedianHz: z.number().min(40).max(600).exactOptional().meta({ description: 'the usual pitch' }),
    f0RangeSemitones: z.number().min(0).max(48).exactOptional().meta({ description: 'from p10 to p90' }),
    syllablesPerSecond: z.number().min(0).max(20).exactOptional().meta({ description: 'while speaking' }),
    levelDbfs: z.number().min(-120).max(0).exactOptional().meta({ description: 'of what is speech' }),
    tiltDb: z
      .number()
      .min(-60)
      .max(60)
      .exactOptional()
      .meta({ description: 'level above 1 kHz, less that below' }),
  })
  .meta({ id: 'VoiceStyle' });

/** How a voice is spoken with unless something else is wished. */
export const VOICE_DEFAULTS = z
  .strictObject({
    speed: z.number().min(0.5).max(2).exactOptional().meta({ description: '1 is as the engine speaks' }),
    pitchSemitones: z.number().min(-12).max(12).exactOptional(),
    emotion: z.string().min(1).max(40).exactOptional().meta({ description: "a word of the engine's" }),
  })
  .meta({ id: 'VoiceDefaults' });

/** What an engine speaks with for a speaker. */
export const KEPT_RENDERING = z
  .strictObject({
    engine: z
      .string()
      .min(1)
      .max(40)
      .meta({ examples: ['elevenlabs'] }),
    ref: z.string().min(1).max(1_000).meta({ description: 'what the engine calls it: an id or a path' }),
    model: z.string().min(1).max(200).exactOptional(),
    language: z.string().min(2).max(40).exactOptional().meta({
      description:
        'the one language it is for, whatever the region where nothing is nearer; left out: all of them',
    }),
    state: z
      .enum(['ready', 'unverified', 'stale'])
      .default('ready')
      .meta({
        description:
          'unverified: the provider wants more of the person, and does not speak with it yet; stale: another has taken ' +
          'its place, and the provider still has it',
      }),
    made: z
      .boolean()
      .default(false)
      .meta({ description: 'made here: it is deleted at the provider with the profile' }),
    madeAt: TIME.exactOptional(),
    file: FILE_NAME.exactOptional().meta({
      description: 'what the provider does not keep, and is kept here',
    }),
  })
  .meta({ id: 'VoiceRendering' });

const IDENTITY_FACTS = z.strictObject({
  model: z.string().min(1).max(200),
  band: z.enum(['8k', '16k']),
  soundMs: z.number().min(0),
});

const REFERENCE = z.strictObject({
  sha256: SHA256,
  soundMs: z.number().min(0),
  language: z.string().min(2).max(40).meta({ description: 'what is spoken in it' }),
  transcript: z.string().min(1).max(4_000).exactOptional(),
  file: FILE_NAME.exactOptional(),
});

/** What is stored as text; the vectors lie beside it, as numbers. */
const FACTS = z.strictObject({
  speaker: z.string().regex(SPEAKER_ID),
  name: TEXT.exactOptional(),
  version: z.int().min(1),
  createdAt: TIME,
  updatedAt: TIME,
  consent: CONSENT.exactOptional(),
  identity: IDENTITY_FACTS.exactOptional(),
  style: MEASURED_STYLE,
  defaults: VOICE_DEFAULTS,
  reference: REFERENCE.exactOptional(),
  renderings: z.array(KEPT_RENDERING).max(MOST_RENDERINGS),
  leaving: z.boolean(),
});

export type Consent = z.infer<typeof CONSENT>;
export type MeasuredStyle = z.infer<typeof MEASURED_STYLE>;
export type VoiceDefaults = z.infer<typeof VOICE_DEFAULTS>;
export type KeptRendering = z.infer<typeof KEPT_RENDERING>;

/** What tells a person from others, by a model: numbers of two models mean nothing to each other. */
export interface Identity extends Readonly<z.infer<typeof IDENTITY_FACTS>> {
  /** As many numbers as the model makes, 256 by most. */
  readonly vector: Float32Array;
}

/** The recording that renderings are made of. Without a file only its sum is kept, and none can be made anew. */
export type Reference = Readonly<z.infer<typeof REFERENCE>>;

export interface VoiceProfile {
  /** Letters first, then letters, digits, dots, hyphens, underscores: {@link isSpeakerId}. */
  readonly speaker: string;
  /** For people. */
  readonly name?: string;
  /** One more with each change, from 1. */
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly consent?: Consent;
  readonly identity?: Identity;
  readonly style: MeasuredStyle;
  /** A style as an engine's model has it, of 64 numbers or any other length; ours measures, and makes none. */
  readonly styleVector?: Float32Array;
  readonly defaults: VoiceDefaults;
  readonly reference?: Reference;
  readonly renderings: readonly KeptRendering[];
  /** It is being deleted: nobody is spoken for with it, and a provider still has to confirm. */
  readonly leaving: boolean;
}

/** A profile as a store has it. */
export interface FoundProfile {
  readonly speaker: string;
  readonly version: number;
  /** JSON, without the vectors. */
  readonly facts: string;
  /** 32-bit floats, little-endian: a quarter of what they are as text. */
  readonly identity: Uint8Array | undefined;
  readonly style: Uint8Array | undefined;
}

/** A profile as a store is to keep it. */
export interface StoredProfile extends FoundProfile {
  /** The files that it needs; others that lay beside it go when it is written. */
  readonly files: readonly string[];
}

/** What is kept beside a profile and goes with it: a recording, or what a provider does not keep. */
export interface ProfileFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The names of the files that a profile needs. */
function filesOf({ reference, renderings }: VoiceProfile): readonly string[] {
  return [reference?.file, ...renderings.map(({ file }) => file)].filter((file) => file !== undefined);
}

export function isSpeakerId(text: string): boolean {
  return SPEAKER_ID.test(text);
}

/** Copies the vectors. */
export function storedOf(profile: VoiceProfile): StoredProfile {
  const { identity, styleVector, ...facts } = profile;
  const { vector, ...about } = identity ?? {};
  return {
    speaker: profile.speaker,
    version: profile.version,
    facts: JSON.stringify(identity === undefined ? facts : { ...facts, identity: about }),
    identity: bytesOf(vector),
    style: bytesOf(styleVector),
    files: filesOf(profile),
  };
}

/**
 * What a store kept, checked: somebody else may have written it. Copies the vectors.
 * @throws AppError `profile-unreadable` when it is no profile, or another one's.
 */
export function profileOf({ speaker, version, facts, identity, style }: FoundProfile): VoiceProfile {
  let read: z.infer<typeof FACTS>;
  try {
    read = FACTS.parse(JSON.parse(facts));
  } catch (error) {
    throw unreadable(error instanceof z.ZodError ? placesOf(error) : messageOf(error), error);
  }
  if (read.speaker !== speaker || read.version !== version) {
    throw unreadable('it calls itself otherwise than its row does');
  }
  const vector = vectorOf(identity);
  const styleVector = vectorOf(style);
  const { identity: about, ...rest } = read;
  if ((about === undefined) !== (vector === undefined)) {
    throw unreadable('its identity is there by half');
  }
  return {
    ...rest,
    ...(about === undefined || vector === undefined ? {} : { identity: { ...about, vector } }),
    ...(styleVector === undefined ? {} : { styleVector }),
  };
}

function placesOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError('profile-unreadable', `a voice profile cannot be read: ${why}`, cause);
}

function bytesOf(vector: Float32Array | undefined): Uint8Array | undefined {
  // Every machine Node runs on that has Asterisk is little-endian, so the numbers are the bytes.
  return vector === undefined ? undefined : new Uint8Array(Float32Array.from(vector).buffer);
}

function vectorOf(bytes: Uint8Array | undefined): Float32Array | undefined {
  if (bytes === undefined) {
    return undefined;
  }
  const { BYTES_PER_ELEMENT } = Float32Array;
  const count = bytes.length / BYTES_PER_ELEMENT;
  if (!Number.isInteger(count) || count === 0 || count > MOST_NUMBERS) {
    throw unreadable('a vector is of no length that a vector has');
  }
  const vector = new Float32Array(count);
  new Uint8Array(vector.buffer).set(bytes);
  if (!vector.every(Number.isFinite)) {
    throw unreadable('a vector holds what is no number');
  }
  return vector;
}
