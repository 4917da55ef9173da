/**
 * A conference on a real Asterisk: four SIP phones, three languages, one room. An English speaker is heard in Spanish
 * by two and in Catalan by one, on wideband phones and one of 8 kHz, which is recorded; parties come and go; a room has a PIN,
 * a limit and recordings of Asterisk's. One thing after the other: they share the phones.
 */

import assert from 'node:assert/strict';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { CallEvent, UtteranceReport } from '../../src/call/call-events.ts';
import { CallCaptions } from '../../src/client/call-captions.ts';
import { heardSounds } from '../../src/client/heard-sounds.ts';
import { parseWav, WAV_HEADER_BYTES, type Wav } from '../../src/protocol/wav.ts';
import { RecordedCall } from '../../src/server/replay/recorded-call.ts';
import { concatPcm, loadLibrivoxClips, silence, sine, sliceMs } from '../asterisk/audio.ts';
import { removeFolder } from '../support/folders.ts';
import { eventually, pass } from '../support/waiting.ts';
import { DRAGOMAN_AWAY, Exchange, PARTY_HUNG_UP, PREFIX } from './exchange.ts';
import { mostLike } from './likeness.ts';
import { assertWhole, hearMelody, LEAD_MS, melody, TONE_MS } from './melody.ts';
import type { Phone } from './phone.ts';

/** What is spoken by those who dial *496100, *496200 and *496300. */
const LANGUAGES = { DRAGOMAN_LANGUAGE_1: '656e', DRAGOMAN_LANGUAGE_2: '6573', DRAGOMAN_LANGUAGE_3: '6361' };
const [ENGLISH, SPANISH, CATALAN] = [`${PREFIX}6100`, `${PREFIX}6200`, `${PREFIX}6300`] as const;

/** A room with a PIN, in which everybody is recorded. */
const LOCKED = '07';
const PIN = '4711';

/** A sentence with words that PocketSphinx hears however they fall into frames, and what Apertium makes of them. */
const SAID = { clip: 1, heard: /young m[ae]n/i, es: /j[oó]ven/i, ca: /jove/i } as const;
/** Of less, pieces of one synthesiser are alike; of more, too few are whole where a busy machine lost frames. */
const PIECE_MS = 400;
const PIECE_STEP_MS = 200;
/** Before the first word: time for the speaker to be connected. */
const SPEAKER_LEAD_MS = 2_500;
/** Recognition, which is slow to load, and everything after it. */
const REPORT_LIMIT_MS = 60_000;
const SEATED_LIMIT_MS = 90_000;
const RECORDED_MS = 2_000;
/** By how much moments of two machines' threads may differ that stand still now and then, in ms. */
const STILL_MS = 1_000;

describe('a conference on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  let kept = '';
  before(async () => {
    kept = await mkdtemp(joinPath(tmpdir(), 'dragoman-conference-'));
    exchange = await Exchange.open({
      serve: [
        ...['--pairing', 'room', '--parties', 'en,es,ca', '--untranslatable', 'passthrough', '--captions'],
        // So that what is heard is translations and nothing else.
        ...['--announcement', 'off', '--original', 'off', '--join-tones', 'off'],
        ...[
          '--record',
          'all',
          '--record-dir',
          kept,
          '--record-layout',
          'tracks',
          '--record-announcement',
          'off',
        ],
      ],
      globals: { ...LANGUAGES, [`DRAGOMAN_PIN_${LOCKED}`]: PIN, [`DRAGOMAN_RECORD_${LOCKED}`]: 'yes' },
      pairs: 3,
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, ...DRAGOMAN_AWAY]);
    }
  });

  after(() => removeFolder(kept));

  it('lets English be heard in Spanish and in Catalan, by all in one room, who come and go', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const running = exchange;
    const say = { rateHz: 16_000, pcm: saidPcm() };
    const speaker = await running.phone(test, { user: 'a0', say });
    const [first, second, catalan] = await Promise.all([
      running.phone(test, { user: 'b0' }),
      running.phone(test, { user: 'a1' }),
      running.phone(test, { user: 'b1', codec: 'pcma' }),
    ]);
    await join(running, first, SPANISH, ['es']);
    await join(running, second, SPANISH, ['es', 'es']);
    await join(running, catalan, CATALAN, ['ca', 'es', 'es']);
    const events = await follow(test, running);
    await join(running, speaker, ENGLISH, ['ca', 'en', 'es', 'es']);

    // Two listen in Spanish, and it is translated and spoken once.
    await eventually(
      () => `the sentence is reported in both languages; so far: ${JSON.stringify(events)}`,
      REPORT_LIMIT_MS,
      () => reportsOf(events).length >= 2,
    );
    assertOnceInEach(events, 1);

    // One of them hangs up, and the room goes on.
    await second.hangUp();
    await second.until('CALL_CLOSED');
    await partiesAre(running, ['ca', 'en', 'es']);
    // It comes back, as somebody new to the room, and so does the speaker, who says it once more.
    await join(running, second, SPANISH, ['ca', 'en', 'es', 'es'], 2);
    await speaker.hangUp();
    await partiesAre(running, ['ca', 'es', 'es']);
    await join(running, speaker, ENGLISH, ['ca', 'en', 'es', 'es'], 2);
    await eventually(
      () => `it is reported again; so far: ${JSON.stringify(events)}`,
      REPORT_LIMIT_MS,
      () => reportsOf(events).length >= 4,
    );
    assertOnceInEach(events, 2);
    assert.equal(first.count('CALL_CLOSED') + catalan.count('CALL_CLOSED'), 0);

    const heardBySpeaker = await speaker.close();
    await partiesAre(running, ['ca', 'es', 'es']);
    const [one, other, third] = await Promise.all([first.close(), second.close(), catalan.close()]);
    assert.deepEqual(voiceOf(heardBySpeaker), [], 'the speaker heard something');
    // Who stayed heard it twice, who came back once in the call that was kept last; both heard the same sound.
    const pieces = voicePieces(other);
    const same = likenessOf(one, pieces);
    const different = likenessOf(third, pieces);
    test.diagnostic(`likeness: ${same.toFixed(2)} in the same language, ${different.toFixed(2)} in another`);
    assert.ok(same > 0.7, `those who share a language heard different things: ${same}`);
    assert.ok(different < same - 0.2, `who listens in Catalan heard Spanish: ${different}`);
    assert.ok(voiceOf(third).length > 0, 'who listens in Catalan heard nothing');
    await partiesAre(running, []);
    await assertTracksLineUp(kept, events);
  });

  it('asks for the PIN of a room that has one, and records what each says and hears', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    // The lowest tone of a melody, for as long as it may take.
    const say = { rateHz: 16_000, pcm: sine(450, 90_000, 16_000, 0.25) };
    const stranger = await exchange.phone(test, { user: 'a2' });
    await keyIn(exchange, stranger, 'a2', '4712');
    await stranger.until('CALL_CLOSED', SEATED_LIMIT_MS);
    await partiesAre(exchange, []);
    assert.equal((await exchange.testbed.recordings()).size, 0);

    const speaker = await exchange.phone(test, { user: 'b2', say });
    await keyIn(exchange, speaker, 'b2', PIN);
    await partiesAre(exchange, ['en']);
    await pass(RECORDED_MS);
    await speaker.hangUp();
    await speaker.until('CALL_CLOSED');
    await partiesAre(exchange, []);
    await noChannels(exchange);
    const recordings = await written(exchange, 3);
    const kinds = [...recordings.keys()].map((name) => name.replace(/^dragoman-07-[\d.]+?(?=-|\.wav)/, '*'));
    assert.deepEqual(kinds.sort(), ['*-heard.wav', '*-said.wav', '*.wav']);
    for (const [name, bytes] of recordings) {
      const { pcm, rateHz } = parseWav(bytes);
      assert.ok((pcm.length * 1_000) / rateHz > RECORDED_MS / 2, `${name} has ${pcm.length} samples`);
      const tones = hearMelody(pcm, rateHz).tonesMs.reduce((sum, ms) => sum + ms, 0);
      assert.equal(tones > TONE_MS, !name.endsWith('-heard.wav'), `${name} has ${tones} ms of the tone`);
    }
  });

  it('lets no more into a room than may be there', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await exchange.testbed.cli('dialplan set global DRAGOMAN_MOST 1');
    const [first, second] = await Promise.all([
      exchange.phone(test, { user: 'a2' }),
      exchange.phone(test, { user: 'b2' }),
    ]);
    await join(exchange, first, SPANISH, ['es']);
    await second.dial(SPANISH);
    await second.until('CALL_CLOSED', SEATED_LIMIT_MS);
    await partiesAre(exchange, ['es']);
    assert.equal(first.count('CALL_CLOSED'), 0);
    // Whose place is free again can be taken.
    await first.hangUp();
    await first.until('CALL_CLOSED');
    await noChannels(exchange);
    await join(exchange, second, SPANISH, ['es'], 2);
    await exchange.testbed.cli('dialplan set global DRAGOMAN_MOST 32');
  });

  it('is an ordinary conference when dragoman cannot be reached', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    // Who was in the room to the end of the test before may not be out of it.
    await noChannels(exchange);
    await exchange.dragoman.kill();
    const listener = await exchange.phone(test, { user: 'a2' });
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const speaker = await exchange.phone(test, { user: 'b2', say });
    await listener.dial(SPANISH);
    await listener.until('CALL_ESTABLISHED');
    await speaker.dial(ENGLISH);
    await speaker.until('CALL_ESTABLISHED');
    await pass(LEAD_MS + 5 * TONE_MS + 500);
    await speaker.hangUp();
    await speaker.until('CALL_CLOSED');
    const { pcm, rateHz } = await listener.close();
    assertWhole(hearMelody(pcm, rateHz));
  });
});

type Test = Parameters<typeof Exchange.orSkip>[1];

/**
 * What is kept of the first call: a voice that spoke twice, and of each listener what it was told, at the sample where it
 * heard it, with the noise of a line; all of it where the call's events say.
 */
async function assertTracksLineUp(directory: string, events: readonly CallEvent[]): Promise<void> {
  const [name = ''] = await eventually('its recording is finished', SEATED_LIMIT_MS, async () => {
    const unfinished = await readdir(joinPath(directory, '.unfinished'));
    const names = await readdir(directory, { recursive: true });
    const calls = names.filter((each) => each.endsWith('recording.json')).sort();
    return unfinished.length === 0 && calls.length > 0 ? calls : undefined;
  });
  const call = await RecordedCall.open(joinPath(directory, name, '..'), undefined);
  const soundsOf = async (number: number, track: 'voice' | 'told' | 'heard') => {
    const wav = (await call.track(number, track)).whole();
    return { ...wav, spans: wav.pcm.length === 0 ? [] : voiceOf(wav) };
  };
  const voices = await Promise.all(call.parties('voice').map((number) => soundsOf(number, 'voice')));
  const saidMs = voices.flatMap(({ spans }) => spans.map(({ startMs }) => startMs)).sort((a, b) => a - b);
  assert.ok(saidMs.length >= 2, `what was said begins at ${saidMs} ms`);
  const spokenMs = events.flatMap((event) => (event.type === 'spoken' ? [event.atMs] : []));
  let told = 0;
  for (const number of call.parties('told')) {
    const heard = await soundsOf(number, 'heard');
    const { spans, pcm, rateHz } = await soundsOf(number, 'told');
    assert.equal(heard.rateHz, rateHz);
    for (const { startMs, endMs } of spans) {
      told += 1;
      const piece = sliceMs(pcm, rateHz, startMs, Math.min(endMs, startMs + PIECE_MS));
      const { share, atMs } = mostLike(heard.pcm, piece, rateHz, startMs - 200, startMs + 200);
      const apart = `party ${number} was told at ${startMs} ms and heard it at ${atMs} ms (${share.toFixed(2)})`;
      assert.ok(share > 0.9 && Math.abs(atMs - startMs) < 1, apart);
      const nearestMs = Math.min(...spokenMs.map((ms) => Math.abs(ms - startMs)));
      assert.ok(nearestMs < STILL_MS, `${apart}; events say ${spokenMs}`);
      assert.ok(
        saidMs.some((ms) => ms < startMs),
        `${apart}; it was said at ${saidMs}`,
      );
    }
  }
  // Twice to each of three, but for who was away.
  assert.ok(told >= 5, `${told} translations are kept`);
}

/** The sentence, then nothing. */
function saidPcm(): Int16Array {
  return concatPcm(
    silence(SPEAKER_LEAD_MS, 16_000),
    loadLibrivoxClips()[SAID.clip]?.pcm ?? new Int16Array(0),
  );
}

/** Dials the room for the `nth` time and waits until these languages are spoken in it. */
async function join(
  exchange: Exchange,
  phone: Phone,
  number: string,
  languages: readonly string[],
  nth = 1,
): Promise<void> {
  await phone.dial(number);
  await phone.until('CALL_ESTABLISHED', SEATED_LIMIT_MS, nth);
  await partiesAre(exchange, languages);
}

/** Dials the locked room and keys in a PIN when it is asked for. */
async function keyIn(exchange: Exchange, phone: Phone, user: string, pin: string): Promise<void> {
  await phone.dial(`${PREFIX}61${LOCKED}`);
  await phone.until('CALL_ESTABLISHED', SEATED_LIMIT_MS);
  const asked = new RegExp(`<PJSIP/${user}-\\w+> Playing 'beep`);
  await eventually('the PIN is asked for', SEATED_LIMIT_MS, async () =>
    asked.test(await exchange.testbed.log()),
  );
  await phone.press(`${pin}#`);
}

async function noChannels(exchange: Exchange): Promise<void> {
  await eventually('no channel is left', SEATED_LIMIT_MS, async () => {
    return (await exchange.testbed.channels()).length === 0;
  });
}

/** The recordings of Asterisk's, when there are so many and it has written them to their ends, as their headers tell. */
function written({ testbed }: Exchange, count: number): Promise<ReadonlyMap<string, Buffer>> {
  return eventually(`${count} recordings are written`, SEATED_LIMIT_MS, async () => {
    const recordings = await testbed.recordings();
    const whole = [...recordings.values()].filter(
      (bytes) => bytes.length >= WAV_HEADER_BYTES && parseWav(bytes).pcm.length > 0,
    );
    return whole.length >= count && recordings;
  });
}

/** Waits until the only room has parties of these languages, in the order of the alphabet. */
async function partiesAre(exchange: Exchange, languages: readonly string[]): Promise<void> {
  let seen = '';
  await eventually(
    () => `the room has ${languages}; it has ${seen}`,
    SEATED_LIMIT_MS,
    async () => {
      const calls = await exchange.dragoman.calls();
      seen = calls.map(({ parties }) => parties.map(({ language }) => language).sort()).join(' | ');
      return seen === languages.join();
    },
  );
}

/** The events of the room, as they come. */
async function follow(test: Test, exchange: Exchange): Promise<readonly CallEvent[]> {
  const [call] = await exchange.dragoman.calls();
  assert.ok(call !== undefined);
  const events: CallEvent[] = [];
  const over = new AbortController();
  const captions = new CallCaptions(
    { url: exchange.dragoman.httpUrl },
    call.call,
    systemClock,
    (event) => events.push(event),
    (sentence) => assert.fail(sentence),
  );
  const followed = captions.follow(over.signal);
  test.after(async () => {
    over.abort();
    await followed;
  });
  return events;
}

function reportsOf(events: readonly CallEvent[]): readonly UtteranceReport[] {
  return events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
}

/** What was said `times` times has one report and one rendering in each language, however many listen in it. */
function assertOnceInEach(events: readonly CallEvent[], times: number): void {
  const reports = reportsOf(events);
  for (const language of ['es', 'ca'] as const) {
    const inIt = reports.filter(({ target }) => target.language === language);
    assert.equal(inIt.length, times, JSON.stringify(reports));
    const spoken = events.filter((event) => event.type === 'spoken' && event.language === language);
    const segments = inIt.reduce((sum, report) => sum + report.segments, 0);
    assert.equal(spoken.length, segments, `segments in ${language} that began to be heard`);
    for (const report of inIt) {
      assert.equal(report.outcome, 'spoken');
      assert.match(report.source.piiText, SAID.heard);
      assert.match(report.target.piiText, SAID[language]);
    }
  }
}

/** A voice lasts longer than a cue or a waiting tone. */
function voiceOf({ pcm, rateHz }: Wav) {
  return heardSounds(pcm, rateHz, 0).filter(({ startMs, endMs }) => endMs - startMs > 600);
}

/** Pieces of the first voice in what was heard, at 8 kHz: a busy machine may leave a frame out of some of them. */
function voicePieces(heard: Wav): readonly Int16Array[] {
  const [voice] = voiceOf(heard);
  assert.ok(voice !== undefined, 'who came back heard nothing');
  const pcm = telephoneBand(heard);
  const steps = Math.floor((voice.endMs - voice.startMs - 200 - PIECE_MS) / PIECE_STEP_MS) + 1;
  return Array.from({ length: Math.max(1, steps) }, (_, index) => {
    const startMs = voice.startMs + 100 + index * PIECE_STEP_MS;
    return sliceMs(pcm, 8_000, startMs, startMs + PIECE_MS);
  });
}

/** How well pieces are found in what was heard: half of them at least so well. */
function likenessOf(heard: Wav, pieces: readonly Int16Array[]): number {
  const pcm = telephoneBand(heard);
  const voices = voiceOf(heard);
  const found = pieces.map((piece) =>
    Math.max(
      0,
      ...voices.map(({ startMs, endMs }) => mostLike(pcm, piece, 8_000, startMs - 500, endMs).share),
    ),
  );
  found.sort((a, b) => a - b);
  return found[found.length >> 1] ?? 0;
}

/** At 8 kHz, by pairs of samples: enough to compare voices. */
function telephoneBand({ pcm, rateHz }: Wav): Int16Array {
  if (rateHz === 8_000) {
    return pcm;
  }
  return Int16Array.from({ length: pcm.length >> 1 }, (_, index) => {
    return ((pcm[2 * index] ?? 0) + (pcm[2 * index + 1] ?? 0)) / 2;
  });
}
