/**
 * Voices of OpenAI's voices API, which vLLM-Omni has, too, with less ceremony. OpenAI wants a recording in which the
 * person says its sentence of consent, keeps it apart from the voice and lists no voices; of a voice that is gone it says
 * so when it is to be deleted once more. vLLM-Omni wants a word for the consent, lists its voices and takes what is said
 * in the recording.
 * https://developers.openai.com/api/docs/guides/custom-voices
 * https://docs.vllm.ai/projects/vllm-omni/en/stable/serving/speech_api/
 */

import { AppError } from '../../../base/errors.ts';
import type { HttpOrigin } from '../../wire/http.ts';
import { member } from '../../wire/json.ts';
import { type FormField, multipartBody } from '../../wire/multipart.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import type { UnderWay } from '../../wire/under-way.ts';
import type { ClonedVoice, CloneLimits, CloneRequest, VoiceCloner } from '../voice-cloner.ts';
import { CLONE_LIMIT_MS, VoiceRequests } from '../voice-requests.ts';
import { openaiVoiceId } from './openai-dialect.ts';
import { REASON_NAMES } from './openai-speech-wire.ts';

const VOICES = '/v1/audio/voices';
const CONSENTS = '/v1/audio/voice_consents';

/** 10 MiB, of both. */
const MOST_BYTES = 10_485_760;

const REFUSAL_HINTS: RefusalHints = {
  key: 'set OPENAI_API_KEY to one that may make voices; OpenAI lets in customers that it has approved',
  missing: 'the server makes no voices: vLLM-Omni with a model that clones does, and OpenAI',
  request: 'see whether the model clones, how many voices there may be, and what the recordings are',
};

export class OpenaiCloner implements VoiceCloner {
  readonly name = 'openai-speech';
  readonly #isOpenai: boolean;
  readonly #requests: VoiceRequests;

  /** @param of whose voices API it is. */
  constructor(
    of: 'openai' | 'vllm',
    server: HttpOrigin,
    underWay: UnderWay,
    headers: () => Readonly<Record<string, string>>,
  ) {
    this.#isOpenai = of === 'openai';
    this.#requests = new VoiceRequests({
      ...{ server, underWay, headers },
      words: REASON_NAMES,
      hints: REFUSAL_HINTS,
    });
  }

  get limits(): CloneLimits {
    return {
      leastMs: this.#isOpenai ? 5_000 : 3_000,
      bestMs: this.#isOpenai ? 30_000 : 15_000,
      mostBytes: MOST_BYTES,
      needsConsentRecording: this.#isOpenai,
      deletes: true,
    };
  }

  clone(request: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    return this.#isOpenai
      ? this.#cloneAtOpenai(request, signal)
      : this.#requests.make(
          request.name,
          () => this.#cloneAtVllm(request, signal),
          // Its voices go by the names they were given.
          (closed) => this.delete(request.name, closed),
          signal,
        );
  }

  async delete(ref: string, signal: AbortSignal): Promise<void> {
    const path = `${VOICES}/${encodeURIComponent(openaiVoiceId(ref) ?? ref)}`;
    const remove = { method: 'DELETE', path } as const;
    const wasThere = (await this.#requests.find(remove, signal)) !== undefined;
    const consent = consentId(ref);
    if (this.#isOpenai && consent !== undefined) {
      await this.#requests.find({ method: 'DELETE', path: `${CONSENTS}/${consent}` }, signal);
    }
    // Who lists none says of one that is gone that there is none to delete.
    const isThere = this.#isOpenai
      ? wasThere && (await this.#requests.find(remove, signal)) !== undefined
      : await this.has(ref, signal);
    if (isThere === true) {
      throw this.#requests.badAnswer('still has a voice that it said to have deleted');
    }
  }

  async has(ref: string, signal: AbortSignal): Promise<boolean | undefined> {
    if (this.#isOpenai) {
      signal.throwIfAborted();
      return undefined;
    }
    const uploaded = member(
      await this.#requests.ask({ method: 'GET', path: VOICES }, signal),
      'uploaded_voices',
    );
    return Array.isArray(uploaded) && uploaded.some((voice) => member(voice, 'name') === ref);
  }

  /** Neither tells how many there may be. */
  async room(signal: AbortSignal): Promise<undefined> {
    await this.#requests.ask(
      { method: 'GET', path: this.#isOpenai ? `${CONSENTS}?limit=1` : VOICES },
      signal,
    );
  }

  async #cloneAtVllm(
    { name, wav, transcript, consent }: CloneRequest,
    signal: AbortSignal,
  ): Promise<ClonedVoice> {
    const json = await this.#make(
      VOICES,
      [
        { name: 'name', value: name },
        { name: 'consent', value: consent.how },
        ...(transcript === undefined ? [] : [{ name: 'ref_text', value: transcript }]),
        fileField('audio_sample', name, wav),
      ],
      signal,
    );
    return { ref: this.#textOf(member(json, 'voice'), 'name') };
  }

  async #cloneAtOpenai(
    { name, wav, language, consent }: CloneRequest,
    signal: AbortSignal,
  ): Promise<ClonedVoice> {
    if (consent.recording === undefined) {
      throw new AppError(
        'engine-refused',
        'openai-speech: OpenAI makes no voice without a recording in which the person says its sentence of consent; ' +
          'see developers.openai.com/api/docs/guides/custom-voices',
      );
    }
    const consented = await this.#make(
      CONSENTS,
      [
        { name: 'name', value: name },
        { name: 'language', value: language },
        fileField('recording', `${name}-consent`, consent.recording),
      ],
      signal,
    );
    const consentRef = this.#textOf(consented, 'id');
    try {
      const made = await this.#make(
        VOICES,
        [
          { name: 'name', value: name },
          { name: 'consent', value: consentRef },
          fileField('audio_sample', name, wav),
        ],
        signal,
      );
      return { ref: `${this.#textOf(made, 'id')}/${consentRef}` };
    } catch (error) {
      // Of a voice that is none nothing is to stay; when it cannot be taken back, the first failure says more.
      await this.#requests
        .find({ method: 'DELETE', path: `${CONSENTS}/${consentRef}` }, signal)
        .catch(() => {});
      throw error;
    }
  }

  #make(path: string, fields: readonly FormField[], signal: AbortSignal): Promise<unknown> {
    return this.#requests.ask(
      { method: 'POST', path, ...multipartBody(fields), makes: true, headLimitMs: CLONE_LIMIT_MS },
      signal,
    );
  }

  #textOf(json: unknown, name: string): string {
    const text = member(json, name);
    if (typeof text !== 'string' || text === '') {
      throw this.#requests.badAnswer(`gives no "${name}" of what it made`);
    }
    return text;
  }
}

function fileField(name: string, fileName: string, wav: Uint8Array): FormField {
  return { name, fileName: `${fileName}.wav`, type: 'audio/wav', bytes: wav };
}

/** The id of the consent in `voice_1/cons_2`. */
function consentId(ref: string): string | undefined {
  return /^voice_[^/]+\/(.+)$/.exec(ref)?.[1];
}
