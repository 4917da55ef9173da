/** A word that was stressed, on its way into the translation of its segment. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Word } from '../../src/engines/stt/stt-engine.ts';
import { Rig, type RigOptions } from './interpreting-rig.ts';

const TEXT = 'we want the red house';

function timed(text: string): readonly Word[] {
  return text
    .split(' ')
    .map((word, index) => ({ text: word, startMs: 300 * index, endMs: 300 * (index + 1) }));
}

/** Says one utterance, of whose words `stressed` is asked. */
async function said(
  t: TestContext,
  stressed: RigOptions['stressed'],
  { words = timed(TEXT), slow = false }: { readonly words?: readonly Word[]; readonly slow?: boolean } = {},
) {
  const rig = await Rig.open(t, { stressed, drafts: true });
  rig.start(1, rig.clock.nowMs());
  rig.write(16_000 * 1.5);
  rig.stt.hears('partial', 1, TEXT, words);
  rig.stt.hears('partial', 1, TEXT, words);
  await rig.clock.settle();
  const spokenAhead = rig.tts.asked.length;
  rig.end(rig.clock.nowMs());
  if (slow) {
    rig.mt.atOnce = false;
  }
  rig.stt.hears('final', 1, TEXT, words);
  await rig.clock.settle();
  return { rig, spokenAhead };
}

describe('a stressed word', () => {
  it('is stressed in the translation, which is not spoken ahead', async (t) => {
    const asked: string[][] = [];
    const { rig, spokenAhead } = await said(t, (words) => {
      asked.push(words.map(({ text }) => text));
      return 3;
    });
    assert.deepEqual(asked, [TEXT.split(' ')]);
    assert.equal(spokenAhead, 0);
    assert.deepEqual(
      rig.tts.asked.map(({ request }) => [request.text, request.stressed]),
      [['<we want the red house>', 'red']],
    );
    assert.ok(rig.noted.includes('stressed'));
    assert.ok(
      rig.mt.asked.some(({ request }) => request.text === 'red'),
      'it is translated by itself',
    );
  });

  it('is asked for once more when all was measured', async (t) => {
    let times = 0;
    const { rig } = await said(t, () => {
      times += 1;
      return times === 1 ? undefined : 4;
    });
    assert.equal(rig.tts.asked[0]?.request.stressed, 'house>'.slice(0, -1));
  });

  it('is none where none was, where words have no times, or where it cannot be found again', async (t) => {
    const none = await said(t, () => undefined);
    assert.equal(none.rig.tts.asked[0]?.request.stressed, undefined);
    assert.equal(none.rig.noted.includes('stressed'), false);
    const untimed = await said(t, () => 3, { words: [] });
    assert.equal(untimed.rig.tts.asked[0]?.request.stressed, undefined);
    const twice = timed('we want we want house');
    const rig = await Rig.open(t, { stressed: () => 0 });
    rig.start(1, rig.clock.nowMs());
    rig.end(rig.clock.nowMs());
    rig.stt.hears('final', 1, 'we want we want house', twice);
    await rig.clock.settle();
    assert.equal(rig.tts.asked[0]?.request.stressed, undefined);
    assert.ok(rig.noted.includes('stress-unplaced'));
  });

  it('keeps the sound waiting for 300 ms at most', async (t) => {
    const { rig } = await said(t, () => 3, { slow: true });
    const { clock, mt, tts } = rig;
    assert.ok(mt.asked.length > 0);
    for (const { request, answer } of mt.asked) {
      if (request.text === TEXT) {
        answer('queremos la casa roja');
      }
    }
    await clock.settle();
    assert.equal(tts.asked.length, 0);
    await clock.advance(300);
    assert.deepEqual(
      tts.asked.map(({ request }) => [request.text, request.stressed]),
      [[tts.asked[0]?.request.text, undefined]],
    );
  });
});
