/**
 * Asterisk's gateway interface over TCP (FastAGI), which the application `AGI(agi://host:port/script,argument,...)` of a
 * dialplan speaks: Asterisk tells what it is about, a line for each fact and an empty one, and then does one command
 * after the other and answers each. https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Gateway-Interface-AGI
 */

import { AppError } from '../../base/errors.ts';

/** What Asterisk wants to know. */
export interface AgiRequest {
  /** What stands behind the address; empty where nothing does. */
  readonly script: string;
  /** As they are written in the dialplan, in their order. */
  readonly args: readonly string[];
}

/** Longer than any line of Asterisk's: it takes a command of 4 KB at most. */
const MOST_LINE_BYTES = 8_192;
/** Asterisk tells some 25 facts, and 127 arguments at most. */
const MOST_FACTS = 200;
const NEWLINE = 0x0a;

/** Makes lines of what comes, however it is cut into pieces. */
export class AgiLines {
  #rest: Uint8Array = new Uint8Array(0);

  /** Copies what is no whole line yet. @throws AppError `wire-payload-too-long` */
  push(bytes: Uint8Array): readonly string[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const lines: string[] = [];
    let from = 0;
    for (let at = all.indexOf(NEWLINE); at >= 0; at = all.indexOf(NEWLINE, from)) {
      lines.push(lineOf(all.subarray(from, at)));
      from = at + 1;
    }
    const rest = all.subarray(from);
    checkLength(rest);
    this.#rest = rest.slice();
    return lines;
  }
}

function lineOf(bytes: Uint8Array): string {
  checkLength(bytes);
  return new TextDecoder().decode(bytes).replace(/\r$/, '');
}

function checkLength({ length }: Uint8Array): void {
  if (length > MOST_LINE_BYTES) {
    throw new AppError(
      'wire-payload-too-long',
      `AGI: a line is longer than ${MOST_LINE_BYTES} bytes: what connects is no Asterisk`,
    );
  }
}

/** Reads the lines before the first empty one. */
export class AgiRequestReader {
  readonly #args = new Map<number, string>();
  #script = '';
  #facts = 0;

  /** The request, with the empty line that ends it. @throws AppError `wire-bad-message` for what Asterisk never says. */
  line(text: string): AgiRequest | undefined {
    if (text === '') {
      if (this.#facts === 0) {
        throw strange('it begins with an empty line');
      }
      const args = [...this.#args].sort(([one], [other]) => one - other).map(([, arg]) => arg);
      return { script: this.#script, args };
    }
    const [, name, value = ''] = /^agi_(\w+):(?: (.*))?$/.exec(text) ?? [];
    this.#facts += 1;
    if (name === undefined || this.#facts > MOST_FACTS) {
      throw strange(name === undefined ? 'a line of it is no fact' : `it has more than ${MOST_FACTS} facts`);
    }
    const place = /^arg_(\d{1,3})$/.exec(name)?.[1];
    if (place !== undefined) {
      this.#args.set(Number(place), value);
    } else if (name === 'network_script') {
      this.#script = value;
    }
    return undefined;
  }
}

function strange(what: string): AppError {
  return new AppError(
    'wire-bad-message',
    `AGI: the request cannot be read, ${what}: what connects is no Asterisk`,
  );
}

/** Sets a variable of the channel. @param value line breaks of it become spaces. */
export function setVariable(name: string, value: string): string {
  return `SET VARIABLE ${name} ${quoted(value)}\n`;
}

/** Writes a line on Asterisk's console, and into its log where that has `verbose`. */
export function tellConsole(text: string): string {
  return `VERBOSE ${quoted(text)} 1\n`;
}

function quoted(text: string): string {
  // Control characters end a command, or the console's line.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant.
  const plain = text.replace(/[\u0000-\u001f\u007f]/g, ' ');
  return `"${plain.replace(/["\\]/g, '\\$&')}"`;
}

/** What a line after a command says of it; `hung-up`: the channel is gone, or the command came too late for it. */
export function agiReply(line: string): 'done' | 'hung-up' | 'refused' {
  if (/^200 result=1\b/.test(line)) {
    return 'done';
  }
  return line === 'HANGUP' || line.startsWith('511 ') ? 'hung-up' : 'refused';
}
