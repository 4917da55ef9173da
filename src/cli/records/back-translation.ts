/**
 * Translations translated back, and how much of what was said comes back (chrF, 0 to 100). A warning light and no mark:
 * two machines can make one mistake there and back, and a good translation can come back in other words. What falls far
 * below what is usual for its direction is worth a look by somebody who speaks both languages.
 */

import { AppError } from '../../base/errors.ts';
import type { CallDetail } from '../../call/detail/call-detail.ts';
import { TRANSCRIPT, type Transcript } from '../../call/transcript/transcript.ts';
import { chrf } from '../../interpret/exactness/chrf.ts';
import type { ServiceApi } from '../service-api.ts';

/** Translates one text. */
export type Translate = (text: string, from: string, to: string) => Promise<string>;

export interface Sample {
  readonly call: string;
  readonly from: string;
  readonly to: string;
  readonly said: string;
  readonly translation: string;
}

export interface ComeBack extends Sample {
  readonly back: string;
  readonly chrf: number;
}

/** What came of it. */
export interface BackTranslation {
  /** The lowest first. */
  readonly came: readonly ComeBack[];
  /** What nothing translates back, and why. */
  readonly refused: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
}

/** Calls whose transcripts are gone, since those are kept for less long than records, that are looked at for others. */
const MOST_GONE = 100;
/** Shorter ones say nothing: "yes" comes back as "yes" or as nothing. */
const LEAST_CHARACTERS = 20;

/** At most `count` utterances of the latest calls with transcripts, spread over the calls and over each of them. */
export async function samplesOf(
  api: ServiceApi,
  records: readonly CallDetail[],
  count: number,
): Promise<readonly Sample[]> {
  const said: Transcript[] = [];
  let gone = 0;
  for (const { call } of records.filter(({ transcripts }) => transcripts !== undefined)) {
    const transcript = await api.find(`/api/v1/records/${call}/transcript`, TRANSCRIPT);
    if (transcript === undefined) {
      gone += 1;
    } else {
      said.push(transcript);
    }
    if (said.length === count || gone === MOST_GONE) {
      break;
    }
  }
  const each = Math.ceil(count / Math.max(1, said.length));
  const found: Sample[] = [];
  for (const { call, lines } of said) {
    const long = lines.flatMap(({ language: from, text, translations }) =>
      translations
        .filter((translation) => text.length >= LEAST_CHARACTERS && translation.text !== '')
        .map(({ language: to, text: translation }) => ({ call, from, to, said: text, translation })),
    );
    found.push(...spread(long, each));
  }
  return found.slice(0, count);
}

/** A direction of which one text is refused is left at that. */
export async function translateBack(
  samples: readonly Sample[],
  translate: Translate,
): Promise<BackTranslation> {
  const came: ComeBack[] = [];
  const refused = new Map<string, BackTranslation['refused'][number]>();
  for (const sample of samples) {
    const { from, to } = sample;
    const direction = `${from} ${to}`;
    if (!refused.has(direction)) {
      try {
        const back = await translate(sample.translation, to, from);
        came.push({ ...sample, back, chrf: chrf([[back, sample.said]]) });
      } catch (error) {
        if (!(error instanceof AppError)) {
          throw error;
        }
        refused.set(direction, { from, to, reason: error.message });
      }
    }
  }
  return { came: came.sort((one, other) => one.chrf - other.chrf), refused: [...refused.values()] };
}

/** `most` of them at even distances. */
function spread<Kept>(all: readonly Kept[], most: number): readonly Kept[] {
  return all.length <= most
    ? all
    : Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)]).flatMap(
        (one) => one ?? [],
      );
}
