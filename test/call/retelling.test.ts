import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { Retelling } from '../../src/call/retelling.ts';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import { ScriptedStt } from '../interpret/scripted-engines.ts';
import { voiceLike } from '../media/voice-like.ts';
import { never } from '../support/waiting.ts';
import { ScriptedExchange } from './scripted-legs.ts';

function saying(): Retelling {
  const retelling = new Retelling();
  retelling.began({ type: 'started', utterance: 7, startMs: 1_000, overlapping: false }, 3);
  retelling.take({ type: 'audio', pcm: Int16Array.of(1) });
  return retelling;
}

describe('what is told again', () => {
  it('is the utterance in which a hearing was lost, as the next one, once', () => {
    const retelling = saying();
    retelling.lost(
      new Map([
        [6, 'before'],
        [7, 'I will'],
      ]),
    );
    assert.deepEqual(retelling.passedOn, new Map([[8, 'I will']]));
    const running = retelling.next(2_000);
    assert.deepEqual([running?.number, running?.turn, running?.events.length], [8, 3, 2]);
    assert.equal(retelling.next(2_000), undefined);
  });

  it('is told again once more when that hearing is lost, too', () => {
    const retelling = saying();
    retelling.lost(new Map([[7, 'I']]));
    retelling.next(2_000);
    retelling.lost(new Map([[8, 'I will']]));
    assert.deepEqual(retelling.passedOn, new Map([[9, 'I will']]));
    assert.equal(retelling.next(2_000)?.number, 9);
  });

  it('is nothing when no hearing was lost in it, its final is there, or nobody hears any more', () => {
    assert.equal(saying().next(2_000), undefined);
    const [other, settled, cleared] = [saying(), saying(), saying()];
    other.lost(new Map([[6, 'before']]));
    settled.settled(7);
    settled.lost(new Map([[7, 'I will']]));
    cleared.lost(new Map([[7, 'I will']]));
    cleared.clear();
    for (const retelling of [other, settled, cleared]) {
      assert.deepEqual(retelling.passedOn, new Map());
      assert.equal(retelling.next(2_000), undefined);
    }
  });

  it('is nothing when it ended more than 5 s ago', () => {
    const retelling = saying();
    retelling.take({ type: 'ended', endMs: 1_500, decidedMs: 2_000, echoShare: 0 });
    retelling.lost(new Map([[7, '']]));
    assert.equal(retelling.next(7_001), undefined);
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
