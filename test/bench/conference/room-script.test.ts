import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bareWord } from '../interpret/word-truth.ts';
import { pitchOf } from '../realtime/call-voice.ts';
import {
  clausesOf,
  fittingLength,
  type RoomScript,
  speakersOf,
  speakingShare,
  streamsWanted,
} from './room-script.ts';
import { SpeakerTurns } from './speaker-turns.ts';

const SCRIPT: RoomScript = { rooms: 60, languages: ['en', 'fr'], seconds: 60, seed: 1, renderedLength: 1 };

describe('the script of a run with rooms', () => {
  const speakers = speakersOf(SCRIPT);

  it('has everyone speak for about half of the time', () => {
    const share = speakingShare(speakers, SCRIPT.seconds);
    assert.ok(share > 0.4 && share < 0.52, `${share}`);
  });

  it('ends what it begins within the talk', () => {
    assert.ok(
      speakers.every(({ turns }) => turns.every((turn) => turn.startFrame * 20 + turn.lengthMs <= 60_000)),
    );
  });

  it('has a word for each clause that is said nowhere else', () => {
    const clauses = clausesOf(speakers);
    assert.equal(new Set(clauses.map(({ code }) => code)).size, clauses.length);
    for (const { speaker, code } of clauses) {
      const words = speaker.turns.flatMap((turn) => turn.words.map(({ text }) => bareWord(text)));
      assert.ok(words.includes(code));
    }
  });

  it('has those who share a pitch sound alike and speak one language', () => {
    const [one, other] = [speakers[3], speakers[53]];
    assert.equal(one?.voice, other?.voice);
    assert.equal(one?.language, other?.language);
    const times = (speaker: typeof one) =>
      speaker?.turns.map(({ startFrame, words }) => [startFrame, words.map(({ endMs }) => endMs)]);
    assert.deepEqual(times(one), times(other));
  });

  it('needs a stream for each who has a listener of another language', () => {
    assert.equal(streamsWanted(SCRIPT), 120);
    assert.equal(streamsWanted({ ...SCRIPT, rooms: 1, languages: ['en', 'en'] }), 0);
  });

  it('makes translations so short that the largest room can hear them all', () => {
    assert.equal(fittingLength(['en', 'fr']), 1);
    // Three quarters of twelve are foreign to each: 9 * 0.5 of the time, in 0.8 of it.
    const twelve = Array.from({ length: 12 }, (_, place) => ['en', 'es', 'fr', 'de'][place % 4] ?? '');
    assert.ok(Math.abs(fittingLength(twelve) - 0.8 / 4.5) < 1e-9);
  });
});

describe('whose turn a sound is', () => {
  it('is told by the pitch, and stays with the stream', () => {
    const speakers = speakersOf(SCRIPT);
    const turns = new SpeakerTurns(speakers);
    const [first, later] = [speakers[3], speakers[53]];
    const burst = { burst: 0, pitchHz: pitchOf(3), purity: 1 };
    assert.equal(turns.next({ ...burst, connection: 7 }), first?.turns[0]);
    assert.equal(turns.next({ ...burst, connection: 9 }), later?.turns[0]);
    assert.equal(turns.next({ ...burst, connection: 7 }), first?.turns[1]);
    assert.equal(turns.broken, 0);
  });

  it('is nobody’s when the sound has no pitch, or another than the stream', () => {
    const turns = new SpeakerTurns(speakersOf(SCRIPT));
    const tone = { burst: 0, purity: 1 };
    turns.next({ ...tone, connection: 0, pitchHz: pitchOf(3) });
    assert.equal(turns.next({ ...tone, connection: 0, pitchHz: pitchOf(4) }), undefined);
    assert.equal(turns.next({ ...tone, connection: 1, pitchHz: 120 }), undefined);
    assert.equal(turns.next({ ...tone, connection: 1, pitchHz: pitchOf(3), purity: 0.5 }), undefined);
    assert.equal(turns.broken, 3);
  });
});
