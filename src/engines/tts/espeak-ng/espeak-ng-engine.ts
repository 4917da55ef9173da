/**
 * Speech synthesis on this machine with eSpeak NG: no key, no network, over a hundred languages, a robotic
 * voice. One process per segment, which lives about 10 ms; the text goes over its standard input, because
 * arguments show in process listings.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { promisify } from 'node:util';
import type { Clock } from '../../../base/clock.ts';
import { AppError, messageOf } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { afterPatience } from '../../../base/patience.ts';
import { samplesToMs } from '../../../base/units.ts';
import { CHILD_ENVIRONMENT } from '../../child-environment.ts';
import { SUPPORTED, type Support, unsupported } from '../../support.ts';
import { Once } from '../../wire/once.ts';
import { LeadingSilence } from '../leading-silence.ts';
import { Slots } from '../slots.ts';
import { checkSpeechLength, longestSpeechMs } from '../speech-length.ts';
import { SpeechPieces } from '../speech-pieces.ts';
import { type VoiceTraits, voiceNameFor } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import { WavStream } from '../wav-stream.ts';
import { mannerOptions, stressedText, TRAITS } from './espeak-ng-manner.ts';
import { type EspeakVoice, parseVoices, voiceFor } from './espeak-ng-voices.ts';

const INSTALL = 'sudo apt-get install espeak-ng';

export interface EspeakNgSettings {
  readonly clock: Clock;
  /** The program; default `espeak-ng`, found on the path. */
  readonly program?: string;
  /** Words per minute, 80 to 450; default 165: the program's own 175 is quick for a telephone. */
  readonly wordsPerMinute?: number;
  /** How much synthesis yields to the media threads, 0 to 19; default 2, because callers wait for it. */
  readonly niceness?: number;
  /** The most processes at once; default 8. */
  readonly maxProcesses?: number;
  /** The most segments that wait for a process; default 64. */
  readonly waitingLimit?: number;
  /** How long one segment may take to synthesise, in ms; default 5,000. */
  readonly timeoutMs?: number;
}

/** Of its variants of any voice, such as are clear on a telephone and lie apart: two of men, three of women. */
const VARIANTS = ['paul', 'rob', 'f4', 'linda', 'Alicia'] as const;

export class EspeakNgEngine implements TtsEngine {
  readonly name = 'espeak-ng';
  readonly traits: VoiceTraits = TRAITS;
  readonly #settings: EspeakNgSettings;
  readonly #program: string;
  readonly #slots: Slots;
  readonly #closed = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** The list; an installation while we run is noticed. */
  readonly #voices = new Once(() => listVoices(this.#program));

  constructor(settings: EspeakNgSettings) {
    this.#settings = settings;
    this.#program = settings.program ?? 'espeak-ng';
    this.#slots = new Slots(settings.maxProcesses ?? 8, settings.waitingLimit ?? 64);
  }

  async supports(language: Language): Promise<Support> {
    let voices: readonly EspeakVoice[];
    try {
      voices = await this.#voices.get();
    } catch {
      return unsupported(`espeak-ng: ${this.#program} is missing or does not run; run: ${INSTALL}`);
    }
    return voiceFor(voices, language) === undefined
      ? unsupported(`espeak-ng has no voice for ${language}; see: espeak-ng --voices`)
      : SUPPORTED;
  }

  async choice(language: Language): Promise<readonly string[]> {
    const tag = await this.#voiceFor(language);
    return [tag, ...VARIANTS.map((variant) => `${tag}+${variant}`)];
  }

  /** Its rules know plain numbers of every language, and little more. */
  reads(): Reads {
    return 'numbers';
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#refuseWhenClosed();
    const named = voiceNameFor(this.name, request.voice);
    // A path is the voice of an engine that has its voices in files, in whose place this one may have to speak.
    const voice =
      named === undefined || named.startsWith('/') ? await this.#voiceFor(request.language) : named;
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    const release = await this.#slots.take(stop);
    const manner = mannerOptions(request.voice, this.#settings.wordsPerMinute ?? 165);
    const text = speakable(request.text);
    const ssml = stressedText(text, request.stressed);
    let child: ChildProcess;
    try {
      stop.throwIfAborted();
      child = this.#spawn(voice, [...manner, ...(ssml === undefined ? [] : ['-m'])]);
    } catch (error) {
      release();
      throw error;
    }
    const ended = new Promise<void>((resolve) => {
      const onEnd = (): void => {
        this.#running.delete(ended);
        release();
        resolve();
      };
      child.once('close', onEnd);
    });
    this.#running.add(ended);
    return this.#listen(child, request.text, ssml ?? text, stop);
  }

  async close(): Promise<void> {
    this.#closed.abort(closedError());
    await Promise.all(this.#running);
  }

  #spawn(voice: string, manner: readonly string[]): ChildProcess {
    // -b 1: the text is UTF-8. -z: no 320 ms of silence after the last word, which would be lag for the next segment.
    const child = spawn(this.#program, ['-b', '1', '-z', ...manner, '-v', voice, '--stdin', '--stdout'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: CHILD_ENVIRONMENT,
    });
    if (child.pid !== undefined) {
      yieldCpu(child.pid, this.#settings.niceness ?? 2);
    }
    return child;
  }

  /** Resolves with the first sound; later failures reach the reader of the pieces. */
  #listen(child: ChildProcess, text: string, written: string, stop: AbortSignal): Promise<TtsSpeech> {
    const { clock, timeoutMs = 5_000 } = this.#settings;
    const wav = new WavStream();
    const pieces = new SpeechPieces();
    const longestMs = longestSpeechMs(text);
    let silence: LeadingSilence | undefined;
    let samples = 0;
    let complaint = '';
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        reject(error);
        pieces.fail(error);
        child.kill('SIGKILL');
      };
      const onAbort = (): void => {
        pieces.abandon(stop.reason);
        fail(stop.reason);
      };
      stop.addEventListener('abort', onAbort, { once: true });
      const timer = afterPatience(clock, clock.nowMs() + timeoutMs, () =>
        fail(new AppError('engine-timeout', `espeak-ng: not done within ${timeoutMs} ms`)),
      );
      const take = (bytes: Buffer): void => {
        const pcm = wav.push(bytes);
        if (wav.rateHz === undefined) {
          return;
        }
        samples += pcm.length;
        checkSpeechLength(this.name, samplesToMs(samples, wav.rateHz), longestMs);
        silence ??= new LeadingSilence(wav.rateHz);
        const sound = silence.push(pcm);
        if (sound.length > 0) {
          pieces.push(sound);
          resolve({ rateHz: wav.rateHz, pieces });
        }
      };
      child.stdout?.on('data', (bytes: Buffer) => {
        try {
          take(bytes);
        } catch (error) {
          fail(error);
        }
      });
      child.stderr?.on('data', (bytes: Buffer) => {
        complaint = bytes.toString('utf8').trim().split('\n').at(-1)?.slice(0, 200) ?? complaint;
      });
      child.once('error', (error) => {
        fail(new AppError('engine-start-failed', `espeak-ng cannot be started: ${messageOf(error)}`, error));
      });
      child.once('close', (code) => {
        timer.cancel();
        stop.removeEventListener('abort', onAbort);
        if (code !== 0) {
          fail(new AppError('engine-bad-answer', `espeak-ng failed: ${complaint || `exit code ${code}`}`));
        } else if (wav.rateHz === undefined) {
          fail(new AppError('engine-bad-answer', 'espeak-ng gave no sound'));
        } else {
          // Text without a sound in it, such as a lone comma, is spoken as nothing.
          pieces.complete();
          resolve({ rateHz: wav.rateHz, pieces });
        }
      });
      child.stdin?.on('error', () => {});
      child.stdin?.end(written);
    });
  }

  async #voiceFor(language: Language): Promise<string> {
    let voices: readonly EspeakVoice[];
    try {
      voices = await this.#voices.get();
    } catch (error) {
      throw new AppError('engine-start-failed', `espeak-ng cannot be started: ${messageOf(error)}`, error);
    }
    const voice = voiceFor(voices, language);
    if (voice === undefined) {
      throw new AppError('language-unsupported', `espeak-ng has no voice for ${language}`);
    }
    return voice;
  }

  #refuseWhenClosed(): void {
    if (this.#closed.signal.aborted) {
      throw closedError();
    }
  }
}

async function listVoices(program: string): Promise<readonly EspeakVoice[]> {
  const { stdout } = await promisify(execFile)(program, ['--voices'], { env: CHILD_ENVIRONMENT });
  return parseVoices(stdout);
}

/**
 * The text as one line, without what eSpeak would obey: control characters are commands (U+0001 sets pitch and speed),
 * brackets in a row begin phoneme codes. The joiners of Arabic and Indic scripts are spelling. No text at all gets no
 * header back.
 */
export function speakable(text: string): string {
  return ` ${text}`
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[^\P{C}\u200c\u200d]/gu, '')
    .replace(/\[(?: ?\[)+/g, '[')
    .replace(/\](?: ?\])+/g, ']');
}

function yieldCpu(processId: number, niceness: number): void {
  try {
    setPriority(processId, Math.min(19, getPriority() + niceness));
  } catch {
    // The process has ended already.
  }
}

function closedError(): AppError {
  return new AppError('closed', 'espeak-ng: the engine has been closed');
}
