/**
 * Translation and speech that answer as they did in a call that was kept: the same texts with the same answers, each as
 * late as it was then. Asked for the same again, they answer what they answered last. What the call never asked for they
 * do not know.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError, ERROR_CATALOGUE, type ErrorCode } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { CallNote } from '../../call/recording/call-notes.ts';
import type { MtEngine, MtRequest } from '../../engines/mt/mt-engine.ts';
import { SUPPORTED, type Support } from '../../engines/support.ts';
import { SpeechPieces } from '../../engines/tts/speech-pieces.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../../engines/tts/tts-engine.ts';
import { decodeG711 } from '../../protocol/g711.ts';
import { answerTime } from './kept-time.ts';

type TranslationNote = Extract<CallNote, { readonly type: 'translation' }>;
type SpeechNote = Extract<CallNote, { readonly type: 'speech' }>;

/** What nobody waited for in the call, and somebody does now, comes so much later than it was given up, in ms. */
const UNWANTED_MS = 50;

/** Answers by what was asked, each given in its turn. */
class Answers<Note extends { readonly what: string }> {
  readonly #byKey = new Map<string, Note[]>();
  readonly #given = new Map<string, number>();

  add(key: string, note: Note): void {
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), note]);
  }

  /** The next answer, and the one to give where that is none; undefined: it was never asked for. */
  next(key: string): { readonly note: Note; readonly other: Note | undefined } | undefined {
    const notes = this.#byKey.get(key) ?? [];
    const turn = this.#given.get(key) ?? 0;
    this.#given.set(key, turn + 1);
    const other = notes.findLast(({ what }) => what === 'answered' || what === 'known');
    const note = notes[turn] ?? other ?? notes.at(-1);
    return note === undefined ? undefined : { note, other };
  }
}

export class KeptMt implements MtEngine {
  readonly name: string;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #answers = new Answers<TranslationNote>();

  /** @param startMs when the call begins, on the clock. */
  constructor(notes: readonly CallNote[], name: string, clock: Clock, startMs: number) {
    this.name = name;
    this.#clock = clock;
    this.#startMs = startMs;
    for (const note of notes) {
      if (note.type === 'translation') {
        const { from, to, text, midSentence, what } = note;
        this.#answers.add(keyOf(from, to, text, midSentence), note);
        if (what === 'known') {
          // Whether it went on in a sentence was not asked.
          this.#answers.add(keyOf(from, to, text, true), note);
        }
      }
    }
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async translate({ from, to, text, midSentence }: MtRequest, signal: AbortSignal): Promise<string> {
    const found = this.#answers.next(keyOf(from, to, text, midSentence));
    if (found === undefined) {
      throw new AppError('engine-bad-answer', 'the call asked for no such translation');
    }
    const { note, other } = found;
    const nowMs = this.#clock.nowMs();
    await this.#clock.sleep(answerTime(nowMs, this.#startMs, note.askedMs, note.tookMs) - nowMs, signal);
    if (note.what === 'unwanted') {
      await this.#clock.sleep(UNWANTED_MS, signal);
    }
    const given = note.what === 'unwanted' ? other : note;
    if (given === undefined || given.what === 'failed') {
      throw failureOf(given?.answer);
    }
    return given.answer ?? '';
  }

  async close(): Promise<void> {}
}

export class KeptTts implements TtsEngine {
  readonly name: string;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #reads: ReadonlyMap<Language, Reads>;
  readonly #answers = new Answers<SpeechNote>();

  /** @param startMs when the call begins, on the clock. */
  constructor(notes: readonly CallNote[], name: string, clock: Clock, startMs: number) {
    this.name = name;
    this.#clock = clock;
    this.#startMs = startMs;
    const reads = new Map<Language, Reads>();
    for (const note of notes) {
      if (note.type === 'speech') {
        this.#answers.add(`${note.to} ${note.text}`, note);
      } else if (note.type === 'engines') {
        reads.set(note.to, note.reads);
      }
    }
    this.#reads = reads;
  }

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  reads(language: Language): Reads {
    return this.#reads.get(language) ?? 'everything';
  }

  async synthesize({ language, text }: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    const found = this.#answers.next(`${language} ${text}`);
    if (found === undefined) {
      throw new AppError('engine-bad-answer', 'the call asked for no such speech');
    }
    const { note, other } = found;
    const given = note.what === 'unwanted' ? (other ?? note) : note;
    const { rateHz, pieces = [], muLaw = '', tookMs, what } = given;
    const [[firstMs] = [tookMs]] = pieces;
    const nowMs = this.#clock.nowMs();
    await this.#clock.sleep(answerTime(nowMs, this.#startMs, note.askedMs, firstMs) - nowMs, signal);
    if (rateHz === undefined) {
      throw failureOf(given.answer);
    }
    const speech = new SpeechPieces();
    void this.#make(speech, { pieces, muLaw, firstMs, tookMs, what }, signal);
    return { rateHz, pieces: speech };
  }

  async close(): Promise<void> {}

  /** Gives the sound piece by piece; its end, or what it broke off with, comes after the last. */
  async #make(
    speech: SpeechPieces,
    {
      pieces,
      muLaw,
      firstMs,
      tookMs,
      what,
    }: Required<Pick<SpeechNote, 'pieces' | 'muLaw' | 'tookMs' | 'what'>> & { readonly firstMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const startMs = this.#clock.nowMs() - firstMs;
    const pcm = decodeG711(Buffer.from(muLaw, 'base64'), 'mu-law');
    let at = 0;
    try {
      for (const [afterMs, count] of pieces) {
        const waitMs = startMs + afterMs - this.#clock.nowMs();
        if (waitMs > 0) {
          await this.#clock.sleep(waitMs, signal);
        }
        speech.push(pcm.slice(at, at + count));
        at += count;
      }
      if (what === 'failed') {
        await this.#clock.sleep(Math.max(0, startMs + tookMs - this.#clock.nowMs()), signal);
        speech.fail(failureOf(undefined));
      } else {
        speech.complete();
      }
    } catch (error) {
      speech.fail(error);
    }
  }
}

function keyOf(from: Language, to: Language, text: string, midSentence = false): string {
  return `${from} ${to} ${midSentence ? '…' : ''}${text}`;
}

/** The failure that the call had; one of another version's catalogue is one of an engine. */
function failureOf(code: string | undefined): AppError {
  const known: ErrorCode = code !== undefined && isCode(code) ? code : 'engine-bad-answer';
  return new AppError(known, 'the engine failed so in the call');
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, code);
}
