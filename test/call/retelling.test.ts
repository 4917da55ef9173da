import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { Retelling } from '../../src/call/retelling.ts';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import { ScriptedStt } from '../interpret/scripted-engines.ts';
import { voiceLike } from '../media/voice-like.ts';
import { never } from '../support/waiting.ts';
import { ScriptedExchange } from './scripted-legs.ts';

const audio = (sample: number, frames = 1) =>
  ({ type: 'audio', pcm: new Int16Array(320 * frames).fill(sample) }) as const;
const ended = (atMs: number) => ({ type: 'ended', endMs: atMs, decidedMs: atMs, echoShare: 0 }) as const;
const started = (utterance: number) =>
  ({ type: 'started', utterance, startMs: 1_000, overlapping: false }) as const;

function saying(): Retelling {
  const retelling = new Retelling();
  retelling.began(started(7), 3);
  retelling.take(audio(1));
  return retelling;
}

/** What a next hearing is told, in short. */
function told(retelling: Retelling, nowMs = 2_000) {
  const { utterances, countedOn } = retelling.next(nowMs);
  return { told: utterances.map(({ number, turn, events }) => [number, turn, events.length]), countedOn };
}

describe('what is told again', () => {
  it('is the utterance in which a hearing was lost, as a later one', () => {
    const retelling = saying();
    retelling.lost(
      new Map([
        [6, 'before'],
        [7, 'I will'],
      ]),
    );
    assert.deepEqual(told(retelling), { told: [[8, 3, 2]], countedOn: 1 });
    assert.deepEqual(retelling.passedOn, new Map([[8, 'I will']]));
  });

  it('is told again once more when that hearing is lost, too', () => {
    const retelling = saying();
    retelling.lost(new Map([[7, 'I']]));
    told(retelling);
    retelling.lost(new Map([[8, 'I will']]));
    assert.deepEqual(told(retelling), { told: [[9, 3, 2]], countedOn: 1 });
    assert.deepEqual(retelling.passedOn, new Map([[9, 'I will']]));
  });

  it('is all that was said while there was no hearing, in its order, and what goes on', () => {
    const retelling = saying();
    retelling.take(ended(1_500));
    retelling.began(started(8), 4);
    retelling.lost(
      new Map([
        [7, 'I will'],
        [8, ''],
      ]),
    );
    retelling.take(ended(1_600));
    retelling.began(started(9), 5);
    retelling.take(audio(1));
    const counted = {
      told: [
        [9, 3, 3],
        [10, 4, 2],
        [11, 5, 2],
      ],
      countedOn: 2,
    };
    assert.deepEqual(told(retelling), counted);
    const said = new Map([
      [9, 'I will'],
      [10, ''],
      [11, ''],
    ]);
    assert.deepEqual(retelling.passedOn, said);
    retelling.settled(9);
    retelling.lost(new Map([...said].slice(1)));
    assert.deepEqual(told(retelling).told, [
      [12, 4, 2],
      [13, 5, 2],
    ]);
  });

  it('keeps its number when no hearing had been told of it', () => {
    assert.deepEqual(told(saying()), { told: [[7, 3, 2]], countedOn: 0 });
  });

  it('is nothing when its final is there, or nobody hears any more', () => {
    const [settled, cleared] = [saying(), saying()];
    settled.settled(7);
    settled.lost(new Map());
    settled.take(audio(1));
    cleared.lost(new Map([[7, 'I will']]));
    cleared.clear();
    for (const retelling of [settled, cleared]) {
      assert.deepEqual(told(retelling), { told: [], countedOn: 0 });
      assert.deepEqual(retelling.passedOn, new Map());
    }
  });

  it('is nothing when it ended more than 12 s ago', () => {
    const retelling = saying();
    retelling.take(ended(2_000));
    retelling.lost(new Map([[7, '']]));
    assert.deepEqual(told(retelling, 14_001).told, []);
  });

  it('is 16 utterances and 20 s of sound at most, the latest', () => {
    const retelling = new Retelling();
    for (let utterance = 1; utterance <= 20; utterance += 1) {
      retelling.began(started(utterance), utterance);
      retelling.take(ended(1_500));
    }
    assert.equal(told(retelling).told[0]?.[0], 5);
    retelling.began(started(21), 21);
    retelling.take(audio(1, 500));
    retelling.take(ended(1_500));
    retelling.began(started(22), 22);
    retelling.take(audio(1, 500));
    assert.equal(told(retelling).told.length, 16);
    retelling.take(audio(1));
    assert.deepEqual(told(retelling).told, [[22, 22, 3]]);
  });
});

describe('a call whose recognition fails for good in mid-utterance', () => {
  it('renders what was heard, and the rest of it once another hearing is open', async (t) => {
    const stt = new ScriptedStt();
    const segments: string[] = [];
    const exchange: ScriptedExchange = new ScriptedExchange(t, {
      interpreters: (scripted) => (from) => {
        const { text } = scripted;
        return from !== 'en' || text.type !== 'text'
          ? undefined
          : {
              type: 'text',
              hearing: {
                ...text.hearing,
                open: (options, signal) => new SttHearings(stt, exchange.clock).open(options, signal),
              },
              rendering: {
                open: (options, hearing) => {
                  const sink = {
                    began: () => {},
                    draft: () => {},
                    segment: (utterance: { readonly number: number }, said: string) =>
                      segments.push(`${utterance.number} ${said}`),
                    switched: () => {},
                    ended: () => {},
                  };
                  hearing.subscribe(sink, never());
                  return text.rendering.open(options, hearing);
                },
              },
            };
      },
    });
    const [a] = await exchange.call();
    await exchange.run(40);
    a.speak(voiceLike(4_000, 8_000));
    await exchange.run(1_000);
    stt.hears('stable', 1, 'One is here. Two');
    for (const pauseMs of [20, 220, 420, 20]) {
      stt.fails(new AppError('engine-died', 'gone'));
      await exchange.run(pauseMs);
    }
    assert.deepEqual(segments, ['1 One is here.', '1 Two']);
    await exchange.run(4_000);
    assert.ok(stt.calls.includes('start 2'));
    assert.equal(stt.calls.at(-1), 'end');
    const again = stt.calls.slice(stt.calls.indexOf('start 2')).filter((call) => call.startsWith('write'));
    assert.ok(again.length > 180, `${again.length} frames of 4 s`);
    stt.hears('final', 2, 'One is here. Two is there. Three too.');
    await exchange.run(40);
    assert.deepEqual(segments.slice(2), ['2 is there.', '2 Three too.']);
    assert.equal(exchange.tally('recoveries', 'true'), 1);
    assert.equal(exchange.tally('streamsReplaced', 'engine-died'), 3);
  });
});
