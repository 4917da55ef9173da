/** Calls that the dialplan of a real Asterisk registers before it makes them, over the API with CURL(), and by AGI(). */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { CALL_DETAIL } from '../../src/call/detail/call-detail.ts';
import { WAV_HEADER_BYTES } from '../../src/protocol/wav.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange, hearBoth, NO_API, PARTY_HUNG_UP } from './exchange.ts';
import { assertHeard, hearMelody, isHeard, LEAD_MS, melody, TONE_MS } from './melody.ts';
import type { Phone } from './phone.ts';
import { findRepository } from './testbed.ts';

const LIMIT_MS = 90_000;
const RATE_HZ = 16_000;
/** A phone begins when it is connected: by then the other one and who listens are there, too. */
const AHEAD_MS = 8_000;
const SAID = { rateHz: RATE_HZ, pcm: melody(RATE_HZ, AHEAD_MS + LEAD_MS) };
/** The lead, five tones, and a little more. */
const SAID_MS = AHEAD_MS + LEAD_MS + 5 * TONE_MS + 1_500;
/** How often a call is made, where a full machine kept one from being what is asked for in time. */
const MOST_CALLS = 3;
/** What Asterisk says of an API that does not answer. */
const NOBODY_ASKED = [NO_API, /res_agi\.c: .*onnect/];
const TOKEN = 'token-of-the-dialplan';
const CALLS = z.object({
  calls: z.array(
    z.object({
      call: z.string(),
      state: z.string(),
      metadata: z.record(z.string(), z.string()).optional(),
      parties: z.array(
        z.object({
          ...{ name: z.string(), language: z.string(), state: z.string() },
          voice: z.string().optional(),
        }),
      ),
    }),
  ),
});

describe('a call that the dialplan registers before it makes it', () => {
  let exchange: Exchange | string | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-tokens-'));
  before(async () => {
    const tokenFile = join(folder, 'tokens');
    writeFileSync(tokenFile, `pbx ${TOKEN} control,listen\n`);
    chmodSync(tokenFile, 0o600);
    const agi = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: [
        ...['--pair', 'en:es', '--mode', 'passthrough', '--api-token-file', tokenFile, '--agi', agi],
        ...['--listen-in', 'on'],
        ...['--records', join(folder, 'records')],
        ...['--voices-db', join(folder, 'voices.db')],
        ...['--voices-by-caller', '0034-600-123-123=ana', '--voices-by-dialled', '800=ben'],
      ],
      globals: { AGI_AT: agi },
      include: join(findRepository(), 'test/asterisk-e2e/registered.conf'),
    });
    if (exchange instanceof Exchange) {
      const { testbed, dragoman } = exchange;
      await testbed.cli(`dialplan set global DRAGOMAN_API ${dragoman.httpUrl}/api/v1`);
      await testbed.cli(`dialplan set global DRAGOMAN_TOKEN ${TOKEN}`);
      const made = await fetch(`${dragoman.httpUrl}/api/v1/voices`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ speaker: 'ana', renderings: [{ engine: 'espeak-ng', ref: 'es+f4' }] }),
      });
      assert.equal(made.status, 201);
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, ...NOBODY_ASKED]);
    }
    rmSync(folder, { recursive: true });
  });

  /** The calls that the API shows just now. */
  async function calls({ dragoman }: Exchange) {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${dragoman.httpUrl}/api/v1/calls?state=running`, { headers });
    return CALLS.parse(await response.json()).calls;
  }

  /** What somebody hears of the first party until it leaves: what it says, and what it hears. */
  async function listenedTo({ dragoman }: Exchange, call: string): Promise<readonly Int16Array[]> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${dragoman.httpUrl}/api/v1/calls/${call}/parties/a/listen`, { headers });
    const wav = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([response.status, wav.readUInt16LE(22), wav.readUInt32LE(24)], [200, 2, RATE_HZ]);
    const samples = new Int16Array(Uint8Array.from(wav.subarray(WAV_HEADER_BYTES)).buffer);
    return [0, 1].map((channel) => samples.filter((_, index) => index % 2 === channel));
  }

  /** How often a voice profile was wanted, by what became of that. */
  async function lookUps({ dragoman }: Exchange) {
    const count = (outcomes: string): Promise<number> =>
      dragoman.metric('dragoman_voice_lookups_total', new RegExp(`outcome="(${outcomes})"`));
    return {
      ...{ found: await count('kept|read'), missing: await count('missing') },
      ...{ late: await count('late'), failed: await count('failed|unusable') },
    };
  }

  /**
   * Alice dials, Bob answers; each hears the other's melody. Where the call was not registered because Asterisk or dragoman
   * stood still, she dials again.
   * @param answered whether somebody answers when it is registered by AGI(). @returns the phones, and how often profiles
   * were wanted before the call that they are in.
   */
  async function callOf(test: TestContext, on: Exchange, number: string, answered = true) {
    for (let made = 1; ; made += 1) {
      const [lateBefore, wantedBefore] = [await on.registrationsLate(), await lookUps(on)];
      const alice = await on.phone(test, { user: 'alice', say: SAID });
      const bob = await on.phone(test, { user: 'bob', say: SAID });
      await alice.dial(number);
      await eventually(
        'both are in one call',
        LIMIT_MS,
        async () => (await calls(on))[0]?.parties.length === 2,
      );
      const reason = await on.testbed.variable('alice', 'DRAGOMAN_REASON').catch(() => '');
      const isLate = (await on.registrationsLate()) > lateBefore || (answered && reason === 'no-answer');
      if (!isLate || made === MOST_CALLS) {
        return { alice, bob, wantedBefore };
      }
      await end(on, alice, bob);
    }
  }

  /** The same with the number for which profiles are looked up. Who reads of a slow store speaks without, so she dials again. */
  async function callWithVoices(test: TestContext, on: Exchange) {
    for (let made = 1; ; made += 1) {
      const { alice, bob, wantedBefore: before } = await callOf(test, on, '800');
      const { found, missing, late, failed } = await eventually(
        'two profiles are wanted',
        LIMIT_MS,
        async () => {
          const now = await lookUps(on);
          const wanted = {
            ...{ found: now.found - before.found, missing: now.missing - before.missing },
            ...{ late: now.late - before.late, failed: now.failed - before.failed },
          };
          return wanted.found + wanted.missing + wanted.late + wanted.failed === 2 && wanted;
        },
      );
      if (late === 0 || made === MOST_CALLS) {
        // Of Ana there is a profile; of Ben there is none, and the neutral voice would speak for him.
        assert.deepEqual({ found, missing, late, failed }, { found: 1, missing: 1, late: 0, failed: 0 });
        return { alice, bob };
      }
      await end(on, alice, bob);
    }
  }

  async function end(on: Exchange, alice: Phone, bob: Phone): Promise<void> {
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    await eventually('the call is over', LIMIT_MS, async () => (await calls(on)).length === 0);
    await hearBoth([alice, bob]);
  }

  it('is of the languages, names and voices that were written for it, and both hear each other', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const on = exchange;
    const { alice, bob } = await callWithVoices(test, on);
    const listened = listenedTo(on, (await calls(on))[0]?.call ?? '');
    const linkedid = await exchange.testbed.variable('alice', 'LINKED');
    const id = await exchange.testbed.variable('alice', 'DRAGOMAN_CALL_ID');
    const [call] = await calls(exchange);
    assert.deepEqual([call?.call, call?.metadata], [id, { linkedid }]);
    assert.deepEqual(call?.parties.map(({ name, language, voice }) => [name, language, voice]).sort(), [
      ['alice', 'fr', '@ana'],
      ['de', 'de', '@ben'],
    ]);
    await pass(SAID_MS);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    const heard = [await alice.close(), await bob.close()];
    for (const { pcm, rateHz } of heard) {
      assertHeard(hearMelody(pcm, rateHz));
    }
    // Alice is left and Bob right.
    for (const channel of await listened) {
      const { tonesMs } = hearMelody(channel, RATE_HZ);
      assert.ok(tonesMs.every(isHeard), `who listens heard ${tonesMs} ms`);
    }
    await eventually('the call is over', LIMIT_MS, async () => (await calls(on)).length === 0);
    // Asterisk's own records are found by the same name.
    const record = await eventually('its record is kept', LIMIT_MS, async () => {
      const path = `${on.dragoman.httpUrl}/api/v1/records/${id}`;
      const response = await fetch(path, { headers: { authorization: `Bearer ${TOKEN}` } });
      return response.ok && CALL_DETAIL.parse(await response.json());
    });
    assert.deepEqual([record.linkedid, record.languages.toSorted()], [linkedid, ['de', 'fr']]);
    assert.deepEqual(
      record.listened?.map(({ by, party, what }) => [by, party, what]),
      [['pbx', 'a', 'both']],
    );
  });

  it('is registered by AGI() as it is by CURL()', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const on = exchange;
    const { alice, bob } = await callOf(test, on, '802');
    const id = await on.testbed.variable('alice', 'DRAGOMAN_CALL_ID');
    const [call] = await calls(on);
    assert.deepEqual([call?.call, Object.keys(call?.metadata ?? {})], [id, ['linkedid']]);
    assert.deepEqual(call?.parties.map(({ name, language }) => [name, language]).sort(), [
      ['a & b, alice', 'fr'],
      ['de', 'de'],
    ]);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    await eventually('the call is over', LIMIT_MS, async () => (await calls(on)).length === 0);
  });

  it('goes on when AGI() is refused, or nobody answers it', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const on = exchange;
    const { alice, bob } = await callOf(test, on, '803');
    assert.equal(await on.testbed.variable('alice', 'REFUSED'), 'bad-request');
    assert.equal(await on.testbed.variable('alice', 'NOBODY'), 'FAILURE');
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    await eventually('the call is over', LIMIT_MS, async () => (await calls(on)).length === 0);
  });

  it('is registered by AGI() within a limit, and keeps that of its own', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const on = exchange;
    const { alice, bob } = await callOf(test, on, '804');
    const [call] = await calls(on);
    assert.deepEqual(call?.parties.map(({ name, language }) => [name, language]).sort(), [
      ['a & b, alice', 'fr'],
      ['de', 'de'],
    ]);
    const leftS = Number(await on.testbed.variable('alice', 'LIMIT'));
    assert.ok(leftS > 300 && leftS <= 600, `${leftS} s are left of 600`);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    await eventually('the call is over', LIMIT_MS, async () => (await calls(on)).length === 0);
  });

  it('goes on when AGI() is taken by somebody who stands still', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const on = exchange;
    const still = createServer();
    const taken = once(still, 'connection');
    await new Promise<void>((resolve) => still.listen(0, '127.0.0.1', resolve));
    test.after(() => still.close());
    const { port } = z.object({ port: z.number() }).parse(still.address());
    await on.testbed.cli(`dialplan set global STILL_AT 127.0.0.1:${port}`);
    const { alice, bob } = await callOf(test, on, '805', false);
    const [socket] = await taken;
    test.after(() => socket.destroy());
    assert.equal(await on.testbed.variable('alice', 'DRAGOMAN_REASON'), 'no-answer');
    assert.equal(Number(await on.testbed.variable('alice', 'LIMIT')), 0);
    const [call] = await calls(on);
    assert.deepEqual(call?.parties.map(({ language }) => language).sort(), ['en', 'es']);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    await eventually('the call is over', LIMIT_MS, async () => (await calls(on)).length === 0);
  });

  it('has nothing of an earlier one on its channel, when it is refused or nobody can be asked', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { testbed } = exchange;
    const { alice, bob } = await callOf(test, exchange, '806');
    for (const made of ['FIRST', 'SECOND', 'THIRD']) {
      assert.match(await testbed.variable('alice', made), /^[0-9a-f-]{36}$/, made);
    }
    for (const unmade of ['REFUSED', 'NOBODY', 'NOBODY_BY_AGI']) {
      assert.equal(await testbed.variable('alice', unmade), '[]', unmade);
    }
    const [call] = await calls(exchange);
    assert.deepEqual(call?.parties.map(({ language }) => language).sort(), ['en', 'es']);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
  });

  it('is made as without, when nobody can be asked', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const { alice, bob } = await callOf(test, exchange, '801');
    const [call] = await calls(exchange);
    assert.deepEqual(call?.parties.map(({ language }) => language).sort(), ['en', 'es']);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
  });
});
