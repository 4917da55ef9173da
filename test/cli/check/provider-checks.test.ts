import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { checkProviders } from '../../../src/cli/check/provider-checks.ts';
import type { Environment } from '../../../src/cli/config/environment.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import { readProviders } from '../../../src/cli/config/providers.ts';
import { never } from '../../support/waiting.ts';

const KEY = 'hush-hush';

async function itemsOf(environment: Environment): Promise<readonly CheckItem[]> {
  const config = loadConfig({}, { DRAGOMAN_PAIR: 'en:fr', ...environment });
  const items: CheckItem[] = [];
  const check = checkProviders(config, readProviders(environment).written);
  for await (const item of check(never())) {
    items.push(item);
  }
  assert.doesNotMatch(JSON.stringify(items), /hush/);
  return items;
}

async function textOf(environment: Environment): Promise<string> {
  return (await itemsOf(environment))
    .map(({ outcome, subject, finding }) => `${outcome} ${subject}: ${finding}`)
    .join('\n');
}

describe('checks of providers', () => {
  it('list those that can be set up, with what that takes', async () => {
    const text = await textOf({});
    assert.match(text, /^ok other providers: not set up: deepgram \(DEEPGRAM_API_KEY\), vosk \(VOSK_URL\), /);
    assert.match(text, /openai-realtime \(OPENAI_API_KEY\)$/);
  });

  it('say by which variables one is set up and whether it is used, and never show a key', async () => {
    const lines = (
      await textOf({
        DEEPGRAM_API_KEY: KEY,
        DEEPGRAM_URL: 'wss://api.eu.deepgram.com',
        DEEPL_API_KEY: KEY,
        XTTS_URL: 'http://10.0.0.7:8000',
        DRAGOMAN_TTS: 'espeak-ng',
      })
    ).split('\n');
    assert.deepEqual(lines.slice(0, 4), [
      'ok deepgram: key in DEEPGRAM_API_KEY, set up by DEEPGRAM_URL; used',
      'ok deepl: key in DEEPL_API_KEY; used',
      'ok xtts: no key, set up by XTTS_URL; not used, as --tts names others',
      'ok deepl-voice: key in DEEPL_API_KEY; used with --interpreter deepl-voice',
    ]);
  });

  it('say what a fused interpreter makes idle', async () => {
    const text = await textOf({ DEEPL_API_KEY: KEY, DRAGOMAN_INTERPRETER: 'deepl-voice' });
    assert.match(text, /ok deepl: .*; not used with --interpreter deepl-voice\nok deepl-voice: .*; used$/m);
    assert.match(
      await textOf({ DEEPL_API_KEY: KEY, DRAGOMAN_MODE: 'passthrough' }),
      /not used in passthrough/,
    );
  });

  it('warn about a variable that does nothing', async () => {
    const text = await textOf({ DEEPGRAM_MODEL: 'nova-2', LIBRETRANSLATE_API_KEY: KEY });
    assert.match(text, /^warning DEEPGRAM_MODEL: it does nothing while DEEPGRAM_API_KEY is not set$/m);
    assert.match(text, /^warning LIBRETRANSLATE_API_KEY: it does nothing while LIBRETRANSLATE_URL/m);
  });

  it('warn about a key that others can read on its way', async () => {
    const at = (url: string): Environment => ({ OPENAI_API_KEY: KEY, OPENAI_SPEECH_URL: url });
    assert.match(
      await textOf(at('http://10.0.0.7:8880')),
      /^warning keys: a key is sent to 10\.0\.0\.7:8880/m,
    );
    assert.doesNotMatch(await textOf(at('http://127.0.0.1:8880')), /warning/);
    assert.doesNotMatch(await textOf(at('http://[::1]:8880')), /warning/);
    assert.doesNotMatch(await textOf(at('https://10.0.0.7:8880')), /warning/);
    assert.doesNotMatch(await textOf({ OPENAI_SPEECH_URL: 'http://10.0.0.7:8880' }), /warning/);
  });
});
