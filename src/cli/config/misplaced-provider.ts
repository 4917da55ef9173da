/**
 * What to say to an operator who writes a key or an address of a provider where settings are written: in the file, as a
 * flag, as a variable with our prefix. Names are looked at, never what is written for them.
 */

import { FILE_SUFFIX, PROVIDER_VARIABLE_LIST } from './provider-variables.ts';
import { ENVIRONMENT_PREFIX } from './setting.ts';

/** A sentence, or undefined when `name` is none of a provider's: `deepgram-api-key`, `DRAGOMAN_XTTS_URL`, `deepl`. */
export function misplacedProvider(name: string): string | undefined {
  const words = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  const plain = words.startsWith(ENVIRONMENT_PREFIX) ? words.slice(ENVIRONMENT_PREFIX.length) : words;
  const variable = PROVIDER_VARIABLE_LIST.find(
    (each) => plain === each.name || (each.secret && plain === each.name + FILE_SUFFIX),
  );
  if (variable === undefined) {
    const first = PROVIDER_VARIABLE_LIST.find((each) => each.name.startsWith(`${plain}_`));
    return first === undefined
      ? undefined
      : `providers are set up by variables of the environment such as ${first.name}: dragoman serve --help lists them`;
  }
  return variable.secret
    ? `keys are written neither into the file nor as a flag, where others can read them: set the variable ` +
        `${variable.name}, or ${variable.name}${FILE_SUFFIX} to a file that holds the key`
    : `providers are set up by variables of the environment: set ${variable.name}`;
}
