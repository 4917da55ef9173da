/**
 * The settings as a YAML file: a mapping from setting names to values. Unlike flags and variables, the entries
 * of a YAML list are taken whole, so that a path may hold a comma there. YAML 1.2 is read: `off` is a
 * word, and an IPv6 address in brackets needs quotes.
 */

import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { codeOf, messageOf } from '../../base/errors.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { misplacedProvider } from './misplaced-provider.ts';
import { suggestion } from './nearest.ts';
import { isMapped, type Setting, type Source, splitText, type Written } from './setting.ts';
import { SETTING_LIST } from './settings.ts';

/** Reads the file at `path`; whatever is wrong with it is a problem of the result, never thrown. */
export function readConfigFile({ origin, texts }: Written): Source {
  const [path = '', ...more] = texts;
  if (more.length > 0) {
    return failed(`${origin}: takes one value and has ${texts.length}: write it once`);
  }
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return failed(`${origin}: ${path}: ${unreadable(error)}; write the path of a readable YAML file`);
  }
  try {
    return readConfigText(decodeUtf8(bytes), path);
  } catch (error) {
    return failed(`${path}: ${messageOf(error)}`);
  }
}

/** Reads YAML text; `path` is only for the sentences. */
export function readConfigText(yaml: string, path: string): Source {
  const document = parseDocument(yaml, { prettyErrors: true, logLevel: 'error' });
  if (document.errors.length > 0) {
    return failed(...document.errors.map((error) => `${path}: ${firstLineOf(error.message)}`));
  }
  const content: unknown = document.toJS();
  if (content === null) {
    return { written: new Map(), problems: [] };
  }
  if (!isMapping(content)) {
    return failed(`${path}: it is not a mapping; write one setting per line, such as pair: en:es`);
  }
  const written = new Map<string, Written>();
  const problems: string[] = [];
  const broken = new Set<string>();
  for (const [key, value] of Object.entries(content)) {
    const setting = SETTING_LIST.find((each) => each.key === key);
    const origin = `${key} in ${path}`;
    if (setting === undefined) {
      const known = SETTING_LIST.map((each) => each.key);
      problems.push(
        `${origin}: ${misplacedProvider(key) ?? `there is no such setting; ${suggestion(key, known)}`}`,
      );
      continue;
    }
    const texts = textsOf(setting, value);
    if (texts === undefined) {
      problems.push(`${origin}: ${expectationOf(setting)}`);
      broken.add(key);
    } else {
      written.set(key, { origin, texts });
    }
  }
  return { written, problems, broken };
}

/** The value as the texts that a flag would have given, or undefined when it has another shape. */
function textsOf(setting: Setting<unknown>, value: unknown): readonly string[] | undefined {
  const scalar = scalarText(value);
  if (scalar !== undefined) {
    return splitText(setting.kind, scalar);
  }
  if (Array.isArray(value) && (setting.kind === 'many' || isMapped(setting.kind))) {
    const texts = value.map(scalarText).flatMap((text) => (text === undefined ? [] : [text.trim()]));
    return texts.length === value.length ? texts : undefined;
  }
  if (isMapping(value) && isMapped(setting.kind)) {
    const entries = Object.entries(value);
    const texts = entries.flatMap(([language, each]) => {
      const text = scalarText(each);
      return text === undefined ? [] : [`${language}=${text}`];
    });
    return texts.length === entries.length ? texts : undefined;
  }
  return undefined;
}

function expectationOf(setting: Setting<unknown>): string {
  switch (setting.kind) {
    case 'switch':
      return 'it must be on or off';
    case 'one':
      return `it must be a single value (${setting.placeholder})`;
    case 'many':
      return `it must be a value or a list of values (${setting.placeholder}); quote one that begins with [`;
    case 'by-direction':
      return `it must be a mapping from directions such as en:es to values (${setting.placeholder})`;
    case 'by-extension':
      return `it must be a mapping from numbers such as 7777 to values (${setting.placeholder})`;
    case 'by-language':
    case 'texts':
      return `it must be a mapping from languages to values (${setting.placeholder})`;
  }
}

function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nothing of the file is known. */
function failed(...problems: readonly string[]): Source {
  return { written: new Map(), problems, broken: new Set(SETTING_LIST.map(({ key }) => key)) };
}

function unreadable(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user may not read it (chmod 644 lets everyone)';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return `it cannot be read (${messageOf(error)})`;
  }
}

/** The parser's own sentence, with line and column, without the picture of the place. */
function firstLineOf(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}
