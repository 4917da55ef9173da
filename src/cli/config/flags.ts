/**
 * The settings as commander options, and what the operator gave of them. No option has a commander default: a
 * flag that was not written must stay apart from one that was, or it would win over the environment and
 * the file.
 */

import { type Command, Option } from 'commander';
import { WordOption } from '../word-option.ts';
import { FILE_SUFFIX, PROVIDER_VARIABLE_LIST } from './provider-variables.ts';
import { flagOf, type Setting, type Source, splitText, type Written } from './setting.ts';
import { SETTING_LIST } from './settings.ts';

const CONFIG_FLAG = '--config';
const KEY_SUFFIX = '*_API_KEY';
/** Width of the longest name of a provider's variable. */
const NAME_COLUMNS = Math.max(...PROVIDER_VARIABLE_LIST.map(({ name }) => name.length));

/** Adds every setting to `command` as a flag, and `--config`. */
export function addServeFlags(command: Command): void {
  command.addOption(
    new Option(
      `${CONFIG_FLAG} <file>`,
      'YAML file with any of these settings, by the names of the flags',
    ).argParser(collect),
  );
  for (const setting of SETTING_LIST) {
    command.addOption(optionOf(setting));
    if (setting.kind === 'switch') {
      // Lets a flag turn off what the environment or the file turns on.
      command.addOption(new Option(`--no-${setting.key}`).hideHelp());
    }
  }
  command.addHelpText(
    'after',
    [
      '',
      'Each setting can also be a key of the --config file (drain-timeout: 30) or an environment variable',
      '(DRAGOMAN_DRAIN_TIMEOUT=30; DRAGOMAN_CONFIG names the file). A flag wins over a variable, a variable over the',
      'file, the file over the default; lists are replaced, not joined. What is on or off without a value is turned off',
      `by its --no-: ${SETTING_LIST.filter(({ kind }) => kind === 'switch')
        .map(({ key }) => `--no-${key}`)
        .join(', ')}.`,
      '',
      'Providers are set up by variables of the environment, and by nothing else:',
      ...PROVIDER_VARIABLE_LIST.map(({ name, help }) => `  ${name.padEnd(NAME_COLUMNS)} ${help}`),
      `Each ${KEY_SUFFIX} may be in a file instead, which ${KEY_SUFFIX}${FILE_SUFFIX} names. Without --stt, --mt and --tts the`,
      'providers that are set up are used, then the engines of this machine.',
    ].join('\n'),
  );
}

/** What `command.opts()` holds of our settings after parsing. */
export function readFlags(options: Readonly<Record<string, unknown>>): Source {
  const written = new Map<string, Written>();
  for (const setting of SETTING_LIST) {
    const value = options[optionOf(setting).attributeName()];
    const origin = flagOf(setting.key);
    if (Array.isArray(value)) {
      written.set(setting.key, {
        origin,
        texts: value.flatMap((text) => splitText(setting.kind, String(text))),
      });
    } else if (typeof value === 'boolean') {
      written.set(setting.key, {
        origin: value ? origin : `--no-${setting.key}`,
        texts: [value ? 'on' : 'off'],
      });
    }
  }
  return { written, problems: [] };
}

/** The file that `--config` names. */
export function configFileFlag(options: Readonly<Record<string, unknown>>): Written | undefined {
  const files = options.config;
  return Array.isArray(files) ? { origin: CONFIG_FLAG, texts: files.map(String) } : undefined;
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function optionOf(setting: Setting<unknown>): Option {
  const value = setting.kind === 'switch' ? '' : ` <${setting.placeholder}>`;
  const option = new WordOption(
    `${flagOf(setting.key)}${value}`,
    `${setting.help} (default: ${fallbackHelpOf(setting)})`,
    setting.words ?? [],
  ).helpGroup(setting.group);
  if (setting.kind !== 'switch') {
    option.argParser(collect);
  }
  return option;
}

/** What the default is, in words. */
export function fallbackHelpOf(setting: Pick<Setting<unknown>, 'fallback' | 'fallbackHelp'>): string {
  const fallback = setting.fallbackHelp ?? setting.fallback.join(',');
  return fallback === '' ? 'none' : fallback;
}
