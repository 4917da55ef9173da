import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { Glossary } from '../../src/interpret/exactness/glossary.ts';
import { Rig, type RigOptions } from './interpreting-rig.ts';

/** Somebody who has begun to speak, is cut at clauses and worked ahead of. */
async function speaking(
  t: TestContext,
  options: RigOptions & { readonly overlapping?: boolean } = {},
): Promise<Rig> {
  const { overlapping = false, ...policies } = options;
  const rig = await Rig.open(t, { policy: 'clause', drafts: true, ...policies });
  rig.start(1, rig.clock.nowMs(), overlapping);
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
  rig.end(rig.clock.nowMs());
  rig.stt.hears('final', 1, text);
  await rig.clock.settle();
}

/** What translation was asked for. */
function asked(rig: Rig): readonly string[] {
  return rig.mt.asked.map(({ request }) => request.text);
}

describe('speech that is cut at clauses', () => {
  it('speaks while the speaker goes on', async (t) => {
    const rig = await speaking(t);
    await hears(rig, 'I will come tomorrow. And then');
    assert.deepEqual(rig.story, ['1 says <I will come tomorrow.>']);
    await ends(rig, 'I will come tomorrow. And then we eat');
    assert.deepEqual(rig.story, ['1 says <I will come tomorrow.>', '1 says <And then we eat>', '1 spoken']);
  });

  it('tells translation what goes on in a sentence, and what begins one', async (t) => {
    const rig = await speaking(t);
    await hears(rig, 'When the bus comes, we will go. And then');
    await ends(rig, 'When the bus comes, we will go. And then we eat');
    rig.start(2, rig.clock.nowMs());
    rig.end(rig.clock.nowMs());
    rig.stt.hears('final', 2, 'it is late');
    await rig.clock.settle();
    assert.deepEqual(
      rig.mt.asked.map(({ request }) => [request.text, request.midSentence ?? false]),
      [
        ['When the bus comes,', false],
        ['we will go.', true],
        ['And then we eat', false],
        ['it is late', false],
      ],
    );
  });

  it('asks recognition to settle at each pause, and speaks what has settled', async (t) => {
    const rig = await speaking(t);
    const { clock } = rig;
    rig.stt.hears('partial', 1, 'we will see');
    await clock.advance(1_000);
    rig.pause(clock.nowMs() - 200);
    assert.equal(rig.stt.calls.at(-1), 'flush');
    rig.stt.hears('stable', 1, 'We will see.');
    await clock.settle();
    assert.deepEqual(rig.story, ['1 says <We will see.>']);
  });

  it('speaks in a pause what no engine settles, once it is clear that no word is missing', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('partial', 1, 'we will see');
    rig.pause(rig.clock.nowMs());
    await rig.clock.advance(699);
    assert.deepEqual(rig.story, []);
    await rig.clock.advance(1);
    assert.deepEqual(rig.story, ['1 says <we will see>']);
  });

  it('does not take a pause for one once the speaker has gone on', async (t) => {
    const rig = await speaking(t);
    await hears(rig, 'we will');
    rig.pause(rig.clock.nowMs());
    rig.hearing.take({ type: 'resumed' });
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
    silent.pause(silent.clock.nowMs());
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
    rig.start(1, rig.clock.nowMs());
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
    rig.lines.told('how are you?');
    await hears(rig, 'I am fine. And');
    await ends(rig, 'I am fine. And you?');
    assert.deepEqual(rig.mt.asked.at(-1)?.request.context, ['how are you?', 'I am fine.']);
  });

  it('does not ask for a short phrase again', async (t) => {
    const rig = await Rig.open(t, { policy: 'turn' });
    for (const [utterance, text] of ['Good morning.', 'Good morning.', 'Good MORNING.'].entries()) {
      await rig.utter(utterance, text);
    }
    // Capitals say what is a name: they are part of the phrase.
    assert.deepEqual(asked(rig), ['Good morning.', 'Good MORNING.']);
    assert.equal(rig.story.filter((line) => line.includes('<Good morning.>')).length, 2);
    assert.deepEqual(rig.noted, ['cache-miss', 'cache-hit', 'cache-miss']);
    // What is known is not charged for again; its speech is. The translation is the text in brackets.
    assert.deepEqual(
      [...rig.charged],
      [
        ['mt-characters', 2 * 13],
        ['tts-characters', 3 * 15],
      ],
    );
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
    assert.deepEqual(asked(rig).slice(1), ['take the fast lane to gate 12'], 'without context');
    rig.mt.asked[1]?.answer('tome la vía veloz a la puerta');
    await rig.clock.settle();
    assert.deepEqual(asked(rig).slice(2), ['Take the fast lane to gate 12.'], 'as a sentence');
    rig.mt.asked[2]?.answer('Tome la vía veloz a la puerta.');
    await rig.clock.settle();
    assert.deepEqual(asked(rig).slice(3), ['take the', 'to gate'], 'around what was lost');
    assert.deepEqual(
      rig.mt.asked.slice(3).map(({ request }) => request.midSentence ?? false),
      [false, true],
      'the second begins no sentence',
    );
    rig.mt.asked[3]?.answer('tome el');
    rig.mt.asked[4]?.answer('a la puerta');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says tome el carril rápido a la puerta 12', '1 spoken']);
    assert.ok(rig.noted.includes('repaired'));
  });

  it("tells recognition of the listener's language only when the speaker may fall into it", async (t) => {
    assert.equal((await speaking(t)).stt.alsoLanguage, undefined);
    assert.equal((await speaking(t, { alsoLanguages: ['es'] })).stt.alsoLanguage, 'es');
  });

  it('tells recognition the terms of the glossary', async (t) => {
    const rig = await speaking(t, { glossary: new Glossary(new Map([['fast lane', 'carril rápido']])) });
    assert.deepEqual(rig.stt.terms, ['fast lane']);
  });
});

describe('speech that is not translated', () => {
  it('is an "uh-huh" into what is being spoken', async (t) => {
    const rig = await speaking(t, { overlapping: true });
    rig.lines.told('we close at six.');
    await hears(rig, 'Yeah.');
    await rig.clock.advance(500);
    await ends(rig, 'Yeah.');
    assert.deepEqual([rig.story, asked(rig)], [['1 left-alone'], []]);
    assert.deepEqual(rig.noted, ['listening']);
  });

  it('is translated when it answers a question, and when it goes on', async (t) => {
    const answer = await speaking(t, { overlapping: true });
    answer.lines.told('shall we meet?');
    await ends(answer, 'Yeah.');
    assert.deepEqual(answer.story, ['1 says <Yeah.>', '1 spoken']);
    const more = await speaking(t, { overlapping: true });
    more.lines.told('we close at six.');
    await hears(more, 'Yeah.');
    await ends(more, 'Yeah. But I come at seven.');
    assert.equal(more.story.at(-1), '1 spoken');
  });

  it('is our own voice come back through the phone', async (t) => {
    const rig = await speaking(t, { overlapping: true });
    rig.lines.told('your appointment is on Tuesday at four.');
    rig.end(rig.clock.nowMs(), rig.clock.nowMs(), 0.9);
    rig.stt.hears('final', 1, 'appointment is on Tuesday at for');
    await rig.clock.settle();
    assert.deepEqual([rig.story, asked(rig)], [['1 left-alone'], []]);
    assert.deepEqual(rig.noted, ['echo']);
  });

  it('is no echo when it has the words of one and the sound of a voice', async (t) => {
    const rig = await speaking(t, { overlapping: true });
    rig.lines.told('your appointment is on Tuesday at four.');
    await hears(rig, 'Appointment is on Tuesday at four. And');
    assert.deepEqual(asked(rig), [], 'until its sound is known');
    rig.pause(rig.clock.nowMs(), 0.1);
    await rig.clock.settle();
    assert.deepEqual(asked(rig), ['Appointment is on Tuesday at four.']);
    await ends(rig, 'Appointment is on Tuesday at four. And then?');
    assert.equal(rig.story.at(-1), '1 spoken');
    assert.deepEqual(
      rig.noted.filter((what) => what === 'echo'),
      [],
    );
  });

  it('is rendered as heard when its recognition fails before its sound is known', async (t) => {
    const rig = await speaking(t, { overlapping: true });
    rig.lines.told('your appointment is on Tuesday at four.');
    await hears(rig, 'appointment is on Tuesday at four');
    await rig.recognitionFails(new Error('gone'));
    await rig.clock.settle();
    assert.deepEqual(asked(rig), ['appointment is on Tuesday at four']);
  });

  it('is not what the speaker repeats after having heard it', async (t) => {
    const rig = await speaking(t);
    rig.lines.told('your appointment is on Tuesday at four.');
    await ends(rig, 'on Tuesday at four.');
    assert.equal(rig.story.at(-1), '1 spoken');
  });

  it('is music, once that is known', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('partial', 1, 'la la. La');
    rig.hearing.take({ type: 'was-none' });
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
  it('is told what is said before it, however many segments wait', async (t) => {
    const rig = await speaking(t, { drafts: false });
    rig.tts.atOnce = false;
    const sentences = ['One is here.', 'Two is there.', 'Three is gone.', 'Four is back.', 'Five is new.'];
    await ends(rig, sentences.join(' '));
    for (const index of sentences.keys()) {
      const pieces = new SpeechPieces();
      pieces.push(new Int16Array(10));
      pieces.complete();
      rig.tts.asked[index]?.answer({ rateHz: 8_000, pieces });
      await rig.clock.settle();
    }
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => [request.previousText, request.text]),
      sentences.map((text, index) => [index === 0 ? undefined : `<${sentences[index - 1]}>`, `<${text}>`]),
    );
  });

  it('is told nothing of what came out empty', async (t) => {
    const rig = await speaking(t, { drafts: false });
    rig.mt.atOnce = false;
    await ends(rig, 'One is here. Two is there. Three is gone.');
    for (const [index, text] of ['uno', ' ', 'tres'].entries()) {
      rig.mt.asked[index]?.answer(text);
    }
    await rig.clock.settle();
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => [request.previousText, request.text]),
      [
        [undefined, 'uno'],
        ['uno', 'tres'],
      ],
    );
  });

  it('is told so when it was worked on ahead, too, and nothing of what failed', async (t) => {
    const rig = await speaking(t);
    rig.stt.hears('stable', 1, 'One is here. And');
    await rig.clock.settle();
    rig.mt.atOnce = false;
    rig.stt.hears('stable', 1, 'One is here. Two is there. And');
    for (const index of [1, 2]) {
      rig.mt.asked[index]?.fail(new Error('no'));
      await rig.clock.settle();
    }
    rig.mt.atOnce = true;
    rig.stt.hears('partial', 1, 'One is here. Two is there. Three is gone. And');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <One is here.>'], 'the last is a draft');
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => [request.previousText, request.text]),
      [
        [undefined, '<One is here.>'],
        ['<One is here.>', '<Three is gone.>'],
      ],
    );
  });

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
