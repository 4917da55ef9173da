/** Voice profiles as `serve` is to keep them, and what the API makes and changes them by. */

import type { Clock } from '../base/clock.ts';
import type { Closers } from '../base/closers.ts';
import type { Log } from '../base/log.ts';
import { createSpeakerEmbedder } from '../engines/registry.ts';
import type { VoiceCloner } from '../engines/tts/voice-cloner.ts';
import { type ApiVoices, NO_VOICES } from '../server/http/api/api-voices.ts';
import type { Interpreting } from '../server/interpreting/interpreting.ts';
import { Enrolments } from '../voices/enrolment/enrolments.ts';
import { studyRecordingApart } from '../voices/enrolment/study-recording-apart.ts';
import type { VoiceMakingDeps } from '../voices/enrolment/voice-making.ts';
import { PostgresStore } from '../voices/store/postgres-store.ts';
import { SqliteStore } from '../voices/store/sqlite-store.ts';
import { VoiceLibrary } from '../voices/voice-library.ts';
import { VoiceProfiles } from '../voices/voice-profiles.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** How long an enrolment that is broken off may take, in ms: providers are asked to delete its voice, and what is left is noted. */
const ENROLMENTS_END_LIMIT_MS = 15_000;

/** The profiles of speakers, not opened yet; undefined: none are kept. */
export function openLibrary(
  { voicesDb: path, voicesDbUrl: url }: Pick<ServeConfig, 'voicesDb' | 'voicesDbUrl'>,
  clock: Clock,
  log: Log,
): VoiceLibrary | undefined {
  if (path !== undefined) {
    return new VoiceLibrary({ store: new SqliteStore({ path, clock }), clock, log });
  }
  return url === undefined ? undefined : new VoiceLibrary({ store: new PostgresStore({ url }), clock, log });
}

/** What the API asks for voices. @param closers is given what ends it. */
export function apiVoices(
  { speakerModel }: Pick<ServeConfig, 'speakerModel'>,
  library: VoiceLibrary | undefined,
  interpreting: Interpreting,
  { clock, log, closers }: { readonly clock: Clock; readonly log: Log; readonly closers: Closers },
): ApiVoices {
  if (library === undefined) {
    return NO_VOICES;
  }
  const cloners = (): readonly VoiceCloner[] => interpreting.cloners();
  const profiles = new VoiceProfiles({ library, cloners, clock, log });
  const study: VoiceMakingDeps['study'] = (wav, wantedMs, signal) =>
    studyRecordingApart(wav, wantedMs, clock, signal);
  const embedder =
    speakerModel === undefined ? undefined : createSpeakerEmbedder({ clock, model: speakerModel });
  closers.add('speaker model', () => embedder?.close());
  const enrolments = new Enrolments({ profiles, cloners, embedder, study, clock, log });
  closers.add('enrolments', () => enrolments.close(), ENROLMENTS_END_LIMIT_MS);
  return { speakers: library, kept: { profiles, enrolments } };
}
