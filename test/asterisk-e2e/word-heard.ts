/** What a stand-in of a recogniser hears where it is the call that is tried, and not who hears in it. */

import type { ScriptedWord } from '../stand-ins/vosk.ts';

const RATE_HZ = 16_000;
const WORD_MS = 400;
const LOUD = 300;

/** Hears `word` once for each 400 ms that sound, of what it is given at 16 kHz. */
export function wordHeard(word: string): (pcm: Int16Array) => readonly ScriptedWord[] {
  return (pcm) => {
    const samples = (WORD_MS * RATE_HZ) / 1_000;
    const words: ScriptedWord[] = [];
    for (let at = 0; at + samples <= pcm.length; at += samples) {
      const level =
        pcm.subarray(at, at + samples).reduce((sum, sample) => sum + Math.abs(sample), 0) / samples;
      if (level > LOUD) {
        const startMs = (at * 1_000) / RATE_HZ;
        words.push({ text: word, startMs, endMs: startMs + WORD_MS });
      }
    }
    return words;
  };
}
