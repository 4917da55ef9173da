/**
 * The vendors of a run with rooms: their stand-ins on loopback, as fast as the engines that the targets assume. They
 * keep what they were asked for, so that it can be counted.
 */

import type { Clock } from '../../../src/base/clock.ts';
import { GridTicker } from '../../../src/base/grid-ticker.ts';
import { type DeepgramStandIn, startDeepgram } from '../../stand-ins/deepgram.ts';
import { DeeplStandIn } from '../../stand-ins/deepl.ts';
import { XttsStandIn } from '../../stand-ins/xtts.ts';
import { translate } from '../interpret/pseudo-translation.ts';
import { ENGINE_TIMES } from '../realtime/engine-times.ts';
import type { Asked, RoomVendorFacts } from './room-facts.ts';
import { type RoomScript, speakersOf } from './room-script.ts';
import { SpeakerTurns } from './speaker-turns.ts';

/** How often it is noted that this process runs, in ms. */
const BEAT_MS = 20;
/** A word alone still sounds after the 40 ms of silence that speech begins with. */
const LEAST_SPEECH_MS = 200;
/** A month's contract that no run uses up. */
const CHARACTERS = 1_000_000_000;

export class RoomVendors {
  readonly #script: RoomScript;
  readonly #clock: Clock;
  readonly #beats: GridTicker;
  readonly #turns: SpeakerTurns;
  readonly #translations: Asked[] = [];
  readonly #syntheses: Asked[] = [];
  /** When this process was seen to run, the last time but one: a request that is read now came after it. */
  #ranMs: number;
  #lastBeatMs: number;
  #deepgram: DeepgramStandIn | undefined;
  #deepl: DeeplStandIn | undefined;
  #xtts: readonly XttsStandIn[] = [];

  private constructor(script: RoomScript, clock: Clock) {
    this.#script = script;
    this.#clock = clock;
    this.#turns = new SpeakerTurns(speakersOf(script));
    this.#ranMs = clock.nowMs();
    this.#lastBeatMs = clock.nowMs();
    this.#beats = new GridTicker(clock, BEAT_MS, 1);
    this.#beats.add({ tick: (_, nowMs) => this.#beat(nowMs), failed: () => {} }, 0);
  }

  /** @param synthesisers how many XTTS servers there are. */
  static async open(script: RoomScript, synthesisers: number, clock: Clock): Promise<RoomVendors> {
    const vendors = new RoomVendors(script, clock);
    vendors.#deepgram = await startDeepgram({
      script: { type: 'bursts', choose: (burst) => vendors.#turns.next(burst) },
      interimDelayMs: ENGINE_TIMES.partialMs,
      finalDelayMs: ENGINE_TIMES.finalMs,
    });
    vendors.#deepl = await vendors.#openDeepl();
    vendors.#xtts = await Promise.all(Array.from({ length: synthesisers }, () => vendors.#openXtts()));
    return vendors;
  }

  get deepgramUrl(): string {
    return this.#deepgram?.url ?? '';
  }

  get deeplUrl(): string {
    return this.#deepl?.url ?? '';
  }

  get xttsUrls(): readonly string[] {
    return this.#xtts.map(({ url }) => url);
  }

  /** What has happened so far. */
  facts(): RoomVendorFacts {
    return {
      streamsHeardMs: (this.#deepgram?.connections ?? []).map(({ heardMs }) => heardMs),
      brokenSounds: this.#turns.broken,
      translations: this.#translations,
      syntheses: this.#syntheses,
      overlaps: this.#xtts.reduce((sum, { overlaps }) => sum + overlaps, 0),
    };
  }

  async close(): Promise<void> {
    this.#beats.close();
    await Promise.all([
      this.#deepgram?.close(),
      this.#deepl?.close(),
      ...this.#xtts.map((one) => one.close()),
    ]);
  }

  #beat(nowMs: number): void {
    this.#ranMs = this.#lastBeatMs;
    this.#lastBeatMs = nowMs;
  }

  #note(to: Asked[], text: string, language: string): Asked {
    const asked: Asked = {
      text,
      language: language.slice(0, 2).toLowerCase(),
      askedMs: this.#clock.nowMs(),
      notBeforeMs: this.#ranMs,
      answeredMs: undefined,
    };
    to.push(asked);
    return asked;
  }

  /** The stand-in asks for a latency when a request has come, and for a translation when it is to be sent. */
  async #openDeepl(): Promise<DeeplStandIn> {
    // All take equally long, so they are answered in the order in which they came.
    const open: Asked[] = [];
    const standIn: DeeplStandIn = await DeeplStandIn.open({
      characterLimit: CHARACTERS,
      latencyMs: () => {
        const request = standIn.requests.at(-1);
        open.push(this.#note(this.#translations, request?.text.join(' ') ?? '', request?.targetLang ?? ''));
        return ENGINE_TIMES.translationMs;
      },
      translate: (text) => {
        const asked = open.shift();
        if (asked !== undefined) {
          asked.answeredMs = this.#clock.nowMs();
        }
        return translate(text);
      },
    });
    return standIn;
  }

  /** The stand-in asks for a latency when a request has come, and for a length when the first bytes are to be sent. */
  async #openXtts(): Promise<XttsStandIn> {
    const { letterMs, firstSoundMs, realTimeFactor } = ENGINE_TIMES;
    let current: Asked | undefined;
    const standIn: XttsStandIn = await XttsStandIn.start({
      speakers: 1,
      firstByteMs: () => {
        const body = standIn.asked.at(-1)?.body;
        current = this.#note(this.#syntheses, String(body?.text ?? ''), String(body?.language ?? ''));
        return firstSoundMs;
      },
      durationMs: (text) => {
        if (current !== undefined) {
          current.answeredMs = this.#clock.nowMs();
        }
        return Math.max(LEAST_SPEECH_MS, text.length * letterMs * this.#script.renderedLength);
      },
      realTimeFactor,
    });
    return standIn;
  }
}
