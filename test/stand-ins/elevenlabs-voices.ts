/**
 * The voices of an ElevenLabs account: added from recordings, shown, deleted, counted against the plan's slots and its
 * additions of the month, with the words of its refusals.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { partsOf } from './form-parts.ts';
import { respond, type SpeechServer } from './speech-server.ts';

export interface ElevenlabsVoicesOptions {
  /** Slots of the plan; default 30. */
  readonly voiceLimit?: number;
  /** Additions that are left this month; default 100. */
  readonly additions?: number;
  /** Whether the plan clones at all; default true. */
  readonly canClone?: boolean;
  /** Whether a voice wants to be verified; default false. */
  readonly verifies?: boolean;
  /** Whether it says that it deletes, and does not. */
  readonly keepsDeleted?: boolean;
}

interface Voice {
  readonly name: string;
  readonly sum: string;
}

/** What tells one recording from another. */
export function sumOf(wav: Uint8Array): string {
  return createHash('sha256').update(wav).digest('hex');
}

export class ElevenlabsVoices {
  readonly #server: SpeechServer;
  readonly #options: ElevenlabsVoicesOptions;
  readonly #voices = new Map<string, Voice>();
  #added = 0;

  constructor(server: SpeechServer, options: ElevenlabsVoicesOptions) {
    this.#server = server;
    this.#options = options;
  }

  get size(): number {
    return this.#voices.size;
  }

  has(id: string): boolean {
    return this.#voices.has(id);
  }

  /** Whether the voice `id` was made of `wav`. */
  isOf(id: string, wav: Uint8Array): boolean {
    return this.#voices.get(id)?.sum === sumOf(wav);
  }

  async handle(
    request: IncomingMessage,
    path: string,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const { voiceLimit = 30 } = this.#options;
    const id = /^\/v1\/voices\/([^/]+)$/.exec(path)?.[1] ?? '';
    const wanted = `${request.method} ${path.replace(/^(\/v1\/voices\/)(?!add$)[^/]+$/, '$1:id')}`;
    if (wanted === 'POST /v1/voices/add') {
      await this.#add(request, body, response);
    } else if (wanted === 'GET /v1/user/subscription') {
      const { additions = 100 } = this.#options;
      const counted = {
        voice_slots_used: this.#voices.size,
        voice_limit: voiceLimit,
        voice_add_edit_counter: this.#added,
        max_voice_add_edits: additions,
        can_use_instant_voice_cloning: this.#options.canClone ?? true,
      };
      await this.#server.answer(response, JSON.stringify({ tier: 'creator', ...counted }));
    } else if (wanted === 'GET /v2/voices') {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const search = searchParams.get('search') ?? '';
      const found = [...this.#voices].filter(([, { name }]) => name.includes(search));
      const voices = found.map(([voice_id, { name }]) => ({ voice_id, name, category: 'cloned' }));
      await this.#server.answer(response, JSON.stringify({ voices, has_more: false }));
    } else if (!/^(?:GET|DELETE) \/v1\/voices\/:id$/.test(wanted)) {
      respond(response, 404, '{"detail":"Not Found"}');
    } else if (!this.#voices.has(id)) {
      // As the service words it: the one of the two for a voice that is shown, the other for one that is changed.
      const [status, word] =
        request.method === 'GET'
          ? ([404, 'voice_not_found'] as const)
          : ([400, 'voice_does_not_exist'] as const);
      refuse(response, status, word, `A voice with voice_id ${id} does not exist.`);
    } else if (request.method === 'GET') {
      await this.#server.answer(response, JSON.stringify({ voice_id: id, name: this.#voices.get(id)?.name }));
    } else {
      if (this.#options.keepsDeleted !== true) {
        this.#voices.delete(id);
      }
      await this.#server.answer(response, '{"status":"ok"}');
    }
  }

  async #add(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { voiceLimit = 30, additions = 100, canClone = true, verifies = false } = this.#options;
    const parts = partsOf(request, body);
    const name = parts.get('name')?.text ?? '';
    const file = parts.get('files');
    if (name === '' || file?.fileName === undefined) {
      const detail = [{ loc: ['body', 'files'], type: 'missing', msg: 'Field required' }];
      respond(response, 422, JSON.stringify({ detail }));
    } else if (!canClone) {
      const message = 'Your subscription has no access to use instant voice cloning, please upgrade.';
      refuse(response, 401, 'can_not_use_instant_voice_cloning', message);
    } else if (this.#voices.size >= voiceLimit) {
      const message = `You have reached your maximum amount of custom voices (${voiceLimit} / ${voiceLimit}).`;
      refuse(response, 400, 'voice_limit_reached', message);
    } else if (this.#added >= additions) {
      refuse(
        response,
        400,
        'voice_add_edit_limit_reached',
        `You have added ${this.#added} voices this month.`,
      );
    } else if (file.bytes.toString('latin1', 0, 4) !== 'RIFF') {
      refuse(response, 400, 'invalid_content', `File ${file.fileName} is corrupted.`);
    } else {
      this.#added += 1;
      const id = createHash('sha256').update(`${this.#added} ${name}`).digest('base64url').slice(0, 20);
      this.#voices.set(id, { name, sum: sumOf(file.bytes) });
      await this.#server.answer(response, JSON.stringify({ voice_id: id, requires_verification: verifies }));
    }
  }
}

function refuse(response: ServerResponse, status: number, word: string, message: string): void {
  respond(response, status, JSON.stringify({ detail: { status: word, message } }));
}
