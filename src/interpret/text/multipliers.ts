/**
 * Words that multiply the number before them, by language, as they are written beside digits too. CLDR's rules make
 * these only inside whole numbers, in some of their forms.
 */

const ROWS: Readonly<Record<string, string>> = {
  en: 'hundred=2 thousand=3 k=3 million=6 millions=6 m=6 billion=9 billions=9 bn=9 trillion=12 lakh=5 lakhs=5 crore=7 crores=7',
  es: 'mil=3 millón=6 millones=6 millardo=9 millardos=9 billón=12 billones=12',
  fr: 'mille=3 million=6 millions=6 milliard=9 milliards=9 billion=12 billions=12',
  de: 'tausend=3 tsd=3 million=6 millionen=6 mio=6 milliarde=9 milliarden=9 mrd=9 billion=12 billionen=12',
  it: 'mille=3 mila=3 milione=6 milioni=6 miliardo=9 miliardi=9 bilione=12',
  pt: 'mil=3 milhão=6 milhões=6 mi=6 bilhão=9 bilhões=9 bilião=12 biliões=12 trilhão=12 trilhões=12',
  ca: 'mil=3 milió=6 milions=6',
  gl: 'mil=3 millón=6 millóns=6',
  nl: 'duizend=3 miljoen=6 mln=6 miljard=9 mld=9 biljoen=12',
  sv: 'tusen=3 miljon=6 miljoner=6 mn=6 miljard=9 miljarder=9 md=9',
  da: 'tusind=3 tusinde=3 million=6 millioner=6 mio=6 milliard=9 milliarder=9 mia=9',
  nb: 'tusen=3 million=6 millioner=6 milliard=9 milliarder=9',
  no: 'tusen=3 million=6 millioner=6 milliard=9 milliarder=9',
  fi: 'tuhat=3 tuhatta=3 miljoona=6 miljoonaa=6 milj=6 miljardi=9 miljardia=9 mrd=9',
  et: 'tuhat=3 miljon=6 miljonit=6 miljard=9 miljardit=9',
  pl: 'tysiąc=3 tysiące=3 tysięcy=3 tys=3 milion=6 miliony=6 milionów=6 mln=6 miliard=9 miliardy=9 miliardów=9 mld=9',
  cs: 'tisíc=3 tisíce=3 tis=3 milion=6 miliony=6 milionů=6 mil=6 miliarda=9 miliardy=9 miliard=9 mld=9',
  sk: 'tisíc=3 tisíce=3 milión=6 milióny=6 miliónov=6 mil=6 miliarda=9 miliardy=9 miliárd=9',
  hr: 'tisuća=3 tisuće=3 milijun=6 milijuna=6 milijarda=9 milijarde=9 milijardi=9',
  sr: 'хиљада=3 хиљаде=3 милион=6 милиона=6 милијарда=9 милијарде=9 hiljada=3 hiljade=3 milion=6 miliona=6',
  sl: 'tisoč=3 milijon=6 milijona=6 milijonov=6 milijarda=9 milijard=9',
  ro: 'mie=3 mii=3 milion=6 milioane=6 miliard=9 miliarde=9',
  hu: 'ezer=3 millió=6 milliárd=9',
  bg: 'хиляда=3 хиляди=3 милион=6 милиона=6 милиард=9 милиарда=9',
  ru: 'тысяча=3 тысячи=3 тысяч=3 тысячу=3 тыс=3 миллион=6 миллиона=6 миллионов=6 млн=6 миллиард=9 миллиарда=9 миллиардов=9 млрд=9',
  uk: 'тисяча=3 тисячі=3 тисяч=3 тис=3 мільйон=6 мільйони=6 мільйона=6 мільйонів=6 млн=6 мільярд=9 мільярда=9 мільярди=9 мільярдів=9 млрд=9',
  tr: 'bin=3 milyon=6 milyar=9 trilyon=12',
  az: 'min=3 milyon=6 milyard=9',
  el: 'χίλια=3 χιλιάδες=3 χιλ=3 εκατομμύριο=6 εκατομμύρια=6 εκατ=6 δισεκατομμύριο=9 δισεκατομμύρια=9',
  ar: 'ألف=3 الف=3 ألفا=3 آلاف=3 مليون=6 مليونا=6 ملايين=6 مليار=9 مليارا=9 مليارات=9',
  fa: 'هزار=3 میلیون=6 میلیارد=9',
  ur: 'ہزار=3 لاکھ=5 کروڑ=7 ملین=6 ارب=9',
  he: 'אלף=3 אלפים=3 מיליון=6 מיליארד=9',
  hi: 'हज़ार=3 हजार=3 लाख=5 करोड़=7 करोड़=7 अरब=9 मिलियन=6',
  ne: 'हजार=3 लाख=5 करोड=7 अरब=9',
  mr: 'हजार=3 लाख=5 कोटी=7',
  bn: 'হাজার=3 লাখ=5 লক্ষ=5 কোটি=7',
  ta: 'ஆயிரம்=3 லட்சம்=5 கோடி=7',
  th: 'พัน=3 หมื่น=4 แสน=5 ล้าน=6 พันล้าน=9',
  vi: 'nghìn=3 ngàn=3 triệu=6 tỷ=9 tỉ=9',
  id: 'ribu=3 rb=3 juta=6 jt=6 miliar=9 milyar=9',
  ms: 'ribu=3 juta=6 bilion=9',
  sw: 'elfu=3 milioni=6 bilioni=9',
  ko: '천=3 만=4 백만=6 억=8 조=12',
  ja: '千=3 万=4 億=8 兆=12',
  zh: '千=3 万=4 萬=4 亿=8 億=8 兆=12',
};

/** By base language, then by word in lower case. */
export const MULTIPLIERS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(
  Object.entries(ROWS).map(([language, row]) => [
    language,
    new Map(
      row.split(' ').map((entry): [string, number] => {
        const [word = '', exponent] = entry.split('=');
        return [word, 10 ** Number(exponent)];
      }),
    ),
  ]),
);

/** Those of all languages that are written short, and said long. */
export const SHORT_MULTIPLIERS: ReadonlySet<string> = new Set(
  'k m bn mn tsd mio mrd mi mln mld md mia milj mil tys tis rb jt тыс тис млн млрд χιλ εκατ'.split(' '),
);
