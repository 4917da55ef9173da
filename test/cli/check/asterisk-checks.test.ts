import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askWith, checkAsterisk } from '../../../src/cli/check/asterisk-checks.ts';
import { abilitiesOf, parseAsteriskVersion } from '../../../src/cli/check/asterisk-versions.ts';
import type { CheckItem } from '../../../src/cli/check/check-item.ts';
import { never } from '../../support/waiting.ts';

const signal = never();

async function itemsOf(answers: Readonly<Record<string, string>>): Promise<readonly CheckItem[]> {
  const items: CheckItem[] = [];
  for await (const item of checkAsterisk(async (question) => answers[question] ?? '0 modules loaded\n')(
    signal,
  )) {
    items.push(item);
  }
  return items;
}

function moduleRow(name: string, status = 'Running'): Readonly<Record<string, string>> {
  const row = `${name.padEnd(30)} ${'A module'.padEnd(40)} 0          ${status}          core\n`;
  return {
    [`module show like ${name}`]: `Module   Description   Use Count  Status\n${row}1 modules loaded\n`,
  };
}

const ALL_MODULES = {
  ...moduleRow('res_audiosocket.so'),
  ...moduleRow('app_audiosocket.so'),
  ...moduleRow('func_uuid.so'),
  ...moduleRow('chan_audiosocket.so'),
};

/** Of a site that has ARI, whose Asterisk connects. */
const LOADED = [
  'res_audiosocket.so',
  'app_audiosocket.so',
  'app_stasis.so',
  'res_stasis.so',
  'res_stasis_answer.so',
  'res_ari.so',
  'res_ari_applications.so',
  'res_ari_bridges.so',
  'res_ari_channels.so',
  'res_ari_events.so',
  'res_websocket_client.so',
];

describe('the abilities of an Asterisk', () => {
  for (const [text, keys, rates] of [
    ['Asterisk 18.26.4 built by root', false, false],
    ['Asterisk 20.13.0 built by root', false, false],
    ['Asterisk 20.14.0 built by root', true, false],
    ['Asterisk 20.17.0 built by root', true, true],
    ['Asterisk 21.12.0 built by root', true, true],
    ['Asterisk 22.4.0 built by root', true, false],
    ['Asterisk 22.10.1~dfsg+~cs6.16 built by nobody', true, true],
    ['Asterisk 23.0.0 built by root', true, false],
    ['Asterisk 24.0.0 built by root', true, true],
    ['Asterisk certified-20.7-cert3 built by root', false, false],
  ] as const) {
    it(`of "${text}" are keys ${keys}, rates ${rates}`, () => {
      const version = parseAsteriskVersion(text);
      assert.ok(version !== undefined);
      assert.deepEqual(abilitiesOf(version), { keys, rates });
    });
  }
});

describe('checkAsterisk', () => {
  it('is content with a new Asterisk that has all modules', async () => {
    const items = await itemsOf({ 'core show version': 'Asterisk 22.10.1 built by x', ...ALL_MODULES });
    assert.deepEqual(
      items.map(({ outcome }) => outcome),
      ['ok', 'ok', 'ok', 'ok', 'ok', 'warning', 'no', 'no', 'no', 'no', 'no', 'no', 'warning'],
    );
  });

  it('says which ways in there are, when to take each, and what the others want', async () => {
    const items = await itemsOf({
      'core show version': 'Asterisk 22.6.0 built by x',
      ...ALL_MODULES,
      'module show': [
        'Module                         Description                              Use Count  Status      Support Level',
        ...LOADED.map(
          (name) => `${name.padEnd(30)} A module                                 0          Running   core`,
        ),
        'chan_rtp.so                    A module                                 0          Not Running  core',
      ].join('\n'),
    });
    const ways = items.slice(6).map(({ outcome, subject, finding }) => `${outcome} ${subject}: ${finding}`);
    assert.match(ways[0] ?? '', /^ok AudioSocket: take this one unless/);
    assert.match(ways[1] ?? '', /^ok ARI: .*--ari/);
    assert.match(ways[2] ?? '', /^ok ARI, it connects: .*--ws/);
    assert.match(ways[3] ?? '', /^no ARI, RTP: .*load = chan_rtp\.so$/);
    assert.match(ways[4] ?? '', /^no whisper: .*load = res_stasis_snoop\.so$/);
    assert.match(ways[5] ?? '', /^no chan_websocket: .* too old .* 20\.18, 21\.12, 22\.8, 23\.2$/);
    assert.equal(ways.length, 6);
  });

  it('warns of what an old one lacks, and fails one without AudioSocket', async () => {
    const [old] = await itemsOf({ 'core show version': 'Asterisk 20.5.2 built by x', ...ALL_MODULES });
    assert.equal(old?.outcome, 'warning');
    assert.match(old?.finding ?? '', /keys .* 8 kHz only/);
    const [ancient] = await itemsOf({ 'core show version': 'Asterisk 16.30.0 built by x', ...ALL_MODULES });
    assert.equal(ancient?.outcome, 'fails');
  });

  it('names each module that is not loaded, with the line to write', async () => {
    const items = await itemsOf({
      'core show version': 'Asterisk 22.10.1 built by x',
      ...moduleRow('res_audiosocket.so'),
      ...moduleRow('app_audiosocket.so', 'Not Running'),
    });
    const outcomes = new Map(items.map(({ subject, outcome }) => [subject, outcome]));
    assert.equal(outcomes.get('res_audiosocket.so'), 'ok');
    assert.equal(outcomes.get('app_audiosocket.so'), 'fails');
    assert.equal(outcomes.get('func_uuid.so'), 'fails');
    assert.equal(outcomes.get('chan_audiosocket.so'), 'warning');
    assert.match(
      items.find(({ subject }) => subject === 'func_uuid.so')?.finding ?? '',
      /load = func_uuid\.so/,
    );
  });

  it('says what to do when Asterisk does not answer', async () => {
    const items: CheckItem[] = [];
    for await (const item of checkAsterisk(askWith(['/nonexistent/asterisk']))(signal)) {
      items.push(item);
    }
    assert.equal(items.length, 1);
    assert.equal(items[0]?.outcome, 'fails');
    assert.match(items[0]?.finding ?? '', /does not answer .* start it/);
  });
});
