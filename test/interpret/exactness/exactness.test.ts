import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lostSpots, translateExactly } from '../../../src/interpret/exactness/exact-translation.ts';
import { EMPTY_GLOSSARY, Glossary, parseGlossary } from '../../../src/interpret/exactness/glossary.ts';

/** The numbers and terms that `translation` lost. */
function lost(text: string, translation: string, glossary = EMPTY_GLOSSARY): readonly string[] {
  return lostSpots(text, translation, 'en', 'es', glossary).map(({ spoken }) => spoken);
}

describe('a translation', () => {
  const kept = [
    ['It costs 1,250.50 dollars', 'Cuesta 1.250,50 dólares'],
    ['at 4:15 in the afternoon', 'a las 16:15'],
    ['at 4 pm', 'a las 16 horas'],
    ['call 555 1234', 'llame al 55 51 234'],
    ['room 12 on floor 3', 'la habitación 12 del piso 3'],
    ['no number at all', 'ningún número'],
  ] as const;
  for (const [text, translation] of kept) {
    it(`keeps the numbers of "${text}" in "${translation}"`, () => {
      assert.deepEqual(lost(text, translation), []);
    });
  }

  it('lost a number when its digits are not there', () => {
    assert.deepEqual(lost('room 12 on floor 3', 'la habitación 21 del piso 3'), ['12']);
    assert.deepEqual(lost('It costs 1,250.50 now', 'Cuesta mucho'), ['1250,50']);
    assert.deepEqual(lost('code 7', 'código 77'), ['7']);
    assert.deepEqual(lost('It costs 1,50,000 now', 'Cuesta mucho'), ['150000']);
  });

  it('lost a term when it says it otherwise', () => {
    const glossary = new Glossary(
      new Map([
        ['Quick Connect', 'Conexión Rápida'],
        ['dragoman', 'dragomán'],
      ]),
    );
    assert.deepEqual(lost('ask the dragoman', 'pregunte al intérprete', glossary), ['dragomán']);
    assert.deepEqual(lost('ask the Dragoman', 'pregunte al Dragomán', glossary), []);
    assert.deepEqual(lost('the dragomanish', 'los intérpretes', glossary), [], 'another word');
    assert.deepEqual(lost('a quick  connect 12', 'una conexión 12', glossary), ['Conexión Rápida']);
  });
});

describe('translateExactly', () => {
  it('passes on what is exact, asking once', async () => {
    const asked: string[] = [];
    const exact = await translateExactly('room 12', 'en', 'es', EMPTY_GLOSSARY, async (text) => {
      asked.push(text);
      return 'habitación 12';
    });
    assert.deepEqual([exact, asked], [{ text: 'habitación 12', repaired: 0 }, ['room 12']]);
  });

  it('puts what was lost in, and translates around it', async () => {
    const translate = async (text: string): Promise<string> => `<${text.replace(/\d+/g, 'N')}>`;
    const exact = await translateExactly('take bus 12, then 7 stops.', 'en', 'es', EMPTY_GLOSSARY, translate);
    assert.deepEqual(exact, { text: '<take bus> 12 <, then> 7 <stops.>', repaired: 2 });
  });

  it('keeps marks where they belong', async () => {
    const exact = await translateExactly('12, 13!', 'en', 'es', EMPTY_GLOSSARY, async () => 'nada');
    assert.deepEqual(exact, { text: '12, 13!', repaired: 2 });
  });

  for (const [from, to, text, given, right] of [
    ['en', 'es-MX', 'It costs $500.', 'Cuesta $500.', 'Cuesta US$500.'],
    ['en', 'es-AR', 'It costs $5 now.', 'Ahora cuesta 5 $.', 'Ahora cuesta 5 US$.'],
    ['es-AR', 'en', 'Cuesta $1.500.', 'It costs $1,500.', 'It costs $1,500.'],
    ['en', 'es-MX', 'It is $500, so 8500.', 'Son $500, o sea $8500.', 'Son US$500, o sea $8500.'],
    ['en-AU', 'es', 'It costs $5.', 'Cuesta 5 $.', 'Cuesta 5 A$.'],
    ['en', 'es', 'It costs $5.', 'Cuesta 5 $.', 'Cuesta 5 $.'],
    ['en', 'es-MX', 'It costs US$5.', 'Cuesta US$5.', 'Cuesta US$5.'],
    ['en', 'es-MX', 'It costs five dollars.', 'Cuesta $5.', 'Cuesta $5.'],
  ] as const) {
    it(`says "${text}" of ${from} in ${to} with the money of whoever said it: "${given}"`, async () => {
      const exact = await translateExactly(text, from, to, EMPTY_GLOSSARY, async () => given);
      assert.equal(exact.text, right);
    });
  }

  it('puts a date that was taken over as it stood in the order of its language', async () => {
    const exact = async (text: string, translation: string, from: string, to: string): Promise<string> =>
      (await translateExactly(text, from, to, EMPTY_GLOSSARY, async () => translation)).text;
    assert.equal(await exact('El 05/06/2024.', 'On 05/06/2024.', 'es', 'en'), 'On 06/05/2024.');
    assert.equal(await exact('El 05/06/2024.', 'On 06/05/2024.', 'es', 'en'), 'On 06/05/2024.');
    assert.equal(await exact('El 05/06/2024.', 'On 05/06/2024.', 'es', 'en-GB'), 'On 05/06/2024.');
    assert.equal(await exact('On 5/6/2024.', 'Le 5/6/2024.', 'en-US', 'fr'), 'Le 6/5/2024.');
    assert.equal(await exact('El 25/06/2024.', 'On 25/06/2024.', 'es', 'en'), 'On 25/06/2024.');
    const both = ['05/06/2024 and 06/05/2024.', '06/05/2024 y 05/06/2024.'] as const;
    assert.equal(await exact(...both, 'en', 'es'), both[1]);
  });

  it('fails as the engine fails', async () => {
    const failing = translateExactly('12', 'en', 'es', EMPTY_GLOSSARY, () => Promise.reject(new Error('no')));
    await assert.rejects(failing, /no/);
  });
});

describe('parseGlossary', () => {
  it('reads a term a line, without comments', () => {
    const { terms } = parseGlossary('# ours\nQuick Connect = Conexión Rápida\r\n\n dragoman=dragomán \n');
    assert.deepEqual(
      [...terms],
      [
        ['Quick Connect', 'Conexión Rápida'],
        ['dragoman', 'dragomán'],
      ],
    );
  });

  it('says which line is no term', () => {
    assert.throws(() => parseGlossary('a = b\nc'), { code: 'bad-option', message: /line 2/ });
    assert.throws(() => parseGlossary('a = b = c'), { code: 'bad-option' });
  });
});
