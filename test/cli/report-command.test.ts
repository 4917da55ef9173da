/** `dragoman report` as an operator runs it: the picture that it draws, and the times that it tells. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Transcript } from '../../src/call/transcript/transcript.ts';
import { dialogue, recordFresh } from '../server/replay/fresh-call.ts';
import { removeFolder } from '../support/folders.ts';
import { runWords } from './run-words.ts';

const CALL = { languages: ['en', 'fr'], rateHz: 8_000, layout: 'both', seed: 9 } as const;

const TRANSCRIPT: Transcript = {
  version: 1,
  call: '5f0c',
  startedAt: '2026-11-28T15:10:00.000Z',
  parties: [
    { party: 'a', name: 'caller', language: 'en' },
    { party: 'b', name: 'callee', language: 'fr' },
  ],
  lines: [
    {
      ...{ party: 'a', utterance: 1, language: 'en', text: 'good <morning>', marks: [] },
      ...{ startMs: 2_000, endMs: 4_000 },
      translations: [
        {
          ...{ language: 'fr', text: 'bonjour', marks: [], startMs: 4_800, endMs: 5_500 },
          pieces: [{ atMs: 4_800, text: 'bonjour' }],
        },
      ],
    },
  ],
  missed: 0,
};

describe('dragoman report', () => {
  it('draws a call of its notes, and tells the times of its utterances', async (t) => {
    const folder = await recordFresh(t, { ...CALL, says: dialogue(2, 2, 9) });
    const { status, out, error } = await runWords(['report', folder]);
    assert.deepEqual([status, error], [0, '']);
    assert.match(out, /^a .* {2}fr +\d+ +\d+ +\d+/m);
    assert.match(out, /wrote .*\/call\.svg\n$/);
    const svg = await readFile(join(folder, 'call.svg'), 'utf8');
    for (const shown of ['>a says<', '>b hears<', '>b says<', ' utterances']) {
      assert.ok(svg.includes(shown), `the picture shows ${shown}`);
    }
    // A wave for what each said and for what each heard of the other.
    assert.ok([...svg.matchAll(/<path d="M[^"]{500,}"/g)].length >= 4, 'the picture has waves');
  });

  it('draws a call without notes by its transcript, or the sound alone', async (t) => {
    const folder = await recordFresh(t, { ...CALL, says: dialogue(2, 1, 10) });
    await rm(join(folder, 'engines.jsonl'));
    const index = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    await writeFile(join(folder, 'recording.json'), JSON.stringify({ version: 1, files: index.files }));
    const out = await mkdtemp(join(tmpdir(), 'dragoman-report-'));
    t.after(() => removeFolder(out));
    const bare = await runWords(['report', folder, '--out', out]);
    assert.equal(bare.status, 0);
    assert.ok((await readFile(join(out, 'call.svg'), 'utf8')).includes('no captions: neither its notes'));
    const transcript = join(out, 'transcript.json');
    await writeFile(transcript, JSON.stringify(TRANSCRIPT));
    const said = await runWords(['report', folder, '--out', out, '--transcript', transcript]);
    assert.match(said.out, /^a +good <morning> +fr +1 +2800 /m);
    const svg = await readFile(join(out, 'call.svg'), 'utf8');
    assert.ok(svg.includes('good &lt;morning&gt;') && svg.includes('Call 5f0c'));
  });

  it('shows what was said to nobody else, and beside an encrypted call only where it is told to', async (t) => {
    const folder = await recordFresh(t, { ...CALL, says: dialogue(2, 1, 11) });
    const picture = join(folder, 'call.svg');
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    const refused = await runWords(['report', folder, '--record-key-file', keyFile]);
    assert.equal(refused.status, 2);
    assert.match(refused.error, /name a folder for it with --out/);
    assert.ok(!existsSync(picture));
    for (const words of [['--record-key-file', keyFile, '--out', folder], []]) {
      const { status } = await runWords(['report', folder, ...words]);
      assert.deepEqual([status, (await stat(picture)).mode & 0o777], [0, 0o600]);
      // Also where it was there.
      await chmod(picture, 0o644);
    }
  });

  it('says what it cannot read or write', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-report-'));
    t.after(() => removeFolder(folder));
    const none = await runWords(['report', folder]);
    assert.equal(none.status, 1);
    assert.match(none.error, /name the folder of one call/);
    await writeFile(join(folder, 'recording.json'), '{"version":1,"files":[]}');
    await mkdir(join(folder, 'call.svg'));
    const unwritable = await runWords(['report', folder]);
    assert.equal(unwritable.status, 1);
    assert.match(unwritable.error, /call\.svg.*name another folder with --out/);
    const wrong = await runWords(['report', folder, '--transcript', join(folder, 'recording.json')]);
    assert.match(wrong.error, /is no transcript of this version: name the transcript.json/);
  });
});
