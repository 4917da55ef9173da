/**
 * How high the voices are that a speaker's is chosen from, each made to speak as `serve` does when it starts; and which
 * of them no engine has.
 */

import type { Clock } from '../../base/clock.ts';
import type { Language } from '../../base/language.ts';
import { silentLog } from '../../base/log.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type { KnownVoice } from '../../interpret/manner/choose-voice.ts';
import { VoiceRegisters, type VoiceSettings } from '../../server/interpreting/voice-registers.ts';
import { type CheckItem, fails, ok } from './check-item.ts';

/**
 * @param languages those that something is spoken in; the others are warned of elsewhere.
 * @throws the signal's reason.
 */
export async function* voiceItems(
  settings: VoiceSettings,
  languages: ReadonlySet<Language>,
  engines: readonly TtsEngine[],
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<CheckItem> {
  const registers = new VoiceRegisters(settings, clock, silentLog);
  for (const [language, names] of settings.voiceChoice) {
    if (languages.has(language)) {
      await registers.learn(language, engines, signal);
      const known = registers.of(language);
      const subject = `--voice-choice ${language}`;
      const missing = names.filter((name) => !known.some(({ ref }) => ref === name));
      if (known.length > 0) {
        yield ok(subject, known.map(described).join(', '));
      }
      if (missing.length > 0) {
        yield fails(
          subject,
          `no engine can be measured with ${missing.join(', ')}: write others, or leave them out`,
        );
      }
    }
  }
}

function described({ engine, ref, hz }: KnownVoice): string {
  return `${engine} ${ref} at ${Math.round(hz)} Hz`;
}
