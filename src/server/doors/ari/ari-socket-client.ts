/**
 * Requests to an Asterisk that has connected to us: they go out on its own WebSocket, among whose events the answers
 * come. When that breaks, Asterisk connects again within ms; what was not answered is asked again then, since nobody
 * knows whether it was heard. Once: its answer may be what breaks the connection, by its length.
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import type { Tally } from '../../../base/tally.ts';
import type { AriRequest } from '../../../protocol/ari/ari-requests.ts';
import { type RestAnswer, restMessage } from '../../../protocol/ari/ari-rest.ts';
import { ANSWER_LIMIT_MS, type AriAsker, readAnswer, statusOf } from './ari-asker.ts';

/** On how many connections a request is asked. */
const MOST_TIMES = 2;

/** A request without an answer yet. */
interface Asked {
  readonly message: string;
  times: number;
  readonly answered: (answer: RestAnswer) => void;
}

export class AriSocketClient implements AriAsker {
  readonly #clock: Clock;
  readonly #failed: Tally<string>;
  /** By the id that the answer repeats, in the order in which they were asked. */
  readonly #asked = new Map<string, Asked>();
  #send: ((message: string) => void) | undefined;
  #ids = 0;

  /** @param failed where requests are counted that were refused or not answered, by their name. */
  constructor(clock: Clock, failed: Tally<string>) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** There is a connection: `send` puts a message on it. */
  connected(send: (message: string) => void): void {
    this.#send = send;
    for (const asked of this.#asked.values()) {
      this.#put(asked);
    }
  }

  /** There is none: requests wait for the next, each as long as it may take. */
  disconnected(): void {
    this.#send = undefined;
  }

  /** An answer has come; one that nobody waits for any more is passed over. */
  answer(answer: RestAnswer): void {
    this.#asked.get(answer.id)?.answered(answer);
  }

  async ask(request: AriRequest, signal: AbortSignal): Promise<unknown> {
    const { name } = request;
    this.#ids += 1;
    const id = String(this.#ids);
    try {
      const late = `ARI: Asterisk does not answer "${name}" on the connection that it has opened for a call`;
      const { status, body } = await withDeadline(
        this.#clock,
        ANSWER_LIMIT_MS,
        late,
        signal,
        () =>
          new Promise<RestAnswer>((resolve) => {
            const asked: Asked = { message: restMessage(request, id), times: 0, answered: resolve };
            this.#asked.set(id, asked);
            this.#put(asked);
          }),
      );
      return readAnswer(name, status, body);
    } catch (error) {
      // What is gone is asked to go all the same.
      if (!signal.aborted && statusOf(error) !== 404) {
        this.#failed.add(name);
      }
      throw error;
    } finally {
      this.#asked.delete(id);
    }
  }

  #put(asked: Asked): void {
    if (this.#send !== undefined && asked.times < MOST_TIMES) {
      asked.times += 1;
      this.#send(asked.message);
    }
  }
}
