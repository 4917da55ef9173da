/**
 * Phones of a real Asterisk that dial voice agents, which are stand-ins at their providers' wires: the agent is heard, in
 * the caller's language, too, sends the caller on, hangs up after its last words, and fails.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { heardSounds } from '../../src/client/heard-sounds.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { concatPcm, loadLibrivoxClips, silence, sine, toneDbfs } from '../asterisk/audio.ts';
import { DEEPGRAM_AGENT_KEY, DeepgramAgentsStandIn } from '../stand-ins/deepgram-agents.ts';
import { AGENT_KEY, ElevenlabsAgentsStandIn } from '../stand-ins/elevenlabs-agents.ts';
import { OPENAI_AGENT_KEY, OpenaiAgentsStandIn } from '../stand-ins/openai-agents.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { freePort } from '../support/ports.ts';
import { eventually, pass } from '../support/waiting.ts';
import { DRAGOMAN_AWAY, Exchange, NO_API, PARTY_HUNG_UP } from './exchange.ts';
import { mostLike } from './likeness.ts';
import { dialLookedUp } from './looked-up.ts';
import type { Phone } from './phone.ts';
import { findRepository } from './testbed.ts';
import { wordHeard } from './word-heard.ts';

const LIMIT_MS = 60_000;
const AGENT_HZ = 1_000;
/** The last words of an agent, as pitches and lengths: its end is heard where the last of them is, which is short. */
const LAST_WORDS = [
  { hz: 1_000, ms: 700 },
  { hz: 1_500, ms: 600 },
  { hz: 2_250, ms: 200 },
] as const;
/** Of a word that is heard; a busy machine leaves out much. */
const LEAST_MS = 100;
const CALLER_HZ = 1_750;
const BOB_HZ = 640;
/** Pieces of this length are looked at for a tone. */
const PIECE_MS = 20;

describe('a number that a voice agent answers', () => {
  let exchange: Exchange | string | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-agents-'));
  let stt: VoskStandIn;
  let elevenlabs: ElevenlabsAgentsStandIn;
  let openai: OpenaiAgentsStandIn;
  let deepgram: DeepgramAgentsStandIn;

  before(async () => {
    const reception = join(folder, 'reception.yaml');
    writeFileSync(
      reception,
      'prompt: You are the reception.\ngreeting: Hello.\ntransfer-to: { 200: Bob, 7005: nobody }\n',
    );
    stt = await VoskStandIn.open({ hear: wordHeard('young') });
    elevenlabs = await ElevenlabsAgentsStandIn.start();
    openai = await OpenaiAgentsStandIn.start();
    deepgram = await DeepgramAgentsStandIn.start();
    const agi = `127.0.0.1:${await freePort()}`;
    exchange = await Exchange.open({
      serve: [
        // So that what is heard is the translation and nothing else.
        ...[
          '--pair',
          'en:es',
          '--untranslatable',
          'passthrough',
          '--announcement',
          'off',
          '--original',
          'off',
        ],
        ...['--stt', 'vosk', '--mt', 'apertium', '--tts', 'espeak-ng', '--agi', agi],
        ...['--agent', 'deepgram:reception@en', '--agent-file', `reception=${reception}`],
        ...['--extensions', '7003=en', '--agents-by-dialled', '7003=openai:reception@en'],
        ...['--agents-by-dialled', '7004=elevenlabs:agent_01jx@en'],
      ],
      environment: {
        VOSK_URL: `en=${stt.url},es=${stt.url}`,
        ELEVENLABS_API_KEY: AGENT_KEY,
        ELEVENLABS_URL: elevenlabs.url,
        OPENAI_API_KEY: OPENAI_AGENT_KEY,
        OPENAI_AGENT_URL: openai.url,
        DEEPGRAM_API_KEY: DEEPGRAM_AGENT_KEY,
        DEEPGRAM_AGENT_URL: deepgram.url,
      },
      ariPassword: 'hush',
      globals: { AGI_AT: agi, AGENT_SAID: 'nothing' },
      include: join(findRepository(), 'test/asterisk-e2e/agents.conf'),
    });
    if (exchange instanceof Exchange) {
      const { testbed, dragoman } = exchange;
      await testbed.cli(`dialplan set global DRAGOMAN_API ${dragoman.httpUrl}/api/v1`);
    }
  });
  after(async () => {
    if (exchange instanceof Exchange) {
      await exchange.close([...PARTY_HUNG_UP, ...DRAGOMAN_AWAY, NO_API]);
    }
    await Promise.all([stt, elevenlabs, openai, deepgram].map((provider) => provider.close()));
    rmSync(folder, { recursive: true });
  });

  /** Alice dials and the agent hears her. */
  async function dialled(
    test: TestContext,
    on: Exchange,
    number: string,
    provider: { readonly heard: readonly unknown[] },
    said: Int16Array = silence(100, 16_000),
  ): Promise<Phone> {
    const before = provider.heard.length;
    const alice = await on.dialled(
      test,
      number,
      { user: 'alice', say: { rateHz: 16_000, pcm: said } },
      LIMIT_MS,
    );
    await eventually('the agent hears somebody', LIMIT_MS, () => provider.heard.length > before);
    return alice;
  }

  /** What the dialplan found after one agent after the other: where to go. */
  async function goesOnWith(on: Exchange, ...expected: readonly string[]): Promise<void> {
    const said = `nothing${expected.map((to) => `[${to}]`).join('')}`;
    await eventually(`the dialplan goes on with ${said}`, LIMIT_MS, async () =>
      (await on.testbed.cli('dialplan show globals')).split(/\s+/).includes(`AGENT_SAID=${said}`),
    );
    await on.testbed.cli('dialplan set global AGENT_SAID nothing');
  }

  it('is heard in Spanish by who speaks Spanish, to its last word, and then hangs up', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await dialled(test, exchange, '7000', elevenlabs);
    const english = loadLibrivoxClips()[3];
    assert.ok(english !== undefined);
    const completed = await exchange.dragoman.metric('translations_completed_total');
    elevenlabs.speak(new Uint8Array(english.pcm.slice().buffer));
    elevenlabs.sessions.end(1000);
    await alice.until('CALL_CLOSED', LIMIT_MS);
    await goesOnWith(exchange, '');
    assert.ok((await exchange.dragoman.metric('translations_completed_total')) > completed);
    const heard = await alice.close();
    const spokenMs = voiceMs(heard);
    assert.ok(spokenMs > 1_000, `${spokenMs} ms were heard`);
    const piece = english.pcm.subarray(16_000, 24_000);
    const { share } = mostLike(heard.pcm, piece, heard.rateHz, 0, 60_000);
    assert.ok(heard.rateHz !== english.rateHz || share < 0.3, `the English itself is heard: ${share}`);
  });

  it('tells who speaks Spanish that it has failed, and the dialplan goes on', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await dialled(test, exchange, '7000', elevenlabs);
    elevenlabs.sessions.end('dropped');
    await alice.until('CALL_CLOSED', LIMIT_MS);
    await goesOnWith(exchange, '');
    const spokenMs = voiceMs(await alice.close());
    assert.ok(spokenMs > 1_000, `${spokenMs} ms of the announcement were heard`);
  });

  it('greets, is told how far it was heard when somebody falls into its words, and sends them on', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const on = exchange;
    const bob = await on.phone(test, {
      user: 'bob',
      say: { rateHz: 16_000, pcm: sine(BOB_HZ, 20_000, 16_000) },
    });
    const said = concatPcm(silence(500, 16_000), sine(CALLER_HZ, 20_000, 16_000));
    const alice = await dialled(test, on, '7001', openai, said);
    await eventually('it is to greet', LIMIT_MS, () => openai.told.length > 0);
    const before = openai.heard.length;
    const item = openai.speak(new Uint8Array(sine(AGENT_HZ, 10_000, 24_000).buffer));
    await eventually('the agent hears the caller', LIMIT_MS, () => {
      const last = openai.heard.at(-1);
      return last !== undefined && toneDbfs(pcmOf(last), CALLER_HZ, 24_000) > -30;
    });
    await eventually('some of it is heard', LIMIT_MS, () => openai.heard.length > before + 100);
    openai.hearsSomebody();
    const told = await eventually('it is told how far', LIMIT_MS, () =>
      openai.told.find((event) => event.type === 'conversation.item.truncate'),
    );
    assert.equal(told.item_id, item);
    assert.ok(told.audio_end_ms > 200 && told.audio_end_ms < 9_000, `${told.audio_end_ms} ms`);
    openai.callFunction('1', 'transfer', '{"to":"200"}');
    await bob.until('CALL_ESTABLISHED', LIMIT_MS);
    await goesOnWith(on, '200');
    await eventually('they talk', LIMIT_MS, async () => (await on.dragoman.calls()).length === 0);
    await pass(1_000);
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    const heard = await alice.close();
    assert.ok(toneMs(heard, AGENT_HZ) > 200, 'the agent is heard');
    assert.ok(toneMs(heard, AGENT_HZ) < 9_000, 'and not what it was about to say');
    assert.ok(toneMs(heard, BOB_HZ) > 300, 'Bob is heard');
  });

  it('answers everybody else, and sends them on by AGI as by HTTP', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const bob = await exchange.phone(test, { user: 'bob' });
    const alice = await dialled(test, exchange, '7002', deepgram);
    const words = concatPcm(...LAST_WORDS.map(({ hz, ms }) => sine(hz, ms, 16_000)));
    deepgram.speak(new Uint8Array(words.buffer));
    deepgram.callFunction('1', 'transfer', '{"to":"200"}');
    await bob.until('CALL_ESTABLISHED', LIMIT_MS);
    await goesOnWith(exchange, '200');
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    const heard = await alice.close();
    const heardMs = LAST_WORDS.map(({ hz }) => toneMs(heard, hz));
    assert.ok(
      heardMs.every((ms) => ms >= LEAST_MS),
      `${heardMs} ms of its last words were heard`,
    );
  });

  it('answers the number that ARI tells, and sends the caller on after Stasis()', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const bob = await exchange.phone(test, { user: 'bob' });
    const alice = await dialled(test, exchange, '7003', openai);
    openai.callFunction('3', 'transfer', '{"to":"200"}');
    await bob.until('CALL_ESTABLISHED', LIMIT_MS);
    await goesOnWith(exchange, '200');
    await alice.hangUp();
    await bob.until('CALL_CLOSED', LIMIT_MS);
    // Who came by AudioSocket is known by ARI, too.
    const before = elevenlabs.heard.length;
    const again = await exchange.phone(test, { user: 'alice' });
    await dialLookedUp(exchange, again, '7004', LIMIT_MS);
    await eventually('the agent hears somebody', LIMIT_MS, () => elevenlabs.heard.length > before);
    elevenlabs.sessions.end(1000);
    await again.until('CALL_CLOSED', LIMIT_MS);
  });

  it('sends nobody on as an agent before it did, when it is not told where to', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await dialled(test, exchange, '7001', openai);
    openai.callFunction('4', 'transfer', '{"to":"7005"}');
    await goesOnWith(exchange, '7005', '');
    await alice.until('CALL_CLOSED', LIMIT_MS);
  });

  for (const [way, number] of [
    ['wideband', '7005'],
    ['8 kHz', '7006'],
  ] as const) {
    it(`is told of to who dials it while dragoman is away, ${way}`, async (test) => {
      if (!Exchange.orSkip(exchange, test)) {
        return;
      }
      const alice = await exchange.dialled(test, number, { user: 'alice' }, LIMIT_MS);
      await goesOnWith(exchange, '');
      const toldMs = voiceMs(await alice.close());
      assert.ok(toldMs > 1_000, `${toldMs} ms are heard`);
    });
  }

  it('ends the call when the agent hangs up', async (test) => {
    if (!Exchange.orSkip(exchange, test)) {
      return;
    }
    const alice = await dialled(test, exchange, '7002', deepgram);
    deepgram.callFunction('2', 'hang_up', '{}');
    await alice.until('CALL_CLOSED', LIMIT_MS);
    await goesOnWith(exchange, '');
  });
});

function pcmOf(bytes: Buffer): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer);
}

/** For how long a voice is heard, without cues and tones that are shorter. */
function voiceMs({ pcm, rateHz }: Wav): number {
  return heardSounds(pcm, rateHz, 0)
    .map(({ startMs, endMs }) => endMs - startMs)
    .filter((lengthMs) => lengthMs > 300)
    .reduce((sum, lengthMs) => sum + lengthMs, 0);
}

/** For how long a tone is heard. */
function toneMs({ pcm, rateHz }: Wav, toneHz: number): number {
  const samples = (rateHz * PIECE_MS) / 1_000;
  let heard = 0;
  for (let at = 0; at + samples <= pcm.length; at += samples) {
    heard += toneDbfs(pcm.subarray(at, at + samples), toneHz, rateHz) > -30 ? 1 : 0;
  }
  return heard * PIECE_MS;
}
