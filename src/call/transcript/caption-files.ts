/**
 * Captions as players read them: WebVTT, which knows who speaks and what is marked, and SubRip (SRT), which knows
 * neither, so that each cue begins with who speaks.
 */

import type { Language } from '../../base/language.ts';
import { type Cue, cuesIn } from './cues.ts';
import { speakerOf, type Transcript } from './transcript.ts';

/** https://www.w3.org/TR/webvtt1/ */
export function webVtt(transcript: Transcript, language: Language): string {
  const cues = cuesIn(transcript, language).map(
    (cue, index) =>
      `${index + 1}\n${time(cue.startMs, '.')} --> ${time(cue.endMs, '.')}\n` +
      `<v ${escaped(speakerOf(transcript, cue.party))}>${marked(cue)}</v>\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

export function subRip(transcript: Transcript, language: Language): string {
  return cuesIn(transcript, language)
    .map(
      (cue, index) =>
        `${index + 1}\n${time(cue.startMs, ',')} --> ${time(cue.endMs, ',')}\n` +
        `${onOneLine(`${speakerOf(transcript, cue.party)}: ${cue.text}`)}\n`,
    )
    .join('\n');
}

/** An empty line would end the cue, and what stands behind it would be another. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
}

/** `00:00:03.250`. A text that begins before the call is of its first moment. */
function time(ms: number, point: '.' | ','): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes, seconds] = [whole / 3_600_000, (whole / 60_000) % 60, (whole / 1_000) % 60];
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${point}${String(whole % 1_000).padStart(3, '0')}`;
}

/** With what is marked in a class of its own: `<c.number>`. */
function marked({ text, marks }: Cue): string {
  let written = '';
  let at = 0;
  for (const { kind, start, end } of marks) {
    written += `${escaped(text.slice(at, start))}<c.${kind}>${escaped(text.slice(start, end))}</c>`;
    at = end;
  }
  return written + escaped(text.slice(at));
}

/** `-->` ends the head of a cue wherever it stands, and so its first character is no arrow's. */
function escaped(text: string): string {
  return onOneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
