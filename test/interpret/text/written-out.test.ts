import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleaned } from '../../../src/interpret/text/cleaned.ts';
import { spelledNumbers } from '../../../src/interpret/text/spelled-numbers.ts';
import { writtenOut } from '../../../src/interpret/text/written-out.ts';

describe('a text written out', () => {
  const cases = [
    { language: 'en', text: 'It costs $25.50 now.', words: 'It costs twenty-five US dollars fifty now.' },
    { language: 'de', text: 'Das kostet 1.250 €.', words: 'Das kostet eintausendzweihundertfünfzig Euro.' },
    { language: 'fr', text: 'Il y a 80 % de chances.', words: 'Il y a quatre-vingts pour cent de chances.' },
    { language: 'de', text: 'Der Zug fährt um 14:30 Uhr.', words: 'Der Zug fährt um vierzehn Uhr dreißig.' },
    { language: 'es', text: 'Son 3 km más.', words: 'Son tres kilómetros más.' },
    { language: 'en', text: 'The code is 0049.', words: 'The code is zero zero four nine.' },
    { language: 'en', text: 'It is the 3rd door.', words: 'It is the third door.' },
    { language: 'en', text: 'Write to ann@example.com.', words: 'Write to ann at example dot com.' },
    { language: 'it', text: 'Sono 2,5 litri.', words: 'Sono due virgola cinque litri.' },
    { language: 'ar', text: 'عندي ٣ كتب.', words: 'عندي ثلاثة كتب.' },
    { language: 'eo', text: 'Nenio estas ĉi tie.', words: 'Nenio estas ĉi tie.' },
    { language: 'xx', text: 'Room 12.', words: 'Room 12.' },
    {
      language: 'de',
      text: 'Er läuft bis zum 24.12.2024.',
      words: 'Er läuft bis zum vierundzwanzigsten Dezember zweitausendvierundzwanzig.',
    },
    {
      language: 'en',
      text: 'On 12/24/2024 or May 5 at 5:05 p.m.',
      words: 'On December twenty-fourth, twenty twenty-four or May fifth at five oh five p.m.',
    },
    {
      language: 'es',
      text: 'El 24/12/2024 a las 14:30.',
      words: 'El veinticuatro de diciembre de dos mil veinticuatro a las catorce y treinta.',
    },
    { language: 'fr', text: 'Le 1er mai à 17h30.', words: 'Le premier mai à dix-sept heures trente.' },
    {
      language: 'ru',
      text: 'Это было 24.12.2024.',
      words: 'Это было двадцать четвертого декабря две тысячи двадцать четвертого года.',
    },
    { language: 'ja', text: '12月5日の14:30です。', words: '十二月五日の十四時三十分です。' },
    { language: 'en', text: 'Call 555-0142.', words: 'Call five five five, zero one four two.' },
    { language: 'fr', text: 'Cela fait 12 500 euros.', words: 'Cela fait douze mille cinq cents euros.' },
    {
      language: 'en',
      text: 'It is -5 °C, 10-12 km.',
      words: 'It is minus five degrees Celsius, ten to twelve kilometers.',
    },
    {
      language: 'en',
      text: 'It cost €2 million in 1999.',
      words: 'It cost two million euros in nineteen ninety-nine.',
    },
    { language: 'en', text: 'Gate B12, version 1.2.3.', words: 'Gate B twelve, version one two three.' },
    {
      language: 'de',
      text: 'Ihre 2. Mahnung um 14.30 Uhr.',
      words: 'Ihre zweite Mahnung um vierzehn Uhr dreißig.',
    },
    { language: 'en', text: 'See example.com/help or 1/2.', words: 'See example dot com slash help or 1/2.' },
  ];
  for (const { language, text, words } of cases) {
    it(`says "${words}"`, () => {
      assert.equal(writtenOut(text, language, 'words'), words);
    });
  }
});

describe('a text for an engine that reads plain numbers', () => {
  const cases = [
    ['en', 'Room 305 has 2.5 beds, the 3rd door.', 'Room 305 has 2.5 beds, the 3rd door.'],
    [
      'en',
      'It costs $5 at 14:30, code 0049.',
      'It costs five US dollars at fourteen thirty, code zero zero four nine.',
    ],
    ['de', 'Am 5. Mai sind es 12 Gäste.', 'Am fünften Mai sind es 12 Gäste.'],
  ] as const;
  for (const [language, text, written] of cases) {
    it(`is "${written}"`, () => {
      assert.equal(writtenOut(text, language, 'numbers'), written);
      assert.equal(writtenOut(text, language, 'everything'), text);
    });
  }
});

describe('an amount written out', () => {
  const cases = [
    ['es', 'Tiene 37.5 °C.', 'Tiene treinta y siete coma cinco grados Celsius.'],
    ['en', 'It is 2,5 kg.', 'It is two point five kilograms.'],
    ['en', 'It is 1.234,56 €.', 'It is one thousand two hundred thirty-four euros fifty-six.'],
    ['hi', 'यह ₹1,50,000 है।', 'यह एक लाख पचास हज़ार भारतीय रुपए है।'],
    ['de', 'Das sind 1500000 €.', 'Das sind eine Million fünfhunderttausend Euro.'],
    ['en', 'The code is 1500000.', 'The code is one five zero zero zero zero zero.'],
    ['en', 'Use 192.168.100.200.', 'Use one nine two one six eight one zero zero two zero zero.'],
    ['ru', 'Это 3,5%.', 'Это три целых пять десятых процента.'],
    ['lt', 'Tai 0,5 kg.', 'Tai penkios dešimtosios kilogramo.'],
    ['en', 'It is -$0.50.', 'It is minus zero US dollars fifty.'],
    ['en', 'It is $-5.', 'It is minus five US dollars.'],
    [
      'en',
      'It is $1.995 or $3.999.',
      'It is one point nine nine five US dollars or three point nine nine nine US dollars.',
    ],
    [
      'en',
      'It cost €1.5m, $100k.',
      'It cost one million five hundred thousand euros, one hundred thousand US dollars.',
    ],
    ['de', 'Das sind 2,5 Mrd. € im Jahr.', 'Das sind zwei Milliarden fünfhundert Millionen Euro im Jahr.'],
    ['hi', '₹2.5 करोड़', 'दो दशमलव पाँच करोड़ भारतीय रुपए'],
    ['en', 'It is 5 m long.', 'It is five meters long.'],
    ['zh', '价格是¥500。', '价格是五百人民币。'],
    ['ja', '¥500です。', '五百円です。'],
    ['pt-BR', 'Custa R$ 5,50.', 'Custa cinco Reais brasileiros cinquenta.'],
    ['en', 'It is HK$100.', 'It is one hundred Hong Kong dollars.'],
    ['en-AU', 'It is $5.', 'It is five Australian dollars.'],
    ['es-AR', 'Cuesta $1.500.', 'Cuesta mil quinientos pesos argentinos.'],
    ['tr', 'Fiyat ₺5,50.', 'Fiyat beş Türk lirası elli.'],
    ['de', 'Es kostet 1 €.', 'Es kostet ein Euro.'],
    ['es', 'Son 21 km o 200 £.', 'Son veintiún kilómetros o doscientas libras esterlinas.'],
    ['pt', 'Custa 2.353,00 euros.', 'Custa dois mil trezentos e cinquenta e três euros.'],
    [
      'en',
      'It is 3,977.70 US dollars.',
      'It is three thousand nine hundred seventy-seven point seven US dollars.',
    ],
    [
      'en',
      'It is 5%-10% or $5-$10.',
      'It is five percent to ten percent or five US dollars to ten US dollars.',
    ],
    ['fi', 'Se on 5€-10€.', 'Se on viisi euroa-kymmenen euroa.'],
    ['ru', 'Это 5 млн ₽.', 'Это пять миллионов российских рублей.'],
    ['de', 'Es steigt um 12.30 Euro.', 'Es steigt um zwölf Komma drei Euro.'],
    ['en', 'It is version 3.10.', 'It is version three point one zero.'],
    ['pl', 'To 25,00 zł.', 'To dwadzieścia pięć zł.'],
    ['pt', 'São 10,00 reais.', 'São dez reais.'],
    ['en', 'Pay 100.00 CHF now.', 'Pay one hundred CHF now.'],
    ['de', 'Kapitel 3.4. beginnt.', 'Kapitel drei Komma vier. beginnt.'],
    ['de', 'Version 1.2. ist da.', 'Version eins Komma zwei. ist da.'],
    ['fr', "Les $50 m'ont aidé.", "Les cinquante dollars des États-Unis m'ont aidé."],
    ['cs', 'Mám $500 k dispozici.', 'Mám pět set amerických dolarů k dispozici.'],
    ['en', 'It cost $2.5 bn.', 'It cost two billion five hundred million US dollars.'],
    ['pt', 'São 2 kg e 200 g.', 'São dois quilogramas e duzentos gramas.'],
    ['ca', 'Són 2 km.', 'Són dos quilòmetres.'],
    ['es', 'Sube 1%.', 'Sube uno por ciento.'],
    ['en', 'Call 555 123 4567.', 'Call five five five, one two three, four five six seven.'],
    ['ko', '오전 9시~오후 6시', '오전 아홉 시에서 오후 여섯 시'],
    ['de', 'Es sind 2½ kg und 1 ¼ l.', 'Es sind zwei Komma fünf Kilogramm und eins Komma zwei fünf Liter.'],
    ['en', 'It is 5~10 km.', 'It is five to ten kilometers.'],
    ['sr-Latn-RS', 'Imam 25 godina.', 'Imam dvadeset i pet godina.'],
  ] as const;
  for (const [language, text, words] of cases) {
    it(`says "${words}"`, () => {
      assert.equal(writtenOut(text, language, 'words'), words);
    });
  }
});

describe('a time or a date written out', () => {
  const cases = [
    ['en', 'At 2.30 pm or 8.10am.', 'At two thirty pm or eight ten am.'],
    ['th', 'เวลา 14.30 น.', 'เวลา สิบสี่นาฬิกาสามสิบนาที'],
    ['sv', 'Vi ses kl. 14.30.', 'Vi ses kl. fjorton trettio.'],
    ['da', 'Vi ses 14.05.', 'Vi ses fjorten nul fem.'],
    ['fi', 'Tule klo 14.30.', 'Tule klo neljätoista kolmekymmentä.'],
    ['id', 'Pukul 12.30 siang.', 'Pukul dua belas tiga puluh siang.'],
    ['de', 'Um 12.30 bitte, um 2.30 € mehr.', 'Um zwölf Uhr dreißig bitte, um zwei Euro dreißig mehr.'],
    ['de', 'Es ist 1 Uhr, 1:05 Uhr.', 'Es ist ein Uhr, ein Uhr fünf.'],
    ['ko', '3:30에 와요.', '세 시 삼십 분에 와요.'],
    ['ko', '3시 30분에 다섯 개, 20명, 5개월.', '세 시 삼십분에 다섯 개, 스무 명, 오개월.'],
    ['fr', 'À 1 h 30.', 'À une heure trente.'],
    ['de', 'Am 24.12. kommt er.', 'Am vierundzwanzigsten Dezember kommt er.'],
    ['de', 'Er kommt am 3.10.', 'Er kommt am dritten Oktober.'],
    ['de', 'Das ist Version 3.10.', 'Das ist Version drei Komma eins null.'],
    ['cs', 'Přijde 24. 12. večer.', 'Přijde dvacet čtyři prosince večer.'],
    ['en', 'It was on 3.5.2024.', 'It was on May third, twenty twenty-four.'],
    ['fa', '۱۴۰۳/۰۲/۱۶', 'شانزده اردیبهشت یک هزار و چهارصد و سه'],
  ] as const;
  for (const [language, text, words] of cases) {
    it(`says "${words}"`, () => {
      assert.equal(writtenOut(text, language, 'words').replaceAll('\u200b', ''), words);
    });
  }
});

describe('a number in words', () => {
  const cases = [
    ['en', '%spellout-cardinal', 1_971, 'one thousand nine hundred seventy-one'],
    ['fr', '%spellout-cardinal-masculine', 280, 'deux cent quatre-vingts'],
    ['de', '%spellout-cardinal-masculine', 321, 'dreihunderteinundzwanzig'],
    ['it', '%spellout-numbering', -21.5, 'meno ventuno virgola cinque'],
    ['ja', '%spellout-cardinal', 15_000, '一万五千'],
    ['ru', '%spellout-cardinal-feminine', 2_022, 'две тысячи двадцать две'],
  ] as const;
  for (const [language, ruleSet, value, words] of cases) {
    it(`is ${words} for ${value} in ${language}`, () => {
      assert.equal(spelledNumbers(language)?.spell(value, ruleSet), words);
    });
  }

  it('has none of the marks of its rules in it, in any language', () => {
    for (const language of 'ar cs de en es fi fr hi it ja ko lt nl pl pt ru sr sv th tr uk vi zh'.split(
      ' ',
    )) {
      const speller = spelledNumbers(language);
      for (const ruleSet of speller?.cardinals ?? []) {
        for (const value of [0.5, 1.5, 2.05, 3.14, -7.25]) {
          assert.doesNotMatch(
            speller?.spell(value, ruleSet) ?? '',
            /[[\]${}%]/,
            `${language} ${ruleSet} ${value}`,
          );
        }
      }
    }
  });
});

describe('a text cleaned', () => {
  const cases = [
    ['What?!?! No...... ', 'What? No…'],
    ['He said " and left', 'He said and left'],
    ['You f*** liar', 'You liar'],
    ['♪ la la ♪', 'la la'],
    ['Yes,, , sure', 'Yes, sure'],
    ['“Go,” she said.', '“Go,” she said.'],
    ['Quoi ? Oui !', 'Quoi ? Oui !'],
    ["It's 5.5 % of 10,000.", "It's 5.5 % of 10,000."],
    ['My **name** is **Anna**, *really*.', 'My name is Anna, really.'],
    ['Zahlen Sie **fünf Euro**.', 'Zahlen Sie fünf Euro.'],
    ['오전 9시 ~ 오후 6시', '오전 9시~오후 6시'],
    ['5 ~ 10명', '5~10명'],
    ['2 * 3 * 4 ~', '2 * 3 * 4'],
  ] as const;
  for (const [text, clean] of cases) {
    it(`is "${clean}" of "${text}"`, () => {
      assert.equal(cleaned(text), clean);
    });
  }
});
