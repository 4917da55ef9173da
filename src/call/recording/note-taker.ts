/**
 * Takes the notes of one call (`call-notes.ts`) while it runs, for whoever keeps them to fetch a few times a second. What
 * nobody fetches is bounded; notes that are dropped have numbers all the same.
 */

import { codeOf } from '../../base/errors.ts';
import { FRAME_MS } from '../../base/units.ts';
import type { EngineAnswer } from '../../interpret/answers/engine-answer.ts';
import type { HeardEvent } from '../../interpret/hearing/replayed-stream.ts';
import { encodeG711 } from '../../protocol/g711.ts';
import type { AnnouncedFact, Announcement } from '../announcing.ts';
import type { CallEvent } from '../call-events.ts';
import type { CallPlan, PartyPlan } from '../plan.ts';
import { type CallNote, NOTES_VERSION } from './call-notes.ts';
import type { RecordedCall } from './recorder.ts';

/** Notes that wait to be fetched, in characters: two minutes of translated speech. */
const MOST_WAITING = 4_000_000;
/** Frames of which the times are in one note: a second. */
const VOICE_FRAMES = 50;
/** Times are noted to the µs, so that what is judged by them is judged as it was. */
const MICROSECONDS = 1_000;

type WithoutNumber<Note> = Note extends unknown ? Omit<Note, 'n'> : never;
type NewNote = WithoutNumber<CallNote>;

interface VoiceRun {
  readonly frame: number;
  readonly rateHz: number;
  readonly late: number[];
}

export interface NoteTakerOptions {
  readonly call: RecordedCall;
  readonly plan: CallPlan;
  /** When the call began, on the clock. */
  readonly startMs: number;
  readonly announces: boolean;
  readonly beepMs: number | undefined;
}

export class NoteTaker {
  readonly #startMs: number;
  readonly #voices = new Map<string, VoiceRun>();
  readonly #announced = new Set<string>();
  #waiting: string[] = [];
  #characters = 0;
  #number = 0;
  #lost = 0;
  #paused = false;

  constructor({ call, plan, startMs, announces, beepMs }: NoteTakerOptions) {
    this.#startMs = startMs;
    this.#note({
      type: 'call',
      version: NOTES_VERSION,
      call: call.shownId,
      startedAt: call.startedAt.toISOString(),
      phaseMs: startMs % FRAME_MS,
      plan: notedPlan(plan),
      announces,
      ...(beepMs === undefined ? {} : { beepMs }),
    });
  }

  /** Notes that were dropped, since nobody fetched them. */
  get lost(): number {
    return this.#lost;
  }

  /** Nothing is noted from now on, or all is again. */
  pause(on: boolean): void {
    this.#closeVoices();
    this.#paused = on;
  }

  /** What was noted since it was last asked for, as lines; empty: nothing. */
  take(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#characters = 0;
    return text;
  }

  /** All that it waits with is to be fetched now. */
  close(): void {
    this.#closeVoices();
  }

  /** A party has a leg. @param number of its sound. @param acceptedMs when the leg was accepted. */
  came(party: PartyPlan, number: number, acceptedMs: number, nowMs: number): void {
    const { id, language, original, hears, muted } = party;
    this.#note({
      ...{ type: 'leg', acceptedMs: this.#since(acceptedMs), atMs: this.#since(nowMs), party: id, number },
      ...(original === undefined ? {} : { original }),
      ...{ language, hears, muted },
    });
  }

  left(party: string, nowMs: number): void {
    this.#closeVoice(party);
    this.#note({ type: 'left', atMs: this.#since(nowMs), party });
  }

  /** A frame of a party's own voice came. @param frame its place. */
  arrived(party: string, frame: number, rateHz: number, atMs: number): void {
    if (this.#paused) {
      return;
    }
    let run = this.#voices.get(party);
    if (run === undefined || run.frame + run.late.length !== frame || run.rateHz !== rateHz) {
      this.#closeVoice(party);
      run = { frame, rateHz, late: [] };
      this.#voices.set(party, run);
    }
    run.late.push(Math.round((atMs - this.#startMs - frame * FRAME_MS) * MICROSECONDS));
    if (run.late.length === VOICE_FRAMES) {
      this.#closeVoice(party);
    }
  }

  announced(language: string, fact: AnnouncedFact, { rateHz, pcm }: Announcement): void {
    const key = `${language} ${fact}`;
    if (!this.#announced.has(key)) {
      this.#announced.add(key);
      this.#note({
        type: 'announcement',
        language,
        fact,
        rateHz,
        muLaw: inBase64(encodeG711(pcm, 'mu-law')),
      });
    }
  }

  hear(event: CallEvent): void {
    const passing = event.type === 'heard' && !event.final;
    if (event.type === 'recording') {
      // What is not kept is to be known of.
      const paused = this.#paused;
      this.#paused = false;
      this.#note({ type: 'event', event });
      this.#paused = paused;
    } else if (!passing) {
      this.#note({ type: 'event', event });
    }
  }

  answered(party: string, answer: EngineAnswer): void {
    switch (answer.type) {
      case 'mark':
        this.#note({ ...answer, party, atMs: this.#since(answer.atMs) });
        break;
      case 'heard':
        this.#note({ type: 'heard', atMs: this.#since(answer.atMs), party, ...heard(answer.event) });
        break;
      case 'engines':
        this.#note({
          ...{ ...answer, party, atMs: this.#since(answer.atMs) },
          terms: [...answer.terms].map(([source, target]): [string, string] => [source, target]),
        });
        break;
      case 'translation': {
        const { from, to, text, midSentence, askedMs, tookMs, answer: got } = answer;
        const code = got.type === 'failed' ? got.code : undefined;
        const said = got.type === 'answered' || got.type === 'known' ? got.text : code;
        this.#note({
          ...{ type: 'translation', party, from, to, text },
          ...(midSentence ? { midSentence } : {}),
          ...{ askedMs: this.#since(askedMs), tookMs: rounded(tookMs), what: got.type },
          ...(said === undefined ? {} : { answer: said }),
        });
        break;
      }
      case 'speech': {
        const { to, text, askedMs, tookMs, answer: got } = answer;
        this.#note({
          ...{ type: 'speech', party, to, text },
          ...{ askedMs: this.#since(askedMs), tookMs: rounded(tookMs), what: got.type },
          ...(got.code === undefined ? {} : { answer: got.code }),
          ...(got.sound === undefined ? {} : soundIn(got.sound)),
        });
        break;
      }
      case 'translator':
        this.#note({ ...answer, party, atMs: this.#since(answer.atMs) });
        break;
      case 'fused': {
        const { to, atMs, what } = answer;
        this.#note({ type: 'fused', atMs: this.#since(atMs), party, to, ...fused(what) });
        break;
      }
    }
  }

  #closeVoices(): void {
    for (const party of [...this.#voices.keys()]) {
      this.#closeVoice(party);
    }
  }

  #closeVoice(party: string): void {
    const run = this.#voices.get(party);
    this.#voices.delete(party);
    if (run !== undefined) {
      this.#note({ type: 'voice', party, ...run });
    }
  }

  #note(note: NewNote): void {
    if (this.#paused) {
      return;
    }
    const line = `${JSON.stringify({ n: this.#number, ...note })}\n`;
    this.#number += 1;
    if (this.#characters + line.length > MOST_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#characters += line.length;
    this.#waiting.push(line);
  }

  #since(nowMs: number): number {
    return rounded(nowMs - this.#startMs);
  }
}

function heard(
  event: HeardEvent,
): Pick<Extract<CallNote, { type: 'heard' }>, 'what' | 'utterance' | 'text' | 'words'> {
  switch (event.type) {
    case 'failed':
      return { what: 'failed', text: codeOf(event.error) };
    case 'likely-end':
      return { what: 'likely-end', utterance: event.utterance };
    case 'language':
      return { what: 'language', utterance: event.utterance, text: event.language };
    case 'partial':
    case 'stable':
    case 'final': {
      const { type: what, utterance, text, words } = event;
      const timed = words.map(({ text: word, startMs, endMs }): [string, number, number] => [
        word,
        rounded(startMs),
        rounded(endMs),
      ]);
      return { what, utterance, text, ...(timed.length === 0 ? {} : { words: timed }) };
    }
  }
}

function fused(
  what: Extract<EngineAnswer, { type: 'fused' }>['what'],
): Omit<Extract<CallNote, { type: 'fused' }>, 'n' | 'type' | 'atMs' | 'party' | 'to'> {
  switch (what.type) {
    case 'began':
    case 'ended':
      return { what: what.type, utterance: what.utterance };
    case 'source':
      return { what: 'source', text: what.text, concluded: what.concluded };
    case 'target':
      return { what: 'target', text: what.text };
    case 'audio':
      return { what: 'audio', rateHz: what.rateHz, muLaw: inBase64(encodeG711(what.pcm, 'mu-law')) };
    case 'caught-up':
      return { what: 'caught-up' };
    case 'failed':
      return { what: 'failed', text: codeOf(what.error) };
  }
}

function soundIn({
  rateHz,
  pieces,
  muLaw,
}: NonNullable<Extract<EngineAnswer, { type: 'speech' }>['answer']['sound']>) {
  const timed = pieces.map(([afterMs, samples]): [number, number] => [rounded(afterMs), samples]);
  return { rateHz, pieces: timed, muLaw: inBase64(muLaw) };
}

function inBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** What of a plan is noted. */
export function notedPlan(plan: CallPlan): Extract<CallNote, { type: 'call' }>['plan'] {
  const { kind, languages, mode, translating, policy, original, matchDelay, manner = false, drafts } = plan;
  const { codeSwitching, announce, joinTones, maxParties } = plan;
  return {
    ...{ kind, languages: [...languages], mode, translating, policy, original, matchDelay, manner, drafts },
    ...{ codeSwitching, announce, joinTones, maxParties },
  };
}

function rounded(ms: number): number {
  return Math.round(ms * MICROSECONDS) / MICROSECONDS;
}
