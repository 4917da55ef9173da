/**
 * The voice of a translator that only writes: a synthesis engine speaks each piece of text as a segment, in order, and
 * prepares the next while one sounds. A piece that fails is given up and reported; those after it are spoken.
 */

import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Clock } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import { type OpenSpeech, openSpeech } from '../cascade/open-speech.ts';
import type { InterpreterEvent } from '../interpreter.ts';
import type { FusedUtterance } from './fused-utterance.ts';
import type { Voice } from './voice.ts';

/** Pieces that may wait to be spoken; past it the oldest is given up. */
const MOST_WAITING = 16;
/** Pieces synthesised at once: the one that sounds and the next. */
const AHEAD = 2;

export interface LentVoiceOptions {
  readonly tts: TtsEngine;
  /** The engine's name of a voice; undefined for its default. */
  readonly voice: string | undefined;
  readonly language: Language;
  readonly wantedRateHz: number;
  readonly clock: Clock;
  readonly emit: (event: InterpreterEvent) => void;
  /** Runs work that ends with the interpreter. */
  readonly run: (work: (signal: AbortSignal) => Promise<void>) => void;
}

interface Piece {
  readonly utterance: FusedUtterance;
  readonly text: string;
  readonly previousText: string | undefined;
  readonly translatedMs: number;
  /** Ends its synthesis when nobody wants it any more. */
  readonly dropped: AbortController;
  /** Its first sound and when it was there, once it has been asked for. */
  speech: Promise<{ readonly open: OpenSpeech; readonly firstSoundMs: number }> | undefined;
}

export class LentVoice implements Voice {
  readonly #options: LentVoiceOptions;
  readonly #waiting = new BoundedQueue<Piece>(MOST_WAITING, () => 1);
  #previousText: string | undefined;
  #speaking = false;
  #nextSegment = 0;

  constructor(options: LentVoiceOptions) {
    this.#options = options;
  }

  text(utterance: FusedUtterance, text: string): void {
    if (text.trim() === '') {
      return;
    }
    utterance.openSegment();
    const lost = this.#waiting.push({
      utterance,
      text,
      previousText: this.#previousText,
      translatedMs: this.#options.clock.nowMs(),
      dropped: new AbortController(),
      speech: undefined,
    });
    this.#previousText = text.trim();
    for (const piece of lost) {
      piece.dropped.abort();
      piece.utterance.segmentFailed(new AppError('engine-overloaded', 'too many segments wait to be spoken'));
      piece.utterance.closeSegment();
    }
    this.#options.run(async (signal) => {
      this.#prepare(signal);
      if (!this.#speaking) {
        this.#speaking = true;
        await this.#speakAll(signal);
      }
    });
  }

  /** A translator that only writes gives no sound. */
  sound(): void {}

  caughtUp(): void {}

  stop(): void {
    this.#waiting.clear();
  }

  /** Asks for the sound of the pieces whose turn comes next. */
  #prepare(signal: AbortSignal): void {
    for (const piece of this.#waiting.entries().slice(0, AHEAD - (this.#speaking ? 1 : 0))) {
      this.#speechOf(piece, signal);
    }
  }

  #speechOf(piece: Piece, signal: AbortSignal): NonNullable<Piece['speech']> {
    const { tts, voice, language, wantedRateHz, clock } = this.#options;
    if (piece.speech === undefined) {
      const request = {
        text: piece.text.trim(),
        language,
        wantedRateHz,
        ...(voice === undefined ? {} : { voice }),
        ...(piece.previousText === undefined ? {} : { previousText: piece.previousText }),
      };
      const either = AbortSignal.any([signal, piece.dropped.signal]);
      piece.speech = openSpeech(tts, request, clock, either).then((open) => ({
        open,
        firstSoundMs: clock.nowMs(),
      }));
      // Whoever takes it hears of its failure; nobody may ever take it.
      piece.speech.catch(() => {});
    }
    return piece.speech;
  }

  async #speakAll(signal: AbortSignal): Promise<void> {
    try {
      for (let piece = this.#waiting.shift(); piece !== undefined; piece = this.#waiting.shift()) {
        this.#prepare(signal);
        try {
          await this.#speak(piece, signal);
        } catch (error) {
          // Only our own end is none of the piece's business: an engine may abort for reasons of its own.
          signal.throwIfAborted();
          piece.utterance.segmentFailed(asError(error));
        }
        piece.utterance.closeSegment();
      }
    } finally {
      this.#speaking = false;
    }
  }

  async #speak(piece: Piece, signal: AbortSignal): Promise<void> {
    const { emit } = this.#options;
    const { open, firstSoundMs } = await this.#speechOf(piece, signal);
    signal.throwIfAborted();
    const segment = this.#nextSegment;
    this.#nextSegment += 1;
    const { translatedMs } = piece;
    const timing = { cutMs: translatedMs, translatedMs, firstSoundMs };
    piece.utterance.speaking(segment, piece.text, open.rateHz, firstSoundMs, timing);
    try {
      for (let pcm: Int16Array | undefined = open.first; pcm !== undefined; pcm = await open.next(signal)) {
        emit({ type: 'segment-audio', segment, pcm });
      }
    } finally {
      emit({ type: 'segment-ended', segment });
      open.stop();
    }
  }
}
