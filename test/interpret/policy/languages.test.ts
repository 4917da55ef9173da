import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutPolicy } from '../../../src/interpret/policy/choose-policy.ts';
import type { PolicyName } from '../../../src/interpret/policy/cut-policy.ts';
import { SegmentCutter } from '../../../src/interpret/policy/segment-cutter.ts';
import { textOf, tokensOf } from '../../../src/interpret/policy/tokens.ts';
import {
  BLANKS_KEPT,
  KEPT_TOGETHER_OVER_PAUSES,
  MARKS,
  ONE_SENTENCE,
  UNSPACED,
  WHOLE_IN_UNSPACED,
} from '../language-cases.ts';

/** How a text comes: its pieces, each heard so long after the one before. */
interface Spoken {
  readonly language: string;
  readonly pieces: readonly string[];
  readonly pieceMs: number;
  readonly pausesAfterPiece?: Readonly<Record<string, number>>;
}

/** The segments of a text that is heard piece by piece. */
function segmentsOf(
  policy: PolicyName,
  { language, pieces, pieceMs, pausesAfterPiece = {} }: Spoken,
): readonly string[] {
  const cutter = new SegmentCutter(language, cutPolicy(policy, language, []));
  const segments: string[] = [];
  const look = (nowMs: number): void => {
    segments.push(...cutter.look(nowMs).segments.map(({ text }) => text));
  };
  let nowMs = 0;
  let heard = '';
  for (const [index, piece] of pieces.entries()) {
    nowMs += pieceMs;
    heard += piece;
    cutter.partial(heard, nowMs, nowMs);
    look(nowMs);
    const pauseMs = pausesAfterPiece[String(index)] ?? 0;
    if (pauseMs > 0) {
      cutter.paused(nowMs, nowMs + 200);
      for (let waitedMs = 200; waitedMs <= pauseMs; waitedMs += 50) {
        cutter.partial(heard, nowMs + waitedMs, nowMs);
        look(nowMs + waitedMs);
      }
      cutter.resumed();
      nowMs += pauseMs;
    }
  }
  cutter.final(heard);
  look(nowMs + pieceMs);
  return segments;
}

function words(text: string): readonly string[] {
  return text.split(' ').map((word, index) => (index === 0 ? word : ` ${word}`));
}

function charactersByTwo(text: string): readonly string[] {
  return [...text].reduce<string[]>((pieces, character, index) => {
    if (index % 2 === 0) {
      pieces.push(character);
    } else {
      pieces[pieces.length - 1] += character;
    }
    return pieces;
  }, []);
}

describe('a full stop', () => {
  for (const { language, text, sentences } of ONE_SENTENCE) {
    it(`ends ${sentences} of "${text}"`, () => {
      const spoken = { language, pieces: words(text), pieceMs: 250 };
      assert.equal(segmentsOf('sentence', spoken).length, sentences);
      const stops = segmentsOf('clause', spoken).filter((segment) => segment.endsWith('.'));
      assert.equal(stops.length, sentences);
    });
  }

  const more = [
    { language: 'de', text: 'Es sind 5. Wir gehen jetzt.', sentences: 2 },
    { language: 'de', text: 'Siehe Abb. 3 im Anhang.', sentences: 1 },
    { language: 'en', text: 'Take Hwy. 5 north.', sentences: 1 },
    { language: 'fr', text: 'Voir p. ex. la page deux.', sentences: 1 },
    { language: 'de', text: 'Ich wohne im 3. Stock. Das Haus ist alt.', sentences: 2 },
    { language: 'en', text: 'It is a vitamin C. The doctor said so.', sentences: 2 },
    { language: 'en', text: 'I enjoy the sun. Then we go.', sentences: 2 },
    { language: 'en', text: 'We leave at 5 p.m. The bus is late.', sentences: 2 },
    { language: 'es', text: 'Fuimos al mar. El agua estaba fría.', sentences: 2 },
    { language: 'pl', text: 'To jest ok. Idziemy dalej.', sentences: 2 },
    { language: 'fi', text: 'Nähdään 5. toukokuuta. Se on perjantai.', sentences: 2 },
    { language: 'nl', text: 'Het is zo. Dank u wel.', sentences: 2 },
    { language: 'fr', text: 'Ça va ? Oui, merci.', sentences: 2 },
    { language: 'de', text: 'Er arbeitet bei der Fa. Schmidt in Berlin.', sentences: 1 },
    { language: 'de', text: 'Sie wohnt in der Goethestr. 12 in Bonn.', sentences: 1 },
    { language: 'de', text: 'Karl d. Gr. war Kaiser.', sentences: 1 },
    { language: 'es', text: 'EE. UU. es un país grande.', sentences: 1 },
    { language: 'es', text: 'Llegaron a las 9 p. m. Luego cenaron.', sentences: 2 },
    { language: 'fr', text: 'J.-P. Martin viendra demain.', sentences: 1 },
    { language: 'it', text: "L'avv. Verdi chiama dopo.", sentences: 1 },
    { language: 'hu', text: 'A 3. emeleten lakom.', sentences: 1 },
    { language: 'hu', text: '2024. május 5. napján jövök.', sentences: 1 },
    { language: 'tr', text: 'Elma, armut vb. meyveler aldım.', sentences: 1 },
    { language: 'lv', text: 'Tiekamies 5. maijā Rīgā.', sentences: 1 },
    { language: 'bg', text: 'Това е през 2024 г. в София.', sentences: 1 },
    { language: 'ru', text: 'Встреча в г. Москве завтра.', sentences: 1 },
    { language: 'ru', text: 'Это было в 2024 г. Потом мы уехали.', sentences: 2 },
    { language: 'hy', text: 'Դոկտ. Պետրոսյանը կգա։', sentences: 1 },
  ];
  for (const { language, text, sentences } of more) {
    it(`ends ${sentences} of "${text}"`, () => {
      assert.equal(segmentsOf('sentence', { language, pieces: words(text), pieceMs: 250 }).length, sentences);
    });
  }
});

describe('a mark', () => {
  const more = [
    { language: 'hy', name: 'a colon', text: 'Ե՞րբ է գալիս գնացքը:', ends: 'sentence' },
    { language: 'hy', name: 'U+055D', text: 'Գնացքը եկավ՝', ends: 'clause' },
    { language: 'fr', name: 'a stop in guillemets', text: '« Je viens. »', ends: 'sentence' },
    { language: 'am', name: 'question mark', text: 'ባቡሩ መቼ ይመጣል፧', ends: 'sentence' },
    { language: 'km', name: 'khan', text: 'ខ្ញុំនឹងមកថ្ងៃស្អែក។', ends: 'sentence' },
    { language: 'ug', name: 'comma', text: 'كەلدىم،', ends: 'clause' },
    { language: 'ja', name: 'a stop in quotes', text: '「明日行きます。」', ends: 'sentence' },
  ];
  for (const { language, name, text, ends } of [...MARKS, ...more]) {
    it(`of ${language} (${name}) ends a ${ends}`, () => {
      assert.equal(tokensOf(text, language).at(-1)?.mark, ends);
    });
  }
});

describe('a text without blanks', () => {
  for (const { language, text } of UNSPACED) {
    it(`in ${language} is cut at the borders of its words`, () => {
      const segments = segmentsOf('clause', { language, pieces: charactersByTwo(text), pieceMs: 400 });
      assert.ok(segments.length > 1, segments.join('|'));
      assert.equal(segments.join(''), text);
      const borders = new Set(
        [...new Intl.Segmenter(language, { granularity: 'word' }).segment(text)].map(({ index }) => index),
      );
      let at = 0;
      for (const segment of segments) {
        assert.ok(borders.has(at), `"${text.slice(0, at)}|${text.slice(at)}"`);
        at += segment.length;
      }
    });
  }

  for (const { language, text } of BLANKS_KEPT) {
    it(`keeps the blanks of "${text}"`, () => {
      assert.equal(textOf(tokensOf(text, language)), text);
      assert.equal(
        segmentsOf('turn', { language, pieces: charactersByTwo(text), pieceMs: 400 }).join(''),
        text,
      );
    });
  }

  it('keeps strokes and signs with the Latin word they belong to', () => {
    const words = (text: string): readonly string[] => tokensOf(text, 'ja').map((token) => token.text);
    assert.ok(words('サイトはhttps://example.com/helpです。').includes('https://example.com/help'));
    assert.ok(words('C++を使います。').includes('C++'));
  });

  for (const { language, text, whole } of WHOLE_IN_UNSPACED) {
    it(`keeps "${whole}" whole`, () => {
      assert.ok(tokensOf(text, language).some((token) => token.text.replace(/[。]$/u, '') === whole));
      const segments = segmentsOf('clause', { language, pieces: charactersByTwo(text), pieceMs: 400 });
      assert.ok(
        segments.some((segment) => segment.includes(whole)),
        segments.join('|'),
      );
    });
  }

  it('keeps the borders of what was cut off', () => {
    const known = tokensOf('数据', 'zh');
    assert.deepEqual(
      tokensOf('数据中心。好', 'zh', known).map(({ text }) => text),
      ['数据', '中心。', '好'],
    );
    assert.deepEqual(
      tokensOf('数据，中心', 'zh', known).map(({ text, mark }) => `${text} ${mark}`),
      ['数据， clause', '中心 none'],
    );
  });
});

describe('what belongs together', () => {
  const more = [
    {
      language: 'es',
      text: 'mi correo es ana punto ruiz arroba ejemplo punto com gracias',
      together: 'ana punto ruiz arroba ejemplo punto com',
      pausesAfterWord: { 5: 500, 7: 500 },
    },
    {
      language: 'tr',
      text: 'numaram sıfır beş üç iki bir dört',
      together: 'sıfır beş üç iki bir dört',
      pausesAfterWord: { 2: 700, 4: 700 },
    },
    {
      language: 'de',
      text: 'ich heiße M Ü L L E R',
      together: 'M Ü L L E R',
      pausesAfterWord: { 3: 500, 5: 500 },
    },
    {
      language: 'nb',
      text: 'nummeret mitt er ni en to tre fire fem',
      together: 'ni en to tre fire fem',
      pausesAfterWord: { 4: 700 },
    },
    {
      language: 'hi',
      text: 'मेरा नंबर नौ आठ सात छह पाँच है',
      together: 'नौ आठ सात छह पाँच',
      pausesAfterWord: { 3: 700 },
    },
    {
      language: 'hi',
      text: 'मेरा नाम R A M है',
      together: 'R A M',
      pausesAfterWord: { 3: 500 },
    },
    {
      language: 'fr',
      text: 'écrivez à jean point dupont arobase exemple point fr merci',
      together: 'jean point dupont arobase exemple point fr',
      pausesAfterWord: { 4: 500, 6: 500 },
    },
    {
      language: 'en',
      text: 'the whole thing will take us two and a half hours by train',
      together: 'two and a half hours',
      pausesAfterWord: {},
    },
    {
      language: 'en',
      text: 'the pressure is one hundred and twenty over eighty this morning',
      together: 'one hundred and twenty over eighty',
      pausesAfterWord: {},
    },
    {
      language: 'es',
      text: 'cuesta ciento veinticinco con cincuenta euros en la tienda de abajo',
      together: 'ciento veinticinco con cincuenta euros',
      pausesAfterWord: {},
    },
  ];
  for (const { language, text, together, pausesAfterWord } of [...KEPT_TOGETHER_OVER_PAUSES, ...more]) {
    it(`reaches translation as one over pauses: "${together}"`, () => {
      const spoken = { language, pieces: words(text), pieceMs: 330, pausesAfterPiece: pausesAfterWord };
      const segments = segmentsOf('clause', spoken);
      assert.ok(
        segments.some((segment) => segment.includes(together)),
        segments.join('|'),
      );
    });
  }

  it('is not taken apart where a number has no blanks', () => {
    for (const pieceMs of [150, 200, 250, 300]) {
      const spoken = {
        language: 'th',
        pieces: charactersByTwo('ราคาสองพันห้าร้อยเอ็ดบาทกรุณาชำระภายในวันนี้'),
        pieceMs,
      };
      const segments = segmentsOf('clause', spoken);
      assert.ok(
        segments.some((segment) => segment.includes('สองพันห้าร้อยเอ็ด')),
        segments.join('|'),
      );
    }
  });
});
