/** What is on the disk of a conference of three, one of whom does not want to be recorded. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseWav } from '../../src/protocol/wav.ts';
import { dialogue, recordFresh } from '../server/replay/fresh-call.ts';

const CONFERENCE = {
  languages: ['en', 'fr', 'de'],
  says: dialogue(3, 3, 11),
  rateHz: 8_000,
  layout: 'tracks',
  seed: 11,
} as const;

describe('a conference that is recorded', () => {
  it('has a file for the voice of each, for what each heard and for what each was told', async (t) => {
    const folder = await recordFresh(t, CONFERENCE);
    const tracks = ['heard', 'told', 'voice'];
    const expected = [1, 2, 3].flatMap((party) => tracks.map((track) => `party-${party}.${track}.wav`));
    assert.deepEqual((await readdir(folder)).sort(), ['engines.jsonl', ...expected, 'recording.json'].sort());
  });

  it('has nothing of who refuses when it is registered, and of the others their own voices alone', async (t) => {
    const folder = await recordFresh(t, { ...CONFERENCE, refuses: 1 });
    const names = await readdir(folder);
    assert.deepEqual(names.sort(), ['party-1.voice.wav', 'party-3.voice.wav', 'recording.json']);
    const index = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    assert.deepEqual(
      index.files.map(({ channels }: { channels: unknown }) => channels),
      [[{ party: 1, track: 'voice' }], [{ party: 3, track: 'voice' }]],
    );
    const { pcm } = parseWav(await readFile(join(folder, 'party-1.voice.wav')));
    assert.ok(
      pcm.some((sample) => Math.abs(sample) > 1_000),
      'the others are kept as they speak',
    );
  });
});
