/**
 * Calls that dragoman drives by ARI on a real Asterisk: 7777 and 8888 dialled by two phones, and one that calls
 * another.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { CALL_DETAIL } from '../../src/call/detail/call-detail.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth } from './exchange.ts';
import { assertWhole, hearMelody, LEAD_MS, melody, soundLevels, TONE_MS } from './melody.ts';

/** What Asterisk says of a callee that nobody is registered as, and of a connection to ARI that breaks. */
const CALLED_FOR = [
  /Endpoint 'bob': Could not create dialog to invalid URI/,
  /Failed to create outgoing session to endpoint 'bob'/,
  /res_http_websocket\.c: Web socket closed abruptly/,
  /ari_websockets\.c: WebSocket read error/,
];
const LIMIT_MS = 90_000;
const MELODY_MS = LEAD_MS + 5 * TONE_MS + 500;
/** Where both dial at once and speak, the second may be through by so much later, beside the lead of a melody. */
const APART_MS = 6_000;

describe('ARI on a real Asterisk', () => {
  let exchange: Exchange | string | undefined;
  const records = mkdtempSync(join(tmpdir(), 'dragoman-ari-records-'));
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough', '--records', records],
      rejoinS: 3,
      ariPassword: 'hush',
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
    rmSync(records, { recursive: true });
  });

  it('crosses 7777 and 8888; the call lives when ARI breaks and when a leg dies', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await connectedAgain(exchange, 0);
    const { testbed } = exchange;
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await exchange.dialled(test, '7777', { user: 'alice' }, LIMIT_MS);
    const bob = await exchange.dialled(test, '8888', { user: 'bob', say }, LIMIT_MS);
    await inCall(exchange, ['en', 'fr']);
    const linkedid = await linkedOf(exchange, 'alice');
    await pass(MELODY_MS);
    const times = lines(exchange, 'connected to ARI');
    exchange.ari?.break();
    await connectedAgain(exchange, times);
    const leg = (await testbed.channels()).find((name) => name.startsWith('AudioSocket/'));
    await testbed.cli(`channel request hangup ${leg}`);
    const { dragoman } = exchange;
    await eventually('another leg', LIMIT_MS, async () => {
      const replaced = await dragoman.metric('dragoman_ari_legs_replaced_total');
      return replaced === 1 && (await testbed.channels()).length === 4;
    });
    await inCall(exchange, ['en', 'fr']);
    await bob.hangUp();
    await alice.until('CALL_CLOSED', LIMIT_MS);
    const [{ pcm, rateHz }] = await hearBoth([alice, bob]);
    assertWhole(hearMelody(pcm, rateHz));
    await exchange.nothingLeft(LIMIT_MS);
    await kept(records, linkedid);
  });

  it('rings the callee, answers the caller with it, and tells who does not answer', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await exchange.phone(test, { user: 'alice', say });
    // Nobody is registered as bob.
    await alice.dial('7200');
    assert.match((await alice.until('CALL_CLOSED', LIMIT_MS)).param, /^4\d\d /);
    const bob = await exchange.phone(test, { user: 'bob', answers: false });
    await alice.dial('7200');
    await bob.until('CALL_INCOMING', LIMIT_MS);
    await bob.hangUp();
    assert.match((await alice.until('CALL_CLOSED', LIMIT_MS, 2)).param, /^4\d\d /);
    assert.equal(alice.count('CALL_ESTABLISHED'), 0);
    await bob.close();
    const again = await exchange.phone(test, { user: 'bob' });
    await alice.dial('7200');
    await Promise.all([alice, again].map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
    await inCall(exchange, ['en', 'fr']);
    await pass(MELODY_MS);
    await alice.hangUp();
    await again.until('CALL_CLOSED', LIMIT_MS);
    const [, { pcm, rateHz }] = await hearBoth([alice, again]);
    assertWhole(hearMelody(pcm, rateHz));
    await exchange.nothingLeft(LIMIT_MS);
  });

  it('puts itself into a call that runs and takes itself off; the two hear each other as ever', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { dragoman, testbed } = exchange;
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const [alice, bob] = [
      await exchange.phone(test, { user: 'alice', say }),
      await exchange.phone(test, { user: 'bob' }),
    ];
    await alice.dial('200');
    await Promise.all([alice, bob].map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
    const channel = (await testbed.channels()).find((name) => name.startsWith('PJSIP/alice-'));
    // A phone hears that it is through before Asterisk has the two in a bridge.
    await eventually('it is in the call', LIMIT_MS, async () => {
      const status = await dragoman.post('/api/v1/whispers', { channel, from: 'en', to: 'fr' });
      assert.ok(status === 200 || status === 409, `status ${status}`);
      return status === 200;
    });
    await inCall(exchange, ['en', 'fr']);
    const linkedid = await linkedOf(exchange, 'alice');
    await pass(MELODY_MS / 2);
    assert.equal(await dragoman.post('/api/v1/whispers/end', { channel }), 200);
    await kept(records, linkedid);
    await eventually(
      'the two are alone again',
      LIMIT_MS,
      async () => (await testbed.channels()).length === 2,
    );
    assert.equal(await dragoman.post('/api/v1/whispers', { channel, from: 'en', to: 'fr' }), 200);
    await pass(MELODY_MS / 2);
    await bob.hangUp();
    await alice.until('CALL_CLOSED', LIMIT_MS);
    const [, { pcm, rateHz }] = await hearBoth([alice, bob]);
    assertWhole(hearMelody(pcm, rateHz));
    // A voice that came by us as well, some ms later, would make some tones louder and others softer.
    const levels = soundLevels(pcm, rateHz);
    const [softer = 0, louder = 0] = [0.2, 0.9].map((share) => levels[Math.floor(levels.length * share)]);
    assert.ok(louder - softer < 1.5, `tones from ${softer} to ${louder} dBFS`);
    await exchange.nothingLeft(LIMIT_MS);
  });
});

describe('ARI on a real Asterisk, over RTP', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    exchange = await Exchange.open({
      serve: ['--extensions', '7777=en,8888=fr', '--mode', 'passthrough', '--ari-media', 'rtp'],
      ariPassword: 'hush',
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
  });

  it('lets a G.711 phone and a G.722 phone hear each other, knows when one is on hold, and leaves nothing', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await connectedAgain(exchange, 0);
    const { dragoman } = exchange;
    const say = { rateHz: 16_000, pcm: melody(16_000, APART_MS + LEAD_MS) };
    const alice = await exchange.phone(test, { user: 'alice', codec: 'pcmu', say });
    const bob = await exchange.phone(test, { user: 'bob', say });
    await Promise.all([alice.dial('7777'), bob.dial('8888')]);
    await Promise.all([alice, bob].map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
    await inCall(exchange, ['en', 'fr']);
    const states = async (): Promise<readonly (string | undefined)[]> => {
      const parties = (await dragoman.calls())[0]?.parties ?? [];
      return ['en', 'fr'].map((one) => parties.find(({ language }) => language === one)?.state);
    };
    // Only who has sent for 10 s without a break is believed to be on hold: they have, by then.
    await pass(APART_MS + MELODY_MS);
    await bob.hold();
    await eventually('bob alone is on hold', LIMIT_MS, async () =>
      isDeepStrictEqual(await states(), ['CONNECTED', 'SUSPENDED']),
    );
    await bob.resume();
    await eventually('bob is back', LIMIT_MS, async () =>
      isDeepStrictEqual(await states(), ['CONNECTED', 'CONNECTED']),
    );
    await bob.hangUp();
    await alice.until('CALL_CLOSED', LIMIT_MS);
    for (const { pcm, rateHz } of await hearBoth([alice, bob])) {
      assertWhole(hearMelody(pcm, rateHz));
    }
    await exchange.nothingLeft(LIMIT_MS);
  });
});

describe('ARI on a real Asterisk, over WebSocket', () => {
  let exchange: Exchange | string | undefined;
  before(async () => {
    const ws = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: [
        ...['--extensions', '7777=en,8888=fr', '--mode', 'passthrough'],
        ...['--ws', ws, '--ari-media', 'websocket'],
      ],
      rejoinS: 3,
      websocket: ws,
      ariPassword: 'hush',
    });
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close(CALLED_FOR);
    }
  });

  it('crosses 7777 and 8888, fetches a leg that dies, and leaves nothing', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    await connectedAgain(exchange, 0);
    const { dragoman, testbed } = exchange;
    const say = { rateHz: 16_000, pcm: melody(16_000) };
    const alice = await exchange.dialled(test, '7777', { user: 'alice' }, LIMIT_MS);
    const bob = await exchange.dialled(test, '8888', { user: 'bob', say }, LIMIT_MS);
    await inCall(exchange, ['en', 'fr']);
    await pass(MELODY_MS);
    const leg = (await testbed.channels()).find((name) => name.startsWith('WebSocket/'));
    await testbed.cli(`channel request hangup ${leg}`);
    await eventually('another leg', LIMIT_MS, async () => {
      const replaced = await dragoman.metric('dragoman_ari_legs_replaced_total');
      return replaced === 1 && (await testbed.channels()).length === 4;
    });
    await inCall(exchange, ['en', 'fr']);
    await bob.hangUp();
    await alice.until('CALL_CLOSED', LIMIT_MS);
    const [{ pcm, rateHz }] = await hearBoth([alice, bob]);
    assertWhole(hearMelody(pcm.subarray(rateHz), rateHz));
    await exchange.nothingLeft(LIMIT_MS);
  });
});

/** Waits until dragoman has been connected to ARI more than `times` times. */
function connectedAgain(exchange: Exchange, times: number): Promise<unknown> {
  return eventually('connected to ARI', LIMIT_MS, () => lines(exchange, 'connected to ARI') > times);
}

/** How many lines of dragoman's log begin so. */
function lines({ dragoman }: Exchange, message: string): number {
  return dragoman.lines.filter(({ msg }) => msg.startsWith(message)).length;
}

/** One call runs, and these are spoken in it. */
async function inCall({ dragoman }: Exchange, languages: readonly string[]): Promise<void> {
  const call = await eventually('both parties are with dragoman', LIMIT_MS, async () =>
    (await dragoman.calls()).find(({ parties }) => parties.length === languages.length),
  );
  assert.deepEqual(call.parties.map(({ language }) => language).sort(), languages);
}

/** What Asterisk itself calls all channels of the call that the phone of `user` is in. */
async function linkedOf({ testbed }: Exchange, user: string): Promise<string> {
  const name = (await testbed.channels()).find((each) => each.startsWith(`PJSIP/${user}-`));
  const shown = await testbed.cli(`core show channel ${name}`);
  const [, linkedid] = /LinkedID: (\S+)/.exec(shown) ?? [];
  assert.ok(linkedid !== undefined, shown);
  return linkedid;
}

/** Waits for the record of the call that Asterisk calls so. */
async function kept(folder: string, linkedid: string): Promise<void> {
  await eventually(`a record of ${linkedid}`, LIMIT_MS, async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    const lines = texts.flatMap((text) => text.split('\n').slice(0, -1));
    return lines.some((line) => CALL_DETAIL.parse(JSON.parse(line)).linkedid === linkedid);
  });
}
