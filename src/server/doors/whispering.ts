/**
 * Calls that run without us and are interpreted all the same: what a door that can has to offer, and what may become of
 * a wish for it. Nobody's line is taken for it, and the call goes on as it is when the interpreter is taken off.
 */

import type { OriginalMode } from '../../call/plan.ts';

export interface WhisperWish {
  /** The name or the id of one of the channels of the call, as Asterisk has it. It is personal. */
  readonly channel: string;
  /** What its party speaks. */
  readonly from: string;
  /** What the other one speaks, or all others. */
  readonly to: string;
  /** How loud the parties hear each other under the translation: `full`, as the call itself has it, or softer. */
  readonly original: OriginalMode;
}

/** Why a call is not interpreted; to count by. */
export type WhisperRefusal =
  | 'bad-language'
  | 'no-such-channel'
  | 'no-call'
  | 'too-many-parties'
  | 'bad-original'
  | 'no-volume'
  | 'already-interpreted'
  | 'not-interpreted'
  | 'draining'
  | 'too-many-legs'
  | 'busy'
  | 'ari-away'
  | 'failed';

export type WhisperAnswer =
  | { readonly type: 'done' }
  /** `explanation` names nothing that was asked for. */
  | { readonly type: 'refused'; readonly reason: WhisperRefusal; readonly explanation: string };

export interface Whispering {
  /** Interprets a call that runs. Resolves when all parties are connected with us. Never rejects. */
  begin(wish: WhisperWish): Promise<WhisperAnswer>;
  /**
   * Takes the interpreter off the call of a channel. Resolves when nothing of it is left in Asterisk. Never rejects.
   * @param channel as in {@link WhisperWish.channel}, any of them.
   */
  end(channel: string): Promise<WhisperAnswer>;
}
