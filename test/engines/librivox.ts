/**
 * Recorded speech that Debian ships for testing recognition (package pocketsphinx-testdata): five clips of one
 * reader, with what is said. No recognition of them is perfect, so tests assert on words that are robustly heard.
 */

import { readFileSync } from 'node:fs';
import { parseWav } from '../../src/protocol/wav.ts';

const DIRECTORY = '/usr/share/pocketsphinx/test/data/librivox';

export const CLIPS = {
  /** "he was not an ill disposed young man" */
  youngMan: 'sense_and_sensibility_01_austen_64kb-0880.wav',
  /** "had he married a more amiable woman he might have been made still more respectable than he was" */
  married: 'sense_and_sensibility_01_austen_64kb-0920.wav',
  /** "he might even have been made amiable himself" */
  himself: 'sense_and_sensibility_01_austen_64kb-0930.wav',
} as const;

/** A clip's samples; they are 16 kHz. */
export function readClip(name: (typeof CLIPS)[keyof typeof CLIPS]): Int16Array {
  return parseWav(readFileSync(`${DIRECTORY}/${name}`)).pcm;
}
