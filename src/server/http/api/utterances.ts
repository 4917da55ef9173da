/**
 * The utterances of a call, each with where its time went, put together from the events that are kept of it: for a
 * waterfall of a call that runs, or has ended. Times are ms since the call began.
 */

import { z } from 'zod';
import type { CallEvent, UtteranceReport } from '../../../call/call-events.ts';
import type { LoggedEvent } from './logged-event.ts';

const RENDERED_UTTERANCE = z
  .object({
    language: z.string(),
    outcome: z.string().exactOptional().meta({ description: 'once it is over' }),
    piiText: z.string(),
    startMs: z.number().exactOptional().meta({ description: 'when its first listener began to hear it' }),
    endMs: z.number().exactOptional(),
    startOffsetMs: z.number().exactOptional().meta({ description: 'from the beginning of speech' }),
    stages: z.record(z.string(), z.number()).exactOptional().meta({
      description: 'where the time went from the end of speech to the first sound of its last segment',
    }),
    segments: z.array(
      z.object({
        atMs: z.number(),
        piiText: z.string(),
        piiSource: z.string().exactOptional(),
        stages: z.record(z.string(), z.number()).exactOptional(),
      }),
    ),
  })
  .meta({ id: 'RenderedUtterance' });

const SHOWN_UTTERANCE = z
  .object({
    party: z.string().meta({ description: 'who spoke' }),
    utterance: z.int(),
    final: z.boolean().meta({ description: 'whether recognition is done with it' }),
    language: z.string().exactOptional(),
    startMs: z.number().exactOptional().meta({ description: 'of speech' }),
    endMs: z.number().exactOptional(),
    piiText: z.string(),
    renderings: z.array(RENDERED_UTTERANCE),
  })
  .meta({ id: 'Utterance', description: 'texts are empty for who has no scope "captions"' });

export const UTTERANCE_LIST = z
  .object({
    utterances: z.array(SHOWN_UTTERANCE).meta({ description: 'the oldest first' }),
    missed: z.boolean().meta({ description: 'earlier ones are kept no more' }),
  })
  .meta({ id: 'UtteranceList' });

type Rendered = z.infer<typeof RENDERED_UTTERANCE>;
type Shown = z.infer<typeof SHOWN_UTTERANCE>;

/** @param captions with what was said. */
export function utterancesIn(events: readonly LoggedEvent[], captions: boolean): readonly Shown[] {
  const found = new Map<string, Shown>();
  const entry = (party: string, utterance: number): Shown => {
    const key = `${party} ${utterance}`;
    const shown = found.get(key) ?? { party, utterance, final: false, piiText: '', renderings: [] };
    found.set(key, shown);
    return shown;
  };
  for (const { event } of events) {
    switch (event.type) {
      case 'heard':
        Object.assign(entry(event.party, event.utterance), { final: event.final, piiText: event.piiText });
        break;
      case 'spoken':
        renderingOf(entry(event.party, event.utterance), event.language).segments.push(segmentOf(event));
        break;
      case 'utterance':
        addReport(entry(event.report.party, event.report.utterance), event.report);
        break;
    }
  }
  const all = [...found.values()];
  return captions ? all : all.map(untold);
}

function renderingOf(shown: Shown, language: string): Rendered {
  const known = shown.renderings.find((each) => each.language === language);
  if (known !== undefined) {
    return known;
  }
  const rendered: Rendered = { language, piiText: '', segments: [] };
  shown.renderings.push(rendered);
  return rendered;
}

function segmentOf({ atMs, piiText, piiSource, stages }: Extract<CallEvent, { type: 'spoken' }>) {
  return {
    atMs,
    piiText,
    ...(piiSource === undefined ? {} : { piiSource }),
    ...(stages === undefined ? {} : { stages: { ...stages } }),
  };
}

function addReport(shown: Shown, { outcome, source, target, startOffsetMs, stages }: UtteranceReport): void {
  const { language, startMs, endMs, piiText } = source;
  Object.assign(shown, { final: true, language, startMs, endMs, piiText });
  Object.assign(renderingOf(shown, target.language), {
    outcome,
    ...target,
    ...(startOffsetMs === undefined ? {} : { startOffsetMs }),
    stages: { ...stages },
  });
}

function untold(shown: Shown): Shown {
  return {
    ...shown,
    piiText: '',
    renderings: shown.renderings.map(({ segments, ...rendered }) => ({
      ...rendered,
      piiText: '',
      segments: segments.map(({ piiSource: _, ...segment }) => ({ ...segment, piiText: '' })),
    })),
  };
}
