/**
 * What the stand-in for Deepgram hears: the words of a script, at their times in the audio of a connection. It does
 * listen: it tells sound from silence, so that a scripted utterance begins where a caller begins to speak.
 */

/** A word of the script; times are ms from where its script begins. */
export interface ScriptedWord {
  /** As written, with capitals and punctuation. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** How sure it is of it, 0 to 1; default 0.98. */
  readonly confidence?: number;
  /** What interim results say instead, until this much audio, in ms from where the script begins, has been heard. */
  readonly mistaken?: { readonly text: string; readonly untilMs: number };
}

/** What one stretch of sound says. */
export interface ScriptedSpeech {
  readonly words: readonly ScriptedWord[];
  /** The language it is in, for models that hear several. */
  readonly language?: string;
}

/** What is known of a stretch of sound when its script is chosen. */
export interface Burst {
  /** Counts connections from 0. */
  readonly connection: number;
  /** Counts the stretches of sound of the connection from 0. */
  readonly burst: number;
  /** The pitch of the tone that the first 40 ms are most like, in Hz; to tell callers apart. */
  readonly pitchHz: number;
  /** How much of their energy that tone has, 0 to 1: no voice is a tone. */
  readonly purity: number;
}

export type DeepgramScript =
  /** Words at fixed times of the connection's audio, whatever it sounds like. */
  | { readonly type: 'stream'; readonly speech: ScriptedSpeech }
  /** Chosen anew each time that sound follows 300 ms of silence, or the beginning; undefined is noise without words. */
  | { readonly type: 'bursts'; readonly choose: (burst: Burst) => ScriptedSpeech | undefined }
  /** What is really in the sound, by somebody who listens along; asked anew for each connection. */
  | { readonly type: 'sound'; readonly listener: (rateHz: number) => SoundListener };

/** Understands the sound of one connection. */
export interface SoundListener {
  /** Takes more of it; the words that are complete with it, times being ms of the connection's audio. */
  hear(pcm: Int16Array): readonly ScriptedWord[];
}

/** A word at its place in the connection's audio. */
export interface HeardWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence: number | undefined;
  readonly language: string | undefined;
  readonly mistaken: { readonly text: string; readonly untilMs: number } | undefined;
}

/** Louder than this is sound: -50 dB of full scale. */
const LOUD = 100;

/** Silence that ends a stretch of sound, in ms. */
const BURST_GAP_MS = 300;

/** How much sound the pitch is taken from, in ms. */
const PITCH_MS = 40;

/** How often a tone crosses zero in so short a time tells its pitch so well, in Hz; it is looked for within that. */
const PITCH_ERROR_HZ = 25;
const PITCH_STEP_HZ = 2.5;

export class DeepgramEar {
  readonly #script: DeepgramScript;
  readonly #connection: number;
  readonly #samplesPerMs: number;
  readonly #words: HeardWord[] = [];
  readonly #listener: SoundListener | undefined;
  #samples = 0;
  #bursts = 0;
  #lastLoudMs = Number.NEGATIVE_INFINITY;
  /** The stretch of sound whose script is not chosen yet. */
  #beginning: { readonly fromMs: number; readonly samples: number[] } | undefined;

  constructor(script: DeepgramScript, connection: number, rateHz: number) {
    this.#script = script;
    this.#connection = connection;
    this.#samplesPerMs = rateHz / 1_000;
    this.#listener = script.type === 'sound' ? script.listener(rateHz) : undefined;
    if (script.type === 'stream') {
      this.#place(script.speech, 0);
    }
  }

  /** Audio heard so far, in ms. */
  get heardMs(): number {
    return this.#samples / this.#samplesPerMs;
  }

  /** How long it has been silent, in ms; with words at fixed times, how long no word has been spoken. */
  get quietMs(): number {
    if (this.#script.type !== 'stream') {
      return this.heardMs - this.#lastLoudMs;
    }
    const spoken = this.#words.filter(({ startMs }) => startMs < this.heardMs).at(-1);
    return spoken === undefined ? Number.POSITIVE_INFINITY : Math.max(0, this.heardMs - spoken.endMs);
  }

  /** How many stretches of sound have begun. */
  get bursts(): number {
    return this.#bursts;
  }

  /** Takes 16-bit samples. */
  hear(pcm: Buffer): void {
    if (this.#script.type === 'stream') {
      this.#samples += pcm.length / 2;
      return;
    }
    const samples = new Int16Array(pcm.length / 2);
    for (let at = 0; at < samples.length; at += 1) {
      samples[at] = pcm.readInt16LE(at * 2);
      this.#hearSample(samples[at] ?? 0);
    }
    if (this.#listener !== undefined) {
      this.#place({ words: this.#listener.hear(samples) }, 0);
    }
  }

  /** The words that have been spoken whole and begin at `fromMs` or later, as an interim result says them. */
  wordsFrom(fromMs: number, final: boolean): readonly HeardWord[] {
    const { heardMs } = this;
    return this.#words
      .filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= heardMs)
      .map((word) =>
        !final && word.mistaken !== undefined && heardMs < word.mistaken.untilMs
          ? { ...word, text: word.mistaken.text }
          : word,
      );
  }

  /** Forgets words that begin before `beforeMs`, so that a long call costs no more than a short one. */
  forget(beforeMs: number): void {
    const kept = this.#words.findIndex(({ startMs }) => startMs >= beforeMs);
    this.#words.splice(0, kept < 0 ? this.#words.length : kept);
  }

  #hearSample(sample: number): void {
    const nowMs = this.heardMs;
    this.#samples += 1;
    if (Math.abs(sample) > LOUD) {
      if (nowMs - this.#lastLoudMs > BURST_GAP_MS) {
        // What the script had left was not said.
        this.#words.splice(0, Number.POSITIVE_INFINITY, ...this.#words.filter(({ endMs }) => endMs <= nowMs));
        this.#beginning = { fromMs: nowMs, samples: [] };
      }
      this.#lastLoudMs = nowMs;
    }
    const beginning = this.#beginning;
    if (beginning !== undefined) {
      beginning.samples.push(sample);
      if (beginning.samples.length >= PITCH_MS * this.#samplesPerMs) {
        this.#choose();
      }
    }
  }

  /** Chooses the script of the stretch of sound that began last. */
  #choose(): void {
    const beginning = this.#beginning;
    if (beginning === undefined || this.#script.type !== 'bursts') {
      return;
    }
    this.#beginning = undefined;
    const speech = this.#script.choose({
      connection: this.#connection,
      burst: this.#bursts,
      ...toneIn(beginning.samples, this.#samplesPerMs * 1_000),
    });
    this.#bursts += 1;
    if (speech !== undefined) {
      this.#place(speech, beginning.fromMs);
    }
  }

  #place(speech: ScriptedSpeech, fromMs: number): void {
    for (const { text, startMs, endMs, confidence, mistaken } of speech.words) {
      this.#words.push({
        text,
        startMs: fromMs + startMs,
        endMs: fromMs + endMs,
        confidence,
        language: speech.language,
        mistaken:
          mistaken === undefined ? undefined : { text: mistaken.text, untilMs: fromMs + mistaken.untilMs },
      });
    }
  }
}

/** A script of `text`, a word each `everyMs` (default 300), beginning at `fromMs` (default 0). */
export function spoken(text: string, fromMs = 0, everyMs = 300): ScriptedSpeech {
  return {
    words: text.split(' ').map((word, index) => ({
      text: word,
      startMs: fromMs + index * everyMs,
      endMs: fromMs + (index + 1) * everyMs - 50,
    })),
  };
}

/** The tone that `samples` are most like, and how much of their energy it has. */
function toneIn(samples: readonly number[], rateHz: number): { pitchHz: number; purity: number } {
  const crossings = samples.filter(
    (sample, at) => at > 0 && (samples[at - 1] ?? 0) < 0 !== sample < 0,
  ).length;
  const aboutHz = (crossings * rateHz) / 2 / samples.length;
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  let best = { pitchHz: aboutHz, purity: 0 };
  for (let offHz = -PITCH_ERROR_HZ; offHz <= PITCH_ERROR_HZ; offHz += PITCH_STEP_HZ) {
    const purity = energyAt(samples, (2 * Math.PI * (aboutHz + offHz)) / rateHz) / Math.max(1, energy);
    if (purity > best.purity) {
      best = { pitchHz: aboutHz + offHz, purity };
    }
  }
  return best;
}

/** The energy that a tone of `step` radians a sample has in `samples`. */
function energyAt(samples: readonly number[], step: number): number {
  let real = 0;
  let imaginary = 0;
  for (const [at, sample] of samples.entries()) {
    real += sample * Math.cos(step * at);
    imaginary += sample * Math.sin(step * at);
  }
  return (2 * (real * real + imaginary * imaginary)) / samples.length;
}
