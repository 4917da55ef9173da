/**
 * Which providers are set up, by which variables, and whether `serve` would use them; whether they answer is found out
 * with the engines. Names are told, never what is written for them.
 */

import type { Providers } from '../../engines/providers.ts';
import { MT_ENGINES, S2S_ENGINES, STT_ENGINES, TTS_ENGINES } from '../../engines/registry.ts';
import { usesCascade } from '../../server/interpreting/interpreting-settings.ts';
import { idleVariables } from '../config/idle-variables.ts';
import { providerVariable } from '../config/provider-variables.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { isLoopback } from '../config/values.ts';
import { type Check, type CheckItem, ok, warning } from './check-item.ts';

/** An engine of a provider. */
interface Known {
  readonly name: string;
  readonly needs: string;
  readonly isSetUp: (providers: Providers) => boolean;
  /** The setting that decides whether it is used. */
  readonly flag: '--stt' | '--mt' | '--tts' | '--interpreter';
}

/** @param written names of the variables of providers that are written, with `_FILE` where that is. */
export function checkProviders(config: ServeConfig, written: readonly string[]): Check {
  return async function* () {
    const engines = knownEngines();
    const setUp = engines.filter(({ isSetUp }) => isSetUp(config.providers));
    for (const engine of setUp) {
      yield ok(engine.name, `${setUpBy(engine, written)}; ${useOf(engine, config)}`);
    }
    const others = engines.filter((engine) => !setUp.includes(engine));
    if (others.length > 0) {
      yield ok(
        'other providers',
        `not set up: ${others.map(({ name, needs }) => `${name} (${needs})`).join(', ')}`,
      );
    }
    for (const { name, needs } of idleVariables(config.providers, written)) {
      yield warning(name, `it does nothing while ${needs.join(' or ')} is not set`);
    }
    yield* openKeys(config.providers);
  };
}

function knownEngines(): readonly Known[] {
  const catalogues = [
    ['--stt', STT_ENGINES],
    ['--mt', MT_ENGINES],
    ['--tts', TTS_ENGINES],
    ['--interpreter', S2S_ENGINES],
  ] as const;
  return catalogues.flatMap(([flag, catalogue]) =>
    [...catalogue].flatMap(([name, { needs, isSetUp }]) =>
      needs === undefined ? [] : [{ name, needs, isSetUp, flag }],
    ),
  );
}

function setUpBy({ name }: Known, written: readonly string[]): string {
  const own = written.filter((each) => providerVariable(each)?.engines.includes(name) === true);
  const keys = own.filter((each) => providerVariable(each)?.secret === true);
  const rest = own.filter((each) => !keys.includes(each));
  return [
    keys.length > 0 ? `key in ${keys.join(', ')}` : 'no key',
    ...(rest.length > 0 ? [`set up by ${rest.join(', ')}`] : []),
  ].join(', ');
}

function useOf({ name, flag }: Known, config: ServeConfig): string {
  if (config.mode === 'passthrough') {
    return 'not used in passthrough';
  }
  if (flag === '--interpreter') {
    return config.interpreter === name ? 'used' : `used with ${flag} ${name}`;
  }
  if (flag !== '--tts' && !usesCascade(config)) {
    return `not used with --interpreter ${config.interpreter}`;
  }
  const names = { '--stt': config.stt, '--mt': config.mt, '--tts': config.tts }[flag];
  return names.includes(name) ? 'used' : `not used, as ${flag} names others`;
}

/** Keys that travel where others can read them. */
function* openKeys(providers: Providers): Iterable<CheckItem> {
  for (const provider of Object.values(providers)) {
    if ('apiKey' in provider && provider.apiKey !== undefined && provider.url !== undefined) {
      const { protocol, hostname, host } = new URL(provider.url);
      if (/^(http|ws):$/.test(protocol) && !isLoopback(hostname.replace(/^\[|\]$/g, ''))) {
        yield warning('keys', `a key is sent to ${host} unencrypted: write an address with https or wss`);
      }
    }
  }
}
