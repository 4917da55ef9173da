/**
 * What is asked of Deepgram when a stream opens: the protocol and its parameters, for 16 kHz mono PCM. The types are
 * those of Deepgram's SDK, of which nothing runs here: it would take a quarter of a second and 26 MB.
 */

import type { DeepgramClient } from '@deepgram/sdk';
import { SPEECH_HZ } from '../../../base/units.ts';
import { modelFamily } from './deepgram-languages.ts';

type V1Parameters = Parameters<DeepgramClient['listen']['v1']['connect']>[0];
type V2Parameters = Parameters<DeepgramClient['listen']['v2']['connect']>[0];

export type ListenRequest =
  | { readonly protocol: 'v1'; readonly parameters: V1Parameters }
  | { readonly protocol: 'v2'; readonly parameters: V2Parameters };

/** Deepgram takes so many terms, */
const MOST_TERMS = 100;
/** and 500 tokens in all of them, which it counts in its own way. Of Cyrillic that makes an address of 4 KB. */
const MOST_TOKENS = 400;
/** No term of Flux may be longer. */
const LONGEST_TERM_CHARACTERS = 100;

/** Silence after which Nova settles what it heard, in ms; below it a breath inside a sentence would do. */
const ENDPOINTING_MS = 300;

/** Gap between words after which Nova says that they ended, in ms; the least that is useful. */
const UTTERANCE_END_MS = 1_000;

/**
 * Flux's confidence that a turn is over, 0.5 to 1. Our own endpointing says when an utterance ends; Flux's turn is
 * waited for after that, so its default is not raised.
 */
const END_OF_TURN = 0.7;

/** Flux's confidence for a first word that the turn may be over: early enough to translate ahead in the pause. */
const EAGER_END_OF_TURN = 0.4;

/**
 * Silence after which Flux ends a turn however unsure it is, in ms; its default is 5,000. Our endpointing has seen
 * 600 ms of it when an utterance ends, so a final waits 400 ms more at worst.
 */
const END_OF_TURN_TIMEOUT_MS = 1_000;

export interface ListenRequestOptions {
  readonly model: string;
  /** Deepgram's name of the language. */
  readonly language: string;
  /** Its names of two languages to be told apart, the speaker's own first. */
  readonly both?: readonly [string, string] | undefined;
  readonly terms: readonly string[];
}

export function listenRequest(options: ListenRequestOptions): ListenRequest {
  const { model, language, both } = options;
  const family = modelFamily(model) ?? 'nova-3';
  const phrases = options.terms.map(plainTerm);
  // Nova-2 takes single words; the others take phrases.
  const terms = takenOf(family === 'nova-2' ? phrases.flatMap((phrase) => phrase.split(' ')) : phrases);
  if (family === 'flux-en' || family === 'flux-multi') {
    return {
      protocol: 'v2',
      parameters: {
        model,
        encoding: 'linear16',
        sample_rate: SPEECH_HZ,
        eager_eot_threshold: EAGER_END_OF_TURN,
        eot_threshold: END_OF_TURN,
        eot_timeout_ms: END_OF_TURN_TIMEOUT_MS,
        ...(family === 'flux-multi' ? { language_hint: [...(both ?? [language])] } : {}),
        ...(terms.length > 0 ? { keyterm: terms } : {}),
      },
    };
  }
  return {
    protocol: 'v1',
    parameters: {
      model,
      language: both === undefined ? language : 'multi',
      encoding: 'linear16',
      sample_rate: SPEECH_HZ,
      channels: 1,
      interim_results: 'true',
      endpointing: ENDPOINTING_MS,
      utterance_end_ms: UTTERANCE_END_MS,
      vad_events: 'true',
      punctuate: 'true',
      smart_format: 'true',
      ...(terms.length === 0 ? {} : family === 'nova-3' ? { keyterm: terms } : { keywords: terms }),
      // Otherwise an unfinished number ("nineteen seventy ...") is kept back for up to 3 s.
      queryParams: { no_delay: 'true' },
    },
  };
}

/** The address of a stream below `base`, which is `wss://host`; a parameter with several values is repeated. */
export function listenAddress(base: string, { protocol, parameters }: ListenRequest): string {
  const { queryParams, ...named } = parameters;
  const query = Object.entries({ ...named, ...queryParams }).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeURIComponent(String(each))}`),
  );
  return `${base}/${protocol}/listen?${query.join('&')}`;
}

/** Those of `terms` that Deepgram takes: the first ones, in their order. */
function takenOf(terms: readonly string[]): string[] {
  const taken: string[] = [];
  let tokens = 0;
  for (const term of new Set(terms)) {
    const more = mostTokens(term);
    if (
      term !== '' &&
      term.length <= LONGEST_TERM_CHARACTERS &&
      taken.length < MOST_TERMS &&
      tokens + more <= MOST_TOKENS
    ) {
      taken.push(term);
      tokens += more;
    }
  }
  return taken;
}

/** At most so many tokens: one for each capital, digit and sign, as in a call sign, else one for two bytes of UTF-8. */
function mostTokens(term: string): number {
  const letters = term.replace(/[^\p{Ll}\p{Lo}\p{M} ]/gu, '');
  return term.length - letters.length + Math.ceil(Buffer.byteLength(letters) / 2);
}

/** A term on one line, without the signs that would separate terms or set a weight. */
function plainTerm(term: string): string {
  return term.replace(/[\s,;:]+/g, ' ').trim();
}
