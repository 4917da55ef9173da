import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { Glossary } from '../../src/interpret/exactness/glossary.ts';
import { type Rendered, Rig } from './interpreting-rig.ts';

describe('renderings of one hearing', () => {
  it('are told by one recognition, and each translates and speaks once', async (t) => {
    const rig = await Rig.open(t);
    const french = rig.render('fr');
    await rig.utter(1, 'good morning');
    assert.deepEqual(rig.stt.calls, ['open en', 'start 1', 'end']);
    for (const [{ mt, tts }, to] of [
      [rig, 'es'],
      [french, 'fr'],
    ] as const) {
      assert.deepEqual(
        mt.asked.map(({ request }) => request),
        [{ text: 'good morning', from: 'en', to, context: [] }],
      );
      assert.deepEqual(
        tts.asked.map(({ request }) => request.language),
        [to],
      );
    }
    assert.deepEqual(rig.story, ['1 says <good morning>', '1 spoken']);
    assert.deepEqual(french.story, rig.story);
    assert.deepEqual([rig.report(1).target.language, french.report(1).target.language], ['es', 'fr']);
    // Captions and lines are the party's, not the renderings'.
    assert.equal(rig.events.filter(({ type }) => type === 'heard').length, 1);
    assert.deepEqual(rig.lines.context(9), ['good morning']);
    assert.deepEqual(rig.told, ['<good morning>', '<good morning>']);
  });

  it('work ahead each by itself', async (t) => {
    const rig = await Rig.open(t, { policy: 'clause', drafts: true });
    const french = rig.render('fr');
    rig.start(1, rig.clock.nowMs());
    rig.stt.hears('partial', 1, 'I see. And');
    rig.stt.hears('stable', 1, 'I see.');
    await rig.clock.settle();
    for (const rendered of [rig, french]) {
      assert.deepEqual([rendered.mt.asked.length, rendered.story], [1, ['1 says <I see.>']]);
      assert.ok(rendered.noted.includes('draft-hit'));
    }
  });

  it('begin with the next utterance when they join while one goes on', async (t) => {
    const rig = await Rig.open(t, { policy: 'sentence' });
    rig.start(1, 1_000);
    rig.stt.hears('stable', 1, 'One. Two');
    const french = rig.render('fr');
    rig.end(2_000);
    rig.stt.hears('final', 1, 'One. Two.');
    await rig.utter(2, 'Three.');
    assert.deepEqual(rig.story, [
      '1 says <One.>',
      '1 says <Two.>',
      '1 spoken',
      '2 says <Three.>',
      '2 spoken',
    ]);
    assert.deepEqual(french.story, ['2 says <Three.>', '2 spoken']);
    assert.deepEqual(
      french.mt.asked.map(({ request }) => request.context),
      [['One.', 'Two.']],
    );
  });

  it('that close leave the others as they are', async (t) => {
    const rig = await Rig.open(t, { policy: 'sentence' });
    const french = rig.render('fr');
    french.tts.atOnce = false;
    rig.start(1, 1_000);
    rig.stt.hears('stable', 1, 'One. Two');
    await rig.clock.settle();
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    french.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    await french.rendering.close();
    rig.end(2_000);
    rig.stt.hears('final', 1, 'One. Two.');
    await rig.utter(2, 'Three.');
    assert.deepEqual(
      french.events.map(({ type }) => type),
      ['segment-started', 'segment-audio', 'segment-ended'],
      'the segment that had begun ends, and nothing more is told',
    );
    assert.equal(french.mt.asked.length, 1);
    assert.equal(french.tts.asked[0]?.signal.aborted, true);
    assert.deepEqual(rig.story, [
      '1 says <One.>',
      '1 says <Two.>',
      '1 spoken',
      '2 says <Three.>',
      '2 spoken',
    ]);
  });

  it('whose engines fail do not hurt the others', async (t) => {
    const rig = await Rig.open(t);
    const french = rig.render('fr');
    french.mt.atOnce = false;
    await rig.utter(1, 'one');
    assert.deepEqual(rig.story, ['1 says <one>', '1 spoken']);
    french.mt.asked[0]?.fail(new AppError('language-unsupported', 'it never will'));
    await rig.clock.settle();
    assert.deepEqual(french.story, ['1 failed']);
    assert.equal(french.failureOf(1), 'mt language-unsupported');
    french.mt.atOnce = true;
    await rig.utter(2, 'two');
    assert.deepEqual(rig.story.slice(2), ['2 says <two>', '2 spoken']);
    assert.deepEqual(french.story.slice(1), ['2 says <two>', '2 spoken']);
  });

  it('all report what is open when recognition is lost', async (t) => {
    const rig = await Rig.open(t);
    const french = rig.render('fr');
    rig.start(1, 1_000);
    rig.stt.hears('partial', 1, 'good');
    await rig.recognitionFails(new AppError('engine-died', 'gone'));
    await rig.clock.settle();
    for (const rendered of [rig, french]) {
      assert.equal(rendered.failureOf(1), 'stt engine-died');
      assert.equal(rendered.report(1).source.text, 'good');
    }
    assert.deepEqual(rig.story, ['failed', '1 says <good>', '1 spoken']);
  });

  it('are heard as they are in the language the party falls into, and translated from it into others', async (t) => {
    const glossary = new Glossary(new Map([['momento', 'a term of another language']]));
    const rig = await Rig.open(t, { policy: 'clause', drafts: true, alsoLanguages: ['es'], glossary });
    const french = rig.render('fr');
    rig.start(1, rig.clock.nowMs());
    rig.stt.speaks(1, 'es-419');
    rig.stt.hears('partial', 1, 'Un momento. Y');
    await rig.clock.settle();
    rig.end(rig.clock.nowMs());
    rig.stt.hears('final', 1, 'Un momento.');
    await rig.clock.settle();
    assert.deepEqual([rig.story, rig.mt.asked.length], [['1 left-alone'], 0]);
    assert.deepEqual(rig.noted, ['same-language']);
    assert.deepEqual(
      french.mt.asked.map(({ request }) => request),
      [{ text: 'Un momento.', from: 'es-419', to: 'fr', context: [] }],
    );
    assert.deepEqual(french.story, ['1 says <Un momento.>', '1 spoken']);
    assert.deepEqual(french.report(1).source, { language: 'es-419', text: 'Un momento.' });
    assert.deepEqual(rig.lines.context(9), [], 'it is no line of the language the party speaks');
  });

  it('work ahead anew when it turns out which language is spoken', async (t) => {
    const rig = await Rig.open(t, { policy: 'clause', drafts: true, alsoLanguages: ['es'] });
    const french = rig.render('fr');
    rig.mt.atOnce = false;
    french.mt.atOnce = false;
    rig.start(1, rig.clock.nowMs());
    rig.stt.hears('partial', 1, 'Un momento. Y');
    rig.stt.speaks(1, 'es');
    await rig.clock.settle();
    const asked = ({ mt }: Rendered): readonly string[] =>
      mt.asked.map(({ request, signal }) => `${request.from}${signal.aborted ? ', dropped' : ''}`);
    assert.deepEqual(asked(rig), ['en, dropped']);
    assert.deepEqual(asked(french), ['en, dropped', 'es']);
  });

  it("take what is spoken for the party's own language when no engine can translate it", async (t) => {
    const rig = await Rig.open(t, { alsoLanguages: ['es'] });
    const french = rig.render('fr');
    french.mt.supported = { supported: false, reason: 'there is no such pair' };
    rig.start(1, 1_000);
    rig.stt.speaks(1, 'es');
    rig.end(2_000);
    rig.stt.hears('final', 1, 'Un momento.');
    await rig.clock.settle();
    assert.equal(french.mt.asked[0]?.request.from, 'en');
  });

  it('hear the original as it is until the last of two such utterances is over', async (t) => {
    const rig = await Rig.open(t);
    for (const utterance of [1, 2]) {
      rig.start(utterance, rig.clock.nowMs());
      rig.stt.speaks(utterance, 'es');
      rig.end(rig.clock.nowMs());
    }
    rig.stt.hears('final', 1, 'uno');
    const changes = (): readonly boolean[] =>
      rig.events.flatMap((event) => (event.type === 'as-is' ? [event.on] : []));
    assert.deepEqual(changes(), [true]);
    rig.stt.hears('final', 2, 'dos');
    assert.deepEqual(changes(), [true, false]);
  });
});

describe('a policy that waits for its turn', () => {
  for (const policy of ['consecutive', 'turn'] as const) {
    it(`renders an utterance whole when it is over, and works ahead on it (${policy})`, async (t) => {
      const rig = await Rig.open(t, { policy, drafts: true });
      rig.start(1, rig.clock.nowMs());
      rig.stt.hears('stable', 1, 'One is here. Two is there.');
      await rig.clock.advance(5_000);
      assert.equal(rig.mt.asked.length, 0);
      rig.end(rig.clock.nowMs() - 600);
      await rig.clock.advance(200);
      assert.deepEqual([rig.mt.asked.length, rig.story], [1, []]);
      rig.stt.hears('final', 1, 'One is here. Two is there.');
      await rig.clock.settle();
      assert.deepEqual(rig.story, ['1 says <One is here. Two is there.>', '1 spoken']);
      assert.ok(rig.noted.includes('draft-hit'));
    });
  }
});
