/**
 * A call as one picture on one line of time: each party's speech above what was heard of it, once for each language, so
 * that the eye sees the lag. Pure: data in, SVG text out, nothing fetched, no fonts but the viewer's own. Everything
 * from outside is escaped.
 */

import { medianEndToEndMs, medianStartOffsetMs, type ReportedUtterance, STAGES } from './call-report.ts';
import { heardSounds } from './heard-sounds.ts';
import {
  type Colours,
  drawWay,
  fixed,
  INK,
  type Layout,
  LEFT,
  type PictureParty,
  SOFT,
  STAGE_COLOURS,
  seconds,
  WAY_HEIGHT,
  type Way,
} from './picture-way.ts';
import { escapeXml } from './svg-text.ts';

export interface CallPicture {
  readonly callId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly parties: readonly PictureParty[];
  readonly utterances: readonly ReportedUtterance[];
  /** Why there are no utterances, when there are none to be had. */
  readonly captions?: string;
}

const RIGHT = 24;
const LEAST_WIDTH = 1_200;
/** A second is never narrower than this, so a long call makes a wider picture. */
const LEAST_SECOND = 24;
const TOP = 92;
const OUTER_GAP = 30;

const FIRST_COLOURS: Colours = { wave: '#2563eb', span: '#dbeafe', edge: '#93c5fd', text: '#1e3a8a' };
/** Of the parties in their order; they repeat. */
const COLOURS: readonly Colours[] = [
  FIRST_COLOURS,
  { wave: '#c2410c', span: '#ffedd5', edge: '#fdba74', text: '#7c2d12' },
  { wave: '#15803d', span: '#dcfce7', edge: '#86efac', text: '#14532d' },
  { wave: '#7e22ce', span: '#f3e8ff', edge: '#d8b4fe', text: '#581c87' },
  { wave: '#be185d', span: '#fce7f3', edge: '#f9a8d4', text: '#831843' },
  { wave: '#0e7490', span: '#cffafe', edge: '#67e8f9', text: '#164e63' },
];
const FOOT = [
  'a time above a translation is from the beginning of speech, one beside a bar from its end',
  "heard without a caption: the announcement at the beginning, tones, the others' own voices",
] as const;

/** The picture as a self-contained SVG document. Cost: one look at each sample. */
export function callPicture(picture: CallPicture): string {
  const durationMs = Math.max(1_000, picture.durationMs);
  const width = Math.max(LEAST_WIDTH, Math.ceil(LEFT + RIGHT + (durationMs / 1_000) * LEAST_SECOND));
  const layout: Layout = {
    laneWidth: width - LEFT - RIGHT,
    durationMs,
    x: (ms) => LEFT + ((width - LEFT - RIGHT) * ms) / durationMs,
  };
  const ways = waysOf(picture);
  const bottom = TOP + ways.length * (WAY_HEIGHT + OUTER_GAP) - OUTER_GAP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 62}" viewBox="0 0 ${width} ${bottom + 62}" font-family="Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif">`,
    `<rect width="100%" height="100%" fill="#fbfcfe"/>`,
    heading(picture, width),
    timeAxis(layout, TOP, bottom),
    ...ways.map((way, index) => drawWay(way, index, layout, TOP + index * (WAY_HEIGHT + OUTER_GAP))),
    `<text x="${LEFT}" y="${bottom + 48}" font-size="11.5" fill="${SOFT}">${FOOT.map(escapeXml).join('  ·  ')}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function heading(picture: CallPicture, width: number): string {
  const median = medianEndToEndMs(picture.utterances);
  const startOffset = medianStartOffsetMs(picture.utterances);
  const facts = [
    picture.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
    `${(picture.durationMs / 1_000).toFixed(1)} s`,
    picture.captions === undefined
      ? `${picture.utterances.length} utterances`
      : `no captions: ${picture.captions}`,
    ...(startOffset === undefined ? [] : [`first translated sound after ${seconds(startOffset)} (median)`]),
    ...(median === undefined ? [] : [`last segment ${seconds(median)} from the end (median)`]),
  ];
  let keyLeft = width - RIGHT;
  const keys = STAGES.toReversed().map(({ key, name }) => {
    // About 7 units a character at this size, and 34 for the square and the space after the word.
    keyLeft -= name.length * 7 + 34;
    return `<rect x="${keyLeft + 18}" y="29" width="11" height="11" rx="2.5" fill="${STAGE_COLOURS[key]}"/><text x="${keyLeft + 34}" y="39" font-size="12" fill="${INK}">${name}</text>`;
  });
  return [
    `<text x="24" y="40" font-size="20" font-weight="600" fill="${INK}">Call ${escapeXml(picture.callId.slice(0, 8))}</text>`,
    `<text x="24" y="62" font-size="12.5" fill="${SOFT}">${escapeXml(facts.join('  ·  '))}</text>`,
    ...keys,
    `<text x="${width - RIGHT}" y="62" font-size="12.5" fill="${SOFT}" text-anchor="end">where the time of each utterance went</text>`,
  ].join('\n');
}

function timeAxis(layout: Layout, top: number, bottom: number): string {
  const secondWidth = layout.x(1_000) - layout.x(0);
  const stepS = [1, 2, 5, 10, 15, 30, 60].find((step) => step * secondWidth >= 56) ?? 120;
  const ticks: string[] = [];
  for (let s = 0; s * 1_000 <= layout.durationMs; s += stepS) {
    const x = fixed(layout.x(s * 1_000));
    ticks.push(
      `<line x1="${x}" y1="${top - 10}" x2="${x}" y2="${bottom + 8}" stroke="#e2e8f0" stroke-width="1"/>`,
      `<text x="${x}" y="${bottom + 24}" font-size="11.5" fill="${SOFT}" text-anchor="middle">${s} s</text>`,
    );
  }
  return ticks.join('\n');
}

/**
 * For each party a way for each language it was heard in. One that spoke and was not interpreted is heard as it is by
 * those who share its language; in a call of two, both have a way in any case.
 */
function waysOf({ parties, utterances }: CallPicture): readonly Way[] {
  return parties.flatMap((speaker, index) => {
    const colours = COLOURS[index % COLOURS.length] ?? FIRST_COLOURS;
    const own = utterances.filter(({ party }) => party === speaker.name);
    const [other, ...more] = parties.filter((party) => party !== speaker);
    if (other === undefined) {
      return [];
    }
    const languages = [...new Set(own.map(({ target }) => target.language))];
    if (languages.length === 0) {
      if (more.length > 0 && heardSounds(speaker.speaks.pcm, speaker.speaks.rateHz, 0).length === 0) {
        return [];
      }
      const [listener = other, ...rest] = [other, ...more].filter(
        ({ language }) => language === speaker.language,
      );
      return [{ speaker, colours, listeners: [listener, ...rest], utterances: own }];
    }
    return languages.map((language): Way => {
      const [listener, ...rest] = [other, ...more].filter((party) => party.language === language);
      return {
        speaker,
        colours,
        listeners: [listener ?? other, ...rest],
        utterances: own.filter(({ target }) => target.language === language),
      };
    });
  });
}
