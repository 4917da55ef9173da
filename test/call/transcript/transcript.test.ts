/** Transcripts: complete whatever the call's end, marked, and without what is to be taken out. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEvent } from '../../../src/call/call-events.ts';
import { marksIn } from '../../../src/call/transcript/marks.ts';
import { parseRedaction, Redaction, TAKEN_OUT } from '../../../src/call/transcript/redaction.ts';
import {
  languagesIn,
  speakerOf,
  TRANSCRIPT,
  type Transcript,
} from '../../../src/call/transcript/transcript.ts';
import { TranscriptBook } from '../../../src/call/transcript/transcript-book.ts';
import { writeWordTimes } from '../../../src/call/transcript/word-times.ts';
import { Glossary } from '../../../src/interpret/exactness/glossary.ts';

const STARTED = new Date('2026-11-29T10:00:00.000Z');

function joined(party: string, name: string, language: string): CallEvent {
  return { type: 'party-state', atMs: 0, party, name, language, state: 'CONNECTED' };
}

/** What a caller said, what became of it, and when. */
const SAID: readonly CallEvent[] = [
  joined('a', 'Ana', 'en'),
  joined('b', 'Bob', 'es'),
  { type: 'heard', atMs: 1_200, party: 'a', utterance: 0, final: false, piiText: 'good mourning' },
  {
    ...{ type: 'heard', atMs: 2_100, party: 'a', utterance: 0, final: true, piiText: 'Good morning.' },
    piiWordTimes: writeWordTimes([
      { text: 'good', startMs: 1_000.4, endMs: 1_300 },
      { text: 'morning', startMs: 1_350, endMs: 1_800 },
    ]),
  },
  { type: 'spoken', atMs: 2_400, party: 'a', utterance: 0, language: 'es', piiText: 'Buenos días.' },
  {
    type: 'utterance',
    atMs: 3_600,
    report: {
      ...{ party: 'a', utterance: 0, outcome: 'spoken', segments: 1, stages: {} },
      source: { language: 'en', piiText: 'Good morning.', startMs: 1_000, endMs: 1_900 },
      target: { language: 'es', piiText: 'Buenos días.', startMs: 2_400, endMs: 3_500 },
    },
  },
];

function bookOf(events: readonly CallEvent[]): TranscriptBook {
  const book = new TranscriptBook('c0ffee', STARTED);
  for (const event of events) {
    book.hear(event);
  }
  return book;
}

describe('TranscriptBook', () => {
  it('has each utterance with its words, its translation and their times', () => {
    const transcript = bookOf(SAID).transcript();
    assert.deepEqual(TRANSCRIPT.parse(JSON.parse(JSON.stringify(transcript))), transcript);
    assert.deepEqual(languagesIn(transcript), ['en', 'es']);
    assert.deepEqual(transcript.lines, [
      {
        ...{ party: 'a', utterance: 0, language: 'en', text: 'Good morning.', marks: [] },
        ...{ startMs: 1_000, endMs: 1_900 },
        words: [
          { text: 'good', startMs: 1_000, endMs: 1_300 },
          { text: 'morning', startMs: 1_350, endMs: 1_800 },
        ],
        translations: [
          {
            ...{ language: 'es', text: 'Buenos días.', marks: [], startMs: 2_400, endMs: 3_500 },
            pieces: [{ atMs: 2_400, text: 'Buenos días.' }],
          },
        ],
      },
    ]);
  });

  it('is complete though the call ended before an utterance was reported', () => {
    const [line] = bookOf(SAID.slice(0, -1)).transcript().lines;
    assert.deepEqual([line?.text, line?.startMs], ['Good morning.', 1_200]);
    assert.deepEqual([line?.translations[0]?.text, line?.translations[0]?.startMs], ['Buenos días.', 2_400]);
  });

  it('leaves out all of who does not want to be kept, as soon as that is known', () => {
    const changed = { type: 'party-changed', atMs: 3_000, party: 'a', name: 'Ana', language: 'en' } as const;
    assert.equal(bookOf([...SAID, changed]).transcript().lines.length, 1);
    const refusal: CallEvent = { ...changed, refusesRecording: true };
    assert.equal(bookOf([...SAID, refusal]).transcript().lines.length, 0);
    assert.equal(bookOf([refusal, ...SAID, changed]).transcript().lines.length, 0);
  });

  it('leaves out what nobody said a word in', () => {
    const silent: CallEvent = {
      type: 'heard',
      atMs: 5_000,
      party: 'b',
      utterance: 0,
      final: true,
      piiText: '',
    };
    const book = bookOf([...SAID, silent]);
    assert.equal(book.transcript().lines.length, 1);
  });

  it('leaves out what was said while the recording was paused', () => {
    const recording = (state: 'on' | 'paused', atMs: number): CallEvent => ({
      type: 'recording',
      atMs,
      state,
    });
    const kept = (...events: readonly CallEvent[]) => bookOf([...events, ...SAID]).transcript().lines.length;
    assert.equal(kept(recording('paused', 0), recording('on', 900)), 1);
    assert.equal(kept(recording('paused', 1_950), recording('on', 9_000)), 1);
    assert.equal(kept(recording('paused', 1_500), recording('on', 2_500)), 0);
    assert.equal(kept(recording('paused', 0)), 0);
  });

  it('keeps the latest ten thousand lines, and tells how many are missing', () => {
    const book = bookOf(SAID);
    for (let utterance = 1; utterance <= 10_001; utterance += 1) {
      book.hear({ type: 'heard', atMs: utterance, party: 'a', utterance, final: true, piiText: 'x' });
    }
    const { lines, missed } = book.transcript();
    assert.deepEqual([lines.length, missed], [10_000, 2]);
  });
});

describe('marks', () => {
  const marked = (text: string, language = 'en', names: readonly string[] = [], glossary?: Glossary) =>
    marksIn(text, language, names, glossary).map(
      ({ kind, start, end }) => `${kind} ${text.slice(start, end)}`,
    );

  it('are on numbers, terms and names', () => {
    const glossary = new Glossary(new Map([['deductible', 'franquicia']]));
    assert.deepEqual(
      marked('The deductible for Maria Lopez is 1,200 euros, on May 3.', 'en', [], glossary).slice(0, 2),
      ['term deductible', 'name Maria Lopez'],
    );
    assert.ok(marked('It costs twenty-five.').some((mark) => mark.startsWith('number twenty-five')));
  });

  it('are not on the first word of a sentence, nor on nouns of German, but on who takes part', () => {
    assert.deepEqual(marked('Hello. Good day to you and I agree.'), []);
    assert.deepEqual(marked('Wir haben das Haus mit ana besprochen.', 'de', ['Ana']), ['name ana']);
    assert.deepEqual(marked('Bananas are cheap.', 'en', ['Ana']), []);
  });
});

describe('Redaction', () => {
  const digits = new Redaction([parseRedaction('digits')]);

  it('takes out numbers of four digits and more, in groups too, and leaves shorter ones', () => {
    for (const text of ['4929', 'card 4929 1234 5678 9012.', 'PIN: 4-9-2-9', '٤٩٢٩']) {
      assert.doesNotMatch(digits.text(text, 'en'), /\p{Nd}/u, text);
    }
    assert.equal(digits.text('at 10 past 5, room 123', 'en'), 'at 10 past 5, room 123');
    assert.equal(digits.text('card 4929 1234, thanks', 'en'), `card ${TAKEN_OUT}, thanks`);
  });

  it('takes out those that are said in words, where the language is known', () => {
    const said = 'my code is four nine two nine thanks';
    assert.equal(digits.text(said, 'en'), `my code is ${TAKEN_OUT} thanks`);
    assert.equal(digits.text(said, undefined), said);
    assert.equal(digits.text('we have two cats', 'en'), 'we have two cats');
  });

  it('takes out those that are said digit by digit, with noughts, doubled, and with hesitations', () => {
    for (const said of [
      ...['zero zero zero zero', 'five zero two zero', 'five oh two oh', 'one hundred twenty three four'],
      ...['four nine double one', 'double one double two', 'oh seven triple eight', '4\u200b1\u200b1\u200b1'],
      ...['one, uh, two, three, four', 'twelve, um, thirty four'],
    ]) {
      assert.equal(digits.text(`my code is ${said}`, 'en'), 'my code is […]');
    }
    assert.equal(digits.text('cero cero siete cuatro', 'es'), '[…]');
    for (const short of ['double oh seven', 'one hundred and five', 'two or three', 'twenty three']) {
      assert.equal(digits.text(short, 'en'), short);
    }
  });

  for (const [language, said, kept] of [
    ['en', 'it is 1st 2nd 3rd 4th', 'it is […]'],
    ['en', 'the 1st, 2nd and 3rd', 'the 1st, 2nd and 3rd'],
    ['fr', "c'est 1er 2e 3e 4e", "c'est […]"],
    ['es', '1º 2º 3º 4º', '[…]'],
    ['en', 'first second third fourth', '[…]'],
    ['en', 'about fifteen hundred euros', 'about […] euros'],
    ['en', 'twenty-five hundred', '[…]'],
    ['en', 'two hundred', 'two hundred'],
    ['fr', 'quinze cents euros', '[…] euros'],
    ['de', 'fünfzehnhundert Euro', '[…] Euro'],
    ['nl', 'vijftienhonderd euro', '[…] euro'],
    ['de', 'mehrere hundert Euro', 'mehrere hundert Euro'],
    ['en', 'my id is A1B2C3D4, thanks', 'my id is […], thanks'],
    ['en', 'AB12-CD34', '[…]'],
    ['en', 'A 1 B 2 C 3 D 4', '[…]'],
    ['en', 'AB 12 CD 34', '[…]'],
    ['en', 'one b two c three d four', '[…]'],
    ['en', 'the B 52 and the A320', 'the B 52 and the A320'],
    ['en', 'gate 12, seat 3', 'gate 12, seat 3'],
    ['es', 'tres o cuatro, cinco o seis', 'tres o cuatro, cinco o seis'],
  ] as const) {
    it(`makes "${kept}" of "${said}"`, () => assert.equal(digits.text(said, language), kept));
  }

  it('takes out a number that is said in two utterances, or three, and of somebody else leaves what is short', () => {
    const lines = [
      ['a', 'my number is four nine', 'mi número es cuatro nueve'],
      ['b', 'twelve, yes', 'doce, sí'],
      ['a', 'Two.', 'Dos.'],
      ['a', '7, please', '7, por favor'],
      ['a', 'I have 2 cats', 'tengo 2 gatos'],
    ] as const;
    const said = lines.map(([party, text, translated], index) => ({
      ...{ party, utterance: index, language: 'en', text, marks: [] },
      ...{ startMs: 4_000 * index, endMs: 4_000 * index + 2_000 },
      words: text.split(' ').map((word) => ({ text: word, startMs: 0, endMs: 1 })),
      translations: [
        { language: 'es', text: translated, marks: [], pieces: [{ atMs: 0, text: translated }] },
      ],
    }));
    const transcript: Transcript = {
      ...{ version: 1, call: 'c', startedAt: STARTED.toISOString(), missed: 0, parties: [], lines: said },
    };
    const kept = digits.transcript(transcript).lines;
    assert.deepEqual(
      kept.map(({ text }) => text),
      ['my number is […]', 'twelve, yes', '[…]', '[…], please', 'I have 2 cats'],
    );
    assert.deepEqual(
      kept.map(({ translations }) => translations[0]?.pieces[0]?.text),
      ['mi número es […]', 'doce, sí', '[…]', '[…], por favor', 'tengo 2 gatos'],
    );
    assert.ok(!JSON.stringify(kept.map(({ words }) => words)).includes('nine'));
    // The same a minute later is another number.
    const [first, , third] = said;
    assert.ok(first !== undefined && third !== undefined);
    const later = [first, { ...third, startMs: 60_000, endMs: 61_000 }];
    assert.equal(digits.transcript({ ...transcript, lines: later }).lines[1]?.text, 'Two.');
  });

  it('takes out what the patterns find, and refuses one that is none, or finds everything', () => {
    const patterns = new Redaction([parseRedaction('[A-Z]{2}-?[0-9]{3}')]);
    assert.equal(patterns.text('passport AB-123 and ab123', 'en'), `passport ${TAKEN_OUT} and ${TAKEN_OUT}`);
    for (const wrong of ['(', 'x*']) {
      assert.throws(() => parseRedaction(wrong), /cannot be used/, wrong);
    }
  });

  it('takes it out of all that a transcript has, of a number over several words or pieces too', () => {
    const transcript: Transcript = {
      ...{ version: 1, call: 'c', startedAt: STARTED.toISOString(), missed: 0 },
      parties: [{ party: 'a', name: '+34 600 123 456', language: 'en' }],
      lines: [
        {
          ...{
            party: 'a',
            utterance: 0,
            language: 'en',
            text: 'It is 49 29 1, see?',
            startMs: 0,
            endMs: 9,
            marks: [],
          },
          words: ['it', 'is', '49', '29', '1,', 'see?'].map((text) => ({ text, startMs: 0, endMs: 1 })),
          translations: [
            {
              ...{ language: 'es', text: 'Es 49 29 1, ¿ve?', marks: [] },
              pieces: [
                { atMs: 1, text: 'Es 49' },
                { atMs: 2, text: '29 1, ¿ve?' },
              ],
            },
          ],
        },
      ],
    };
    const kept = digits.transcript(transcript);
    const [line] = kept.lines;
    const [translation] = line?.translations ?? [];
    assert.deepEqual(
      [kept.parties[0]?.name, line?.text, translation?.text],
      [`+${TAKEN_OUT}`, `It is ${TAKEN_OUT}, see?`, `Es ${TAKEN_OUT}, ¿ve?`],
    );
    assert.deepEqual(
      line?.words?.map(({ text }) => text),
      ['it', 'is', TAKEN_OUT, TAKEN_OUT, `${TAKEN_OUT},`, 'see?'],
    );
    assert.deepEqual(
      translation?.pieces.map(({ text }) => text),
      [`Es ${TAKEN_OUT}`, `${TAKEN_OUT}, ¿ve?`],
    );
  });
});

describe('speakerOf', () => {
  it('is the name of who spoke, or the party where nobody knows a name', () => {
    const transcript = bookOf(SAID).transcript();
    assert.deepEqual(
      ['a', 'b', 'c'].map((party) => speakerOf(transcript, party)),
      ['Ana', 'Bob', 'c'],
    );
  });
});
