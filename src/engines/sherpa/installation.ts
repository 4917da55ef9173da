/**
 * Where `sherpa-onnx-node` is. It is no package of ours: with its library it is 32 MB of native code that few need, so
 * `scripts/setup --local-models` installs it into a folder beside our packages, where nothing else looks.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { member, parseJson } from '../wire/json.ts';

/** The one version that this was written and tried for: its next large one takes other folders of models. */
const VERSION = '1.13.8';

const PACKAGE = 'local-models/node_modules/sherpa-onnx-node';

/** From `dist/src/engines/sherpa` or `src/engines/sherpa` to the folder that holds `dist` or `src`. */
const ROOTS = ['../../../../', '../../../'];

const INSTALL = 'run: scripts/setup --local-models, and scripts/install after it where dragoman is installed';

export type Installation =
  | { readonly type: 'found'; readonly packageFolder: string }
  | { readonly type: 'missing'; readonly reason: string };

/** Looks for the package. */
export async function findInstallation(): Promise<Installation> {
  for (const root of ROOTS) {
    const packageFolder = fileURLToPath(new URL(`${root}${PACKAGE}`, import.meta.url));
    const text = await readFile(`${packageFolder}/package.json`).catch(() => undefined);
    if (text !== undefined) {
      const version = member(parseJson(text), 'version');
      return version === VERSION
        ? { type: 'found', packageFolder }
        : {
            type: 'missing',
            reason: `sherpa-onnx-node is there in version ${version}, and ${VERSION} is needed: ${INSTALL}`,
          };
    }
  }
  return { type: 'missing', reason: `sherpa-onnx-node is not installed: ${INSTALL}` };
}
