/**
 * What one setting is, wherever it is written. A setting has one name: `drain-timeout` is the key in the file,
 * `--drain-timeout` the flag and `DRAGOMAN_DRAIN_TIMEOUT` the variable. Every source is brought to the same
 * shape, a list of texts, before it is validated, so that a value means the same wherever it is written.
 */

import { AppError, messageOf } from '../../base/errors.ts';
import type { Providers } from '../../engines/providers.ts';
import { isOff } from './values.ts';

/** Prefix of every environment variable that dragoman reads. */
export const ENVIRONMENT_PREFIX = 'DRAGOMAN_';

/**
 * `switch`: on or off, a flag without a value. `one`: a single value. `many`: a list, written with commas or by
 * repeating the flag. `by-language`: a list of `language=value`, in the file also a mapping; so are `by-direction`, of
 * `first:second=value`, `by-extension`, of `7777=value`, and `texts`, whose values are sentences: they may hold
 * commas, and in a variable each has a line.
 */
export type SettingKind =
  | 'switch'
  | 'one'
  | 'many'
  | 'by-language'
  | 'by-direction'
  | 'by-extension'
  | 'texts';

export interface Setting<Value> {
  /** Key in the file, in lower case with hyphens. */
  readonly key: string;
  readonly kind: SettingKind;
  /** Heading in the help. */
  readonly group: string;
  /** What stands for the value in the help: `host:port`, `seconds`. */
  readonly placeholder: string;
  /** One sentence for the operator, without the default. */
  readonly help: string;
  /** The default as the operator would write it; empty when there is none. */
  readonly fallback: readonly string[];
  /** What the help says the default is, where the texts themselves would not say it. */
  readonly fallbackHelp?: string;
  /** Some of what can be written, for the shell to complete, where the placeholder is not the list of it. */
  readonly words?: readonly string[];
  /** The default where it depends on the providers that are set up; it stands before `fallback`. */
  readonly setUp?: (providers: Providers) => readonly string[];
  readonly read: Reader<Value>;
  /**
   * Why it must not be written without a value, not even as a variable; undefined: then it is as if it were not
   * written.
   */
  readonly emptyIs?: string;
  /**
   * What is written is the path of a file, and its contents are read; only a variable without `_FILE` has them
   * itself.
   */
  readonly inFile?: boolean;
  /** Whether a file that every user of the machine may read is refused. */
  readonly privateFile?: boolean;
}

/** A row of a table of settings: the types of the values are kept; the rest is checked against {@link Setting}. */
export function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}

/**
 * Makes a value of the texts that are written. @throws SettingProblems with a sentence for each thing that is wrong.
 */
export type Reader<Value> = (texts: readonly string[]) => Value;

/** What is wrong with one setting: sentences for the operator. */
export class SettingProblems extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('; '));
    this.sentences = sentences;
  }
}

/** What one source says about one setting. */
export interface Written {
  /** Where it is written, as the operator knows it: `--pair`, `DRAGOMAN_PAIR`, `pair in /etc/dragoman.yaml`. */
  readonly origin: string;
  readonly texts: readonly string[];
  /** Whether it is what the file of a setting that is `inFile` would hold. */
  readonly contents?: boolean;
}

/** What one source says, by key of the setting, and what is wrong with the source itself. */
export interface Source {
  readonly written: ReadonlyMap<string, Written>;
  readonly problems: readonly string[];
  /** Keys of settings that it may hold, and that could not be read: whether they are missing cannot be told. */
  readonly broken?: ReadonlySet<string>;
}

/** Whether the file may have a mapping for it. */
export function isMapped(kind: SettingKind): boolean {
  return kind === 'by-language' || kind === 'by-direction' || kind === 'by-extension' || kind === 'texts';
}

export function flagOf(key: string): string {
  return `--${key}`;
}

export function environmentNameOf(key: string): string {
  return ENVIRONMENT_PREFIX + key.toUpperCase().replaceAll('-', '_');
}

/** Splits a value of a list at its commas, or texts at their line breaks, as flags and variables are read. */
export function splitText(kind: SettingKind, text: string): readonly string[] {
  if (kind === 'one' || kind === 'switch') {
    return [text.trim()];
  }
  return text
    .split(kind === 'texts' ? '\n' : ',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A reader of exactly one text; `parse` throws `bad-option` with a sentence. */
export function one<Value>(parse: (text: string) => Value): Reader<Value> {
  return (texts) => {
    const [text] = texts;
    if (text === undefined || texts.length > 1) {
      throw new SettingProblems([`takes one value and has ${texts.length}: write it once`]);
    }
    try {
      return parse(text);
    } catch (error) {
      throw new SettingProblems([messageOf(error)]);
    }
  };
}

/** A reader of one text or none. */
export function oneOrNone<Value>(parse: (text: string) => Value): Reader<Value | undefined> {
  const some = one(parse);
  return (texts) => (texts.length === 0 ? undefined : some(texts));
}

/** A reader of any number of texts; it tells what is wrong with each of them. */
export function many<Value>(parse: (text: string) => Value): Reader<readonly Value[]> {
  return (texts) => {
    const values: Value[] = [];
    const sentences: string[] = [];
    for (const text of texts) {
      try {
        values.push(parse(text));
      } catch (error) {
        sentences.push(messageOf(error));
      }
    }
    if (sentences.length > 0) {
      throw new SettingProblems(sentences);
    }
    return values;
  };
}

/** A reader that also asks for `good`, and says `otherwise` if it is not. */
export function checked<Value>(
  read: Reader<Value>,
  good: (value: Value) => boolean,
  otherwise: string,
): Reader<Value> {
  return (texts) => {
    const value = read(texts);
    if (!good(value)) {
      throw new SettingProblems([otherwise]);
    }
    return value;
  };
}

/**
 * A reader of one text that turns the words of `choices` into themselves; any word for off is `off` where that is
 * one.
 */
export function choice<Choice extends string>(...choices: readonly Choice[]): Reader<Choice> {
  return one((text) => {
    const found = choices.find((each) => each === text || (each === 'off' && isOff(text)));
    if (found === undefined) {
      throw new AppError('bad-option', `"${text}" is not possible: write ${choices.join(' or ')}`);
    }
    return found;
  });
}
