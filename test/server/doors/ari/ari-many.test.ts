import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AriExchange, type AriExchangeOptions } from './ari-exchange.ts';

/** How a call ends: by which phone, after what happened to a leg, or before it came to be one. */
const ENDINGS = ['caller', 'callee', 'leg lost', 'while it is made', 'one alone'] as const;

interface Many {
  readonly calls: number;
  /** So many of them come together, of two phones each. */
  readonly together: number;
  readonly enter: (exchange: AriExchange, phone: string, exten: string) => Promise<unknown>;
  /** The id of the media channel of a phone. */
  readonly media: (phone: string) => string;
}

async function many(
  test: TestContext,
  options: AriExchangeOptions,
  { calls, together, enter, media }: Many,
): Promise<void> {
  const open = options.byCall === true ? AriExchange.open : AriExchange.connected;
  // On a busy machine those who have hung up are there for a while beside those who come.
  const exchange = await open(test, { ...options, rejoinMs: 200, maxLegs: 10 * together });
  const { ari } = exchange;
  for (let first = 0; first < calls; first += together) {
    for (const [place, ending] of ENDINGS.entries()) {
      const own = Array.from({ length: together }, (_, index) => first + index).filter(
        (call) => call % ENDINGS.length === place,
      );
      await Promise.all(
        own.flatMap((call) => [
          enter(exchange, `a${call}`, '7777'),
          ...(ending === 'one alone' ? [] : [enter(exchange, `b${call}`, '8888')]),
        ]),
      );
      if (ending !== 'while it is made') {
        await exchange.until('all have their leg, and that its place', () => {
          const legs = [...exchange.scripted.switchboard.legs];
          const seated = new Set(legs.flatMap((leg) => (leg.identity === undefined ? [] : leg.facts?.uuid)));
          const phones = own.flatMap((call) => [`a${call}`, ...(ending === 'one alone' ? [] : [`b${call}`])]);
          return phones.every((phone) => seated.has(ari.channels.get(media(phone))?.uuid));
        });
      }
      for (const call of own) {
        if (ending === 'leg lost') {
          ari.breakMedia(media(`b${call}`));
        }
        ari.hangUp(ending === 'callee' ? `b${call}` : `a${call}`);
        if (ending === 'while it is made') {
          // Where the first had not come to be one, this one would wait for somebody else.
          ari.hangUp(`b${call}`);
        }
      }
    }
    await exchange.nothingLeft();
  }
  assert.equal(exchange.tally('ariPhones').failed ?? 0, 0);
  const phones = Object.values(exchange.tally('ariPhones')).reduce((sum, count) => sum + count, 0);
  const entered = 2 * calls - calls / ENDINGS.length;
  // Who hangs up while a call is made may be gone before its own connection is here to tell of it.
  const mayBeMissed = options.byCall === true ? (2 * calls) / ENDINGS.length : 0;
  assert.ok(phones <= entered && phones >= entered - mayBeMissed, `${phones} of ${entered} phones`);
  assert.deepEqual(
    exchange.scripted.log.lines.filter(({ level }) => level === 'error'),
    [],
  );
}

describe('many calls by ARI', () => {
  it('leave nothing, a thousand of them, however they end', async (test) => {
    await many(
      test,
      {},
      {
        calls: 1_000,
        together: 50,
        enter: async ({ ari }, phone, exten) => ari.enter(phone, { exten }),
        media: (phone) => `dg-m-dragoman-${phone}`,
      },
    );
  });

  it('leave nothing, where Asterisk connects for each of a hundred', async (test) => {
    await many(
      test,
      { byCall: true },
      {
        calls: 100,
        // Each has a connection of its own, which is given up when the machine does not get to it in time.
        together: 20,
        enter: ({ ari }, phone, exten) => ari.enterByCall(phone, { exten }),
        media: (phone) => `dg-m-dragoman.call-${phone}`,
      },
    );
  });
});
