/**
 * What ElevenLabs is asked and how it refuses, as JSON on the wire.
 * https://elevenlabs.io/docs/api-reference/text-to-speech/stream
 * https://elevenlabs.io/docs/eleven-api/resources/errors
 */

import { AppError } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import { member, parseJson } from '../http-origin.ts';

/** The body of a request for speech. */
export interface ElevenlabsBody {
  readonly text: string;
  readonly model_id: string;
  readonly language_code?: string;
  readonly previous_text?: string;
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

const LANGUAGES_OF_MODEL: ReadonlyMap<string, readonly string[]> = new Map([
  ['eleven_flash_v2_5', THIRTY_TWO],
  ['eleven_turbo_v2_5', THIRTY_TWO],
  ['eleven_multilingual_v2', TWENTY_NINE],
  ['eleven_flash_v2', ['en']],
  ['eleven_turbo_v2', ['en']],
]);

/** Models that go by the text alone and refuse to be told its language. */
const TELLS_BY_TEXT = /^eleven_(multilingual|flash|turbo)_v2$/;

/** Codes that ElevenLabs writes in its own way. */
const OWN_CODES: ReadonlyMap<string, string> = new Map([
  ['tl', 'fil'],
  ['nb', 'no'],
  ['nn', 'no'],
]);

/** The provider's code of `language`: without its region. */
export function elevenlabsLanguage(language: Language): string {
  const base = baseLanguage(language);
  return OWN_CODES.get(base) ?? base;
}

/** Whether `model` speaks `language`; a model this table does not know is believed to. */
export function modelSpeaks(model: string, language: Language): boolean {
  return LANGUAGES_OF_MODEL.get(model)?.includes(elevenlabsLanguage(language)) ?? true;
}

/** Whether `model` takes `language_code`. */
export function modelTakesLanguage(model: string): boolean {
  return !TELLS_BY_TEXT.test(model);
}

/** The error for an answer of `status` with `body`. Only the provider's one-word reason is repeated. */
export function refusal(status: number, body: Uint8Array, voice: string): AppError {
  const reason = reasonOf(body);
  const shown = reason === undefined ? String(status) : `${status} ${reason}`;
  if (reason === 'quota_exceeded' || status === 402) {
    return refused(`the credits of the plan are used up (${shown}); add credits at elevenlabs.io`);
  }
  if (reason === 'voice_not_found' || reason === 'voice_does_not_exist' || status === 404) {
    return refused(
      `there is no voice "${voice}" for this key (${shown}); voices go by id, as elevenlabs.io shows it, with --voice`,
    );
  }
  if (status === 401) {
    return refused(
      `the key is refused (${shown}); set ELEVENLABS_API_KEY to one that may use text to speech`,
    );
  }
  if (status === 429 || status === 503) {
    return new AppError(
      'engine-overloaded',
      `elevenlabs: too much at once for the plan or the service (${shown}); a higher plan speaks more at once`,
    );
  }
  return status >= 500
    ? new AppError('engine-bad-answer', `elevenlabs: the service fails (${shown})`)
    : refused(`the request is refused (${shown}); check the model, the voice and the plan`);
}

/** The word that says why: newer answers have it as `code`, older ones as `status`. */
function reasonOf(body: Uint8Array): string | undefined {
  const detail = member(parseJson(body), 'detail');
  return [member(detail, 'code'), member(detail, 'status')].find(
    (word): word is string => typeof word === 'string' && /^[a-z][a-z0-9_]{2,50}$/.test(word),
  );
}

function refused(message: string): AppError {
  return new AppError('engine-refused', `elevenlabs: ${message}`);
}
