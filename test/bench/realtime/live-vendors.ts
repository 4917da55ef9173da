/**
 * The vendors of the live bench: their stand-ins on loopback, as fast as the engines that the targets assume, with
 * notes of when each request came and each answer left.
 */

import { type DeepgramStandIn, startDeepgram } from '../../stand-ins/deepgram.ts';
import type { Burst } from '../../stand-ins/deepgram-ear.ts';
import { DeeplStandIn } from '../../stand-ins/deepl.ts';
import { XttsStandIn } from '../../stand-ins/xtts.ts';
import { translate } from '../interpret/pseudo-translation.ts';
import { callOfSound } from './call-voice.ts';
import { ENGINE_TIMES } from './engine-times.ts';
import type { MtFacts, TtsFacts, VendorFacts } from './live-facts.ts';
import { type LiveScript, type LiveTurn, liveTurns } from './live-turns.ts';
import { WireTap } from './wire-tap.ts';

export class LiveVendors {
  readonly #nowMs: () => number;
  readonly #mt: MtFacts[] = [];
  readonly #tts: TtsFacts[] = [];
  #deepgram: DeepgramStandIn | undefined;
  #tap: WireTap | undefined;
  #deepl: DeeplStandIn | undefined;
  #xtts: readonly XttsStandIn[] = [];

  private constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @param synthesisers how many XTTS servers there are; @param nowMs what is noted as the time. */
  static async open(script: LiveScript, synthesisers: number, nowMs: () => number): Promise<LiveVendors> {
    const vendors = new LiveVendors(nowMs);
    const heard = new TurnCounter(script);
    vendors.#deepgram = await startDeepgram({
      script: { type: 'bursts', choose: (burst) => heard.next(burst)?.turn },
      interimDelayMs: ENGINE_TIMES.partialMs,
      finalDelayMs: ENGINE_TIMES.finalMs,
    });
    const overheard = new TurnCounter(script);
    vendors.#tap = await WireTap.open({
      nowMs,
      upstreamUrl: vendors.#deepgram.url,
      turnOf: (burst) => {
        const next = overheard.next(burst);
        return next === undefined ? undefined : { call: next.call, turn: next.turn.id };
      },
    });
    vendors.#deepl = await vendors.#openDeepl();
    vendors.#xtts = await Promise.all(Array.from({ length: synthesisers }, () => vendors.#openXtts()));
    return vendors;
  }

  get deepgramUrl(): string {
    return this.#tap?.url ?? '';
  }

  get deeplUrl(): string {
    return this.#deepl?.url ?? '';
  }

  get xttsUrls(): readonly string[] {
    return this.#xtts.map(({ url }) => url);
  }

  /** What has happened so far. */
  facts(): VendorFacts {
    return {
      stt: this.#tap?.facts ?? [],
      mt: this.#mt,
      tts: this.#tts,
      overlaps: this.#xtts.reduce((sum, { overlaps }) => sum + overlaps, 0),
    };
  }

  async close(): Promise<void> {
    this.#tap?.close();
    await Promise.all([
      this.#deepgram?.close(),
      this.#deepl?.close(),
      ...this.#xtts.map((one) => one.close()),
    ]);
  }

  /** The stand-in asks for a latency when a request has come, and for a translation when it is to be sent. */
  async #openDeepl(): Promise<DeeplStandIn> {
    const standIn: DeeplStandIn = await DeeplStandIn.open({
      latencyMs: () => {
        const text = standIn.requests.at(-1)?.text[0] ?? '';
        this.#mt.push({ text, askedMs: this.#nowMs(), answeredMs: undefined });
        return ENGINE_TIMES.translationMs;
      },
      translate: (text) => {
        const asked = this.#mt.find((call) => call.text === text && call.answeredMs === undefined);
        if (asked !== undefined) {
          asked.answeredMs = this.#nowMs();
        }
        return translate(text);
      },
    });
    return standIn;
  }

  /** The stand-in asks for a latency when a request has come, and for a length when the first bytes are to be sent. */
  async #openXtts(): Promise<XttsStandIn> {
    let current: TtsFacts | undefined;
    const standIn: XttsStandIn = await XttsStandIn.start({
      speakers: 1,
      firstByteMs: () => {
        const text = String(standIn.asked.at(-1)?.body.text ?? '');
        current = { text, askedMs: this.#nowMs(), firstMs: undefined };
        this.#tts.push(current);
        return ENGINE_TIMES.firstSoundMs;
      },
      durationMs: (text) => {
        if (current !== undefined) {
          current.firstMs = this.#nowMs();
        }
        return text.length * ENGINE_TIMES.letterMs;
      },
      realTimeFactor: ENGINE_TIMES.realTimeFactor,
    });
    return standIn;
  }
}

/** Tells turns by their pitch, which says the call, and by their order in it. */
class TurnCounter {
  readonly #script: LiveScript;
  readonly #turns: readonly (readonly LiveTurn[])[];
  readonly #heard: number[];

  constructor(script: LiveScript) {
    this.#script = script;
    this.#turns = Array.from({ length: script.calls }, (_, call) => liveTurns(script, call));
    this.#heard = this.#turns.map(() => 0);
  }

  /** The turn that begins with `burst`; undefined for any other sound. */
  next(burst: Burst): { readonly call: number; readonly turn: LiveTurn } | undefined {
    const call = callOfSound(burst, this.#script.calls);
    if (call === undefined) {
      return undefined;
    }
    const turn = this.#turns[call]?.[this.#heard[call] ?? 0];
    this.#heard[call] = (this.#heard[call] ?? 0) + 1;
    return turn === undefined ? undefined : { call, turn };
  }
}
