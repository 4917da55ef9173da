/**
 * Whether the package for neural models is installed, as `scripts/setup --local-models` does. Where it is not, tests
 * are skipped and say so, unless REQUIRE_SHERPA=1 says that this is a failure.
 */

import { findInstallation } from '../../src/engines/sherpa/installation.ts';

const installation = await findInstallation();

/** Why neural models cannot be used here; undefined where they can. */
export function withoutSherpa(): string | undefined {
  if (installation.type === 'found') {
    return undefined;
  }
  if (process.env.REQUIRE_SHERPA === '1') {
    throw new Error(`REQUIRE_SHERPA=1, and ${installation.reason}`);
  }
  return installation.reason;
}
