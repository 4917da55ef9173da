/**
 * The settings as environment variables. A variable that begins with `DRAGOMAN_` and is no setting stops the
 * start, since it is most likely a mistyped one, unless Kubernetes has put it there; an empty or blank variable counts as not set, because unit files and
 * Compose files pass on empty ones; but for settings that would open a door then.
 */

import { misplacedProvider } from './misplaced-provider.ts';
import { suggestion } from './nearest.ts';
import { FILE_SUFFIX } from './provider-variables.ts';
import { isServiceLink } from './service-links.ts';
import { ENVIRONMENT_PREFIX, environmentNameOf, type Source, splitText, type Written } from './setting.ts';
import { SETTING_LIST } from './settings.ts';

/** A copy of `process.env`, or a part of it in tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the YAML file. */
const CONFIG_VARIABLE = 'DRAGOMAN_CONFIG';
/** `1` prints stack traces. */
export const DEBUG_VARIABLE = 'DRAGOMAN_DEBUG';

export function readEnvironment(environment: Environment): Source {
  const written = new Map<string, Written>();
  const problems: string[] = [];
  const known = [CONFIG_VARIABLE, DEBUG_VARIABLE];
  for (const setting of SETTING_LIST) {
    const name = environmentNameOf(setting.key);
    known.push(name);
    const text = environment[name];
    if (text !== undefined && (text.trim() !== '' || setting.emptyIs !== undefined)) {
      written.set(setting.key, { origin: name, texts: splitText(setting.kind, text) });
    }
    if (setting.inFile === true) {
      const itself = name.slice(0, -FILE_SUFFIX.length);
      known.push(itself);
      const contents = (environment[itself] ?? '').trim();
      if (contents !== '' && written.has(setting.key)) {
        problems.push(`${itself}: it is written in ${name}, too: write one of the two`);
      } else if (contents !== '') {
        written.set(setting.key, { origin: itself, texts: [contents], contents: true });
      }
    }
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith(ENVIRONMENT_PREFIX) && !known.includes(name) && !isServiceLink(name, environment)) {
      problems.push(
        `${name}: ${misplacedProvider(name) ?? `there is no such variable; ${suggestion(name, known)}`}`,
      );
    }
  }
  return { written, problems };
}

/** The file that the environment names. */
export function configFileVariable(environment: Environment): Written | undefined {
  const file = environment[CONFIG_VARIABLE];
  return file === undefined || file.trim() === '' ? undefined : { origin: CONFIG_VARIABLE, texts: [file] };
}
