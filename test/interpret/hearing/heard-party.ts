/** One party as it is heard through a recogniser, and what is told of it. */

import type { TestContext } from 'node:test';
import type { Clock } from '../../../src/base/clock.ts';
import type { SttEngine } from '../../../src/engines/stt/stt-engine.ts';
import { Conversation } from '../../../src/interpret/conversation.ts';
import type { Hearing } from '../../../src/interpret/hearing/hearing.ts';
import type { HearingSink } from '../../../src/interpret/hearing/hearing-sink.ts';
import { SttHearings } from '../../../src/interpret/hearing/stt-hearings.ts';
import { never } from '../../support/waiting.ts';

/** 20 ms of sound for recognition. */
export const FRAME = 320;

/** Keeps the segments and how the utterance ended, and lets a test wait for them. */
export class Told implements HearingSink {
  readonly segments: string[] = [];
  readonly endings: (string | undefined)[] = [];
  failures = 0;
  passedOn: ReadonlyMap<number, string> | undefined;
  readonly captions: string[] = [];
  /** What streams were lost to in whose place another went on. */
  readonly replaced: string[] = [];
  #waiting: { readonly holds: () => boolean; readonly go: () => void }[] = [];

  began = (): void => {};
  draft = (): void => {};
  switched = (): void => {};
  segment: HearingSink['segment'] = (_, text) => {
    this.segments.push(text);
    this.look();
  };
  ended: HearingSink['ended'] = (_, failure) => {
    this.endings.push(failure?.message);
    this.look();
  };

  until(holds: () => boolean): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ holds, go });
      this.look();
    });
  }

  /** Wakes up whoever waits for what has come true. */
  look(): void {
    const met = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const { go } of met) {
      go();
    }
  }
}

export async function hear(
  test: TestContext,
  stt: SttEngine,
  clock: Clock,
  passedOn: ReadonlyMap<number, string> = new Map(),
): Promise<{ readonly hearing: Hearing; readonly told: Told }> {
  const told = new Told();
  const hearing = await new SttHearings(stt, clock).open(
    {
      from: 'en',
      alsoLanguages: [],
      policy: 'sentence',
      terms: [],
      lines: new Conversation().of('speaker'),
      passedOn,
      onEvent: (event) => {
        if (event.type === 'failed') {
          told.passedOn = event.passedOn;
          told.failures += 1;
        } else if (event.type === 'replaced') {
          told.replaced.push(event.error.message);
        } else if (event.type === 'heard') {
          told.captions.push(event.text);
        }
        told.look();
      },
    },
    never(),
  );
  test.after(() => hearing.close());
  hearing.subscribe(told, never());
  return { hearing, told };
}

export function start(hearing: Hearing): void {
  hearing.take({ type: 'started', utterance: 1, startMs: 0, overlapping: false });
}

/** Says silence. */
export function say(hearing: Hearing, frames: number): void {
  sayAll(hearing, new Int16Array(frames * FRAME));
}

export function end(hearing: Hearing): void {
  hearing.take({ type: 'ended', endMs: 0, decidedMs: 0, echoShare: 0 });
}

/** Says `pcm`, frame by frame. */
export function sayAll(hearing: Hearing, pcm: Int16Array): void {
  for (let at = 0; at < pcm.length; at += FRAME) {
    hearing.take({ type: 'audio', pcm: pcm.slice(at, at + FRAME) });
  }
}
