/**
 * One utterance on its way through a fused translator: what the translator has told of it so far, until it has caught
 * up with it. Its account says what became of it.
 */

import { type AccountOptions, UtteranceAccount } from '../account.ts';
import type { HeardUtterance } from '../hearing/hearing-sink.ts';

/** Shows what was heard of it. */
export type Caption = (text: string, final: boolean) => void;

export class FusedUtterance implements HeardUtterance {
  readonly number: number;
  readonly speechStartMs: number;
  /**
   * A fused translator does not say when its text is final, nor what should be left alone, nor which language it hears.
   */
  readonly finalMs = undefined;
  readonly leftAlone = undefined;
  readonly spokenLanguage = undefined;
  readonly account: UtteranceAccount;
  readonly #caption: Caption;
  #speechEndMs: number;
  #endpointMs: number;
  #over = false;
  #concluded = '';
  #tail = '';
  /** The translation that has come since it was last taken. */
  #untold = '';

  constructor(number: number, speechStartMs: number, account: AccountOptions, caption: Caption) {
    this.number = number;
    this.speechStartMs = speechStartMs;
    this.#speechEndMs = speechStartMs;
    this.#endpointMs = speechStartMs;
    this.account = new UtteranceAccount(this, account);
    this.#caption = caption;
  }

  get speechEndMs(): number {
    return this.#speechEndMs;
  }

  get endpointMs(): number {
    return this.#endpointMs;
  }

  /** What was said, as far as it is known. */
  get text(): string {
    return (this.#concluded + this.#tail).trim();
  }

  /** Whether the speaker has stopped. */
  get over(): boolean {
    return this.#over;
  }

  /** The speaker stopped; endpointing noticed at `endpointMs`. */
  end(speechEndMs: number, endpointMs: number): void {
    this.#over = true;
    this.#speechEndMs = speechEndMs;
    this.#endpointMs = endpointMs;
  }

  /** More of what was said, or another tail of it. */
  hear(text: string, concluded: boolean): void {
    if (concluded) {
      this.#concluded += text;
    }
    this.#tail = concluded ? '' : text;
    this.#show(false);
  }

  /** More of a translation that the translator speaks itself. */
  translated(text: string): void {
    this.#untold += text;
  }

  /** The translation that came since it was last taken, to go with a segment. */
  takeText(): string {
    const text = this.#untold;
    this.#untold = '';
    return text;
  }

  /** The translator has given all there is of it. */
  catchUp(): void {
    if (this.account.spoken) {
      this.account.addText(this.takeText());
    }
    this.#show(true);
    this.account.complete();
  }

  #show(final: boolean): void {
    const { text } = this;
    if (text !== '' && !this.account.reported) {
      this.#caption(text, final);
    }
  }
}
