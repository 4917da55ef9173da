/**
 * A call as one picture: four lanes on one line of time, each party's speech above what the other heard of it, so
 * that the eye sees the lag. Pure: data in, SVG text out, nothing fetched, no fonts but the viewer's own. Everything
 * from outside is escaped.
 */

import { medianEndToEndMs, medianStartOffsetMs, type ReportedUtterance, STAGES } from './call-report.ts';
import { escapeXml, textLines } from './svg-text.ts';
import { waveformPath } from './waveform-path.ts';

export interface PictureSound {
  readonly pcm: Int16Array;
  readonly rateHz: number;
  /** When its first sample is, in ms since the call began. */
  readonly startMs: number;
}

export interface PictureLeg {
  readonly speaks: PictureSound;
  readonly hears: PictureSound;
}

export interface CallPicture {
  readonly callId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly a: PictureLeg;
  readonly b: PictureLeg;
  readonly utterances: readonly ReportedUtterance[];
  /** Why there are no utterances, when there are none to be had. */
  readonly captions?: string;
}

const LEFT = 104;
const RIGHT = 24;
const LEAST_WIDTH = 1_200;
/** A second is never narrower than this, so a long call makes a wider picture. */
const LEAST_SECOND = 24;
const TOP = 92;
const LANE = 100;
/** Between a party's speech and its translation: room for the bars that say where the time went. */
const INNER_GAP = 46;
const OUTER_GAP = 30;
const BAR = 9;

const INK = '#1e293b';
const SOFT = '#64748b';
const COLOURS = {
  a: { wave: '#2563eb', span: '#dbeafe', edge: '#93c5fd', text: '#1e3a8a' },
  b: { wave: '#c2410c', span: '#ffedd5', edge: '#fdba74', text: '#7c2d12' },
} as const;
const STAGE_COLOURS: Readonly<Record<(typeof STAGES)[number]['key'], string>> = {
  endpointMs: '#94a3b8',
  sttMs: '#0ea5e9',
  mtMs: '#8b5cf6',
  ttsMs: '#f59e0b',
  playoutMs: '#10b981',
};

const FOOT = [
  'a time above a translation is from the beginning of speech, one beside a bar from its end',
  "heard without a caption: the announcement at the beginning, tones, the other party's own voice",
] as const;

/** Where things are, for one picture. */
interface Layout {
  readonly width: number;
  readonly durationMs: number;
  x(ms: number): number;
}

/** The picture as a self-contained SVG document. Cost: one look at each sample. */
export function callPicture(picture: CallPicture): string {
  const durationMs = Math.max(1_000, picture.durationMs);
  const width = Math.max(LEAST_WIDTH, Math.ceil(LEFT + RIGHT + (durationMs / 1_000) * LEAST_SECOND));
  const layout: Layout = {
    width,
    durationMs,
    x: (ms) => LEFT + ((width - LEFT - RIGHT) * ms) / durationMs,
  };
  const topOfB = TOP + 2 * LANE + INNER_GAP + OUTER_GAP;
  const bottom = topOfB + 2 * LANE + INNER_GAP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 62}" viewBox="0 0 ${width} ${bottom + 62}" font-family="Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif">`,
    `<rect width="100%" height="100%" fill="#fbfcfe"/>`,
    heading(picture, layout),
    timeAxis(layout, TOP, bottom),
    pair('a', picture.a.speaks, picture.b.hears, picture.utterances, layout, TOP),
    pair('b', picture.b.speaks, picture.a.hears, picture.utterances, layout, topOfB),
    `<text x="${LEFT}" y="${bottom + 48}" font-size="11.5" fill="${SOFT}">${FOOT.map(escapeXml).join('  ·  ')}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function heading(picture: CallPicture, layout: Layout): string {
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
  let keyLeft = layout.width - RIGHT;
  const keys = STAGES.toReversed().map(({ key, name }) => {
    // About 7 units a character at this size, and 34 for the square and the space after the word.
    keyLeft -= name.length * 7 + 34;
    return `<rect x="${keyLeft + 18}" y="29" width="11" height="11" rx="2.5" fill="${STAGE_COLOURS[key]}"/><text x="${keyLeft + 34}" y="39" font-size="12" fill="${INK}">${name}</text>`;
  });
  return [
    `<text x="24" y="40" font-size="20" font-weight="600" fill="${INK}">Call ${escapeXml(picture.callId.slice(0, 8))}</text>`,
    `<text x="24" y="62" font-size="12.5" fill="${SOFT}">${escapeXml(facts.join('  ·  '))}</text>`,
    ...keys,
    `<text x="${layout.width - RIGHT}" y="62" font-size="12.5" fill="${SOFT}" text-anchor="end">where the time of each utterance went</text>`,
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

/** The lane of what `speaker` says and, below it, the lane of what the other party hears of that. */
function pair(
  speaker: 'a' | 'b',
  said: PictureSound,
  heard: PictureSound,
  utterances: readonly ReportedUtterance[],
  layout: Layout,
  top: number,
): string {
  const own = utterances.filter(({ leg }) => leg === speaker);
  const listener = speaker === 'a' ? 'b' : 'a';
  const heardTop = top + LANE + INNER_GAP;
  const colours = COLOURS[speaker];
  const spans = own.flatMap((utterance, index) => {
    const parts = [span(speaker, `${speaker}${index}s`, utterance.source, layout, top)];
    for (const [number, segment] of segmentSpans(utterance).entries()) {
      parts.push(span(speaker, `${speaker}${index}t${number}`, segment, layout, heardTop));
    }
    return parts;
  });
  return [
    lane(`${speaker} says`, own[0]?.source.language, top, layout),
    lane(`${listener} hears`, own[0]?.target.language, heardTop, layout),
    ...spans.map(({ box }) => box),
    ...own.map((utterance) => lag(utterance, layout, top + LANE, heardTop)),
    `<path d="${waveform(said, layout, top)}" fill="${colours.wave}" fill-opacity="0.85"/>`,
    `<path d="${waveform(heard, layout, heardTop)}" fill="${colours.wave}" fill-opacity="0.6"/>`,
    ...spans.map(({ caption }) => caption),
  ].join('\n');
}

function lane(title: string, language: string | undefined, top: number, layout: Layout): string {
  const middle = top + LANE / 2;
  return [
    `<rect x="${LEFT}" y="${top}" width="${layout.width - LEFT - RIGHT}" height="${LANE}" rx="6" fill="#f1f5f9" fill-opacity="0.7"/>`,
    `<text x="${LEFT - 14}" y="${middle + (language === undefined ? 5 : -1)}" font-size="14" font-weight="600" fill="${INK}" text-anchor="end">${title}</text>`,
    language === undefined
      ? ''
      : `<text x="${LEFT - 14}" y="${middle + 16}" font-size="12" fill="${SOFT}" text-anchor="end">${escapeXml(language)}</text>`,
  ].join('');
}

/** The upper part of a lane for captions, the lower part for the waveform. */
const WAVE_MIDDLE = 75;
const WAVE_HEIGHT = 21;
const CAPTION_LINES = 3;
const CAPTION_SIZE = 11;
/** About what a character is wide, in ems, over the fonts above; the clip takes what is wider. */
const CHARACTER_EMS = 0.58;

function waveform(sound: PictureSound, layout: Layout, top: number): string {
  return waveformPath(sound.pcm, {
    left: layout.x(sound.startMs),
    width: layout.x((sound.pcm.length * 1_000) / sound.rateHz) - layout.x(0),
    middle: top + WAVE_MIDDLE,
    height: WAVE_HEIGHT,
  });
}

interface Span {
  readonly text: string;
  readonly startMs?: number;
  readonly endMs?: number;
}

/** The segments of an utterance, each up to the next; what was not heard to its end has none. */
function segmentSpans({ target, segments }: ReportedUtterance): readonly Span[] {
  if (target.startMs === undefined || target.endMs === undefined) {
    return [];
  }
  return segments.length === 0
    ? [target]
    : segments.map(({ target: text, startMs }, index) => ({
        text,
        startMs,
        endMs: segments[index + 1]?.startMs ?? target.endMs ?? startMs,
      }));
}

function span(
  speaker: 'a' | 'b',
  id: string,
  { text, startMs = 0, endMs = 0 }: Span,
  layout: Layout,
  top: number,
): { box: string; caption: string } {
  const colours = COLOURS[speaker];
  const x = layout.x(startMs);
  const width = Math.max(3, layout.x(Math.min(endMs, layout.durationMs)) - x);
  const characters = Math.floor((width - 8) / (CAPTION_SIZE * CHARACTER_EMS));
  const lines = textLines(text, characters, CAPTION_LINES);
  const box = `<rect x="${fixed(x)}" y="${top + 3}" width="${fixed(width)}" height="${LANE - 6}" rx="5" fill="${colours.span}" stroke="${colours.edge}"/>`;
  const rows = lines.map(
    (line, row) =>
      `<text x="${fixed(x + 6)}" y="${top + 17 + row * 14}" font-size="${CAPTION_SIZE}" fill="${colours.text}">${escapeXml(line)}</text>`,
  );
  const clip = `<clipPath id="clip-${id}"><rect x="${fixed(x)}" y="${top}" width="${fixed(width - 2)}" height="${LANE}"/></clipPath>`;
  return {
    box,
    caption: `${clip}<g clip-path="url(#clip-${id})"><title>${escapeXml(text)}</title>${rows.join('')}</g>`,
  };
}

/**
 * The curve to the first translated sound, from the end of speech or, when it came before that, from the beginning; and
 * the bar of the stages between the end of speech and the last segment's first sound.
 */
function lag(utterance: ReportedUtterance, layout: Layout, fromY: number, toY: number): string {
  const { source, target, stages, startOffsetMs, leg } = utterance;
  if (target.startMs === undefined) {
    return '';
  }
  const colours = COLOURS[leg];
  const endMs = source.endMs ?? target.startMs;
  const meanwhile = target.startMs < endMs;
  const x1 = layout.x(meanwhile ? (source.startMs ?? target.startMs) : endMs);
  const x2 = layout.x(target.startMs);
  const curve = `M${fixed(x1)} ${fromY - 3}C${fixed(x1)} ${fromY + INNER_GAP * 0.6} ${fixed(x2)} ${toY - INNER_GAP * 0.6} ${fixed(x2)} ${toY + 3}`;
  const barTop = fromY + INNER_GAP / 2 - BAR / 2;
  const totalMs = stages.endToEndMs;
  const parts: string[] = [];
  let fromMs = endMs;
  for (const { key, name } of STAGES) {
    const ms = stages[key] ?? 0;
    if (ms > 0 && totalMs !== undefined) {
      const x = layout.x(fromMs);
      const width = layout.x(fromMs + ms) - x;
      parts.push(
        `<rect x="${fixed(x)}" y="${fixed(barTop)}" width="${fixed(Math.max(0.6, width))}" height="${BAR}" fill="${STAGE_COLOURS[key]}"><title>${name} ${Math.round(ms)} ms</title></rect>`,
      );
      fromMs += ms;
    }
  }
  const labelMs = meanwhile ? startOffsetMs : totalMs;
  // Beside the bar that adds up to it, or above the sound that it leads to.
  const label = meanwhile
    ? { x: x2, y: toY - 4 }
    : { x: Math.max(x2, layout.x(fromMs)), y: barTop + BAR - 0.5 };
  const text =
    labelMs === undefined
      ? ''
      : `<text x="${fixed(label.x + 7)}" y="${fixed(label.y)}" font-size="11.5" font-weight="600" fill="${INK}">${seconds(labelMs)}</text>`;
  return [
    `<path d="${curve}" fill="none" stroke="${colours.wave}" stroke-width="1.6" stroke-opacity="0.55"/>`,
    `<circle cx="${fixed(x1)}" cy="${fromY - 3}" r="2.6" fill="${colours.wave}"/><circle cx="${fixed(x2)}" cy="${toY + 3}" r="2.6" fill="${colours.wave}"/>`,
    ...parts,
    text,
  ].join('');
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
