/** Calls that Asterisk keeps for us, over RTP: the ARI door before its stand-in, with sockets of RTP. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTone, sine, sliceMs, soundOf } from '../../../asterisk/audio.ts';
import { AriExchange } from '../ari/ari-exchange.ts';

async function crossed(exchange: AriExchange): Promise<void> {
  exchange.ari.enter('p1', { exten: '7777', args: ['en'] });
  exchange.ari.enter('p2', { exten: '8888', args: ['fr'] });
  await exchange.inCall('en', 'fr');
}

describe('calls by ARI over RTP', () => {
  it('are heard, press keys and end, and leave nothing', async (test) => {
    const exchange = await AriExchange.connected(test, { media: 'rtp' });
    await crossed(exchange);
    const [request] = exchange.ari.asked.filter(({ path }) => path === '/channels/externalMedia');
    assert.equal(request?.body.format, 'g722');
    assert.match(String(request?.body.external_host), /^127\.0\.0\.1:\d+$/);
    // Nothing interprets French here: it is heard as it is.
    const one = exchange.ari.rtp.get('dg-m-dragoman-p2');
    const other = exchange.ari.rtp.get('dg-m-dragoman-p1');
    assert.ok(one !== undefined && other !== undefined);
    const said = sine(1_000, 1_000, 16_000, 0.3);
    let frame = 0;
    await exchange.until('the tone', () => {
      one.say(said.subarray((frame % 50) * 320, ((frame % 50) + 1) * 320));
      frame += 1;
      return soundOf(other.pcm).length > 16_000;
    });
    assert.ok(isTone(sliceMs(soundOf(other.pcm), 16_000, 300, 700), 1_000, 16_000));
    assert.deepEqual([...one.dropped, ...other.dropped], []);
    exchange.ari.press('p1', '5');
    await exchange.until('the key', () => exchange.scripted.count('keys') === 1);
    exchange.ari.hangUp('p1');
    await exchange.nothingLeft();
    assert.equal(exchange.scripted.tally('legsEnded', 'peer-hangup'), 1);
  });

  it('get another leg in the same place when their channel is lost', async (test) => {
    const exchange = await AriExchange.connected(test, { media: 'rtp' });
    await crossed(exchange);
    exchange.ari.breakMedia('dg-m-dragoman-p1');
    await exchange.until('counted', () => exchange.count('ariLegsReplaced') === 1);
    await exchange.inCall('en', 'fr');
    assert.equal(exchange.scripted.tally('rejoins', 'came-back'), 1);
    assert.equal(exchange.scripted.tally('legsEnded', 'channel-lost'), 1);
    exchange.ari.hangUp('p2');
    await exchange.nothingLeft();
  });

  it('end a minute after Asterisk is gone, and not while it is there', async (test) => {
    const exchange = await AriExchange.connected(test, { media: 'rtp' });
    await crossed(exchange);
    const { clock, switchboard } = exchange.scripted;
    await clock.advance(70_000);
    assert.equal(switchboard.legs.size, 2, 'nobody says anything, and nothing hangs up');
    await exchange.ari.close();
    await exchange.until('it is noticed', () => exchange.logged('ARI cannot be used').length === 1);
    await clock.advance(50_000);
    assert.equal(switchboard.legs.size, 2);
    await clock.advance(11_000);
    assert.equal(switchboard.legs.size, 0);
    assert.equal(exchange.scripted.tally('legsEnded', 'no-sign-of-life'), 2);
  });
});
