/**
 * What a transcription server answers, and what of it was really said. Whisper was trained on subtitles and
 * makes some up where nobody speaks ("Thank you for watching", "Sous-titres réalisés par ..."): a segment that is
 * probably no speech and that it has little confidence in is left out, and so is one that only describes a
 * sound, "[BLANK_AUDIO]". Servers that answer without segments cannot be asked how sure they are.
 */

import { z } from 'zod';
import { isSpaceless } from './whisper-languages.ts';

/** Whisper's own thresholds for silence: the one alone takes soft speech for silence, the other a mumble. */
const NO_SPEECH_PROBABILITY = 0.6;
const LITTLE_CONFIDENCE = -1;

/** Nothing but notes in brackets, between asterisks, or of music. */
const ONLY_NOTES = /^(?:\s|\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】|\*[^*]*\*|[♪♫.…-])*$/u;

const SEGMENT = z.object({
  text: z.string(),
  no_speech_prob: z.number().nullish(),
  avg_logprob: z.number().nullish(),
});

const TRANSCRIPT = z.object({ text: z.string(), segments: z.array(SEGMENT).nullish() });

/** An answer of either form, `json` or `verbose_json`. */
export type Transcript = z.infer<typeof TRANSCRIPT>;

/** The answer in `body`; undefined when it is none. */
export function parseTranscript(body: string): Transcript | undefined {
  try {
    return TRANSCRIPT.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** The words of a transcript, on one line. @param language Whisper's code of it. */
export function spokenText(transcript: Transcript, language: string): string {
  const segments = transcript.segments ?? [{ text: transcript.text }];
  const spoken = segments.filter((segment) => !ONLY_NOTES.test(segment.text) && !isMadeUp(segment));
  // Whisper's segments begin with their space. whisper.cpp breaks inside words, so none may be put there; only a
  // server that trims each segment has none at all.
  const trimmed = !spoken.some(({ text }) => /^\s/.test(text));
  const glue = trimmed && !isSpaceless(language) ? ' ' : '';
  return spoken
    .map(({ text }) => text)
    .join(glue)
    .replace(/\s+/g, ' ')
    .trim();
}

function isMadeUp(segment: z.infer<typeof SEGMENT>): boolean {
  const { no_speech_prob: noSpeech, avg_logprob: confidence } = segment;
  return (
    typeof noSpeech === 'number' &&
    typeof confidence === 'number' &&
    noSpeech >= NO_SPEECH_PROBABILITY &&
    confidence < LITTLE_CONFIDENCE
  );
}
