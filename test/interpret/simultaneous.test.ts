import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { Glossary } from '../../src/interpret/exactness/glossary.ts';
import { Rig, type RigOptions } from './cascade-rig.ts';

/** Somebody who has begun to speak to a cascade that cuts at clauses and works ahead. */
async function speaking(
  t: TestContext,
  options: RigOptions & { readonly overlapping?: boolean } = {},
): Promise<Rig> {
  const { overlapping = false, ...policies } = options;
  const rig = await Rig.open(t, { policy: 'clause', drafts: true, ...policies });
  rig.interpreter.startUtterance(1, rig.clock.nowMs(), overlapping);
  return rig;
}

/** Hears the same twice, so that it is stable. */
async function hears(rig: Rig, text: string): Promise<void> {
  rig.stt.hears('partial', 1, text);
  rig.stt.hears('partial', 1, text);
  await rig.clock.settle();
}

/** The utterance ends with `text`. */
async function ends(rig: Rig, text: string): Promise<void> {
  rig.interpreter.endUtterance(rig.clock.nowMs());
  rig.stt.hears('final', 1, text);
  await rig.clock.settle();
}

/** What translation was asked for. */
function asked(rig: Rig): readonly string[] {
  return rig.mt.asked.map(({ request }) => request.text);
}

describe('a cascade that cuts at clauses', () => {
  it('speaks while the speaker goes on', async (t) => {
    const rig = await speaking(t);
    await hears(rig, 'I will come tomorrow. And then');
    assert.deepEqual(rig.story, ['1 says <I will come tomorrow.>']);
    await ends(rig, 'I will come tomorrow. And then we eat');
    assert.deepEqual(rig.story, ['1 says <I will come tomorrow.>', '1 says <And then we eat>', '1 spoken']);
  });

  it('asks recognition to settle at each pause, and speaks what has settled', async (t) => {
    const rig = await speaking(t);
    const { clock } = rig;
    rig.stt.hears('partial', 1, 'we will see');
    await clock.advance(1_000);
    rig.interpreter.pause(clock.nowMs() - 200);
    assert.equal(rig.stt.calls.at(-1), 'flush');
    rig.stt.hears('stable', 1, 'We will see.');
    await clock.settle();
    assert.deepEqual(rig.story, ['1 says <We will see.>']);
  });

  it('speaks in a pause what no engine settles, once it is clear that no word is missing', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('partial', 1, 'we will see');
    rig.interpreter.pause(rig.clock.nowMs());
    await rig.clock.advance(699);
    assert.deepEqual(rig.story, []);
    await rig.clock.advance(1);
    assert.deepEqual(rig.story, ['1 says <we will see>']);
  });

  it('does not take a pause for one once the speaker has gone on', async (t) => {
    const rig = await speaking(t);
    await hears(rig, 'we will');
    rig.interpreter.pause(rig.clock.nowMs());
    rig.interpreter.resume();
    await rig.clock.advance(2_000);
    assert.deepEqual(rig.story, []);
  });

  it('synthesises the next segment while one is being spoken, and no more than that', async (t) => {
    const rig = await speaking(t, { drafts: false });
    rig.tts.atOnce = false;
    await ends(rig, 'One is here. Two is there. Three is gone.');
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => request.text),
      ['<One is here.>', '<Two is there.>'],
    );
  });

  it('counts words that it spoke and that were something else', async (t) => {
    const rig = await speaking(t);
    await hears(rig, 'I will come today. And');
    await ends(rig, 'I will come Monday. And go');
    assert.equal(rig.noted.filter((what) => what === 'contradicted-word').length, 1);
  });
});

describe('work ahead', () => {
  it('has the translation and its first sound ready when the segment becomes certain', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('partial', 1, 'I see. And');
    await rig.clock.settle();
    assert.deepEqual(asked(rig), ['I see.']);
    assert.equal(rig.tts.asked.length, 1);
    assert.deepEqual(rig.story, [], 'nothing is heard before it is certain');
    rig.stt.hears('stable', 1, 'I see.');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <I see.>']);
    assert.deepEqual([asked(rig).length, rig.tts.asked.length], [1, 1], 'nothing is asked twice');
    assert.ok(rig.noted.includes('draft-hit'));
  });

  it('throws away what turns out otherwise, and ends its engines', async (t) => {
    const rig = await speaking(t);
    rig.mt.atOnce = false;
    rig.stt.hears('partial', 1, 'I see. And');
    await rig.clock.settle();
    rig.stt.hears('partial', 1, 'I sea you. And');
    await rig.clock.settle();
    assert.equal(rig.mt.asked[0]?.signal.aborted, true);
    assert.deepEqual(asked(rig), ['I see.', 'I sea you.']);
    assert.ok(rig.noted.includes('draft-miss'));
  });

  it('goes on when only marks and capitals changed', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('partial', 1, 'i see. And');
    rig.stt.hears('partial', 1, 'I, see. And then');
    await rig.clock.settle();
    assert.deepEqual(asked(rig), ['i see.']);
  });

  it('begins when the speaker falls silent, or when the engine thinks they are done', async (t) => {
    const silent = await speaking(t);
    silent.stt.hears('partial', 1, 'we will see');
    assert.deepEqual(asked(silent), []);
    silent.interpreter.pause(silent.clock.nowMs());
    assert.deepEqual(asked(silent), [], 'a word may be missing');
    silent.stt.hears('partial', 1, 'we will see it');
    assert.deepEqual(asked(silent), ['we will see it']);
    const done = await speaking(t);
    done.stt.hears('partial', 1, 'we will see');
    done.stt.likelyEnd(1);
    assert.deepEqual(asked(done), ['we will see']);
  });

  it('asks for no sound of an engine that has no room for what may not be wanted', async (t) => {
    const rig = await Rig.open(t, { policy: 'clause', drafts: true, hasRoom: false });
    rig.interpreter.startUtterance(1, rig.clock.nowMs(), false);
    rig.stt.hears('partial', 1, 'I see. And');
    await rig.clock.settle();
    assert.deepEqual([asked(rig).length, rig.tts.asked.length], [1, 0]);
    rig.stt.hears('stable', 1, 'I see.');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <I see.>']);
  });

  it('is not done when it is turned off', async (t) => {
    const rig = await speaking(t, { drafts: false });
    rig.stt.hears('partial', 1, 'I see. And');
    await rig.clock.settle();
    assert.deepEqual(asked(rig), []);
  });

  it('that failed is tried anew when the segment is certain', async (t) => {
    const rig = await speaking(t);
    rig.mt.atOnce = false;
    rig.stt.hears('partial', 1, 'I see. And');
    for (const index of [0, 1]) {
      rig.mt.asked[index]?.fail(new Error('no'));
      await rig.clock.settle();
    }
    rig.mt.atOnce = true;
    rig.stt.hears('stable', 1, 'I see.');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <I see.>']);
  });
});

describe('translation in a call', () => {
  it('knows what was said before, and what the other party said', async (t) => {
    const rig = await speaking(t);
    rig.other.spoken('how are you?');
    await hears(rig, 'I am fine. And');
    await ends(rig, 'I am fine. And you?');
    assert.deepEqual(rig.mt.asked.at(-1)?.request.context, ['how are you?', 'I am fine.']);
  });

  it('does not ask for a short phrase again', async (t) => {
    const rig = await Rig.open(t, { policy: 'turn' });
    for (const [utterance, text] of ['Good morning.', 'Good morning.', 'GOOD morning.'].entries()) {
      await rig.utter(utterance, text);
    }
    assert.deepEqual(asked(rig), ['Good morning.']);
    assert.equal(rig.story.filter((line) => line.includes('<Good morning.>')).length, 3);
    assert.deepEqual(rig.noted, ['cache-miss', 'cache-hit', 'cache-hit']);
  });

  it('puts digits and terms in that translation lost', async (t) => {
    const rig = await speaking(t, {
      glossary: new Glossary(new Map([['fast lane', 'carril rápido']])),
      drafts: false,
    });
    rig.mt.atOnce = false;
    await ends(rig, 'take the fast lane to gate 12');
    rig.mt.asked[0]?.answer('tome la vía veloz a la puerta');
    await rig.clock.settle();
    assert.deepEqual(asked(rig).slice(1), ['take the', 'to gate']);
    rig.mt.asked[1]?.answer('tome el');
    rig.mt.asked[2]?.answer('a la puerta');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says tome el carril rápido a la puerta 12', '1 spoken']);
    assert.ok(rig.noted.includes('repaired'));
  });

  it("tells recognition of the listener's language only when the speaker may fall into it", async (t) => {
    assert.equal((await speaking(t)).stt.alsoLanguage, undefined);
    assert.equal((await speaking(t, { codeSwitching: true })).stt.alsoLanguage, 'es');
  });

  it('tells recognition the terms of the glossary', async (t) => {
    const rig = await speaking(t, { glossary: new Glossary(new Map([['fast lane', 'carril rápido']])) });
    assert.deepEqual(rig.stt.terms, ['fast lane']);
  });
});

describe('speech that is not translated', () => {
  it('is an "uh-huh" into what is being spoken', async (t) => {
    const rig = await speaking(t, { overlapping: true });
    rig.other.spoken('we close at six.');
    await hears(rig, 'Yeah.');
    await rig.clock.advance(500);
    await ends(rig, 'Yeah.');
    assert.deepEqual([rig.story, asked(rig)], [['1 left-alone'], []]);
    assert.deepEqual(rig.noted, ['listening']);
  });

  it('is translated when it answers a question, and when it goes on', async (t) => {
    const answer = await speaking(t, { overlapping: true });
    answer.other.spoken('shall we meet?');
    await ends(answer, 'Yeah.');
    assert.deepEqual(answer.story, ['1 says <Yeah.>', '1 spoken']);
    const more = await speaking(t, { overlapping: true });
    more.other.spoken('we close at six.');
    await hears(more, 'Yeah.');
    await ends(more, 'Yeah. But I come at seven.');
    assert.equal(more.story.at(-1), '1 spoken');
  });

  it('is our own voice come back through the phone', async (t) => {
    const rig = await speaking(t, { overlapping: true });
    rig.other.spoken('your appointment is on Tuesday at four.');
    await ends(rig, 'appointment is on Tuesday at for');
    assert.deepEqual([rig.story, asked(rig)], [['1 left-alone'], []]);
    assert.deepEqual(rig.noted, ['echo']);
  });

  it('is not what the speaker repeats after having heard it', async (t) => {
    const rig = await speaking(t);
    rig.other.spoken('your appointment is on Tuesday at four.');
    await ends(rig, 'on Tuesday at four.');
    assert.equal(rig.story.at(-1), '1 spoken');
  });

  it('is music, once that is known', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('partial', 1, 'la la. La');
    rig.interpreter.abandon();
    await hears(rig, 'la la. La la la.');
    await ends(rig, 'la la. La la la.');
    assert.deepEqual(rig.story, ['1 left-alone']);
    assert.equal(rig.mt.asked[0]?.signal.aborted, true, 'work ahead ends');
    assert.ok(rig.noted.includes('not-speech'));
  });

  it("is the listener's own language, heard as it is until the utterance ends", async (t) => {
    const rig = await speaking(t);
    rig.stt.speaks(1, 'es-419');
    await hears(rig, 'Ya voy. Un momento');
    await ends(rig, 'Ya voy. Un momento.');
    assert.deepEqual([rig.story, asked(rig)], [['1 left-alone'], []]);
    assert.deepEqual(
      rig.events.filter(({ type }) => type === 'as-is'),
      [
        { type: 'as-is', on: true },
        { type: 'as-is', on: false },
      ],
    );
  });
});

describe('speech that waits its turn', () => {
  it('begins with the bytes that came while it waited', async (t) => {
    const rig = await speaking(t, { drafts: false });
    rig.tts.atOnce = false;
    await ends(rig, 'One is here. Two is there.');
    const [one, two] = [new SpeechPieces(), new SpeechPieces()];
    two.push(new Int16Array(20));
    two.complete();
    rig.tts.asked[1]?.answer({ rateHz: 8_000, pieces: two });
    one.push(new Int16Array(10));
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces: one });
    await rig.clock.advance(100);
    assert.deepEqual(rig.story, ['1 says <One is here.>']);
    one.complete();
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <One is here.>', '1 says <Two is there.>', '1 spoken']);
  });
});
