/** The API of a service that keeps voice profiles, in memory, with an engine that makes voices as the test says. */

import { silentLog } from '../../../../src/base/log.ts';
import type { ApiVoices } from '../../../../src/server/http/api/api-voices.ts';
import { Enrolments } from '../../../../src/voices/enrolment/enrolments.ts';
import type { VoiceProfile } from '../../../../src/voices/profile.ts';
import { VoiceLibrary } from '../../../../src/voices/voice-library.ts';
import { VoiceProfiles } from '../../../../src/voices/voice-profiles.ts';
import type { FakeClock } from '../../../base/fake-clock.ts';
import { ScriptedCloner } from '../../../voices/scripted-cloner.ts';
import { ScriptedStore } from '../../../voices/scripted-store.ts';
import type { FakeInterpretingView } from '../fake-interpreting-view.ts';
import { startHttp } from '../start-http.ts';

export async function startVoices(
  options: Parameters<typeof startHttp>[0],
  ...stored: readonly VoiceProfile[]
) {
  const store = new ScriptedStore(...stored);
  const cloner = new ScriptedCloner('elevenlabs');
  /** What was studied. */
  const studied: Uint8Array[] = [];
  const voices = (clock: FakeClock, interpreting: FakeInterpretingView): ApiVoices => {
    interpreting.makers = [cloner];
    const library = new VoiceLibrary({ store, clock, log: silentLog });
    const cloners = () => interpreting.cloners();
    const profiles = new VoiceProfiles({ library, cloners, clock, log: silentLog });
    const enrolments = new Enrolments({
      ...{ profiles, cloners, clock, log: silentLog },
      study: async (wav, wantedMs) => {
        studied.push(wav);
        return {
          ...{ type: 'fit', speechMs: 60_000, levelDbfs: -23, snrDb: 31, style: {} },
          stretches: wantedMs.map((soundMs) => ({ soundMs, wav: wav.slice(0, 1_000) })),
          ...{ identity: new Int16Array(1), pieces: [] },
        };
      },
    });
    return { speakers: library, kept: { profiles, enrolments } };
  };
  const started = await startHttp(options, { voices });
  return { ...started, store, cloner, studied };
}
