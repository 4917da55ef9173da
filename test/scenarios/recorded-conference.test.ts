/** A conference that is recorded and written down, over real sockets, of whose parties one does not want that. */

import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { CALL_DETAIL } from '../../src/call/detail/call-detail.ts';
import { Redaction } from '../../src/call/transcript/redaction.ts';
import { CallRecords } from '../../src/server/records/call-records.ts';
import { levelDbfs, sine } from '../asterisk/audio.ts';
import { newCallUuids } from '../asterisk/strict-asterisk.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { ScriptedInterpreters } from '../call/scripted-legs.ts';
import { endOf } from './harness.ts';
import { channelsOf, openRecorded, placeOf } from './recorded-calls.ts';

const A_HZ = 1_000;
const REFUSED_HZ = 1_750;
const C_HZ = 2_400;
/** How often two speak at once: so long that places are put right where the first frames came late. */
const TIMES = 10;
const SOUND_MS = 200;
/** 1 ms of 8 kHz. */
const MS_SAMPLES = 8;

/** Where sound begins after quiet of 100 ms and more, to the ms. */
function onsetsMs(line: Int16Array | undefined): readonly number[] {
  const onsets: number[] = [];
  let quietMs = 100;
  for (let at = 0; line !== undefined && at < line.length; at += MS_SAMPLES) {
    const sounds = levelDbfs(line.subarray(at, at + MS_SAMPLES)) > -30;
    if (sounds && quietMs >= 100) {
      onsets.push(at / MS_SAMPLES);
    }
    quietMs = sounds ? 0 : quietMs + 1;
  }
  return onsets;
}

/** How far the beginnings of two lines' sounds are apart, where they are closest. */
function apartMs(one: Int16Array | undefined, other: Int16Array | undefined): number {
  const others = onsetsMs(other);
  return Math.min(...onsetsMs(one).flatMap((at) => others.map((each) => Math.abs(each - at))));
}

/** The paths of all files below `directory`. */
async function filesIn(directory: string): Promise<readonly string[]> {
  const paths = (await readdir(directory, { recursive: true })).map((name) => join(directory, name));
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return paths.filter((_path, index) => stats[index]?.isFile());
}

describe('a conference that is recorded', () => {
  it('has the tracks of two, which line up, and nothing of the third, who refused by its keys', async (t) => {
    const interpreters = new ScriptedInterpreters(new FakeClock());
    const { directory, recorder, server, folder } = await openRecorded(t, {
      doors: [['en', 'es', 'fr']],
      plan: { mode: 'bidirectional', joinTones: false, keys: new Map([['*0', 'no-record']]) },
      interpreters: () => interpreters.fused,
    });
    const records = new CallRecords(
      {
        ...{ directory, recordingsDirectory: directory, numbers: false, transcripts: true },
        ...{ redaction: new Redaction([]), prices: { currency: 'EUR', prices: new Map() } },
        ...{ keepRecordsDays: undefined, keepTranscriptsDays: undefined },
        ...{ databaseUrl: undefined, summaryEngine: undefined },
      },
      { recorder, clock: systemClock, log: silentLog },
    );
    records.follow(server.server);
    const [first, second] = newCallUuids();
    const a = await server.ring({ uuid: first });
    const b = await server.ring({ uuid: second });
    const c = await server.ring({ uuid: first.replace(/.$/, '2') });
    await server.until('all are interpreted', () => interpreters.opened.length >= 6);
    await c.until((leg) => leg.frames.length > 20);
    const says = (from: string, to: string, text: string): void => {
      const rendering = interpreters.of(from, to);
      rendering.says({ type: 'heard', utterance: 0, text, final: true });
      rendering.ends(0, {
        source: { language: from, text },
        target: { language: to, text: `${text} ${to}` },
      });
    };
    // What it has said before it refuses is taken away again.
    b.speak(sine(REFUSED_HZ, 300, 8_000));
    says('es', 'en', 'secreto');
    says('en', 'es', 'harbour');
    await c.until((leg) => leg.frames.length > 60);
    b.sendDtmf('*');
    b.sendDtmf('0');
    await server.until('the key is acted on', () =>
      server.lines.some(({ message }) => message === 'a party does not want to be recorded'),
    );
    says('fr', 'en', 'bateau');
    says('es', 'fr', 'confidencial');
    b.speak(sine(REFUSED_HZ, TIMES * 400, 8_000));
    for (let time = 0; time < TIMES; time += 1) {
      const frames = c.frames.length;
      a.speak(sine(A_HZ, SOUND_MS, 8_000));
      c.speak(sine(C_HZ, SOUND_MS, 8_000));
      await c.until((leg) => leg.frames.length > frames + (2 * SOUND_MS) / FRAME_MS);
    }
    for (const leg of [a, b, c]) {
      leg.hangUp();
      await endOf(leg);
    }
    const path = await folder();
    await records.close();

    const [left, right] = await channelsOf(join(path, 'stereo.without-2.wav'));
    const [ofA] = await channelsOf(join(path, 'party-1.voice.wav'));
    const [ofC] = await channelsOf(join(path, 'party-3.voice.wav'));
    assert.ok(placeOf(ofA, A_HZ) > 0 && placeOf(ofC, C_HZ) > 0);
    assert.deepEqual([placeOf(ofA, C_HZ), placeOf(ofC, A_HZ)], [Number.NaN, Number.NaN]);
    assert.equal(placeOf(left, A_HZ), placeOf(ofA, A_HZ));
    assert.ok(apartMs(ofA, ofC) <= FRAME_MS, `a and c begin ${onsetsMs(ofA)} and ${onsetsMs(ofC)} ms`);
    assert.ok(right === undefined || onsetsMs(right).length === 0);

    const files = await filesIn(directory);
    assert.ok(!files.some((file) => basename(file).startsWith('party-2.')));
    for (const file of files.filter((each) => each.endsWith('.wav'))) {
      for (const channel of await channelsOf(file)) {
        assert.ok(Number.isNaN(placeOf(channel, REFUSED_HZ)), `${file} holds who refused`);
      }
    }
    const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
    assert.deepEqual(
      files.filter((_file, index) => /secreto|confidencial/.test(texts[index] ?? '')),
      [],
    );
    const written = texts[files.findIndex((file) => file.endsWith('transcript.txt'))] ?? '';
    assert.match(written, /harbour[\s\S]*bateau/);
    assert.equal(dirname(files.find((file) => file.endsWith('transcript.txt')) ?? ''), path);
    const record = texts[files.findIndex((file) => file.endsWith('.jsonl'))] ?? '';
    const { kind, parties } = CALL_DETAIL.parse(JSON.parse(record));
    assert.deepEqual(
      [kind, parties.map(({ refusedRecording }) => refusedRecording)],
      ['conference', [undefined, true, undefined]],
    );
  });
});
