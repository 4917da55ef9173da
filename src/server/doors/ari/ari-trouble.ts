/**
 * Why ARI cannot be used, as a sentence for the operator, and how soon it is worth another try. A refused password is
 * tried rarely: Asterisk logs each attempt, and what watches that log may lock this address out.
 */

import { AppError, messageOf } from '../../../base/errors.ts';
import { RefusalError } from '../../../engines/wire/refusal.ts';
import { AriRefusal } from './ari-asker.ts';

export interface AriTrouble {
  /** To count by. */
  readonly kind: 'refused' | 'read-only' | 'not-enabled' | 'in-use' | 'replaced' | 'away';
  readonly sentence: string;
  /** Whether somebody must mend it first, most likely. */
  readonly rare: boolean;
}

/** Another dragoman that lives has calls under our application's name: taking it over would end them. */
export class AriInUse extends AppError {
  constructor(app: string) {
    super(
      'address-in-use',
      `another dragoman has calls as the application ${app}: stop it, or give each a name of its own with --ari-app and ` +
        'Stasis()',
    );
  }
}

/** @param user of ARI, as the operator wrote it. */
export function ariTrouble(error: unknown, user: string): AriTrouble {
  if (error instanceof AriInUse) {
    return { kind: 'in-use', rare: false, sentence: error.message };
  }
  const status = error instanceof AriRefusal || error instanceof RefusalError ? error.status : undefined;
  switch (status) {
    case 401:
      return {
        kind: 'refused',
        rare: true,
        sentence:
          `Asterisk refuses the user or the password of ARI: write what [${user}] has in ari.conf into --ari-user and ` +
          'DRAGOMAN_ARI_PASSWORD',
      };
    case 403:
      return {
        kind: 'read-only',
        rare: true,
        sentence: `the user ${user} of ARI may only read: write read_only=no under [${user}] in ari.conf`,
      };
    case 404:
      return {
        kind: 'not-enabled',
        rare: false,
        sentence:
          'something answers at --ari and has no ARI: write enabled=yes into [general] of ari.conf and load res_ari.so, ' +
          'or mend the address',
      };
    default:
      return { kind: 'away', rare: false, sentence: messageOf(error) };
  }
}

/** Somebody else has connected with the same name of an application. */
export function replaced(app: string): AriTrouble {
  return {
    kind: 'replaced',
    rare: true,
    sentence:
      `another program has connected to Asterisk as the application ${app}, and gets its calls: stop it, or give each ` +
      'a name of its own with --ari-app and Stasis()',
  };
}
