/**
 * A room of dragoman's into which every door leads: a phone by AudioSocket, one by ARI whose sound comes by RTP, one by
 * chan_websocket, and a gateway by WebSocket. Each hears all the others, and each may leave from its own side.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Wav } from '../../src/protocol/wav.ts';
import { sine, toneDbfs } from '../asterisk/audio.ts';
import { GatewayCaller } from '../server/doors/websocket/gateway-caller.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import type { DragomanProcess } from './dragoman-process.ts';
import { Exchange } from './exchange.ts';
import { dialLookedUp } from './looked-up.ts';
import type { Phone } from './phone.ts';
import { findRepository } from './testbed.ts';

const LIMIT_MS = 90_000;
/**
 * What each sounds like, by whose it is: none is what some of the others make of each other where they are limited, nor
 * part of a key.
 */
const TONES_HZ = { audioSocket: 400, ari: 725, chanWebSocket: 1_265, gateway: 2_650 } as const;
/** Heard is what is louder than this in some window, in dBFS: a fourth of full scale, less what codecs take. */
const HEARD_DBFS = -30;
const WINDOW_MS = 200;
/** All have been together by then. */
const TOGETHER_MS = 2_500;

describe('a room that all doors of dragoman lead into, on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  let ws = '';
  before(async () => {
    ws = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: [
        ...['--pair', 'en:es', '--mode', 'passthrough', '--join-tones', 'off', '--ws', ws],
        ...['--ari-media', 'rtp', '--extensions', '6101=en@all,6102=es@all,6103=es@all,6104=en@all'],
      ],
      websocket: ws,
      ariPassword: 'hush',
      pairs: 2,
      include: join(findRepository(), 'test/asterisk-e2e/doors.conf'),
    });
    if (exchange instanceof Exchange) {
      const { dragoman } = exchange;
      await eventually('connected to ARI', LIMIT_MS, () =>
        dragoman.lines.some(({ msg }) => msg.startsWith('connected to ARI')),
      );
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([]);
    }
  });

  it('lets each hear all the others, and goes on until the last has left', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { dragoman, testbed } = exchange;
    const { phones, gateway } = await allIn(exchange, test, ws);
    const [byAudioSocket, byAri, byChanWebSocket] = phones;
    const together = (parties: number): Promise<unknown> => untilIn(dragoman, parties);
    assert.equal((await dragoman.calls()).length, 1);
    await pass(TOGETHER_MS);
    const heardByGateway = gateway.last(TOGETHER_MS);

    // Each leaves from its own side.
    await byAri.hangUp();
    await together(3);
    gateway.tell({ type: 'session_end' });
    await together(2);
    await byChanWebSocket.hangUp();
    await together(1);
    await byAudioSocket.hangUp();
    await together(0);
    await eventually('no channel is left', LIMIT_MS, async () => (await testbed.channels()).length === 0);

    const { audioSocket, ari, chanWebSocket, gateway: gatewayHz } = TONES_HZ;
    assertHears('the gateway', heardByGateway, [audioSocket, ari, chanWebSocket]);
    assertHears('who came by AudioSocket', await byAudioSocket.close(), [ari, chanWebSocket, gatewayHz]);
    assertHears('who came by ARI', await byAri.close(), [audioSocket, chanWebSocket, gatewayHz]);
    assertHears('who came by chan_websocket', await byChanWebSocket.close(), [audioSocket, ari, gatewayHz]);
  });

  it('is left by all when dragoman hangs it up', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { dragoman, testbed } = exchange;
    const { phones, gateway } = await allIn(exchange, test, ws);
    const [call] = await dragoman.calls();
    assert.equal(await dragoman.remove(`/api/v1/calls/${call?.call}`), 204);
    await Promise.all(phones.map((phone) => phone.until('CALL_CLOSED', LIMIT_MS)));
    await gateway.untilClosed();
    await untilIn(dragoman, 0);
    await eventually('no channel is left', LIMIT_MS, async () => (await testbed.channels()).length === 0);
  });
});

/** One by every door, in one room. */
async function allIn(
  exchange: Exchange,
  test: TestContext,
  ws: string,
): Promise<{ readonly phones: readonly [Phone, Phone, Phone]; readonly gateway: GatewayCaller }> {
  const dial = async (user: string, number: string, hz: number): Promise<Phone> => {
    const phone = await exchange.phone(test, { user, say: tone(hz) });
    await phone.dial(number);
    await phone.until('CALL_ESTABLISHED', LIMIT_MS);
    return phone;
  };
  const byAudioSocket = await exchange.phone(test, { user: 'a0', say: tone(TONES_HZ.audioSocket) });
  await dialLookedUp(exchange, byAudioSocket, '6101', LIMIT_MS);
  const phones = [
    byAudioSocket,
    await dial('b0', '6102', TONES_HZ.ari),
    await dial('a1', '6103', TONES_HZ.chanWebSocket),
  ] as const;
  const gateway = await GatewayCaller.connect(`ws://${ws}/translate/6104?rate=16000`, { rateHz: 16_000 });
  test.after(() => gateway.end());
  gateway.say(TONES_HZ.gateway);
  await untilIn(exchange.dragoman, 4);
  return { phones, gateway };
}

/** Waits until so many are in the only call. */
function untilIn(dragoman: DragomanProcess, parties: number): Promise<unknown> {
  return eventually(`${parties} are in the room`, LIMIT_MS, async () => {
    const calls = await dragoman.calls();
    return parties === 0 ? calls.length === 0 : calls[0]?.parties.length === parties;
  });
}

function tone(hz: number): Wav {
  return { rateHz: 16_000, pcm: sine(hz, 60_000, 16_000, 0.25) };
}

/** Each of the tones was heard at some time, and no other of them ever: nobody hears itself. */
function assertHears(who: string, { pcm, rateHz }: Wav, tonesHz: readonly number[]): void {
  const samples = (WINDOW_MS * rateHz) / 1_000;
  const heard = Object.values(TONES_HZ).filter((hz) => {
    for (let at = 0; at + samples <= pcm.length; at += samples) {
      if (toneDbfs(pcm.subarray(at, at + samples), hz, rateHz) > HEARD_DBFS) {
        return true;
      }
    }
    return false;
  });
  assert.deepEqual(heard, tonesHz, who);
}
