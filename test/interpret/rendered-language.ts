/**
 * One rendering of a test: what it was made with, and all that came out of it, in order. A segment is a handle to who
 * asks for it; here each has a number, counted from 0, and what it does is an event like the others.
 */

import assert from 'node:assert/strict';
import { AppError } from '../../src/base/errors.ts';
import type { HearingEvent } from '../../src/interpret/hearing/hearing.ts';
import { CHARGED } from '../../src/interpret/noted.ts';
import type {
  RenderingEvent,
  SegmentHandle,
  SpokenSegment,
  UtteranceEnded,
} from '../../src/interpret/rendering/rendering.ts';

export type SegmentEvent =
  | ({ readonly type: 'segment-started'; readonly segment: number } & SpokenSegment)
  | { readonly type: 'segment-audio'; readonly segment: number; readonly pcm: Int16Array }
  | { readonly type: 'segment-ended'; readonly segment: number };

export type KeptEvent = HearingEvent | RenderingEvent | SegmentEvent;

export class RenderedLanguage {
  /** All but what is only noted. */
  readonly events: KeptEvent[] = [];
  readonly noted: string[] = [];
  /** Characters that were asked for, by what for. */
  readonly charged = new Map<string, number>();
  #segments = 0;

  keep(event: KeptEvent): void {
    if (event.type === 'noted' && CHARGED.some((what) => what === event.what)) {
      this.charged.set(event.what, (this.charged.get(event.what) ?? 0) + event.count);
    } else if (event.type === 'noted') {
      this.noted.push(event.what);
    } else {
      this.events.push(event);
    }
  }

  /** What a rendering opens its segments with. */
  speak(spoken: SpokenSegment): SegmentHandle {
    const segment = this.#segments;
    this.#segments += 1;
    this.keep({ type: 'segment-started', segment, ...spoken });
    return {
      add: (pcm) => this.keep({ type: 'segment-audio', segment, pcm }),
      end: () => this.keep({ type: 'segment-ended', segment }),
    };
  }

  /** What came out, in short, sound and captions left out. */
  get story(): readonly string[] {
    return this.events.flatMap((event) => {
      switch (event.type) {
        case 'segment-started':
          return [`${event.utterance} says ${event.text}`];
        case 'utterance-ended':
          return [`${event.utterance} ${event.outcome}`];
        case 'failed':
          return ['failed'];
        default:
          return [];
      }
    });
  }

  report(utterance: number): UtteranceEnded {
    const [ended, ...more] = this.events.filter(
      (event): event is UtteranceEnded => event.type === 'utterance-ended' && event.utterance === utterance,
    );
    assert.ok(ended !== undefined, `utterance ${utterance} was not reported: ${this.story}`);
    assert.equal(more.length, 0, `utterance ${utterance} was reported ${more.length + 1} times`);
    return ended;
  }

  failureOf(utterance: number): string {
    const { failure } = this.report(utterance);
    assert.ok(failure?.error instanceof Error);
    return `${failure.stage} ${failure.error instanceof AppError ? failure.error.code : failure.error.message}`;
  }
}
