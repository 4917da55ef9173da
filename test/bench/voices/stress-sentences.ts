/**
 * Sentences in which one of several words is stressed, and how the translation of each of these words into Spanish begins:
 * whatever ending it has there. The first of them are as a stress of contrast has them.
 */

export interface StressSentence {
  readonly text: string;
  /** Words that may be stressed, once each in the text, and beginnings of what they may be in Spanish. */
  readonly words: Readonly<Record<string, readonly string[]>>;
}

export const STRESS_SENTENCES: readonly StressSentence[] = [
  {
    text: 'I wanted the red house near the river',
    words: { wanted: ['quer', 'quis'], red: ['roj'], house: ['cas'], river: ['rí'] },
  },
  {
    text: 'the doctor visits the hospital on Monday',
    words: { doctor: ['doct', 'médic'], visits: ['visit'], hospital: ['hospital'], monday: ['lun'] },
  },
  {
    text: 'my brother bought a new car in Madrid',
    words: { brother: ['herman'], bought: ['compr'], new: ['nuev'], madrid: ['madrid'] },
  },
  {
    text: 'the train to Barcelona leaves at seven',
    words: { train: ['tren'], barcelona: ['barcelona'], leaves: ['sal', 'hoj', 'march'], seven: ['siet'] },
  },
  {
    text: 'we need twenty chairs for the meeting',
    words: { need: ['necesit'], twenty: ['veint'], chairs: ['sill'], meeting: ['reuni'] },
  },
  {
    text: 'the invoice arrived in March with an error',
    words: { invoice: ['factur'], arrived: ['lleg'], march: ['marz', 'march'], error: ['error'] },
  },
  {
    text: 'she speaks French with her grandmother',
    words: { speaks: ['habl'], french: ['franc'], grandmother: ['abuel'] },
  },
  {
    text: 'the blue key opens the kitchen door',
    words: { blue: ['azul'], key: ['llav', 'clav'], opens: ['abr'], door: ['puert'] },
  },
  {
    text: 'the old teacher lives in Valencia',
    words: {
      old: ['viej', 'antigu', 'ancian'],
      teacher: ['profesor', 'maestr'],
      lives: ['viv', 'vid'],
      valencia: ['valencia'],
    },
  },
  {
    text: 'they sold the small shop in October',
    words: { sold: ['vend'], small: ['pequeñ'], shop: ['tiend'], october: ['octubre'] },
  },
  {
    text: 'the patient takes two tablets in the morning',
    words: {
      patient: ['pacient'],
      takes: ['tom', 'coge'],
      two: ['dos'],
      tablets: ['pastill', 'tablet', 'comprimid'],
    },
  },
  {
    text: 'the ticket costs forty euros',
    words: {
      ticket: ['billet', 'entrad', 'tique', 'boleto'],
      costs: ['cuest', 'cost'],
      forty: ['cuarent'],
      euros: ['euros'],
    },
  },
  {
    text: 'Martin sent the letter to the bank',
    words: { martin: ['martin'], sent: ['envi', 'mand'], letter: ['cart', 'letra'], bank: ['banc', 'oril'] },
  },
  {
    text: 'the lawyer signed the contract on Friday',
    words: { lawyer: ['abogad'], signed: ['firm'], contract: ['contrat'], friday: ['viern'] },
  },
  {
    text: 'our daughter studies music in London',
    words: { daughter: ['hij'], studies: ['estudi'], music: ['músic'], london: ['londres'] },
  },
];
