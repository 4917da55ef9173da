import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_ENDPOINTER, Endpointer, type EndpointerEvent } from '../../../src/media/hear/endpointer.ts';

/**
 * Feeds `pattern`, in which `v*5` is five frames of voice and `_*30` thirty without; returns what was decided, and at
 * which frame.
 */
function decide(pattern: string, endpointer = new Endpointer()): readonly string[] {
  const decided: string[] = [];
  let frame = 0;
  for (const run of pattern.split(' ')) {
    const [kind, count = '1'] = run.split('*');
    for (let i = 0; i < Number(count); i += 1) {
      const event = endpointer.push(kind === 'v');
      if (event !== undefined) {
        decided.push(`at ${frame}: ${describeEvent(event)}`);
      }
      frame += 1;
    }
  }
  return decided;
}

function describeEvent(event: EndpointerEvent): string {
  switch (event.type) {
    case 'start':
      return `start from ${event.fromFrame}, voice ${event.voiceFrame}`;
    case 'pause':
      return `pause, silence ${event.silenceFrame}`;
    case 'resume':
      return 'resume';
    case 'end':
      return `end to ${event.toFrame}, silence ${event.silenceFrame}, ${event.reason}`;
  }
}

const CASES: readonly {
  readonly fact: string;
  readonly frames: string;
  readonly events: readonly string[];
}[] = [
  { fact: 'hears nothing in silence', frames: '_*2000', events: [] },
  {
    fact: 'begins with the third voiced frame in a row, its pre-roll 15 frames before the window of four',
    frames: '_*50 v*3',
    events: ['at 52: start from 34, voice 49'],
  },
  {
    fact: 'begins with three voiced frames of four',
    frames: '_*50 v v _ v',
    events: ['at 53: start from 35, voice 50'],
  },
  { fact: 'does not begin with three voiced frames of five', frames: '_*50 v v _ _ v _*50', events: [] },
  {
    fact: 'ignores blips of 40 ms, however many',
    frames: '_*50 v*2 _*4 v*2 _*4 v*2 _*4 v*2 _*50',
    events: [],
  },
  {
    fact: 'has no pre-roll before the first frame',
    frames: 'v*3',
    events: ['at 2: start from 0, voice 0'],
  },
  {
    fact: 'ends after 30 frames without voice',
    frames: '_*50 v*100 _*30',
    events: [
      'at 52: start from 34, voice 49',
      'at 159: pause, silence 150',
      'at 179: end to 180, silence 150, pause',
    ],
  },
  {
    fact: 'does not end in a pause of 29 frames',
    frames: '_*50 v*100 _*29 v _*29 v*10 _*29',
    events: [
      'at 52: start from 34, voice 49',
      'at 159: pause, silence 150',
      'at 211: resume',
      'at 228: pause, silence 219',
    ],
  },
  {
    fact: 'tells a pause after 10 frames without voice, once, and that it is over with the third voiced frame',
    frames: 'v*20 _*25 v*20 _*10 v*3',
    events: [
      'at 2: start from 0, voice 0',
      'at 29: pause, silence 20',
      'at 47: resume',
      'at 74: pause, silence 65',
      'at 77: resume',
    ],
  },
  {
    fact: 'tells no pause of 9 frames',
    frames: 'v*20 _*9 v _*9 v*20 _*9 v*3',
    events: ['at 2: start from 0, voice 0'],
  },
  {
    fact: 'tells no pause outside an utterance',
    frames: 'v*2 _*40',
    events: [],
  },
  {
    fact: 'takes a blip in a pause for no end of it, but waits as long again before it ends',
    frames: 'v*20 _*15 v _*30',
    events: [
      'at 2: start from 0, voice 0',
      'at 29: pause, silence 20',
      'at 65: end to 66, silence 36, pause',
    ],
  },
  {
    fact: 'tells the pause of the next utterance anew',
    frames: 'v*20 _*30 v*20 _*10',
    events: [
      'at 2: start from 0, voice 0',
      'at 29: pause, silence 20',
      'at 49: end to 50, silence 20, pause',
      'at 52: start from 50, voice 50',
      'at 79: pause, silence 70',
    ],
  },
  {
    fact: 'gives the next utterance no pre-roll from before the end of the one before',
    frames: 'v*20 _*30 _*5 v*3',
    events: [
      'at 2: start from 0, voice 0',
      'at 29: pause, silence 20',
      'at 49: end to 50, silence 20, pause',
      'at 57: start from 50, voice 54',
    ],
  },
  {
    fact: 'ends at a pause of 8 frames once it lasts 12 s',
    frames: 'v*592 _*8',
    events: ['at 2: start from 0, voice 0', 'at 599: end to 600, silence 592, pause'],
  },
  {
    fact: 'does not end at a pause of 8 frames before it lasts 12 s',
    frames: 'v*591 _*8 v*3',
    events: ['at 2: start from 0, voice 0'],
  },
  {
    fact: 'does not end at a pause of 7 frames after 12 s',
    frames: 'v*700 _*7 v*10',
    events: ['at 2: start from 0, voice 0'],
  },
  {
    fact: 'ends at 20 s wherever it is, and begins again at once, without a frame between',
    frames: 'v*1003',
    events: [
      'at 2: start from 0, voice 0',
      'at 999: end to 1000, silence 1000, too-long',
      'at 1002: start from 1000, voice 1000',
    ],
  },
];

describe('Endpointer', () => {
  for (const { fact, frames, events } of CASES) {
    it(fact, () => {
      assert.deepEqual(decide(frames), events);
    });
  }

  it('never lets two utterances share a frame, whatever is fed', () => {
    const endpointer = new Endpointer();
    let floor = 0;
    for (let i = 0; i < 50_000; i += 1) {
      // Bursts of voice and silence of all lengths.
      const event = endpointer.push(Math.sin(i / 7) + Math.sin(i / 31) + Math.sin(i / 400) > 0.3);
      if (event?.type === 'start') {
        assert.ok(event.fromFrame >= floor && event.voiceFrame >= event.fromFrame, `${i}`);
        floor = event.voiceFrame;
      } else if (event?.type === 'end') {
        assert.ok(event.silenceFrame > floor && event.silenceFrame <= event.toFrame, `${i}`);
        assert.equal(event.toFrame, i + 1);
        floor = event.toFrame;
      }
    }
    assert.ok(floor > 0);
  });

  it('numbers frames from where it is told', () => {
    const endpointer = new Endpointer(DEFAULT_ENDPOINTER, 1_000);
    assert.deepEqual(decide('v*3', endpointer), ['at 2: start from 1000, voice 1000']);
  });

  it('knows whether an utterance goes on', () => {
    const endpointer = new Endpointer();
    assert.equal(endpointer.inUtterance, false);
    decide('v*3', endpointer);
    assert.equal(endpointer.inUtterance, true);
    decide('_*30', endpointer);
    assert.equal(endpointer.inUtterance, false);
  });

  it('follows other options', () => {
    const endpointer = new Endpointer({
      ...DEFAULT_ENDPOINTER,
      onsetFrames: 1,
      onsetWindowFrames: 1,
      preRollFrames: 2,
      hangOverFrames: 5,
    });
    assert.deepEqual(decide('_*10 v _*5', endpointer), [
      'at 10: start from 8, voice 10',
      'at 15: end to 16, silence 11, pause',
    ]);
  });

  it('ends at once when it is told to stop, and begins again at once', () => {
    const endpointer = new Endpointer();
    decide('v*20 _*5', endpointer);
    assert.deepEqual(endpointer.stop(), { type: 'end', toFrame: 25, silenceFrame: 20, reason: 'stopped' });
    assert.equal(endpointer.stop(), undefined, 'there is nothing to stop');
    assert.deepEqual(decide('v*3', endpointer), ['at 2: start from 25, voice 25']);
  });

  it('reaches back over frames whose voice was withheld, not into the utterance before', () => {
    const endpointer = new Endpointer();
    decide('v*20', endpointer);
    endpointer.stop();
    decide('_*100', endpointer);
    endpointer.push(true, 30);
    endpointer.push(true, 31);
    assert.deepEqual(endpointer.push(true, 32), { type: 'start', fromFrame: 75, voiceFrame: 90 });
    endpointer.stop();
    decide('_*5', endpointer);
    endpointer.push(true, 30);
    endpointer.push(true, 31);
    assert.deepEqual(endpointer.push(true, 32), { type: 'start', fromFrame: 123, voiceFrame: 123 });
  });
});
