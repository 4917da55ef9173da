import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UtteranceReport } from '../../../../src/call/call-events.ts';
import { CaptionBook, type CaptionLine } from '../../../../src/server/console/page/state/caption-book.ts';
import { type Span, waterfallOf } from '../../../../src/server/console/page/state/waterfall.ts';
import { heard, reportOf, spoken } from './told-calls.ts';

function lineWith(...segments: readonly number[]): CaptionLine {
  const book = new CaptionBook();
  for (const event of [
    heard(1, 'Good morning.'),
    ...segments.map((atMs) => spoken(1, 'Buenos días.', atMs)),
  ]) {
    if (event.type === 'heard' || event.type === 'spoken') {
      book.add(event);
    }
  }
  const [line] = book.lines;
  assert.ok(line !== undefined);
  return line;
}

function written(tracks: readonly (readonly Span[])[]): readonly string[] {
  return tracks.map((spans) => spans.map(({ kind, fromMs, toMs }) => `${kind} ${fromMs}-${toMs}`).join(', '));
}

describe('the waterfall of an utterance', () => {
  it('shows what was done one after the other, from the first word to the last sound', () => {
    const fall = waterfallOf(lineWith(2_000), reportOf(1));
    assert.deepEqual(written(fall.tracks), [
      'speech 500-1500, cutting 1500-1700, recognition 1700-1800',
      'translation 1800-1860, synthesis 1860-1960, waiting 1960-2000',
      'playing 2000-3000',
    ]);
    assert.deepEqual([fall.fromMs, fall.toMs], [500, 3_000]);
  });

  it('puts segments that were worked on at the same time under each other, and others side by side', () => {
    const fall = waterfallOf(lineWith(1_200, 1_300, 2_000), reportOf(1));
    assert.deepEqual(written(fall.tracks).slice(1, -1), [
      'translation 1000-1060, synthesis 1060-1160, waiting 1160-1200, translation 1800-1860, synthesis 1860-1960, waiting 1960-2000',
      'translation 1100-1160, synthesis 1160-1260, waiting 1260-1300',
    ]);
  });

  it('says what the time between the end of speech and the first sound was spent on', () => {
    assert.deepEqual(
      waterfallOf(lineWith(2_000), reportOf(1)).parts.map(({ kind, ms }) => `${kind} ${ms}`),
      ['cutting 200', 'recognition 100', 'translation 60', 'synthesis 100', 'waiting 40'],
    );
  });

  it('has nothing heard where nothing was played, and leaves out what took no time', () => {
    const report: UtteranceReport = {
      ...reportOf(1, 'failed'),
      target: { language: 'es', piiText: '' },
      stages: { endpointMs: 0, sttMs: 100 },
    };
    const fall = waterfallOf(lineWith(), report);
    assert.deepEqual(written(fall.tracks), ['speech 500-1500, recognition 1500-1600', '']);
    assert.deepEqual([fall.fromMs, fall.toMs], [500, 1_600]);
  });
});
