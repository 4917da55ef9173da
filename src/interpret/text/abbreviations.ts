/**
 * Words that are written with a full stop which ends no sentence. CLDR's suppression lists where it has them (the npm
 * package cldr-segments-full), as they are written there: its "Job." is no "job."; for other languages, and for what
 * those lists leave out, words of our own.
 */

import { createRequire } from 'node:module';
import { baseLanguage, type Language } from '../../base/language.ts';

/**
 * `open`: its sentence goes on, whatever follows: a title before a name, "no." before its number. `either`: the next
 * word tells. `none`: no abbreviation.
 */
export type Abbreviation = 'none' | 'either' | 'open';

/**
 * What goes on with a name or a number, by language, inner dots kept. In lower case it is one however it is written,
 * with a capital only so: "Sun." before a date is no "sun.".
 */
const OPEN: ReadonlyMap<string, ReadonlySet<string>> = table({
  en: `
    mr mrs ms messrs dr prof Rev Hon Fr Gen Col Maj capt cpt lt sgt cpl pvt Adm Cmdr gov Sen Rep Pres Sr supt St Ste
    Mt Ft jan feb Mar apr Jun jul aug sep sept oct nov dec Mon Tue tues Wed thu thur thurs Fri Sat Sun nos pp vol
    hwy rte pkwy bldg fig figs vs approx ca cf viz e.g i.e eg ie tel ext apt`,
  de: `
    hr hrn Fr frl fa dr prof dipl ing med jur phil hptm st skt nr abs art ziff kap bd s vgl bzw ca z.b d.h u.a i.d.r
    abb anm anl anh bsp o.g u.u z.t z.h bspw sog evtl ggf inkl exkl zzgl max min tel geb verh Mo Di Mi Do Sa So jan feb mär apr jun jul
    aug sep sept okt nov dez u o z b d h str.nr bez gem lt insb allg urspr Gr Gebr Abt Tel Bhf Hbf`,
  fr: `
    m mm mme mmes mlle mlles dr drs pr prof me mgr st ste stes cap col gén lt sgt env p pp vol fig art chap cf c.-à-d
    p.ex n° no av bd boul tél apt janv févr avr juil sept oct nov déc lun mar mer jeu ven sam dim`,
  es: `
    sr sra srta sres sras dr dra dres drs d dña da don prof profa ing lic arq abg gral gen cap cnel tte sgto fr sto
    sta ud uds vd vds av avda avd c cl ctra pl pza p.ej ej núm n.º nº pág págs vol fig art cap tel tfno ext apdo
    aprox máx mín ene feb mar abr may jun jul ago sep sept oct nov dic lun mié jue vie sáb dom r.u ee.uu`,
  it: `
    sig sigg sig.ra sig.na sigra dott dott.ssa dr prof prof.ssa ing avv arch geom rag on egr gent spett mons don s
    ss sant p.es es ca n nn pag pagg vol fig art cap tel int v.le p.za v p.zza c.so gen feb mar apr mag giu lug ago
    set ott nov dic lun mar mer gio ven sab dom cfr gen col cap ten`,
  pt: `
    sr sra srs sras srta dr dra drs dras d da prof profa profª eng engª arq exmo exma exmos exmas ilmo ilma v.ex.ª gen cel cap ten
    sgt pe sto sta av avª r rod al pça trav tv p.ex ex n.º nº núm pág págs vol fig art tel tels ap apto aprox máx
    mín jan fev mar abr mai jun jul ago set out nov dez seg ter qua qui sex sáb dom`,
  gl: 'sr sra dr dra d p.ex núm páx av r tel',
  ca: 'sr sra srs dr dra p.ex núm pàg av c tel st sta avda',
  nl: `
    dhr mevr mw mej dr drs ir ing mr prof ds gen kol kap st ca bijv bv d.w.z dwz i.p.v o.a m.b.t t.a.v t.o.v z.o.z
    blz p nr fig tel toestel incl excl max min jan feb mrt apr jun jul aug sep sept okt nov dec vnl resp evt gem zgn
    n.a.v m.n`,
  sv: `
    hr fr dr prof doc ing kl ca t.ex tex bl.a bla d.v.s dvs s.k m.m.fl nr st sid kap art tel ev resp inkl exkl max
    min jan feb mar apr jun jul aug sep sept okt nov dec mån tis ons tors fre lör sön f.d p.g.a fr.o.m t.o.m t.h obs`,
  da: `
    hr fr frk dr prof adv ing kl ca f.eks feks bl.a bla d.v.s dvs nr s kap stk tlf evt hhv inkl ekskl maks min jan
    feb mar apr jun jul aug sep sept okt nov dec man tirs ons tors fre lør søn p.g.a pga pr st sct vedr`,
  nb: `
    hr fr frk dr prof adv ing kl ca f.eks feks bl.a d.v.s dvs nr s kap tlf ev hhv inkl ekskl maks min jan feb mar
    apr jun jul aug sep sept okt nov des man tirs ons tors fre lør søn p.g.a pga pr st vedr`,
  fi: `
    hra rva nti tri prof dos ins n noin esim ks vrt ns t.s ts ym nro s siv puh klo alk tammik helmik maalisk huhtik
    toukok kesäk heinäk elok syysk lokak marrask jouluk`,
  et: 'hr pr prl dr prof nr lk tel u nt s.t st kl jaan veebr märts apr mai juuni juuli aug sept okt nov dets',
  lv: 'dr prof p.g plkst nr tel lpp t.i piem apm',
  lt: 'dr prof p pp val nr tel psl t.y pvz g gyv apie m mėn d doc',
  pl: `
    p pp pan dr doc prof hab inż mgr lek adw gen płk mjr kpt por ks bp św o np m.in tj tzn tzw ul pl pkt str nr art
    ust tel wew godz zob por płn płd wsch zach śp wyd pon wt śr czw niedz`,
  cs: `
    p pí sl dr prof doc ing mgr bc mudr judr phdr rndr gen plk mjr kpt sv např tj tzn tzv tzn ul nám tř č čj čís str
    s odst tel kl cca ca resp popř příp vč mj max min por srov`,
  sk: `
    p pí sl dr prof doc ing mgr bc mudr judr phdr gen plk sv napr tj tzn tzv ul nám č čís str s ods tel kl cca ca
    resp príp vrát mj max min`,
  hr: `
    g gđa gđica dr mr prof doc ing dipl sv npr tj tzv ul br str tel čl st r god cca vl sl sij velj ožu svi srp ruj`,
  sr: 'г гђа др проф инг нпр тј тзв ул бр стр тел чл g gđa dr prof inž npr tj tzv ul br str tel čl',
  sl: 'g ga gdč dr mag prof doc inž sv npr tj ti t.i ul št str tel čl odst oz cca pribl',
  bs: 'g gđa dr prof npr tj tzv ul br str tel čl',
  ro: `
    dl dna dra dr prof ing av sf d-l d-na str bd bld nr pag p art al ex de.ex tel cca aprox ian feb mar apr iun iul
    aug sept oct nov dec`,
  hu: `
    dr prof id ifj özv st szt pl ill kb ún u.n sz tel old vö ld bp u krt stb.pl min max jan febr márc ápr máj jún
    júl aug szept okt nov dec`,
  tr: `
    dr doç prof av bay bn sn yrd öğr uzm müh mim alb yzb bkz örn vb.örn no nr tel cad sok mah blv apt sf s ör orn hz
    gen kd ort op dt ecz`,
  az: 'dr prof məs nömr s',
  el: 'κ κα κος δίς δρ καθ αγ λεωφ οδ π.χ πχ δηλ βλ σελ αρ τηλ αριθ κεφ πρβλ περ',
  ru: `
    г гр гр-н гр-ка д-р проф акад доц инж им ул пр просп пер пл наб д кв корп стр обл р-н пос дер тел доб т.е т.к
    т.н т.д.п напр см ср рис табл гл ст п пп с с.г ок св о янв фев февр апр авг сент окт нояб дек пн вт чт пт сб вс
    тов мин макс`,
  uk: `
    п пп д-р проф акад доц інж ім вул просп пров пл наб буд кв обл р-н смт тел т.зв тобто напр див пор рис табл гл
    ст с св бл січ лют бер квіт трав черв лип серп вер жовт лист груд м`,
  bg: 'г г-н г-жа г-ца д-р проф инж доц ул бул пл кв бл вх ет ап тел напр т.е т.н вж стр с св обл ок',
  mk: 'г д-р проф ул бул бр тел на.пр т.е т.н стр',
  eo: 's-ro s-ino d-ro prof ekz t.e n-ro p tel',
  eu: 'jn and dr ir adib tel zk or',
  is: 'hr fr dr prof kl nr bls tel t.d þ.e sbr u.þ.b',
  cy: 'mr mrs dr yr e.e h.y tud rhif',
  ga: 'an.tuas dr uas m.sh .i lch uimh',
  id: 'dr drs ir prof tn ny nn sdr jl jln no hlm tlp dll.dsb kol ust h hj kh',
  ms: 'dr prof tn pn cik en jln no hlm tel',
  vi: 'ts ths pgs gs bs ô tp q p đ vd v.d th',
  fil: 'g gng bb dr atty engr hal blg',
  af: 'mnr mev mej dr prof ds bv bl nr tel ong',
  sq: 'z zj dr prof p.sh nr fq tel rr',
  hi: 'डॉ श्री प्रो कु',
  mr: 'डॉ श्री प्रा',
  ne: 'डा श्री प्रा',
  bn: 'ডা ড মো',
  hy: 'դոկտ պրոֆ թ փ',
  ka: 'დ პროფ დოქ ქ ქ.თბ',
  ar: 'د أ م',
  fa: 'د',
  he: 'ד"ר',
});

/** What may end a sentence, and often does; the same way. */
const EITHER: ReadonlyMap<string, ReadonlySet<string>> = table({
  en: `
    etc am pm a.m p.m inc ltd co corp bros llc plc jr esq ph.d phd m.d md ba b.a ave blvd rd ln sq dept est no hrs
    hr min sec ft lbs lb oz kg km cm mm mph st b.c a.d p.s u.s u.k u.s.a d.c`,
  de: `
    usw usf etc u.s.w u.v.m u.v.a co gmbh ag kg str pl tgl std sek min mio mrd tsd jh jhd v.chr n.chr chr e.v a.d
    i.a m.e zs ff f`,
  fr: 'etc ex h min sec inc ltée cie s.a av.j.-c j.-c apr a.m p.m',
  es: 'etc a.m p.m cía s.a s.l s.r.l a.c d.c hrs h min seg m kg km ee.uu',
  it: 'ecc etc a.c d.c s.p.a spa s.r.l srl s.n.c min sec km kg s.a.s f.lli',
  pt: 'etc ltda cia s.a a.c d.c h min seg km kg lda',
  nl: 'enz etc n.v b.v v.chr n.chr jl a.s u min sec km kg e.d e.a m.a.w',
  sv: 'osv etc m.m mm o.d f.kr e.kr ab tim min sek km kg kr milj',
  da: 'osv mv etc m.m m.v f.kr e.kr min sek timer km kg kr mio mia o.l a/s',
  nb: 'osv mv etc m.m f.kr e.kr min sek km kg kr mill mrd o.l',
  fi: 'jne yms ym ynnä eaa jaa kpl min s h km kg milj mrd oy',
  pl: 'itd itp etc r w sp.z.o.o s.a zł gr min sek godz km kg n.e p.n.e wiek jr',
  cs: 'atd apod aj etc r stol hod min sek km kg kč a.s s.r.o n.l př.n.l tis mil mld',
  sk: 'atď a.p a.pod ap r stor hod min sek km kg a.s s.r.o n.l tis mil mld',
  hr: 'itd i.sl sl d.d d.o.o n.e pr.n.e min sek km kg kn',
  sr: 'итд и.сл сл мин км кг дин itd sl min km kg din',
  sl: 'itd ipd d.d d.o.o n.š pr.n.š min km kg',
  bs: 'itd sl d.d d.o.o km kg min',
  ro: 'etc ș.a ş.a s.a s.r.l î.hr d.hr min sec km kg lei',
  hu: 'stb kft bt zrt nyrt rt i.sz i.e u sz h p km kg ft',
  tr: 'vb vs vd a.ş ltd şti m.ö m.s sk dk sn km kg tl',
  el: 'κ.λπ κλπ κ.ά μ.μ π.μ α.ε μ.χ π.χ.μ χλμ κιλ',
  ru: `
    т.д т.п др пр г гг в вв руб коп тыс млн млрд мин сек ч час км кг м см мм н.э до.н.э экз чел шт л`,
  uk: 'т.д т.п ін р рр ст грн коп тис млн млрд хв сек год км кг м н.е шт',
  bg: 'т.н и.др др г в лв ст мин сек ч км кг хил млн млрд',
  mk: 'итн др г в ден мин',
  et: 'jne jms e.m.a m.a.j min sek km kg',
  lv: 'u.c utt u.tml min km kg',
  lt: 'ir.kt kt pan m d val min km kg eur',
  id: 'dll dsb dst tbk pt min km kg',
  vi: 'v.v',
  af: 'ens ens.',
  eo: 'ktp k.t.p atm ptm',
});

const SUPPRESSIONS = new Map<string, ReadonlySet<string>>();
const read = createRequire(import.meta.url);
/** Languages whose suppressions CLDR lists. */
const LISTED: ReadonlySet<string> = new Set(['de', 'en', 'es', 'fr', 'it', 'pt', 'ru']);

/** An article or pronoun that is written in one with the next word. */
const ELIDED = /^(?:l|d|dell|all|nell|sull|dall|un|qu|j|c|n|s|m|t)['’]/iu;

/** @param text a word with its full stop. */
export function abbreviationOf(text: string, language: Language): Abbreviation {
  const base = baseLanguage(language);
  const written = text.replace(/^[\p{Ps}\p{Pi}"'¿¡]+/u, '');
  const bare = written.replace(/\.+$/u, '').replace(ELIDED, '');
  const key = bare.toLowerCase();
  const open = OPEN.get(base);
  if (open?.has(key) === true || open?.has(bare) === true || (base === 'de' && /\p{Ll}str$/u.test(bare))) {
    return 'open';
  }
  // Letters between dots are an abbreviation in every language.
  const dotted = /^(?:\p{L}{1,4}\p{M}*\.)+\p{L}{1,4}\p{M}*$/u.test(key);
  // Spanish doubles the letters of what is many: "EE. UU.", "FF. AA.".
  const doubled = base === 'es' && /^(\p{Lu})\1$/u.test(bare);
  return dotted || doubled || EITHER.get(base)?.has(key) === true || suppressions(base).has(written)
    ? 'either'
    : 'none';
}

function suppressions(base: string): ReadonlySet<string> {
  const known = SUPPRESSIONS.get(base) ?? (LISTED.has(base) ? new Set(written(base)) : new Set<string>());
  SUPPRESSIONS.set(base, known);
  return known;
}

/** The words of a suppression list; each is the value of a key, however deep. */
function written(base: string): readonly string[] {
  const words: string[] = [];
  JSON.stringify(read(`cldr-segments-full/segments/${base}/suppressions.json`), (key, value: unknown) => {
    if (key === 'suppression' && typeof value === 'string') {
      words.push(value);
    }
    return value;
  });
  return words;
}

function table(rows: Readonly<Record<string, string>>): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(Object.entries(rows).map(([language, row]) => [language, new Set(row.trim().split(/\s+/))]));
}
