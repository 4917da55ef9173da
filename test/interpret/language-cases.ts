/**
 * Small inputs on which an interpreter easily goes wrong, each one of its kind, with the right value.
 */

export const NUMBERS_KEPT = [
  {
    kind: 'date',
    from: 'de',
    to: 'en',
    source: 'Der Vertrag läuft bis zum 24.12.2024.',
    target: 'The contract runs until December 24, 2024.',
  },
  {
    kind: 'date',
    from: 'en',
    to: 'de',
    source: 'The contract runs until 12/24/2024.',
    target: 'Der Vertrag läuft bis zum 24.12.2024.',
  },
  { kind: 'date', from: 'en', to: 'fr', source: 'We open on May 1st.', target: 'Nous ouvrons le 1er mai.' },
  {
    kind: 'date',
    from: 'en',
    to: 'ja',
    source: 'My birthday is December 24.',
    target: '私の誕生日は12月24日です。',
  },
  { kind: 'date', from: 'ja', to: 'en', source: '令和6年に始めました。', target: 'I started in 2024.' },
  { kind: 'time', from: 'fr', to: 'en', source: 'Je suis là à 17 h.', target: 'I will be there at 5 p.m.' },
  {
    kind: 'time',
    from: 'en',
    to: 'de',
    source: 'The train leaves at 2:30 PM.',
    target: 'Der Zug fährt um 14:30 Uhr.',
  },
  { kind: 'time', from: 'en', to: 'de', source: 'We close at 5 PM.', target: 'Wir schließen um 17 Uhr.' },
  { kind: 'time', from: 'en', to: 'de', source: 'It is 2:30.', target: 'Es ist halb drei.' },
  { kind: 'time', from: 'en', to: 'fr', source: 'Call me at 8:00.', target: 'Appelez-moi à 8 h.' },
  { kind: 'word', from: 'en', to: 'de', source: 'I have 2 questions.', target: 'Ich habe zwei Fragen.' },
  { kind: 'word', from: 'en', to: 'es', source: 'It was the 1st time.', target: 'Fue la primera vez.' },
  { kind: 'word', from: 'de', to: 'en', source: 'Er ist 1 Meter größer.', target: 'He is one meter taller.' },
  { kind: 'big', from: 'en', to: 'ja', source: 'It costs 10,000 yen.', target: 'それは1万円です。' },
  { kind: 'big', from: 'zh', to: 'en', source: '我们有15万名客户。', target: 'We have 150,000 customers.' },
  {
    kind: 'big',
    from: 'en',
    to: 'es',
    source: 'There were 1.5 billion users.',
    target: 'Había 1.500 millones de usuarios.',
  },
  { kind: 'big', from: 'en', to: 'fr', source: 'It costs 12,500 euros.', target: 'Cela coûte 12 500 euros.' },
  {
    kind: 'big',
    from: 'en',
    to: 'hi',
    source: 'The flat costs 2,500,000 rupees.',
    target: 'फ्लैट की कीमत 25 लाख रुपये है।',
  },
  { kind: 'script', from: 'en', to: 'ar', source: 'Your room is 305.', target: 'غرفتك رقم ٣٠٥.' },
  { kind: 'script', from: 'en', to: 'fa', source: 'The price is 450 tomans.', target: 'قیمت ۴۵۰ تومان است.' },
  { kind: 'script', from: 'ja', to: 'en', source: '部屋は３０５です。', target: 'The room is 305.' },
  { kind: 'script', from: 'en', to: 'zh', source: 'Take line 3.', target: '请坐三号线。' },
  { kind: 'script', from: 'en', to: 'th', source: 'The bus is number 42.', target: 'รถเมล์สาย ๔๒' },
  { kind: 'money', from: 'en', to: 'fr', source: 'It costs 99 cents.', target: 'Cela coûte 0,99 dollar.' },
  { kind: 'unit', from: 'en', to: 'fr', source: 'He is 6 feet tall.', target: 'Il mesure 1,83 m.' },
  { kind: 'unit', from: 'en', to: 'de', source: 'Half of 1/2 is 1/4.', target: 'Die Hälfte von ½ ist ¼.' },
  { kind: 'code', from: 'en', to: 'de', source: 'Call 555-0142.', target: 'Rufen Sie 555 01 42 an.' },
  { kind: 'code', from: 'en', to: 'de', source: 'The code is 0049.', target: 'Der Code ist 00 49.' },
  { kind: 'code', from: 'en', to: 'es', source: 'Press 1 for sales.', target: 'Pulse 1 para ventas.' },
] as const;

export const NUMBERS_LOST = [
  { from: 'en', to: 'es', source: 'The room is 3.', target: 'La habitación es la 15.' },
  { from: 'en', to: 'es', source: 'It costs 250 euros.', target: 'Cuesta 1250 euros.' },
  { from: 'en', to: 'de', source: 'Take 1.5 tablets.', target: 'Nehmen Sie 15 Tabletten.' },
  { from: 'en', to: 'de', source: 'It costs 1,500 euros.', target: 'Es kostet 1,500 Euro.' },
  { from: 'en', to: 'es', source: 'Pay $50.', target: 'Pague 50 euros.' },
  { from: 'en', to: 'es', source: 'It is minus 5 degrees.', target: 'Hay 5 grados.' },
] as const;

export const ONE_SENTENCE = [
  { language: 'de', text: 'Wir treffen uns am 5. Mai um zehn Uhr.', sentences: 1 },
  { language: 'de', text: 'Das ist Ihre 2. Mahnung in diesem Jahr.', sentences: 1 },
  { language: 'de', text: 'Bitte bringen Sie Unterlagen mit, z. B. den Pass.', sentences: 1 },
  { language: 'de', text: 'Die Firma Müller u. Co. zahlt morgen.', sentences: 1 },
  { language: 'de', text: 'Heinrich der VIII. König war sechs Mal verheiratet.', sentences: 1 },
  { language: 'de', text: 'Die Lieferung kommt am Fr. Nachmittag.', sentences: 1 },
  { language: 'en', text: 'He lives in the U.S. and works for us.', sentences: 1 },
  { language: 'en', text: 'The flight leaves at 5:30 p.m. from gate nine.', sentences: 1 },
  { language: 'en', text: 'The office is on Main St. next to the bank.', sentences: 1 },
  { language: 'en', text: 'We meet on the 23rd. May is too late.', sentences: 2 },
  { language: 'en', text: 'Gen. Adams will call you back.', sentences: 1 },
  { language: 'en', text: 'We land in Washington D.C. at noon.', sentences: 1 },
  { language: 'en', text: 'Jan. 5 is a Monday.', sentences: 1 },
  { language: 'es', text: 'Llame al Sr. García por favor.', sentences: 1 },
  { language: 'es', text: 'Son las 9 a. m. en Madrid.', sentences: 1 },
  { language: 'es', text: 'Vive en la Av. Central número ocho.', sentences: 1 },
  { language: 'fr', text: 'Appelez le Dr. Martin.', sentences: 1 },
  { language: 'fr', text: 'C’est env. dix euros.', sentences: 1 },
  { language: 'it', text: 'Chiami il sig. Rossi per favore.', sentences: 1 },
  { language: 'it', text: 'La ditta Rossi s.p.a. paga domani.', sentences: 1 },
  { language: 'pt', text: 'A av. Paulista fica longe.', sentences: 1 },
  { language: 'nl', text: 'Ik kom om ca. acht uur.', sentences: 1 },
  { language: 'pl', text: 'Spotkanie jest 5. maja o dziesiątej.', sentences: 1 },
  { language: 'pl', text: 'To kosztuje np. dziesięć złotych.', sentences: 1 },
  { language: 'da', text: 'Vi mødes den 5. maj klokken ti.', sentences: 1 },
  { language: 'cs', text: 'Zavolejte p. Nováka.', sentences: 1 },
  { language: 'hu', text: 'Május 5. napján találkozunk.', sentences: 1 },
  { language: 'tr', text: 'Sözleşmeyi Av. Yılmaz imzalayacak.', sentences: 1 },
  { language: 'ru', text: 'Это было в 2024 г. в Москве.', sentences: 1 },
  { language: 'sv', text: 'Vi ses kl. tio.', sentences: 1 },
] as const;

export const MARKS = [
  { language: 'ar', name: 'question mark U+061F', text: 'متى تصل الطائرة؟', ends: 'sentence' },
  { language: 'ar', name: 'semicolon U+061B', text: 'وصلت الطائرة؛', ends: 'clause' },
  { language: 'ur', name: 'full stop U+06D4', text: 'میں کل آؤں گا۔', ends: 'sentence' },
  { language: 'hi', name: 'danda U+0964', text: 'मैं कल आऊँगा।', ends: 'sentence' },
  { language: 'ne', name: 'danda', text: 'म भोलि आउँछु।', ends: 'sentence' },
  { language: 'hy', name: 'verjaket U+0589', text: 'Ես վաղը կգամ։', ends: 'sentence' },
  { language: 'el', name: 'ano teleia U+0387', text: 'Ήρθε το τρένο·', ends: 'clause' },
  { language: 'my', name: 'U+104B', text: 'မနက်ဖြန်လာမယ်။', ends: 'sentence' },
  { language: 'ja', name: 'full stop halfwidth U+FF61', text: '明日行きます｡', ends: 'sentence' },
  { language: 'zh', name: '。', text: '我明天来。', ends: 'sentence' },
  { language: 'bo', name: 'shad', text: 'ང་སང་ཉིན་ཡོང༌།', ends: 'sentence' },
  { language: 'es', name: '¿?', text: '¿Cuándo llega el tren?', ends: 'sentence' },
] as const;

export const ANSWERS_THAT_ARE_NO_ECHO = [
  {
    language: 'en',
    heard: "Shall we say Thursday at three o'clock?",
    answer: "Thursday at three o'clock, yes.",
  },
  { language: 'en', heard: 'Do you want the red one or the blue one?', answer: 'The blue one.' },
  { language: 'de', heard: 'Passt Ihnen Donnerstag um drei Uhr?', answer: 'Donnerstag um drei Uhr passt.' },
  { language: 'zh', heard: '您要红色的还是蓝色的？', answer: '蓝色的' },
  { language: 'ja', heard: 'コーヒーと紅茶のどちらになさいますか。', answer: 'コーヒー' },
] as const;

export const LISTENING = [
  { language: 'ja', said: 'はい' },
  { language: 'ja', said: 'そうですか' },
  { language: 'zh', said: '好的' },
  { language: 'ko', said: '네' },
  { language: 'ru', said: 'угу' },
  { language: 'tr', said: 'evet' },
  { language: 'hi', said: 'हाँ जी' },
  { language: 'uk', said: 'так' },
  { language: 'en', said: 'uh-huh' },
  { language: 'en', said: 'I see' },
  { language: 'es', said: 'sí sí' },
  { language: 'en-GB', said: 'yeah' },
] as const;

export const GLOSSARY = [
  {
    from: 'zh',
    to: 'en',
    term: '心脏搭桥',
    target: 'bypass surgery',
    source: '他去年做了心脏搭桥手术。',
    wrong: 'He had heart bridge surgery last year.',
  },
  {
    from: 'th',
    to: 'en',
    term: 'ใบกำกับภาษี',
    target: 'tax invoice',
    source: 'กรุณาส่งใบกำกับภาษีให้ผมด้วย',
    wrong: 'Please send me the tax paper.',
  },
  {
    from: 'ar',
    to: 'en',
    term: 'فاتورة',
    target: 'invoice',
    source: 'أرسل لي الفاتورة غدا.',
    wrong: 'Send me the bill tomorrow.',
  },
  {
    from: 'tr',
    to: 'en',
    term: 'sözleşme',
    target: 'agreement',
    source: 'Sözleşmeyi imzaladım.',
    wrong: 'I signed the contract.',
  },
  {
    from: 'en',
    to: 'zh',
    term: 'invoice',
    target: '发票',
    source: 'Please send me the invoice.',
    wrong: '请把账单发给我。',
  },
] as const;

export const UNSPACED = [
  {
    language: 'zh',
    text: '我们公司准备在下个月把新的服务器全部搬到上海的数据中心所以需要你们提前安排技术人员到现场检查网络线路',
  },
  {
    language: 'th',
    text: 'พรุ่งนี้ผมจะส่งเอกสารที่เกี่ยวกับการประกันภัยให้คุณทางไปรษณีย์และขอให้คุณช่วยตรวจสอบที่อยู่ให้ถูกต้องก่อนเซ็นชื่อ',
  },
  { language: 'km', text: 'ថ្ងៃស្អែកខ្ញុំនឹងផ្ញើឯកសារទៅក្រុមហ៊ុនរបស់អ្នកនៅភ្នំពេញហើយសូមជួយពិនិត្យមើលអាសយដ្ឋាន' },
] as const;

export const BLANKS_KEPT = [
  { language: 'ja', text: 'iPhone 15 Pro Max を New York で買いました。' },
  { language: 'th', text: 'ผมจะไปพบคุณที่ Central World ตอนบ่ายสามโมง ขอบคุณครับ' },
] as const;

export const WHOLE_IN_UNSPACED = [
  { language: 'ja', text: 'メールはinfo@example.comまでお願いします。', whole: 'info@example.com' },
  { language: 'zh', text: '网址是www.example.com请看一下。', whole: 'www.example.com' },
] as const;

export const KEPT_TOGETHER_OVER_PAUSES = [
  {
    language: 'en',
    text: 'my name is J O H A N N E S',
    together: 'J O H A N N E S',
    pausesAfterWord: { '4': 500, '6': 500, '8': 500 },
  },
  {
    language: 'en',
    text: 'please write to john dot smith at example dot com today',
    together: 'john dot smith at example dot com',
    pausesAfterWord: { '5': 500, '7': 500 },
  },
  {
    language: 'nl',
    text: 'mijn nummer is nul zes een twee drie vier',
    together: 'nul zes een twee drie vier',
    pausesAfterWord: { '5': 700 },
  },
  {
    language: 'en',
    text: 'I spoke with John Smith about the contract',
    together: 'John Smith',
    pausesAfterWord: { '3': 500 },
  },
] as const;
