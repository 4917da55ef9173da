/**
 * What XTTS knows of a voice: two arrays of some 34,000 numbers, computed once from a recording and sent with every
 * request, because the server keeps nothing. They are 0.5 to 1 MB of JSON, so they are written as JSON once per
 * voice and every request's body is these bytes and a short rest.
 */

import { AppError } from '../../../base/errors.ts';
import { member, parseJson } from '../../wire/json.ts';

/** Numbers of one row of `gpt_cond_latent`, which the server reshapes to (-1, 1024). */
const ROW = 1_024;

const CLOSING_BRACE = 0x7d;
const COMMA = 0x2c;

/** Everything of a request's body up to the text, opening brace and comma included. */
export type BodyStart = Buffer;

/**
 * The start of every body that speaks with the voice in `json`, an object with `speaker_embedding` and
 * `gpt_cond_latent`; its other members are left out. Takes about 10 ms, so once per voice.
 * @param fault whose fault it is when they are not there: the server's that computed them, or a file's.
 * @throws AppError `fault` naming `source` when they are not there.
 */
export function bodyStart(
  json: Buffer,
  source: string,
  fault: 'engine-bad-answer' | 'voice-refused' = 'engine-bad-answer',
): BodyStart {
  const latents = parseJson(json);
  const speaker = member(latents, 'speaker_embedding');
  const rows = member(latents, 'gpt_cond_latent');
  if (!isNumbers(speaker) || !Array.isArray(rows) || rows.length === 0 || !rows.every(isRow)) {
    throw new AppError(
      fault,
      `xtts: ${source} holds no voice: it needs "speaker_embedding" and "gpt_cond_latent" as /clone_speaker gives them`,
    );
  }
  const start = JSON.stringify({ speaker_embedding: speaker, gpt_cond_latent: rows });
  return Buffer.from(`${start.slice(0, -1)},`);
}

/** How latents begin that we wrote. */
const KEPT_START = Buffer.from('{"speaker_embedding":[');

/** A voice to be kept, as JSON: what {@link keptStart} takes. */
export function keptLatents(start: BodyStart): Buffer {
  const json = Buffer.from(start);
  json[json.length - 1] = CLOSING_BRACE;
  return json;
}

/**
 * The start of every body that speaks with a voice of {@link keptLatents}. It was looked at when it was made, so that a
 * call that begins with it does not cost the process 10 ms.
 * @throws AppError `voice-refused` naming `source` when it is none.
 */
export function keptStart(json: Uint8Array, source: string): BodyStart {
  const start = Buffer.from(json);
  if (!start.subarray(0, KEPT_START.length).equals(KEPT_START) || start.at(-1) !== CLOSING_BRACE) {
    return bodyStart(start, source, 'voice-refused');
  }
  start[start.length - 1] = COMMA;
  return start;
}

/** What the voice is to say, and how; completes a body that begins with a {@link BodyStart}. */
export interface BodyRest {
  readonly text: string;
  readonly language: string;
  readonly add_wav_header: boolean;
  readonly stream_chunk_size: string;
}

/** The rest of a body. */
export function bodyRest(rest: BodyRest): Buffer {
  return Buffer.from(JSON.stringify(rest).slice(1));
}

function isRow(value: unknown): boolean {
  return isNumbers(value) && value.length === ROW;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}
