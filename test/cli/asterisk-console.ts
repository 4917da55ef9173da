/** `asterisk -rx QUESTION`, as far as phones are concerned: a program that reads a file of phones when it reloads. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers as of Asterisk 22.10. */
const PROGRAM = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
[ ! -e down ] || { echo "Unable to connect to remote asterisk (does /run/asterisk/asterisk.ctl exist?)" >&2; exit 1; }
# -rx QUESTION
echo "$2" >>asked
case $2 in
  "module reload res_pjsip.so")
    cp "$(cat included)" known 2>/dev/null || : >known
    echo "Module 'res_pjsip.so' reloaded successfully."
    ;;
  "pjsip show endpoint "*)
    name=\${2##* }
    if grep -q "^; >>> dragoman endpoint $name\\$" known 2>/dev/null; then
      printf '\\n Endpoint:  <Endpoint/CID.....................................>  <State.....>\\n'
      printf ' Endpoint:  %s                            Unavailable   0 of inf\\n' "$name"
      sed -n "/^; >>> dragoman endpoint $name\\$/,/^; <<</s/^@dragoman_version = / @dragoman_version                  : /p" known
    else
      printf 'Unable to find object %s.\\n\\n' "$name"
    fi
    ;;
  "pjsip show transports")
    printf 'Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress....................>\\n\\n'
    sed -n 's/^; >>> dragoman transport \\(.*\\)/Transport:  \\1              tls      0      0  0.0.0.0:5061/p' known
    ;;
  "pjsip show contacts") cat contacts 2>/dev/null || echo 'No objects found.' ;;
  "core show channels concise") cat channels 2>/dev/null ;;
  "channel request hangup "*) sed -i "\\\\#^\${2##* }!#d" channels ;;
  *) echo "No such command '$2'" ;;
esac
`;

export class AsteriskConsole {
  /** What is to be named with --asterisk. */
  readonly command: string;
  readonly folder: string;

  /** @param included the file that it reads. */
  constructor(included: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'dragoman-console-'));
    this.command = join(this.folder, 'asterisk');
    writeFileSync(this.command, PROGRAM);
    chmodSync(this.command, 0o755);
    writeFileSync(join(this.folder, 'included'), included);
  }

  /** What it says of something from now on: channels, contacts; `down` that it does not run. */
  says(what: 'channels' | 'contacts' | 'down', text: string): void {
    writeFileSync(join(this.folder, what), text);
  }

  /** What it was asked so far. */
  get asked(): readonly string[] {
    const file = join(this.folder, 'asked');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }
}
