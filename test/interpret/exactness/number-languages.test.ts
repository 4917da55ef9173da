import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareValues } from '../../../src/interpret/exactness/compare-values.ts';

/** From, to, what is said, a right translation. */
const KEPT = [
  ['fi', 'en', 'Lämpötila on -12 astetta.', 'The temperature is minus twelve degrees.'],
  ['hu', 'en', 'Fél háromkor jövök.', "I'll come at 2:30."],
  ['hu', 'en', 'Az ár 12 500 forint.', 'The price is 12,500 forints.'],
  ['en', 'hu', 'There are 1,200 people.', 'Ezerkétszáz ember van.'],
  ['tr', 'en', 'Saat üç buçukta.', 'At 3:30.'],
  ['en', 'tr', 'We have 2 million users.', 'İki milyon kullanıcımız var.'],
  ['pl', 'en', 'O godz. 15.30.', 'At 3:30 p.m.'],
  ['en', 'pl', 'On the 1st of June.', 'Pierwszego czerwca.'],
  ['en', 'cs', 'The 2nd of May.', 'Druhého května.'],
  ['en', 'cs', 'We are meeting at 8:00.', 'Sejdeme se v osm hodin.'],
  ['ar', 'en', 'الساعة الثالثة والنصف.', 'At 3:30.'],
  ['en', 'ar', 'It costs 200 dollars.', 'يكلف مئتي دولار.'],
  ['en', 'ar', 'I have 11 books.', 'عندي أحد عشر كتابا.'],
  ['en', 'ar', 'There are 2 million people.', 'هناك مليونا شخص.'],
  ['hi', 'en', 'डेढ़ लाख रुपये।', '150,000 rupees.'],
  ['hi', 'en', 'ढाई बजे आइए।', 'Come at 2:30.'],
  ['hi', 'en', 'साढ़े तीन बजे।', 'At 3:30.'],
  ['en', 'hi', 'At 5 PM.', 'शाम 5 बजे।'],
  ['ja', 'en', '3割引です。', 'It is 30% off.'],
  ['ja', 'en', '9時15分前です。', 'It is 8:45.'],
  ['zh', 'en', '百分之二十五。', '25 percent.'],
  ['zh', 'en', '打八折。', '20% off.'],
  ['zh', 'en', '三点一刻。', '3:15.'],
  ['en', 'zh', '25% of the people.', '百分之二十五的人。'],
  ['en', 'zh', 'It is 2:45 PM.', '现在是下午两点四十五分。'],
  ['en', 'zh', 'At a quarter past 3.', '三点一刻。'],
  ['en', 'zh', 'It is 20% off.', '打八折。'],
  ['th', 'en', 'วันที่ 5 พฤษภาคม 2568', 'On May 5, 2025.'],
  ['en', 'th', 'It is 250 baht.', 'ราคาสองร้อยห้าสิบบาท'],
  ['en', 'th', 'At 7 PM.', 'ตอนหนึ่งทุ่ม'],
  ['vi', 'en', 'Lúc 3 giờ chiều.', 'At 3 p.m.'],
  ['ko', 'en', '3만 5천 원입니다.', 'It is 35,000 won.'],
  ['ko', 'en', '세 시 반에 만나요.', "Let's meet at 3:30."],
  ['en', 'ru', 'At 5 PM.', 'В пять часов вечера.'],
  ['uk', 'en', "Двадцять п'ять гривень.", '25 hryvnias.'],
  ['en', 'uk', 'It costs 1,500 hryvnias.', 'Це коштує півтори тисячі гривень.'],
  ['de', 'en', 'Am 3.10. um 9 Uhr.', 'On October 3 at 9 a.m.'],
  ['de', 'en', 'Ich bin 1,80 m groß.', 'I am 5 feet 11 inches tall.'],
  ['en', 'de', 'a 6-pack', 'ein Sechserpack'],
  ['en', 'de', 'in the 90s', 'in den Neunzigern'],
  ['en', 'de', 'My number is four seven one one.', 'Meine Nummer ist 4711.'],
  ['en', 'de', 'My number is oh one two three.', 'Meine Nummer ist 0123.'],
  ['en', 'fr', '5\'10" tall', '1 m 78'],
  ['en', 'es', 'in 2 weeks', 'en quince días'],
  ['en', 'es', 'the 15th of March', 'el quince de marzo'],
  ['he', 'en', 'ב-5 במאי 2025', 'on May 5, 2025'],
  ['fa', 'en', '۱۴۰۳/۰۲/۱۶', 'May 5, 2024'],
  ['sw', 'en', 'saa tatu asubuhi', '9 a.m.'],
  ['en', 'de', 'order number 10-20-30', 'Bestellnummer 102030'],
  ['en', 'de', '10 pounds', '4,5 kg'],
  ['en', 'fr', '8 ounces', '227 g'],
  ['en', 'de', '20 square feet', '1,9 Quadratmeter'],
  ['en', 'de', '2 tablespoons', '30 ml'],
  ['hi', 'en', 'साढ़े पाँच सौ रुपये', '550 rupees'],
  ['en', 'ja', '90 minutes', '1時間半'],
  ['en', 'zh', '1.5 hours', '一个半小时'],
  ['lv', 'en', 'Tiekamies 5. maijā.', 'We meet on May 5.'],
] as const;

/** From, to, what is said, a wrong translation. */
const LOST = [
  ['fi', 'en', 'Minulla on kaksikymmentäviisi kysymystä.', 'I have 52 questions.'],
  ['hu', 'en', 'Háromszázötven forintba kerül.', 'It costs 305 forints.'],
  ['en', 'tr', 'It costs 1,500 lira.', '1,500 lira tutuyor.'],
  ['pl', 'en', 'Cena to 1 250,50 zł.', 'The price is 125,050 zlotys.'],
  ['hi', 'en', 'दाम 1,25,000 रुपये है।', 'The price is 12,500 rupees.'],
  ['en', 'ja', 'It costs 10,000 yen.', 'それは10万円です。'],
  ['zh', 'en', '两千三百块。', 'It is 3,200 yuan.'],
  ['en', 'zh', 'We have 150,000 customers.', '我们有150万名客户。'],
  ['th', 'en', 'ราคา 1,250 บาท', 'The price is 1,520 baht.'],
  ['vi', 'en', '1,5 triệu đồng.', '15 million dong.'],
  ['ko', 'en', '3만 5천 원입니다.', 'It is 3,500 won.'],
  ['en', 'ru', 'It costs $50.', 'Это стоит 50 рублей.'],
  ['it', 'en', 'centoventi euro', '112 euros'],
  ['da', 'en', 'halvtreds kroner', '60 kroner'],
  ['fa', 'en', 'قیمت ۴۵۰ تومان است.', 'The price is 540 tomans.'],
  ['en', 'de', 'Take 2 tablets every 8 hours.', 'Nehmen Sie 8 Tabletten alle 2 Stunden.'],
  ['en', 'de', 'We close at 5 PM.', 'Wir schließen um 5 Uhr morgens.'],
  ['en', 'de', 'We close at 5 PM.', 'Wir schließen um 15 Uhr.'],
  ['en', 'fr', '10 miles', '10 kilomètres'],
  ['en', 'de', 'It is 30 degrees Celsius.', 'Es sind 30 Grad Fahrenheit.'],
  ['en', 'es', 'The dose is 5 mg.', 'La dosis es 5 g.'],
] as const;

describe('numbers as they are said in many languages', () => {
  for (const [from, to, source, target] of KEPT) {
    it(`are kept: "${source}" as "${target}"`, () => {
      assert.notEqual(compareValues(source, from, target, to).outcome, 'another');
    });
  }
  for (const [from, to, source, target] of LOST) {
    it(`are lost: "${source}" as "${target}"`, () => {
      assert.equal(compareValues(source, from, target, to).outcome, 'another');
    });
  }
});
