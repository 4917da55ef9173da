/** The recordings that voices are to sound like, held so that no segment waits for a file. */

import { readFile } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { AppError, messageOf } from '../../../base/errors.ts';
import { parseWav } from '../../../protocol/wav.ts';
import type { Recording } from '../../sherpa/model-speech.ts';
import type { VoiceRendering } from '../spoken-voice.ts';
import { recordingOf, type VoicePlace } from './voice-place.ts';

/** Half a MB each. */
const MOST_RECORDINGS = 64;
/** A model uses no more of one. */
const MOST_S = 10;

export class VoiceRecordings {
  readonly #held = new LRUCache<string, Recording>({ max: MOST_RECORDINGS });

  get size(): number {
    return this.#held.size;
  }

  /**
   * The recording of a voice: the rendering's, else the one that is written for it.
   * @param loaded has it read.
   * @throws AppError `engine-refused` when there is none, `file-unreadable`, `wav-unreadable`; what `loaded` throws.
   */
  async get(
    place: VoicePlace,
    rendering: VoiceRendering | undefined,
    loaded: (load: () => Promise<Uint8Array>) => Promise<Uint8Array>,
  ): Promise<Recording> {
    const path = recordingOf(place);
    const { load = path === undefined ? undefined : () => read(path) } = rendering ?? {};
    const key = rendering?.load === undefined ? path : rendering.ref;
    if (load === undefined || key === undefined) {
      throw new AppError(
        'engine-refused',
        `sherpa: the voice in ${place.folder} speaks like a recording: write one after it, ${place.folder}#FILE.wav`,
      );
    }
    const known = this.#held.get(key);
    if (known !== undefined) {
      return known;
    }
    const { pcm, rateHz } = parseWav(await loaded(load));
    const recording = { rateHz, pcm: pcm.slice(0, rateHz * MOST_S) };
    this.#held.set(key, recording);
    return recording;
  }

  /** Lets go of one. */
  forget(ref: string): void {
    this.#held.delete(ref);
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new AppError('file-unreadable', `sherpa: ${path} cannot be read: ${messageOf(error)}`, error);
  }
}
