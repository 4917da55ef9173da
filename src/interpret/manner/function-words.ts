/**
 * Words that hold a sentence together and are not what it is about: who stresses one of them means how it is said and not
 * what, and their translations are seldom one word. In lower case, as {@link import('../policy/tokens.ts').wordOf} makes them.
 */

const WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    en:
      'a an the this that these those my your his her its our their some any i you he she it we they me him us them ' +
      'who whom whose which what where when why how there here and or but nor so yet if as than because while although ' +
      'though unless until since of to in on at by for with from into onto about over under between through during ' +
      'before after against without within up down out off is am are was were be been being do does did done have has ' +
      "had having will would shall should can could may might must ought isn't don't doesn't didn't won't can't i'm " +
      "i'll i've it's that's there's we're you're they're he's she's let's just also too very then well oh yes please",
    es:
      'el la los las un una unos unas lo al del este esta estos estas ese esa eso aquel aquella mi tu su nuestro vuestra ' +
      'mis tus sus yo tú él ella usted nosotros ustedes ellos ellas me te se nos os le les que quien cual cuando donde ' +
      'como y e o u pero ni si porque aunque mientras de a en con por para sin sobre entre hasta desde contra durante es ' +
      'son era eran fue ser está están estaba estar hay ha han he hemos había haber muy ya también sí',
    fr:
      'le la les un une des du de au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ' +
      'je tu il elle on nous vous ils elles me te se lui y en qui que quoi dont où quand comme et ou mais ni si car donc ' +
      'parce puisque à dans par pour sur avec sans sous entre vers chez est sont était étaient être été a ont avait ' +
      'avoir eu ne très aussi oui',
    de:
      'der die das den dem des ein eine einen einem einer eines dieser diese dieses mein dein sein ihr unser euer ich du ' +
      'er sie es wir mich dich sich uns euch mir dir ihm ihnen wer was wo wann wie und oder aber denn sondern wenn weil ' +
      'dass ob als bis von zu zum zur in im an am auf aus bei mit nach vor für durch gegen ohne um über unter zwischen ' +
      'ist sind war waren sein bin hat haben hatte wird werden wurde kann könnte muss soll will sehr auch ja schon',
    it:
      'il lo la i gli le un uno una del della dei delle dello al alla ai alle nel nella dal dalla sul sulla questo questa ' +
      'quello quella mio mia tuo tua suo sua nostro vostro loro io tu lui lei noi voi mi ti si ci vi ne che chi cui quando ' +
      'dove come e ed o ma né se perché mentre di a da in con su per tra fra è sono era erano essere stato ha hanno aveva ' +
      'avere molto anche sì',
    pt:
      'o a os as um uma uns umas do da dos das no na nos nas ao à este esta esse essa isso aquele aquela meu minha teu ' +
      'tua seu sua nosso eu tu ele ela você nós eles elas me te se lhe que quem qual quando onde como e ou mas nem ' +
      'porque embora de em com por para sem sobre entre até desde contra é são era eram foi ser está estão estava há ' +
      'tem têm tinha ter muito também sim',
    ca:
      'el la els les un una uns unes del dels al als aquest aquesta aquell aquella meu meva teu seva nostre jo tu ell ' +
      'ella nosaltres vostè ells em et es ens us li que qui quan on com i o però ni si perquè de a en amb per sense ' +
      'sobre entre fins des és són era eren ser està estan ha han havia haver molt també sí',
    nl:
      'de het een deze die dit dat mijn jouw zijn haar ons onze hun ik jij je u hij zij ze wij we mij hem wie wat waar ' +
      'wanneer hoe en of maar want als omdat terwijl van te in op aan bij voor met uit naar over onder tussen door zonder ' +
      'is was waren ben bent heeft hebben had wordt worden kan moet zal zou zeer ook ja',
  }).map(([language, words]) => [
    language,
    new Set(words.split(' ').map((word) => word.replaceAll("'", ''))),
  ]),
);

/** Of a language without a list, the shortest words. */
const SHORTEST = 3;

/** @param base the language without its region. */
export function isFunctionWord(word: string, base: string): boolean {
  const known = WORDS.get(base);
  return known === undefined ? [...word].length <= SHORTEST : known.has(word);
}
