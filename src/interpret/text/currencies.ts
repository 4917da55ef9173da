/** Which currency a sign means, by what stands before it and by where its language is spoken. */

import { baseLanguage, type Language, languageParts } from '../../base/language.ts';

const SIGNS = table(`
  $=USD €=EUR £=GBP ¥=JPY ₹=INR ₽=RUB ₩=KRW ₺=TRY ₴=UAH ₪=ILS ₫=VND ฿=THB ₱=PHP ₦=NGN ₸=KZT ₼=AZN ₾=GEL ₡=CRC
  US$=USD R$=BRL HK$=HKD A$=AUD AU$=AUD C$=CAD CA$=CAD NZ$=NZD S$=SGD SG$=SGD NT$=TWD MX$=MXN AR$=ARS CL$=CLP CO$=COP
  UY$=UYU RD$=DOP CN¥=CNY JP¥=JPY`);
/** What a dollar sign alone is where it is no dollar of the United States. */
const OWN_DOLLARS = table(`
  AU=AUD CA=CAD NZ=NZD SG=SGD HK=HKD TW=TWD JM=JMD TT=TTD MX=MXN AR=ARS CL=CLP CO=COP UY=UYU DO=DOP`);
const PESOS: ReadonlySet<string> = new Set(['MXN', 'ARS', 'CLP', 'COP', 'UYU', 'DOP']);
/** Where Chinese is written and the sign of the yuan is none. */
const WITHOUT_YUAN: ReadonlySet<string> = new Set(['TW', 'HK', 'MO']);

/** A sign with what may stand before it, as the source of a pattern. */
export const CURRENCY_SIGN = String.raw`(?:(?<!\p{L})(?:${prefixes().join('|')}))?[${[...SIGNS.keys()].filter((sign) => sign.length === 1).join('')}]`;

/** The code of the currency that `sign` means in a text of `language`; undefined when it is no sign of money. */
export function currencyOf(sign: string, language: Language): string | undefined {
  const { region } = languageParts(language);
  switch (sign) {
    case '$':
      return OWN_DOLLARS.get(region ?? '') ?? SIGNS.get(sign);
    case '¥':
      return baseLanguage(language) === 'zh' && !WITHOUT_YUAN.has(region ?? '') ? 'CNY' : SIGNS.get(sign);
    default:
      return SIGNS.get(sign) ?? SIGNS.get(sign.slice(-1));
  }
}

/** A sign that means `currency` wherever it is read, as "MX$"; undefined where none is known. */
export function plainSignOf(currency: string): string | undefined {
  return [...SIGNS].find(([sign, code]) => code === currency && sign.length > 1)?.[0];
}

/** Whether a dollar sign alone may mean pesos in `language`. */
export function dollarIsPeso(language: Language): boolean {
  return PESOS.has(currencyOf('$', language) ?? '');
}

/** What stands before signs, the longest first. */
function prefixes(): readonly string[] {
  const all = new Set([...SIGNS.keys()].map((sign) => sign.slice(0, -1)).filter((prefix) => prefix !== ''));
  return [...all].sort((a, b) => b.length - a.length);
}

function table(rows: string): ReadonlyMap<string, string> {
  return new Map(
    rows
      .trim()
      .split(/\s+/)
      .map((row): [string, string] => {
        const [sign = '', code = ''] = row.split('=');
        return [sign, code];
      }),
  );
}
