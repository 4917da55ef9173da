/**
 * Instant voice cloning at ElevenLabs: a recording goes up, an id comes back. The account has a number of slots for
 * voices and a monthly number of additions, so a voice is made once and its id kept. Nobody proves there that the
 * person agreed: whoever makes the voice answers for it.
 * https://elevenlabs.io/docs/api-reference/voices/ivc/create
 */

import type { Secret } from '../../../base/secret.ts';
import type { HttpOrigin } from '../../wire/http.ts';
import { member } from '../../wire/json.ts';
import { multipartBody } from '../../wire/multipart.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import type { UnderWay } from '../../wire/under-way.ts';
import type { ClonedVoice, CloneLimits, CloneRequest, CloneRoom, VoiceCloner } from '../voice-cloner.ts';
import { CLONE_LIMIT_MS, VoiceRequests } from '../voice-requests.ts';
import { REASON_NAMES, refusalKindOf } from './elevenlabs-wire.ts';

const REFUSAL_HINTS: RefusalHints = {
  key: 'set ELEVENLABS_API_KEY to one that may make voices, of a plan with instant voice cloning',
  credit: 'add credits at elevenlabs.io',
  missing: 'there is no such voice for this key',
  request:
    'see elevenlabs.io/app/voice-lab: a plan has a number of voices and of additions a month, and some clone none',
};

export class ElevenlabsCloner implements VoiceCloner {
  readonly name = 'elevenlabs';
  readonly limits: CloneLimits = {
    leastMs: 10_000,
    bestMs: 120_000,
    mostBytes: 10_000_000,
    needsConsentRecording: false,
    deletes: true,
  };
  readonly #requests: VoiceRequests;

  constructor(server: HttpOrigin, apiKey: Secret, underWay: UnderWay) {
    this.#requests = new VoiceRequests({
      server,
      underWay,
      headers: () => ({ 'xi-api-key': apiKey.reveal() }),
      words: REASON_NAMES,
      hints: REFUSAL_HINTS,
      kindOf: refusalKindOf,
    });
  }

  clone(request: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    const { name } = request;
    return this.#requests.make(
      name,
      () => this.#clone(request, signal),
      (closed) => this.#deleteNamed(name, closed),
      signal,
    );
  }

  async delete(ref: string, signal: AbortSignal): Promise<void> {
    await this.#requests.find({ method: 'DELETE', path: pathOf(ref) }, signal);
    if (await this.has(ref, signal)) {
      throw this.#requests.badAnswer('still has a voice that it said to have deleted');
    }
  }

  async has(ref: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#requests.find({ method: 'GET', path: pathOf(ref) }, signal)) !== undefined;
  }

  async room(signal: AbortSignal): Promise<CloneRoom | undefined> {
    const json = await this.#requests.ask({ method: 'GET', path: '/v1/user/subscription' }, signal);
    const used = member(json, 'voice_slots_used');
    const most = member(json, 'voice_limit');
    return typeof used === 'number' && typeof most === 'number' ? { used, most } : undefined;
  }

  async #clone({ name, wav, language }: CloneRequest, signal: AbortSignal): Promise<ClonedVoice> {
    const form = multipartBody([
      { name: 'name', value: name },
      { name: 'remove_background_noise', value: 'false' },
      { name: 'labels', value: JSON.stringify({ language }) },
      { name: 'files', fileName: `${name}.wav`, type: 'audio/wav', bytes: wav },
    ]);
    const json = await this.#requests.ask(
      { method: 'POST', path: '/v1/voices/add', ...form, makes: true, headLimitMs: CLONE_LIMIT_MS },
      signal,
    );
    const ref = member(json, 'voice_id');
    if (typeof ref !== 'string' || ref === '') {
      throw this.#requests.badAnswer('gives no id of the voice that it made');
    }
    return { ref, ...(member(json, 'requires_verification') === true ? { requiresVerification: true } : {}) };
  }

  /** Deletes the voices of this name: one at most, since no two have the same. */
  async #deleteNamed(name: string, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ search: name, voice_type: 'personal', page_size: '100' });
    const json = await this.#requests.ask({ method: 'GET', path: `/v2/voices?${query}` }, signal);
    const voices = member(json, 'voices');
    for (const voice of Array.isArray(voices) ? voices : []) {
      const ref = member(voice, 'voice_id');
      if (member(voice, 'name') === name && typeof ref === 'string') {
        await this.delete(ref, signal);
      }
    }
  }
}

function pathOf(ref: string): string {
  return `/v1/voices/${encodeURIComponent(ref)}`;
}
