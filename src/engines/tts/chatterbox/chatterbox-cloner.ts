/**
 * Voices for Chatterbox: recordings in a folder of the server's, by the name of the file. It takes no file over one that
 * it has, so each is named after what is in it; and it has no way to delete one, so that the operator has to.
 */

import { createHash } from 'node:crypto';
import { AppError } from '../../../base/errors.ts';
import type { HttpOrigin } from '../../wire/http.ts';
import { member } from '../../wire/json.ts';
import { multipartBody } from '../../wire/multipart.ts';
import type { UnderWay } from '../../wire/under-way.ts';
import type { ClonedVoice, CloneLimits, CloneRequest, VoiceCloner } from '../voice-cloner.ts';
import { CLONE_LIMIT_MS, VoiceRequests } from '../voice-requests.ts';
import { REFUSAL_HINTS } from './chatterbox-wire.ts';

export class ChatterboxCloner implements VoiceCloner {
  readonly name = 'chatterbox';
  readonly limits: CloneLimits = {
    leastMs: 5_000,
    bestMs: 10_000,
    mostBytes: 6_000_000,
    needsConsentRecording: false,
    deletes: false,
  };
  readonly #requests: VoiceRequests;
  readonly #host: string;

  constructor(server: HttpOrigin, underWay: UnderWay) {
    this.#host = server.host;
    this.#requests = new VoiceRequests({
      ...{ server, underWay, hints: REFUSAL_HINTS },
      headers: () => ({}),
      words: [],
    });
  }

  async clone({ name, wav }: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    const sum = createHash('sha256').update(wav).digest('hex').slice(0, 8);
    const fileName = `${name}-${sum}.wav`;
    const form = multipartBody([{ name: 'files', fileName, type: 'audio/wav', bytes: wav }]);
    const json = await this.#requests.ask(
      { method: 'POST', path: '/upload_reference', ...form, headLimitMs: CLONE_LIMIT_MS },
      signal,
    );
    const uploaded = member(json, 'uploaded_files');
    const [ref] = Array.isArray(uploaded) ? uploaded : [];
    if (typeof ref !== 'string') {
      throw this.#requests.badAnswer('does not say that it has the recording');
    }
    return { ref };
  }

  async delete(ref: string, signal: AbortSignal): Promise<void> {
    if (await this.has(ref, signal)) {
      throw new AppError(
        'engine-refused',
        `chatterbox: ${this.#host} has no way to delete a recording: remove ${ref} from its folder reference_audio`,
      );
    }
  }

  async has(ref: string, signal: AbortSignal): Promise<boolean> {
    const files = await this.#requests.ask({ method: 'GET', path: '/get_reference_files' }, signal);
    return Array.isArray(files) && files.includes(ref);
  }

  /** As many as its disk holds. */
  async room(signal: AbortSignal): Promise<undefined> {
    await this.#requests.ask({ method: 'GET', path: '/get_reference_files' }, signal);
  }
}
