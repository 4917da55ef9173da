/** A call on one axis: when each party spoke, and when each language was heard. Pure. */

import type { CallModel } from './call-model.ts';

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Lane {
  readonly label: string;
  /** The language of what lies on it. */
  readonly language: string;
  readonly kind: 'speech' | 'playing';
  readonly stretches: readonly Stretch[];
}

/** The lanes of a call: what each party said, each followed by what was heard of it in other languages. */
export function lanesOf({ everybody, lines }: CallModel): readonly Lane[] {
  const reports = lines.value.flatMap((line) => line.reports);
  return everybody.value.flatMap(({ id, facts }) => {
    const own = reports.filter(({ party }) => party === id);
    const languages = [...new Set(own.map(({ target }) => target.language))];
    const { name, language } = facts.value;
    const spoken: Lane = {
      label: name,
      language,
      kind: 'speech',
      stretches: distinct(own.map(({ source: { startMs, endMs } }) => ({ fromMs: startMs, toMs: endMs }))),
    };
    const heard = languages.map(
      (each): Lane => ({
        label: `→ ${each}`,
        language: each,
        kind: 'playing',
        stretches: own.flatMap(({ target: { language: heardIn, startMs, endMs } }) =>
          heardIn === each && startMs !== undefined ? [{ fromMs: startMs, toMs: endMs ?? startMs }] : [],
        ),
      }),
    );
    return [spoken, ...heard];
  });
}

/** An utterance is reported for each language that it was rendered in. */
function distinct(stretches: readonly Stretch[]): readonly Stretch[] {
  return stretches.filter(
    ({ fromMs }, index) => stretches.findIndex((each) => each.fromMs === fromMs) === index,
  );
}
