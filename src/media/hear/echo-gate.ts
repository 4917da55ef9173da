/**
 * Whether what a leg sends is the echo of what it was played: a telephone's loudspeaker is heard by its microphone,
 * 30 to 500 ms later and 6 to 40 dB softer, and would be translated again. Each voiced frame is compared with what
 * was played: it is echo if a short filter at one lag explains it, or if it is no louder than the echo must be by
 * now; it is a voice if it is far louder than that. The lag and loudness of the echo are remembered while it is heard
 * again.
 */

import { SPEECH_HZ } from '../../base/units.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { EchoFit, type Fit } from './echo-fit.ts';
import { EchoLag } from './echo-lag.ts';
import { InStep } from './in-step.ts';
import { energyOf, LOW_FRAME_SAMPLES, LowBand } from './low-band.ts';
import { NoiseFloor } from './noise-floor.ts';

/** What is played below this peak (-36 dB relative to full scale) is comfort noise or as good as silence. */
const AUDIBLE_PEAK = 520;
/** Without a sound played for this long there is no echo: 560 ms of lag and the room's own. */
const REMEMBERED_FRAMES = 40;
/**
 * A frame of which less than this is left over is echo: at the lag that is known, at one newly found, at a second
 * one.
 */
const REST_KNOWN = 0.4;
const REST_NEW = 0.35;
const REST_OTHER = 0.2;
/** What is newly found must correlate by this much (the square); two voices seldom do. */
const LIKENESS_NEW = 0.15;
/** A frame of which less than this is left over tells how loud the echo is. */
const REST_SURE = 0.15;
/** Such frames at one lag, after which another lag must show itself as often before it is believed. */
const SURE_FRAMES = 5;
/** Two lags are one if they are within 3 ms. */
const SAME_LAG_SAMPLES = 6;
/** No echo is this much louder than what was played (as energy). */
const LOUDEST_GAIN = 1.5;
/** A room's sound falls by 3 dB a frame or faster (60 dB in 400 ms). */
const ROOM_DECAY = 0.5;
const ROOM_FRAMES = 8;
/** A frame that is this many times louder than the echo can be is a voice, whatever explains it (10 dB). */
const VOICE_ABOVE_ECHO = 10;
/** A voice below 1 kHz has this many times the energy of the noise there. */
const ABOVE_NOISE = 5;
/**
 * Voiced frames for which an echo is remembered that is not seen again: 240 ms when it was seen once, 200 ms more for
 * each other frame that showed it, 5 s at most. By chance a voice looks like an echo in a frame of thirty.
 */
const REMEMBER_ONCE = 12;
const REMEMBER_MORE = 10;
const REMEMBER_MOST = 250;
/** What a frame takes off the remembered loudness, so that a loud moment is forgotten in some seconds. */
const GAIN_KEEP = 0.98;

interface Echo {
  lagSamples: number;
  /** Energy heard over energy played. */
  gain: number;
  sureFrames: number;
  /** Voiced frames for which it is remembered without being seen. */
  left: number;
}

export class EchoGate {
  readonly #played: LowBand;
  readonly #heard: LowBand;
  readonly #lag = new EchoLag();
  readonly #fit = new EchoFit();
  /** Of what is heard below 1 kHz. */
  readonly #floor = new NoiseFloor();
  #framesSincePlayed = REMEMBERED_FRAMES;
  #echo: Echo | undefined;
  /** Another lag that explains what is heard, and for how many frames. */
  #other = { lagSamples: 0, frames: 0 };
  readonly #step = new InStep();

  constructor(modules: MediaModules) {
    this.#played = new LowBand(modules);
    this.#heard = new LowBand(modules);
  }

  /** Hears a frame of what is sent to the leg; one each 20 ms, silence too. It is only read during the call. */
  played(pcm: Int16Array, rateHz: number): void {
    this.#framesSincePlayed = isAudible(pcm) ? 0 : this.#framesSincePlayed + 1;
    if (this.#framesSincePlayed < REMEMBERED_FRAMES) {
      this.#played.push(pcm, rateHz);
    } else {
      this.#played.skip();
    }
    this.#step.played();
  }

  /** Call it when frames did not arrive for a while: what comes next is in step with what is played now. */
  resume(): void {
    this.#step.resume();
  }

  /**
   * Whether the next frame that arrived, 320 samples at 16 kHz, is echo. A frame without voice is none.
   * About 12 us when the echo is known, 25 us while it is looked for, nothing when nothing was played lately.
   */
  isEcho(frame: Int16Array, voiced: boolean): boolean {
    const movedFrames = this.#step.heard();
    if (movedFrames !== 0) {
      this.#lag.clear();
      if (this.#echo !== undefined) {
        this.#echo.lagSamples = Math.max(0, this.#echo.lagSamples + movedFrames * LOW_FRAME_SAMPLES);
      }
    }
    if (this.#framesSincePlayed >= REMEMBERED_FRAMES) {
      this.#heard.skip();
      this.#lag.skip();
      return false;
    }
    this.#heard.push(frame, SPEECH_HZ);
    const loud = energyOf(this.#heard.samples, this.#heard.end - LOW_FRAME_SAMPLES, LOW_FRAME_SAMPLES);
    this.#floor.push(loud);
    if (!voiced) {
      this.#lag.skip();
      return false;
    }
    return this.#judge(this.#played.end - this.#step.behindFrames * LOW_FRAME_SAMPLES, loud);
  }

  /**
   * @param playedEnd the place after what was played in step with the newest sample heard.
   * @param loud the energy of the newest frame heard.
   */
  #judge(playedEnd: number, loud: number): boolean {
    const echo = this.#echo;
    const expected = echo === undefined ? 0 : echo.gain * this.#loudestPlayed(playedEnd - echo.lagSamples);
    if (echo !== undefined && loud < ABOVE_NOISE * this.#floor.energy) {
      // A hiss without a voice below 1 kHz: a consonant, and in an echo as soft as this nothing tells whose.
      this.#lag.skip();
      return true;
    }
    const explained = this.#explain(playedEnd);
    if (explained === undefined) {
      this.#forget();
      return loud < expected;
    }
    const sure = echo !== undefined && echo.sureFrames >= SURE_FRAMES;
    const isVoice = sure && explained.rest > REST_OTHER && loud > VOICE_ABOVE_ECHO * expected;
    if (explained.rest < REST_SURE) {
      this.#remember(explained);
    } else {
      this.#forget();
    }
    return !isVoice;
  }

  /** The echo that explains the frame, if one does. */
  #explain(playedEnd: number): (Fit & { readonly lagSamples: number }) | undefined {
    const known = this.#echo;
    if (known !== undefined) {
      const fit = this.#fitAt(known.lagSamples, playedEnd);
      if (isPossible(fit) && fit.rest < REST_KNOWN) {
        this.#lag.skip();
        return { ...fit, lagSamples: known.lagSamples };
      }
    }
    const found = this.#lag.find(
      this.#heard.samples,
      this.#heard.end - LOW_FRAME_SAMPLES,
      this.#played.samples,
      playedEnd - LOW_FRAME_SAMPLES,
    );
    if (found.likeness < LIKENESS_NEW) {
      return undefined;
    }
    const fit = this.#fitAt(found.lagSamples, playedEnd);
    const sure = known !== undefined && known.sureFrames >= SURE_FRAMES;
    const enough = isPossible(fit) && fit.rest < (sure ? REST_OTHER : REST_NEW);
    return enough ? { ...fit, lagSamples: found.lagSamples } : undefined;
  }

  #fitAt(lagSamples: number, playedEnd: number): Fit {
    const noise = this.#floor.energy / LOW_FRAME_SAMPLES;
    return this.#fit.at(
      lagSamples,
      this.#heard.samples,
      this.#heard.end,
      this.#played.samples,
      playedEnd,
      noise,
    );
  }

  /** The energy of the loudest frame played at that time or shortly before, each the softer the longer ago. */
  #loudestPlayed(end: number): number {
    let loudest = 0;
    let weight = 1;
    for (let back = 1; back <= ROOM_FRAMES; back += 1) {
      const from = end - back * LOW_FRAME_SAMPLES;
      loudest = Math.max(loudest, weight * energyOf(this.#played.samples, from, LOW_FRAME_SAMPLES));
      weight *= ROOM_DECAY;
    }
    return loudest;
  }

  /** Learns from a frame that is certainly echo. */
  #remember(seen: Fit & { readonly lagSamples: number }): void {
    const gain = Math.min(1, seen.heardEnergy / Math.max(1, seen.playedEnergy));
    const echo = this.#echo;
    if (echo === undefined) {
      this.#echo = { lagSamples: seen.lagSamples, gain, sureFrames: 1, left: REMEMBER_ONCE };
      return;
    }
    if (isSame(echo.lagSamples, seen.lagSamples)) {
      echo.sureFrames += 1;
      echo.gain = Math.max(echo.gain * GAIN_KEEP, gain);
      echo.left = Math.min(REMEMBER_MOST, echo.left + REMEMBER_MORE);
      return;
    }
    this.#other = {
      lagSamples: seen.lagSamples,
      frames: isSame(this.#other.lagSamples, seen.lagSamples) ? this.#other.frames + 1 : 1,
    };
    if (echo.sureFrames < SURE_FRAMES) {
      this.#echo = {
        lagSamples: seen.lagSamples,
        gain: Math.max(gain, echo.gain),
        sureFrames: 1,
        left: REMEMBER_ONCE,
      };
    } else if (this.#other.frames >= SURE_FRAMES) {
      this.#echo = {
        lagSamples: seen.lagSamples,
        gain,
        sureFrames: this.#other.frames,
        left: REMEMBER_ONCE + SURE_FRAMES * REMEMBER_MORE,
      };
    }
  }

  #forget(): void {
    if (this.#echo !== undefined) {
      this.#echo.left -= 1;
      if (this.#echo.left <= 0) {
        this.#echo = undefined;
      }
    }
  }

  /** Frees the libraries' memory. */
  close(): void {
    this.#played.close();
    this.#heard.close();
  }
}

function isAudible(pcm: Int16Array): boolean {
  for (let i = 0; i < pcm.length; i += 1) {
    const sample = pcm[i] ?? 0;
    if (sample > AUDIBLE_PEAK || sample < -AUDIBLE_PEAK) {
      return true;
    }
  }
  return false;
}

/** Whether something was played at that lag that is loud enough. */
function isPossible(fit: Fit): boolean {
  return fit.heardEnergy <= LOUDEST_GAIN * fit.playedEnergy;
}

function isSame(oneLag: number, otherLag: number): boolean {
  return Math.abs(oneLag - otherLag) <= SAME_LAG_SAMPLES;
}
