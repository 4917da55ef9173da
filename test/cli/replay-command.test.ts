/** `dragoman replay` as an operator runs it: what it prints, and its exit status. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dialogue, recordFresh } from '../server/replay/fresh-call.ts';
import { removeFolder } from '../support/folders.ts';
import { runWords } from './run-words.ts';

const CALL = { languages: ['en', 'fr'], rateHz: 8_000, layout: 'stereo', seed: 8 } as const;

describe('dragoman replay', () => {
  it('says that a call is the same, and with status 1 what is otherwise first', async (t) => {
    const folder = await recordFresh(t, { ...CALL, says: dialogue(2, 2, 8) });
    const kept = join(folder, 'again');
    const same = await runWords(['replay', folder, '--save', kept]);
    assert.deepEqual([same.status, same.error], [0, '']);
    assert.match(
      same.out,
      /^the same: 2 utterances, \d+ segments, played in [\d.]+ s; times differ by \d+ ms at most\nkept in .*again\n$/,
    );
    const full = await runWords(['replay', folder, '--save', kept]);
    assert.deepEqual([full.status, full.out], [2, '']);
    assert.match(full.error, /again holds files already: name a folder that is not there yet/);
    // As if another word had been heard in the call than recognition says.
    const path = join(folder, 'engines.jsonl');
    const lines = (await readFile(path, 'utf8')).split('\n');
    const changed = lines.map((line) =>
      line.includes('"type":"heard","atMs"') && line.includes('"final":true')
        ? line.replace(/"piiText":"\w+/, '"piiText":"Sesame')
        : line,
    );
    assert.notDeepEqual(changed, lines);
    await writeFile(path, changed.join('\n'));
    const other = await runWords(['replay', folder]);
    assert.equal(other.status, 1);
    assert.match(
      other.out,
      /^first difference, at [\d.]+ s: party a, utterance 1: what was heard is another: then "Sesame/,
    );
  });

  it('warns where a party was changed of which it is not kept what it became', async (t) => {
    const folder = await recordFresh(t, { ...CALL, says: dialogue(2, 1, 13) });
    const path = join(folder, 'engines.jsonl');
    const text = await readFile(path, 'utf8');
    const change = async (language: string, more: object = {}): Promise<string> => {
      const event = { type: 'party-changed', atMs: 3_000, party: 'a', name: 'a', language, ...more };
      await writeFile(path, `${text}${JSON.stringify({ n: 1_000_000, type: 'event', event })}\n`);
      return (await runWords(['replay', folder])).error;
    };
    assert.match(
      await change('en'),
      /something of a party was changed of which it is not kept what it became/,
    );
    assert.doesNotMatch(await change('fr'), /something of a party/);
    assert.doesNotMatch(await change('en', { refusesRecording: true }), /something of a party/);
  });

  it('ends with status 2 where there is nothing to play', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-replay-'));
    t.after(() => removeFolder(folder));
    const none = await runWords(['replay', folder]);
    assert.equal(none.status, 2);
    assert.match(none.error, /recording\.json cannot be read \(ENOENT\): name the folder of one call/);
    await writeFile(join(folder, 'recording.json'), '{"version":1,"files":[]}');
    const bare = await runWords(['replay', folder]);
    assert.deepEqual([bare.status, bare.out], [2, '']);
    assert.match(bare.error, /has no engines\.jsonl.*--record-engines/);
  });

  it('says of an index that is none, of another version or leads out of its folder what to do', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-replay-'));
    t.after(() => removeFolder(folder));
    const path = join(folder, 'recording.json');
    const outside = { channels: [], parts: [{ name: '../x.wav', fromMs: 0, rateHz: 8_000 }] };
    const indexes = [
      'null',
      '{}',
      '{',
      '{"version":2,"files":[]}',
      '{"version":1,"files":[],"notes":["../engines.jsonl"]}',
      JSON.stringify({ version: 1, files: [outside] }),
    ];
    for (const index of indexes) {
      await writeFile(path, index);
      for (const command of ['replay', 'report']) {
        const { error } = await runWords([command, folder]);
        assert.match(error, /recording\.json is not what this version of dragoman writes: use/, index);
      }
    }
    const file = await runWords(['replay', path]);
    assert.match(file.error, /\(ENOTDIR\): name the folder of one call/);
  });
});
