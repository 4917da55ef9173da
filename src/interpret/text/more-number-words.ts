/**
 * Number words that CLDR's rules do not make: other spellings and cases, collective numbers, one and a half. By base
 * language, as they are looked up: lower case, `_` for a blank.
 */

const ROWS: Readonly<Record<string, string>> = {
  en: 'oh=0',
  de: 'zwo=2 anderthalb=1.5 eineinhalb=1.5 zweieinhalb=2.5 dreieinhalb=3.5 viereinhalb=4.5 fünfeinhalb=5.5',
  fr: 'septante=70 huitante=80 octante=80 nonante=90',
  nl: 'anderhalf=1.5 anderhalve=1.5 tweeënhalf=2.5 tweeënhalve=2.5 drieënhalf=3.5 drieënhalve=3.5',
  sv: 'halvannan=1.5 hundra=100',
  da: 'halvanden=1.5 halvandet=1.5 hundrede=100',
  nb: 'en=1 halvannen=1.5 halvannet=1.5 hundre=100 tjue=20 tyve=20 tretti=30 tredve=30 syv=7',
  no: 'en=1 halvannen=1.5 halvannet=1.5 hundre=100 tjue=20 tyve=20 tretti=30 tredve=30 syv=7',
  fi: 'puolitoista=1.5 puolentoista=1.5 puoltatoista=1.5',
  et: 'poolteist=1.5 pooleteise=1.5 poolteise=1.5',
  hu: 'másfél=1.5 két=2 ketten=2 hárman=3 négyen=4 öten=5',
  lt: 'pusantro=1.5 pusantros=1.5',
  lv: 'pusotra=1.5 pusotru=1.5 pusotras=1.5',
  el: 'ενάμισι=1.5 ενάμιση=1.5 μιάμιση=1.5 δυόμισι=2.5 δυόμιση=2.5 τρεισήμισι=3.5 τεσσερισήμισι=4.5 δυο=2 εφτά=7 οχτώ=8',
  ru: 'полтора=1.5 полторы=1.5 полутора=1.5 двое=2 трое=3 четверо=4 пятеро=5 шестеро=6 семеро=7 трёх=3 трём=3 четырёх=4',
  uk: `півтора=1.5 півтори=1.5 двоє=2 троє=3 четверо=4 п'ятеро=5 шестеро=6 двох=2 трьох=3 чотирьох=4 п'яти=5 п'ятьох=5
    шести=6 шістьох=6 семи=7 восьми=8 дев'яти=9 десяти=10 двадцяти=20 тридцяти=30 сорока=40`,
  pl: 'półtora=1.5 półtorej=1.5 dwoje=2 troje=3 czworo=4 pięcioro=5 sześcioro=6 siedmioro=7 ośmioro=8 obaj=2 obydwaj=2',
  cs: `dvou=2 dvěma=2 dvoje=2 tří=3 třem=3 třemi=3 čtyř=4 čtyřech=4 čtvero=4 pěti=5 šesti=6 sedmi=7 osmi=8 devíti=9 deseti=10
    jednadvacet=21 dvaadvacet=22 třiadvacet=23 čtyřiadvacet=24 pětadvacet=25 šestadvacet=26 sedmadvacet=27 osmadvacet=28
    devětadvacet=29 pětatřicet=35 pětačtyřicet=45 pětapadesát=55`,
  sk: 'dvoch=2 troch=3 štyroch=4 piatich=5 šiestich=6 siedmich=7 ôsmich=8 deviatich=9 desiatich=10',
  hr: 'dvoje=2 troje=3 četvero=4 petero=5 dvojica=2 trojica=3 dvjesta=200 dvesto=200',
  sr: 'двоје=2 троје=3 четворо=4 петоро=5 двеста=200 dvoje=2 troje=3 četvoro=4 petoro=5 dvesta=200',
  sl: `dveh=2 treh=3 štirih=4 petih=5 dvesto=200 tristo=300 enaindvajset=21 dvaindvajset=22 triindvajset=23
    štiriindvajset=24 petindvajset=25 šestindvajset=26 sedemindvajset=27 osemindvajset=28 devetindvajset=29
    petintrideset=35 petinštirideset=45 petinpetdeset=55`,
  bg: 'двайсет=20 двадесет=20 трийсет=30 тридесет=30 шейсет=60 шестдесет=60',
  ro: 'doi=2 două=2 amândoi=2',
  ar: `اثنان=2 اثنين=2 اثنتان=2 اثنتين=2 ثلاث=3 أربع=4 خمس=5 ست=6 سبع=7 ثمان=8 ثماني=8 تسع=9 عشر=10 عشرين=20 ثلاثين=30
    أربعين=40 خمسين=50 ستين=60 سبعين=70 ثمانين=80 تسعين=90 مئة=100 مائة=100 مية=100 مئتان=200 مئتين=200 مئتا=200 مئتي=200
    مائتين=200 مائتا=200 مائتي=200 ثلاثمئة=300 ثلاثمائة=300 أربعمئة=400 أربعمائة=400 خمسمئة=500 خمسمائة=500 ستمئة=600
    ستمائة=600 سبعمئة=700 سبعمائة=700 ثمانمئة=800 ثمانمائة=800 ثمانيمئة=800 تسعمئة=900 تسعمائة=900 ألفان=2000 ألفين=2000
    ألفي=2000 مليونان=2000000 مليونين=2000000 مليوني=2000000 مليونا=2000000 أحد_عشر=11 إحدى_عشرة=11 اثنا_عشر=12
    اثني_عشر=12 اثنتا_عشرة=12 اثنتي_عشرة=12 ثلاث_عشرة=13 أربع_عشرة=14 خمس_عشرة=15 ست_عشرة=16 سبع_عشرة=17 ثماني_عشرة=18
    تسع_عشرة=19 ملياران=2000000000 مليارين=2000000000`,
  ko: '공=0 하나=1 둘=2',
  fa: 'دویست=200 سیصد=300 پانصد=500 پونصد=500 شیش=6 هیجده=18',
  he: 'מאה=100 מאתים=200 אלפיים=2000',
  hi: `डेढ़=1.5 ढाई=2.5 दोनों=2 तीनों=3 पांच=5 छः=6 छे=6 पंद्रह=15 सतरह=17 अट्ठारह=18 बाइस=22 तेइस=23 सत्ताइस=27 अट्ठाइस=28 अठाईस=28
    उन्तीस=29 इकत्तीस=31 तेंतीस=33 बियालीस=42 तेतालीस=43 चवालीस=44 तिरपन=53 चौअन=54 अठावन=58 तिरसठ=63 चौसठ=64 सरसठ=67
    उन्यासी=79 अठासी=88 इक्यानवे=91 बानवे=92 तिरानवे=93 चौरानवे=94 पचानवे=95 पंचानवे=95 पचानबे=95 छियानवे=96 सत्तानवे=97
    अट्ठानवे=98 अठानवे=98 निन्यानवे=99 सौ=100`,
  ur: 'ڈیڑھ=1.5 ڈھائی=2.5 دونوں=2',
  mr: 'दीड=1.5 अडीच=2.5',
  ne: 'डेढ=1.5 अढाई=2.5',
  bn: `দেড়=1.5 আড়াই=2.5 দুটি=2 দুটো=2 তিনটি=3 তিনটে=3 চারটি=4 পাঁচটি=5 দুজন=2 তিনজন=3`,
  id: 'sebelas=11 seratus=100 seribu=1000 sejuta=1000000',
  ms: 'sebelas=11 seratus=100 seribu=1000 sejuta=1000000',
};

/** By base language, then by word. */
export const MORE_NUMBER_WORDS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(
  Object.entries(ROWS).map(([language, row]) => [
    language,
    new Map(
      row.split(/\s+/).map((entry): [string, number] => {
        const [word = '', value] = entry.split('=');
        return [word.normalize('NFC').replaceAll('_', ' '), Number(value)];
      }),
    ),
  ]),
);
