/**
 * What Asterisk tells on the connection that it has opened for one call, and what is asked on it. Asterisk names the
 * application after the call's channel. When the connection breaks Asterisk opens another at once, and tells there
 * what it could not; when it cannot, it gives the call back to its dialplan, and so the call is over here.
 */

import type { Clock, Timer } from '../../../base/clock.ts';
import type { Scope } from '../../../base/scope.ts';
import type { Tally } from '../../../base/tally.ts';
import { ariEvent } from '../../../protocol/ari/ari-events.ts';
import { restAnswer } from '../../../protocol/ari/ari-rest.ts';
import { CLOSE, type PeerSocket } from '../websocket/peer-socket.ts';
import type { AriAsker } from './ari-asker.ts';
import type { AriCalls } from './ari-calls.ts';
import type { AriFollowing } from './ari-following.ts';
import { AriSocketClient } from './ari-socket-client.ts';

/** Asterisk tries again for reconnect_attempts times reconnect_interval, 2 s unless websocket_client.conf says so. */
const AWAY_LIMIT_MS = 3_000;

/** Who hears what is told on a connection. */
export interface Served {
  /** The calls of this connection: one, or who calls and who is called. */
  readonly calls: AriCalls;
  readonly following: AriFollowing;
  /** Of what is done for them; it ends with the link. */
  readonly scope: Scope;
}

export interface AriCallLinkDeps {
  readonly clock: Clock;
  /** Where requests are counted that failed. */
  readonly failed: Tally<string>;
  /** Whether a channel is one that we make. */
  readonly isOurs: (id: string) => boolean;
  readonly servedBy: (client: AriAsker) => Served;
  /** Nothing is left of its calls here, and Asterisk is not connected. */
  readonly over: (link: AriCallLink) => void;
}

export class AriCallLink {
  readonly app: string;
  readonly calls: AriCalls;
  readonly client: AriSocketClient;
  readonly #deps: AriCallLinkDeps;
  readonly #following: AriFollowing;
  readonly #scope: Scope;
  #started = false;
  #peer: PeerSocket | undefined;
  #away: Timer | undefined;

  /** @param app as Asterisk calls it: `dragoman:PJSIP/alice-00000001`. It is personal. */
  constructor(app: string, deps: AriCallLinkDeps) {
    this.app = app;
    this.#deps = deps;
    this.client = new AriSocketClient(deps.clock, deps.failed);
    const { calls, following, scope } = deps.servedBy(this.client);
    this.calls = calls;
    this.#following = following;
    this.#scope = scope;
  }

  /** Whether it has a connection just now. */
  get connected(): boolean {
    return this.#peer !== undefined;
  }

  /** Its connection, the first or another one. */
  use(peer: PeerSocket): void {
    this.#away?.cancel();
    this.#peer = peer;
    this.client.connected((message) => peer.send(message));
    if (this.#started) {
      // Who was on hold is not known since the last one broke.
      this.#scope.run((signal) => this.#following.reconcile(signal));
    }
  }

  /** Whether it was told of a phone that has come into the application. */
  get started(): boolean {
    return this.#started;
  }

  /** @param message the JSON of one message, parsed. */
  hear(message: unknown): void {
    const answer = restAnswer(message);
    const event = ariEvent(message);
    if (answer !== undefined) {
      this.client.answer(answer);
    } else if (event !== undefined) {
      this.#started ||= event.type === 'StasisStart' && !this.#deps.isOurs(event.channel.id);
      this.calls.handle(event);
      this.#following.handle(event);
    }
  }

  /** A connection is gone; one that another has replaced is not missed. */
  lost(peer: PeerSocket): void {
    if (this.#peer !== peer) {
      return;
    }
    this.#peer = undefined;
    this.client.disconnected();
    this.#following.release();
    if (this.calls.phones === 0) {
      this.#deps.over(this);
      return;
    }
    const { clock } = this.#deps;
    this.#away = clock.at(clock.nowMs() + AWAY_LIMIT_MS, () => {
      this.calls.phonesGone('ari-lost');
      this.#deps.over(this);
    });
  }

  /** Ends its calls, and then the connection. Resolves when nothing of them is left, or after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.#away?.cancel();
    await this.calls.close(limitMs);
    await this.#scope.close();
    this.#peer?.close(CLOSE.goingAway, 'closing');
  }
}
