/** `dragoman unseal`: opens files of calls that were kept encrypted. */

import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { AppError, codeOf } from '../base/errors.ts';
import { parseSealKey } from '../protocol/recording/seal-key.ts';
import { SEALED_ENDING, type SealedEnd, unseal } from '../protocol/recording/sealed-file.ts';
import { mendedWavHeader } from '../protocol/wav.ts';
import { readPrivateKeyFile } from './config/key-file.ts';
import type { CliContext } from './context.ts';

const HELP = `
Each FILE.sealed is written beside itself without that ending; a file that is there already is left as it is. One that was
cut off, because the machine or the disk failed, is opened up to the cut.

  $ dragoman unseal --record-key-file /etc/dragoman/record-key 20261128T151000Z-5f0c/*.sealed

Exit status: 0 all are whole; 1 something of a file is missing, or it cannot be opened; 2 what was asked for is wrong.`;

const WRONG: Readonly<Record<Exclude<SealedEnd, 'whole'>, string>> = {
  cut: 'it was cut off, or changed: what is before that is there',
  'wrong-key': 'it does not open with this key',
  'not-sealed': 'it is not encrypted, or not by dragoman',
};

const HOW_TO_WRITE =
  'copy the encrypted file to a folder that you may write into and that has room, and open it there';

/** @param setStatus is given the exit status when it is not 0 and nothing is thrown. */
export function unsealCommand(context: CliContext, setStatus: (status: number) => void): Command {
  return new Command('unseal')
    .description('open recordings and texts of calls that are encrypted')
    .argument('<file...>', 'files that end with .sealed')
    .requiredOption('--record-key-file <file>', 'the file that holds the key, as for serve')
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], { recordKeyFile }: { readonly recordKeyFile: string }) => {
      const key = parseSealKey(readPrivateKeyFile(recordKeyFile));
      for (const path of files) {
        // One that is not to be opened keeps none of the others closed.
        const end = await openFile(path, key).catch(refusalOf);
        if (typeof end !== 'string') {
          context.writeError(`dragoman: ${end.message}\n`);
        } else {
          context.writeOut(`${path}: ${end === 'whole' ? 'opened' : WRONG[end]}\n`);
        }
        if (end !== 'whole') {
          setStatus(1);
        }
      }
    });
}

async function openFile(path: string, key: Uint8Array): Promise<SealedEnd> {
  let sealed: Buffer;
  try {
    sealed = await readFile(path);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `${path} cannot be read (${codeOf(error)}): name files that end with ${SEALED_ENDING} and that you may read`,
      error,
    );
  }
  const { plain, end } = unseal(sealed, key);
  if (end === 'whole' || plain.length > 0) {
    const out = path.endsWith(SEALED_ENDING) ? path.slice(0, -SEALED_ENDING.length) : `${path}.opened`;
    // The lengths of a sealed WAV could not be written when it ended.
    mendedWavHeader(plain, plain.length)?.copy(plain);
    try {
      await writeFile(out, plain, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      const code = codeOf(error);
      const how = code === 'EEXIST' ? 'it is there already: move it away to have it again' : HOW_TO_WRITE;
      throw new AppError('file-unwritable', `${out} cannot be written (${code}): ${how}`, error);
    }
  }
  return end;
}

/** What is wrong with one file. @throws what is no fault of a file. */
function refusalOf(error: unknown): AppError {
  if (error instanceof AppError) {
    return error;
  }
  throw error;
}
