/**
 * One xtts-streaming-server: its four requests. It has no key and no health check, and sends its 200 before it
 * begins to synthesise, so that a failure is an empty or a broken body.
 * https://github.com/coqui-ai/xtts-streaming-server/blob/main/server/main.py
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { type HttpAnswer, type HttpAsk, HttpOrigin } from '../../wire/http.ts';
import { parseJson } from '../../wire/json.ts';
import { multipartBody } from '../../wire/multipart.ts';
import { type RefusalHints, refusal } from '../../wire/refusal.ts';
import { checkSoundType } from '../sound-check.ts';
import { SPEECH_GAP_LIMIT_MS } from '../speech-pace.ts';
import { type BodyStart, bodyRest } from './latents.ts';
import { ObjectMembers } from './object-members.ts';

/** The rate in Hz of all XTTS speech. */
export const XTTS_HZ = 24_000;

/**
 * GPT tokens per chunk of speech, about 0.9 s of it: fewer sound sooner, and worse at the joints. The server
 * declares this number as a string.
 */
const STREAM_CHUNK_SIZE = '20';

/** The longest voice that is read, in bytes; they have about 1 MB. */
const VOICE_LIMIT_BYTES = 8_000_000;

/** The longest list of speakers that is read, in bytes. */
const SPEAKERS_LIMIT_BYTES = 256_000_000;

const REFUSAL_HINTS: RefusalHints = {
  missing: 'see whether it is an xtts-streaming-server, and mend XTTS_URL',
  request: 'check the voice',
  fault: 'see its log',
};

export class XttsServer {
  readonly #http: HttpOrigin;
  readonly #loadLimitMs: number;

  /**
   * @param loadLimitMs how long it may take to list its speakers or to clone one.
   * @throws AppError `bad-option` when `url` is none.
   */
  constructor(url: string, clock: Clock, loadLimitMs: number) {
    this.#http = new HttpOrigin({
      name: 'xtts',
      url,
      clock,
      unreachableHint: 'start the server or mend XTTS_URL',
    });
    this.#loadLimitMs = loadLimitMs;
  }

  /** Host and port. */
  get host(): string {
    return this.#http.host;
  }

  /** The languages of the model, in its own tags: `es`, `zh-cn`. */
  async languages(signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#load({ method: 'GET', path: '/languages' }, signal);
    const tags = parseJson(await answer.readAll());
    if (!Array.isArray(tags)) {
      throw new AppError('engine-bad-answer', `xtts: ${this.host} gives no list of languages`);
    }
    return tags.filter((tag): tag is string => typeof tag === 'string');
  }

  /**
   * The voices that come with the model, by name, each as its JSON. About 35 MB; the server takes seconds to write
   * it.
   */
  async studioSpeakers(signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
    const answer = await this.#load({ method: 'GET', path: '/studio_speakers' }, signal);
    const members = new ObjectMembers();
    for await (const bytes of answer.pieces(SPEAKERS_LIMIT_BYTES)) {
      members.push(bytes);
    }
    return members.end();
  }

  /** The voice in a recording, as JSON. Takes the server a second or more. */
  async cloneSpeaker(wav: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const file = { name: 'wav_file', fileName: 'voice.wav', type: 'audio/wav', bytes: wav };
    const answer = await this.#load(
      { method: 'POST', path: '/clone_speaker', ...multipartBody([file]) },
      signal,
    );
    return answer.readAll(VOICE_LIMIT_BYTES);
  }

  /**
   * Speech of `text` with the voice of `start`, as raw PCM of {@link XTTS_HZ}, while it is made.
   * @throws AppError `engine-bad-answer` when it says itself that it is something else.
   */
  async speak(start: BodyStart, text: string, language: string, signal: AbortSignal): Promise<HttpAnswer> {
    const rest = bodyRest({
      text,
      language,
      add_wav_header: false,
      stream_chunk_size: STREAM_CHUNK_SIZE,
    });
    const answer = await this.#ok(
      {
        method: 'POST',
        path: '/tts_stream',
        headers: { 'content-type': 'application/json' },
        body: [start, rest],
        silenceLimitMs: SPEECH_GAP_LIMIT_MS,
      },
      signal,
    );
    try {
      checkSoundType('xtts', String(answer.headers['content-type'] ?? ''));
    } catch (error) {
      answer.discard();
      throw error;
    }
    return answer;
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #load(ask: HttpAsk, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#ok({ ...ask, headLimitMs: this.#loadLimitMs }, signal);
  }

  async #ok(ask: HttpAsk, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await this.#http.send(ask, signal);
    if (answer.status !== 200) {
      throw refusal(this.#http, await answer.refused([]), REFUSAL_HINTS);
    }
    return answer;
  }
}
