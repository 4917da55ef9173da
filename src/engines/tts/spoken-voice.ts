/**
 * What a request for speech says of its voice. All of it is optional: without it the engine speaks with its neutral
 * voice of the language. Each engine takes what it can, and `VoiceTraits` says what that is; the rest is for whoever
 * plays the sound, since an engine neither pretends nor refuses.
 */

/** A person's voice at one engine, or one that is like it. */
export interface VoiceRendering {
  /** The name of the engine that it is for; the others pass it by. */
  readonly engine: string;
  /**
   * What the engine calls it: an id, a name, the absolute path of a file. Where there is a `load`, a name that no other
   * voice has, by which the engine keeps what it loaded.
   */
  readonly ref: string;
  /**
   * Whether it is the person's own: the engine that has it speaks for them before all others. Default no: it is only like
   * theirs, for when this engine's turn comes.
   */
  readonly isOwn?: true;
  /**
   * Reads what goes with each request, for providers that keep nothing: latents, a recording. It is asked once, and
   * again when the engine had to forget it.
   */
  readonly load?: () => Promise<Uint8Array>;
}

export interface SpokenVoice {
  /**
   * A voice that the operator or the API named, for whichever engine has it. Where there are renderings, it is what an
   * engine speaks with that has none of its own.
   */
  readonly name?: string;
  /** The voice at each engine that has it; each takes its own first. */
  readonly renderings?: readonly VoiceRendering[];
  /** How many times as fast as the voice speaks by itself; default 1. */
  readonly speed?: number;
  /** How many semitones higher than the voice is by itself; default 0. */
  readonly pitchSt?: number;
  /** How many dB louder than the voice is by itself; default 0. */
  readonly gainDb?: number;
  /** One English word, lower case: `excited`; default none. */
  readonly emotion?: string;
}

/** The least and the greatest value of a number that an engine takes. */
export interface TraitRange {
  readonly least: number;
  readonly most: number;
}

/** What an engine does itself of what a `SpokenVoice` asks; what is missing it leaves out. */
export interface VoiceTraits {
  readonly speed?: TraitRange;
  readonly pitchSt?: TraitRange;
  readonly gainDb?: TraitRange;
  /** Whether it speaks with the emotion it is told. */
  readonly emotion?: true;
  /** Whether it stresses the part of a text that it is told ({@link stretchesOf}). */
  readonly stress?: true;
}

/** For engines that speak as they speak. */
export const NO_TRAITS: VoiceTraits = {};

/** The voice of this name; undefined: none was named. */
export function namedVoice(name: string | undefined): SpokenVoice | undefined {
  return name === undefined ? undefined : { name };
}

/** What `engine` has of its own of a voice. */
export function renderingFor(engine: string, voice: SpokenVoice | undefined): VoiceRendering | undefined {
  return voice?.renderings?.find((rendering) => rendering.engine === engine);
}

/** What `engine` calls a voice: its own rendering's name, else the name that anybody may have; undefined: neutral. */
export function voiceNameFor(engine: string, voice: SpokenVoice | undefined): string | undefined {
  return renderingFor(engine, voice)?.ref ?? voice?.name;
}

/** `value` as far as an engine takes it; undefined where it takes none or none is asked for. */
export function within(value: number | undefined, range: TraitRange | undefined): number | undefined {
  return value === undefined || range === undefined
    ? undefined
    : Math.min(range.most, Math.max(range.least, value));
}

/** A text around the part of it that is to be stressed; undefined where that is not in it exactly once. */
export function stretchesOf(
  text: string,
  stressed: string | undefined,
): { readonly before: string; readonly stressed: string; readonly after: string } | undefined {
  const at = stressed === undefined || stressed === '' ? -1 : text.indexOf(stressed);
  return stressed === undefined || at < 0 || text.indexOf(stressed, at + 1) >= 0
    ? undefined
    : { before: text.slice(0, at), stressed, after: text.slice(at + stressed.length) };
}
