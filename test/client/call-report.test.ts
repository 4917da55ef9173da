import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UtteranceReport } from '../../src/call/call-events.ts';
import { CallProgress } from '../../src/client/call-progress.ts';
import {
  medianEndToEndMs,
  type ReportedUtterance,
  reportUtterances,
  type SpokenEvent,
} from '../../src/client/call-report.ts';
import { callTable, shorten } from '../../src/client/call-table.ts';

function spoken(party: string, startMs: number, endToEndMs: number, piiText: string): UtteranceReport {
  return {
    party,
    utterance: 1,
    outcome: 'spoken',
    source: { language: 'en', piiText, startMs, endMs: startMs + 900 },
    target: { language: 'es', piiText: 'hola', startMs: startMs + 1_900, endMs: startMs + 2_500 },
    segments: 1,
    startOffsetMs: 1_900,
    stages: { endpointMs: 400.4, sttMs: 200, mtMs: 100, ttsMs: 200, playoutMs: 20, endToEndMs },
  };
}

const LOST: UtteranceReport = {
  party: 'b',
  utterance: 2,
  outcome: 'nothing-said',
  source: { language: 'es', piiText: '', startMs: 500, endMs: 700 },
  target: { language: 'en', piiText: '' },
  segments: 0,
  stages: { sttMs: 210 },
};

/** Two segments, both heard while the speaker went on. */
const MEANWHILE: UtteranceReport = {
  ...spoken('a', 6_000, -350.2, 'a long sentence'),
  utterance: 3,
  segments: 2,
  startOffsetMs: 400,
  stages: { endToEndMs: -350.2 },
};

function begun(party: string, utterance: number, atMs: number, piiSource: string): SpokenEvent {
  return {
    type: 'spoken',
    atMs,
    party,
    utterance,
    language: 'es',
    piiText: `${piiSource} in Spanish`,
    piiSource,
  };
}

const SEGMENTS = [
  begun('a', 1, 4_900, 'hello'),
  begun('a', 3, 6_400, 'a long'),
  begun('b', 3, 7_000, 'of the other party'),
  begun('a', 3, 7_900, 'sentence'),
];

/** The reports as ours, with their segments. */
function reported(...reports: readonly UtteranceReport[]): readonly ReportedUtterance[] {
  return reportUtterances(reports, SEGMENTS);
}

describe('reportUtterances', () => {
  it('orders by when they began and keeps text under plain names', () => {
    const [first, second] = reported(spoken('a', 3_000, 920, 'hello'), LOST);
    assert.deepEqual(first, {
      party: 'b',
      outcome: 'nothing-said',
      source: { language: 'es', text: '', startMs: 500, endMs: 700 },
      target: { language: 'en', text: '' },
      segments: [],
      stages: { sttMs: 210 },
    });
    assert.equal(second?.party, 'a');
    assert.equal(second?.target.text, 'hola');
    assert.equal(second?.startOffsetMs, 1_900);
  });

  it('gives each utterance the segments in which it was heard', () => {
    assert.deepEqual(
      reported(MEANWHILE).map(({ segments }) => segments),
      [
        [
          { source: 'a long', target: 'a long in Spanish', startMs: 6_400 },
          { source: 'sentence', target: 'sentence in Spanish', startMs: 7_900 },
        ],
      ],
    );
  });
});

describe('medianEndToEndMs', () => {
  it('is the middle, or the mean of the two in the middle, of those that have one', () => {
    const median = (...times: number[]): number | undefined =>
      medianEndToEndMs(reported(LOST, ...times.map((ms) => spoken('a', ms, ms, 'x'))));
    assert.equal(median(900, 100, 500), 500);
    assert.equal(median(900, 100), 500);
    assert.equal(median(), undefined);
  });
});

describe('callTable', () => {
  it('has a line for each utterance with its stages, and the median', () => {
    const table = callTable(reported(spoken('a', 0, 920, 'hello there'), LOST, MEANWHILE));
    assert.deepEqual(table.split('\n').slice(2), [
      'who  said             into  segments  start  endpoint  STT   MT  TTS  playout   end',
      'a    hello there      es           1   1900       400  200  100  200       20   920',
      'b                     en           0      -         -  210    -    -        -     -  nothing-said',
      'a    a long sentence  es           2    400         -    -    -    -        -  -350',
      'p50: start 1150 ms, end 285 ms',
      '',
    ]);
  });

  it('says so when there is nothing to show', () => {
    assert.equal(callTable([]), 'no utterances were reported\n');
  });
});

describe('shorten', () => {
  it('cuts to a length with an ellipsis, between whole characters', () => {
    assert.equal(shorten('hello', 5), 'hello');
    assert.equal(shorten('hello you', 7), 'hello…');
    assert.equal(shorten('👋👋👋', 2), '👋…');
  });
});

function spokenIn(language: string): SpokenEvent {
  return { type: 'spoken', atMs: 2_500, party: 'a', utterance: 1, language, piiText: 'hola' };
}

describe('CallProgress', () => {
  const joined = { type: 'party-state', atMs: 0, name: 'x', state: 'RINGING' } as const;
  const heard = {
    type: 'heard',
    atMs: 1_500,
    party: 'a',
    utterance: 1,
    final: true,
    piiText: 'hello',
  } as const;

  it('writes plain lines where there is no terminal: each phase once, captions as they come', () => {
    let text = '';
    const progress = new CallProgress({ write: (piece: string) => (text += piece) });
    progress.status('speaking', '1 s');
    progress.status('speaking', '2 s');
    progress.caption({ ...joined, party: 'a', language: 'en' });
    progress.caption({ ...joined, party: 'b', language: 'es' });
    progress.caption(heard);
    progress.caption({ ...heard, final: false });
    progress.caption(spokenIn('es'));
    progress.status('listening', '');
    progress.end();
    assert.equal(text, 'speaking  1 s\n   1.5 s  a says   hello\n   2.5 s  b hears  hola\nlistening\n');
  });

  it('says who hears what in a conference, by the names that were given', () => {
    let text = '';
    const names = new Map([
      ['00c0ffee', 'a'],
      ['0000cafe', 'b'],
      ['00001234', 'c'],
      ['00005678', 'd'],
    ]);
    const progress = new CallProgress({ write: (piece: string) => (text += piece) }, names);
    for (const [party, language] of [
      ['00c0ffee', 'en'],
      ['0000cafe', 'es'],
      ['00001234', 'es'],
      ['00005678', 'fr'],
    ] as const) {
      progress.caption({ ...joined, party, language });
    }
    progress.caption({ ...heard, party: '00c0ffee' });
    progress.caption({ ...spokenIn('es'), party: '00c0ffee' });
    progress.caption({ ...spokenIn('fr'), party: '00c0ffee' });
    progress.caption({ ...spokenIn('ca'), party: '00c0ffee' });
    assert.equal(
      text,
      '   1.5 s  a says   hello\n   2.5 s  b, c hear hola\n   2.5 s  d hears  hola\n   2.5 s  ca hears hola\n',
    );
  });

  it('writes over one line on a terminal, never wider than it, and leaves it clean', () => {
    let text = '';
    const progress = new CallProgress({
      isTTY: true,
      columns: 20,
      write: (piece: string) => (text += piece),
    });
    progress.status('speaking', 'a very long status line');
    progress.line('note');
    progress.end();
    const status = '\r\x1b[2Kspeaking  a very l…';
    assert.equal(text, `${status}\r\x1b[2Knote\n${status}\r\x1b[2K`);
  });
});
