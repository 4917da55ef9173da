/**
 * What parties are told, each in its own language, when their call begins: that a machine interprets. It is synthesised
 * once, before the first call, so that no call waits for it or pays for it. What cannot be is a warning: the call goes on
 * without.
 */

import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { AppError, messageOf } from '../base/errors.ts';
import { baseLanguage, type Language } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { SPEECH_HZ } from '../base/units.ts';
import type { Announcement, AnnouncementBook } from '../call/call.ts';
import type { TtsEngine } from '../engines/tts/tts-engine.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** Finds the engines that may speak a language, best first. */
export type SpeakerBook = (language: Language) => readonly TtsEngine[];

/** The longest announcement: whoever waits longer hangs up. */
const LONGEST_S = 15;
/** How long an engine may take over one, in ms. */
const LIMIT_MS = 30_000;

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

/**
 * Synthesises what is said in each of `languages`.
 * @throws the signal's reason when it aborts; nothing else.
 */
export async function openAnnouncements(
  config: Pick<ServeConfig, 'announcement' | 'announce' | 'ttsVoices'>,
  languages: ReadonlySet<Language>,
  speakersOf: SpeakerBook,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<AnnouncementBook> {
  const announcements = new Map<Language, Announcement>();
  for (const language of config.announcement ? languages : []) {
    const text = announcementText(language, config.announce);
    if (text !== undefined) {
      try {
        const speaker = await speakerOf(language, speakersOf(language));
        const voice = config.ttsVoices.get(language);
        const late = `${speaker.name} took longer than ${LIMIT_MS / 1_000} s`;
        const announcement = await withDeadline(clock, LIMIT_MS, late, signal, (inner) =>
          speak(speaker, text, language, voice, inner),
        );
        announcements.set(language, announcement);
        log.debug({ language, tts: speaker.name }, 'announcement is ready');
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ language, reason: messageOf(error) }, 'no announcement in this language');
      }
    }
  }
  return (language) => announcements.get(language);
}

/** The operator's text, else ours, each for the language with its region before the one without. */
export function announcementText(language: Language, own: ReadonlyMap<Language, string>): string | undefined {
  const base = baseLanguage(language);
  return own.get(language) ?? own.get(base) ?? TEXTS.get(language) ?? TEXTS.get(base);
}

async function speakerOf(language: Language, speakers: readonly TtsEngine[]): Promise<TtsEngine> {
  for (const speaker of speakers) {
    if ((await speaker.supports(language)).supported) {
      return speaker;
    }
  }
  throw new AppError('language-unsupported', `no synthesis engine speaks ${language}`);
}

async function speak(
  speaker: TtsEngine,
  text: string,
  language: Language,
  voice: string | undefined,
  signal: AbortSignal,
): Promise<Announcement> {
  const request = { text, language, wantedRateHz: SPEECH_HZ, ...(voice === undefined ? {} : { voice }) };
  const { rateHz, pieces } = await speaker.synthesize(request, signal);
  const kept: Int16Array[] = [];
  let samples = 0;
  for await (const piece of pieces) {
    samples += piece.length;
    if (samples > LONGEST_S * rateHz) {
      throw new AppError(
        'bad-option',
        `it would last longer than ${LONGEST_S} s: write a shorter text with --announce`,
      );
    }
    kept.push(piece);
  }
  if (samples === 0) {
    throw new AppError('engine-bad-answer', `${speaker.name} gave no sound`);
  }
  const pcm = new Int16Array(samples);
  let at = 0;
  for (const piece of kept) {
    pcm.set(piece, at);
    at += piece.length;
  }
  return { rateHz, pcm };
}
