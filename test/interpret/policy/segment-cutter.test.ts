import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutPolicy } from '../../../src/interpret/policy/choose-policy.ts';
import { SegmentCutter } from '../../../src/interpret/policy/segment-cutter.ts';

function cutter(): SegmentCutter {
  return new SegmentCutter('en', cutPolicy('clause', 'en', []));
}

function texts(look: ReturnType<SegmentCutter['look']>): readonly string[] {
  return look.segments.map(({ text }) => text);
}

describe('SegmentCutter', () => {
  it('cuts each segment off once, in order, and leaves nothing out', () => {
    const heard = cutter();
    heard.stable('I see it.', 0);
    assert.deepEqual(texts(heard.look(0)), ['I see it.']);
    assert.deepEqual(texts(heard.look(10)), []);
    heard.stable('I see it. You see it too. And', 500);
    assert.deepEqual(texts(heard.look(500)), ['You see it too.']);
    heard.final('I see it. You see it too. And they');
    assert.deepEqual(texts(heard.look(900)), ['And they']);
    assert.equal(heard.contradicted, 0);
  });

  it('cuts several at once', () => {
    const heard = cutter();
    heard.final('One is here. Two is there. Three');
    assert.deepEqual(texts(heard.look(0)), ['One is here.', 'Two is there.', 'Three']);
  });

  it('works ahead on what would be cut off if it were certain', () => {
    const heard = cutter();
    heard.partial('I see it. And', 0);
    assert.equal(heard.look(0).draft, 'I see it.');
  });

  it('works ahead on everything once the speaker is silent, or seems to be done', () => {
    const silent = cutter();
    silent.partial('good morning', 0);
    assert.equal(silent.look(0).draft, undefined);
    silent.paused(0, 200);
    assert.equal(silent.look(200).draft, undefined, 'a word may be missing');
    assert.equal(silent.look(320).draft, 'good morning');
    silent.resumed();
    assert.equal(silent.look(340).draft, undefined);
    const done = cutter();
    done.partial('good morning', 0);
    done.likelyEnded();
    assert.equal(done.look(0).draft, 'good morning');
    done.partial('good morning my', 100);
    assert.equal(done.look(100).draft, undefined, 'the speaker goes on');
  });

  it('says when silence or waiting alone will change the answer', () => {
    const heard = cutter();
    heard.partial('good morning', 1_000);
    assert.equal(heard.look(1_000).lookAgainMs, 1_500, 'when nothing has changed for long enough');
    heard.paused(1_300, 1_500);
    assert.equal(heard.look(1_500).lookAgainMs, 1_600, 'when the pause is long enough');
    assert.equal(heard.look(1_600).lookAgainMs, 1_620, 'when no word is expected any more');
    assert.equal(heard.look(1_620).lookAgainMs, 1_900, 'when it has waited for long');
    assert.equal(heard.look(1_900).lookAgainMs, 2_000, 'when recognition has surely caught up');
    const look = heard.look(2_000);
    assert.deepEqual(texts(look), ['good morning']);
    assert.equal(look.lookAgainMs, undefined);
  });

  it('cuts in a pause only when recognition has heard everything before it', () => {
    const timed = cutter();
    timed.paused(1_000, 1_200);
    timed.partial('good morning', 1_250, 700);
    timed.partial('good morning', 1_350, 700);
    assert.deepEqual(
      texts(timed.look(1_400)),
      [],
      'the last word that was heard ended long before the silence',
    );
    timed.partial('good morning all', 1_450, 950);
    timed.partial('good morning all', 1_500, 950);
    assert.deepEqual(texts(timed.look(1_500)), ['good morning all']);
    const untimed = cutter();
    untimed.partial('good morning', 1_100);
    untimed.paused(1_000, 1_200);
    assert.deepEqual(texts(untimed.look(1_400)), []);
    untimed.partial('good morning', 1_450);
    assert.deepEqual(texts(untimed.look(1_450)), ['good morning'], 'it is heard again as it was');
  });

  it('goes on behind a word that recognition changed after it was cut off, and counts it', () => {
    const heard = cutter();
    heard.stable('I want to see it.', 0);
    heard.look(0);
    heard.final('I wanted to see it. Now');
    assert.deepEqual(texts(heard.look(100)), ['Now']);
    assert.equal(heard.contradicted, 1);
  });

  it('holds its words until they are heard twice', () => {
    const heard = cutter();
    heard.partial('I sea it.', 0);
    assert.deepEqual(texts(heard.look(0)), []);
    heard.partial('I see it. And then', 250);
    assert.deepEqual(texts(heard.look(250)), []);
    heard.partial('I see it. And then we', 500);
    assert.deepEqual(texts(heard.look(500)), ['I see it.']);
  });
});
