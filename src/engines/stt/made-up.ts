/**
 * Whether a recogniser wrote what nobody said: in noise and silence those that were trained on subtitles write credits,
 * thanks for watching, or one phrase over and over, and all of them hear a word now and then. Pure: what is told of the
 * sound and of the recogniser's own doubts decides, and what is not told decides nothing.
 */

import { deflateSync } from 'node:zlib';
import { phraseKind } from './made-up-phrases.ts';

/** Why a text is taken for made up. */
export type MadeUp = 'notes' | 'phrase' | 'repetition' | 'too-much' | 'doubt';

/** A text, or a segment of one, and what is known of it. */
export interface Hearsay {
  readonly text: string;
  /** Whisper's probability that nobody spoke, 0 to 1. */
  readonly noSpeech?: number | undefined;
  /** Whisper's mean logarithm of a token's probability, below 0. */
  readonly logProbability?: number | undefined;
  /** Whisper's measure of repetition: bytes of the text by bytes of it compressed. */
  readonly compression?: number | undefined;
  /** The mean of the words' confidence, 0 to 1, of recognisers that have one for each. */
  readonly confidence?: number | undefined;
  /** What it was heard in. */
  readonly sound?: HeardSound | undefined;
}

export interface HeardSound {
  readonly lengthMs: number;
  /** The loudest 20 ms, in dB of full scale. */
  readonly loudestDb: number;
}

/** Whisper's own thresholds for silence: the one alone takes soft speech for silence, the other a mumble. */
const NO_SPEECH = 0.6;
const LITTLE_PROBABILITY = -1;
/** Whisper's own threshold for a text that repeats itself. */
const MOST_COMPRESSION = 2.4;
/** What is shorter compresses badly, and may be said twice, in bytes. */
const LEAST_COMPRESSED_BYTES = 100;

/** Nobody speaks faster, in characters a second; signs of Chinese and Korean are syllables and more. */
const FASTEST_CHARACTERS = 40;
const DENSE_SIGN_CHARACTERS = 3;
/** A stretch is as long as it is measured to be, give or take this, in ms. */
const SLACK_MS = 500;

/** Nobody is understood who is not once louder than this. */
const FAINT_DB = -50;
/** A recogniser that is less sure of few words hears them in noise. */
const LITTLE_CONFIDENCE = 0.35;
const FEW_WORDS = 3;

/** Nothing but notes in brackets, between asterisks, or of music. */
const ONLY_NOTES =
  /^(?:\s|\[[^\]]*\]|\([^)]*\)|（[^）]*）|【[^】]*】|\*[^*]*\*|[♪♫🎵🎶][^♪♫🎵🎶]*[♪♫🎵🎶]|[♪♫🎵🎶.…-])*$/u;

/** Why `heard` is taken for made up; undefined when it is believed. An empty text is nothing at all. */
export function madeUpBy(heard: Hearsay): MadeUp | undefined {
  const text = heard.text.trim();
  if (text === '') {
    return undefined;
  }
  const { noSpeech = 0, logProbability = 0, sound } = heard;
  if (ONLY_NOTES.test(text)) {
    return 'notes';
  }
  const silent = noSpeech >= NO_SPEECH;
  const faint = sound !== undefined && sound.loudestDb < FAINT_DB;
  const kind = phraseKind(text);
  if (kind === 'never-said' || (kind === 'seldom-said' && (silent || faint))) {
    return 'phrase';
  }
  if (repeats(text, heard.compression)) {
    return 'repetition';
  }
  if (
    sound !== undefined &&
    spokenLength(text) > ((sound.lengthMs + SLACK_MS) / 1_000) * FASTEST_CHARACTERS
  ) {
    return 'too-much';
  }
  const unsure =
    heard.confidence !== undefined &&
    heard.confidence < LITTLE_CONFIDENCE &&
    text.split(/\s+/u).length <= FEW_WORDS;
  return unsure || (silent && logProbability < LITTLE_PROBABILITY) ? 'doubt' : undefined;
}

/** The mean of the words' confidence; undefined when not all have one, or there are none. */
export function meanConfidence(
  words: readonly { readonly confidence?: number | undefined }[],
): number | undefined {
  const known = words.flatMap(({ confidence }) => (confidence === undefined ? [] : [confidence]));
  return known.length === 0 || known.length < words.length
    ? undefined
    : known.reduce((sum, each) => sum + each, 0) / known.length;
}

/** A word ten times in a row, or a phrase of words or of signs without blanks six times. */
const PHRASE_OVER_AND_OVER =
  /(?<![\p{L}\p{N}])(?:(\p{L}+)(?:[\s,.!?]+\1){9,}|(\p{L}+(?:[\s,]+\p{L}+){1,4})(?:[\s,.!?]+\2){5,})(?![\p{L}\p{N}])|([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{3,12}?)\3{5,}/iu;

/** Whether a text is one phrase over and over. Numbers may be: a code, a telephone number. */
function repeats(text: string, compression: number | undefined): boolean {
  if (PHRASE_OVER_AND_OVER.test(text) && /\p{L}{2}/u.test(text)) {
    return true;
  }
  const bytes = Buffer.from(text);
  if (bytes.length < LEAST_COMPRESSED_BYTES || /^[\d\s.,-]+$/.test(text)) {
    return false;
  }
  return (compression ?? bytes.length / deflateSync(bytes).length) > MOST_COMPRESSION;
}

function spokenLength(text: string): number {
  const dense =
    text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  return text.length + (DENSE_SIGN_CHARACTERS - 1) * dense;
}
