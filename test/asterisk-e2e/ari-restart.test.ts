/**
 * A real Asterisk that ends under calls by ARI: restarted by its operator, or killed. They are over, dragoman comes back
 * by itself, takes the next, and nothing of ours is left.
 */

import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth } from './exchange.ts';
import { assertHeard, hearMelody, LEAD_MS, melody, TONE_MS } from './melody.ts';

/** What Asterisk says when it ends under its calls, and when phones that it forgot go on. */
const CALLED_FOR = [
  /ari_websockets\.c: /,
  /res_http_websocket\.c: /,
  /chan_audiosocket\.c: /,
  // A call or a leg that comes while it ends.
  /channel\.c: Channel allocation failed: Refusing due to active shutdown/,
];
const LIMIT_MS = 60_000;
/** So long who speaks says nothing at first: both are there by then, and nobody hears a waiting tone any more. */
const APART_MS = 6_000;
const MELODY_MS = APART_MS + LEAD_MS + 5 * TONE_MS + 500;

describe('ARI on a real Asterisk that is restarted', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough'],
      rejoinS: 3,
      ariPassword: 'hush',
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
  });

  for (const [how, what] of [
    ['now', 'by its operator'],
    ['killed', 'after it was killed'],
  ] as const) {
    it(`${what}: calls end, the next are served, nothing is left`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const running = exchange;
      const { dragoman, testbed } = exchange;
      await connectedAgain(running, 0);
      const before = await call(running, test);
      const times = connections(running);
      await testbed.restart(how);
      await connectedAgain(running, times);
      await eventually('the call is over', LIMIT_MS, async () => (await dragoman.calls()).length === 0);
      await hearBoth(before);
      const [alice, bob] = await call(running, test);
      await pass(MELODY_MS);
      await bob.hangUp();
      await alice.until('CALL_CLOSED', LIMIT_MS);
      const { atMs: aliceMs } = await alice.until('CALL_ESTABLISHED');
      const { atMs: bobMs } = await bob.until('CALL_ESTABLISHED');
      const [{ pcm, rateHz }] = await hearBoth([alice, bob]);
      const fromMs = bobMs - aliceMs + APART_MS / 2;
      assertHeard(hearMelody(pcm.subarray(Math.round((fromMs * rateHz) / 1_000)), rateHz));
      await running.nothingLeft(LIMIT_MS);
    });
  }
});

/** Two phones in a call, of which the second speaks. */
async function call(exchange: Exchange, test: TestContext) {
  const say = { rateHz: 16_000, pcm: melody(16_000, APART_MS + LEAD_MS) };
  const [alice, bob] = await Promise.all([
    exchange.phone(test, { user: 'alice' }),
    exchange.phone(test, { user: 'bob', say }),
  ]);
  // Who speaks comes last, to somebody who is there.
  await alice.dial('7777');
  await alice.until('CALL_ESTABLISHED', LIMIT_MS);
  await bob.dial('8888');
  await bob.until('CALL_ESTABLISHED', LIMIT_MS);
  await eventually('both parties are with dragoman', LIMIT_MS, async () =>
    (await exchange.dragoman.calls()).some(({ parties }) => parties.length === 2),
  );
  return [alice, bob] as const;
}

/** Waits until dragoman has been connected to ARI more than `times` times. */
async function connectedAgain(exchange: Exchange, times: number): Promise<void> {
  await eventually('connected to ARI', LIMIT_MS, () => connections(exchange) > times);
}

/** How often dragoman has been connected to ARI so far. */
function connections({ dragoman }: Exchange): number {
  return dragoman.lines.filter(({ msg }) => msg.startsWith('connected to ARI')).length;
}
