/**
 * How loud channels are for those they talk with, in calls that Asterisk runs without us. ARI cannot say: it refuses
 * to touch what is not in its application (409). The manager interface can, by the web server that serves ARI, for
 * the same user and password.
 */

import type { Clock } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { AppError } from '../../../base/errors.ts';
import { HttpOrigin } from '../../../engines/wire/http.ts';
import {
  type AmiAction,
  amiCookie,
  amiForm,
  amiOutcome,
  login,
  logoff,
  setChannelVariable,
} from '../../../protocol/ami/ami-actions.ts';
import type { AriAddress } from './ari-client.ts';

const ANSWER_LIMIT_MS = 2_000;
const MOST_ANSWER_BYTES = 65_536;
/** The function of the dialplan by which a channel is heard louder or softer: what comes from its phone. */
const VOLUME = 'VOLUME(RX)';

/** What samples are multiplied with; below 0 they are divided by it; 0 leaves them alone. */
export type Gain = number;

export class AmiVolumes implements Counted {
  readonly counts = {
    /** Times that channels were to be heard louder or softer, and Asterisk did not do it. */
    amiFailed: 0,
  };
  readonly #address: AriAddress;
  readonly #origin: HttpOrigin;

  constructor(address: AriAddress, clock: Clock) {
    this.#address = address;
    this.#origin = new HttpOrigin({
      ...{ name: 'AMI', url: address.url, clock, connections: 1 },
      unreachableHint: 'start Asterisk with enabled=yes in http.conf, or mend --ari',
    });
  }

  /**
   * How loud the phones of these channels are for the others from now on. One that is gone is nobody's concern.
   * @param channels by their names.
   * @throws AppError as {@link HttpOrigin.send}, or `engine-refused` when Asterisk lets nobody in or has no such
   * function; then the channels may be changed in part. The signal's reason when it aborts first.
   */
  async set(channels: readonly string[], gain: Gain, signal: AbortSignal): Promise<void> {
    const { user, password } = this.#address;
    try {
      const cookie = await this.#act(login(user, password.reveal()), undefined, signal);
      for (const channel of channels) {
        await this.#act(setChannelVariable(channel, VOLUME, String(gain)), cookie, signal);
      }
      await this.#act(logoff(), cookie, signal);
    } catch (error) {
      if (!signal.aborted) {
        this.counts.amiFailed += 1;
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  /** Resolves with the cookie to send next. */
  async #act(
    action: AmiAction,
    cookie: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const answer = await this.#origin.send(
      {
        method: 'POST',
        path: '/rawman',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(cookie === undefined ? {} : { cookie }),
        },
        body: [amiForm(action)],
        headLimitMs: ANSWER_LIMIT_MS,
        silenceLimitMs: ANSWER_LIMIT_MS,
      },
      signal,
    );
    const text = await answer.readAll(MOST_ANSWER_BYTES);
    if (answer.status !== 200 || amiOutcome(text.toString()) === 'refused') {
      throw new AppError(
        'engine-refused',
        `AMI: Asterisk refuses "${action.action}" (HTTP ${answer.status}): write dialplan/manager.conf into its manager.conf, ` +
          'with the password of ari.conf, and load func_volume.so',
      );
    }
    return amiCookie(answer.headers['set-cookie']) ?? cookie;
  }
}
