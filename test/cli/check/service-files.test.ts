/** What check reads beside what is asked for. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { withServiceFiles } from '../../../src/cli/check/service-files.ts';

describe('withServiceFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-files-'));
  const files = { yaml: join(folder, 'dragoman.yaml'), keys: join(folder, 'keys.env') };
  const KEYS = '# explained\n#OTHER=x\nDEEPL_API_KEY=hush\nVOSK_URL="ws://a:2700"\nDEEPL_URL=\n; more\n';
  before(() => {
    writeFileSync(files.yaml, 'pair: en:es\n');
    writeFileSync(files.keys, KEYS);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('takes the configuration and the keys of the service when nothing is written, and says so', () => {
    const { options, environment, items } = withServiceFiles({}, { PATH: '/bin' }, files);
    assert.deepEqual(options, { config: [files.yaml] });
    assert.deepEqual(environment, { PATH: '/bin', DEEPL_API_KEY: 'hush', VOSK_URL: 'ws://a:2700' });
    assert.deepEqual(
      items.map(({ outcome, subject }) => [outcome, subject]),
      [
        ['ok', '--config'],
        ['ok', 'keys'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(items), /hush/);
  });

  it('reads keys as systemd does, and tells of lines that it passes over, not what they hold', () => {
    const keys = join(folder, 'odd.env');
    writeFileSync(keys, '# explained\nDEEPL_API_KEY = hush\nexport VOSK_URL=ws://secret:2700\n\nhush-hush\n');
    const { environment, items } = withServiceFiles({}, {}, { ...files, keys });
    assert.deepEqual(environment, { DEEPL_API_KEY: 'hush' });
    assert.deepEqual(
      items
        .filter(({ outcome }) => outcome === 'warning')
        .map(({ finding }) => /^line (\d+) .*passed over/.exec(finding)?.[1]),
      ['3', '5'],
    );
    assert.doesNotMatch(JSON.stringify(items), /hush|secret/);
  });

  it('takes the keys only when the configuration of the service is named', () => {
    for (const [options, environment] of [
      [{ config: [files.yaml] }, {}],
      [{ config: [files.yaml], mode: ['passthrough'] }, {}],
      [{}, { DRAGOMAN_CONFIG: files.yaml }],
    ] as const) {
      const sources = withServiceFiles(options, environment, files);
      assert.deepEqual(sources.options, options);
      assert.equal(sources.environment.DEEPL_API_KEY, 'hush');
      assert.deepEqual(
        sources.items.map(({ subject }) => subject),
        ['keys'],
      );
    }
  });

  it('takes nothing when something else is written, or no service is installed', () => {
    for (const [options, environment] of [
      [{ pair: ['en:es'] }, {}],
      [{ config: ['/elsewhere.yaml'] }, {}],
      [{}, { DRAGOMAN_PAIR: 'en:es' }],
    ] as const) {
      assert.deepEqual(withServiceFiles(options, environment, files), { options, environment, items: [] });
    }
    const nowhere = { yaml: join(folder, 'none.yaml'), keys: join(folder, 'none.env') };
    assert.deepEqual(withServiceFiles({}, {}, nowhere), { options: {}, environment: {}, items: [] });
  });

  it('goes on without keys that there are not, and says who may read those that it cannot', () => {
    const without = withServiceFiles({}, {}, { ...files, keys: join(folder, 'none.env') });
    assert.deepEqual([without.environment, without.items.length], [{}, 1]);
    // A folder stands for a file that this user may not read: root may read all.
    const { environment, items } = withServiceFiles({}, {}, { ...files, keys: folder });
    assert.deepEqual(environment, {});
    assert.equal(items[1]?.outcome, 'warning');
    assert.match(items[1]?.finding ?? '', /cannot be read \(EISDIR\): run this as root/);
  });
});
