/**
 * What happens to one party's speech, as one union: found out on the media thread, told to whoever subscribed to the
 * leg's speech (`LegLink.onSpeech`), and passed through nothing in between. A further thing to know of speech is a
 * further member here, told where it is found out.
 */

import type { MeasuredProsody } from './prosody/prosody.ts';

/** Times are those of the {@link import('../../base/clock.ts').Clock}, in ms. */
export type SpeechEvent =
  /**
   * The party began to speak at `startMs`, pre-roll left out. `overlapping` says that it is being spoken to at the
   * time, so that a short "aha" is one. Utterances of a party are counted up.
   */
  | {
      readonly type: 'started';
      readonly utterance: number;
      readonly startMs: number;
      readonly overlapping: boolean;
    }
  /**
   * 20 ms of the utterance that goes on, its pre-roll first; 16 kHz mono. Whoever hears it may keep it; nobody changes
   * it, and its memory is others' too.
   */
  | { readonly type: 'audio'; readonly pcm: Int16Array }
  /**
   * The party has been silent since `silenceStartMs` and may go on in the same utterance. `echoShare`, here and at the
   * end: how much of its voice since it began is echo of what the party was played, 0 to 1; undefined: not measured.
   */
  | { readonly type: 'paused'; readonly silenceStartMs: number; readonly echoShare: number | undefined }
  | { readonly type: 'resumed' }
  /** How some of the utterance was said; only where the leg's orders say that it is to be measured. */
  | { readonly type: 'measured'; readonly prosody: MeasuredProsody }
  /** What goes on turned out to be no speech, but music; its end follows. */
  | { readonly type: 'was-none' }
  /** `endMs`: when the voice stopped, before the hang-over; `decidedMs`: when that was noticed. */
  | {
      readonly type: 'ended';
      readonly endMs: number;
      readonly decidedMs: number;
      readonly echoShare: number | undefined;
    };

/**
 * The same as the media thread finds it out. The main thread passes it on, adds what only it knows of a beginning, and
 * reads the audio from the ring.
 */
export type FoundSpeech =
  | { readonly type: 'started'; readonly startMs: number }
  | Exclude<SpeechEvent, { readonly type: 'started' | 'audio' }>;

export type SpeechListener = (event: SpeechEvent) => void;
