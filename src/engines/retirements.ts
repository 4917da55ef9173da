/**
 * What OpenAI has said it will end, and when (https://developers.openai.com/api/docs/deprecations, read in November
 * 2026). Servers of one's own that go by the same names of models go on.
 */

import { isOpenai } from './openai-host.ts';
import type { Providers } from './providers.ts';
import { TRANSCRIPTION_MODEL_DEFAULT } from './stt/openai-transcription/openai-transcription-engine.ts';

/** An engine that is set up and will end. */
export interface Retirement {
  readonly engine: string;
  /** The variable that it is set up with. */
  readonly variable: string;
  /** What ends and when, and what to do. */
  readonly sentence: string;
}

/** The snapshots of a model end with it. */
const AGENT_THAT_ENDS = /^gpt-realtime(-mini)?(?:-\d{4}-\d\d-\d\d)?$/;
const TRANSCRIPTION_THAT_ENDS = /^(?:whisper-1|gpt-4o(?:-mini)?-transcribe)/;

/** What of `providers` ends by a date that is known. */
export function retirementsOf({ openaiSpeech, openaiTranscription }: Providers): readonly Retirement[] {
  const found: Retirement[] = [];
  if (openaiSpeech !== undefined && isOpenai(new URL(openaiSpeech.url).host)) {
    found.push({
      engine: 'openai-speech',
      variable: 'OPENAI_SPEECH_URL',
      sentence:
        'OpenAI ends its /v1/audio/speech on 6 January 2027, with all its models: write the address of a server of your own, or set another --tts up',
    });
  }
  const model = openaiTranscription?.model ?? TRANSCRIPTION_MODEL_DEFAULT;
  if (
    openaiTranscription !== undefined &&
    isOpenai(new URL(openaiTranscription.url).host) &&
    TRANSCRIPTION_THAT_ENDS.test(model)
  ) {
    found.push({
      engine: 'openai-transcription',
      variable: 'OPENAI_TRANSCRIPTION_URL',
      sentence: `OpenAI ends ${model} on 26 February 2027: write OPENAI_TRANSCRIPTION_MODEL=gpt-transcribe`,
    });
  }
  return found;
}

/** What of an agent ends by a date that is known, and what to do; undefined: nothing. */
export function agentRetirement(
  engine: string,
  model: string | undefined,
  { openaiRealtime }: Providers,
): string | undefined {
  const url = openaiRealtime?.agentUrl;
  const ends = engine === 'openai' ? AGENT_THAT_ENDS.exec(model ?? '') : null;
  return ends === null || (url !== undefined && !isOpenai(new URL(url).host))
    ? undefined
    : `OpenAI ends ${model} on 20 January 2027: write model: gpt-realtime-2.1${ends[1] ?? ''} into the agent's file`;
}
