/** A text that somebody wrote, as a party is to hear it: translated if it is in another language, and spoken. */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { Language } from '../../base/language.ts';
import type { SayingSound } from '../../call/sayings.ts';
import type { MtEngine } from '../../engines/mt/mt-engine.ts';
import type { SpokenVoice } from '../../engines/tts/spoken-voice.ts';
import type { TtsRequest } from '../../engines/tts/tts-engine.ts';
import type { OpenSpeech } from '../../interpret/speaking/open-speech.ts';
import { speakSomeWay } from '../../interpret/speaking/some-way.ts';
import { cleaned } from '../../interpret/text/cleaned.ts';
import { writtenOut } from '../../interpret/text/written-out.ts';
import type { SpeakingTools } from './interpreting-view.ts';

/** How long a translation may take, in ms: its engines have their own limits, and ask each other. */
const TRANSLATION_LIMIT_MS = 10_000;

export interface WrittenText {
  readonly text: string;
  /** What it is to be spoken in. */
  readonly to: Language;
  /** Undefined: the engine's own. */
  readonly voice: SpokenVoice | undefined;
  /** See {@link TtsRequest.spokenBy}. */
  readonly spokenBy?: NonNullable<TtsRequest['spokenBy']>;
  /** What it is written in, and what translates it; undefined: it needs none. */
  readonly translated: { readonly from: Language; readonly mt: MtEngine } | undefined;
}

/** @throws AppError of what translates or speaks it; the signal's reason. */
export async function spokenText(
  { text, to, voice, translated, spokenBy }: WrittenText,
  tools: SpeakingTools,
  clock: Clock,
  wantedRateHz: number,
  signal: AbortSignal,
): Promise<SayingSound> {
  const { tts } = tools;
  const own = translated === undefined ? text : await translate(text, translated, to, clock, signal);
  const spoken = writtenOut(cleaned(own) || own, to, tts.reads?.(to) ?? 'everything');
  const request = {
    ...{ text: spoken, language: to, wantedRateHz },
    ...(voice === undefined ? {} : { voice }),
    ...(spokenBy === undefined ? {} : { spokenBy }),
  };
  const speech = await speakSomeWay(tts, request, clock, signal);
  return { rateHz: speech.rateHz, pieces: piecesOf(speech, signal) };
}

function translate(
  text: string,
  { from, mt }: NonNullable<WrittenText['translated']>,
  to: Language,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const late = `${mt.name} gave no translation within ${TRANSLATION_LIMIT_MS} ms`;
  return withDeadline(clock, TRANSLATION_LIMIT_MS, late, signal, (inner) =>
    mt.translate({ text, from, to, context: [] }, inner),
  );
}

async function* piecesOf(speech: OpenSpeech, signal: AbortSignal): AsyncGenerator<Int16Array> {
  try {
    for (
      let piece: Int16Array | undefined = speech.first;
      piece !== undefined;
      piece = await speech.next(signal)
    ) {
      yield piece;
    }
  } finally {
    speech.stop();
  }
}
