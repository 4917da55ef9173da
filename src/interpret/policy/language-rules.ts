/**
 * What cutting must know of a language: the words that begin a clause, the words that cannot end a segment, and whether
 * the verb comes last. A language without an entry is cut at marks, pauses and limits only. Words are in lower case,
 * letters only, as {@link import('./tokens.ts').wordOf} makes them.
 */

import { baseLanguage, type Language } from '../../base/language.ts';

export interface LanguageRules {
  /** Coordinating conjunctions and relativisers: a clause may begin with them. */
  readonly clauseStarters: ReadonlySet<string>;
  /** Those of them that join words as readily as clauses: what follows them tells. */
  readonly coordinators: ReadonlySet<string>;
  /** Those that lean on the noun before them ("the man who"), and begin a clause only where a subject follows them. */
  readonly relatives: ReadonlySet<string>;
  /** Articles, possessives and pronouns, as a subject begins with. */
  readonly subjects: ReadonlySet<string>;
  /** Prepositions that open a phrase of their own: the best place for a cut that cannot wait for a clause. */
  readonly phraseStarters: ReadonlySet<string>;
  /** Articles, prepositions, negations, auxiliaries, titles: what follows belongs to them. */
  readonly bound: ReadonlySet<string>;
  /** Words of numbers, dates, times and money. */
  readonly numberWords: ReadonlySet<string>;
  /** Written with a full stop that ends no sentence. */
  readonly abbreviations: ReadonlySet<string>;
  /** Sounds of somebody who has not finished. */
  readonly fillers: ReadonlySet<string>;
  /** The verb, or what is negated, comes last: a clause is cut at its marks and at pauses, not at conjunctions. */
  readonly verbFinal: boolean;
  /** Nouns are capitalised, so that capitals say nothing about names. */
  readonly capitalNouns: boolean;
}

/** The rules of `language`, by its base. */
export function rulesOf(language: Language): LanguageRules {
  return RULES.get(baseLanguage(language)) ?? NO_RULES;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}

const NONE: ReadonlySet<string> = new Set();

const NO_RULES: LanguageRules = {
  clauseStarters: NONE,
  coordinators: NONE,
  relatives: NONE,
  subjects: NONE,
  phraseStarters: NONE,
  bound: NONE,
  numberWords: NONE,
  abbreviations: NONE,
  fillers: NONE,
  verbFinal: false,
  capitalNouns: false,
};

const VERB_FINAL: LanguageRules = { ...NO_RULES, verbFinal: true };

const RULES: ReadonlyMap<string, LanguageRules> = new Map([
  [
    'en',
    {
      ...NO_RULES,
      clauseStarters: words(
        'and but or so because although though while when if unless until since which who that where after before whereas then',
      ),
      coordinators: words('and or'),
      relatives: words('that which who'),
      subjects:
        words(`a an the this these those my your his her our their some any no every each another all both many most
        one there i im ive ill id you youre youve youll he hes she shes it its we weve well they theyre theyve theyll`),
      phraseStarters: words(
        'in on at by for with from near beside behind across around among toward towards about into onto over under between through during without within against',
      ),
      bound: words(`a an the this these those my your his her its our their some any no every each another
        of to in on at by for with from about into onto over under between through during without within against as than
        not dont doesnt didnt isnt arent wasnt werent wont cant cannot couldnt shouldnt wouldnt havent hasnt hadnt never
        i im ill ive id you youre youll we were well they theyre he hes she shes it its theres
        is are was were be been am do does did have has had will would can could shall should may might must
        very too more most less really just also
        mr mrs ms dr doctor professor prof sir madam saint st captain president
        and but or so because although though while when if unless until since which who that where whereas`),
      numberWords:
        words(`zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
        first second third fourth fifth sixth seventh eighth ninth tenth twentieth thirtieth half quarter point double triple
        dollars dollar cents euros euro pounds pence percent am pm oclock
        january february march april june july august september october november december`),
      abbreviations: words('mr mrs ms dr prof sr jr st vs etc eg ie no approx dept inc ltd am pm'),
      fillers: words('um uh er erm hmm mm like'),
    },
  ],
  [
    'es',
    {
      ...NO_RULES,
      clauseStarters: words(
        'y e pero o u ni porque aunque mientras cuando si que quien donde pues como entonces sino',
      ),
      coordinators: words('y e o u ni'),
      phraseStarters: words('en con por para sin sobre entre hasta desde hacia según contra'),
      bound:
        words(`el la los las lo un una unos unas este esta estos estas ese esa mi mis tu tus su sus nuestro nuestra
        de del a al en con por para sin sobre entre hasta desde hacia según contra
        no nunca tampoco ni me te se nos os le les yo tú él ella usted
        es son era eran fue está están estaba ha han he hemos había ser estar voy va van vamos
        muy más menos tan señor señora don doña doctor doctora san santa
        y e pero o u porque aunque mientras cuando si que quien donde como`),
      numberWords:
        words(`cero uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
        diecisiete dieciocho diecinueve veinte veintiuno treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento
        doscientos trescientos quinientos mil millón millones primero segundo tercero medio cuarto coma punto
        euros euro dólares pesos céntimos centavos por
        enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre`),
      abbreviations: words('sr sra srta dr dra d ud uds etc núm pág'),
      fillers: words('eh em este pues mmm'),
    },
  ],
  [
    'fr',
    {
      ...NO_RULES,
      clauseStarters: words(
        'et mais ou donc car parce puisque quoique tandis quand lorsque si que qui où dont comme alors',
      ),
      coordinators: words('et ou'),
      phraseStarters: words(
        'en dans par pour avec sans sous sur entre vers chez contre depuis pendant avant après',
      ),
      bound:
        words(`le la les l un une des du de d au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs
        à en dans par pour avec sans sous sur entre vers chez contre depuis pendant avant après
        ne n pas jamais plus je j tu il elle on nous vous ils elles me m te t se s lui y
        est sont était étaient ai as a avons avez ont avait suis es sommes êtes sera serait vais va allons allez vont
        très trop aussi plus moins monsieur madame mademoiselle docteur maître saint
        et mais ou donc car parce puisque quand lorsque si que qui où dont comme`),
      numberWords:
        words(`zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente
        quarante cinquante soixante septante huitante nonante cent cents mille million millions milliard premier première
        deuxième troisième demi quart virgule heures heure euros euro centimes pour
        janvier février mars avril mai juin juillet août septembre octobre novembre décembre`),
      abbreviations: words('m mm mme mlle dr me etc env no'),
      fillers: words('euh heu ben bah hum'),
    },
  ],
  [
    'it',
    {
      ...NO_RULES,
      clauseStarters: words(
        'e ed ma o oppure perché poiché anche mentre quando se che chi dove quindi allora però',
      ),
      coordinators: words('e ed o oppure'),
      phraseStarters: words('in nel nella nei con su sul sulla per tra fra senza da dal dalla'),
      bound:
        words(`il lo la i gli le un uno una questo questa questi queste mio mia tuo tua suo sua nostro vostro loro
        di del dello della dei degli delle a al allo alla ai agli alle da dal dalla in nel nella nei con su sul sulla per tra fra senza
        non mai mi ti si ci vi io tu lui lei noi voi è sono era erano ha hanno ho abbiamo avete sarà essere stato
        molto più meno così signor signora dottor dottoressa san
        e ed ma o perché mentre quando se che chi dove`),
      numberWords:
        words(`zero uno una due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici
        sedici diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento mille mila
        milione milioni primo secondo terzo mezzo virgola euro centesimi
        gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre`),
      abbreviations: words('sig dott prof ing avv ecc'),
      fillers: words('ehm eh mmm allora cioè'),
    },
  ],
  [
    'pt',
    {
      ...NO_RULES,
      clauseStarters: words('e mas ou porque embora enquanto quando se que quem onde pois então porém como'),
      coordinators: words('e ou'),
      phraseStarters: words('em no na nos nas por pelo pela para com sem sobre entre até desde'),
      bound: words(`o a os as um uma uns umas este esta esse essa meu minha teu tua seu sua nosso nossa
        de do da dos das em no na nos nas por pelo pela para com sem sobre entre até desde
        não nunca me te se lhe eu tu ele ela você nós é são era eram foi está estão tem têm há ser estar vou vai vão
        muito mais menos tão senhor senhora dom dona doutor doutora são santa
        e mas ou porque embora enquanto quando se que quem onde como`),
      numberWords:
        words(`zero um uma dois duas três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis
        dezasseis dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem cento mil
        milhão milhões primeiro segundo terceiro meio vírgula euros reais cêntimos centavos
        janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro`),
      abbreviations: words('sr sra dr dra exmo etc'),
      fillers: words('hum é então ah'),
    },
  ],
  [
    'de',
    {
      ...VERB_FINAL,
      capitalNouns: true,
      bound:
        words(`der die das den dem des ein eine einen einem einer eines kein keine mein meine dein sein ihr unser euer
        in im an am auf aus bei beim mit nach von vom zu zum zur für durch gegen ohne um über unter vor hinter zwischen
        nicht nie kein ich du er sie es wir sehr zu mehr herr frau doktor professor sankt
        und aber oder denn weil dass ob wenn als während obwohl`),
      numberWords:
        words(`null ein eins zwei zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn
        siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend million millionen
        erste zweite dritte halb viertel komma uhr euro prozent
        januar februar märz april mai juni juli august september oktober november dezember`),
      abbreviations: words('hr fr dr prof nr str bzw usw zb ca st'),
      fillers: words('äh ähm hm also'),
    },
  ],
  ['nl', { ...VERB_FINAL }],
  ['ja', VERB_FINAL],
  ['ko', VERB_FINAL],
  ['tr', VERB_FINAL],
  ['hi', VERB_FINAL],
]);
