/**
 * What parties are told, each in its own language, when their call begins: that a machine interprets; and, where it is so,
 * that the call is recorded. It is synthesised once, before the first call is interpreted, so that no call waits for it or pays for it. What cannot be is a
 * warning: the call goes on without.
 */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, messageOf } from '../../base/errors.ts';
import { baseLanguage, type Language } from '../../base/language.ts';
import type { Log } from '../../base/log.ts';
import { SPEECH_HZ } from '../../base/units.ts';
import type { AnnouncedFact, Announcement } from '../../call/announcing.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';

/** Finds the engines that may speak a language, best first. */
export type VoiceBook = (language: Language) => readonly TtsEngine[];

/** The longest announcement: whoever waits longer hangs up. */
const LONGEST_S = 15;
/** How long an engine may take over one, in ms. */
const LIMIT_MS = 10_000;

/** A sentence of under 3 s in each language; any other language is told nothing. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['bg', 'Превежда ви машина. Говорете нормално.'],
  ['ca', 'Una màquina interpreta. Parleu amb normalitat.'],
  ['cs', 'Tlumočí stroj. Mluvte normálně.'],
  ['da', 'En maskine tolker. Tal som normalt.'],
  ['de', 'Eine Maschine dolmetscht. Sprechen Sie ganz normal.'],
  ['el', 'Διερμηνεύει μηχανή. Μιλήστε κανονικά.'],
  ['en', 'A machine is interpreting. Please speak normally.'],
  ['eo', 'Maŝino interpretas. Parolu normale.'],
  ['es', 'Interpreta una máquina. Hable con normalidad.'],
  ['eu', 'Makina bat ari da itzultzen. Hitz egin normal.'],
  ['fi', 'Kone tulkkaa. Puhukaa normaalisti.'],
  ['fr', 'Une machine interprète. Parlez normalement.'],
  ['gl', 'Interpreta unha máquina. Fale con normalidade.'],
  ['hu', 'Gép tolmácsol. Beszéljen természetesen.'],
  ['it', 'Sta interpretando una macchina. Parli normalmente.'],
  ['ja', '機械が通訳します。普通に話してください。'],
  ['nb', 'En maskin tolker. Snakk som vanlig.'],
  ['nl', 'Een machine tolkt. Spreek gewoon.'],
  ['no', 'En maskin tolker. Snakk som vanlig.'],
  ['pl', 'Tłumaczy maszyna. Proszę mówić normalnie.'],
  ['pt', 'Uma máquina está a interpretar. Fale normalmente.'],
  ['pt-BR', 'Uma máquina está interpretando. Fale normalmente.'],
  ['ro', 'Interpretează o mașină. Vorbiți normal.'],
  ['ru', 'Переводит машина. Говорите как обычно.'],
  ['sv', 'En maskin tolkar. Tala som vanligt.'],
  ['tr', 'Bir makine çeviri yapıyor. Normal konuşun.'],
  ['uk', 'Перекладає машина. Говоріть як звичайно.'],
  ['zh', '机器正在口译，请正常说话。'],
]);

/** The same of a call that is recorded. */
const RECORDING_TEXTS: ReadonlyMap<string, string> = new Map([
  ['bg', 'Разговорът се записва.'],
  ['ca', "S'està gravant la trucada."],
  ['cs', 'Hovor se nahrává.'],
  ['da', 'Samtalen bliver optaget.'],
  ['de', 'Das Gespräch wird aufgezeichnet.'],
  ['el', 'Η κλήση καταγράφεται.'],
  ['en', 'This call is recorded.'],
  ['eo', 'Ĉi tiu voko estas registrata.'],
  ['es', 'Esta llamada se graba.'],
  ['eu', 'Dei hau grabatzen ari da.'],
  ['fi', 'Puhelu nauhoitetaan.'],
  ['fr', 'Cet appel est enregistré.'],
  ['gl', 'Esta chamada está a ser gravada.'],
  ['hu', 'A beszélgetést rögzítjük.'],
  ['it', 'La chiamata viene registrata.'],
  ['ja', 'この通話は録音されます。'],
  ['nb', 'Samtalen blir tatt opp.'],
  ['nl', 'Dit gesprek wordt opgenomen.'],
  ['no', 'Samtalen blir tatt opp.'],
  ['pl', 'Rozmowa jest nagrywana.'],
  ['pt', 'Esta chamada é gravada.'],
  ['pt-BR', 'Esta ligação está sendo gravada.'],
  ['ro', 'Apelul este înregistrat.'],
  ['ru', 'Разговор записывается.'],
  ['sv', 'Samtalet spelas in.'],
  ['tr', 'Bu görüşme kaydediliyor.'],
  ['uk', 'Розмова записується.'],
  ['zh', '本次通话正在录音。'],
]);

const TEXTS_OF: Readonly<Record<AnnouncedFact, ReadonlyMap<string, string>>> = {
  interpreter: TEXTS,
  recording: RECORDING_TEXTS,
};

export interface AnnouncementWish {
  readonly fact: AnnouncedFact;
  /** Whether anybody is to be told. */
  readonly wanted: boolean;
  /** The operator's texts in place of ours. */
  readonly own: ReadonlyMap<Language, string>;
  /** The voices that speak. */
  readonly voices: ReadonlyMap<Language, string>;
}

/**
 * Synthesises what is said in each of `languages`.
 * @throws the signal's reason when it aborts; nothing else.
 */
export async function openAnnouncements(
  { fact, wanted, own, voices }: AnnouncementWish,
  languages: ReadonlySet<Language>,
  voicesOf: VoiceBook,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<ReadonlyMap<Language, Announcement>> {
  const announcements = new Map<Language, Announcement>();
  const open = async (language: Language, text: string): Promise<void> => {
    try {
      const late = `it took longer than ${LIMIT_MS / 1_000} s`;
      const announcement = await withDeadline(clock, LIMIT_MS, late, signal, async (inner) => {
        const tts = await engineFor(language, voicesOf(language));
        const spoken = await speak(tts, text, language, voices.get(language), inner);
        log.debug({ language, tts: tts.name }, 'announcement is ready');
        return spoken;
      });
      announcements.set(language, announcement);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ language, reason: messageOf(error) }, 'no announcement in this language');
    }
  };
  const texts = [...(wanted ? languages : [])].flatMap((language) => {
    const text = announcementText(language, own, fact);
    return text === undefined ? [] : [{ language, text }];
  });
  await Promise.all(texts.map(({ language, text }) => open(language, text)));
  return announcements;
}

/** The operator's text, else ours, each for the language with its region before the one without. */
export function announcementText(
  language: Language,
  own: ReadonlyMap<Language, string>,
  fact: AnnouncedFact,
): string | undefined {
  const base = baseLanguage(language);
  const texts = TEXTS_OF[fact];
  return own.get(language) ?? own.get(base) ?? texts.get(language) ?? texts.get(base);
}

async function engineFor(language: Language, engines: readonly TtsEngine[]): Promise<TtsEngine> {
  for (const engine of engines) {
    if ((await engine.supports(language)).supported) {
      return engine;
    }
  }
  throw new AppError('language-unsupported', `no synthesis engine speaks ${language}`);
}

async function speak(
  tts: TtsEngine,
  text: string,
  language: Language,
  voice: string | undefined,
  signal: AbortSignal,
): Promise<Announcement> {
  const request = {
    text,
    language,
    wantedRateHz: SPEECH_HZ,
    ...(voice === undefined ? {} : { voice: { name: voice } }),
  };
  const { rateHz, pieces } = await tts.synthesize(request, signal);
  const kept: Int16Array[] = [];
  let samples = 0;
  for await (const piece of pieces) {
    samples += piece.length;
    if (samples > LONGEST_S * rateHz) {
      throw new AppError(
        'bad-option',
        `it would last longer than ${LONGEST_S} s: write a shorter text with --announce or --record-announce`,
      );
    }
    kept.push(piece);
  }
  if (samples === 0) {
    throw new AppError('engine-bad-answer', `${tts.name} gave no sound`);
  }
  const pcm = new Int16Array(samples);
  let at = 0;
  for (const piece of kept) {
    pcm.set(piece, at);
    at += piece.length;
  }
  return { rateHz, pcm };
}
