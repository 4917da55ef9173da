/**
 * Sound of one name, such as `stereo`: parts of it on the disk, one after the other. A part has one rate, the highest
 * that has come so far; sound of a higher one begins another part, of a lower one is converted. So does a part that has
 * grown too long, that a full disk has broken, or that somebody has removed.
 */

import { FRAME_MS } from '../../src/base/units.ts';
import { HEARD_QUALITY, Resampler } from '../../src/media/dsp/resampler.ts';
import type { MediaModules } from '../../src/media/dsp/wasm.ts';
import type { WrittenPart } from '../../src/protocol/recording/call-index.ts';
import { SEALED_ENDING } from '../../src/protocol/recording/sealed-file.ts';
import { PartFile, type PartFileOptions } from './part-file.ts';
import { SoundWindow } from './sound-window.ts';

/** What is newer than this waits for the other channels, in frames: 300 ms. */
const WAIT_FRAMES = 15;
/** The rate in Hz until something has come, which no part has. */
const FIRST_HZ = 8_000;
/** A part that a full disk has broken is followed by another after this many frames: 5 s. */
const BROKEN_FRAMES = 250;

export type FilesOptions = Pick<PartFileOptions, 'key' | 'openDisk' | 'told' | 'failed'> & {
  readonly modules: MediaModules;
  readonly folder: string;
  /** How long a part may be, in bytes. */
  readonly mostPartBytes: number;
};

export class SoundFile {
  readonly #options: FilesOptions;
  readonly #name: string;
  readonly #channels: number;
  readonly #parts: PartFile[] = [];
  readonly #resamplers = new Map<number, Resampler>();
  #window: SoundWindow;
  #rateHz = 0;
  /** Where the window ended when it was last looked at. */
  #endBefore = -1;
  #interrupted = false;

  /** @param name without its ending. */
  constructor(options: FilesOptions, name: string, channels: number) {
    this.#options = options;
    this.#name = name;
    this.#channels = channels;
    this.#window = new SoundWindow(channels, FIRST_HZ);
  }

  /** Those of which something is on the disk. */
  get parts(): readonly WrittenPart[] {
    return this.#parts
      .filter(({ empty, gone }) => !empty && !gone)
      .map(({ path, options: { fromFrame, rateHz } }) => ({
        name: path.slice(path.lastIndexOf('/') + 1),
        fromMs: fromFrame * FRAME_MS,
        rateHz,
      }));
  }

  add(channel: number, frame: number, rateHz: number, pcm: Int16Array): void {
    if (rateHz > this.#rateHz) {
      const { end } = this.#window;
      this.#flush(end);
      this.#rateHz = rateHz;
      this.#closeResamplers();
      this.#window = new SoundWindow(this.#channels, rateHz);
      // What comes now for before that is late.
      this.#window.take(end);
    }
    const late = this.#window.add(channel, frame, this.#converted(channel, rateHz, pcm));
    if (late > 0) {
      this.#options.told(0, late);
    }
  }

  /** Gives the disk what is old enough; all, when nothing has come since the last time. */
  look(): void {
    const { end } = this.#window;
    this.#flush(end === this.#endBefore ? end : end - WAIT_FRAMES);
    this.#endBefore = end;
  }

  /** Nothing comes for a while: what is sealed goes on in another part, since its silence would have to be written. */
  interrupt(): void {
    this.#flush(this.#window.end);
    this.#interrupted = this.#options.key !== undefined;
  }

  /** Gives the disk the rest and resolves when it has it. */
  async finish(): Promise<void> {
    this.#flush(this.#window.end);
    this.#closeResamplers();
    await Promise.all(this.#parts.map((part) => part.finish()));
  }

  #flush(frame: number): void {
    for (const stretch of this.#window.take(frame)) {
      const part = this.#parts.at(-1);
      const end = stretch.frame + stretch.frames;
      const over =
        part === undefined ||
        this.#interrupted ||
        part.gone ||
        part.options.rateHz !== this.#rateHz ||
        part.bytesUntil(end) > this.#options.mostPartBytes ||
        (part.broken && stretch.frame >= part.options.fromFrame + BROKEN_FRAMES);
      this.#interrupted = false;
      (over ? this.#begin(stretch.frame) : part).write(stretch);
    }
  }

  /** The first part begins with the call, so that the files of a call line up as they are. */
  #begin(frame: number): PartFile {
    const { folder, key, openDisk, told, failed } = this.#options;
    void this.#parts.at(-1)?.finish();
    const number = this.#parts.length + 1;
    const fromFrame = number === 1 ? 0 : frame;
    const ending = `.wav${key === undefined ? '' : SEALED_ENDING}`;
    const pathOf = (attempt: number): string => {
      const part = number + attempt;
      return `${folder}/${this.#name}${part === 1 ? '' : `.${part}`}${ending}`;
    };
    const about = { pathOf, rateHz: this.#rateHz, channels: this.#channels, fromFrame };
    const part = new PartFile({ ...about, key, openDisk, told, failed });
    this.#parts.push(part);
    return part;
  }

  #converted(channel: number, rateHz: number, pcm: Int16Array): Int16Array {
    if (rateHz === this.#rateHz) {
      return pcm;
    }
    const known = this.#resamplers.get(channel);
    const fits = known?.fromHz === rateHz;
    if (known !== undefined && !fits) {
      known.close();
    }
    const resampler =
      known !== undefined && fits
        ? known
        : new Resampler(this.#options.modules, rateHz, this.#rateHz, HEARD_QUALITY);
    this.#resamplers.set(channel, resampler);
    return resampler.process(pcm);
  }

  #closeResamplers(): void {
    for (const resampler of this.#resamplers.values()) {
      resampler.close();
    }
    this.#resamplers.clear();
  }
}
