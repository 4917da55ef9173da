/**
 * Finds out what audio really is that is labelled 8 kHz linear. Asterisk before 20.17, 21.12, 22.7 and 23.1 labels
 * every codec of a channel so, in packets as long as the phone's. What tells is how many bytes come in a ms, 8 of
 * G.711 and G.722, 16 of 8 kHz linear, 32 of 16 kHz linear; and what they sound like. Neither alone: pauses make the
 * rhythm slow, bundles fast, and noise sounds like nothing. Pure; one per leg.
 *
 * It takes 0.1 to 0.6 s of speech; until then what would be noise is not heard. Rightly labelled packets of 10 or 40 ms pay
 * with their first 0.1 to 0.2 s, and 16 kHz linear with bundles and pauses from its first packet on is taken for 8 kHz.
 */

import type { G711Law } from '../../protocol/g711.ts';
import { CodecLikeness } from './codec-likeness.ts';

/** What the payloads labelled 8 kHz linear are. */
export type RealAudio = 'as-labelled' | 'linear-16k' | 'g722' | G711Law;

/** Bytes in a ms of what the label says: 8,000 Hz * 2 bytes. */
const LABEL_BYTES_PER_MS = 16;
/**
 * Payloads and ms after which the rhythm is believed if its mean and its median agree; else it is looked at for
 * longer.
 */
const SOON_PAYLOADS = 6;
const SOON_MS = 50;
/** Payloads that are looked at for that. */
const LATE_PAYLOADS = 17;
/** Ms after which the rhythm of all of them is believed as it is, however they came. */
const LATE_MS = 300;
/**
 * Payloads come too soon to be as labelled when they did so in each of so many ms, so many times one after the other.
 * What has waited in a channel or a socket comes at once, too, but much faster, and it comes to an end.
 */
const SPAN_MS = 120;
const FAST_SPANS = 5;
/** How much more sound than time a span of a faster codec holds, and how much what had waited. */
const FAST = 1.5;
const MUCH_TOO_FAST = 3;
/** Payloads that come closer than this had waited for each other, in ms. */
const BUNDLE_MS = 1;
/** How much sooner or later than labelled payloads must come to be another codec's: half the way, by ratio. */
const SOONER = 0.75;
const LATER = 1.5;
/**
 * Lengths that hardly any phone sends of 8 kHz linear: its 5, 10, 15, 40, 80 and 120 ms. They are not believed at
 * once.
 */
const SUSPECT_BYTES: ReadonlySet<number> = new Set([80, 160, 240, 640, 1_280, 1_920]);

/**
 * Above it sound cannot be foretold: noise, or not what it is taken for. A voice is at 0.7 for a moment, 0.1 mostly.
 */
const NOISE = 0.8;
/** Energy of the differences by that of the sound: a voice is below, most of what is coded otherwise above. */
const SMOOTH = 0.6;
/** Energy by bytes below which nothing is heard: about -60 dB relative to full scale. */
const QUIET = 500;
/** A guess is clear when another one leaves so much more unforetold. */
const CLEARLY = 0.7;
/**
 * G.722 taken for what it is against G.711's noise, and anything else against linear noise; what is taken for another
 * codec is above, even noise.
 */
const CLEARLY_OTHER = 0.45;
/** Payloads that are listened to one by one; after them one of so many, since it costs more than all else of a leg. */
const LISTEN_PAYLOADS = 64;
const LISTEN_SELDOM = 8;
/** Ms after which the rhythm is believed whatever the sound is like. */
const VETO_MS = 1_000;
/** Ms of sound that are compared before a codec can be clear, and after which the best guess is taken. */
const CLEAR_MS = 160;
const GUESS_MS = 600;
/** Bytes in a ms of G.711 and G.722. */
const CODE_BYTES_PER_MS = 8;

type Rhythm = 'as-labelled' | 'slower' | 'faster';

export class MislabelledAudio {
  /** The verdict; undefined until there is one. */
  verdict: RealAudio | undefined;
  readonly #likeness = new CodecLikeness();
  #lengthBytes: number | undefined;
  /** When the last payloads came. */
  readonly #arrivalsMs: number[] = [];
  /** When the last of those came that were there at once, and how many came since. */
  #firstMs = 0;
  #payloads = 0;
  /** Whether payloads came too seldom for what is labelled. */
  #slower = false;
  /** When the span began that is counted, the payloads in it, and how many before it were fast without a gap. */
  #spanFromMs = 0;
  #inSpan = 0;
  #fastSpans = 0;
  /** Whether the last payload may be heard as it is labelled before there is a verdict. */
  #harmless = false;

  /**
   * Looks at one payload labelled 8 kHz linear. Returns what to take it for: the verdict, once there is one; before
   * that what is labelled, if it may well be; undefined: nothing, it is better not heard.
   */
  look(payload: Uint8Array, nowMs: number): RealAudio | undefined {
    if (this.verdict === undefined) {
      this.verdict = this.#judge(payload, nowMs);
      if (this.verdict === undefined && this.#harmless) {
        return 'as-labelled';
      }
    }
    return this.verdict;
  }

  #judge(payload: Uint8Array, nowMs: number): RealAudio | undefined {
    if (this.#lengthBytes === undefined) {
      this.#lengthBytes = payload.length;
      this.#firstMs = nowMs;
      this.#spanFromMs = nowMs;
    } else if (payload.length !== this.#lengthBytes) {
      // A phone's packets are of one length; what varies is Asterisk's own sound.
      return 'as-labelled';
    }
    const labelMs = payload.length / LABEL_BYTES_PER_MS;
    this.#arrived(labelMs, nowMs);
    if (this.#payloads < LISTEN_PAYLOADS || this.#payloads % LISTEN_SELDOM === 0) {
      this.#listen(payload);
    }
    const rhythm = this.#rhythmSoon(labelMs, nowMs) ?? this.#rhythmLate(labelMs, nowMs);
    this.#slower = rhythm === 'slower';
    switch (rhythm) {
      case undefined:
        return undefined;
      case 'slower':
        return this.#codecOfBytes(payload.length);
      case 'faster':
        return this.#isNoLinear(nowMs) || this.#fastSpans < FAST_SPANS
          ? this.#unlessTooLate(nowMs)
          : 'linear-16k';
      case 'as-labelled':
        return this.#isNoLinear(nowMs) ? undefined : 'as-labelled';
    }
  }

  #arrived(labelMs: number, nowMs: number): void {
    this.#count(labelMs, nowMs);
    if (this.#payloads === 0 && nowMs - this.#firstMs <= BUNDLE_MS) {
      this.#firstMs = nowMs;
    } else {
      this.#payloads += 1;
    }
    this.#arrivalsMs.push(nowMs);
    if (this.#arrivalsMs.length > LATE_PAYLOADS) {
      this.#arrivalsMs.shift();
    }
  }

  /** Counts one more payload, in the span that it belongs to. */
  #count(labelMs: number, nowMs: number): void {
    if (nowMs - this.#spanFromMs >= SPAN_MS) {
      const speed = (this.#inSpan * labelMs) / SPAN_MS;
      const isFast = speed >= FAST && speed < MUCH_TOO_FAST && nowMs - this.#spanFromMs < 2 * SPAN_MS;
      this.#fastSpans = isFast ? this.#fastSpans + 1 : 0;
      this.#spanFromMs = isFast ? this.#spanFromMs + SPAN_MS : nowMs;
      this.#inSpan = 0;
    }
    this.#inSpan += 1;
  }

  /** Compares codecs only where the label is in doubt, because that costs as much as all else of a leg. */
  #listen(payload: Uint8Array): void {
    const suspect = SUSPECT_BYTES.has(payload.length);
    this.#harmless = !suspect && isSmoothAsLinear(payload);
    if (suspect || this.#slower) {
      this.#likeness.add(payload);
    }
  }

  /** How fast payloads come for their length, if the last few leave no doubt. @param labelMs how long each lasts. */
  #rhythmSoon(labelMs: number, nowMs: number): Rhythm | undefined {
    const arrivalsMs = afterFirstBundle(this.#arrivalsMs);
    if (arrivalsMs.length < SOON_PAYLOADS || nowMs - (arrivalsMs[0] ?? nowMs) < SOON_MS) {
      return undefined;
    }
    const { meanMs, medianMs } = intervalsOf(arrivalsMs);
    const byMean = rhythmOf(meanMs, labelMs);
    return byMean === rhythmOf(medianMs, labelMs) ? byMean : undefined;
  }

  /** How fast they came in all. */
  #rhythmLate(labelMs: number, nowMs: number): Rhythm | undefined {
    const lookedMs = nowMs - this.#firstMs;
    return lookedMs < LATE_MS || this.#payloads === 0
      ? undefined
      : rhythmOf(lookedMs / this.#payloads, labelMs);
  }

  /** Sound that comes too soon, but not for long enough, has waited: in the end it is as labelled. */
  #unlessTooLate(nowMs: number): RealAudio | undefined {
    return nowMs - this.#firstMs > 2 * VETO_MS ? 'as-labelled' : undefined;
  }

  /** Which codec of 8 bytes a ms it is; undefined while nothing tells them apart. */
  #codecOfBytes(lengthBytes: number): RealAudio | undefined {
    const likeness = this.#likeness;
    const comparedMs = (likeness.loudPayloads * lengthBytes) / CODE_BYTES_PER_MS;
    if (comparedMs < CLEAR_MS) {
      return undefined;
    }
    const muLaw = likeness.unforetold('mu-law');
    const aLaw = likeness.unforetold('a-law');
    const linear = likeness.unforetold('linear');
    const g711 = Math.min(muLaw, aLaw);
    if (linear < g711 / 2 || (linear < g711 && comparedMs >= GUESS_MS)) {
      // The label is right, and half of the packets are lost.
      return 'as-labelled';
    }
    if (g711 > NOISE) {
      return likeness.unforetold('g722') < CLEARLY_OTHER * g711 ? 'g722' : undefined;
    }
    const clear = g711 < CLEARLY * Math.max(muLaw, aLaw) && g711 < CLEARLY * linear;
    if (!clear && comparedMs < GUESS_MS) {
      return undefined;
    }
    return muLaw <= aLaw ? 'mu-law' : 'a-law';
  }

  /**
   * Whether it is clearly something else than linear sound: then a rhythm that says otherwise is not to be believed
   * yet.
   */
  #isNoLinear(nowMs: number): boolean {
    const likeness = this.#likeness;
    const others = Math.min(
      likeness.unforetold('mu-law'),
      likeness.unforetold('a-law'),
      likeness.unforetold('g722'),
    );
    return (
      likeness.loudPayloads > 0 &&
      nowMs - this.#firstMs < VETO_MS &&
      others < CLEARLY_OTHER * likeness.unforetold('linear')
    );
  }
}

/** Of what had waited before the first payload was read, only the last tells when the next one is due. */
function afterFirstBundle(arrivalsMs: readonly number[]): readonly number[] {
  const next = arrivalsMs.findIndex((atMs, index) => atMs - (arrivalsMs[index - 1] ?? atMs) > BUNDLE_MS);
  return next === -1 ? arrivalsMs.slice(-1) : arrivalsMs.slice(next - 1);
}

function rhythmOf(intervalMs: number, labelMs: number): Rhythm {
  if (intervalMs > labelMs * LATER) {
    return 'slower';
  }
  return intervalMs < labelMs * SOONER ? 'faster' : 'as-labelled';
}

/** Whether it is a voice, a tone or silence if it is linear: most of what is not is rough. */
function isSmoothAsLinear(payload: Uint8Array): boolean {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let energy = 0;
  let differences = 0;
  let last = 0;
  for (let at = 0; at + 1 < payload.length; at += 2) {
    const sample = view.getInt16(at, true);
    energy += sample * sample;
    differences += (sample - last) ** 2;
    last = sample;
  }
  return differences <= SMOOTH * energy || energy < payload.length * QUIET;
}

function intervalsOf(arrivalsMs: readonly number[]): { readonly meanMs: number; readonly medianMs: number } {
  const intervalsMs = arrivalsMs.slice(1).map((atMs, index) => atMs - (arrivalsMs[index] ?? atMs));
  intervalsMs.sort((a, b) => a - b);
  return {
    meanMs: intervalsMs.reduce((sum, each) => sum + each, 0) / intervalsMs.length,
    medianMs: intervalsMs[intervalsMs.length >> 1] ?? 0,
  };
}
