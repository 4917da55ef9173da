/**
 * The voices XTTS can speak with: the studio speakers of the model, and voices cloned from a recording or kept in a
 * file. Each is fetched and written as JSON once, whichever server of the pool computed it: they run the same
 * model.
 */

import { isAbsolute } from 'node:path';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../../base/errors.ts';
import { Once } from '../../wire/once.ts';
import { renderingFor, type SpokenVoice, voiceNameFor } from '../spoken-voice.ts';
import { readVoiceFile } from '../voice-file.ts';
import { type BodyStart, bodyStart, keptStart } from './latents.ts';

/** How many names a message lists. */
const NAMES_SHOWN = 6;

/** What the voices are made of. */
export interface VoiceSource {
  readonly studioSpeakers: () => Promise<ReadonlyMap<string, Buffer>>;
  readonly cloneSpeaker: (wav: Buffer) => Promise<Buffer>;
  /** What is kept of a voice elsewhere. */
  readonly loaded: (load: () => Promise<Uint8Array>) => Promise<Uint8Array>;
}

/** Voices that are held at most, of 0.5 to 1 MB each; the one that has not spoken for longest goes first. */
const MOST_VOICES = 64;

export class XttsVoices {
  readonly #source: VoiceSource;
  readonly #studio: Once<ReadonlyMap<string, Buffer>>;
  readonly #ready = new LRUCache<string, Once<BodyStart>>({ max: MOST_VOICES });

  constructor(source: VoiceSource) {
    this.#source = source;
    this.#studio = new Once(() => source.studioSpeakers());
  }

  /** Voices that are ready, or about to be. */
  get kept(): number {
    return this.#ready.size;
  }

  /** Fetches the studio speakers, so that the first segment need not wait. */
  async warm(): Promise<void> {
    await this.#studio.get();
  }

  /**
   * How a request begins that speaks with `voice`: latents that are kept elsewhere, the name of a studio speaker, or the
   * absolute path of a `.json` file with latents or of a `.wav` file to clone; without it, the model's first speaker.
   * Failures are not remembered.
   * @throws AppError `voice-refused` when there is no such voice; as the source does.
   */
  async find(voice: SpokenVoice | undefined): Promise<BodyStart> {
    const { ref, load } = renderingFor('xtts', voice) ?? {};
    if (ref !== undefined && load !== undefined) {
      return this.#once(ref, async () =>
        keptStart(await this.#source.loaded(load), 'what is kept of the voice'),
      );
    }
    const name = voiceNameFor('xtts', voice) ?? (await this.#firstSpeaker());
    return this.#once(name, () => (isAbsolute(name) ? this.#fromFile(name) : this.#fromStudio(name)));
  }

  /** Lets go of a voice. */
  forget(name: string): void {
    this.#ready.delete(name);
  }

  #once(name: string, make: () => Promise<BodyStart>): Promise<BodyStart> {
    const known = this.#ready.get(name);
    if (known !== undefined) {
      return known.get();
    }
    const made = new Once(make);
    this.#ready.set(name, made);
    // A name that is none must not stay.
    return made.get().catch((error: unknown) => {
      if (this.#ready.peek(name) === made) {
        this.#ready.delete(name);
      }
      throw error;
    });
  }

  async #firstSpeaker(): Promise<string> {
    const [first] = (await this.#studio.get()).keys();
    if (first === undefined) {
      throw new AppError(
        'engine-refused',
        'xtts: the model has no studio speakers; give the path of a recording with --voice es=/path/voice.wav',
      );
    }
    return first;
  }

  async #fromStudio(name: string): Promise<BodyStart> {
    const speakers = await this.#studio.get();
    const json = speakers.get(name);
    if (json === undefined) {
      const names = [...speakers.keys()];
      const shown = names.slice(0, NAMES_SHOWN).join(', ');
      const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
      throw refused(
        `there is no voice "${name}"; there is ${shown || 'none'}${more}: write --voice es="${names[0] ?? '/path/voice.wav'}"`,
      );
    }
    return bodyStart(json, `the studio speaker "${name}"`);
  }

  async #fromFile(path: string): Promise<BodyStart> {
    if (path.endsWith('.json')) {
      return bodyStart(await readVoiceFile('xtts', path), path, 'voice-refused');
    }
    if (path.endsWith('.wav')) {
      return bodyStart(
        await this.#source.cloneSpeaker(await readVoiceFile('xtts', path)),
        `the answer to ${path}`,
      );
    }
    throw refused(`the voice ${path} is neither a .json file with latents nor a .wav file to clone`);
  }
}

function refused(message: string): AppError {
  return new AppError('voice-refused', `xtts: ${message}`);
}
