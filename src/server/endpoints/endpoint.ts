/**
 * A phone of the exchange, as an operator writes it: a name, a language, a voice, how it is reached. All of it gets into
 * Asterisk's configuration, where `;` begins a comment, a line end a row and `[` a section; so each field has the few
 * characters that it needs, and what has others is refused, never escaped.
 */

import { messageOf } from '../../base/errors.ts';
import { type Language, parseLanguage } from '../../base/language.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';

export interface Endpoint {
  /** What the phone registers as, and what the dialplan dials: `PJSIP/alice`. */
  readonly name: string;
  readonly language: Language;
  /** What speaks for who is at it; undefined: the voice of the language. */
  readonly voice: string | undefined;
  /** Of the dialplan: where what it dials is looked up. */
  readonly context: string;
  /** The best first. */
  readonly codecs: readonly string[];
  /** Whether its sound must be SRTP, whose keys only TLS keeps to the two of them. */
  readonly encrypted: boolean;
  /** The transport of pjsip.conf by which Asterisk reaches it; undefined: the one it registered by. */
  readonly transport: string | undefined;
}

/** What is written of one; what is left out is as by default. */
export interface EndpointWish {
  readonly name: string;
  readonly language: string;
  readonly voice?: string;
  /** Default `phones`. */
  readonly context?: string;
  /** Default {@link USUAL_CODECS}. */
  readonly codecs?: readonly string[];
  /** Default false. */
  readonly encrypted?: boolean;
  /** Default the TLS transport of the endpoints' own file where it is encrypted. */
  readonly transport?: string;
}

/** What is to be otherwise of one that there is; null: as by default. */
export interface EndpointChange {
  readonly language?: string;
  readonly voice?: string | null;
  readonly context?: string;
  readonly codecs?: readonly string[];
  readonly encrypted?: boolean;
  readonly transport?: string | null;
}

/** The transport that `dragoman endpoints certificate` writes. */
export const TLS_TRANSPORT = 'dragoman-tls';

/** Wideband first: it is twice as well recognised. */
const USUAL_CODECS = ['g722', 'alaw', 'ulaw'];
const USUAL_CONTEXT = 'phones';

const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;
/** What Asterisk, or a sample of ours, takes for something else than a phone. */
const TAKEN = /^(?:general|global|system|anonymous|default|dragoman-.*)$/;
const VOICE = /^[A-Za-z0-9@][A-Za-z0-9@._:+/-]{0,199}$/;
const WORD = /^[A-Za-z0-9_-]{1,79}$/;
const CODEC = /^[a-z0-9]{2,20}(?::\d{1,3})?$/;
const MOST_CODECS = 12;

/** @throws EndpointRefusal `bad-endpoint` that says which field is wrong, and what to write; no field is quoted. */
export function endpointOf(wish: EndpointWish): Endpoint {
  const { name, voice, context = USUAL_CONTEXT, codecs = USUAL_CODECS, encrypted = false } = wish;
  const { transport = encrypted ? TLS_TRANSPORT : undefined } = wish;
  assertName(name);
  fits(
    voice === undefined || VOICE.test(voice),
    'the voice has letters, digits and @ . _ : + / -, as in nova or @ana',
  );
  fits(WORD.test(context), 'the context is one of the dialplan: letters, digits, _ and -, as in phones');
  fits(
    codecs.length > 0 && codecs.length <= MOST_CODECS && codecs.every((codec) => CODEC.test(codec)),
    'codecs are words of Asterisk, the best first, as in g722,alaw,ulaw ("core show codecs" lists them)',
  );
  fits(
    transport === undefined || WORD.test(transport),
    'the transport is a section of pjsip.conf: letters, digits, _ and -, as in transport-tls',
  );
  return { name, language: languageIn(wish.language), voice, context, codecs, encrypted, transport };
}

/** @throws EndpointRefusal as {@link endpointOf}. */
export function changed(endpoint: Endpoint, change: EndpointChange): Endpoint {
  const { language = endpoint.language, context = endpoint.context, codecs = endpoint.codecs } = change;
  const { encrypted = endpoint.encrypted } = change;
  const voice = change.voice === undefined ? endpoint.voice : (change.voice ?? undefined);
  // The transport that came with encryption goes with it.
  const kept =
    encrypted === endpoint.encrypted ||
    endpoint.transport !== (endpoint.encrypted ? TLS_TRANSPORT : undefined)
      ? endpoint.transport
      : undefined;
  const transport = change.transport === undefined ? kept : (change.transport ?? undefined);
  return endpointOf({
    ...{ name: endpoint.name, language, context, codecs, encrypted },
    ...(voice === undefined ? {} : { voice }),
    ...(transport === undefined ? {} : { transport }),
  });
}

/** @throws EndpointRefusal `bad-endpoint` */
export function assertName(name: string): void {
  fits(
    NAME.test(name),
    'the name of a phone begins with a small letter or a digit and has small letters, digits, _ and -, 40 at most, as ' +
      'in alice or desk-7',
  );
  fits(
    !TAKEN.test(name),
    'Asterisk or dragoman means something else by this name (general, global, system, default, anonymous, dragoman-…): ' +
      'write another',
  );
}

/** @param rendered what is interpreted here; none: that is not known. @throws EndpointRefusal */
export function assertRendered(written: string | undefined, rendered: readonly Language[]): void {
  if (written !== undefined && rendered.length > 0 && !rendered.includes(languageIn(written))) {
    throw new EndpointRefusal(
      'language-not-served',
      `nothing is set up for this language here, only for ${rendered.join(', ')}: add it to --pair, --parties or --extensions`,
    );
  }
}

function languageIn(written: string): Language {
  try {
    return parseLanguage(written);
  } catch (error) {
    throw new EndpointRefusal('bad-endpoint', messageOf(error));
  }
}

function fits(right: boolean, sentence: string): void {
  if (!right) {
    throw new EndpointRefusal('bad-endpoint', sentence);
  }
}
