import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { encodeUuid } from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { noise, seededRandom } from '../asterisk/audio.ts';
import type { StrictAsterisk } from '../asterisk/strict-asterisk.ts';
import { closeOf, endOf, type LogLine, TestServer } from './harness.ts';

/** What a stranger sends, and the name its end is counted under, as a leg's if it said who it is. */
const ATTACKS: readonly { readonly what: string; readonly bytes: Uint8Array; readonly reason: string }[] = [
  { what: 'an unknown kind', bytes: Uint8Array.of(0x42, 0, 1, 0), reason: 'wire-unknown-kind' },
  { what: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n'), reason: 'wire-unknown-kind' },
  { what: 'audio before its UUID', bytes: Buffer.from([0x10, 0, 2, 0, 0]), reason: 'wire-no-uuid' },
  { what: 'a key before its UUID', bytes: Buffer.from([0x03, 0, 1, 0x31]), reason: 'wire-no-uuid' },
  {
    what: 'a UUID of 15 bytes',
    bytes: Buffer.concat([Buffer.from([1, 0, 15]), Buffer.alloc(15)]),
    reason: 'wire-bad-length',
  },
  {
    what: 'half a sample',
    bytes: Buffer.concat([encodeUuid(new Uint8Array(16)), Buffer.from([0x10, 0, 3, 0, 0, 0])]),
    reason: 'wire-bad-length',
  },
  {
    what: 'more than 200 ms in one payload',
    bytes: Buffer.concat([encodeUuid(new Uint8Array(16)), Buffer.from([0x10, 0x0c, 0x82])]),
    reason: 'wire-payload-too-long',
  },
  {
    what: 'a second UUID',
    bytes: Buffer.concat([encodeUuid(new Uint8Array(16)), encodeUuid(new Uint8Array(16).fill(16))]),
    reason: 'wire-second-uuid',
  },
  {
    what: 'a UUID that names no place',
    bytes: encodeUuid(new Uint8Array(16).fill(0x77)),
    reason: 'unknown-place',
  },
  {
    what: 'an error message',
    bytes: Buffer.concat([encodeUuid(new Uint8Array(16)), Buffer.from([0xff, 0, 1, 4])]),
    reason: 'peer-error',
  },
  {
    what: 'a hang-up message',
    bytes: Buffer.concat([encodeUuid(new Uint8Array(16)), Buffer.from([0, 0, 0])]),
    reason: 'peer-hangup',
  },
];

describe('a server that strangers can reach', () => {
  let server: TestServer;
  let bystanders: readonly [StrictAsterisk, StrictAsterisk];
  before(async () => {
    server = await TestServer.open({ plan: { mode: 'passthrough' }, maxLegs: 8, uuidTimeoutMs: 1_500 });
    bystanders = await server.ringBoth();
  });
  after(async () => {
    bystanders[0].hangUp();
    await server.close();
  });

  for (const { what, bytes, reason } of ATTACKS) {
    it(`ends a connection that sends ${what}, and counts it as ${reason}`, async () => {
      const counted = (): number =>
        server.tally('legsEnded', reason) + server.tally('connectionsRefused', reason);
      const before = counted();
      const from = server.lines.length;
      const stranger = await server.ring({ sendsUuid: false });
      stranger.sendRaw(bytes);
      await closeOf(stranger);
      await server.until(reason, () => counted() === before + 1);
      const told = server.lines.slice(from).filter(({ level }) => level === 'warn');
      const names = ({ fields }: LogLine): boolean =>
        fields.remote !== undefined && [fields.reason, Object(fields.error).code].includes(reason);
      if (reason.startsWith('peer-')) {
        assert.deepEqual(told, [], 'a leg that says that it ends is worth no warning');
      } else if (server.tally('connectionsRefused', reason) <= 1) {
        // Of strangers there is one line of a kind in ten seconds; of legs each.
        assert.ok(told.some(names), `a line names who it was and why: ${JSON.stringify(told)}`);
      }
    });
  }

  it('ends a connection that never says its UUID', async () => {
    const stranger = await server.ring({ sendsUuid: false });
    const ending = await endOf(stranger);
    assert.equal(ending.by, 'server-hangup');
    await server.until('it is counted', () => server.tally('connectionsRefused', 'no-uuid') >= 1);
  });

  it('keeps no place from a caller for connections that say nothing', async () => {
    const crowd = await Promise.all(Array.from({ length: 30 }, () => server.ring({ sendsUuid: false })));
    assert.equal(server.server.state().legsActive, 2);
    const call = await server.ringBoth();
    for (const leg of call) {
      await leg.until(({ frames }) => frames.length > 2);
    }
    assert.equal(server.tally('connectionsRefused', 'too-many-legs'), 0);
    for (const leg of [...crowd, ...call]) {
      leg.hangUp();
    }
    await server.until('they have left', () => server.server.state().legsActive === 2);
  });

  it('refuses a UUID that is on a call, and harms neither call', async () => {
    const copy = await server.ring({ uuid: bystanders[0].uuid });
    assert.equal((await endOf(copy)).by, 'server-hangup');
    await server.until('it is counted', () => server.tally('legsEnded', 'place-taken') === 1);
    assert.equal(bystanders[0].ending, undefined);
  });

  it('turns away one leg too many with a hang-up, a log line and a counter', async () => {
    const crowd = (await Promise.all(Array.from({ length: 3 }, () => server.ringBoth()))).flat();
    const late = await server.ring();
    assert.equal((await endOf(late)).by, 'server-hangup');
    assert.equal(server.tally('connectionsRefused', 'too-many-legs'), 1);
    for (const leg of crowd) {
      leg.hangUp();
    }
    await server.until('the crowd has left', () => server.server.state().legsActive === 2);
  });

  it('refuses legs that come one after the other and never meet anybody, before they take every place', async () => {
    const loners = [];
    for (let loner = 0; loner < 5; loner += 1) {
      loners.push(await server.ring());
    }
    await server.until('one is refused', () => server.tally('legsEnded', 'too-many-waiting') === 1);
    const met = await server.ring({ uuid: `${loners[0]?.uuid.slice(0, -1)}1` });
    await met.until(({ frames }) => frames.length > 2);
    assert.equal(met.ending, undefined, 'who makes a call whole is let in');
    for (const leg of [...loners, met]) {
      leg.hangUp();
    }
    await server.until('they have left', () => server.server.state().legsActive === 2);
  });

  it('survives noise, and a peer that resets', async () => {
    const random = seededRandom(5);
    for (let i = 0; i < 30; i += 1) {
      const stranger = await server.ring({ sendsUuid: i % 2 === 0 });
      stranger.sendRaw(Uint8Array.from({ length: 400 }, () => Math.floor(random() * 256)));
      stranger.reset();
    }
    await server.until('the strangers are gone', () => server.server.state().legsActive === 2);
  });

  it('has kept the call that ran all the while', async () => {
    const [a, b] = bystanders;
    const framesBefore = b.frames.length;
    a.speak(noise(200, 8_000, 0.3));
    await b.until((leg) => leg.frames.length > framesBefore + 25);
    assert.equal(a.ending, undefined, a.describe());
    assert.equal(b.ending, undefined, b.describe());
    assert.deepEqual(b.violations, []);
  });
});

describe('a server with an allow list', () => {
  it('turns away addresses that are not in it', async (t) => {
    const server = await TestServer.openFor(t, { allow: ['10.1.0.0/16', 'fd00::/8'] });
    const stranger = await server.ring();
    assert.equal((await endOf(stranger)).by, 'server-hangup');
    assert.equal(server.tally('connectionsRefused', 'not-allowed'), 1);
    assert.equal(server.count('connectionsAccepted'), 0);
  });

  it('lets in addresses that are', async (t) => {
    const server = await TestServer.openFor(t, { allow: ['127.0.0.0/8'] });
    const leg = await server.ring();
    await leg.until(({ frames }) => frames.length > 2);
    await server.close();
    assert.equal((await endOf(leg)).by, 'server-hangup');
  });
});
