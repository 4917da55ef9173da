/**
 * Calls that were recorded and are played again: the same comes out by the same build, in both directions, with noise,
 * in whichever files the sound is; and what is otherwise is found.
 */

import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DrivenClock } from '../../../src/base/driven-clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { CallNote } from '../../../src/call/recording/call-notes.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { assumedNotes } from '../../../src/server/replay/assumed-notes.ts';
import { compareCalls } from '../../../src/server/replay/compare-calls.ts';
import { keptInterpreters } from '../../../src/server/replay/kept-interpreters.ts';
import { RecordedCall } from '../../../src/server/replay/recorded-call.ts';
import { replay } from '../../../src/server/replay/replay.ts';
import { SavedCall } from '../../../src/server/replay/saved-call.ts';
import { dialogue, type FreshCall, planOf, recordFresh } from './fresh-call.ts';

/** Three frames: the media of the call and of its replay were begun at other moments of the 20 ms. */
const TOLERANCE_MS = 60;
const KEY_HEX = 'cd'.repeat(32);

const PAIR: FreshCall = {
  languages: ['en', 'fr'],
  says: dialogue(2, 4, 1),
  rateHz: 8_000,
  layout: 'stereo',
  seed: 1,
};

const PLAN = planOf(PAIR);

async function played(folder: string, key?: Uint8Array, notes?: (call: RecordedCall) => readonly CallNote[]) {
  return playedCall(await RecordedCall.open(folder, key), notes);
}

async function playedCall(
  call: RecordedCall,
  notes?: (call: RecordedCall) => readonly CallNote[],
  saved?: SavedCall,
) {
  const clock = new DrivenClock(0, new Date(call.beginning.startedAt));
  const now = await replay(call, {
    interpreters: (startMs) => keptInterpreters(notes?.(call) ?? call.notes, clock, startMs),
    announcements: undefined,
    ...{ clock, saved, modules: await loadMediaModules(), log: silentLog },
  });
  return { call, now, compared: compareCalls(call.notes, now, TOLERANCE_MS) };
}

type WithoutNumber<Note> = Note extends unknown ? Omit<Note, 'n'> : never;
type Added = WithoutNumber<CallNote>;

/** Notes with more of them, each behind those of before it. */
function withAdded(notes: readonly CallNote[], added: readonly Added[]): readonly CallNote[] {
  const all: Added[] = [...notes];
  for (const note of added) {
    const timeMs = timeOf(note) ?? 0;
    const at = all.findLastIndex((each) => (timeOf(each) ?? Number.POSITIVE_INFINITY) <= timeMs);
    all.splice(at + 1, 0, note);
  }
  return all.map((note, n): CallNote => ({ ...note, n }));
}

function timeOf(note: Added): number | undefined {
  return note.type === 'event' ? note.event.atMs : 'atMs' in note ? note.atMs : undefined;
}

async function isTheSame(t: TestContext, call: FreshCall): Promise<void> {
  const folder = await recordFresh(t, call);
  const key = call.keyHex === undefined ? undefined : Buffer.from(call.keyHex, 'hex');
  const { compared } = await played(folder, key);
  assert.deepEqual(compared.differences, []);
  assert.ok(compared.utterances >= call.says.length, `${compared.utterances} utterances are compared`);
  assert.ok(compared.segments > compared.utterances, `${compared.segments} segments are compared`);
}

describe('a call that is played again', () => {
  it('is the same, both ways, at 8 kHz', (t) => isTheSame(t, PAIR));

  it('is the same at 16 kHz, a file for each track, with an announcement', (t) =>
    isTheSame(t, {
      ...PAIR,
      rateHz: 16_000,
      layout: 'tracks',
      seed: 2,
      says: dialogue(2, 4, 2),
      announce: true,
    }));

  it('is the same where it is encrypted', (t) =>
    isTheSame(t, { ...PAIR, layout: 'both', keyHex: KEY_HEX, seed: 3, says: dialogue(2, 4, 3) }));

  it('is the same as a conference of three', (t) =>
    isTheSame(t, { ...PAIR, languages: ['en', 'fr', 'de'], seed: 4, says: dialogue(3, 4, 4) }));

  for (const fused of ['speaks', 'writes'] as const) {
    it(`is the same where a fused provider interpreted it that ${fused}`, async (t) => {
      const folder = await recordFresh(t, { ...PAIR, says: dialogue(2, 2, 9), fused });
      const { call, compared } = await played(folder);
      assert.deepEqual(compared.differences, []);
      assert.deepEqual([compared.utterances >= 2, compared.segments >= 2], [true, true]);
      const answered = call.notes.flatMap((note) => (note.type === 'fused' ? [note.what] : []));
      assert.ok(answered.includes('target') && answered.includes('audio') === (fused === 'speaks'));
    });
  }

  it('is kept as it is now, to be listened to and played again', async (t) => {
    const key = Buffer.from(KEY_HEX, 'hex');
    const folder = await recordFresh(t, { ...PAIR, keyHex: KEY_HEX, seed: 8, says: dialogue(2, 2, 8) });
    const kept = join(folder, 'again');
    const saved = await SavedCall.prepare(kept, key);
    const before = await playedCall(await RecordedCall.open(folder, key), undefined, saved);
    await saved.write();
    assert.ok((await readdir(kept)).every((name) => name === 'recording.json' || name.endsWith('.sealed')));
    const again = await played(kept, key);
    assert.deepEqual(again.compared, { ...before.compared, mostOffMs: again.compared.mostOffMs });
    assert.deepEqual(again.compared.differences, []);
    for (const party of [0, 1]) {
      for (const track of ['voice', 'heard', 'told'] as const) {
        const [then, now] = await Promise.all(
          [before.call, again.call].map(async (call) => (await call.track(party, track)).whole()),
        );
        assert.ok(then !== undefined && now !== undefined && then.pcm.length > 8_000, `${party} ${track}`);
        assert.equal(now.rateHz, then.rateHz);
        if (track === 'voice') {
          const samples = Math.min(then.pcm.length, now.pcm.length);
          assert.deepEqual(now.pcm.subarray(0, samples), then.pcm.subarray(0, samples));
        } else {
          assert.ok(
            now.pcm.some((sample) => sample !== 0),
            `${track} of party ${party} is silent`,
          );
        }
      }
    }
    await assert.rejects(SavedCall.prepare(kept, key), /holds files already/);
  });

  it('is played by its sound alone where nothing else is kept', async (t) => {
    const folder = await recordFresh(t, { ...PAIR, layout: 'both', seed: 11, says: dialogue(2, 2, 11) });
    const { notes } = await RecordedCall.open(folder, undefined);
    const path = join(folder, 'recording.json');
    await rm(join(folder, 'engines.jsonl'));
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), notes: undefined }));
    const bare = await RecordedCall.open(folder, undefined);
    assert.deepEqual(bare.notes, []);
    const assumed = bare.withNotes(await assumedNotes(bare, PLAN, PLAN.languages));
    const { now } = await playedCall(assumed, () => notes);
    const began = (from: readonly CallNote[]) =>
      from.flatMap((note) =>
        note.type === 'mark' && note.mark === 'began' ? [[note.party, note.utterance]] : [],
      );
    assert.deepEqual(began(now), began(notes));
    assert.ok(began(now).length >= 2);
    const { differences } = compareCalls(notes, now, 500);
    assert.deepEqual(
      differences.filter(({ sentence }) => sentence.includes('what was heard')),
      [],
    );
  });

  it('has each party come as what it was then, and become later what it became later', async (t) => {
    const folder = await recordFresh(t, { ...PAIR, says: dialogue(2, 4, 12) });
    const recorded = await RecordedCall.open(folder, undefined);
    const leg = recorded.notes.find((note) => note.type === 'leg' && note.party === 'a');
    assert.ok(leg?.type === 'leg');
    // In the midst of it the first speaks German, and a while later comes back muted.
    const changed = { type: 'party-changed', atMs: 3_990, party: 'a', name: 'a', language: 'de' } as const;
    const engines = { type: 'engines', atMs: 4_000, party: 'a', to: 'fr', mt: 'm', tts: 't' } as const;
    const added: readonly Added[] = [
      { type: 'event', event: changed },
      { ...engines, reads: 'everything', terms: [['Haus', 'maison']] },
      { type: 'left', atMs: 8_990, party: 'a' },
      { ...leg, acceptedMs: 9_490, atMs: 9_500, language: 'de', muted: true },
    ];
    const call = recorded.withNotes(withAdded(recorded.notes, added));
    const { now } = await playedCall(call);
    assert.deepEqual(
      now.flatMap((note) => (note.type === 'leg' && note.party === 'a' ? [[note.language, note.muted]] : [])),
      [
        ['en', false],
        ['de', false],
      ],
    );
    const becomes = now.flatMap((note) =>
      note.type === 'event' && note.event.type === 'party-changed' ? [Math.round(note.event.atMs)] : [],
    );
    assert.deepEqual(becomes, [3_990, 9_501]);
    const terms = now.flatMap((note) =>
      note.type === 'engines' && note.party === 'a' ? [[note.to, note.terms]] : [],
    );
    assert.deepEqual(terms.slice(0, 2), [
      ['fr', []],
      ['fr', [['Haus', 'maison']]],
    ]);
  });

  it('is another where an engine says another thing, from that moment on', async (t) => {
    const folder = await recordFresh(t, { ...PAIR, says: dialogue(2, 3, 5) });
    let changedAtMs = 0;
    const { compared } = await played(folder, undefined, ({ notes }) => {
      const last = notes.findLast(
        ({ type, ...note }) => type === 'translation' && 'what' in note && note.what === 'answered',
      );
      return notes.map((note) => {
        if (note.type === 'translation' && note === last) {
          changedAtMs = note.askedMs;
          return { ...note, answer: `${note.answer} autrement` };
        }
        return note;
      });
    });
    const [first] = compared.differences;
    assert.ok(first !== undefined, 'nothing is found');
    assert.ok(
      first.atMs >= changedAtMs,
      `${first.sentence} at ${first.atMs} ms, changed at ${changedAtMs} ms`,
    );
  });

  it('lacks an utterance that the recording lacks', async (t) => {
    const folder = await recordFresh(t, { ...PAIR, says: dialogue(2, 3, 6) });
    const path = join(folder, 'engines.jsonl');
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(
      path,
      lines.filter((line) => !(line.includes('"type":"voice"') && line.includes('"party":"b"'))).join('\n'),
    );
    const call = await RecordedCall.open(folder, undefined);
    assert.ok(call.notesMissing > 0, 'what is missing is counted');
    const began = call.notes.find(
      (note) => note.type === 'mark' && note.utterance === 1 && note.party === 'b',
    );
    assert.ok(began?.type === 'mark');
    const clock = new DrivenClock(0, new Date(0));
    const now = await replay(call, {
      interpreters: (startMs) => keptInterpreters(call.notes, clock, startMs),
      announcements: undefined,
      ...{ clock, modules: await loadMediaModules(), log: silentLog },
    });
    const { differences } = compareCalls(call.notes, now, TOLERANCE_MS);
    assert.match(differences[0]?.sentence ?? '', /^party b, utterance 1: the beginning is missing now/);
  });
});

describe('the folder of a call', () => {
  it('is not opened with another key', async (t) => {
    const folder = await recordFresh(t, { ...PAIR, says: dialogue(2, 1, 7), keyHex: KEY_HEX });
    await assert.rejects(RecordedCall.open(folder, Buffer.alloc(32)), /does not open with this key/);
  });

  it('that is none is refused in words', async () => {
    await assert.rejects(RecordedCall.open('/nowhere', undefined), /name the folder of one call/);
  });
});
