import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { likenessTo } from '../../../src/interpret/policy/echo-text.ts';
import { isListening } from '../../../src/interpret/policy/listener-sounds.ts';
import { ANSWERS_THAT_ARE_NO_ECHO, LISTENING } from '../language-cases.ts';

describe('a sign of listening', () => {
  const cases = [
    { text: 'uh-huh', language: 'en', told: 'we close at six.', listening: true },
    { text: 'Yes, okay.', language: 'en', told: 'we close at six.', listening: true },
    { text: "D'accord.", language: 'fr', told: 'nous fermons.', listening: true },
    ...[
      ['kn', 'ಹೌದು ಸರಿ'],
      ['ml', 'ശരി'],
      ['uz', 'ha, tushunarli'],
      ['am', 'እሺ'],
      ['gu', 'હા જી'],
      ['mn', 'тийм'],
      ['zu', 'Yebo.'],
    ].map(([language = '', text = '']) => ({ text, language, told: '', listening: true })),
    { text: 'yes', language: 'en', told: 'shall we meet?', listening: false },
    { text: 'yes please do', language: 'en', told: 'we close.', listening: false },
    { text: 'はい', language: 'ja', told: '明日来られますか。', listening: false },
    { text: 'ใช่ครับ', language: 'th', told: 'คุณมาพรุ่งนี้ไหมครับ', listening: false },
    { text: '네', language: 'ko', told: '내일 오십니까.', listening: false },
    { text: 'opo', language: 'tl', told: 'Bukas po kami.', listening: true },
    { text: 'right then I would like to book', language: 'en', told: 'we close.', listening: false },
    { text: 'tomorrow', language: 'en', told: 'we close.', listening: false },
    { text: 'yes', language: 'qq', told: '', listening: false },
    { text: '', language: 'en', told: '', listening: false },
  ];
  for (const { text, language, told, listening } of cases) {
    it(`${listening ? 'is' : 'is not'} "${text}" in ${language} after "${told}"`, () => {
      assert.equal(isListening(text, language, told), listening);
    });
  }
});

describe('a sign of listening in any language', () => {
  const more = [
    { language: 'en', said: 'mm-hmm' },
    { language: 'en', said: 'Oh really' },
    { language: 'en', said: 'sounds good' },
    { language: 'en', said: 'great' },
    { language: 'de', said: 'stimmt' },
    { language: 'de', said: 'okay gut' },
    { language: 'fr', said: "d'accord" },
    { language: 'fr', said: 'très bien' },
    { language: 'es', said: 'vale vale' },
    { language: 'es', said: 'muy bien' },
    { language: 'it', said: "d'accordo" },
    { language: 'it', said: 'ho capito' },
    { language: 'pt', said: 'exato' },
    { language: 'pt-BR', said: 'tá bom' },
    { language: 'nl', said: 'klopt' },
    { language: 'pl', said: 'tak tak' },
    { language: 'pl', said: 'rozumiem' },
    { language: 'cs', said: 'ano ano' },
    { language: 'cs', said: 'přesně' },
    { language: 'hu', said: 'igen igen' },
    { language: 'hu', said: 'pontosan' },
    { language: 'ro', said: 'exact' },
    { language: 'fi', said: 'niin niin' },
    { language: 'sv', said: 'ja ja' },
    { language: 'sv', said: 'visst' },
    { language: 'da', said: 'okay' },
    { language: 'tr', said: 'hı hı' },
    { language: 'ru', said: 'да да' },
    { language: 'ru', said: 'понятно' },
    { language: 'uk', said: 'так так' },
    { language: 'uk', said: 'ага' },
    { language: 'el', said: 'ναι ναι' },
    { language: 'ar', said: 'نعم نعم' },
    { language: 'ar', said: 'صح' },
    { language: 'he', said: 'כן כן' },
    { language: 'fa', said: 'بله بله' },
    { language: 'fa', said: 'باشه' },
    { language: 'hi', said: 'हाँ हाँ' },
    { language: 'hi', said: 'अच्छा अच्छा' },
    { language: 'bn', said: 'হ্যাঁ হ্যাঁ' },
    { language: 'ta', said: 'சரி சரி' },
    { language: 'gu', said: 'હા હા' },
    { language: 'ja', said: 'ええ' },
    { language: 'ja', said: 'そうなんだ' },
    { language: 'ja', said: 'ふーん' },
    { language: 'ja', said: 'ハイ' },
    { language: 'zh', said: '好好好' },
    { language: 'zh', said: '好的好的' },
    { language: 'zh-TW', said: '對對對' },
    { language: 'ko', said: '네네' },
    { language: 'ko', said: '맞습니다' },
    { language: 'ko', said: '그래' },
    { language: 'th', said: 'ค่ะ ค่ะ' },
    { language: 'th', said: 'เข้าใจครับ' },
    { language: 'vi', said: 'dạ' },
    { language: 'vi', said: 'được rồi' },
    { language: 'id', said: 'oke oke' },
    { language: 'ms', said: 'betul' },
    { language: 'tl', said: 'opo' },
    { language: 'ca', said: "d'acord" },
    { language: 'fr', said: 'hmm, mm' },
    { language: 'hr', said: 'da da' },
    { language: 'sl', said: 'ja ja' },
    { language: 'lv', said: 'jā jā' },
    { language: 'lo', said: 'ແມ່ນ' },
    { language: 'hy', said: 'այո' },
    { language: 'az', said: 'bəli' },
  ];
  for (const { language, said } of [...LISTENING, ...more]) {
    it(`is "${said}" in ${language}`, () => {
      assert.equal(isListening(said, language, undefined), true);
      assert.equal(isListening(`${said} 7`, language, undefined), false);
    });
  }
});

describe('an answer', () => {
  const more = [
    { language: 'it', heard: 'Va bene giovedì alle tre?', answer: 'Giovedì alle tre va bene.' },
    { language: 'tr', heard: 'Perşembe saat üç uygun mu?', answer: 'Perşembe saat üç uygun.' },
    { language: 'zh', heard: '星期四三点可以吗？', answer: '星期四三点可以' },
    { language: 'th', heard: 'วันพฤหัสบ่ายสามโมงได้ไหม', answer: 'วันพฤหัสบ่ายสามโมงได้' },
    { language: 'ko', heard: '목요일 세 시 괜찮으세요?', answer: '목요일 세 시 괜찮아요' },
    { language: 'ar', heard: 'هل يناسبك الخميس الساعة الثالثة؟', answer: 'الخميس الساعة الثالثة نعم' },
  ];
  for (const { language, heard, answer } of [...ANSWERS_THAT_ARE_NO_ECHO, ...more]) {
    it(`is no echo: "${answer}" to "${heard}"`, () => {
      assert.notEqual(likenessTo([heard], answer, language), 'ours');
    });

    it(`is one when it is the question itself: "${heard}"`, () => {
      assert.equal(likenessTo([heard], heard, language), 'ours');
    });
  }
});

describe('an echo', () => {
  const told = ['Your appointment is on Tuesday at four.', 'Please bring your passport.'];
  const cases = [
    { text: 'appointment is on Tuesday at for', echo: true },
    { text: 'please bring your passport', echo: true },
    { text: 'four please bring', echo: true },
    { text: 'on Wednesday at five then', echo: false },
    { text: 'Tuesday at', echo: false },
    { text: 'is your passport on at Tuesday', echo: false },
  ];
  for (const { text, echo } of cases) {
    it(`${echo ? 'is' : 'is not'} "${text}"`, () => {
      assert.equal(likenessTo(told, text, 'en') === 'ours', echo);
    });
  }
});
