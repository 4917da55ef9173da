/**
 * Whether an answer is the sound that was asked for. A proxy's page or MP3 with status 200, played as PCM, is noise at
 * full level in somebody's ear. So three things are looked at: what the answer calls itself, how it begins, and, as it
 * goes on, whether it is noise as loud as no voice is.
 */

import { AppError } from '../../base/errors.ts';

/** How many bytes tell what a stream is. */
export const MAGIC_BYTES = 12;

/** Content types of sound that is neither PCM nor WAV. */
const COMPRESSED_TYPE = /^(?:audio|video)\/(?:mpeg|mp3|ogg|opus|aac|flac|webm|mp4|x-m4a|basic)\b/;

/** Content types of what is no sound. */
const OTHER_TYPE =
  /^(?:text|image|multipart)\/|^application\/(?:[\w.-]+\+)?(?:json|xml|html|javascript|problem)\b/;

/** How formats that were not asked for begin, and where: MP3 with a tag, Ogg, FLAC, AIFF, .au, AMR, WebM, gzip, MP4. */
const FORMATS: readonly { readonly at: number; readonly magic: string }[] = [
  ...['ID3', 'OggS', 'fLaC', 'FORM', '.snd', '#!AMR', '\x1aE\xdf\xa3', '\x1f\x8b'].map((magic) => ({
    at: 0,
    magic,
  })),
  { at: 4, magic: 'ftyp' },
];

/** Printed signs only, as no sound begins: it would be six samples in a row of a quarter of full scale and more. */
const TEXT_MAGIC = /^(?:\xef\xbb\xbf)?[\t\n\r\x20-\x7e]{9,}$/;

/** Noise is looked for 20 ms at a time, at 24 kHz. */
const WINDOW_SAMPLES = 480;

/** A sound as strong as this all through a window, -8.7 dBFS, is louder than any voice's hiss. */
const LOUD_SQUARE = 12_000 ** 2;

/**
 * The mean square of steps from sample to sample, against the samples' own: 2 in noise, far below 1 in a loud voice.
 */
const NOISY_STEPS = 1.5;

/** So many such windows in a row are no crackle. */
const MOST_NOISY = 2;

/**
 * Refuses what says itself that it is no PCM or WAV.
 * @param contentType as it stands in the answer; undefined when there is none, which some servers do.
 * @throws AppError `engine-refused` for sound in another format, `engine-bad-answer` for what is no sound.
 */
export function checkSoundType(engine: string, contentType: string | undefined): void {
  if (COMPRESSED_TYPE.test(bareType(contentType))) {
    throw compressed(engine);
  }
  checkNoText(engine, contentType);
}

/**
 * Refuses what says itself that it is a text, for servers that call all sound `audio/mpeg`.
 * @throws AppError `engine-bad-answer`.
 */
export function checkNoText(engine: string, contentType: string | undefined): void {
  if (OTHER_TYPE.test(bareType(contentType))) {
    throw noSound(
      engine,
      'the answer is a text and no sound; check the address and the options of the request',
    );
  }
}

/**
 * Refuses what begins as no PCM or WAV does.
 * @param start the first {@link MAGIC_BYTES} bytes.
 * @throws as {@link checkSoundType}.
 */
export function checkSoundStart(engine: string, start: Buffer): void {
  const magic = start.toString('latin1', 0, MAGIC_BYTES);
  if (FORMATS.some((format) => magic.startsWith(format.magic, format.at)) || isMp3Frame(start)) {
    throw compressed(engine);
  }
  if (TEXT_MAGIC.test(magic)) {
    throw noSound(engine, 'the answer is a text and no sound; check the address');
  }
}

/** Listens for noise in what is about to be played. */
export class NoiseCheck {
  readonly #engine: string;
  #noisy = 0;
  #filled = 0;
  #square = 0;
  #steps = 0;
  #last = 0;

  constructor(engine: string) {
    this.#engine = engine;
  }

  /** Looks at the next samples; costs two multiplications each. @throws AppError `engine-bad-answer` for noise. */
  look(pcm: Int16Array): void {
    for (const sample of pcm) {
      const step = sample - this.#last;
      this.#square += sample * sample;
      this.#steps += step * step;
      this.#last = sample;
      this.#filled += 1;
      if (this.#filled === WINDOW_SAMPLES) {
        this.#endWindow();
      }
    }
  }

  #endWindow(): void {
    const isLoud = this.#square > LOUD_SQUARE * WINDOW_SAMPLES;
    this.#noisy = isLoud && this.#steps > NOISY_STEPS * this.#square ? this.#noisy + 1 : 0;
    this.#filled = 0;
    this.#square = 0;
    this.#steps = 0;
    if (this.#noisy >= MOST_NOISY) {
      throw noSound(
        this.#engine,
        'the answer is noise and no speech; check the format that the server sends',
      );
    }
  }
}

/**
 * The header of an MP3 or AAC frame without a tag before it: 11 bits of ones, and none of the values that are not
 * given.
 */
function isMp3Frame(start: Buffer): boolean {
  const [first = 0, second = 0, third = 0] = start;
  if (first !== 0xff) {
    return false;
  }
  const isAac = (second & 0xf6) === 0xf0;
  const isLayer3 = (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08;
  const bitRate = third >> 4;
  return isAac || (isLayer3 && bitRate !== 0 && bitRate !== 0xf && (third & 0x0c) !== 0x0c);
}

function bareType(contentType: string | undefined): string {
  return contentType?.trim().toLowerCase() ?? '';
}

function compressed(engine: string): AppError {
  return new AppError(
    'engine-refused',
    `${engine}: the server answers with compressed sound though PCM was asked for; use a server that knows response_format "pcm"`,
  );
}

function noSound(engine: string, what: string): AppError {
  return new AppError('engine-bad-answer', `${engine}: ${what}`);
}
