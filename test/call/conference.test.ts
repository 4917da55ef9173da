import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import {
  concatPcm,
  findSoundMs,
  isTone,
  levelDbfs,
  silence,
  sine,
  sliceMs,
  toneDbfs,
} from '../asterisk/audio.ts';
import { voiceLike } from '../media/voice-like.ts';
import { type ExchangeOptions, ScriptedExchange, type ScriptedLeg } from './scripted-legs.ts';

const RATE_HZ = 8_000;
/** Of the tone that says that what is said is kept. */
const ONE_MOMENT_HZ = 659;

const GONE = new AppError('engine-died', 'gone');

/** An exchange in which every language is interpreted into every other, by text. */
function conference(
  t: TestContext,
  languages: readonly string[],
  plan: Partial<CallPlan> = {},
  options: Omit<ExchangeOptions, 'plan'> = {},
): ScriptedExchange {
  return new ScriptedExchange(t, {
    plan: { languages, announce: false, joinTones: false, ...plan },
    switchboard: { maxLegs: 100 },
    interpreters: (scripted) => () => scripted.text,
    ...options,
  });
}

/** All parties of an exchange, in the order of their languages. */
async function seatAll(exchange: ScriptedExchange, count: number): Promise<readonly ScriptedLeg[]> {
  const legs: ScriptedLeg[] = [];
  for (let place = 0; place < count; place += 1) {
    legs.push(await exchange.arrive(`call${place.toString(16)}`));
  }
  await exchange.run(100);
  return legs;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  assert.ok(item !== undefined, `there is no item ${index}`);
  return item;
}

/** Says something that is speech to the detector, and lets it be decided that it is. */
async function begins(exchange: ScriptedExchange, speaker: ScriptedLeg, lengthMs = 2_000): Promise<void> {
  speaker.speak(voiceLike(lengthMs, RATE_HZ));
  await exchange.run(400);
}

/** How many utterances somebody was told the beginning of. */
function startsIn(calls: readonly string[]): number {
  return calls.filter((call) => call.startsWith('start')).length;
}

/** Whether a tone of `hz` was heard since the last look. */
function heardTone(leg: ScriptedLeg, hz: number): boolean {
  const heard = leg.heard();
  const atMs = findSoundMs(heard, RATE_HZ, 0, -40);
  return atMs !== undefined && isTone(sliceMs(heard, RATE_HZ, atMs + 40, atMs + 140), hz, RATE_HZ);
}

/** Whether a tone of `hz` was heard at any time since the last look, whatever else was. */
function heardAmongOthers(leg: ScriptedLeg, hz: number): boolean {
  const heard = leg.heard();
  const lengthMs = heard.length / (RATE_HZ / 1_000);
  return Array.from({ length: Math.max(0, Math.floor(lengthMs / 40) - 1) }, (_, step) => step * 40).some(
    (fromMs) => toneDbfs(sliceMs(heard, RATE_HZ, fromMs, fromMs + 80), hz, RATE_HZ) > -42,
  );
}

describe('a party of a conference that is hung up alone', () => {
  it('does not come again while its dialplan tries other nodes', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr']);
    const [first, , third] = await seatAll(exchange, 3);
    const call = exchange.switchboard.calls.get('call');
    assert.equal(call?.hangUpParty('c', 'asked'), true);
    await exchange.run(100);
    assert.equal(third?.ending, 'hung-up');
    const again = await exchange.arrive('call2');
    assert.equal(again.ending, 'hung-up');
    await exchange.run(20);
    assert.equal(exchange.tally('legsEnded', 'removed'), 1);
    assert.deepEqual([...call.parties.keys()], ['a', 'b']);
    await exchange.run(10_000);
    const later = await exchange.arrive('call2');
    await exchange.run(100);
    assert.deepEqual([later.ending, first?.ending], [undefined, undefined]);
    assert.deepEqual([...call.parties.keys()], ['a', 'b', 'c']);
  });
});

describe('who hears what in a conference', () => {
  it('lets those who share a language hear each other as they are, and the others not', async (t) => {
    const exchange = conference(t, ['en', 'en', 'es']);
    const [a, b, c] = await seatAll(exchange, 3);
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    b.heard();
    c.heard();
    a.speak(sine(700, 300, RATE_HZ));
    await exchange.run(400);
    assert.equal(heardTone(b, 700), true);
    assert.ok(levelDbfs(c.heard()) < -45, 'its rendering is ready, and the original is off');
  });

  it('hears each party once and renders it once for each language that somebody listens in', async (t) => {
    const exchange = conference(t, ['en', 'es', 'es', 'fr']);
    const legs = await seatAll(exchange, 4);
    const { hearings, opened } = exchange.interpreters;
    assert.deepEqual(hearings.map(({ options }) => options.from).sort(), ['en', 'es', 'es', 'fr']);
    assert.deepEqual(opened.map(({ options }) => `${options.from}>${options.to}`).sort(), [
      'en>es',
      'en>fr',
      'es>en',
      'es>en',
      'es>fr',
      'es>fr',
      'fr>en',
      'fr>es',
    ]);
    assert.deepEqual([exchange.count('hearings'), exchange.count('renderings')], [4, 8]);
    for (const leg of legs) {
      leg.heard();
    }
    exchange.interpreters.of('en', 'es').speaks(1, sine(440, 300, RATE_HZ));
    await exchange.run(500);
    assert.deepEqual(
      legs.map((leg) => heardTone(leg, 440)),
      [false, true, true, false],
    );
  });

  it('tells what was said once for each language, to everyone who listens in it', async (t) => {
    const exchange = conference(t, ['en', 'es', 'es']);
    await seatAll(exchange, 3);
    const rendering = exchange.interpreters.of('en', 'es');
    rendering.speaks(1, sine(440, 200, RATE_HZ), 'hola');
    rendering.ends(1);
    await exchange.run(500);
    const told = exchange.events.flatMap((event) =>
      event.type === 'spoken' ? [`${event.party} ${event.language} ${event.piiText}`] : [],
    );
    const reports = exchange.events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
    assert.deepEqual(told, ['a es hola']);
    assert.deepEqual(
      reports.map(({ party, outcome, target }) => [party, outcome, target.language]),
      [['a', 'spoken', 'es']],
    );
  });

  it('shows once what several fused providers have heard', async (t) => {
    const exchange = conference(
      t,
      ['en', 'es', 'fr'],
      {},
      { interpreters: (scripted) => () => scripted.fused },
    );
    await seatAll(exchange, 3);
    for (const to of ['es', 'fr']) {
      const heard = { type: 'heard', utterance: 1, text: 'good morning', final: true } as const;
      exchange.interpreters.of('en', to).says(heard);
    }
    assert.equal(exchange.events.filter(({ type }) => type === 'heard').length, 1);
  });

  it('logs and counts a fault of ours in a rendering, which goes on', async (t) => {
    const exchange = conference(t, ['en', 'es']);
    await seatAll(exchange, 2);
    const rendering = exchange.interpreters.of('en', 'es');
    rendering.says({ type: 'failed', error: new Error('a fault of ours') });
    assert.equal(exchange.tally('errors', 'interpreter unknown CRITICAL'), 1);
    assert.ok(exchange.warnings.some((warning) => warning.startsWith('something of ours failed')));
    assert.equal(rendering.closed, 0);
  });

  it('lets two who speak at once be heard one after the other, whoever is rendered first', async (t) => {
    const exchange = conference(t, ['en', 'fr', 'es']);
    const [a, b, c] = await seatAll(exchange, 3);
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    await begins(exchange, a);
    await begins(exchange, b);
    c.heard();
    const [first, second] = [exchange.interpreters.of('en', 'es'), exchange.interpreters.of('fr', 'es')];
    second.speaks(1, sine(1_000, 300, RATE_HZ));
    second.ends(1);
    await exchange.run(600);
    assert.ok(levelDbfs(c.heard()) < -45, 'the second waits: the first began before it');
    first.speaks(1, sine(440, 300, RATE_HZ));
    first.ends(1);
    await exchange.run(1_000);
    const heard = c.heard();
    const atMs = findSoundMs(heard, RATE_HZ, 0, -40) ?? Number.NaN;
    assert.ok(isTone(sliceMs(heard, RATE_HZ, atMs + 20, atMs + 260), 440, RATE_HZ));
    const nextMs = findSoundMs(heard, RATE_HZ, atMs + 300, -40) ?? Number.NaN;
    assert.ok(isTone(sliceMs(heard, RATE_HZ, nextMs + 20, nextMs + 220), 1_000, RATE_HZ), 'nothing is lost');
  });

  it('lets others be heard before one whose rendering falls behind, and that one after them', async (t) => {
    const exchange = conference(t, ['en', 'fr', 'es']);
    const [a, b, c] = await seatAll(exchange, 3);
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    await begins(exchange, a, 400);
    await begins(exchange, b, 400);
    const [first, second] = [exchange.interpreters.of('en', 'es'), exchange.interpreters.of('fr', 'es')];
    first.says({ type: 'behind', on: true });
    await exchange.run(1_000);
    c.heard();
    second.speaks(1, sine(1_000, 300, RATE_HZ));
    second.ends(1);
    await exchange.run(600);
    assert.ok(heardTone(c, 1_000));
    first.says({ type: 'behind', on: false });
    first.speaks(1, sine(440, 300, RATE_HZ));
    first.ends(1);
    await exchange.run(600);
    assert.ok(heardTone(c, 440));
  });

  it('renders for a language only while somebody listens in it', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr']);
    const [, , c] = await seatAll(exchange, 3);
    const french = exchange.interpreters.of('en', 'fr');
    const spanish = exchange.interpreters.of('en', 'es');
    c?.end('peer-closed');
    await exchange.run(40);
    assert.deepEqual([french.closed, spanish.closed], [1, 0]);
    assert.deepEqual(
      exchange.interpreters.hearings.map(({ closed }) => closed),
      [0, 0, 1],
      'the party that left is heard no more; the others go on',
    );
  });

  it('gives a newcomer what is rendered already, and renders the newcomer', async (t) => {
    const exchange = conference(t, ['en', 'es', 'es']);
    await seatAll(exchange, 2);
    assert.equal(exchange.interpreters.opened.length, 2);
    const c = await exchange.arrive('call2');
    await exchange.run(100);
    assert.equal(exchange.interpreters.opened.length, 3, 'Spanish is there; only the newcomer itself is new');
    c.heard();
    exchange.interpreters.of('en', 'es').speaks(1, sine(440, 300, RATE_HZ));
    await exchange.run(400);
    assert.equal(heardTone(c, 440), true);
  });

  it('lets voices through when the hearing of one is lost, and only of that one', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr']);
    const [a, b, c] = await seatAll(exchange, 3);
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    exchange.interpreters.openError = new AppError('engine-died', 'gone');
    at(exchange.interpreters.hearings, 0).options.onEvent({
      type: 'failed',
      error: new AppError('engine-died', 'gone'),
      passedOn: new Map(),
    });
    await exchange.run(100);
    c.heard();
    a.speak(sine(700, 300, RATE_HZ));
    await exchange.run(400);
    assert.equal(heardTone(c, 700), true);
    b.speak(sine(900, 300, RATE_HZ));
    await exchange.run(400);
    assert.ok(levelDbfs(c.heard()) < -45);
  });

  it('renders what a lost hearing had heard to its end', async (t) => {
    const exchange = conference(t, ['en', 'es']);
    const [a, b] = await seatAll(exchange, 2);
    assert.ok(a !== undefined && b !== undefined);
    await begins(exchange, a);
    const rendering = exchange.interpreters.of('en', 'es');
    at(exchange.interpreters.hearings, 0).options.onEvent({
      type: 'failed',
      error: new AppError('engine-died', 'gone'),
      passedOn: new Map(),
    });
    await exchange.run(40);
    assert.equal(rendering.closed, 0);
    b.heard();
    rendering.speaks(1, sine(440, 300, RATE_HZ));
    rendering.ends(1);
    await exchange.run(600);
    assert.equal(rendering.closed, 1, 'and then it is closed');
    assert.equal(
      exchange.interpreters.of('en', 'es') === rendering,
      false,
      'another renders what comes next',
    );
  });

  it('tells the next hearing again what goes on, from its beginning, and what was said of it', async (t) => {
    const exchange = conference(t, ['en', 'es']);
    const [a, b] = await seatAll(exchange, 2);
    assert.ok(a !== undefined && b !== undefined);
    await begins(exchange, a);
    const { hearings } = exchange.interpreters;
    const first = at(hearings, 0);
    const [begun] = first.told.calls;
    assert.match(begun ?? '', /^start 1 at \d+$/);
    first.options.onEvent({ type: 'failed', error: GONE, passedOn: new Map([[1, 'I will']]) });
    await exchange.run(600);
    const second = at(hearings, 2);
    assert.deepEqual(second.told.calls, [begun?.replace('1', '2')]);
    assert.deepEqual(second.options.passedOn, new Map([[2, 'I will']]));
    assert.ok(second.told.samples > first.told.samples + 500 * 16, 'what was said meanwhile, too');
    const rendering = exchange.interpreters.of('en', 'es');
    b.heard();
    rendering.speaks(2, sine(440, 300, RATE_HZ));
    rendering.ends(2);
    await exchange.run(2_000);
    assert.equal(heardTone(b, 440), true);
    assert.equal(second.told.calls.at(-1), 'end');
    const reports = exchange.events.flatMap((event) => (event.type === 'utterance' ? [event.report] : []));
    assert.deepEqual(
      reports.map(({ utterance, outcome }) => `${utterance} ${outcome}`),
      ['2 spoken'],
    );
    await begins(exchange, a, 400);
    assert.match(second.told.calls.at(-1) ?? '', /^start 3 /);
  });

  it('tells the next hearing nothing that had its final, or ended long before', async (t) => {
    const exchange = conference(t, ['en', 'es']);
    const [a] = await seatAll(exchange, 2);
    assert.ok(a !== undefined);
    await begins(exchange, a);
    const { hearings } = exchange.interpreters;
    at(hearings, 0).options.onEvent({ type: 'heard', utterance: 1, text: '', final: true });
    at(hearings, 0).options.onEvent({ type: 'failed', error: GONE, passedOn: new Map() });
    await exchange.run(3_000);
    assert.equal(startsIn(at(hearings, 2).told.calls), 0);
    await begins(exchange, a, 400);
    exchange.interpreters.openError = GONE;
    at(hearings, 2).options.onEvent({ type: 'failed', error: GONE, passedOn: new Map([[2, '']]) });
    await exchange.run(13_000);
    exchange.interpreters.openError = undefined;
    await exchange.run(5_000);
    assert.equal(startsIn(at(hearings, 3).told.calls), 0);
  });
});

describe('the life of a conference', () => {
  it('goes on when a party leaves, and ends with its last', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr']);
    const [a, b, c] = await seatAll(exchange, 3);
    a?.end('peer-closed');
    await exchange.run(100);
    assert.deepEqual([b?.ending, c?.ending], [undefined, undefined]);
    b?.end('peer-closed');
    await exchange.run(100);
    assert.equal(exchange.switchboard.calls.size, 1);
    assert.deepEqual(exchange.statesOf('c').slice(-1), ['RINGING'], 'who is left waits alone');
    c?.end('peer-closed');
    await exchange.run(100);
    assert.equal(exchange.switchboard.calls.size, 0);
    assert.equal(exchange.events.at(-1)?.type, 'ended');
    assert.equal(exchange.count('hearings'), 3, 'what they counted is kept');
  });

  it('lets a party that hung up come back to its place', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr']);
    const [a] = await seatAll(exchange, 3);
    a?.end('peer-closed');
    await exchange.run(100);
    const again = await exchange.arrive('call0');
    await exchange.run(100);
    assert.equal(again.ending, undefined);
    again.heard();
    exchange.interpreters.of('es', 'en').speaks(1, sine(440, 300, RATE_HZ));
    await exchange.run(400);
    assert.equal(heardTone(again, 440), true);
  });

  it('tells the others with a short tone that somebody joins or leaves, unless that is off', async (t) => {
    for (const joinTones of [true, false]) {
      const exchange = conference(t, ['en', 'en', 'en'], { joinTones, mode: 'passthrough' });
      const [a, b] = await seatAll(exchange, 2);
      assert.ok(a !== undefined && b !== undefined);
      await exchange.run(1_000);
      a.heard();
      const c = await exchange.arrive('call2');
      await exchange.run(600);
      assert.equal(findSoundMs(a.heard(), RATE_HZ, 0, -50) !== undefined, joinTones);
      c.heard();
      await exchange.run(400);
      assert.equal(findSoundMs(c.heard(), RATE_HZ, 0, -50), undefined, 'who joined hears none');
      b.end('peer-closed');
      await exchange.run(600);
      assert.equal(findSoundMs(a.heard(), RATE_HZ, 0, -50) !== undefined, joinTones);
    }
  });

  it('plays the waiting tone to who is alone, and to nobody else', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr'], { mode: 'passthrough' });
    const [a, b] = await seatAll(exchange, 2);
    assert.ok(a !== undefined && b !== undefined);
    a.heard();
    await exchange.run(3_000);
    assert.equal(findSoundMs(a.heard(), RATE_HZ, 0, -60), undefined);
    b.end('peer-closed');
    await exchange.run(3_000);
    assert.notEqual(findSoundMs(a.heard(), RATE_HZ, 0, -60), undefined);
  });

  it('tells each newcomer in its own language that a machine interprets, once', async (t) => {
    const hzOf: Readonly<Record<string, number>> = { en: 500, es: 900, fr: 1_300 };
    const exchange = conference(
      t,
      ['en', 'es', 'fr'],
      { announce: true },
      {
        announcements: (language) => ({
          rateHz: RATE_HZ,
          pcm: sine(hzOf[language] ?? 0, 300, RATE_HZ),
        }),
      },
    );
    const [a, b] = [await exchange.arrive('call0'), await exchange.arrive('call1')];
    await exchange.run(1_000);
    assert.deepEqual([heardTone(a, 500), heardTone(b, 900)], [true, true]);
    const c = await exchange.arrive('call2');
    await exchange.run(1_000);
    assert.equal(heardTone(c, 1_300), true);
    assert.deepEqual([heardTone(a, 500), heardTone(b, 900)], [false, false]);
  });

  it('turns away one party too many, and the same place twice, and touches nobody', async (t) => {
    const exchange = conference(t, ['en', 'es', 'fr', 'en'], { maxParties: 3 });
    const legs = await seatAll(exchange, 3);
    const [fourth, twin] = [await exchange.arrive('call3'), await exchange.arrive('call1')];
    assert.deepEqual([fourth.ending, twin.ending], ['hung-up', 'hung-up']);
    assert.equal(exchange.tally('legsEnded', 'too-many-parties'), 1);
    assert.equal(exchange.tally('legsEnded', 'place-taken'), 1);
    assert.deepEqual(
      legs.map(({ ending }) => ending),
      [undefined, undefined, undefined],
    );
  });
});

describe('a place that outlives its leg', () => {
  const KEPT = { door: { rejoinMs: 2_000 } };

  it('is kept for a while, and the next leg carries on in it with the same hearing', async (t) => {
    const exchange = conference(t, ['en', 'es'], { kind: 'pair' }, KEPT);
    const [a, b] = await seatAll(exchange, 2);
    assert.ok(a !== undefined && b !== undefined);
    await begins(exchange, a, 600);
    await exchange.run(1_500);
    a.end('connection-lost');
    await exchange.run(1_000);
    assert.equal(b.ending, undefined, 'the other is not hung up');
    const again = await exchange.arrive('call0');
    await exchange.run(100);
    assert.equal(again.ending, undefined);
    assert.equal(exchange.interpreters.hearings.length, 2);
    await begins(exchange, again);
    assert.deepEqual(
      at(exchange.interpreters.hearings, 0).told.calls.flatMap((call) =>
        call.startsWith('start') ? [call.split(' at ')[0]] : [],
      ),
      ['start 1', 'start 2'],
      'utterances are counted on',
    );
    again.heard();
    exchange.interpreters.of('es', 'en').speaks(1, sine(440, 300, RATE_HZ));
    await exchange.run(400);
    assert.equal(heardTone(again, 440), true);
  });

  it('is given up when nobody comes, and then the call of two is over', async (t) => {
    const exchange = conference(t, ['en', 'es'], { kind: 'pair' }, KEPT);
    const [a, b] = await seatAll(exchange, 2);
    a?.end('connection-lost');
    await exchange.run(1_900);
    assert.equal(b?.ending, undefined);
    await exchange.run(200);
    assert.equal(b?.ending, 'hung-up');
    await exchange.run(100);
    assert.deepEqual([exchange.switchboard.calls.size, exchange.clock.pendingTimers], [0, 0]);
  });

  it('ends an utterance that its lost leg was in', async (t) => {
    const exchange = conference(t, ['en', 'es'], { kind: 'pair' }, KEPT);
    const [a] = await seatAll(exchange, 2);
    assert.ok(a !== undefined);
    await begins(exchange, a);
    a.end('connection-lost');
    await exchange.clock.settle();
    assert.equal(at(exchange.interpreters.hearings, 0).told.calls.at(-1), 'end');
  });

  it('is given up at once when the server hangs everybody up', async (t) => {
    const exchange = conference(t, ['en', 'es'], { kind: 'pair' }, KEPT);
    const [a] = await seatAll(exchange, 2);
    a?.end('connection-lost');
    await exchange.run(100);
    await exchange.close();
    assert.deepEqual([exchange.switchboard.calls.size, exchange.clock.pendingTimers], [0, 0]);
  });
});

describe('the policy consecutive', () => {
  it('lets everybody hear the rendering, the speaker and those of its language too', async (t) => {
    const exchange = conference(t, ['en', 'en', 'es'], { policy: 'consecutive' });
    const legs = await seatAll(exchange, 3);
    for (const leg of legs) {
      leg.heard();
    }
    exchange.interpreters.of('en', 'es').speaks(1, sine(440, 300, RATE_HZ));
    await exchange.run(500);
    assert.deepEqual(
      legs.map((leg) => heardTone(leg, 440)),
      [true, true, true],
    );
  });

  it('keeps what is said while the interpreter speaks, and tells who said it with a soft tone', async (t) => {
    const exchange = conference(t, ['en', 'es'], { policy: 'consecutive' });
    const [a, b] = await seatAll(exchange, 2);
    assert.ok(a !== undefined && b !== undefined);
    a.speak(concatPcm(voiceLike(600, RATE_HZ), silence(1_000, RATE_HZ)));
    await exchange.run(1_600);
    const [english, spanish] = [exchange.interpreters.of('en', 'es'), exchange.interpreters.of('es', 'en')];
    const segment = english.opens(1);
    segment.add(sine(2_000, 2_000, RATE_HZ));
    await exchange.run(200);
    b.heard();
    await begins(exchange, b, 600);
    await exchange.run(600);
    assert.ok(heardAmongOthers(b, ONE_MOMENT_HZ), 'one moment');
    spanish.speaks(1, sine(900, 300, RATE_HZ));
    spanish.ends(1);
    segment.end();
    english.ends(1);
    a.heard();
    await exchange.run(3_000);
    assert.ok(heardAmongOthers(a, 900), 'it is rendered after what the interpreter was saying');
  });

  it('gives no tone to who speaks while nobody else does', async (t) => {
    const exchange = conference(t, ['en', 'es'], { policy: 'consecutive' });
    const [a] = await seatAll(exchange, 2);
    assert.ok(a !== undefined);
    a.heard();
    await begins(exchange, a);
    await exchange.run(1_000);
    assert.equal(heardAmongOthers(a, ONE_MOMENT_HZ), false);
  });
});
