/**
 * The files of `dragoman call`: the WAVs that are spoken, and the folder that the results go to. Both are tried before
 * the call, so that no call is made whose result could not be kept.
 */

import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../base/errors.ts';
import { parseWav } from '../protocol/wav.ts';
import { convertRate } from './convert-rate.ts';

const OWN_MODE = 0o600;

/** When a party speaks. */
export interface SpeechTiming {
  /** Silence before the first file, in ms. */
  readonly startMs: number;
  /** Silence between two files, in ms. */
  readonly pauseMs: number;
}

/**
 * Reads WAV files, one after the other, as PCM at `rateHz`; nothing at all when there are none.
 * @throws AppError `file-unreadable`, `wav-unreadable`.
 */
export async function readSpeech(
  paths: readonly string[],
  rateHz: number,
  { startMs, pauseMs }: SpeechTiming,
): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for (const path of paths) {
    const silenceMs = pieces.length === 0 ? startMs : pauseMs;
    pieces.push(new Int16Array(Math.round((silenceMs * rateHz) / 1_000)), await readWav(path, rateHz));
  }
  const speech = new Int16Array(pieces.reduce((samples, piece) => samples + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    speech.set(piece, offset);
    offset += piece.length;
  }
  return speech;
}

async function readWav(path: string, rateHz: number): Promise<Int16Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `cannot read ${path}: ${messageOf(error)}; name a WAV file that you may read`,
      error,
    );
  }
  try {
    const wav = parseWav(bytes);
    return convertRate(wav.pcm, wav.rateHz, rateHz);
  } catch (error) {
    throw new AppError('wav-unreadable', `cannot use ${path}: ${messageOf(error)}`, error);
  }
}

/**
 * Makes the folder and writes to it once.
 * @throws AppError `file-unwritable`.
 */
export async function prepareOutDir(dir: string): Promise<void> {
  const probe = join(dir, `.dragoman-${process.pid}`);
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw unwritable(dir, error);
  }
}

/** Writes a file that nobody else may read, also where it was there: it holds what was said. @throws AppError `file-unwritable`. */
export async function writeResult(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'w', OWN_MODE);
    try {
      await file.chmod(OWN_MODE);
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): AppError {
  return new AppError(
    'file-unwritable',
    `cannot write to ${path}: ${messageOf(error)}; name another folder with --out`,
    error,
  );
}
