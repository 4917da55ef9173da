import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { CountSums } from '../../../../src/base/counts.ts';
import type { RtpFormat } from '../../../../src/protocol/rtp/payloads.ts';
import { openRtpLegs, type RtpLegs } from '../../../../src/server/doors/rtp/rtp-legs.ts';
import { isTone, sine, sliceMs, soundOf } from '../../../asterisk/audio.ts';
import { StrictRtpLeg } from '../../../asterisk/strict-rtp-leg.ts';
import { ScriptedExchange } from '../../../call/scripted-legs.ts';
import { eventually } from '../../../support/waiting.ts';

const LIMIT_MS = 20_000;

interface Opened {
  readonly exchange: ScriptedExchange;
  readonly legs: RtpLegs;
  /** Opens a leg of Asterisk's, and lets it in. */
  join(
    uuid: string,
    format: RtpFormat,
    spoken?: RtpFormat,
  ): Promise<{ phone: StrictRtpLeg; leg: ReturnType<RtpLegs['open']> }>;
  until(what: string, holds: () => boolean): Promise<void>;
  /** Whether ARI tells of legs. */
  supervised: boolean;
  refused(): Readonly<Record<string, number>>;
}

async function open(test: TestContext, maxLegs = 10, host = '127.0.0.1'): Promise<Opened> {
  const exchange = new ScriptedExchange(test, { switchboard: { maxLegs }, plan: { mode: 'passthrough' } });
  const { switchboard, clock, log } = exchange;
  const supervised = (): boolean => opened.supervised;
  const legs = await openRtpLegs(
    { host, port: 0, languages: ['en', 'es'], rejoinMs: 0, supervised },
    { switchboard, clock, log },
  );
  test.after(() => legs.close());
  const opened: Opened = {
    exchange,
    legs,
    supervised: true,
    join: async (uuid, format, spoken = format) => {
      const phone = await StrictRtpLeg.open({ host: '127.0.0.1', port: legs.address.port }, spoken);
      test.after(() => phone.close());
      const leg = legs.open({
        uuid,
        remote: phone.remote,
        format,
        facts: {},
      });
      await clock.settle();
      return { phone, leg };
    },
    until: (what, holds) => eventually(what, LIMIT_MS, holds).then(() => {}),
    refused: () => Object.fromEntries(new CountSums().add(legs).tally('rtpRefused')),
  };
  return opened;
}

describe('legs over RTP', () => {
  it('are seated at once, and spoken to before they have said anything, in a type that Asterisk takes', async (t) => {
    const { exchange, join, until } = await open(t);
    const { phone } = await join('call0', 'g722');
    assert.equal(exchange.switchboard.calls.size, 1);
    await until('the first packet', () => phone.packets.length > 0);
    await exchange.clock.advance(200);
    await until('more packets', () => phone.packets.length >= 10);
    const [first, second] = phone.packets;
    assert.equal(first?.payloadType, 9);
    assert.equal(first?.payload.length, 160);
    assert.equal(((second?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff, 1);
    assert.equal(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0, 160);
    assert.deepEqual(phone.dropped, []);
  });

  it('hear each other, each in its own format, from one socket', async (t) => {
    const { exchange, join, until } = await open(t);
    // The one speaks at 16 kHz and can be spoken to at 8 kHz only.
    const { phone: a } = await join('call0', 'slin', 'g722');
    const { phone: b } = await join('call1', 'ulaw');
    const said = sine(1_000, 1_000, a.rateHz, 0.3);
    const answered = sine(600, 1_000, b.rateHz, 0.3);
    const samples = a.rateHz / 50;
    for (let frame = 0; frame < 50; frame += 1) {
      a.say(said.subarray(frame * samples, (frame + 1) * samples));
      b.say(answered.subarray(frame * 160, (frame + 1) * 160));
      await until('packets', () => exchange.count('bytesIn') === 2 * 160 * (frame + 1));
      await exchange.clock.advance(20);
    }
    await exchange.clock.advance(200);
    await until('the tones', () => [a, b].every((phone) => soundOf(phone.pcm).length > 5_600));
    assert.ok(isTone(sliceMs(soundOf(b.pcm), b.rateHz, 100, 600), 1_000, b.rateHz));
    assert.ok(isTone(sliceMs(soundOf(a.pcm), 8_000, 100, 600), 600, 8_000));
    assert.equal(a.packets[0]?.payloadType, 10);
    assert.equal(b.packets[0]?.payloadType, 0);
    assert.equal(exchange.count('rtpLost'), 0);
  });

  it('hear each other over IPv4 where it listens on every address of IPv6, too', async (t) => {
    const { exchange, join, until, refused } = await open(t, 10, '::');
    const { phone: a } = await join('call0', 'ulaw');
    const { phone: b } = await join('call1', 'ulaw');
    const said = sine(1_000, 500, 8_000, 0.3);
    for (let frame = 0; frame < 25; frame += 1) {
      a.say(said.subarray(frame * 160, (frame + 1) * 160));
      await until('packets', () => exchange.count('bytesIn') === 160 * (frame + 1));
      await exchange.clock.advance(20);
    }
    await until('the tone', () => soundOf(b.pcm).length > 2_000);
    assert.deepEqual(refused(), {});
  });

  it('are not heard from anywhere but where they are expected, which costs them nothing', async (t) => {
    const { exchange, legs, join, until, refused } = await open(t);
    const { phone } = await join('call0', 'ulaw');
    const stranger = await StrictRtpLeg.open(legs.address, 'ulaw');
    t.after(() => stranger.close());
    for (let each = 0; each < 20; each += 1) {
      stranger.say(sine(440, 20, 8_000, 0.5));
      phone.send(randomBytes(11));
    }
    await until('all of it', () => (refused()['unknown-source'] ?? 0) + (refused()['too-short'] ?? 0) === 40);
    assert.equal(exchange.count('framesIn'), 0);
    // Each kind is told of once.
    assert.equal(
      exchange.logged('a packet for legs over RTP was dropped; more of its kind are only counted').length,
      2,
    );
    assert.deepEqual(stranger.packets, []);
    phone.say(new Int16Array(160));
    await until('its own packet', () => exchange.count('bytesIn') === 160);
    await exchange.clock.advance(60);
    assert.ok(exchange.count('framesIn') > 0);
  });

  it('stand any bytes from where they are expected', async (t) => {
    const { exchange, join, until, refused } = await open(t);
    const { phone } = await join('call0', 'g722');
    for (let each = 0; each < 200; each += 1) {
      const noise = randomBytes(each);
      if (each % 2 === 0 && each > 12) {
        noise[0] = 0x80 | ((noise[0] ?? 0) & 0x3f);
        noise[1] = (noise[1] ?? 0) % 12;
      }
      phone.send(noise);
      if (each % 20 === 19) {
        await exchange.clock.advance(20);
      }
    }
    phone.say(new Int16Array(320));
    await until('noise', () => Object.values(refused()).reduce((sum, count) => sum + count, 0) >= 90);
    await exchange.clock.advance(400);
    assert.deepEqual(
      exchange.warnings.filter((line) => !line.startsWith('a packet for legs')),
      [],
    );
    assert.equal(exchange.switchboard.legs.size, 1);
  });

  it('end when who made them says so, as if they had hung up', async (t) => {
    const { exchange, join, until } = await open(t);
    const { leg } = await join('call0', 'ulaw');
    const { phone: other } = await join('call1', 'ulaw');
    leg.close();
    leg.close();
    await until('both are gone', () => exchange.switchboard.legs.size === 0);
    assert.equal(exchange.tally('legsEnded', 'peer-hangup'), 1);
    assert.equal(exchange.tally('legsEnded', 'partner-left'), 1);
    const sent = other.packets.length;
    await exchange.clock.advance(200);
    assert.equal(other.packets.length, sent);
  });

  it('may still be sent to for two seconds after their end, which is nobody unknown', async (t) => {
    const { exchange, legs, join, until, refused } = await open(t);
    const { phone, leg } = await join('call0', 'ulaw');
    const stranger = await StrictRtpLeg.open(legs.address, 'ulaw');
    t.after(() => stranger.close());
    leg.close();
    await until('it is gone', () => exchange.switchboard.legs.size === 0);
    phone.say(new Int16Array(160));
    // What came before it has been received when this one has.
    stranger.say(new Int16Array(160));
    await until('the stranger', () => (refused()['unknown-source'] ?? 0) > 0);
    assert.equal(refused()['unknown-source'], 1);
    await exchange.clock.advance(2_100);
    phone.say(new Int16Array(160));
    await until('its own, too', () => refused()['unknown-source'] === 2);
  });

  it('may be silent for as long as ARI knows of them, which is said once where nothing has come at all', async (t) => {
    const { exchange, join, until } = await open(t);
    const { phone: a } = await join('call0', 'ulaw');
    await join('call1', 'ulaw');
    a.say(new Int16Array(160));
    await until('its packet', () => exchange.count('bytesIn') === 160);
    await exchange.clock.advance(120_000);
    assert.equal(exchange.switchboard.legs.size, 2);
    const said = exchange.warnings.filter((line) => line.startsWith('no packet has come yet'));
    assert.equal(said.length, 1, 'of the one from which nothing has come');
  });

  it('end after 60 s in which neither a packet came nor ARI was there to know of them', async (t) => {
    const opened = await open(t);
    const { exchange, join, until } = opened;
    const { phone: a } = await join('call0', 'ulaw');
    await join('call1', 'ulaw');
    await exchange.clock.advance(30_000);
    opened.supervised = false;
    await exchange.clock.advance(59_000);
    // A moment of ARI is a sign of life of all, a packet one of its leg.
    opened.supervised = true;
    await exchange.clock.advance(40);
    opened.supervised = false;
    await exchange.clock.advance(59_000);
    assert.equal(exchange.switchboard.legs.size, 2);
    a.say(new Int16Array(160));
    await until('its packet', () => exchange.count('bytesIn') === 160);
    await exchange.clock.advance(2_000);
    assert.equal(exchange.tally('legsEnded', 'no-sign-of-life'), 1);
    // With one of them the call of two is over.
    assert.equal(exchange.tally('legsEnded', 'partner-left'), 1);
    assert.equal(exchange.switchboard.legs.size, 0);
  });

  it('go on when their media thread dies', async (t) => {
    const { exchange, join, until } = await open(t);
    const { phone: a } = await join('call0', 'g722');
    const { phone: b } = await join('call1', 'g722');
    const said = sine(1_000, 1_000, 16_000, 0.3);
    for (let frame = 0; frame < 100; frame += 1) {
      if (frame === 50) {
        exchange.threads.kill();
        await exchange.clock.settle();
      }
      a.say(said.subarray((frame % 50) * 320, ((frame % 50) + 1) * 320));
      const before = exchange.count('bytesIn');
      await until('the packet', () => exchange.count('bytesIn') > before);
      await exchange.clock.advance(20);
    }
    await until('the tone', () => soundOf(b.pcm).length > 20_000);
    const heard = soundOf(b.pcm);
    assert.ok(isTone(heard.subarray(heard.length - 10_000, heard.length - 2_000), 1_000, 16_000));
    assert.equal(exchange.count('mediaRestarts'), 2);
    assert.equal(exchange.tally('legsEnded', 'media-hung'), 0);
  });

  it('press keys that are told by who made them', async (t) => {
    const { exchange, join } = await open(t);
    const { leg } = await join('call0', 'ulaw');
    leg.press('5');
    assert.equal(exchange.count('keys'), 1);
  });

  it('have an address each, and are refused when there are too many', async (t) => {
    const { exchange, legs, join } = await open(t, 1);
    const { phone, leg } = await join('call0', 'ulaw');
    assert.throws(
      () => legs.open({ uuid: 'x1', remote: phone.remote, format: 'ulaw', facts: {} }),
      /already/,
    );
    await assert.rejects(join('call1', 'ulaw'), { code: 'engine-overloaded' });
    assert.equal(new CountSums().add(legs).tally('connectionsRefused').get('too-many-legs'), 1);
    leg.close();
    await exchange.clock.settle();
    legs.open({ uuid: 'x1', remote: phone.remote, format: 'ulaw', facts: {} });
    assert.equal(exchange.switchboard.legs.size, 1);
  });

  it('end with their socket', async (t) => {
    const { exchange, legs, join } = await open(t);
    await join('call0', 'ulaw');
    await legs.close();
    await legs.close();
    assert.equal(exchange.tally('legsEnded', 'server-closing'), 1);
    assert.equal(exchange.switchboard.legs.size, 0);
  });

  it('cannot be received where another program does, and it is said what to do', async (t) => {
    const { exchange, legs } = await open(t);
    const { switchboard, clock, log } = exchange;
    const options = { languages: ['en'], rejoinMs: 0, supervised: () => true };
    await assert.rejects(
      openRtpLegs({ ...options, ...legs.address }, { switchboard, clock, log }),
      /--rtp 127\.0\.0\.1:\d+ is in use by another program; stop it \(ss -lunp/,
    );
    await assert.rejects(
      openRtpLegs({ ...options, host: '192.0.2.1', port: 0 }, { switchboard, clock, log }),
      /--rtp 192\.0\.2\.1:0 cannot be listened on \(EADDRNOTAVAIL\)/,
    );
  });
});
