/**
 * One xtts-streaming-server: its four requests. It has no key and no health check, and sends its 200 before it
 * begins to synthesise, so that a failure is an empty or a broken body.
 * https://github.com/coqui-ai/xtts-streaming-server/blob/main/server/main.py
 */

import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../base/errors.ts';
import { bodyFailure, HttpOrigin, parseJson, readAll } from '../http-origin.ts';
import { type BodyStart, bodyRest } from './latents.ts';
import { ObjectMembers } from './object-members.ts';

/** The rate in Hz of all XTTS speech. */
export const XTTS_HZ = 24_000;

/**
 * GPT tokens per chunk of speech, about 0.9 s of it: fewer sound sooner, and worse at the joints. The server
 * declares this number as a string.
 */
const STREAM_CHUNK_SIZE = '20';

/** The longest list of languages that is read, in bytes. */
const LANGUAGES_LIMIT_BYTES = 65_536;

/** The longest voice that is read, in bytes; they have about 1 MB. */
const VOICE_LIMIT_BYTES = 8_000_000;

/** The longest list of speakers that is read, in bytes. */
const SPEAKERS_LIMIT_BYTES = 256_000_000;

/** What parts a multipart body; not to be found in a WAV file by chance. */
const BOUNDARY = 'dragoman-voice-4c9f0d7ab2e1';

export class XttsServer {
  readonly #http: HttpOrigin;

  /** @throws AppError `bad-option` when `address` is none. */
  constructor(address: string) {
    this.#http = new HttpOrigin('xtts', address);
  }

  /** Scheme, host and port. */
  get origin(): string {
    return this.#http.origin;
  }

  /** The languages of the model, in its own tags: `es`, `zh-cn`. */
  async languages(signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#ok(this.#http.send({ method: 'GET', path: '/languages' }, signal));
    const tags = parseJson(await readAll('xtts', answer, LANGUAGES_LIMIT_BYTES, signal));
    if (!Array.isArray(tags)) {
      throw new AppError('engine-bad-answer', `xtts: ${this.origin} gives no list of languages`);
    }
    return tags.filter((tag): tag is string => typeof tag === 'string');
  }

  /** The voices that come with the model, by name, each as its JSON. About 35 MB; the server takes seconds to write it. */
  async studioSpeakers(signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
    const answer = await this.#ok(this.#http.send({ method: 'GET', path: '/studio_speakers' }, signal));
    const members = new ObjectMembers();
    let length = 0;
    try {
      for await (const bytes of answer) {
        length += bytes.length;
        if (length > SPEAKERS_LIMIT_BYTES) {
          throw new AppError('engine-bad-answer', `xtts: ${this.origin} lists speakers without end`);
        }
        members.push(bytes);
      }
    } catch (error) {
      throw bodyFailure('xtts', error, signal);
    }
    return members.end();
  }

  /** The voice in a recording, as JSON. Takes the server a second or more. */
  async cloneSpeaker(wav: Buffer, signal: AbortSignal): Promise<Buffer> {
    const head = [
      `--${BOUNDARY}`,
      'content-disposition: form-data; name="wav_file"; filename="voice.wav"',
      'content-type: audio/wav',
      '',
      '',
    ].join('\r\n');
    const answer = await this.#ok(
      this.#http.send(
        {
          method: 'POST',
          path: '/clone_speaker',
          headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
          body: [Buffer.from(head), wav, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)],
        },
        signal,
      ),
    );
    return readAll('xtts', answer, VOICE_LIMIT_BYTES, signal);
  }

  /** Speech of `text` with the voice of `start`, as raw PCM of {@link XTTS_HZ}, while it is made. */
  speak(start: BodyStart, text: string, language: string, signal: AbortSignal): Promise<IncomingMessage> {
    const rest = bodyRest({
      text,
      language,
      add_wav_header: false,
      stream_chunk_size: STREAM_CHUNK_SIZE,
    });
    return this.#ok(
      this.#http.send(
        {
          method: 'POST',
          path: '/tts_stream',
          headers: { 'content-type': 'application/json' },
          body: [start, rest],
        },
        signal,
      ),
    );
  }

  close(): void {
    this.#http.close();
  }

  async #ok(asked: Promise<IncomingMessage>): Promise<IncomingMessage> {
    const answer = await asked;
    const status = answer.statusCode ?? 0;
    if (status === 200) {
      return answer;
    }
    answer.destroy();
    throw status === 400 || status === 413 || status === 422
      ? new AppError(
          'engine-refused',
          `xtts: ${this.origin} refuses the request (${status}); check the voice`,
        )
      : new AppError(
          'engine-bad-answer',
          `xtts: ${this.origin} answers ${status}; see its log, and whether it is an xtts-streaming-server`,
        );
  }
}
