/**
 * Which voice speaks for each party of a call, in each language: one as high as theirs, apart from the others'. It is
 * chosen when how high they speak is known, and stays until somebody else speaks in their place. What the operator or
 * the API has named for a party is not touched.
 */

import type { Language } from '../base/language.ts';
import type { SpokenVoice } from '../engines/tts/spoken-voice.ts';
import { chooseVoice, type KnownVoice, type VoiceBook } from '../interpret/manner/choose-voice.ts';
import { semitonesBetween } from '../media/hear/prosody/prosody.ts';
import type { CallPlan, PartyPlan } from './plan.ts';

/** A person who was away is taken for the same as far as this, in semitones. */
const SAME_SEMITONES = 4;
/** Fewer are no choice. */
const LEAST_VOICES = 2;

interface Speaker {
  readonly hz: number;
  readonly chosen: Map<Language, KnownVoice>;
}

export class CallVoices {
  readonly #book: VoiceBook;
  /** By party, those of whom it is known how high they speak. */
  readonly #speakers = new Map<string, Speaker>();

  /** @param book default none to choose from. */
  constructor(book: VoiceBook = () => []) {
    this.#book = book;
  }

  /** Whether there is a choice in a language of the call. */
  canChoose({ languages }: CallPlan): boolean {
    return languages.some((language) => this.#book(language).length >= LEAST_VOICES);
  }

  /** A party speaks at `hz`: unless that was so before, as far as one can tell, its voices are chosen anew. */
  registered(party: string, hz: number): void {
    const before = this.#speakers.get(party);
    const stays = before !== undefined && Math.abs(semitonesBetween(before.hz, hz)) <= SAME_SEMITONES;
    this.#speakers.set(party, { hz, chosen: stays ? before.chosen : new Map() });
  }

  /** Nothing is known of a party any more. */
  forget(party: string): void {
    this.#speakers.delete(party);
  }

  /**
   * What speaks for a party in the language `to`. @param neutral what does where none is chosen.
   * @returns undefined for the engine's own.
   */
  of({ id, voice }: PartyPlan, to: Language, neutral: SpokenVoice | undefined): SpokenVoice | undefined {
    const speaker = this.#speakers.get(id);
    const voices = this.#book(to);
    if (voice !== undefined || speaker === undefined || voices.length < LEAST_VOICES) {
      return neutral;
    }
    const chosen = speaker.chosen.get(to) ?? this.#choose(id, speaker.hz, voices);
    if (chosen === undefined) {
      return neutral;
    }
    speaker.chosen.set(to, chosen);
    return { ...neutral, renderings: [chosen, ...likeIt(chosen, voices)] };
  }

  /** The best engine's; the others speak with what is most like it. */
  #choose(id: string, hz: number, voices: readonly KnownVoice[]): KnownVoice | undefined {
    const best = voices[0]?.engine;
    const taken = [...this.#speakers].flatMap(([party, { chosen }]) =>
      party === id ? [] : [...chosen.values()],
    );
    return chooseVoice(
      voices.filter(({ engine }) => engine === best),
      hz,
      taken,
    );
  }
}

/** Of each other engine the voice that is as high as `chosen`, so that a call that fails over keeps its register. */
function likeIt({ engine, hz }: KnownVoice, voices: readonly KnownVoice[]): readonly KnownVoice[] {
  const others = new Set(voices.map((voice) => voice.engine).filter((name) => name !== engine));
  return [...others].flatMap((other) => {
    const nearest = chooseVoice(
      voices.filter((voice) => voice.engine === other),
      hz,
      [],
    );
    return nearest === undefined ? [] : [nearest];
  });
}
