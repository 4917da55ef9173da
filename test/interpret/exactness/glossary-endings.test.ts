import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Glossary } from '../../../src/interpret/exactness/glossary.ts';

/** From, to, term, its translation, a text that holds the term, a translation without it. */
const LOST = [
  ['fi', 'en', 'sopimus', 'agreement', 'Allekirjoitin sopimuksen.', 'I signed the contract.'],
  ['hu', 'en', 'szerződés', 'agreement', 'Aláírtam a szerződést.', 'I signed the contract.'],
  ['tr', 'en', 'fatura', 'invoice', 'Faturanızı gönderdim.', 'I sent your bill.'],
  ['pl', 'en', 'umowa', 'agreement', 'Podpisałem umowę.', 'I signed the contract.'],
  ['cs', 'en', 'smlouva', 'agreement', 'Podepsal jsem smlouvu.', 'I signed the contract.'],
  ['ru', 'en', 'договор', 'agreement', 'Я подписал договор.', 'I signed the contract.'],
  ['uk', 'en', 'угода', 'agreement', 'Я підписав угоду.', 'I signed the contract.'],
  ['ar', 'en', 'شركة', 'firm', 'اتصلت بالشركة.', 'I called the company.'],
  ['he', 'en', 'חשבונית', 'invoice', 'שלח לי את החשבונית.', 'Send me the bill.'],
  ['ko', 'en', '계약서', 'agreement', '계약서를 서명했어요.', 'I signed the contract.'],
  ['ja', 'en', '請求書', 'invoice', '請求書を送ってください。', 'Send me the bill.'],
  ['zh', 'en', '发票', 'invoice', '请把发票发给我。', 'Send me the bill.'],
  ['vi', 'en', 'hóa đơn', 'invoice', 'Gửi cho tôi hóa đơn.', 'Send me the bill.'],
  ['hi', 'en', 'समझौता', 'agreement', 'मैंने समझौते पर हस्ताक्षर किए।', 'I signed the contract.'],
  ['el', 'en', 'σύμβαση', 'agreement', 'Υπέγραψα τη σύμβαση.', 'I signed the contract.'],
  ['de', 'en', 'Rechnung', 'invoice', 'Die Rechnungen sind da.', 'The bills are here.'],
  ['en', 'de', 'invoice', 'Rechnung', 'Send me the invoices.', 'Schicken Sie mir die Quittungen.'],
  ['es', 'en', 'factura', 'invoice', 'Envíeme las facturas.', 'Send me the bills.'],
  ['fr', 'en', 'hôpital', 'clinic', "Je vais à l'hôpital.", 'I go to the hospital.'],
  ['it', 'en', 'fattura', 'invoice', 'Le fatture sono qui.', 'The bills are here.'],
  ['nl', 'en', 'factuur', 'invoice', 'Stuur de facturen.', 'Send the bills.'],
  ['da', 'en', 'aftale', 'agreement', 'Jeg underskrev aftalen.', 'I signed the contract.'],
  ['ro', 'en', 'factură', 'invoice', 'Trimite-mi factura.', 'Send me the bill.'],
  ['bg', 'en', 'договор', 'agreement', 'Подписах договора.', 'I signed the contract.'],
  ['ka', 'en', 'ხელშეკრულება', 'agreement', 'ხელი მოვაწერე ხელშეკრულებას.', 'I signed the contract.'],
  ['id', 'en', 'faktur', 'invoice', 'Kirim fakturnya.', 'Send me the bill.'],
  ['lv', 'en', 'līgums', 'agreement', 'Parakstīju līgumu.', 'I signed the contract.'],
  ['fa', 'en', 'فاکتور', 'invoice', 'فاکتورها را بفرستید.', 'Send the bills.'],
  ['ta', 'en', 'ஒப்பந்தம்', 'agreement', 'ஒப்பந்தத்தில் கையெழுத்திட்டேன்.', 'I signed the contract.'],
] as const;

/** The same, with a translation that holds it in another form. */
const HELD = [
  ['en', 'de', 'invoice', 'Rechnung', 'Send me the invoice.', 'Schicken Sie mir die Rechnungen.'],
  ['en', 'fi', 'agreement', 'sopimus', 'I signed the agreement.', 'Allekirjoitin sopimuksen.'],
  ['en', 'tr', 'agreement', 'sözleşme', 'I signed the agreement.', 'Sözleşmeyi imzaladım.'],
  ['en', 'pl', 'invoice', 'faktura', 'Send me the invoice.', 'Wyślij mi fakturę.'],
  ['en', 'ru', 'receipt', 'квитанция', 'Send me the receipt.', 'Пришлите мне квитанцию.'],
  ['en', 'hu', 'agreement', 'szerződés', 'I signed the agreement.', 'Aláírtam a szerződést.'],
  ['en', 'cs', 'agreement', 'smlouva', 'I signed the agreement.', 'Podepsal jsem smlouvu.'],
  ['en', 'ar', 'invoice', 'فاتورة', 'Send me the invoice.', 'أرسل لي الفاتورة.'],
  ['en', 'ar', 'credit card', 'بطاقة ائتمان', 'My credit card is lost.', 'فقدت بطاقة الائتمان.'],
  ['en', 'el', 'agreement', 'σύμβαση', 'The agreements are here.', 'Οι συμβάσεις είναι εδώ.'],
  ['en', 'es', 'invoice', 'factura', 'Send the invoices.', 'Envíe las facturas.'],
  ['en', 'fr', 'agreement', 'accord', 'I signed the agreement.', "J'ai signé l'accord."],
  ['en', 'ko', 'agreement', '계약서', 'I signed the agreement.', '계약서에 서명했습니다.'],
  ['en', 'hi', 'agreement', 'समझौता', 'I signed the agreement.', 'मैंने समझौते पर हस्ताक्षर किए।'],
  ['en', 'he', 'invoice', 'חשבונית', 'Send me the invoice.', 'שלח לי את החשבונית.'],
  ['en', 'de', 'house', 'Haus', 'the houses', 'die Häuser'],
  ['en', 'tr', 'Istanbul', 'İstanbul', 'I live in Istanbul.', "İSTANBUL'da yaşıyorum."],
  ['en', 'de', 'street', 'Straße', 'the street', 'die STRASSE'],
] as const;

/** The same, with a text that only begins a word as the term does. */
const OTHERS = [
  ['en', 'de', 'can', 'Dose', 'I cannot come.', 'Ich kann nicht kommen.'],
  ['en', 'de', 'art', 'Kunst', 'We start at nine.', 'Wir beginnen um neun.'],
  ['de', 'en', 'Bank', 'bank', 'Die Bankett-Halle ist groß.', 'The banquet hall is big.'],
  ['ru', 'en', 'мир', 'peace', 'Мирослав звонил.', 'Miroslav called.'],
  ['tr', 'en', 'at', 'horse', 'Atatürk Caddesi', 'Ataturk Street'],
  ['pl', 'en', 'rok', 'year', 'rokowania trwają', 'The negotiations go on.'],
  ['el', 'en', 'και', 'and then', 'Καινούργιο σπίτι', 'A new house'],
  ['ar', 'en', 'بيت', 'house', 'بيتزا لذيذة', 'A tasty pizza'],
] as const;

describe('a glossary term with endings', () => {
  const cases = [
    [LOST, 1, 'is seen to be lost'],
    [HELD, 0, 'is seen to be held'],
    [OTHERS, 0, 'is not seen in another word'],
  ] as const;
  for (const [rows, lost, what] of cases) {
    for (const [from, to, term, target, source, translation] of rows) {
      it(`${what}: ${term} = ${target} of "${source}" as "${translation}"`, () => {
        const glossary = new Glossary(new Map([[term, target]]));
        const spots = glossary.spots(source, from);
        assert.equal(spots.filter((spot) => !glossary.holds(translation, spot, to)).length, lost);
      });
    }
  }
});

describe('a term as it may be written', () => {
  const seen = (language: string, term: string, text: string): boolean =>
    new Glossary(new Map([[term, 'x']])).spots(text, language).length > 0;
  const cases = [
    ['en', 'policy', 'The policies cover it.'],
    ['en', "O'Brien", 'Mr. O’Brien came.'],
    ['en', 'co-pay', 'The co‑pay is due.'],
    ['en', 'credit-card', 'My credit card is lost.'],
    ['es', 'luz', 'Las luces están.'],
    ['es', 'camión', 'Dos camiones llegan.'],
    ['pt', 'cartão', 'Os cartões chegam.'],
    ['it', 'banco', 'I banchi sono qui.'],
    ['nl', 'brief', 'De brieven zijn er.'],
    ['ru', 'счет', 'Вот счёт.'],
    ['tr', 'İstanbul', 'istanbul güzel'],
    ['fa', 'کتاب', 'كتاب'],
    ['ar', 'تأمين', 'التامين'],
    ['vi', 'hóa đơn', 'Đây là hoá đơn.'],
    ['ro', 'șarpe', 'un şarpe'],
    ['en', 'IT', 'Ask IT today.'],
    ['en', 'VAT', 'what is your vat number'],
    ['en', 'PIN', 'enter your pin'],
  ] as const;
  for (const [language, term, text] of cases) {
    it(`is seen: "${term}" in "${text}"`, () => {
      assert.ok(seen(language, term, text));
    });
  }

  it('is no other word in small letters when it is written in capitals', () => {
    assert.ok(!seen('en', 'IT', 'I think it works.'));
    assert.ok(!seen('en', 'US', 'Call us tomorrow.'));
    assert.ok(!seen('en', 'IT', 'i think it works'), 'who writes no capitals means the word');
    assert.ok(!seen('en', 'PIN', 'Put a pin here.'));
  });

  it('is not held by a longer word that has a short one in it', () => {
    const glossary = new Glossary(new Map([['office', 'Amt']]));
    const holds = (text: string): boolean => glossary.holds(text, { start: 0, end: 6, spoken: 'Amt' }, 'de');
    assert.deepEqual(
      [holds('Samt und Seide'), holds('Das Amt ist zu.'), holds('Die Ämter'), holds('eine Amtsstube')],
      [false, true, true, true],
    );
    for (const [language, spoken, text] of [
      ['da', 'hus', 'huset'],
      ['hu', 'ház', 'a házban'],
      ['tr', 'ev', 'evinizde'],
      ['de', 'Auto', 'die Autoversicherung'],
    ] as const) {
      assert.ok(glossary.holds(text, { start: 0, end: 1, spoken }, language), text);
    }
  });
});
