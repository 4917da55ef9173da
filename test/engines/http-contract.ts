/**
 * What every adapter that asks over HTTP keeps to, whatever its provider does: it follows no redirect, which would
 * carry the key; it reads no body without a limit; it waits for nothing without a deadline; nothing is no answer. Of
 * speech that breaks off nothing is lost that came, and nothing is played that is no speech of its text.
 */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { codeOf } from '../../src/base/errors.ts';
import type { TtsSpeech } from '../../src/engines/tts/tts-engine.ts';
import { SPEECHES_LIMIT } from '../../src/engines/wire/limits.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type Failure, failureOf } from './failure-of.ts';

/** An adapter, made for the server at `url`. */
export interface HttpSubject {
  /** Does what makes it send a request to the path in question; fails when the provider does. */
  readonly ask: () => Promise<unknown>;
  /** Asks for speech, where that is what it is for. */
  readonly speak?: () => Promise<TtsSpeech>;
  readonly close: () => Promise<void>;
}

export interface HttpContract {
  readonly name: string;
  readonly create: (url: string, clock: FakeClock) => HttpSubject;
  /** The path that goes wrong. */
  readonly path: string;
  /** What is answered at other paths, as JSON. */
  readonly answers?: Readonly<Record<string, string>>;
  /** The content type of its answers; default that of JSON. */
  readonly type?: string;
  /** Whether what fails has a code: questions of support have a sentence. Default true. */
  readonly hasCode?: boolean;
  /** An answer with the translation `text`, where that is what it is for. */
  readonly says?: (text: string) => string;
  /** Whether its answer is speech. Default false. */
  readonly isSpeech?: boolean;
}

/** No adapter waits longer for anything, in ms. */
const LONGEST_WAIT_MS = 200_000;

/** Nor so long for speech that does not come as fast as it is spoken, in ms. */
const LONGEST_DRIP_MS = 11_000;

/** More than any body may have that is no list of voices. */
const ENDLESS_BYTES = 64_000_000;

/** Of a speech that breaks off: a second at 16 kHz, loud from the first sample. */
const SPOKEN_SAMPLES = 16_000;

const PIECE = Buffer.alloc(1_000_000, 'x');

export function describeHttpContract(contract: HttpContract): void {
  const {
    name,
    create,
    path,
    answers = {},
    type = 'application/json',
    hasCode = true,
    isSpeech = false,
    says,
  } = contract;
  describe(`${name} over HTTP, at ${path},`, () => {
    it('follows no redirect', async (test) => {
      const strangers: unknown[] = [];
      const elsewhere = await listen(test, (request, response) => {
        strangers.push(request.url);
        response.end('{}');
      });
      for (const status of [301, 302, 303, 307, 308]) {
        const { subject } = await open(test, (response) => {
          response.writeHead(status, { location: `${elsewhere}${path}` }).end();
        });
        const failure = await failureOf(subject.ask());
        assert.equal(hasCode ? failure.code : 'engine-refused', 'engine-refused');
        assert.match(failure.message, new RegExp(`${status}`));
      }
      assert.deepEqual(strangers, []);
    });

    it('reads no body without a limit, of an answer or of a refusal', async (test) => {
      for (const status of [200, 400]) {
        let sent = 0;
        const { subject } = await open(test, (response) => {
          response.writeHead(status, { 'content-type': type });
          const more = (): void => {
            while (!response.destroyed && sent < ENDLESS_BYTES) {
              sent += PIECE.length;
              if (!response.write(PIECE)) {
                response.once('drain', more);
                return;
              }
            }
          };
          more();
        });
        await failureOf(subject.ask());
        assert.ok(sent < ENDLESS_BYTES, `${sent} bytes were taken`);
      }
    });

    it('waits for no answer without a deadline', async (test) => {
      const { subject, clock, asked } = await open(test, () => {});
      await givesUp(subject, clock, asked);
    });

    it('waits for no rest of an answer without a deadline', async (test) => {
      const { subject, clock, asked } = await open(test, (response) => {
        response.writeHead(200, { 'content-type': type });
        response.write(' ');
      });
      await givesUp(subject, clock, asked);
    });

    it('takes an answer with nothing in it for a failure, with status 200 too', async (test) => {
      const { subject } = await open(test, (response) => {
        response.writeHead(200, { 'content-type': type }).end();
      });
      const { code } = await failureOf(subject.ask());
      assert.match(hasCode ? code : 'engine-bad-answer', /^(?:engine-bad-answer|text-unspeakable)$/);
    });

    if (says !== undefined) {
      it('takes no text that is out of all proportion to what was asked', async (test) => {
        for (const words of [1_000, 10_000, 200_000]) {
          const text = 'secret '.repeat(words);
          const { subject } = await open(test, (response) => {
            response.writeHead(200, { 'content-type': type }).end(says(text));
          });
          const failure = await failureOf(subject.ask());
          assert.equal(failure.code, 'engine-bad-answer');
          assert.doesNotMatch(failure.everything, /secret/);
        }
      });
    }

    if (isSpeech) {
      it('waits for no sound that comes a byte at a time, however long it goes on', async (test) => {
        const { subject, clock, asked } = await open(test, (response) => {
          response.writeHead(200, { 'content-type': type });
          response.flushHeaders();
          const drip = (): void => {
            clock.at(clock.nowMs() + 1_000, () => {
              if (!response.destroyed) {
                response.write(Buffer.alloc(1, 1), drip);
              }
            });
          };
          drip();
        });
        const startMs = clock.nowMs();
        await givesUp(subject, clock, asked);
        assert.ok(clock.nowMs() - startMs <= LONGEST_DRIP_MS, `${clock.nowMs() - startMs} ms`);
      });

      it('asks for no more at a time than any sane load is', async (test) => {
        const { subject } = await open(test, () => {});
        const { speak } = subject;
        assert.ok(speak);
        const waiting = Array.from({ length: SPEECHES_LIMIT }, () => speak().catch(codeOf));
        const { code } = await failureOf(speak());
        assert.equal(code, 'engine-overloaded');
        await subject.close();
        // Where a voice is looked for first, that is one of them.
        for (const ended of await Promise.all(waiting)) {
          assert.match(String(ended), /^(?:closed|engine-overloaded)$/);
        }
      });

      it('plays nothing of a page, of MP3 or of noise, whatever it calls itself', async (test) => {
        const page = Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>'.repeat(100));
        const mp3 = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), randomBytes(4_000)]);
        const noise = Buffer.concat([Buffer.alloc(20), randomBytes(8_000)]);
        const answers: readonly (readonly [string, Buffer])[] = [
          ['text/html; charset=utf-8', page],
          ['application/json', Buffer.from('{"detail":"out of memory"}')],
          ['audio/mpeg', mp3],
          ...[page, mp3, noise].map((body) => [type, body] as const),
        ];
        for (const [contentType, body] of answers) {
          const { subject } = await open(test, (response) => {
            response.writeHead(200, { 'content-type': contentType }).end(body);
          });
          assert.ok(subject.speak);
          const { code } = await failureOf(subject.speak());
          assert.match(code, /^engine-(?:bad-answer|refused)$/, `${contentType} ${body.subarray(0, 9)}`);
        }
      });

      it('cuts a speech that runs away', async (test) => {
        const minute = Buffer.from(new Int16Array(60 * SPOKEN_SAMPLES).fill(3_000).buffer);
        const { subject } = await open(test, (response) => {
          response.writeHead(200, { 'content-type': type });
          response.end(minute);
        });
        const { speak } = subject;
        assert.ok(speak);
        let soundS = 0;
        const failure = await failureOf(
          (async () => {
            const { rateHz, pieces } = await speak();
            for await (const piece of pieces) {
              soundS += piece.length / rateHz;
            }
          })(),
        );
        assert.equal(failure.code, 'engine-bad-answer');
        assert.match(failure.message, /ran away/);
        assert.ok(soundS < 5, `${soundS} s`);
      });

      it('gives all the sound that came in the packet in which the answer breaks off, then the failure', async (test) => {
        const sound = Buffer.from(new Int16Array(SPOKEN_SAMPLES).fill(3_000).buffer);
        const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`;
        const chunk = Buffer.concat([
          Buffer.from(`${head}${sound.length.toString(16)}\r\n`),
          sound,
          Buffer.from('\r\n'),
        ]);
        const breaks: readonly ((response: ServerResponse) => void)[] = [
          ({ socket }) => socket?.end(chunk),
          ({ socket }) => socket?.write(Buffer.concat([chunk, Buffer.from('this is no chunk\r\n')])),
        ];
        for (const breakOff of breaks) {
          const { subject } = await open(test, breakOff);
          assert.ok(subject.speak);
          const { pieces } = await subject.speak();
          // A reader that has something else to do first.
          await new Promise((resolve) => setTimeout(resolve, 20));
          let samples = 0;
          const failure = await failureOf(
            (async () => {
              for await (const piece of pieces) {
                samples += piece.length;
              }
            })(),
          );
          assert.deepEqual([failure.code, samples], ['engine-bad-answer', SPOKEN_SAMPLES]);
        }
      });
    }

    async function givesUp(subject: HttpSubject, clock: FakeClock, asked: Promise<unknown>): Promise<void> {
      const startMs = clock.nowMs();
      let failure: Failure | undefined;
      const failing = failureOf(subject.ask()).then((told) => {
        failure = told;
      });
      await asked;
      while (failure === undefined) {
        await clock.advance(500);
        assert.ok(clock.nowMs() - startMs <= LONGEST_WAIT_MS, 'it waits without end');
      }
      await failing;
      assert.equal(hasCode ? failure.code : 'engine-timeout', 'engine-timeout');
    }

    async function open(test: TestContext, goWrong: (response: ServerResponse) => void) {
      let arrived: () => void = () => {};
      const asked = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const url = await listen(test, (request, response) => {
        const known = answers[request.url ?? ''];
        request.resume();
        if (known !== undefined) {
          response.setHeader('content-type', 'application/json');
          response.end(known);
        } else {
          arrived();
          goWrong(response);
        }
      });
      const clock = new FakeClock();
      const subject = create(url, clock);
      test.after(() => subject.close());
      return { subject, clock, asked };
    }
  });
}

/** The address of a server that is closed with the test. */
async function listen(test: TestContext, answer: RequestListener): Promise<string> {
  const server: Server = createServer((request, response) => {
    response.on('error', () => {});
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
