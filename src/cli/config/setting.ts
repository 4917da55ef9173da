/**
 * What one setting is, wherever it is written. A setting has one name: `drain-timeout` is the key in the file,
 * `--drain-timeout` the flag and `DRAGOMAN_DRAIN_TIMEOUT` the variable. Every source is brought to the same
 * shape, a list of texts, before it is validated, so that a value means the same wherever it is written.
 */

import { z } from 'zod';
import { AppError, messageOf } from '../../base/errors.ts';

/** Prefix of every environment variable that dragoman reads. */
export const ENVIRONMENT_PREFIX = 'DRAGOMAN_';

/**
 * `switch`: on or off, a flag without a value. `one`: a single value. `many`: a list, written with commas or by
 * repeating the flag. `by-language`: a list of `language=value`, in the file also a mapping; so are `by-direction`, of
 * `first:second=value`, and `texts`, whose values are sentences: they may hold commas, and in a variable each has a line.
 */
export type SettingKind = 'switch' | 'one' | 'many' | 'by-language' | 'by-direction' | 'texts';

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
  readonly validator: z.ZodType<Value>;
}

/** What one source says about one setting. */
export interface Written {
  /** Where it is written, as the operator knows it: `--pair`, `DRAGOMAN_PAIR`, `pair in /etc/dragoman.yaml`. */
  readonly origin: string;
  readonly texts: readonly string[];
}

/** What one source says, by key of the setting, and what is wrong with the source itself. */
export interface Source {
  readonly written: ReadonlyMap<string, Written>;
  readonly problems: readonly string[];
}

/** Whether the file may have a mapping for it. */
export function isMapped(kind: SettingKind): boolean {
  return kind === 'by-language' || kind === 'by-direction' || kind === 'texts';
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

/** A validator of exactly one text; `parse` throws `bad-option` with a sentence. */
export function one<Value>(parse: (text: string) => Value): z.ZodType<Value> {
  return z
    .array(z.string())
    .transform((texts, context) => {
      const [text] = texts;
      if (text === undefined || texts.length > 1) {
        context.addIssue({
          code: 'custom',
          message: `takes one value and has ${texts.length}: write it once`,
        });
        return z.NEVER;
      }
      return text;
    })
    .pipe(parsed(parse));
}

/** A validator of one text or none. */
export function oneOrNone<Value>(parse: (text: string) => Value): z.ZodType<Value | undefined> {
  const some = one(parse);
  return z.array(z.string()).transform((texts, context) => {
    if (texts.length === 0) {
      return undefined;
    }
    const result = some.safeParse(texts);
    if (result.success) {
      return result.data;
    }
    for (const { message } of result.error.issues) {
      context.addIssue({ code: 'custom', message });
    }
    return z.NEVER;
  });
}

/** A validator of any number of texts. */
export function many<Value>(parse: (text: string) => Value): z.ZodType<readonly Value[]> {
  return z.array(parsed(parse));
}

/** A validator of one text that turns the words of `choices` into themselves. */
export function choice<Choice extends string>(...choices: readonly Choice[]): z.ZodType<Choice> {
  return one((text) => {
    const found = choices.find((each) => each === text);
    if (found === undefined) {
      throw new AppError('bad-option', `"${text}" is not possible: write ${choices.join(' or ')}`);
    }
    return found;
  });
}

function parsed<Value>(parse: (text: string) => Value) {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  });
}
