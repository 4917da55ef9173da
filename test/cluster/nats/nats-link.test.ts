/** The link to a broker whose name nobody knows. */

import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../../src/base/log.ts';
import { NatsLink } from '../../../src/cluster/nats/nats-link.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { eventually, within } from '../../support/waiting.ts';

const LIMIT_MS = 60_000;
/** So often it is dialled; each time it has two seconds. */
const TRIES = 30;

type Answer = (error: Error | null, addresses: readonly { readonly address: string }[]) => void;

/** A link that has asked for its broker's address. @returns it, and what answers. */
async function asking(test: TestContext, port: number) {
  const asked: Answer[] = [];
  test.mock.method(dns, 'lookup', (_name: string, _options: object, answer: Answer) => asked.push(answer));
  const link = new NatsLink(
    { servers: [`broker.invalid:${port}`], tls: false, name: 'one', run: '1'.repeat(16) },
    { message: () => {}, back: () => {}, lost: () => {}, stalled: () => {} },
    new FakeClock(),
    silentLog,
  );
  const tried = link.open();
  const answer = await eventually('its name is asked for', LIMIT_MS, () => asked[0]);
  return { link, tried, answer };
}

describe('the link to a broker whose name is being looked up', () => {
  it('ends without waiting for that, and closes what it brings', async (test) => {
    const answered: Socket[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('INFO {"server_id":"x","version":"2.10.0","proto":1,"max_payload":1048576}\r\n');
      socket.on('data', (bytes) => {
        if (bytes.includes('PING')) {
          answered.push(socket);
          socket.write('PONG\r\n');
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    test.after(() => {
      for (const socket of answered) {
        socket.destroy();
      }
      server.close();
    });
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const { link, tried, answer } = await asking(test, address.port);
    await within('its end', LIMIT_MS, link.close());
    await within('the end of the first try', LIMIT_MS, tried);
    answer(null, new Array(TRIES).fill({ address: '127.0.0.1' }));
    await eventually('it is closed', LIMIT_MS, () => answered.some(({ closed }) => closed));
    assert.equal(link.connected, false);
  });

  it('ends without waiting for that, and is not troubled by its failure', async (test) => {
    const { link, tried, answer } = await asking(test, 4222);
    await within('its end', LIMIT_MS, link.close());
    await within('the end of the first try', LIMIT_MS, tried);
    answer(new Error('there is no such name'), []);
  });
});
