/**
 * The neural models of this machine: which is found for which language, what it is and what it costs here; and for a
 * language that has none, what could be downloaded, from where and under which licence. Nothing is downloaded.
 */

import type { Clock } from '../../base/clock.ts';
import { isAbort, messageOf } from '../../base/errors.ts';
import { baseLanguage, type Language } from '../../base/language.ts';
import { findInstallation } from '../../engines/sherpa/installation.ts';
import { addressOf, type KnownModel, modelsFor } from '../../engines/sherpa/known-models.ts';
import {
  type ModelTrial,
  tryRecogniser,
  trySpeakerModel,
  tryVoice,
} from '../../engines/sherpa/model-trial.ts';
import { parseVoicePlace } from '../../engines/tts/sherpa/voice-place.ts';
import { directionsOf } from '../../server/interpreting/directions.ts';
import { usesCascade } from '../../server/interpreting/interpreting-settings.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type Check, type CheckItem, fails, no, ok } from './check-item.ts';

/** What voices are tried with: numbers are words everywhere. */
const SENTENCE = '1 2 3 4 5 6 7 8 9 10.';

const BYTES_OF_MB = 1e6;

/** Silent where nobody asks for such a model. */
export function checkLocalModels(config: ServeConfig, clock: Clock): Check {
  return async function* (signal) {
    const { sttModels, ttsVoices, speakerModel, mode } = config;
    const interprets = mode !== 'passthrough';
    const hears = interprets && usesCascade(config) && config.stt.includes('sherpa');
    const speaks = interprets && config.tts.includes('sherpa');
    if (!hears && !speaks && speakerModel === undefined) {
      return;
    }
    const installation = await findInstallation();
    if (installation.type === 'missing') {
      yield fails('sherpa-onnx', installation.reason);
      return;
    }
    const directions = directionsOf(config);
    if (hears) {
      for (const language of new Set(directions.map(({ from }) => from))) {
        const folder = ofLanguage(sttModels, language);
        yield folder === undefined
          ? lacking('recogniser', language)
          : await item(`hears ${language}`, folder, () => tryRecogniser(folder, language, clock, signal));
      }
    }
    if (speaks) {
      for (const language of new Set(directions.map(({ to }) => to))) {
        const voice = ofLanguage(ttsVoices, language);
        const { folder } = parseVoicePlace(voice ?? '');
        yield voice === undefined
          ? lacking('voice', language)
          : await item(`speaks ${language}`, folder, () =>
              tryVoice(folder, language, SENTENCE, clock, signal),
            );
      }
    }
    if (speakerModel !== undefined) {
      yield await item('--speaker-model', speakerModel, () => trySpeakerModel(speakerModel, clock, signal));
    }
  };
}

async function item(subject: string, path: string, work: () => Promise<ModelTrial>): Promise<CheckItem> {
  try {
    return ok(subject, `${path}: ${formatTrial(await work())}`);
  } catch (error) {
    if (isAbort(error)) {
      throw error;
    }
    return fails(subject, messageOf(error));
  }
}

function formatTrial({ what, bytes, loadMs, residentBytes, soundMs, workMs }: ModelTrial): string {
  const times = soundMs / Math.max(1, workMs);
  return (
    `${what}, ${megabytes(bytes)} MB; loaded in ${Math.round(loadMs)} ms, takes ${megabytes(residentBytes)} MB of memory; ` +
    `${times.toFixed(times < 10 ? 1 : 0)} times as fast as speech on this machine`
  );
}

function lacking(kind: KnownModel['kind'], language: Language): CheckItem {
  const flag = kind === 'voice' ? '--voice' : '--stt-model';
  const known = modelsFor(kind, language).map(
    (model) => `${addressOf(model)} (${model.megabytes} MB, ${model.licence}; ${model.remark})`,
  );
  const where =
    known.length === 0
      ? 'see scripts/README.md ("Neural models") for where there are some'
      : `such as ${known.join(', or ')}`;
  return no(
    `${kind === 'voice' ? 'speaks' : 'hears'} ${language}`,
    `no model on this machine: unpack one and write ${flag} ${language}=DIR, ${where}`,
  );
}

function ofLanguage(written: ReadonlyMap<Language, string>, language: Language): string | undefined {
  return written.get(language) ?? written.get(baseLanguage(language));
}

function megabytes(bytes: number): string {
  const mb = bytes / BYTES_OF_MB;
  return mb < 10 ? mb.toFixed(1) : mb.toFixed(0);
}
