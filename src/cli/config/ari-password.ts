/**
 * The password of ARI's user. It is a variable only, as keys are: a flag can be seen in the list of processes, and the file
 * may be read by everyone. No sentence here holds it.
 */

import { messageOf } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { Environment } from './environment.ts';
import { readKeyFile } from './key-file.ts';

export const ARI_PASSWORD_VARIABLE = 'DRAGOMAN_ARI_PASSWORD';
export const ARI_PASSWORD_FILE_VARIABLE = 'DRAGOMAN_ARI_PASSWORD_FILE';

export interface AriPassword {
  /** Undefined: none is written, or what is written is wrong. */
  readonly password: Secret | undefined;
  /** The variable it is written in. */
  readonly origin: string | undefined;
  readonly problems: readonly string[];
}

export const NO_ARI_PASSWORD: AriPassword = { password: undefined, origin: undefined, problems: [] };

/** An empty variable counts as not written, because unit files and Compose files pass on empty ones. */
export function readAriPassword(environment: Environment): AriPassword {
  const text = environment[ARI_PASSWORD_VARIABLE] ?? '';
  const file = (environment[ARI_PASSWORD_FILE_VARIABLE] ?? '').trim();
  if (text.trim() !== '' && file !== '') {
    const both = `${ARI_PASSWORD_VARIABLE}: the password is written in ${ARI_PASSWORD_FILE_VARIABLE}, too: write one of the two`;
    return { password: undefined, origin: ARI_PASSWORD_VARIABLE, problems: [both] };
  }
  if (text.trim() !== '') {
    return { password: new Secret(text), origin: ARI_PASSWORD_VARIABLE, problems: [] };
  }
  if (file === '') {
    return NO_ARI_PASSWORD;
  }
  const origin = ARI_PASSWORD_FILE_VARIABLE;
  try {
    return { password: new Secret(readKeyFile(file)), origin, problems: [] };
  } catch (error) {
    return { password: undefined, origin, problems: [`${origin}: ${messageOf(error)}`] };
  }
}
