/**
 * What a call is to be: who takes part, who is interpreted and how. One record per call, made where a leg is seated;
 * the settings are the plan of every call that has none of its own. A plan never changes: a call, or a party,
 * that is to be another from now on gets another plan.
 */

import type { Language } from '../base/language.ts';
import type { AgentWish } from '../engines/agents/voice-agent.ts';
import type { Glossary } from '../interpret/exactness/glossary.ts';
import type { PolicyName } from '../interpret/policy/cut-policy.ts';
import type { HearMode } from '../media/thread/orders.ts';
import type { KeyRows } from './key-commands.ts';
import type { Recorded, RecordingStart } from './recording/recorder.ts';

/** Who is interpreted: everyone, only those who speak the plan's first language, or nobody. */
export const CALL_MODES = ['bidirectional', 'unidirectional', 'passthrough'] as const;

export type CallMode = (typeof CALL_MODES)[number];

/**
 * How a speaker's own voice is heard while it is interpreted: not at all, under the translation, or as loud as ever.
 */
export const ORIGINAL_MODES = ['off', 'duck', 'full'] as const satisfies readonly HearMode[];

export type OriginalMode = (typeof ORIGINAL_MODES)[number];

/** When a call is over: as soon as one party is left alone, or with its last party. */
export const CALL_KINDS = ['pair', 'conference'] as const;

export type CallKind = (typeof CALL_KINDS)[number];

export interface PartyPlan {
  /** Within the call; short, and safe to log: `a`, `b` … or what the dialplan made up. */
  readonly id: string;
  /** For people: in captions and logs. */
  readonly name: string;
  /** What the party speaks and hears. */
  readonly language: Language;
  /** What speaks for it: an engine's name or @speaker (`speaker-voices.ts`); undefined: its language's voice. */
  readonly voice: string | undefined;
  /** Whether its language's voice speaks for it in place of `voice`, which it has switched off for now. Default no. */
  readonly ownVoiceOff?: boolean;
  /** How it hears the others' own voices while they are interpreted; undefined: as the call's plan says. */
  readonly original: OriginalMode | undefined;
  /** What of the call it hears. */
  readonly hears: PartyHearing;
  /** Whether nobody hears it, as it is or interpreted. */
  readonly muted: boolean;
  /** Whether nothing of it may be kept, nor of what others heard of it. */
  readonly refusesRecording?: boolean;
}

/**
 * What a party hears of its call: all of it; the others' own voices alone, because it wants no translation; or
 * renderings alone, because it hears the others already, by a call that ran before ours: no own voices, no tones, no
 * keys, no noise of a line.
 */
export const PARTY_HEARINGS = ['all', 'voices', 'renderings'] as const;

export type PartyHearing = (typeof PARTY_HEARINGS)[number];

/** A party that is a machine which answers by itself. It is fetched once a person is there. */
export interface AgentSeat {
  readonly party: PartyPlan;
  /** Whose agent it is: `elevenlabs`. */
  readonly engine: string;
  readonly wish: AgentWish;
}

/** By what is heard which emotion is in a voice. */
export const EMOTION_SOURCES = ['prosody', 'hume'] as const;

export interface EmotionPlan {
  readonly by: (typeof EMOTION_SOURCES)[number];
  /** Ids of parties. */
  readonly of: readonly string[];
}

export interface CallPlan {
  readonly kind: CallKind;
  /** The languages it is about, the first first. */
  readonly languages: readonly Language[];
  readonly mode: CallMode;
  /** Whether what `mode` says is done, or left for a while. */
  readonly translating: boolean;
  readonly policy: PolicyName;
  readonly original: OriginalMode;
  /** Whether a pair's faster direction is held so that both are about as late; not by the policy `consecutive`. */
  readonly matchDelay: boolean;
  /** Whether a translation is spoken as its original was, beside the speaker's usual: pace, level, pauses. Default no. */
  readonly manner?: boolean;
  /** Whether the word that was stressed is stressed in its translation, by engines that can. Default no. */
  readonly stress?: boolean;
  /** Whose voices are judged, and by what, so that engines may speak with the emotion that is heard. Default nobody's. */
  readonly emotion?: EmotionPlan | undefined;
  /** Whether interpreters work ahead on what is not certain. */
  readonly drafts: boolean;
  /** Whether parties may fall into each other's language, and are then heard as they are. */
  readonly codeSwitching: boolean;
  /** The voice that speaks each language; a language without one is spoken with its engine's default. */
  readonly voices: ReadonlyMap<Language, string>;
  readonly glossary: GlossaryBook;
  /** Keys by which parties steer the call; none: all keys are for the others. */
  readonly keys?: KeyRows;
  /** Whether parties are told, in their own language, that a machine interprets. */
  readonly announce: boolean;
  /** Whether a short tone tells the others that somebody joins or leaves; only conferences have such. */
  readonly joinTones: boolean;
  /** Parties at once. */
  readonly maxParties: number;
  /** Who of its parties is fetched by us, being no person. Default nobody. */
  readonly agents?: readonly AgentSeat[];
  /** What is kept of its sound, and from when on. Default: nothing. */
  readonly record?: Recorded;
  readonly recordStart?: RecordingStart;
  /** What whoever registered it wrote of it, to be shown with it; nothing else is done with that. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What Asterisk calls all channels of the call together, where that is known: its own records have it, too. */
  readonly linkedid?: string;
  /** The trace that whoever registered it is in (W3C Trace Context); utterances are shown below it. */
  readonly traceparent?: string;
  /** How long it may last, in ms; undefined: as long as somebody is there. */
  readonly limitMs: number | undefined;
}

/** The terms agreed for one direction; an empty glossary where there are none. */
export type GlossaryBook = (from: Language, to: Language) => Glossary;

/** What may change of a party while its call runs; what is left out stays as it is. */
export type PartyChange = {
  readonly [Field in 'name' | 'language' | 'voice' | 'original' | 'hears' | 'muted']?: PartyPlan[Field];
} & {
  /** It is not asked again: who has refused has refused for the whole call. */
  readonly refusesRecording?: true;
  readonly ownVoiceOff?: boolean;
};

/** What may change of a call while it runs; what is left out stays as it is. */
export type PlanChange = {
  readonly [Field in 'mode' | 'translating' | 'policy' | 'original' | 'matchDelay']?: CallPlan[Field];
};

/** More than the name of any voice. */
export const MOST_VOICE_CHARACTERS = 200;

/** Whether a voice may be called that: it is sent to a provider, and shown. */
export function isVoiceName(text: string): boolean {
  return text !== '' && text.length <= MOST_VOICE_CHARACTERS && !/\p{Cc}/u.test(text);
}

/** A party that nothing more is known of. */
export function partyOf(id: string, language: Language, name = id): PartyPlan {
  return { id, name, language, voice: undefined, original: undefined, hears: 'all', muted: false };
}

/** Whether what `party` says is to be interpreted for those who do not share its language. */
export function isInterpreted(plan: CallPlan, { language, muted }: PartyPlan): boolean {
  const { translating, mode, languages } = plan;
  const meant = mode === 'bidirectional' || (mode === 'unidirectional' && language === languages[0]);
  return translating && meant && !muted;
}

/** What of a call's plan may change, and is told of. */
export function changeableOf({ mode, translating, policy, original, matchDelay }: CallPlan) {
  return { mode, translating, policy, original, matchDelay };
}

/** Whether two say the same of a party. */
export function samePartyPlan(one: PartyPlan, other: PartyPlan): boolean {
  return (
    one.name === other.name &&
    one.language === other.language &&
    one.voice === other.voice &&
    one.original === other.original &&
    one.hears === other.hears &&
    one.muted === other.muted &&
    (one.ownVoiceOff ?? false) === (other.ownVoiceOff ?? false) &&
    (one.refusesRecording ?? false) === (other.refusesRecording ?? false)
  );
}
