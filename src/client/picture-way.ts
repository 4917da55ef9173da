/**
 * One way in the picture of a call: what a party says in a lane, below it what is heard of it in one other language,
 * and between the two the lag. SVG text; everything from outside is escaped.
 */

import { type ReportedUtterance, STAGES } from './call-report.ts';
import { escapeXml, textLines } from './svg-text.ts';
import { waveformPath } from './waveform-path.ts';

export interface PictureSound {
  readonly pcm: Int16Array;
  readonly rateHz: number;
  /** When its first sample is, in ms since the call began. */
  readonly startMs: number;
}

export interface PictureParty {
  readonly name: string;
  /** What it speaks and hears, where that is known. */
  readonly language: string | undefined;
  readonly speaks: PictureSound;
  readonly hears: PictureSound;
}

/** Where things are, for one picture. */
export interface Layout {
  /** Of the lanes. */
  readonly laneWidth: number;
  readonly durationMs: number;
  x(ms: number): number;
}

/** What one party says, and one other language in which it is heard. */
export interface Way {
  readonly speaker: PictureParty;
  readonly colours: Colours;
  /** All who hear it so; the first one's recording is drawn. */
  readonly listeners: readonly [PictureParty, ...PictureParty[]];
  readonly utterances: readonly ReportedUtterance[];
}

/** Where lanes begin: room for who it is. */
export const LEFT = 104;
const LANE = 100;
/** Between a party's speech and its translation: room for the bars that say where the time went. */
const INNER_GAP = 46;
const BAR = 9;
/** What a party says and, below it, what is heard of it. */
export const WAY_HEIGHT = 2 * LANE + INNER_GAP;

export const INK = '#1e293b';
export const SOFT = '#64748b';

export interface Colours {
  readonly wave: string;
  readonly span: string;
  readonly edge: string;
  readonly text: string;
}

export const STAGE_COLOURS: Readonly<Record<(typeof STAGES)[number]['key'], string>> = {
  endpointMs: '#94a3b8',
  sttMs: '#0ea5e9',
  mtMs: '#8b5cf6',
  ttsMs: '#f59e0b',
  playoutMs: '#10b981',
};

/** The lanes of `way`, the number of which makes its names in the document its own, from `top` down. */
export function drawWay(
  { speaker, colours, listeners, utterances }: Way,
  way: number,
  layout: Layout,
  top: number,
): string {
  const heardTop = top + LANE + INNER_GAP;
  const spans = utterances.flatMap((utterance, index) => {
    const parts = [span(colours, `${way}-${index}s`, utterance.source, layout, top)];
    for (const [number, segment] of segmentSpans(utterance).entries()) {
      parts.push(span(colours, `${way}-${index}t${number}`, segment, layout, heardTop));
    }
    return parts;
  });
  const [first] = utterances;
  const names = listeners.map(({ name }) => name).join(', ');
  return [
    lane(`${speaker.name} says`, first?.source.language, top, layout),
    lane(`${names} ${listeners.length > 1 ? 'hear' : 'hears'}`, first?.target.language, heardTop, layout),
    ...spans.map(({ box }) => box),
    ...utterances.map((utterance) => lag(utterance, colours, layout, top + LANE, heardTop)),
    `<path d="${waveform(speaker.speaks, layout, top)}" fill="${colours.wave}" fill-opacity="0.85"/>`,
    `<path d="${waveform(listeners[0].hears, layout, heardTop)}" fill="${colours.wave}" fill-opacity="0.6"/>`,
    ...spans.map(({ caption }) => caption),
  ].join('\n');
}

function lane(title: string, language: string | undefined, top: number, layout: Layout): string {
  const middle = top + LANE / 2;
  return [
    `<rect x="${LEFT}" y="${top}" width="${layout.laneWidth}" height="${LANE}" rx="6" fill="#f1f5f9" fill-opacity="0.7"/>`,
    `<text x="${LEFT - 14}" y="${middle + (language === undefined ? 5 : -1)}" font-size="14" font-weight="600" fill="${INK}" text-anchor="end">${escapeXml(title)}</text>`,
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
  colours: Colours,
  id: string,
  { text, startMs = 0, endMs = 0 }: Span,
  layout: Layout,
  top: number,
): { box: string; caption: string } {
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
function lag(
  utterance: ReportedUtterance,
  colours: Colours,
  layout: Layout,
  fromY: number,
  toY: number,
): string {
  const { source, target, stages, startOffsetMs } = utterance;
  if (target.startMs === undefined) {
    return '';
  }
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

export function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

export function fixed(value: number): string {
  return value.toFixed(1);
}
