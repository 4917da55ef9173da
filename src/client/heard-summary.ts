/**
 * How much a party heard, and how soon, from the recording: so it can be told of any server, captions or not. Tones are
 * left out; what counts is what may be a voice, translated or the speaker's own.
 */

import { type SoundSpan, voicesAmong } from './heard-sounds.ts';

/** Times in ms. */
export interface HeardSummary {
  /** All voices together: translations, announcements, the others' own. */
  readonly voicesMs: number;
  /** When the first was heard, since the call began; left out when there was none. */
  readonly firstMs?: number;
  /** When the first other party began to speak, since the call began; left out when none did. */
  readonly spokenToMs?: number;
  /** From then to the first voice that began afterwards; left out when there was none. */
  readonly answeredAfterMs?: number;
  /** Whether there was no other party of ours: it is answered by an agent, if by anybody. */
  readonly alone?: true;
  /** Segments that were translated for it; left out where no captions tell. */
  readonly segments?: number;
}

/**
 * @param sounds what it heard.
 * @param othersSpeech when the others spoke; undefined where there are none.
 */
export function heardSummary(
  sounds: readonly SoundSpan[],
  othersSpeech: readonly SoundSpan[] | undefined,
): HeardSummary {
  const voices = voicesAmong(sounds);
  const firstMs = voices[0]?.startMs;
  const spokenToMs =
    othersSpeech === undefined || othersSpeech.length === 0
      ? undefined
      : Math.min(...othersSpeech.map(({ startMs }) => startMs));
  const answer = spokenToMs === undefined ? undefined : voices.find(({ endMs }) => endMs > spokenToMs);
  return {
    voicesMs: voices.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    ...(firstMs === undefined ? {} : { firstMs }),
    ...(othersSpeech === undefined ? { alone: true } : {}),
    ...(spokenToMs === undefined ? {} : { spokenToMs }),
    ...(answer === undefined || spokenToMs === undefined
      ? {}
      : { answeredAfterMs: Math.max(0, answer.startMs - spokenToMs) }),
  };
}

/**
 * For people: `b heard 14.8 s of voices, the first 2.6 s after it was spoken to; 5 segments were translated for it`.
 */
export function heardSentence(name: string, heard: HeardSummary): string {
  const { segments } = heard;
  const translated =
    segments === undefined || heard.spokenToMs === undefined
      ? ''
      : `; ${segments} ${segments === 1 ? 'segment was' : 'segments were'} translated for it`;
  return `${name} ${voicesSentence(heard)}${translated}`;
}

function voicesSentence({ voicesMs, firstMs, spokenToMs, answeredAfterMs, alone }: HeardSummary): string {
  const voices = `heard ${seconds(voicesMs)} of voices`;
  if (alone === true) {
    return firstMs === undefined
      ? 'heard no voice: nobody answers who comes alone, see --agent of the server'
      : `${voices}, the first ${seconds(firstMs)} into the call`;
  }
  if (spokenToMs === undefined) {
    return firstMs === undefined
      ? 'heard no voice, and nobody spoke to it'
      : `${voices}, the first ${seconds(firstMs)} into the call; nobody spoke to it`;
  }
  if (answeredAfterMs === undefined) {
    return firstMs === undefined
      ? 'heard no voice, though it was spoken to'
      : `heard no voice after it was spoken to, and ${seconds(voicesMs)} before`;
  }
  return `${voices}, the first ${seconds(answeredAfterMs)} after it was spoken to`;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
