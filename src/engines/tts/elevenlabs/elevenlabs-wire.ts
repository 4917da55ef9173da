/**
 * What ElevenLabs is asked and how it refuses, as JSON on the wire.
 * https://elevenlabs.io/docs/api-reference/text-to-speech/stream
 * https://elevenlabs.io/docs/eleven-api/resources/errors
 */

import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { codeAmong, codesOf } from '../../languages.ts';

import { member } from '../../wire/json.ts';
import {
  type RefusalHints,
  type RefusalKind,
  type RefusedAnswer,
  type Refuser,
  reasonWord,
  refusal,
  refusalKind,
} from '../../wire/refusal.ts';
import { stretchesOf, type VoiceTraits } from '../spoken-voice.ts';
import type { Reads } from '../tts-engine.ts';

/** The body of a request for speech. */
export interface ElevenlabsBody {
  readonly text: string;
  readonly model_id: string;
  readonly language_code?: string;
  readonly previous_text?: string;
  /** In place of what is set for the voice. */
  readonly voice_settings?: { readonly speed: number };
}

/** Rates in Hz of raw PCM that every plan may ask for, ascending; 44,100 is for the Pro plan and up. */
const PCM_RATES: readonly number[] = [8_000, 16_000, 22_050, 24_000, 32_000, 48_000];

/** The lowest rate in Hz that loses nothing for a listener of `wantedRateHz`, else the highest there is. */
export function pcmRateFor(wantedRateHz: number): number {
  return PCM_RATES.find((rateHz) => rateHz >= wantedRateHz) ?? PCM_RATES.at(-1) ?? wantedRateHz;
}

/** What Multilingual v2 speaks. */
const TWENTY_NINE =
  'en ja zh de hi fr ko pt it es id nl tr fil pl sv bg ro ar cs el fi hr ms sk da ta uk ru'.split(' ');

/** What Flash and Turbo v2.5 speak. */
const THIRTY_TWO = [...TWENTY_NINE, 'hu', 'no', 'vi'];

/** What v3 speaks beyond that. */
const MORE_OF_V3 =
  'af hy as az be bn bs ca ceb ny et gl ka gu ha he is ga jv kn kk ky lv ln lt lb mk ml mr ne ps fa pa sr sd sl so sw te th ur cy'.split(
    ' ',
  );

/** All codes that a model knows. */
export const SPOKEN: ReadonlySet<string> = new Set([...THIRTY_TWO, ...MORE_OF_V3]);

/** What is known of a model. */
interface Model {
  readonly speaks: readonly string[];
  /** Whether it may be told the language; others go by the text alone and refuse to be told. */
  readonly takesLanguage: boolean;
  /** Whether it may be told what was said before; others refuse, and all but the first segment would be lost. */
  readonly takesPrevious: boolean;
  /** The fast ones save the time of putting digits, money and dates in words. */
  readonly reads: Reads;
  /** Which does not go over HTTP. Default HTTP. */
  readonly transport?: 'dialogue';
  readonly traits: VoiceTraits;
}

/** What the second generation takes. */
const SPEED: VoiceTraits = { speed: { least: 0.7, most: 1.2 } };
/** What the later ones do: they go by tags in the text, and of the settings by the stability alone. */
const TAGS: VoiceTraits = { emotion: true };
/** The third generation stresses what is in capitals, by its guide; of the others nothing is said. */
const TAGS_AND_CAPITALS: VoiceTraits = { ...TAGS, stress: true };

const FAST: Model = {
  speaks: THIRTY_TWO,
  takesLanguage: true,
  takesPrevious: true,
  reads: 'words',
  traits: SPEED,
};
const FAST_ENGLISH: Model = { ...FAST, speaks: ['en'], takesLanguage: false };
const V3: Model = {
  speaks: [...THIRTY_TWO, ...MORE_OF_V3],
  takesLanguage: true,
  takesPrevious: false,
  reads: 'everything',
  traits: TAGS_AND_CAPITALS,
};
/** It is said to speak over ninety languages; which they are beyond those of the third is not. */
const V4: Model = { ...V3, transport: 'dialogue', traits: TAGS };

const MODELS: ReadonlyMap<string, Model> = new Map([
  ['eleven_flash_v2_5', FAST],
  ['eleven_turbo_v2_5', FAST],
  [
    'eleven_multilingual_v2',
    { speaks: TWENTY_NINE, takesLanguage: false, takesPrevious: true, reads: 'everything', traits: SPEED },
  ],
  ['eleven_flash_v2', FAST_ENGLISH],
  ['eleven_turbo_v2', FAST_ENGLISH],
  ['eleven_v3', V3],
  ['eleven_v3_conversational', { ...V3, transport: 'dialogue' }],
  ['eleven_v4', V4],
  ['eleven_v4_turbo', { ...V4, reads: 'words' }],
]);

/**
 * All but the oldest are named `eleven_v3_alpha`, `eleven_v4_turbo`; what refused for one generation may for the
 * next.
 */
const LATER_GENERATION = /^eleven_v\d/;

/** Both standards of Norwegian are read aloud as one. */
const NYNORSK = 'nn';

/** The provider's code of `language`: without its region. */
export function elevenlabsLanguage(language: Language): string {
  const [code = language] = codesOf(language);
  return code === NYNORSK ? 'no' : (codeAmong(SPOKEN, language) ?? code);
}

/** Whether `model` speaks `language`; a model this table does not know is believed to. */
export function modelSpeaks(model: string, language: Language): boolean {
  return MODELS.get(model)?.speaks.includes(elevenlabsLanguage(language)) ?? true;
}

/** Whether `model` takes `language_code`. */
export function modelTakesLanguage(model: string): boolean {
  return MODELS.get(model)?.takesLanguage ?? true;
}

/** Whether `model` takes `previous_text`. */
export function modelTakesPrevious(model: string): boolean {
  return MODELS.get(model)?.takesPrevious ?? !LATER_GENERATION.test(model);
}

/** What `model` reads that is not words. */
export function modelReads(model: string): Reads {
  return MODELS.get(model)?.reads ?? (/flash|turbo/.test(model) ? 'words' : 'everything');
}

/** What `model` does of how a voice is to speak. */
export function modelTraits(model: string): VoiceTraits {
  return MODELS.get(model)?.traits ?? (LATER_GENERATION.test(model) ? TAGS : SPEED);
}

/** Whether `model` streams over the Text-to-Dialogue socket alone; those after the third generation do. */
export function modelGoesByDialogue(model: string): boolean {
  return (
    (MODELS.get(model)?.transport ?? (/^eleven_v[4-9]/.test(model) ? 'dialogue' : 'http')) === 'dialogue'
  );
}

/** `text` with the emotion as a tag before it; a word that is none is left out. */
export function taggedText(text: string, emotion: string | undefined): string {
  return emotion !== undefined && /^[a-z]{3,20}$/.test(emotion) ? `[${emotion}] ${text}` : text;
}

/** `text` with the part that is to be stressed in capitals; as it is where that is not in it exactly once. */
export function capitalisedText(text: string, stressed: string | undefined, language: Language): string {
  const stretches = stretchesOf(text, stressed);
  return stretches === undefined
    ? text
    : stretches.before + stretches.stressed.toLocaleUpperCase(language) + stretches.after;
}

/** Members of a refusal that hold its word: newer answers have it as `code`, older ones as `status`. */
export const REASON_NAMES: readonly string[] = ['code', 'status'];

/** Reasons that say that there is no such voice, with statuses that say less. */
const NO_VOICE: ReadonlySet<string> = new Set(['voice_not_found', 'voice_does_not_exist']);
/** Reasons that come with the status of a wrong key and are about the plan. */
const OF_PLAN: ReadonlySet<string> = new Set(['can_not_use_instant_voice_cloning']);

/** What a refusal means here. */
export function refusalKindOf(refused: RefusedAnswer): RefusalKind {
  const { reason = '' } = refused;
  return NO_VOICE.has(reason) ? 'missing' : OF_PLAN.has(reason) ? 'request' : refusalKind(refused);
}

/** The statuses that come over HTTP with words that come over the socket. */
const STATUS_BY_WORD: ReadonlyMap<string, number> = new Map([
  ['invalid_api_key', 401],
  ['needs_authorization', 401],
  ['missing_permissions', 401],
  ['quota_exceeded', 402],
  ['too_many_concurrent_requests', 429],
  ['concurrent_limit_exceeded', 429],
  ['rate_limit_exceeded', 429],
  ['system_busy', 429],
  ['voice_not_found', 404],
  ['internal_server_error', 500],
]);

/** What a message `{"message", "error", "code"}` refuses; undefined when it is none. Its message may hold the text. */
export function refusedMessage(message: unknown): RefusedAnswer | undefined {
  const word = member(message, 'error');
  if (word === undefined || word === null || word === false) {
    return undefined;
  }
  const reason = reasonWord(JSON.stringify({ word }), ['word']);
  return { status: STATUS_BY_WORD.get(reason ?? '') ?? 400, reason, inMessage: true };
}

/** The error for a refusal to speak with `voice`; one that is gone is no fault of the service. */
export function speechRefusal(refuser: Refuser, refused: RefusedAnswer, voice: string): AppError {
  const kind = refusalKindOf(refused);
  const error = refusal(refuser, refused, refusalHints(voice), kind);
  return kind === 'missing' ? new AppError('voice-refused', error.message, error) : error;
}

/** What the operator can do about a refusal to speak with `voice`. */
export function refusalHints(voice: string): RefusalHints {
  return {
    key: 'set ELEVENLABS_API_KEY to one that may use text to speech',
    credit: 'add credits at elevenlabs.io',
    missing: `there is no voice "${voice}" for this key: voices go by id, as elevenlabs.io shows it, with --voice`,
    request: 'check the model, the voice and the plan',
    busy: 'a higher plan speaks more at once',
  };
}
