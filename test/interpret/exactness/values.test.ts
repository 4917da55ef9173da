import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareValues } from '../../../src/interpret/exactness/compare-values.ts';
import { lostSpots, translateExactly } from '../../../src/interpret/exactness/exact-translation.ts';
import { EMPTY_GLOSSARY, Glossary } from '../../../src/interpret/exactness/glossary.ts';
import { suspicionOf } from '../../../src/interpret/exactness/suspect.ts';
import { GLOSSARY, NUMBERS_KEPT, NUMBERS_LOST } from '../language-cases.ts';

describe('a right translation of a number', () => {
  const more = [
    {
      kind: 'date',
      from: 'en',
      to: 'fr',
      source: 'It starts on March 3, 2025.',
      target: 'Cela commence le 3 mars 2025.',
    },
    {
      kind: 'date',
      from: 'ru',
      to: 'en',
      source: 'Встреча 5 мая 2024 года.',
      target: 'The meeting is on May 5, 2024.',
    },
    {
      kind: 'date',
      from: 'en',
      to: 'zh',
      source: 'It was on October 1, 1949.',
      target: '那是1949年10月1日。',
    },
    {
      kind: 'time',
      from: 'en',
      to: 'ja',
      source: 'We meet at 5:30 PM.',
      target: '午後5時半に会いましょう。',
    },
    { kind: 'time', from: 'zh', to: 'en', source: '我们下午三点见。', target: 'We meet at 3 PM.' },
    {
      kind: 'word',
      from: 'de',
      to: 'en',
      source: 'Es sind zweihundertfünfzig Leute.',
      target: 'There are 250 people.',
    },
    {
      kind: 'word',
      from: 'fr',
      to: 'en',
      source: 'Il y a quatre-vingt-dix places.',
      target: 'There are ninety seats.',
    },
    { kind: 'big', from: 'ja', to: 'en', source: '1億5000万円です。', target: 'It is 150 million yen.' },
    {
      kind: 'big',
      from: 'ru',
      to: 'de',
      source: 'Это стоит 2 млн рублей.',
      target: 'Das kostet 2 Millionen Rubel.',
    },
    { kind: 'percent', from: 'en', to: 'tr', source: 'It is 25% cheaper.', target: '%25 daha ucuz.' },
    { kind: 'code', from: 'fr', to: 'en', source: 'Appelez le 01 42 68 53 00.', target: 'Call 0142685300.' },
    { kind: 'unit', from: 'en', to: 'de', source: 'It is 10 miles away.', target: 'Es ist 16 km entfernt.' },
  ];
  for (const { from, to, source, target } of [...NUMBERS_KEPT, ...more]) {
    it(`is left alone: "${source}" as "${target}"`, async () => {
      assert.notEqual(compareValues(source, from, target, to).outcome, 'another');
      const again = [() => Promise.reject(new Error('asked again'))];
      const checked = await translateExactly(source, from, to, EMPTY_GLOSSARY, async () => target, again);
      assert.deepEqual(checked, { text: target, repaired: 0 });
    });
  }
});

describe('a right translation of a number that is said in another way', () => {
  const cases = [
    ['en', 'fr', 'In the 21st century.', 'Au XXIe siècle.'],
    ['en', 'pl', 'In the 19th century.', 'W XIX wieku.'],
    ['en', 'es', 'Charles the 5th.', 'Carlos V.'],
    ['es', 'en', 'Son dos mil quinientos millones.', 'That is 2.5 billion.'],
    ['en', 'es', 'There were 3 billion.', 'Había tres mil millones.'],
    ['en', 'ko', 'It costs 1,000,000 won.', '백만 원입니다.'],
    ['en', 'ko', 'It costs 35,000 won.', '삼만 오천 원입니다.'],
    ['en', 'de', 'Take 1 1/2 tablets.', 'Nehmen Sie 1,5 Tabletten.'],
    ['en', 'es', '3 3/4 miles', '6 km'],
    ['en', 'ja', '1/3 agree.', '3分の1が賛成です。'],
    ['zh', 'en', '百分之50', '50%'],
    ['ja', 'en', '19時30分の2名で予約をお願いします。', 'A table for 2 at 7:30 p.m., please.'],
    ['ja', 'en', '9時30分の3番線です。', 'It is platform 3 at 9:30.'],
    ['ja', 'en', '15分の3セットです。', '3 sets of 15 minutes.'],
    ['en', 'ja', '2/3 of them.', 'その3分の2です。'],
    ['en', 'es', 'Dial 911.', 'Marque el nueve uno uno.'],
    ['en', 'es', 'The code is 0049.', 'El código es cero cero cuatro nueve.'],
    ['en', 'de', 'The code is 007.', 'Der Code ist null null sieben.'],
    ['en', 'de', 'We leave at 0600 hours.', 'Wir fahren um 6 Uhr los.'],
    ['en', 'fr', '45 minutes.', "trois quarts d'heure."],
    ['en', 'de', '15 minutes.', 'eine Viertelstunde.'],
    ['en', 'de', 'He is 5 foot 10.', 'Er ist 1,78 m groß.'],
    ['en', 'fr', 'It is 72 degrees Fahrenheit.', 'Il fait 22 degrés.'],
    ['en', 'pl', 'It is 7:30.', 'Jest wpół do ósmej.'],
    ['en', 'ru', 'At 7:30.', 'В половине восьмого.'],
    ['en', 'es', 'In the 1980s.', 'En los años ochenta.'],
    ['en', 'de', "I was born in '85.", 'Ich bin 1985 geboren.'],
    ['en', 'de', 'The score was 3-2.', 'Es stand 3:2.'],
    ['en', 'fr', 'It is open 24/7.', "C'est ouvert 24h/24 et 7j/7."],
    ['en', 'hi', '15,000 rupees', 'पंद्रह हज़ार रुपये'],
    ['zh', 'en', '价格是¥500。', 'The price is 500 yuan.'],
    ['fr', 'en', 'Cela coûte ¥500.', 'It costs 500 yen.'],
    ['es-AR', 'en', 'Cuesta $1.500.', 'It costs 1,500 pesos.'],
    ['es-AR', 'en', 'Cuesta $1.500.', 'It costs $1,500.'],
    ['pt-BR', 'en', 'Custa R$ 50,00.', 'It costs 50 reais.'],
    ['en', 'es', 'The balance is minus $50.', 'El saldo es de -50 $.'],
    ['es', 'en', 'El saldo es -50 €.', 'The balance is -€50.'],
    ['en', 'de', 'It costs €5-€10.', 'Es kostet 5€-10€.'],
    ['en', 'zh', 'We need 50 kg.', '我们需要100斤。'],
    ['en', 'zh', 'It is 10 km away.', '离这里20里。'],
    ['en', 'de', '8 ounces', '237 ml'],
    ['en', 'es', '1,234.56 pesos', '1,234.56 pesos'],
  ] as const;
  for (const [from, to, source, target] of cases) {
    it(`is left alone: "${source}" as "${target}"`, () => {
      assert.notEqual(compareValues(source, from, target, to).outcome, 'another');
    });
  }
});

describe('a number that is said as it is spoken', () => {
  const cases = [
    ['en', 'es', 'I was born in nineteen eighty-five.', 'Nací en 1985.'],
    ['en', 'de', 'It is two thirty.', 'Es ist 2:30 Uhr.'],
    ['en', 'fr', 'It costs one fifty.', 'Cela coûte 1,50.'],
    ['en', 'es', 'My extension is forty-two seventeen.', 'Mi extensión es 4217.'],
    ['en', 'de', 'fifteen hundred euros', '1500 Euro'],
    ['de', 'en', 'Neunzehnhundertfünfundachtzig', '1985'],
    ['en', 'es', 'two point five percent', '2,5 por ciento'],
    ['de', 'en', 'zwei Komma fünf Millionen', '2.5 million'],
    ['es', 'en', 'dos coma cinco', '2.5'],
    ['ru', 'en', 'две целых пять десятых', '2.5'],
    ['en', 'de', 'at 3:20', 'um zwanzig nach drei'],
    ['en', 'es', 'at 3:40', 'a las cuatro menos veinte'],
    ['en', 'nl', 'at 3:20 PM', 'om tien voor half vier'],
    ['de', 'en', 'um 15:40 Uhr', 'at twenty to four'],
    ['en', 'de', 'It is a quarter to 8.', 'Es ist drei viertel 8.'],
    ['en', 'ko', 'It is 15,000 won.', '만 오천 원입니다.'],
    ['en', 'ko', 'We need 1,250 boxes.', '천이백오십 상자가 필요합니다.'],
    ['en', 'fr', 'I need 95 copies.', 'Il me faut nonante-cinq copies.'],
    ['en', 'zh', '15,000', '一万五'],
    ['en', 'zh', '10.5', '十点五'],
  ] as const;
  for (const [from, to, source, target] of cases) {
    it(`is the same: "${source}" as "${target}"`, () => {
      assert.equal(compareValues(source, from, target, to).outcome, 'same');
    });
  }

  it('is another where it says so surely, and not known otherwise', () => {
    const outcome = (source: string, target: string): string =>
      compareValues(source, 'en', target, 'de').outcome;
    assert.equal(outcome('at 3:20', 'um zwanzig nach vier'), 'another');
    assert.equal(outcome('two point five percent', '3,5 Prozent'), 'another');
    assert.equal(outcome('fifteen hundred euros', '1600 Euro'), 'another');
    assert.equal(outcome('nineteen eighty-five', '19 Uhr und 85 Cent'), 'unknown');
  });
});

describe('another value that is said in another way', () => {
  const cases = [
    ['de', 'en', 'Es ist halb acht.', 'It is 8:30.'],
    ['en', 'de', 'The code is 0049.', 'Der Code ist 49.'],
    ['en', 'es', 'Dial 911.', 'Marque el nueve uno dos.'],
    ['en', 'es', 'There were 2.5 billion.', 'Había dos mil trescientos millones.'],
    ['en', 'de', 'Take 2 1/2 tablets.', 'Nehmen Sie 3,5 Tabletten.'],
    ['en', 'ja', '2/3', '三分の一'],
    ['en', 'de', 'He is 6 foot 2.', 'Er ist 1,68 m groß.'],
    ['en', 'fr', 'It is 72 degrees Fahrenheit.', 'Il fait 32 degrés.'],
    ['en', 'fr', 'It is 10 °C there.', "C'est à 50 mètres."],
    ['en', 'es', 'It costs $1500.', 'Cuesta 1500 euros.'],
    ['de', 'en', 'Am 3.5.2024.', 'On March 5, 2024.'],
    ['en', 'de', 'It is 5000 miles away.', 'Es ist 5000 Kilometer entfernt.'],
    ['en', 'es', 'Take 500 mg.', 'Tome 500 ml.'],
    ['en', 'de', '5%', '5 Euro'],
    ['en', 'es', 'Take 2 tablets every 8 hours.', 'Tome 8 tabletas cada 2 horas.'],
    ['en', 'ru', 'Take 2 tablets every 8 hours.', 'Принимайте 8 таблеток каждые 2 часа.'],
    ['pt-BR', 'en', 'Custa R$ 50.', 'It costs $50.'],
    ['es', 'en', 'El saldo es -50 €.', 'The balance is €50.'],
    ['en', 'es', '-€50', '50 €'],
  ] as const;
  for (const [from, to, source, target] of cases) {
    it(`is noticed: "${source}" as "${target}"`, () => {
      assert.equal(compareValues(source, from, target, to).outcome, 'another');
    });
  }
});

describe('another value', () => {
  const more = [
    { from: 'de', to: 'en', source: 'Es kostet 1.500 Euro.', target: 'It costs 1.500 euros.' },
    { from: 'de', to: 'en', source: 'Am 5. Mai 2024.', target: 'On June 5, 2024.' },
    { from: 'en', to: 'es', source: 'We close at 17:00.', target: 'Cerramos a las 5 a. m.' },
    { from: 'zh', to: 'en', source: '我们有15万名客户。', target: 'We have 15,000 customers.' },
    { from: 'en', to: 'fr', source: 'Call 555-0142.', target: 'Appelez le 555 01 24.' },
  ];
  for (const { from, to, source, target } of [...NUMBERS_LOST, ...more]) {
    it(`is noticed: "${source}" as "${target}"`, () => {
      assert.equal(compareValues(source, from, target, to).outcome, 'another');
    });
  }

  it('is asked for again, without more when the next answer is right', async () => {
    const checked = await translateExactly(
      'It costs 250 euros.',
      'en',
      'es',
      EMPTY_GLOSSARY,
      async () => 'Cuesta 1250 euros.',
      [async () => 'Cuesta 250 euros.', () => Promise.reject(new Error('asked once too often'))],
    );
    assert.deepEqual(checked, { text: 'Cuesta 250 euros.', repaired: 0 });
  });

  it('that stays is spoken as it was said, in the place of the wrong one', async () => {
    const wrong = async (): Promise<string> => 'Cuesta 1250 euros.';
    const checked = await translateExactly('It costs 250 euros.', 'en', 'es', EMPTY_GLOSSARY, wrong, [
      wrong,
      wrong,
    ]);
    assert.deepEqual(checked, { text: 'Cuesta 250 euros.', repaired: 1 });
  });
});

describe('a translation that says a number in a way that is not known', () => {
  const cases = [
    ['en', 'fr', 'Room 72 please.', 'Chambre septante-deux s’il vous plaît.'],
    ['en', 'ko', 'It is 15,000 won.', '만 오천 원입니다.'],
    ['en', 'de', 'We meet at 3:20 tomorrow.', 'Wir treffen uns morgen um zwanzig nach drei.'],
    ['en', 'ru', 'We meet at 3:20.', 'Встречаемся в двадцать минут четвёртого.'],
    ['en', 'tr', 'at 3:20', 'üçü yirmi geçe'],
    ['en', 'da', 'In 1985 we moved.', 'I nittenhundrede og femogfirs flyttede vi.'],
    ['en', 'pl', 'It is 1,500.', 'To półtora tysiąca.'],
    ['en', 'sr', 'It is 2,500.', 'То је две и по хиљаде.'],
    ['en', 'fil', 'It costs 500 pesos.', 'Limang daang piso ito.'],
    ['en', 'am', 'There are 1,500.', 'አንድ ሺህ አምስት መቶ'],
    ['en', 'ja', 'on the 20th', 'はつかに'],
    ['en', 'zh', 'We need 50 kg of rice.', '我们需要100斤大米。'],
    ['en', 'hi', 'It weighs 200 kg.', 'इसका वजन दो क्विंटल है।'],
    ['en', 'de', 'It costs 15 dollars.', 'Es kostet fünfzig Dollar.'],
  ] as const;
  for (const [from, to, source, target] of cases) {
    it(`is left as it is: "${source}" as "${target}"`, async () => {
      const same = async (): Promise<string> => target;
      const checked = await translateExactly(source, from, to, EMPTY_GLOSSARY, same, [same]);
      assert.deepEqual(checked, { text: target, repaired: 0 });
    });
  }
});

describe('a number that is put in', () => {
  const repaired = async (source: string, target: string): Promise<string> => {
    const translate = async (text: string): Promise<string> => (text === source ? target : `<${text}>`);
    return (await translateExactly(source, 'en', 'es', EMPTY_GLOSSARY, translate)).text;
  };
  const cases = [
    ['The balance is -$50.', 'El saldo es de $80.', 'El saldo es de -$50.'],
    ['The balance is -$50.', 'El saldo es bajo.', '<The balance is> -$50.'],
    ['It is -5 now.', 'Son 8.', 'Son -5.'],
    ['It costs $1,500.', 'Cuesta $1800.', 'Cuesta $1500.'],
    ['It is 90% full.', 'Está lleno.', '<It is> 90% <full.>'],
  ] as const;
  for (const [source, target, right] of cases) {
    it(`keeps its minus and its sign: "${right}"`, async () => {
      assert.equal(await repaired(source, target), right);
    });
  }

  it('is looked for beside a term that has a number of its own', async () => {
    const glossary = new Glossary(new Map([['5G', '5G-Netz']]));
    const target = 'Der 5G-Netz-Tarif kostet 300 Euro.';
    const checked = await translateExactly(
      'The 5G plan costs 30 euros.',
      'en',
      'de',
      glossary,
      async () => target,
    );
    assert.equal(checked.text, 'Der 5G-Netz-Tarif kostet 30 Euro.');
  });
});

describe('a term of the glossary', () => {
  for (const { from, to, term, target, source, wrong } of GLOSSARY) {
    it(`is seen in "${source}"`, () => {
      const glossary = new Glossary(new Map([[term, target]]));
      assert.deepEqual(
        lostSpots(source, wrong, from, to, glossary).map(({ spoken }) => spoken),
        [target],
      );
    });
  }
});

describe('a translation', () => {
  const cases = [
    { source: 'Yes, of course.', target: 'Sí, claro. '.repeat(20), suspicion: 'ran-away' },
    {
      source: 'I do not know what to say.',
      target: 'no sé no sé no sé no sé no sé no sé',
      suspicion: 'ran-away',
    },
    { source: 'I do not know what to say.', target: 'I do not know what to say', suspicion: 'untranslated' },
    { source: 'Ana Torres Marín', target: 'Ana Torres Marín', suspicion: 'none' },
    { source: 'No, no, no, no, no, no.', target: 'No, no, no, no, no, no.', suspicion: 'none' },
    { source: 'Five five five one.', target: 'Cinco cinco cinco uno.', suspicion: 'none' },
    { source: 'I do not know what to say.', target: 'No sé qué decir.', suspicion: 'none' },
  ];
  for (const { source, target, suspicion } of cases) {
    it(`of "${source}" is suspected: ${suspicion} ("${target.slice(0, 30)}")`, () => {
      assert.equal(suspicionOf(source, target, 'en', 'es'), suspicion);
    });
  }

  const others = [
    ['zh', 'en', '你好', 'Hello '.repeat(20), 'ran-away'],
    ['en', 'th', 'Please wait.', 'กรุณารอสักครู่'.repeat(8), 'ran-away'],
    ['de', 'ko', 'Guten Tag.', '안녕하세요. '.repeat(10), 'ran-away'],
    [
      'en',
      'de',
      'Please send me the invoice by Friday.',
      'Please send me the invoice by Freitag.',
      'untranslated',
    ],
    ['zh', 'ja', '请在星期五之前把发票发给我。', '请在星期五之前把发票发给我。', 'untranslated'],
    ['th', 'en', 'กรุณาส่งใบแจ้งหนี้ก่อนวันศุกร์', 'กรุณาส่งใบแจ้งหนี้ก่อนวันศุกร์', 'untranslated'],
    [
      'es',
      'pt',
      '¿Cuándo llega el tren de la noche mañana?',
      '¿Cuándo llega el tren de la noche mañana?',
      'untranslated',
    ],
    ['da', 'nb', 'Vi ses i morgen klokken ti.', 'Vi ses i morgen klokken ti.', 'none'],
    ['de', 'en', 'Hallo Anna', 'Hello Anna', 'none'],
    ['ko', 'en', '수고하세요', 'Keep up the good work and have a nice day.', 'none'],
    ['en', 'es', 'info@example.com', 'info@example.com', 'none'],
  ] as const;
  for (const [from, to, source, target, suspicion] of others) {
    it(`from ${from} to ${to} of "${source}" is suspected: ${suspicion} ("${target.slice(0, 30)}")`, () => {
      assert.equal(suspicionOf(source, target, from, to), suspicion);
    });
  }

  it('that is none is asked for again, and fails if it stays so', async () => {
    const [text, right] = ['I do not know what to say.', 'No sé qué decir.'];
    const same = async (): Promise<string> => text;
    const better = await translateExactly(text, 'en', 'es', EMPTY_GLOSSARY, same, [async () => right]);
    assert.deepEqual(better, { text: right, repaired: 0 });
    await assert.rejects(translateExactly(text, 'en', 'es', EMPTY_GLOSSARY, same, [same]), {
      code: 'engine-bad-answer',
    });
  });
});
