/**
 * How eSpeak NG is told to speak faster, higher or louder. Measured with three voices: 6 steps of its pitch are a
 * semitone, within 0.3 semitones up to 5 either way; its speed is in words per minute, its loudness an amplitude.
 */

import { type SpokenVoice, stretchesOf, type VoiceTraits, within } from '../spoken-voice.ts';

export const TRAITS: VoiceTraits = {
  speed: { least: 0.5, most: 2 },
  pitchSt: { least: -5, most: 5 },
  // Vowels are 3 dB below full scale as it is, and clip above.
  gainDb: { least: -12, most: 3 },
  stress: true,
};

/** 0 to 200. At eSpeak's own 100 vowels reach full scale, and clip once they are resampled; 70 is 3 dB less. */
const AMPLITUDE = 70;

/** 0 to 99, a voice's own is 50. */
const PITCH = 50;
const PITCH_STEPS_A_SEMITONE = 6;

/** The options of the program. @param wordsPerMinute of the voice by itself. */
export function mannerOptions(voice: SpokenVoice | undefined, wordsPerMinute: number): readonly string[] {
  const speed = within(voice?.speed, TRAITS.speed) ?? 1;
  const pitchSt = within(voice?.pitchSt, TRAITS.pitchSt) ?? 0;
  const gainDb = within(voice?.gainDb, TRAITS.gainDb) ?? 0;
  return [
    ...['-a', String(Math.round(AMPLITUDE * 10 ** (gainDb / 20)))],
    ...['-s', String(Math.round(wordsPerMinute * speed))],
    ...(pitchSt === 0 ? [] : ['-p', String(Math.round(PITCH + PITCH_STEPS_A_SEMITONE * pitchSt))]),
  ];
}

/**
 * A text as SSML, with the part that is to be stressed: 4 to 5 dB louder and a quarter longer, and a little higher, which
 * strong emphasis is not by itself. Within `<speak>` the program reads full stops aloud. @returns undefined where nothing is to be, or not in one place: it is plain text then.
 */
export function stressedText(text: string, stressed: string | undefined): string | undefined {
  const stretches = stretchesOf(text, stressed);
  return stretches === undefined
    ? undefined
    : `${escaped(stretches.before)}<prosody pitch="+15%"><emphasis level="strong">${escaped(stretches.stressed)}</emphasis>` +
        `</prosody>${escaped(stretches.after)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
