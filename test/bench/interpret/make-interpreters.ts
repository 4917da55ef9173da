/**
 * What interprets under test, made as the product makes it: the one place that knows its constructors. When to speak is
 * the call's plan.
 */

import type { Clock } from '../../../src/base/clock.ts';
import type { SttEngine } from '../../../src/engines/stt/stt-engine.ts';
import type { HearingFactory } from '../../../src/interpret/hearing/hearing.ts';
import { SttHearings } from '../../../src/interpret/hearing/stt-hearings.ts';
import type { TextRenderingFactory } from '../../../src/interpret/rendering/rendering.ts';
import type { RenderingEngines } from '../../../src/interpret/rendering/text-rendering.ts';
import { TextRenderings } from '../../../src/interpret/rendering/text-renderings.ts';

export const POLICIES = ['turn', 'sentence', 'clause'] as const;

/** When to speak: at the end of a turn, of a sentence, of a clause. */
export type Policy = (typeof POLICIES)[number];

export interface TestedEngines extends RenderingEngines {
  readonly stt: SttEngine;
}

export interface TestedInterpreters {
  readonly hearing: HearingFactory;
  readonly rendering: TextRenderingFactory;
}

export function makeInterpreters({ stt, mt, tts }: TestedEngines, clock: Clock): TestedInterpreters {
  return { hearing: new SttHearings(stt, clock), rendering: new TextRenderings({ mt, tts }, clock) };
}
