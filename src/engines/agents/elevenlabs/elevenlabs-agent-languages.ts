/**
 * The languages of ElevenLabs' agents, by its names for them: `ConversationConfigOverrideAgentLanguage` of @elevenlabs/types
 * 0.23. They have no regions, but Portuguese has one.
 */

import type { Language } from '../../../base/language.ts';
import { codeAmong, codesOf } from '../../languages.ts';

export const AGENT_LANGUAGES: ReadonlySet<string> = new Set(
  (
    'en ja zh de hi fr ko pt pt-br it es id nl tr pl sv bg ro ar cs el fi ms da ta uk ru hu hr sk no vi tl af hy as az ' +
    'be bn bs ca et gl ka gu ha he is ga jv kn kk ky lv lt lb mk ml mr ne ps fa pa sr sd sl so sw te th ur cy'
  ).split(' '),
);

/** Undefined where its agents do not speak `language`. */
export function agentLanguage(language: Language): string | undefined {
  if (language === 'pt-BR') {
    return 'pt-br';
  }
  // Both standards of Norwegian are read aloud as one.
  return codesOf(language)[0] === 'nn' ? 'no' : codeAmong(AGENT_LANGUAGES, language);
}

/** Why there can be no agent that speaks `language`; undefined: there can. */
export function whyNotSpoken(language: Language | undefined): string | undefined {
  return language === undefined || agentLanguage(language) !== undefined
    ? undefined
    : `elevenlabs: its agents do not speak ${language}: choose another language, or leave it out to have the agent's own`;
}
