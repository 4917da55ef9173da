/**
 * Translations translated back, and how much of what was said comes back (chrF, 0 to 100). A warning light and no mark:
 * two machines can make one mistake there and back, and a good translation can come back in other words. What falls far
 * below what is usual for its direction is worth a look by somebody who speaks both languages.
 */

import type { CallDetail } from '../../call/detail/call-detail.ts';
import { TRANSCRIPT } from '../../call/transcript/transcript.ts';
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

/** Shorter ones say nothing: "yes" comes back as "yes" or as nothing. */
const LEAST_CHARACTERS = 20;

/** At most `count` utterances of the latest calls with transcripts, spread over the calls and over each of them. */
export async function samplesOf(
  api: ServiceApi,
  records: readonly CallDetail[],
  count: number,
): Promise<readonly Sample[]> {
  const withWords = records.filter(({ transcripts }) => transcripts !== undefined).slice(0, count);
  const each = Math.ceil(count / Math.max(1, withWords.length));
  const found: Sample[] = [];
  for (const { call } of withWords) {
    const { lines } = await api.read(`/api/v1/records/${call}/transcript`, TRANSCRIPT);
    const long = lines.flatMap(({ language: from, text: said, translations }) =>
      translations
        .filter(({ text }) => said.length >= LEAST_CHARACTERS && text !== '')
        .map(({ language: to, text: translation }) => ({ call, from, to, said, translation })),
    );
    found.push(...spread(long, each));
  }
  return found.slice(0, count);
}

/** The lowest first. */
export async function translateBack(
  samples: readonly Sample[],
  translate: Translate,
): Promise<readonly ComeBack[]> {
  const came: ComeBack[] = [];
  for (const sample of samples) {
    const back = await translate(sample.translation, sample.to, sample.from);
    came.push({ ...sample, back, chrf: chrf([[back, sample.said]]) });
  }
  return came.sort((one, other) => one.chrf - other.chrf);
}

/** `most` of them at even distances. */
function spread<Kept>(all: readonly Kept[], most: number): readonly Kept[] {
  return all.length <= most
    ? all
    : Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)]).flatMap(
        (one) => one ?? [],
      );
}
