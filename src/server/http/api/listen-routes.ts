/**
 * `GET /calls/{call}/parties/{party}/listen`: what a party says and hears while it does, as a WAV without an end. Off
 * unless the operator allows it, for who has the scope for it; the call tells who listens (`call/listening`).
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Timer } from '../../../base/clock.ts';
import { LISTENED, type ListenedSound } from '../../../call/listening/listened-sound.ts';
import { Refused } from '../problem.ts';
import { SoundStream } from '../sound-stream.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { PARTY_PARAMS, runningCall } from './call-routes.ts';

/** In all calls at the same time: each costs the main thread 50 to 100 frames a second. */
const MOST_LISTENERS = 16;
/** A piece is as long. */
const PIECE_MS = 100;
/** Whose token was taken away hears for so long, in ms. */
const LOOK_EVERY_MS = 1_000;

export function addListenRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, control } = deps;
  const readers = new ListenReaders(deps);
  app.addHook('preClose', async () => readers.close());

  app.get(
    '/calls/:call/parties/:party/listen',
    {
      // A stream that is all head would never end.
      exposeHeadRoute: false,
      onRequest: access.needsListening(),
      schema: {
        operationId: 'listen',
        summary: 'Listen to a party of a call that runs',
        description:
          '16 bit at the rate of its leg, some 0.3 s behind; lengths in the header are the most that there can be. Ends when ' +
          'the party leaves, or when somebody whose voice is heard refuses to be recorded; a recording that is paused is ' +
          'listened to all the same. Needs --listen-in and the scope listen.',
        tags: ['control'],
        params: PARTY_PARAMS,
        querystring: z.strictObject({
          what: z
            .enum(LISTENED)
            .default('both')
            .meta({ description: '`voice`: what it says; `heard`: what it hears; both: left and right' }),
        }),
        response: {
          200: { description: 'a WAV', content: { 'audio/wav': { schema: z.string() } } },
          ...REFUSALS,
        },
      },
    },
    (request, reply) => {
      const { params, query } = request;
      const callId = runningCall(deps, params.call);
      readers.refuseMore();
      const { name: by } = access.callerOf(request);
      readers.add(
        request,
        reply,
        heard(control.listen(callId, params.party, { what: query.what, by, tone: access.listeningSounds })),
      );
    },
  );
}

/** @throws Refused where there is nothing to hear. */
function heard(sound: ReturnType<ApiDeps['control']['listen']>): ListenedSound {
  switch (sound) {
    case 'not-there':
      throw new Refused(
        404,
        'no-such-party',
        'there is no such party now, or it has no leg at the moment; GET the call to see who is there',
      );
    case 'refused':
      throw new Refused(
        403,
        'recording-refused',
        'somebody whose voice would be heard does not want to be recorded: nobody listens to that',
      );
    case 'full':
      throw new Refused(503, 'too-many-listeners', 'as many listen to this call as may; try again later');
    default:
      return sound;
  }
}

interface Reader {
  readonly sound: ListenedSound;
  readonly stream: SoundStream;
  /** To ask again who listens. */
  readonly request: FastifyRequest;
}

class ListenReaders {
  readonly #deps: ApiDeps;
  readonly #open = new Set<Reader>();
  /** Set while somebody listens. */
  #timer: Timer | undefined;
  #lookAtMs = 0;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  /** @throws Refused when there are as many as may be. */
  refuseMore(): void {
    if (this.#open.size >= MOST_LISTENERS) {
      throw new Refused(
        503,
        'too-many-listeners',
        `${MOST_LISTENERS} listen to calls already; try again later`,
      );
    }
  }

  add(request: FastifyRequest, reply: FastifyReply, sound: ListenedSound): void {
    reply.hijack();
    const stream = new SoundStream(reply.raw, sound.rateHz, sound.channels);
    const reader: Reader = { sound, stream, request };
    this.#open.add(reader);
    stream.onClose(() => sound.close());
    sound.onEnd(() => {
      this.#open.delete(reader);
      stream.end();
    });
    if (this.#timer === undefined) {
      this.#lookAtMs = this.#deps.clock.nowMs() + LOOK_EVERY_MS;
      this.#arm();
    }
  }

  /** Nobody hears any more. */
  close(): void {
    this.#timer?.cancel();
    for (const { sound } of [...this.#open]) {
      sound.close();
    }
  }

  #arm(): void {
    const { clock } = this.#deps;
    this.#timer = clock.at(clock.nowMs() + PIECE_MS, () => {
      this.#timer = undefined;
      this.#tick(clock.nowMs());
      if (this.#open.size > 0) {
        this.#arm();
      }
    });
  }

  #tick(nowMs: number): void {
    const looks = nowMs >= this.#lookAtMs;
    this.#lookAtMs = looks ? nowMs + LOOK_EVERY_MS : this.#lookAtMs;
    for (const { sound, stream, request } of [...this.#open]) {
      if (looks && !this.#deps.access.stillListens(request)) {
        sound.close();
        continue;
      }
      const pcm = sound.take(nowMs);
      if (pcm.length > 0 && !stream.send(pcm)) {
        sound.dropped((pcm.length / sound.channels / sound.rateHz) * 1_000);
      }
    }
  }
}
