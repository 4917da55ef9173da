/**
 * Versions of what can be changed, so that of two who change it at once none undoes what the other did: GET tells the
 * version as `ETag`, and who sends it back as `If-Match` is refused once it is another. RFC 9110, section 13.1.1.
 */

import { z } from 'zod';
import { Refused } from '../problem.ts';

/** Headers of a route that takes a version. */
export const MEANT = z.looseObject({
  'if-match': z.string().max(40).optional().meta({ description: 'the version that is meant: "3"' }),
});

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The version that is meant; undefined: whichever it is. @throws Refused for what is no version. */
export function versionIn(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') {
    return undefined;
  }
  // A proxy that compresses answers weakens the tag.
  const version = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new Refused(400, 'bad-version', 'If-Match is no version: send the ETag of GET, such as "3"');
  }
  return Number(version);
}

/** @param version as it is now. @param current what it is now, for who has to look again. */
export function otherVersion(version: number, current?: unknown): Refused {
  const how = current === undefined ? 'GET it, and change that' : '`current` is how it is now; change that';
  return new Refused(
    412,
    'other-version',
    `somebody changed it meanwhile: it is version ${version}; ${how}`,
    current,
  );
}

/** Lets nobody on who means another version. @param now how it is now. @throws Refused */
export function refuseOtherVersion<Now extends { readonly version: number }>(
  headers: z.infer<typeof MEANT>,
  now: () => Now,
): void {
  const meant = versionIn(headers['if-match']);
  if (meant !== undefined) {
    const current = now();
    if (current.version !== meant) {
      throw otherVersion(current.version, current);
    }
  }
}
