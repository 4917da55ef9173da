/**
 * Writes the transcript of one call down while it runs, from what the call tells. What it has by the last event is
 * complete: an utterance whose report never came, since the call ended in its midst, is there as far as it was heard.
 */

import type { Language } from '../../base/language.ts';
import type { CallEvent, UtteranceReport } from '../call-events.ts';
import {
  TRANSCRIPT_VERSION,
  type Transcript,
  type TranscriptLine,
  type TranscriptTranslation,
  type TranscriptWord,
} from './transcript.ts';
import { readWordTimes } from './word-times.ts';

/** Utterances of one call, at most: the latest, some hours of talk. */
const MOST_LINES = 10_000;

type Open<Kept> = { -readonly [Key in keyof Kept]: Kept[Key] };

interface KeptLine {
  readonly line: Open<Omit<TranscriptLine, 'translations' | 'words'>>;
  words: TranscriptWord[];
  readonly translations: Map<Language, Open<TranscriptTranslation>>;
}

export class TranscriptBook {
  readonly #call: string;
  readonly #startedAt: Date;
  readonly #parties = new Map<string, { readonly party: string; name: string; language: Language }>();
  /** By party and utterance. */
  readonly #lines = new Map<string, KeptLine>();
  /** Parties of whom nothing is to be kept. */
  readonly #refused = new Set<string>();
  #missed = 0;
  /** Spans in which nothing is to be kept, in ms since the call began, and since when that is so now. */
  readonly #paused: { readonly fromMs: number; readonly untilMs: number }[] = [];
  #pausedFromMs: number | undefined;

  /** @param call what it is called where it is shown. */
  constructor(call: string, startedAt: Date) {
    this.#call = call;
    this.#startedAt = startedAt;
  }

  hear(event: CallEvent): void {
    switch (event.type) {
      case 'party-state':
      case 'party-changed': {
        const { party, name, language } = event;
        this.#parties.set(party, { party, name, language });
        if (event.type === 'party-changed' && event.refusesRecording === true) {
          this.#refused.add(party);
        }
        break;
      }
      case 'heard':
        this.#heard(event);
        break;
      case 'spoken': {
        const { atMs, piiText: text } = event;
        const translation = this.#translation(event.party, event.utterance, event.language, atMs);
        translation.pieces = [...translation.pieces, { atMs, text }];
        translation.startMs ??= atMs;
        break;
      }
      case 'utterance':
        this.#report(event.report);
        break;
      case 'recording':
        this.#keeps(event.state === 'on', event.atMs);
        break;
    }
  }

  /** As it is by now, without those who do not want to be kept; lines without a word are left out. */
  transcript(): Transcript {
    const kept = [...this.#lines.values()].filter(
      ({ line }) => this.#isKept(line) && !this.#refused.has(line.party),
    );
    const lines = kept.map(({ line, words, translations }) => ({
      ...line,
      ...(words.length === 0 ? {} : { words }),
      translations: [...translations.values()].map((translation) => ({
        ...translation,
        text: translation.text || translation.pieces.map(({ text }) => text).join(' '),
      })),
    }));
    return {
      version: TRANSCRIPT_VERSION,
      call: this.#call,
      startedAt: this.#startedAt.toISOString(),
      parties: [...this.#parties.values()],
      lines: lines
        .filter(({ text, translations }) => text !== '' || translations.some((each) => each.text !== ''))
        .sort((one, other) => one.startMs - other.startMs),
      missed: this.#missed,
    };
  }

  /** What is said while a recording is paused is not kept in words either. */
  #keeps(on: boolean, atMs: number): void {
    if (!on) {
      this.#pausedFromMs ??= atMs;
    } else if (this.#pausedFromMs !== undefined) {
      this.#paused.push({ fromMs: this.#pausedFromMs, untilMs: atMs });
      this.#pausedFromMs = undefined;
    }
  }

  #isKept({ startMs, endMs }: KeptLine['line']): boolean {
    const fromMs = this.#pausedFromMs;
    const now = fromMs === undefined ? [] : [{ fromMs, untilMs: Number.POSITIVE_INFINITY }];
    return ![...this.#paused, ...now].some((span) => startMs < span.untilMs && endMs >= span.fromMs);
  }

  #heard({
    party,
    utterance,
    piiText,
    piiWordTimes,
    final,
    atMs,
  }: Extract<CallEvent, { type: 'heard' }>): void {
    const kept = this.#line(party, utterance, atMs);
    kept.line.text = piiText;
    kept.line.endMs = Math.max(kept.line.endMs, atMs);
    if (final && piiWordTimes !== undefined) {
      kept.words = readWordTimes(piiWordTimes);
    }
  }

  #report({ party, utterance, source, target, outcome }: UtteranceReport): void {
    const { line } = this.#line(party, utterance, source.startMs);
    line.startMs = source.startMs;
    line.endMs = source.endMs;
    line.language = source.language;
    line.text = source.piiText;
    if (outcome === 'spoken' || target.piiText !== '') {
      const translation = this.#translation(party, utterance, target.language, source.startMs);
      translation.text = target.piiText;
      if (target.startMs !== undefined) {
        translation.startMs = target.startMs;
      }
      if (target.endMs !== undefined) {
        translation.endMs = target.endMs;
      }
    }
  }

  #translation(
    party: string,
    utterance: number,
    language: Language,
    atMs: number,
  ): Open<TranscriptTranslation> {
    const { translations } = this.#line(party, utterance, atMs);
    const translation = translations.get(language) ?? { language, text: '', marks: [], pieces: [] };
    translations.set(language, translation);
    return translation;
  }

  #line(party: string, utterance: number, atMs: number): KeptLine {
    const key = `${party} ${utterance}`;
    const known = this.#lines.get(key);
    if (known !== undefined) {
      return known;
    }
    const language = this.#parties.get(party)?.language ?? '';
    const line = { party, utterance, language, text: '', marks: [], startMs: atMs, endMs: atMs };
    const kept: KeptLine = { line, words: [], translations: new Map() };
    this.#lines.set(key, kept);
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > MOST_LINES && oldest !== undefined) {
      this.#lines.delete(oldest);
      this.#missed += 1;
    }
    return kept;
  }
}
