/** A synthesis engine for tests of voices, which are named after how high they are. */

import { AppError } from '../../../src/base/errors.ts';
import { SUPPORTED } from '../../../src/engines/support.ts';
import type { TtsEngine, TtsRequest } from '../../../src/engines/tts/tts-engine.ts';
import { silence } from '../../asterisk/audio.ts';
import { voiceLike } from '../../media/voice-like.ts';

const RATE_HZ = 16_000;

/** "mute" has no pitch; it has no voice of any other name than that and numbers of Hz. */
export class Choir implements TtsEngine {
  readonly name: string;
  readonly asked: TtsRequest[] = [];
  readonly choice?: () => Promise<readonly string[]>;

  constructor(name: string, offers?: readonly string[]) {
    this.name = name;
    if (offers !== undefined) {
      this.choice = async () => offers;
    }
  }

  async supports() {
    return SUPPORTED;
  }

  async synthesize(request: TtsRequest) {
    this.asked.push(request);
    const voice = request.voice?.name ?? '';
    if (voice !== 'mute' && Number.isNaN(Number(voice))) {
      throw new AppError('engine-refused', `there is no voice ${voice}`);
    }
    const pcm = voice === 'mute' ? silence(1_000, RATE_HZ) : voiceLike(1_500, RATE_HZ, 0.3, Number(voice));
    return { rateHz: RATE_HZ, pieces: piecesOf(pcm) };
  }

  async close(): Promise<void> {}
}

async function* piecesOf(pcm: Int16Array): AsyncIterable<Int16Array> {
  for (let at = 0; at < pcm.length; at += 1_000) {
    yield pcm.slice(at, at + 1_000);
  }
}
