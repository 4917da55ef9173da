/** Captions as players read them, and as people do. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subRip, webVtt } from '../../../src/call/transcript/caption-files.ts';
import { cuesIn } from '../../../src/call/transcript/cues.ts';
import { sideBySide } from '../../../src/call/transcript/side-by-side.ts';
import type { Transcript, TranscriptLine } from '../../../src/call/transcript/transcript.ts';

function transcriptOf(...lines: readonly Partial<TranscriptLine>[]): Transcript {
  return {
    ...{ version: 1, call: 'c0ffee', startedAt: '2026-11-29T10:00:00.000Z', missed: 0 },
    parties: [
      { party: 'a', name: 'Ana <1>', language: 'en' },
      { party: 'b', name: 'Bob', language: 'es' },
    ],
    lines: lines.map((line, utterance) => ({
      ...{
        party: 'a',
        utterance,
        language: 'en',
        text: '',
        marks: [],
        startMs: 0,
        endMs: 0,
        translations: [],
      },
      ...line,
    })),
  };
}

const HELLO = transcriptOf(
  {
    ...{
      text: 'It costs 5 & more.',
      startMs: 3_250,
      endMs: 4_000,
      marks: [{ kind: 'number', start: 9, end: 10 }],
    },
    translations: [
      {
        ...{ language: 'es', text: 'Cuesta 5 y más.', startMs: 4_500, endMs: 6_000 },
        marks: [{ kind: 'number', start: 7, end: 8 }],
        pieces: [
          { atMs: 4_500, text: 'Cuesta 5' },
          { atMs: 5_400, text: 'y más.' },
        ],
      },
    ],
  },
  { party: 'b', language: 'es', text: 'Vale.', startMs: 3_661_001, endMs: 3_662_000 },
);

describe('WebVTT', () => {
  it('says who speaks, escapes what is no text, and marks numbers', () => {
    assert.equal(
      webVtt(HELLO, 'en'),
      'WEBVTT\n\n1\n00:00:03.250 --> 00:00:04.050\n<v Ana &lt;1&gt;>It costs <c.number>5</c> &amp; more.</v>\n',
    );
  });

  it('has translations when they were heard, piece by piece, beside what was said in the language itself', () => {
    assert.equal(
      webVtt(HELLO, 'es'),
      [
        'WEBVTT\n',
        '1\n00:00:04.500 --> 00:00:05.400\n<v Ana &lt;1&gt;>Cuesta <c.number>5</c></v>\n',
        '2\n00:00:05.400 --> 00:00:06.200\n<v Ana &lt;1&gt;>y más.</v>\n',
        '3\n01:01:01.001 --> 01:01:02.000\n<v Bob>Vale.</v>\n',
      ].join('\n'),
    );
  });
});

describe('SubRip', () => {
  it('begins each cue with who speaks, and has commas in its times', () => {
    assert.equal(subRip(HELLO, 'es').split('\n\n').at(-1), '3\n01:01:01,001 --> 01:01:02,000\nBob: Vale.\n');
  });

  it('keeps on one line what would end a cue and begin another', () => {
    const written = transcriptOf({
      ...{ text: 'Yes.\r\n\r\n2\n00:00:09,000 --> 00:00:10,000\nBob: No.', startMs: 0, endMs: 9_000 },
    });
    const parties = written.parties.map((party) => ({ ...party, name: 'Ana\n\n7' }));
    const cues = subRip({ ...written, parties }, 'en').split(/\n\n/);
    assert.ok(
      cues.every((cue) => /^\d+\n[\d:,]+ --> [\d:,]+\nAna 7: [^\n]+\n?$/.test(cue)),
      cues.join('\n\n'),
    );
  });
});

describe('cues', () => {
  it('are short enough to be read, in the order and the time of what was said', () => {
    const text = 'This is a long sentence about nothing in particular, as people say them, and '
      .repeat(5)
      .trim();
    const cues = cuesIn(transcriptOf({ text, startMs: 0, endMs: 20_000 }), 'en');
    assert.ok(cues.length >= 4);
    assert.ok(cues.every((cue) => cue.text.length <= 84));
    assert.equal(cues.map((cue) => cue.text).join(' '), text);
    assert.equal(cues.at(0)?.startMs, 0);
    assert.equal(cues.at(-1)?.endMs, 20_000);
    for (const [index, cue] of cues.entries()) {
      assert.equal(cue.startMs, index === 0 ? 0 : cues[index - 1]?.endMs);
    }
  });

  it('break what has no spaces, and no character', () => {
    const text = '𠮷'.repeat(100);
    const cues = cuesIn(transcriptOf({ language: 'zh', text, endMs: 9_000 }), 'zh');
    assert.equal(cues.map((cue) => cue.text).join(''), text);
    assert.ok(cues.every((cue) => /^𠮷+$/u.test(cue.text)));
  });
});

describe('the text side by side', () => {
  it('has a column for each language, and says what a machine made', () => {
    const lines = sideBySide(HELLO).split('\n');
    assert.match(lines[2] ?? '', /^en +\| es$/);
    assert.equal(lines[4], '[00:00:03] Ana <1>');
    assert.match(lines[5] ?? '', /^It costs 5 & more\. +\| ~ Cuesta 5 y más\.$/);
    assert.match(lines[8] ?? '', /^ +\| Vale\.$/);
  });

  it('breaks long lines, Chinese ones too', () => {
    const text = sideBySide(
      transcriptOf({
        text: 'word '.repeat(60).trim(),
        translations: [{ language: 'zh', text: '字'.repeat(70), marks: [], pieces: [] }],
      }),
    );
    assert.ok(
      text.split('\n').every((line) => [...line.replaceAll(/[一-龥]/gu, 'xx')].length <= 120),
      text,
    );
    assert.equal(text.match(/字/gu)?.length, 70);
  });
});
