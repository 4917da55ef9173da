/**
 * Speech synthesis with pocket-tts (`pocket-tts serve`) on machines of one's own, without a graphics card: a server a
 * language, any voice that there is a recording of.
 *
 * A recording goes with each request as a file (`voice_wav`), and not as an address (`voice_url`) from which the server
 * would fetch it: it keeps what it fetched on its disk for good, under a name that nobody can have it delete, and in
 * memory the latest two voices only. So it listens to the recording again for each text; 10 s are enough.
 *
 * What nobody wants any more is made to its end, and a failure in the middle of making ends no answer: silence past its
 * limit does.
 * https://github.com/kyutai-labs/pocket-tts/blob/main/pocket_tts/main.py
 */

import { isAbsolute } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { type ServersByLanguage, serverFor } from '../../servers-by-language.ts';
import { SUPPORTED, type Support, unanswered, unsupported } from '../../support.ts';
import { type HttpAnswer, HttpOrigin } from '../../wire/http.ts';
import { SPEECHES_LIMIT } from '../../wire/limits.ts';
import { type FormField, multipartBody } from '../../wire/multipart.ts';
import { Once } from '../../wire/once.ts';
import { type RefusalHints, refusal } from '../../wire/refusal.ts';
import { UnderWay } from '../../wire/under-way.ts';
import { hasWords, noSpeech } from '../incoming-speech.ts';
import { loadedVoice } from '../loaded-voice.ts';
import { AnySampleStream } from '../sample-stream.ts';
import { checkSoundType } from '../sound-check.ts';
import { SPEECH_GAP_LIMIT_MS } from '../speech-pace.ts';
import { requestSpeech, type SpeechAnswer } from '../speech-request.ts';
import { renderingFor, type SpokenVoice, voiceNameFor } from '../spoken-voice.ts';
import type { Reads, TtsEngine, TtsRequest, TtsSpeech } from '../tts-engine.ts';
import type { VoiceCloner } from '../voice-cloner.ts';
import { readVoiceFile } from '../voice-file.ts';
import { PocketTtsCloner } from './pocket-tts-cloner.ts';

export interface PocketTtsSettings {
  readonly clock: Clock;
  /** Addresses by language. */
  readonly servers: ServersByLanguage;
}

/** The rate in Hz of all its speech. */
const POCKET_TTS_HZ = 24_000;

/** Recordings that are held at most, of some 0.5 MB each; the one that has not spoken for longest goes first. */
const MOST_RECORDINGS = 64;

/** How long a recording may take to be read, in ms. */
const LOAD_LIMIT_MS = 5_000;

/** How long a server may take to say that it is there, in ms. */
const PRESENCE_LIMIT_MS = 3_000;

/**
 * What goes to the server as a name. It would fetch any address, which may come from whoever may change a call, and is
 * trusted with those of its makers only.
 */
const VOICE_NAME = /^(?:[\w.-]+|hf:\/\/kyutai\/[\w./@-]+)$/;

/** What is said to hear whether it clones. */
const TRIAL_TEXT = '1 2 3';

const REFUSAL_HINTS: RefusalHints = {
  missing: 'see whether it is a pocket-tts server, and mend POCKET_TTS_URL',
  request: 'check the voice: a name that the server has, or the path of a WAV file',
  fault: 'see its log',
};

export class PocketTtsEngine implements TtsEngine {
  readonly name = 'pocket-tts';
  readonly cloner: VoiceCloner;
  readonly #settings: PocketTtsSettings;
  readonly #underWay = new UnderWay(this.name, SPEECHES_LIMIT);
  /** By address: several languages may share one. */
  readonly #origins: ReadonlyMap<string, HttpOrigin>;
  readonly #recordings = new LRUCache<string, Once<Uint8Array>>({ max: MOST_RECORDINGS });

  /** @throws AppError `bad-option` when an address is none. */
  constructor(settings: PocketTtsSettings) {
    this.#settings = settings;
    const { clock, servers } = settings;
    const unreachableHint = 'start the server or mend POCKET_TTS_URL';
    this.#origins = new Map(
      [...new Set(servers.values())].map((url) => [
        url,
        new HttpOrigin({ name: this.name, url, clock, unreachableHint }),
      ]),
    );
    this.cloner = new PocketTtsCloner({
      tryOut: (wav, language, signal) => this.#tryOut(wav, language, signal),
      forget: (ref) => this.#recordings.delete(ref),
    });
  }

  /** A text keeps the processor until it has been made. */
  get hasRoom(): boolean {
    return this.#underWay.count === 0;
  }

  get voicesKept(): number {
    return this.#recordings.size;
  }

  /** It was taught with words, and knows no rules for anything else. */
  reads(): Reads {
    return 'words';
  }

  async supports(language: Language): Promise<Support> {
    const origin = this.#originFor(language);
    if (origin === undefined) {
      return unsupported(
        `pocket-tts has no server for ${language}; add one to POCKET_TTS_URL: ${language}=http://HOST:8000`,
      );
    }
    try {
      await this.#underWay.run(this.#underWay.closed, (stop) => this.#findPresent(origin, stop));
      return SUPPORTED;
    } catch (error) {
      return unanswered(error);
    }
  }

  async synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech> {
    signal.throwIfAborted();
    this.#underWay.closed.throwIfAborted();
    const { language, text, voice } = request;
    const origin = this.#originFor(language);
    if (origin === undefined) {
      throw new AppError('language-unsupported', `pocket-tts has no server for ${language}`);
    }
    if (!hasWords(text)) {
      return noSpeech(POCKET_TTS_HZ);
    }
    return requestSpeech(
      { name: this.name, clock: this.#settings.clock, underWay: this.#underWay },
      text,
      signal,
      async (stop) => this.#ask(origin, text, await this.#voiceFields(voice, stop), stop),
    );
  }

  async close(): Promise<void> {
    await this.#underWay.close();
    await Promise.all([...this.#origins.values()].map((origin) => origin.close()));
  }

  #originFor(language: Language): HttpOrigin | undefined {
    const { servers } = this.#settings;
    const url = serverFor(servers, language);
    return url === undefined ? undefined : this.#origins.get(url);
  }

  async #ask(
    origin: HttpOrigin,
    text: string,
    voice: readonly FormField[],
    signal: AbortSignal,
  ): Promise<SpeechAnswer> {
    const form = multipartBody([{ name: 'text', value: text }, ...voice]);
    const answer = await origin.send(
      { method: 'POST', path: '/tts', ...form, silenceLimitMs: SPEECH_GAP_LIMIT_MS },
      signal,
    );
    if (answer.status !== 200) {
      const refused = await answer.refused([]);
      const ofVoice = refused.status === 500 && voice.length > 0 && (await this.#isWell(origin, signal));
      throw ofVoice ? noVoice(origin) : refusal(origin, refused, REFUSAL_HINTS);
    }
    try {
      checkSoundType(this.name, String(answer.headers['content-type'] ?? ''));
    } catch (error) {
      answer.discard();
      throw error;
    }
    return { answer, samples: new AnySampleStream(this.name, POCKET_TTS_HZ) };
  }

  /** What the form says of the voice; nothing: the server's own. */
  async #voiceFields(voice: SpokenVoice | undefined, signal: AbortSignal): Promise<readonly FormField[]> {
    const { ref, load } = renderingFor(this.name, voice) ?? {};
    if (ref !== undefined && load !== undefined) {
      const { clock } = this.#settings;
      const loaded = () => loadedVoice(this.name, load, clock, this.#underWay.closed);
      return [fileField(await this.#recording(ref, loaded, signal))];
    }
    const name = voiceNameFor(this.name, voice);
    if (name === undefined) {
      return [];
    }
    if (isAbsolute(name) && name.endsWith('.wav')) {
      return [fileField(await this.#recording(name, () => readVoiceFile(this.name, name), signal))];
    }
    if (!VOICE_NAME.test(name)) {
      throw new AppError(
        'voice-refused',
        `pocket-tts: "${name}" is no voice: write a name that the server has, the path of a .wav file or hf://...`,
      );
    }
    return [{ name: 'voice_url', value: name }];
  }

  async #recording(ref: string, load: () => Promise<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#recordings.get(ref) ?? new Once(load);
    this.#recordings.set(ref, known);
    const late = 'pocket-tts: the recording of the voice was not there in time';
    try {
      return await withDeadline(this.#settings.clock, LOAD_LIMIT_MS, late, signal, () => known.get());
    } catch (error) {
      if (this.#recordings.peek(ref) === known) {
        this.#recordings.delete(ref);
      }
      throw error;
    }
  }

  async #tryOut(wav: Uint8Array, language: Language, signal: AbortSignal): Promise<void> {
    this.#underWay.closed.throwIfAborted();
    const [any] = this.#origins.values();
    const origin = this.#originFor(language) ?? any;
    if (origin === undefined) {
      throw new AppError('language-unsupported', 'pocket-tts has no server');
    }
    const { clock } = this.#settings;
    const { pieces } = await requestSpeech(
      { name: this.name, clock, underWay: this.#underWay },
      TRIAL_TEXT,
      signal,
      (stop) => this.#ask(origin, TRIAL_TEXT, [fileField(wav)], stop),
    );
    for await (const _ of pieces) {
      // All of it: a failure may come late.
    }
  }

  /** @throws AppError when nobody is there, or somebody else. */
  async #findPresent(origin: HttpOrigin, signal: AbortSignal): Promise<void> {
    const answer: HttpAnswer = await origin.send(
      { method: 'GET', path: '/health', headLimitMs: PRESENCE_LIMIT_MS },
      signal,
    );
    if (answer.status !== 200) {
      throw refusal(origin, await answer.refused([]), REFUSAL_HINTS);
    }
    await answer.readAll();
  }

  async #isWell(origin: HttpOrigin, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#findPresent(origin, signal);
      return true;
    } catch {
      signal.throwIfAborted();
      // What it failed with before says more.
      return false;
    }
  }
}

/** A fault of a server that is well is the voice's: another voice may be spoken with. */
function noVoice({ name, host }: HttpOrigin): AppError {
  return new AppError(
    'voice-refused',
    `${name}: ${host} cannot speak with this voice: it has no such name, the recording is no WAV of speech, or its ` +
      'weights do not clone (ask for kyutai/pocket-tts at huggingface.co)',
  );
}

function fileField(wav: Uint8Array): FormField {
  return { name: 'voice_wav', fileName: 'voice.wav', type: 'audio/wav', bytes: wav };
}
