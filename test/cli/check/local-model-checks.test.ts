/** What `dragoman check` says of neural models, of which the tests make some. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { checkLocalModels } from '../../../src/cli/check/local-model-checks.ts';
import { loadConfig } from '../../../src/cli/config/load-config.ts';
import {
  writeSpeakerModel,
  writeStreamingRecogniser,
  writeVoice,
  writeWholeRecogniser,
} from '../../engines/sherpa/tiny-models.ts';
import { withoutSherpa } from '../../support/sherpa.ts';

describe('checkLocalModels', { skip: withoutSherpa() ?? false }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sherpa-check-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function itemsOf(environment: Readonly<Record<string, string>>): Promise<readonly CheckItem[]> {
    const config = loadConfig({}, { DRAGOMAN_PAIR: 'en:es', ...environment });
    const items: CheckItem[] = [];
    for await (const item of checkLocalModels(config, systemClock)(new AbortController().signal)) {
      items.push(item);
    }
    return items;
  }

  it('says nothing where nobody asks for a neural model', async () => {
    assert.deepEqual(await itemsOf({}), []);
    assert.deepEqual(await itemsOf({ DRAGOMAN_MODE: 'passthrough', DRAGOMAN_STT: 'sherpa' }), []);
  });

  it('says what each is, how large and how fast, and what could be downloaded where there is none', async () => {
    const items = await itemsOf({
      DRAGOMAN_STT: 'sherpa',
      DRAGOMAN_STT_MODEL: `en=${await writeStreamingRecogniser(join(folder, 'en'))}`,
      DRAGOMAN_TTS: 'sherpa',
      DRAGOMAN_VOICE: `es=${await writeVoice(join(folder, 'voice'))}#0`,
      DRAGOMAN_SPEAKER_MODEL: await writeSpeakerModel(join(folder, 'speaker.onnx')),
    });
    const said = new Map(items.map(({ subject, outcome, finding }) => [subject, `${outcome} ${finding}`]));
    assert.deepEqual([...said.keys()], ['hears en', 'hears es', 'speaks es', 'speaks en', '--speaker-model']);
    const measured = /loaded in \d+ ms, takes \d+ MB of memory; [\d.]+ times as fast as speech/;
    assert.match(said.get('hears en') ?? '', /^ok .*\/en: T-one, hears as it goes, 0\.1 MB; /);
    assert.match(said.get('hears en') ?? '', measured);
    assert.match(said.get('speaks es') ?? '', /^ok .*\/voice: Piper, 0\.0 MB; /);
    assert.match(said.get('speaks es') ?? '', measured);
    assert.match(said.get('--speaker-model') ?? '', /^ok .*tells voices apart/);
    assert.match(
      said.get('hears es') ?? '',
      /^no no model .*--stt-model es=DIR, such as https:\/\/github\.com\/.*nemotron.*\(650 MB, OpenMDW.*parakeet.*CC-BY/,
    );
    assert.match(
      said.get('speaks en') ?? '',
      /^no no model .*--voice en=DIR, such as .*pocket-tts.*vits-piper/,
    );
  });

  it('says what is wrong with a model, and measures one of whole utterances', async () => {
    const broken = await writeStreamingRecogniser(join(folder, 'broken'));
    await writeFile(join(broken, 'model.onnx'), '<html>Not found</html>');
    const items = await itemsOf({
      DRAGOMAN_STT: 'sherpa',
      DRAGOMAN_STT_MODEL: `en=${broken},es=${await writeWholeRecogniser(join(folder, 'es'))}`,
    });
    assert.deepEqual(
      items.map(({ outcome }) => outcome),
      ['fails', 'ok'],
    );
    assert.match(
      items[0]?.finding ?? '',
      /broken\/model\.onnx is a web page and no model: download it again/,
    );
    assert.match(items[1]?.finding ?? '', /Omnilingual, hears whole utterances/);
  });
});
