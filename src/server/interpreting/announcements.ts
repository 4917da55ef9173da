/**
 * What parties are told, each in its own language: when their call begins, that a machine interprets; where it is so, that
 * the call is recorded, that a voice is made of theirs, or that the voice agent which they called has failed. It is
 * synthesised once, before the first call is interpreted, so that no call waits for it or pays for it. What cannot be is a
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

/** The same to who is enrolled from the call. */
const ENROLMENT_TEXTS: ReadonlyMap<string, string> = new Map([
  ['bg', 'Гласът ви се записва, за да бъде създаден изкуствен глас.'],
  ['ca', "S'està gravant la vostra veu per crear-ne una de sintètica."],
  ['cs', 'Váš hlas se nahrává, aby z něj vznikl umělý hlas.'],
  ['da', 'Din stemme bliver optaget for at lave en syntetisk stemme.'],
  ['de', 'Ihre Stimme wird aufgenommen, um daraus eine künstliche Stimme zu machen.'],
  ['el', 'Η φωνή σας καταγράφεται για να δημιουργηθεί μια συνθετική φωνή.'],
  ['en', 'Your voice is being recorded, to make a synthetic voice of it.'],
  ['eo', 'Via voĉo estas registrata por fari el ĝi artefaritan voĉon.'],
  ['es', 'Se está grabando su voz para crear una voz sintética.'],
  ['eu', 'Zure ahotsa grabatzen ari da, ahots sintetiko bat sortzeko.'],
  ['fi', 'Ääntänne nauhoitetaan synteettisen äänen tekemistä varten.'],
  ['fr', 'Votre voix est enregistrée pour en faire une voix de synthèse.'],
  ['gl', 'A súa voz está a ser gravada para crear unha voz sintética.'],
  ['hu', 'A hangját rögzítjük, hogy mesterséges hangot készítsünk belőle.'],
  ['it', 'La sua voce viene registrata per creare una voce sintetica.'],
  ['ja', '合成音声を作るため、あなたの声を録音しています。'],
  ['nb', 'Stemmen din blir tatt opp for å lage en syntetisk stemme.'],
  ['nl', 'Uw stem wordt opgenomen om er een synthetische stem van te maken.'],
  ['no', 'Stemmen din blir tatt opp for å lage en syntetisk stemme.'],
  ['pl', 'Głos jest nagrywany, aby stworzyć z niego głos syntetyczny.'],
  ['pt', 'A sua voz está a ser gravada para criar uma voz sintética.'],
  ['pt-BR', 'Sua voz está sendo gravada para criar uma voz sintética.'],
  ['ro', 'Vocea dumneavoastră este înregistrată pentru a crea o voce sintetică.'],
  ['ru', 'Ваш голос записывается, чтобы создать синтетический голос.'],
  ['sv', 'Din röst spelas in för att göra en syntetisk röst.'],
  ['tr', 'Yapay bir ses oluşturmak için sesiniz kaydediliyor.'],
  ['uk', 'Ваш голос записується, щоб створити синтетичний голос.'],
  ['zh', '正在录制您的声音，用于制作合成语音。'],
]);

/** To who called a voice agent that has failed; the dialplan goes on after it. */
const AGENT_TEXTS: ReadonlyMap<string, string> = new Map([
  ['bg', 'За съжаление асистентът не е на разположение.'],
  ['ca', "Ho sentim, l'assistent no està disponible."],
  ['cs', 'Omlouváme se, asistent není k dispozici.'],
  ['da', 'Beklager, assistenten er ikke tilgængelig.'],
  ['de', 'Es tut uns leid, der Assistent ist nicht verfügbar.'],
  ['el', 'Λυπούμαστε, ο βοηθός δεν είναι διαθέσιμος.'],
  ['en', 'Sorry, the assistant is not available.'],
  ['eo', 'Bedaŭrinde la asistanto ne estas disponebla.'],
  ['es', 'Lo sentimos, el asistente no está disponible.'],
  ['eu', 'Sentitzen dugu, laguntzailea ez dago erabilgarri.'],
  ['fi', 'Valitettavasti avustaja ei ole käytettävissä.'],
  ['fr', "Désolé, l'assistant n'est pas disponible."],
  ['gl', 'Sentímolo, o asistente non está dispoñible.'],
  ['hu', 'Sajnáljuk, az asszisztens nem elérhető.'],
  ['it', "Spiacenti, l'assistente non è disponibile."],
  ['ja', '申し訳ございません。アシスタントは現在ご利用いただけません。'],
  ['nb', 'Beklager, assistenten er ikke tilgjengelig.'],
  ['nl', 'Sorry, de assistent is niet beschikbaar.'],
  ['no', 'Beklager, assistenten er ikke tilgjengelig.'],
  ['pl', 'Przepraszamy, asystent jest niedostępny.'],
  ['pt', 'Lamentamos, o assistente não está disponível.'],
  ['pt-BR', 'Desculpe, o assistente não está disponível.'],
  ['ro', 'Ne pare rău, asistentul nu este disponibil.'],
  ['ru', 'К сожалению, ассистент недоступен.'],
  ['sv', 'Tyvärr är assistenten inte tillgänglig.'],
  ['tr', 'Üzgünüz, asistan şu anda kullanılamıyor.'],
  ['uk', 'На жаль, асистент недоступний.'],
  ['zh', '抱歉，助理目前无法接听。'],
]);

const TEXTS_OF: Readonly<Record<AnnouncedFact, ReadonlyMap<string, string>>> = {
  interpreter: TEXTS,
  recording: RECORDING_TEXTS,
  enrolment: ENROLMENT_TEXTS,
  'agent-failed': AGENT_TEXTS,
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
