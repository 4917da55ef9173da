/** The utterances of a transcript as those of a report: with when they were said and heard, and no stages. */

import type { Transcript } from '../call/transcript/transcript.ts';
import type { ReportedUtterance } from './call-report.ts';

export function utterancesOf({ lines }: Transcript): readonly ReportedUtterance[] {
  return lines.flatMap(({ party, language, text, startMs, endMs, translations }) =>
    translations.map((translation): ReportedUtterance => {
      const { startMs: heardMs, endMs: heardToMs, pieces } = translation;
      return {
        party,
        source: { language, text, startMs, endMs },
        target: {
          ...{ language: translation.language, text: translation.text },
          ...(heardMs === undefined ? {} : { startMs: heardMs }),
          ...(heardToMs === undefined ? {} : { endMs: heardToMs }),
        },
        segments: pieces.map(({ atMs, text: target }) => ({ target, startMs: atMs })),
        ...(heardMs === undefined ? {} : { startOffsetMs: heardMs - startMs }),
        stages: {},
        outcome: heardMs === undefined ? 'not-played' : 'spoken',
      };
    }),
  );
}
