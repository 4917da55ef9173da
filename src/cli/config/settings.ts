/**
 * Every setting of `dragoman serve`, once: the flags and their help, the environment variables, the keys of the
 * file, the defaults and the type of the configuration all come from this table, which is the tables of `settings/`
 * one after the other. Times are written in seconds and held in ms.
 */

import type { Setting } from './setting.ts';
import { CALLS } from './settings/calls.ts';
import { CLUSTER } from './settings/cluster.ts';
import { ENGINES } from './settings/engines.ts';
import { INTERPRETING } from './settings/interpreting.ts';
import { LIMITS } from './settings/limits.ts';
import { RECORDING } from './settings/recording.ts';
import { RECORDS } from './settings/records.ts';
import { VOICES } from './settings/voices.ts';
import { WATCHING } from './settings/watching.ts';

export const SETTINGS = {
  ...CALLS,
  ...ENGINES,
  ...VOICES,
  ...INTERPRETING,
  ...LIMITS,
  ...RECORDING,
  ...RECORDS,
  ...WATCHING,
  ...CLUSTER,
} as const;

/** The settings in the order of the table. */
export const SETTING_LIST: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** What each setting holds, by the names of the table. */
export type SettingValues = {
  readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name] extends Setting<infer Value>
    ? Value
    : never;
};
