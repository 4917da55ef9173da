/**
 * Calls that a real Asterisk runs by itself and that are interpreted on the way: by `Dial()`, by a queue, in a
 * ConfBridge. Both speak, one after the other, and each hears the other and then what the interpreter says of it.
 * Recognition and translation are stand-ins, for which any sound is speech; what is heard is synthesised.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { heardSounds } from '../../src/client/heard-sounds.ts';
import type { Wav } from '../../src/protocol/wav.ts';
import { concatPcm, levelDbfs, loadLibrivoxClips, silence, sliceMs } from '../asterisk/audio.ts';
import { LibretranslateStandIn } from '../stand-ins/libretranslate.ts';
import { VoskStandIn } from '../stand-ins/vosk.ts';
import { eventually, pass } from '../support/waiting.ts';
import { Exchange } from './exchange.ts';
import { Phone } from './phone.ts';
import { findRepository, type Testbed } from './testbed.ts';
import { wordHeard } from './word-heard.ts';

const LIMIT_MS = 90_000;
const RATE_HZ = 16_000;
/** When the first speaks in its call, and how long after that the second does. */
const FIRST_MS = 6_000;
const NEXT_MS = 18_000;
/** From the beginning of a voice: its translation is heard by then. */
const HEARD_MS = 9_000;
/** Both say it again and again, so that what is judged is said when the interpreter is there, however long that took. */
const AGAIN_MS = 2 * NEXT_MS;
const TIMES = Math.ceil((2 * LIMIT_MS) / AGAIN_MS) + 2;
/** What an interpreter that has all parties may still take until it hears them. */
const READY_MS = 2_000;
/** By how much a voice may be heard before its place: a phone does not record what it was not sent. */
const EARLY_MS = 5_000;
/** How much later than the other one of both may begin, or one's voice would be taken for what is said for the other. */
const MOST_OFF_MS = NEXT_MS - HEARD_MS - EARLY_MS;
/** How often a call is made, when a busy machine connects one of both later than that. */
const MOST_CALLS = 3;
/** What is said: some seconds of a real voice. */
const VOICE = loadLibrivoxClips()[1]?.pcm ?? new Int16Array(0);
const VOICE_MS = (VOICE.length * 1_000) / RATE_HZ;
/** Halfway between the voice as it is and 17 dB softer, in dBFS. */
const SOFT_DBFS = levelDbfs(VOICE) - 8;
/** So much of what is heard after a voice is the interpreter, at least: of a second and a half, of which a phone may lose. */
const INTERPRETED_MS = 400;
/** Two notes tell a listener that something is on its way, each of them a sound: 220 ms in all. */
const LONGEST_CUE_MS = 300;

function translate(text: string, _from: string, to: string): string {
  return text.replaceAll('well', to === 'es' ? 'bien' : 'fine');
}

describe('an interpreter on a running call of a real Asterisk', { concurrency: true }, () => {
  for (const media of ['audiosocket', 'rtp'] as const) {
    describe(`media by ${media}`, { concurrency: false }, () => {
      let exchange: Exchange | string | undefined;
      let engines: readonly { close(): Promise<void> }[] = [];
      before(async () => {
        const stt = await VoskStandIn.open({ hear: wordHeard('well') });
        const mt = await LibretranslateStandIn.open({ translate });
        engines = [stt, mt];
        exchange = await Exchange.open({
          serve: [
            ...['--pair', 'en:es', '--policy', 'turn', '--announcement', 'off', '--ari-media', media],
            ...['--stt', 'vosk', '--mt', 'libretranslate', '--tts', 'espeak-ng'],
          ],
          environment: { VOSK_URL: `en=${stt.url},es=${stt.url}`, LIBRETRANSLATE_URL: mt.url },
          ariPassword: 'hush',
          pairs: 2,
          include: join(findRepository(), 'test/asterisk-e2e/whisper.conf'),
        });
        if (exchange instanceof Exchange) {
          const { dragoman, testbed } = exchange;
          await testbed.cli('module load app_queue.so');
          await testbed.cli('queue add member PJSIP/b0 to desk');
          await eventually('connected to ARI', LIMIT_MS, () =>
            dragoman.lines.some(({ msg }) => msg.startsWith('connected to ARI')),
          );
        }
      });
      after(async () => {
        if (exchange instanceof Exchange) {
          await exchange.close([]);
        }
        await Promise.all(engines.map((engine) => engine.close()));
      });

      it('is heard by both who talk by Dial(), louder than they hear each other where that is asked for', async (test) => {
        if (Exchange.orSkip(exchange, test)) {
          await bothHear(exchange, test, '210', 'duck');
        }
      });

      if (media === 'audiosocket') {
        it('is heard by who called a queue, and by the agent', async (test) => {
          if (Exchange.orSkip(exchange, test)) {
            await bothHear(exchange, test, '630', 'full');
          }
        });

        it('is heard by three who confer', async (test) => {
          if (!Exchange.orSkip(exchange, test)) {
            return;
          }
          const running = exchange;
          const { testbed } = exchange;
          const [alice, bob, carol] = await inStep(exchange, test, async (talkers) => {
            const third = await running.phone(test, { user: 'a1' });
            for (const phone of [third, ...talkers.toReversed()]) {
              await phone.dial('640');
            }
            return third;
          });
          // Whoever comes into a conference later is not interpreted.
          await eventually(
            'all three confer',
            LIMIT_MS,
            async () => (await testbed.cli('confbridge list whisper')).match(/^PJSIP\//gm)?.length === 3,
          );
          await interpret(exchange, 'a0', 3, 'full');
          const [first, second] = await nextVoices(alice, bob);
          await alice.hangUp();
          await eventually('it is taken off', LIMIT_MS, async () => (await ours(testbed)) === 0);
          await Promise.all([bob, carol].map((phone) => phone.hangUp()));
          const about = await circumstances(exchange, [alice, bob, carol]);
          for (const [what, phone, saidMs] of [
            ['carol hears alice and what is said for her', carol, first],
            ['bob hears it, too', bob, first],
            ['alice hears what is said for bob', alice, second],
          ] as const) {
            const placeMs = saidMs - (await beganMs(phone));
            assertInterpreted(what, await phone.close(), placeMs, about);
          }
        });
      }
    });
  }
});

/** A phone calls `number`, which another answers; an interpreter is put into that call. */
async function bothHear(
  exchange: Exchange,
  test: TestContext,
  number: string,
  original: 'duck' | 'full',
): Promise<void> {
  const [alice, bob] = await inStep(exchange, test, ([first]) => first.dial(number));
  await interpret(exchange, 'a0', 2, original);
  const [first, second] = await nextVoices(alice, bob);
  assert.equal((await statesOf(exchange)).length, 2, 'they are interpreted still');
  await alice.hangUp();
  await bob.until('CALL_CLOSED', LIMIT_MS);
  await eventually('nothing of ours is left', LIMIT_MS, async () => (await ours(exchange.testbed)) === 0);
  const about = await circumstances(exchange, [alice, bob]);
  for (const [who, phone, saidMs] of [
    ['who is called', bob, first],
    ['who calls', alice, second],
  ] as const) {
    const placeMs = saidMs - (await beganMs(phone));
    const { voiceDbfs } = assertInterpreted(who, await phone.close(), placeMs, about);
    assert.equal(voiceDbfs < SOFT_DBFS, original === 'duck', `${who} hears the other at ${voiceDbfs} dBFS`);
  }
}

async function interpret(exchange: Exchange, user: string, parties: number, original: string): Promise<void> {
  const channel = (await exchange.testbed.channels()).find((name) => name.startsWith(`PJSIP/${user}-`));
  const wish = { channel, from: 'en', to: 'es', original };
  // Who is answered may not be in the call yet.
  await eventually(
    'it is taken',
    LIMIT_MS,
    async () => (await exchange.dragoman.post('/api/v1/whispers', wish)) === 200,
  );
  // Before that a voice is heard by the others, and by no interpreter.
  await eventually('all are interpreted', LIMIT_MS, async () => {
    const states = await statesOf(exchange);
    return states.length === parties && states.every((state) => state === 'TRANSLATING');
  });
}

/** Of each party of the call. */
async function statesOf({ dragoman }: Exchange): Promise<readonly string[]> {
  return (await dragoman.calls())[0]?.parties.map(({ state }) => state) ?? [];
}

/** Channels that are no phone's, nor what a conference says itself. */
async function ours(testbed: Testbed): Promise<number> {
  return (await testbed.channels()).filter((name) => !/^(PJSIP|CBAnn)\//.test(name)).length;
}

function said(afterMs: number): Wav {
  const once = concatPcm(VOICE, silence(AGAIN_MS - VOICE_MS, RATE_HZ));
  return {
    rateHz: RATE_HZ,
    pcm: concatPcm(silence(afterMs, RATE_HZ), ...Array.from({ length: TIMES }, () => once)),
  };
}

/** When a phone began to speak and to record, in ms of the clock. */
async function beganMs(phone: Phone): Promise<number> {
  return (await phone.until('CALL_ESTABLISHED')).atMs;
}

/**
 * Alice's and Bob's phone in a call, and whatever else is in it: they begin at about the same time, so that their voices
 * are heard one after the other. Where a busy machine does not connect them so, they call again.
 */
async function inStep<T>(
  exchange: Exchange,
  test: TestContext,
  dial: (talkers: readonly [Phone, Phone]) => Promise<T>,
): Promise<readonly [Phone, Phone, T]> {
  for (let made = 1; ; made += 1) {
    const bob = await exchange.phone(test, { user: 'b0', say: said(FIRST_MS + NEXT_MS) });
    const alice = await exchange.phone(test, { user: 'a0', say: said(FIRST_MS) });
    const third = await dial([alice, bob]);
    const phones = [alice, bob, ...(third instanceof Phone ? [third] : [])];
    await Promise.all(phones.map((phone) => phone.until('CALL_ESTABLISHED', LIMIT_MS)));
    const offMs = Math.abs((await beganMs(bob)) - (await beganMs(alice)));
    if (offMs <= MOST_OFF_MS) {
      return [alice, bob, third];
    }
    assert.ok(made < MOST_CALLS, `one of both begins ${offMs} ms later, in each of ${made} calls`);
    await Promise.all(phones.map((phone) => phone.close()));
    await eventually(
      'the call is over',
      LIMIT_MS,
      async () => (await exchange.testbed.channels()).length === 0,
    );
  }
}

/** What a failure is explained by. */
async function circumstances({ dragoman }: Exchange, phones: readonly Phone[]): Promise<string> {
  const began = await Promise.all(phones.map((phone) => beganMs(phone)));
  const first = Math.min(...began);
  return `the phones began at ${began.map((ms) => Math.round(ms - first))} ms; dragoman said last:\n${dragoman.saidLast}`;
}

/** Waits until what each says next has been said and interpreted. @returns when each began, in ms of the clock. */
async function nextVoices(alice: Phone, bob: Phone): Promise<readonly [number, number]> {
  const fromMs = systemClock.nowMs() + READY_MS;
  const next = (firstMs: number): number =>
    firstMs + AGAIN_MS * Math.max(0, Math.ceil((fromMs - firstMs) / AGAIN_MS));
  const first = next((await beganMs(alice)) + FIRST_MS);
  const second = next((await beganMs(bob)) + FIRST_MS + NEXT_MS);
  await pass(Math.max(first, second) + HEARD_MS - systemClock.nowMs());
  return [first, second];
}

/**
 * From about `placeMs` on there is the voice of another, which has no pause, and before the next one's there is more than a moment
 * of sound beside it. What a phone is not sent in time is not in its recording: there the voice may be shorter than it is.
 */
function assertInterpreted(what: string, { pcm, rateHz }: Wav, placeMs: number, about: string) {
  const all = heardSounds(pcm, rateHz, 0);
  const sounds = all.filter(
    ({ startMs, endMs }) => startMs >= placeMs - EARLY_MS && endMs - startMs > LONGEST_CUE_MS,
  );
  const { startMs: voiceMs, endMs } = sounds[0] ?? { startMs: 0, endMs: 0 };
  // The interpreter may speak so soon that it is one sound with the voice.
  const overMs = Math.min(endMs, voiceMs + VOICE_MS);
  const untilMs = voiceMs + HEARD_MS;
  const ms = sounds.reduce(
    (sum, sound) => sum + Math.max(0, Math.min(sound.endMs, untilMs) - Math.max(sound.startMs, overMs)),
    0,
  );
  const heard = `${ms} ms beside the voice of about ${Math.round(placeMs)} ms, of ${JSON.stringify(all)}`;
  assert.ok(ms > INTERPRETED_MS, `${what}: ${heard}; ${about}`);
  return { voiceDbfs: levelDbfs(sliceMs(pcm, rateHz, voiceMs, overMs)) };
}
